//! What the API shows. Ids and instants are texts; `says` and `text` are for people, in the language
//! asked for, everything else for programs.

mod accounts;
mod changes;
mod configuring;
mod feeds;
mod links;
mod looking;
mod notices;
mod running;
mod shares;
mod uploads;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::lang::Lang;
use crate::model::evergreen::Turn;
use crate::model::{Article, ChannelId, ShareId};
use crate::office::evergreen::Rule;
use crate::office::similar::Similar;
use crate::office::{Done, Office};
use crate::store::Told;

pub use accounts::*;
pub use changes::*;
pub use configuring::*;
pub use feeds::*;
pub use links::*;
pub(in crate::web) use looking::says_doubt;
pub use looking::*;
pub use notices::*;
pub use running::*;
pub(in crate::web::api) use shares::parts;
pub use shares::*;
pub(in crate::web) use shares::{headline, says};
pub use uploads::*;

/// An article.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Article)]
#[allow(missing_docs, reason = "field names are those of `model::Article`")]
pub struct ArticleView {
    pub id: String,
    pub title: String,
    pub text: String,
    pub link: Option<String>,
    #[schema(value_type = Vec<crate::office::articles::PictureDoc>)]
    pub pictures: Vec<crate::model::Picture>,
    /// Counts up with every change of what readers see; send it with an edit.
    pub version: u32,
    pub topic: Option<String>,
    pub priority: u8,
    pub source: String,
    /// `m:ID`, `local:UID`, `local:UID:ID` or `daemon`.
    pub by: String,
    pub member: Option<String>,
    pub unit: Option<String>,
    pub added: String,
    /// What the page behind the link says is its own address.
    #[serde(default)]
    pub canonical: Option<String>,
    /// Shared again and again by this rule.
    #[serde(default)]
    pub evergreen: Option<Rule>,
}

impl From<&Article> for ArticleView {
    fn from(a: &Article) -> Self {
        Self {
            id: a.id.to_string(),
            title: a.content.title.clone(),
            text: a.content.text.clone(),
            link: a.content.link.clone(),
            pictures: a.content.pictures.clone(),
            version: a.version,
            topic: text(a.topic.as_ref()),
            priority: a.priority,
            source: a.source.clone(),
            by: a.by.to_string(),
            member: text(a.member.as_ref()),
            unit: text(a.unit.as_ref()),
            added: a.added.to_string(),
            canonical: a.canonical.clone(),
            evergreen: a.evergreen.as_ref().map(|rule| Rule {
                every: rule.every.to_string(),
                until: rule.until,
                at_most: rule.at_most,
            }),
        }
    }
}

/// An article with its shares.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Story {
    /// The article.
    pub article: ArticleView,
    /// Its shares, oldest first.
    pub shares: Vec<ShareView>,
    /// Where it comes round again, and when.
    #[serde(default)]
    pub turns: Vec<TurnView>,
}

/// When an article comes round again on one channel.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Turn)]
pub struct TurnView {
    /// Where.
    pub channel: String,
    /// When its next share is queued; none while it waits for the one before, or is over.
    pub next: Option<String>,
    /// For people.
    pub text: String,
}

impl TurnView {
    pub(in crate::web::api) fn new(
        office: &Office,
        lang: Lang,
        (channel, turn): &(ChannelId, Turn),
    ) -> Self {
        let (next, text) = match turn {
            Turn::Due(at, _) => {
                let text = lang.fill("evergreen.next", &[("at", &office.moment(lang, *at))]);
                (Some(at.to_string()), text)
            }
            Turn::Waits => (None, lang.text("evergreen.waits").to_owned()),
            Turn::Over(over) => (None, lang.over(*over).to_owned()),
        };
        Self {
            channel: channel.to_string(),
            next,
            text,
        }
    }
}

/// An article that says nearly the same, and where it went.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = SimilarView)]
pub struct SimilarView {
    /// Which, how alike, and its latest share.
    #[serde(flatten)]
    pub similar: Similar,
    /// For people.
    pub text: String,
}

impl SimilarView {
    pub(in crate::web::api) fn new(office: &Office, lang: Lang, similar: Similar) -> Self {
        let went = office.tell_similar(lang, &similar);
        Self {
            text: lang.fill(
                "similar.line",
                &[("title", &similar.title), ("went", &went)],
            ),
            similar,
        }
    }
}

/// What a request did.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[schema(as = Done)]
pub struct DoneView {
    /// The article it was about, if one.
    pub article: Option<String>,
    /// The shares it made or changed.
    pub shares: Vec<String>,
    /// What else a person should know.
    pub notes: Vec<NoteView>,
    /// What says nearly the same and went out before.
    #[serde(default)]
    pub similar: Vec<SimilarView>,
}

/// Something a person should know.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Note)]
pub struct NoteView {
    /// Stable.
    pub code: String,
    /// For people.
    pub text: String,
    /// What `text` is made from.
    pub fields: BTreeMap<String, String>,
}

impl DoneView {
    pub(in crate::web::api) fn new(office: &Office, lang: Lang, done: Done) -> Self {
        Self {
            article: text(done.article),
            shares: done.shares.iter().map(ShareId::to_string).collect(),
            similar: done
                .similar
                .into_iter()
                .map(|similar| SimilarView::new(office, lang, similar))
                .collect(),
            notes: done
                .notes
                .into_iter()
                .map(|note| NoteView {
                    text: office.tell_note(lang, &note),
                    code: note.code,
                    fields: note.fields,
                })
                .collect(),
        }
    }
}

/// One event of a story.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Told)]
pub struct ToldView {
    /// When.
    pub at: String,
    /// Who.
    pub by: String,
    /// The ledger's word.
    pub event: String,
    /// All of it.
    #[schema(value_type = Object)]
    pub what: serde_json::Value,
}

impl From<&Told> for ToldView {
    fn from(t: &Told) -> Self {
        Self {
            at: t.at.to_string(),
            by: t.by.to_string(),
            event: t.event.kind().to_owned(),
            what: serde_json::to_value(&t.event).unwrap_or_default(),
        }
    }
}

/// The text of what may be there.
fn text(value: Option<impl ToString>) -> Option<String> {
    value.map(|v| v.to_string())
}
