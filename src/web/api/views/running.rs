//! What runs, and who runs it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{WhyView, text};
use crate::lang::Lang;
use crate::office::Office;
use crate::platform::{Finding, Weight};
use crate::store::{ChannelState, Pause, ScheduleState};

/// A pause.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Pause)]
#[allow(missing_docs, reason = "field names are those of `store::Pause`")]
pub struct PauseView {
    pub why: WhyView,
    pub since: String,
    pub by: String,
    pub until: Option<String>,
}

impl PauseView {
    pub(in crate::web::api) fn new(pause: &Pause, lang: Lang) -> Self {
        Self {
            why: WhyView::new(&pause.why, lang),
            since: pause.since.to_string(),
            by: pause.by.to_string(),
            until: text(pause.until),
        }
    }
}

/// A channel.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Channel)]
#[allow(
    missing_docs,
    reason = "field names are those of `store::ChannelState`"
)]
pub struct ChannelView {
    pub id: String,
    pub title: String,
    pub platform: String,
    pub mode: String,
    /// No longer configured: its shares stay, sent to nobody.
    pub gone: bool,
    pub paused: Option<PauseView>,
    pub waiting: u64,
    pub last_start: Option<String>,
    pub approval: bool,
    pub max_per_day: Option<u32>,
    /// Where a person opens it.
    pub url: Option<String>,
}

impl ChannelView {
    pub(in crate::web::api) fn new(office: &Office, lang: Lang, c: &ChannelState) -> Self {
        let config = office.config();
        let rules = config.channel(&c.id).map(|c| &c.rules);
        let now = office.clock.now();
        let paused = c.paused.as_ref().filter(|p| p.holds(now));
        Self {
            id: c.id.to_string(),
            title: c.title.clone(),
            platform: c.platform.as_str().to_owned(),
            mode: c.mode.as_str().to_owned(),
            gone: c.gone,
            paused: paused.map(|p| PauseView::new(p, lang)),
            waiting: c.waiting,
            last_start: text(c.last_start),
            approval: rules.is_some_and(|r| r.approval_required),
            max_per_day: rules.and_then(|r| r.max_per_day),
            url: rules.and_then(|r| r.url.clone()),
        }
    }
}

/// A schedule.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Schedule)]
#[allow(
    missing_docs,
    reason = "field names are those of `store::ScheduleState`"
)]
pub struct ScheduleView {
    pub id: String,
    pub cron: String,
    pub zone: String,
    pub gone: bool,
    pub last: Option<String>,
    /// When it fires next, if it does.
    pub next: Option<String>,
    /// Missed instants that a person is asked about.
    pub asked: Option<AskedView>,
}

/// Missed instants that a person is asked about.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = MissedFirings)]
pub struct AskedView {
    /// The first.
    pub since: String,
    /// The latest.
    pub instant: String,
    /// How many.
    pub count: u32,
}

impl ScheduleView {
    pub(in crate::web::api) fn new(s: &ScheduleState, next: Option<jiff::Timestamp>) -> Self {
        Self {
            id: s.id.to_string(),
            cron: s.cron.clone(),
            zone: s.zone.clone(),
            gone: s.gone,
            last: text(s.last),
            next: text(next),
            asked: s.asked.as_ref().map(|a| AskedView {
                since: a.since.to_string(),
                instant: a.instant.to_string(),
                count: a.count,
            }),
        }
    }
}

/// A topic.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Topic)]
#[allow(missing_docs, reason = "the words say it")]
pub struct TopicView {
    pub id: String,
    pub title: String,
    pub gone: bool,
}

/// A member.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Member)]
#[allow(missing_docs, reason = "the words say it")]
pub struct MemberView {
    pub id: String,
    /// Kept apart from the ledger, where it can be erased.
    pub name: Option<String>,
    pub roles: Vec<String>,
    pub unit: Option<String>,
    pub retired: bool,
}

/// What asking a channel's platform found.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Finding)]
pub struct FindingView {
    /// `note`, `warning` or `problem`.
    pub weight: String,
    /// Stable.
    pub code: String,
    /// What, and what to do.
    pub text: String,
}

impl FindingView {
    pub(in crate::web::api) fn new(finding: &Finding, text: String) -> Self {
        let weight = match finding.weight {
            Weight::Note => "note",
            Weight::Warning => "warning",
            Weight::Problem => "problem",
        };
        Self {
            weight: weight.to_owned(),
            code: finding.code.to_owned(),
            text,
        }
    }
    /// The platform could not be asked.
    pub(in crate::web::api) fn no_answer(text: String) -> Self {
        Self {
            weight: "problem".to_owned(),
            code: "no-answer".to_owned(),
            text,
        }
    }
}

/// The office.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Office)]
pub struct OfficeView {
    /// What people call it.
    pub name: String,
    /// Its time zone.
    pub zone: String,
    /// Its language.
    pub lang: String,
    /// What time the program believes it is.
    pub now: String,
    /// Whether a daemon answers, or a command serves itself.
    pub daemon: bool,
    /// Why the configuration's files, as they are now, are not what is in force: `file:line: what`.
    /// The last good ones are. Empty where the files are in force.
    pub refused: Vec<String>,
}
