//! One request: decide, commit, answer; and the same again for the same Idempotency-Key (RULES 7).

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use super::similar::Similar;
use super::{Office, OfficeError};
use crate::model::{Actor, ArticleId, Commit, Event, ShareId, TextId};
use crate::store::{Answered, Refused, StoreError};

/// How often a request decides again when the state moved between reading and committing. Each
/// time somebody else's commit went through, so more means a storm, and the asker is told.
const MOST_TRIES: u32 = 5;

/// What a request did, for whoever asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Done {
    /// The article it was about, if one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "uuid")]
    pub article: Option<ArticleId>,
    /// The shares it made or changed.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    pub shares: Vec<ShareId>,
    /// What else a person should know.
    #[serde(default)]
    pub notes: Vec<Note>,
    /// What says nearly the same and went out before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub similar: Vec<Similar>,
}

/// Something a person should know about what was done: `note.CODE` in the catalogues.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Note {
    /// Stable code.
    pub code: String,
    /// What the words are filled with.
    #[serde(default)]
    pub fields: BTreeMap<String, String>,
}

/// Every code a [`Note`] may have.
pub const NOTE_CODES: [&str; 6] = [
    "back-to-approval",
    "waits-for-approval",
    "text-frozen",
    "day-full",
    "still-to-go",
    "nothing-changed",
];

impl Done {
    /// About one share.
    pub(super) fn share(id: ShareId) -> Self {
        Self {
            shares: vec![id],
            ..Self::default()
        }
    }

    /// Adds something a person should know.
    pub(super) fn note(&mut self, code: &'static str, fields: &[(&str, &dyn ToString)]) {
        debug_assert!(NOTE_CODES.contains(&code), "{code} is not listed");
        self.notes.push(Note {
            code: code.to_owned(),
            fields: fields
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value.to_string()))
                .collect(),
        });
    }
}

/// A commit that is being put together.
pub(super) struct Work<'a> {
    /// The office.
    pub(super) office: &'a Office,
    /// The request's instant.
    pub(super) now: Timestamp,
    commit: Commit,
}

impl<'a> Work<'a> {
    /// Nothing yet.
    pub(super) fn new(office: &'a Office, actor: &Actor) -> Self {
        let now = office.clock.now();
        Self {
            office,
            now,
            commit: Commit::new(now, actor.by()),
        }
    }

    /// Takes over what another one put together.
    pub(super) fn take(&mut self, other: Work<'_>) {
        self.commit.events.extend(other.commit.events);
        self.commit.texts.extend(other.commit.texts);
    }

    /// One thing that becomes true.
    pub(super) fn event(&mut self, event: Event) {
        self.commit.events.push(event);
    }

    /// Keeps a text beside the record, where it can be erased.
    pub(super) fn text(&mut self, text: &str) -> TextId {
        let id = self.office.chance.text(self.now);
        self.commit.texts.insert(id, Some(text.to_owned()));
        id
    }
}

impl Office {
    /// The first answer to this request, if it was given one: for what is done before the commit.
    pub(super) fn answered_before<T: DeserializeOwned>(
        &self,
        actor: &Actor,
        key: Option<&str>,
        content: &impl Serialize,
    ) -> Result<Option<T>, OfficeError> {
        let Some(key) = key else {
            return Ok(None);
        };
        let first = self.store.answered(&actor.by(), key, self.clock.now())?;
        let digest = digest(content)?;
        first.map(|first| answer_again(first, &digest)).transpose()
    }

    /// Decides by `decide`, commits what it put together, and answers with what it gave back.
    ///
    /// With a key, the answer stands in the same commit: the same actor, key and content get it
    /// again for 30 days; other content is refused. `content` is all that the request asked for.
    pub(super) async fn perform<T>(
        &self,
        actor: &Actor,
        key: Option<&str>,
        content: &(impl Serialize + Sync),
        decide: impl Fn(&mut Work<'_>) -> Result<T, OfficeError> + Send + Sync,
    ) -> Result<T, OfficeError>
    where
        T: Serialize + DeserializeOwned + Send,
    {
        let digest = match key {
            Some(_) => digest(content)?,
            None => String::new(),
        };
        let mut refused = OfficeError::Busy;
        for _ in 0..MOST_TRIES {
            let now = self.clock.now();
            if let Some(key) = key
                && let Some(first) = self.store.answered(&actor.by(), key, now)?
            {
                return answer_again(first, &digest);
            }
            let mut work = Work::new(self, actor);
            let answer = decide(&mut work)?;
            let mut commit = work.commit;
            if let Some(key) = key {
                commit.events.push(Event::RequestAnswered {
                    key: key.to_owned(),
                    digest: digest.clone(),
                    answer: serde_json::to_value(&answer).map_err(unwritable)?,
                });
            }
            if commit.events.is_empty() {
                return Ok(answer);
            }
            match self.store.commit(commit).await {
                Ok(()) => return Ok(answer),
                Err(StoreError::Refused(Refused::Answered(first))) => {
                    return answer_again(*first, &digest);
                }
                // The state moved: what was decided may no longer be right.
                Err(StoreError::Refused(why)) => refused = why.into(),
                Err(other) => return Err(other.into()),
            }
        }
        Err(refused)
    }
}

fn answer_again<T: DeserializeOwned>(first: Answered, digest: &str) -> Result<T, OfficeError> {
    if first.digest != digest {
        return Err(OfficeError::KeyReused);
    }
    serde_json::from_value(first.answer).map_err(unwritable)
}

/// SHA-256 of what was asked for, as JSON.
fn digest(content: &impl Serialize) -> Result<String, OfficeError> {
    let bytes = serde_json::to_vec(content).map_err(unwritable)?;
    Ok(hex(&Sha256::digest(bytes)))
}

/// Lower-case hex.
pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn unwritable(error: serde_json::Error) -> OfficeError {
    OfficeError::Stopped(error.to_string())
}
