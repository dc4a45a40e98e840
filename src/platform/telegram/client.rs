//! The Bot API's calls: where they go, and how their answers are read.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::errors;
use crate::config::Secret;
use crate::platform::http::{Answer, Silence, Wire};
use crate::platform::outcome::{Class, THROTTLED_FOR};
use crate::platform::{PictureBytes, fault, pictures};

/// The API, as one bot sees it.
pub(super) struct BotApi {
    pub(super) wire: Wire,
    base: url::Url,
    token: Secret,
}

/// What the API said instead of a result.
pub(super) type Fault = fault::Fault<Said>;

/// An error, as the API tells it.
#[derive(Debug)]
pub(super) struct Said {
    status: u16,
    description: String,
}

impl Said {
    /// Whether there is no such message to delete.
    pub(super) fn is_gone(&self) -> bool {
        self.status == 400 && self.description.contains("message to delete not found")
    }
}

#[derive(Deserialize)]
struct Envelope<T> {
    ok: bool,
    result: Option<T>,
    description: Option<String>,
    parameters: Option<Parameters>,
}

#[derive(Deserialize, Default)]
struct Parameters {
    migrate_to_chat_id: Option<i64>,
    retry_after: Option<u32>,
}

/// A chat, as messages and getChat tell it.
#[derive(Deserialize, Debug, Clone)]
pub(super) struct ChatSeen {
    pub(super) id: i64,
    #[serde(default)]
    pub(super) r#type: String,
    pub(super) username: Option<String>,
    #[serde(default)]
    pub(super) is_forum: bool,
    pub(super) permissions: Option<Permissions>,
}

#[derive(Deserialize, Debug, Clone)]
pub(super) struct Permissions {
    pub(super) can_send_messages: Option<bool>,
}

/// A message that was sent.
#[derive(Deserialize, Debug)]
pub(super) struct Message {
    pub(super) message_id: i64,
    pub(super) date: i64,
    pub(super) chat: ChatSeen,
}

impl BotApi {
    pub(super) fn new(wire: Wire, base: url::Url, token: Secret) -> BotApi {
        BotApi { wire, base, token }
    }

    /// Calls with JSON.
    pub(super) async fn call<T: DeserializeOwned>(
        &self,
        method: &'static str,
        fields: &Map<String, Value>,
        within: std::time::Duration,
    ) -> Result<T, Fault> {
        let request = self.post(method)?.json(fields);
        self.exchange(method, request, within).await
    }

    /// Calls with files beside the fields.
    pub(super) async fn call_with_files<T: DeserializeOwned>(
        &self,
        method: &'static str,
        fields: &Map<String, Value>,
        files: Vec<(String, PictureBytes)>,
        within: std::time::Duration,
    ) -> Result<T, Fault> {
        let mut form = reqwest::multipart::Form::new();
        for (name, value) in fields {
            let text = match value {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            form = form.text(name.clone(), text);
        }
        for (name, picture) in files {
            let part = pictures::file_part(&name, &picture);
            let part = part.map_err(|why| Fault::Silence(Silence::NeverLeft(why)))?;
            form = form.part(name, part);
        }
        let request = self.post(method)?.multipart(form);
        self.exchange(method, request, within).await
    }

    fn post(&self, method: &'static str) -> Result<reqwest::RequestBuilder, Fault> {
        let mut url = self.base.clone();
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{path}/bot{}/{method}", self.token.reveal()));
        Ok(self.wire.request(reqwest::Method::POST, url))
    }

    async fn exchange<T: DeserializeOwned>(
        &self,
        method: &'static str,
        request: reqwest::RequestBuilder,
        within: std::time::Duration,
    ) -> Result<T, Fault> {
        let answer = self.wire.exchange(method, request, within).await;
        let answer = answer.map_err(Fault::Silence)?;
        if !answer.is_success() {
            return Err(said(&answer));
        }
        match fault::read::<Envelope<T>, _>(&answer, "Telegram")? {
            Envelope {
                ok: true,
                result: Some(result),
                ..
            } => Ok(result),
            envelope => Err(Fault::Unreadable(format!(
                "Telegram answers {} without a result: {}",
                answer.status,
                envelope.description.unwrap_or_default()
            ))),
        }
    }
}

/// An answer that is no 2xx.
fn said(answer: &Answer) -> Fault {
    let envelope = answer.json::<Envelope<Value>>().ok();
    let (description, parameters) = envelope
        .map(|e| (e.description, e.parameters))
        .unwrap_or_default();
    let description = description.unwrap_or_default();
    let parameters = parameters.unwrap_or_default();
    let mut wait = answer.wait(THROTTLED_FOR);
    if let Some(seconds) = parameters.retry_after {
        wait.asked = Some(jiff::SignedDuration::from_secs(seconds.into()));
    }
    let class = errors::class(answer.status, &description);
    let moved_to = parameters.migrate_to_chat_id.map(|id| id.to_string());
    let outcome = class.outcome(words(answer.status, &description, class), wait, moved_to);
    let status = answer.status;
    Fault::Said {
        error: Said {
            status,
            description,
        },
        outcome,
    }
}

fn words(status: u16, description: &str, class: Class) -> String {
    let said = if description.is_empty() {
        format!("Telegram answers {status}")
    } else {
        format!("Telegram answers {status}: {description}")
    };
    let advice = match class {
        Class::AuthRevoked => "; the bot's token is no longer taken: get a new one from @BotFather",
        Class::Permission => "; make the bot an administrator of the chat that may post",
        _ => "",
    };
    said + advice
}
