//! Why something was not done: what happened and what to do, each with a stable code. The words are
//! in the catalogues under `error.CODE`; the English `Display` here is for logs.

mod invalid;
mod refusal;

use std::fmt::Display;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

pub use self::invalid::Invalid;
pub use self::refusal::Refusal;
use super::permission::WhoMay;
use crate::config::Problem;
use crate::lang::Lang;
use crate::store::{Refused, StoreError};

/// A kind of thing that can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the words say it")]
pub enum What {
    Article,
    Share,
    Channel,
    Topic,
    Schedule,
    Member,
    Group,
    Upload,
    Feed,
}

impl What {
    /// The word in codes and catalogues.
    pub fn as_str(self) -> &'static str {
        match self {
            What::Article => "article",
            What::Share => "share",
            What::Channel => "channel",
            What::Topic => "topic",
            What::Schedule => "schedule",
            What::Member => "member",
            What::Group => "group",
            What::Upload => "upload",
            What::Feed => "feed",
        }
    }
}

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum OfficeError {
    /// There is no such thing.
    #[error("there is no {} «{id}»{}", what.as_str(), nearest.as_ref().map(|n| format!("; did you mean «{n}»?")).unwrap_or_default())]
    NotFound {
        /// What kind.
        what: What,
        /// As asked for.
        id: String,
        /// The nearest one there is.
        nearest: Option<String>,
    },
    /// The actor may not.
    #[error("not allowed: {} may", who_may.as_str())]
    NotAllowed {
        /// Who may.
        who_may: WhoMay,
    },
    /// A field holds what cannot be.
    #[error("{field}: {what}")]
    Invalid {
        /// Which, as the API names it.
        field: &'static str,
        /// What is wrong.
        what: Invalid,
    },
    /// The configuration would not hold. Each problem, and the key that it is about where it is about
    /// one of those that were to be changed.
    #[error("the configuration would not hold: {}", lines(.0))]
    Misconfigured(Vec<(Option<String>, Problem)>),
    /// The program may not write the configuration's files: a person has to.
    #[error("{why}: put the text into the file yourself")]
    ReadOnly {
        /// Each file, and all that shall stand in it.
        files: Vec<(PathBuf, String)>,
        /// As the machine says it.
        why: String,
    },
    /// Not as things stand.
    #[error(transparent)]
    Refused(Refusal),
    /// Somebody changed it meanwhile: look again.
    #[error("it was changed meanwhile: look again, then decide")]
    Stale,
    /// This Idempotency-Key was used for something else.
    #[error("this Idempotency-Key was used for another request: use a new one")]
    KeyReused,
    /// Others kept changing the same thing.
    #[error("others are changing the same thing: try again")]
    Busy,
    /// Too little room on the disk for new work.
    #[error("the disk is nearly full ({free_mib} MiB free): free some room, then try again")]
    NoRoom {
        /// What is left.
        free_mib: u64,
    },
    /// The store has stopped, or is damaged.
    #[error("{0}")]
    Stopped(String),
}

impl OfficeError {
    pub(super) fn not_found(what: What, id: impl Display) -> Self {
        OfficeError::NotFound {
            what,
            id: id.to_string(),
            nearest: None,
        }
    }

    pub(super) fn invalid(field: &'static str, what: Invalid) -> Self {
        OfficeError::Invalid { field, what }
    }

    /// Not among those known; names the nearest.
    pub(super) fn unknown<'a>(
        what: What,
        id: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        OfficeError::NotFound {
            what,
            id: id.to_owned(),
            nearest: crate::config::nearest(id, known).map(str::to_owned),
        }
    }

    /// Whether it is no fault of what was asked for: asking for the next thing meets it again.
    pub(super) fn is_of_the_house(&self) -> bool {
        matches!(
            self,
            OfficeError::Stopped(_) | OfficeError::NoRoom { .. } | OfficeError::NotAllowed { .. }
        )
    }

    /// The stable code, for programs and for the catalogues (`error.CODE`).
    pub fn code(&self) -> &'static str {
        match self {
            OfficeError::NotFound { what, .. } => match what {
                What::Article => "no-such-article",
                What::Share => "no-such-share",
                What::Channel => "no-such-channel",
                What::Topic => "no-such-topic",
                What::Schedule => "no-such-schedule",
                What::Member => "no-such-member",
                What::Group => "no-such-group",
                What::Upload => "no-such-upload",
                What::Feed => "no-such-feed",
            },
            OfficeError::NotAllowed { .. } => "not-allowed",
            OfficeError::Invalid { what, .. } => what.code(),
            OfficeError::Misconfigured(_) => "misconfigured",
            OfficeError::ReadOnly { .. } => "read-only-files",
            OfficeError::Refused(refusal) => refusal.code(),
            OfficeError::Stale => "stale",
            OfficeError::KeyReused => "key-reused",
            OfficeError::Busy => "busy",
            OfficeError::NoRoom { .. } => "no-room",
            OfficeError::Stopped(_) => "stopped",
        }
    }

    /// What the words are filled with, by name. Instants are RFC 3339; a face shows them as people
    /// say them.
    pub fn fields(&self) -> Vec<(&'static str, String)> {
        match self {
            OfficeError::NotFound { id, nearest, .. } => {
                let nearest = nearest.clone().unwrap_or_default();
                vec![("id", id.clone()), ("nearest", nearest)]
            }
            OfficeError::NotAllowed { who_may } => vec![("who_may", who_may.as_str().to_owned())],
            OfficeError::Invalid { field, what } => {
                let mut fields = vec![("field", (*field).to_owned())];
                fields.extend(what.fields());
                fields
            }
            OfficeError::Refused(refusal) => refusal.fields(),
            OfficeError::Misconfigured(problems) => vec![("why", lines(problems))],
            OfficeError::ReadOnly { files, why } => {
                let mut fields = vec![("why", why.clone())];
                if let Some((file, text)) = files.first() {
                    fields.push(("file", file.display().to_string()));
                    fields.push(("text", text.clone()));
                }
                fields
            }
            OfficeError::NoRoom { free_mib } => vec![("free_mib", free_mib.to_string())],
            OfficeError::Stopped(why) => vec![("why", why.clone())],
            OfficeError::Stale | OfficeError::KeyReused | OfficeError::Busy => vec![],
        }
    }
}

/// Each problem with its file and line, in English.
fn lines(problems: &[(Option<String>, Problem)]) -> String {
    let lines: Vec<_> = problems
        .iter()
        .map(|(_, p)| p.line_of_text(Lang::En))
        .collect();
    lines.join(" ")
}

impl From<StoreError> for OfficeError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Refused(refused) => refused.into(),
            StoreError::NoRoom { free_mib } => OfficeError::NoRoom { free_mib },
            other => OfficeError::Stopped(other.to_string()),
        }
    }
}

impl From<Refused> for OfficeError {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Stale(_) => OfficeError::Stale,
            Refused::PlaceTaken => OfficeError::Busy,
            Refused::Answered(_) => OfficeError::KeyReused,
            Refused::Step {
                why: crate::model::share::NoStep::TooLateToUndo,
                ..
            } => OfficeError::Refused(Refusal::TooLateToUndo),
            other => OfficeError::Refused(Refusal::Other(other.to_string())),
        }
    }
}
