//! How members are told.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::lang::Lang;
use crate::office::notices::{Shown, Trouble};

/// How a member is told of her tasks. Her addresses are shown to herself alone; for others they are
/// empty texts.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Notices)]
#[allow(missing_docs, reason = "the words say it")]
pub struct NoticesView {
    /// The chat with the office's bot.
    pub telegram: Option<String>,
    /// The webhook's address.
    pub webhook: Option<String>,
    /// When nothing is told, in the office's time: `22:00-06:00`.
    pub quiet: Option<String>,
    /// When a letter last arrived.
    pub last: Option<String>,
    /// Why the last one did not.
    pub trouble: Option<NoticeTroubleView>,
    /// A new webhook's key, `whsec_…`: answered once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
}

/// Why a letter did not arrive.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = NoticeTrouble)]
#[allow(missing_docs, reason = "the words say it")]
pub struct NoticeTroubleView {
    pub at: String,
    /// Stable.
    pub code: String,
    /// What, and what to do.
    pub text: String,
    /// Their own words.
    pub reason: String,
}

/// How a member's chat with the office's bot is found: by a code that she writes there.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Chat)]
pub struct ChatView {
    /// Opened on her phone, it writes the code; then look whether it came.
    pub link: Option<String>,
    /// The same, to be written to the bot by hand.
    pub line: Option<String>,
    /// Why there is none.
    pub trouble: Option<NoticeTroubleView>,
}

/// What trying came to.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = NoticeTried)]
#[allow(missing_docs, reason = "the words say it")]
pub struct NoticeTriedView {
    /// Whether it arrived. Where it did not and there is no trouble, nothing was written to the bot yet.
    pub arrived: bool,
    pub trouble: Option<NoticeTroubleView>,
}

impl NoticesView {
    pub(in crate::web) fn new(shown: Shown, secret: Option<String>, lang: Lang) -> Self {
        Self {
            telegram: shown.telegram,
            webhook: shown.webhook,
            quiet: shown.quiet.map(|q| q.to_string()),
            last: shown.last.map(|at| at.to_string()),
            trouble: shown.trouble.map(|t| NoticeTroubleView::new(t, lang)),
            secret,
        }
    }
}

impl NoticeTroubleView {
    pub(in crate::web) fn new(trouble: Trouble, lang: Lang) -> Self {
        Self {
            at: trouble.at.to_string(),
            text: lang.look("notice-trouble", &trouble.code).to_owned(),
            code: trouble.code,
            reason: trouble.reason,
        }
    }
}
