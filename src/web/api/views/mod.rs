//! What the API shows. Ids and instants are texts; `says` and `text` are for people, in the language
//! asked for, everything else for programs.

mod feeds;
mod looking;
mod running;
mod shares;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::lang::Lang;
use crate::model::{Article, ShareId};
use crate::office::{Done, Office};
use crate::store::Told;

pub use feeds::*;
pub use looking::*;
pub use running::*;
pub(in crate::web::api) use shares::parts;
pub use shares::*;
pub(in crate::web) use shares::{headline, says};

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
