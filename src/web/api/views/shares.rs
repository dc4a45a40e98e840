//! A share, and what belongs to it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::text;
use crate::lang::Lang;
use crate::model::share::{Removal, Taken};
use crate::model::{Article, Post, Receipt, Share, State, Version, Why};
use crate::office::Office;

/// Which text was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = Version)]
pub struct VersionView {
    /// The article's version.
    pub article: u32,
    /// The version of the channel's own text.
    pub own: u32,
}

impl From<Version> for VersionView {
    fn from(v: Version) -> Self {
        Self {
            article: v.article,
            own: v.own,
        }
    }
}

/// A reason.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Why)]
pub struct WhyView {
    /// Stable word.
    pub cause: String,
    /// The platform's or a person's words.
    pub detail: Option<String>,
    /// For people.
    pub text: String,
}

impl WhyView {
    pub(super) fn new(why: &Why, lang: Lang) -> Self {
        let cause = serde_json::to_value(why.cause).ok();
        Self {
            cause: cause
                .and_then(|v| v.as_str().map(str::to_owned))
                .unwrap_or_default(),
            detail: why.detail.clone(),
            text: lang.why(why),
        }
    }
}

/// A proof.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Receipt)]
#[allow(missing_docs, reason = "field names are those of `model::Receipt`")]
pub struct ReceiptView {
    pub post_id: String,
    pub permalink: Option<String>,
    pub at: String,
}

impl From<&Receipt> for ReceiptView {
    fn from(r: &Receipt) -> Self {
        Self {
            post_id: r.post_id.clone(),
            permalink: r.permalink.clone(),
            at: r.at.to_string(),
        }
    }
}

/// What a share counts as.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Count)]
#[allow(missing_docs, reason = "field names are those of `model::Count`")]
pub struct CountView {
    pub at: String,
    pub day: String,
    pub topic: Option<String>,
    pub unit: Option<String>,
    pub member: Option<String>,
    /// `auto`, `by-hand`, `back-filled` or `log`.
    pub how: String,
}

/// Who is on a hand task.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Taken)]
pub struct TakenView {
    /// Who; none for the local operator.
    pub by: Option<String>,
    /// Until when.
    pub until: String,
}

impl From<&Taken> for TakenView {
    fn from(t: &Taken) -> Self {
        Self {
            by: text(t.by.as_ref()),
            until: t.until.to_string(),
        }
    }
}

/// A share.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Share)]
#[allow(missing_docs, reason = "field names are those of `model::Share`")]
pub struct ShareView {
    pub id: String,
    pub article: String,
    /// The article's title, else the beginning of its text, else its link.
    pub title: String,
    pub channel: String,
    pub state: String,
    /// Where it is and why, for people.
    pub says: String,
    pub at: Option<String>,
    pub due: Option<String>,
    /// The schedule that took it.
    pub schedule: Option<String>,
    pub topic: Option<String>,
    pub priority: u8,
    pub own_text: Option<String>,
    /// The version of what would be seen now; approval names it.
    pub version: VersionView,
    pub approved: Option<VersionView>,
    pub again: bool,
    pub alone: bool,
    pub tries: u32,
    pub why: Option<WhyView>,
    /// While a hand task: when it becomes missed.
    pub until: Option<String>,
    pub taken: Option<TakenView>,
    /// The exact text of what is, or may be, out there, part by part.
    pub post: Option<Vec<PartView>>,
    pub receipts: Vec<ReceiptView>,
    pub count: Option<CountView>,
    /// A take-down under way: `asked`, `deleting` or `by-hand`.
    pub removal: Option<String>,
    pub changed: String,
}

/// One message of a post.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = Part)]
pub struct PartView {
    /// Exactly.
    pub text: String,
    /// The link it carries, whether or not it also stands in the text.
    pub link: Option<String>,
    /// How many pictures.
    pub pictures: usize,
}

/// A post's parts.
pub(in crate::web::api) fn parts(post: &Post) -> Vec<PartView> {
    post.parts
        .iter()
        .map(|p| PartView {
            text: p.text.clone(),
            link: p.link.clone(),
            pictures: p.pictures.len(),
        })
        .collect()
}

impl ShareView {
    pub(in crate::web::api) fn new(
        office: &Office,
        lang: Lang,
        share: &Share,
        article: &Article,
    ) -> Self {
        Self {
            id: share.id.to_string(),
            article: share.article.to_string(),
            title: headline(article),
            channel: share.channel.to_string(),
            state: share.state.as_str().to_owned(),
            says: says(office, lang, share),
            at: text(share.at),
            due: text(share.due),
            schedule: share.firing.as_ref().map(|f| f.schedule.to_string()),
            topic: text(share.topic.as_ref()),
            priority: share.priority,
            own_text: share.own_text.clone(),
            version: share.version(article.version).into(),
            approved: share.approved.map(Into::into),
            again: share.again,
            alone: share.alone,
            tries: share.tries,
            why: share.why.as_ref().map(|w| WhyView::new(w, lang)),
            until: text(share.until),
            taken: share.taken.as_ref().map(Into::into),
            post: share.post.as_ref().map(parts),
            receipts: share.receipts.iter().map(Into::into).collect(),
            count: share.count.as_ref().map(|c| CountView {
                at: c.at.to_string(),
                day: c.day.to_string(),
                topic: text(c.topic.as_ref()),
                unit: text(c.unit.as_ref()),
                member: text(c.member.as_ref()),
                how: c.how.as_str().to_owned(),
            }),
            removal: share.removal.map(|r| removal_word(r).to_owned()),
            changed: share.changed.to_string(),
        }
    }
}

fn removal_word(removal: Removal) -> &'static str {
    match removal {
        Removal::Asked => "asked",
        Removal::Deleting => "deleting",
        Removal::ByHand => "by-hand",
    }
}

/// What people would call an article.
pub(in crate::web) fn headline(article: &Article) -> String {
    article.headline()
}

/// Where a share is and why, in words.
pub(in crate::web) fn says(office: &Office, lang: Lang, share: &Share) -> String {
    let state = lang.state(share.state, share.count.as_ref().map(|c| c.how));
    let when = match share.state {
        State::Planned => share.due,
        State::ByHand => share.until,
        State::Shared => share.count.as_ref().map(|c| c.at),
        State::Draft | State::Submitted => share.at,
        _ => None,
    };
    let said = match when.map(|at| office.moment(lang, at)) {
        Some(at) if share.state == State::ByHand => {
            lang.fill("says.until", &[("state", &state), ("at", &at)])
        }
        Some(at) => lang.fill("says.at", &[("state", &state), ("at", &at)]),
        None => state.to_owned(),
    };
    if let Some(removal) = share.removal {
        let removal = lang.removal(removal);
        return lang.fill("says.why", &[("said", &said), ("why", &removal)]);
    }
    match &share.why {
        Some(why) => lang.fill("says.why", &[("said", &said), ("why", &lang.why(why))]),
        None => said,
    }
}
