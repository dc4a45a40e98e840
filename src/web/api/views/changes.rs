//! What was changed of settings and members, and by whom.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::lang::Lang;
use crate::office::Office;
use crate::office::changes::Change;

/// A setting or a member, changed once.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Change)]
pub struct ChangeView {
    /// From 1 on, oldest first; the same for ever.
    pub number: u64,
    /// When.
    pub at: String,
    /// `m:ID`, `local:UID`, `local:UID:ID` or `daemon`.
    pub by: String,
    /// It was edited in the files by hand, and noticed then; `by` is who noticed.
    pub in_file: bool,
    /// office, channel, topic, group, schedule, feed, member.
    pub part: String,
    /// Which; empty for the office.
    pub id: String,
    /// added, changed, retired.
    pub how: String,
    /// What of it.
    pub settings: Vec<SettingChangedView>,
    /// For people.
    pub text: String,
}

/// A key's value before and after, as the files write it; shortened where it is long.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = SettingChanged)]
pub struct SettingChangedView {
    /// The key.
    pub key: String,
    /// Before; none where it was not there.
    pub from: Option<String>,
    /// After.
    pub to: Option<String>,
}

impl ChangeView {
    pub(in crate::web::api) fn new(office: &Office, lang: Lang, change: &Change) -> Self {
        let settings = change.settings.iter().map(|s| SettingChangedView {
            key: s.key.clone(),
            from: s.from.clone(),
            to: s.to.clone(),
        });
        Self {
            number: change.number,
            at: change.at.to_string(),
            by: change.by.to_string(),
            in_file: change.in_file,
            part: change.part.clone(),
            id: change.id.clone(),
            how: change.how.clone(),
            settings: settings.collect(),
            text: office.tell_change(lang, change),
        }
    }
}
