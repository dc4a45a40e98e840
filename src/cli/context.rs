//! What commands share: the way to the API, the language, the office's zone, the output.

use std::io::Write;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::http::Method;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::client::Client;
use super::table::{Cell, Column, Table};
use super::{CliError, Common};
use crate::lang::Lang;
use crate::model::{ArticleId, ShareId};
use crate::web::api::page::Page;
use crate::web::api::views::{DoneView, OfficeView, ShareView, Story};

/// So many on a page that is read to the end: as many as the API gives.
const A_PAGE: usize = 500;

/// See the module.
pub(super) struct Context {
    client: Client,
    /// What every command takes.
    pub(super) common: Common,
    /// What people read.
    pub(super) lang: Lang,
    /// The office's zone.
    pub(super) zone: TimeZone,
    /// What time the office believes it is.
    pub(super) now: Timestamp,
    /// Requests that took a key so far: each gets its own.
    keyed: AtomicU32,
    key: String,
}

/// What an id is of.
pub(super) enum Either {
    Article(Box<Story>),
    Share(Box<ShareView>),
}

impl Context {
    pub(super) async fn connect(common: Common, lang: Lang) -> Result<Self, CliError> {
        let client = Client::connect(&common, lang).await?;
        let asked = client.ask(Method::GET, "/api/v1/office", None, None).await;
        let office: OfficeView = match asked {
            Ok(office) => office,
            Err(error) => {
                client.close();
                return Err(error);
            }
        };
        tell_refused(&office.refused, lang);
        let zone = TimeZone::get(&office.zone).unwrap_or(TimeZone::UTC);
        let now = office.now.parse().unwrap_or(Timestamp::UNIX_EPOCH);
        let random = || format!("{:032x}", rand::random::<u128>());
        let key = common.key.clone().unwrap_or_else(random);
        Ok(Self {
            client,
            common,
            lang,
            zone,
            now,
            keyed: AtomicU32::new(0),
            key,
        })
    }

    pub(super) fn close(&self) {
        self.client.close();
    }

    /// Reads.
    pub(super) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, CliError> {
        self.client.ask(Method::GET, path, None, None).await
    }

    /// Creates, confirms or settles, under a key of its own. With `--key` the first request takes
    /// just that one, so that the same command can be repeated safely.
    pub(super) async fn send<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: &Value,
    ) -> Result<T, CliError> {
        let n = self.keyed.fetch_add(1, Ordering::Relaxed);
        let key = match n {
            0 => self.key.clone(),
            n => format!("{}-{n}", self.key),
        };
        self.client.ask(method, path, Some(&key), Some(body)).await
    }

    /// Posts and tells what was done.
    pub(super) async fn act(&self, path: &str, body: Value, said: &str) -> Result<(), CliError> {
        let done: DoneView = self.send(Method::POST, path, &body).await?;
        self.done(&done, said)
    }

    /// Tells what was done: one sentence, then what else a person should know.
    pub(super) fn done(&self, done: &DoneView, said: &str) -> Result<(), CliError> {
        if self.common.json {
            return self.json(done);
        }
        let mut lines = said.to_owned();
        for note in &done.notes {
            lines.push_str("\n  ");
            lines.push_str(&note.text);
        }
        for similar in &done.similar {
            lines.push_str("\n  ");
            lines.push_str(&similar.text);
        }
        self.say(&lines)
    }

    /// An article or a share.
    pub(super) async fn either(&self, id: &str) -> Result<Either, CliError> {
        if id.parse::<ArticleId>().is_err() {
            let words = self.lang.fill("cli.no-id", &[("id", &id)]);
            return Err(CliError::Usage(words));
        }
        match self.get::<Story>(&format!("/api/v1/articles/{id}")).await {
            Ok(story) => Ok(Either::Article(Box::new(story))),
            Err(CliError::Problem(p)) if p.code == "no-such-article" => {
                let share = self.get(&format!("/api/v1/shares/{id}")).await?;
                Ok(Either::Share(Box::new(share)))
            }
            Err(error) => Err(error),
        }
    }

    /// Where an article's or share's requests go.
    pub(super) async fn path_of(&self, id: &str) -> Result<String, CliError> {
        Ok(match self.either(id).await? {
            Either::Article(_) => format!("/api/v1/articles/{id}"),
            Either::Share(_) => format!("/api/v1/shares/{id}"),
        })
    }

    /// Everything of a list, up to `most`.
    pub(super) async fn pages<T: DeserializeOwned>(
        &self,
        path: &str,
        most: usize,
    ) -> Result<Vec<T>, CliError> {
        let mut all = Vec::new();
        let mut after: Option<String> = None;
        while all.len() < most {
            let limit = A_PAGE.min(most - all.len());
            let join = if path.contains('?') { '&' } else { '?' };
            let mut address = format!("{path}{join}limit={limit}");
            if let Some(cursor) = &after {
                address.push_str("&after=");
                address.push_str(cursor);
            }
            let page: Page<T> = self.get(&address).await?;
            all.extend(page.items);
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        Ok(all)
    }

    /// One line, or several.
    pub(super) fn say(&self, text: &str) -> Result<(), CliError> {
        match writeln!(std::io::stdout(), "{text}") {
            // The reader has seen enough, as `head` does.
            Err(e) if e.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
            result => Ok(result?),
        }
    }

    /// For programs.
    pub(super) fn json(&self, value: &impl Serialize) -> Result<(), CliError> {
        self.say(&serde_json::to_string_pretty(value)?)
    }

    /// Prints rows under headings (`#` before one: figures), or a sentence where there are none.
    pub(super) fn table(
        &self,
        headings: &[&str],
        rows: Vec<Vec<Cell>>,
        empty: &str,
    ) -> Result<(), CliError> {
        if rows.is_empty() {
            return self.say(empty);
        }
        let columns = headings.iter().map(|h| match h.strip_prefix('#') {
            Some(figures) => Column::Figures(figures.to_owned()),
            None => Column::Words((*h).to_owned()),
        });
        let mut table = Table::new(self.lang, columns);
        for row in rows {
            table.row(row);
        }
        match table.print() {
            Err(e) if e.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
            result => Ok(result?),
        }
    }

    /// An instant as people say it now, in the office's zone.
    pub(super) fn moment(&self, at: Option<&str>) -> String {
        let Some(at) = at.and_then(|at| at.parse::<Timestamp>().ok()) else {
            return String::new();
        };
        let local = |at: Timestamp| at.to_zoned_datetime(self.zone.clone());
        self.lang.moment(&local(at), &local(self.now))
    }

    /// An instant that a person wrote.
    pub(super) fn when(&self, text: &str) -> Result<Timestamp, CliError> {
        super::when::parse(text, &self.zone, self.now)
            .ok_or_else(|| CliError::Usage(self.lang.fill("cli.no-time", &[("text", &text)])))
    }
}

/// Whoever uses the office must know that it does not run on the files as they are (RULES 9).
fn tell_refused(problems: &[String], lang: Lang) {
    let Some(first) = problems.first() else {
        return;
    };
    let n = problems.len() as u64;
    let text = lang.count("cli.config-refused", n, &[("first", first)]);
    // Nobody is left to hear that standard error is gone.
    let _ = writeln!(std::io::stderr(), "raotin: {text}");
}

/// `{}`.
pub(super) fn nothing() -> Value {
    json!({})
}

/// What was given, by name; the rest is left out.
pub(super) fn given<const N: usize>(fields: [(&str, Option<Value>); N]) -> Value {
    let given = fields
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(given.collect())
}

/// A share's id as people can read it in a table: all of it, for it is copied from there.
pub(super) fn share_id(id: &str) -> Result<ShareId, CliError> {
    id.parse()
        .map_err(|e: crate::model::id::BadId| CliError::Usage(e.to_string()))
}
