//! What comes, what was counted, what Today shows, what a verification found.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{ChannelView, PartView, PauseView, ScheduleView, ShareView, text};
use crate::daemon::trust::Doubt;
use crate::lang::Lang;
use crate::model::upcoming::{Coming, Free};
use crate::model::{Share, TopicId};
use crate::office::Office;
use crate::office::lookups::Today;
use crate::office::pictures::Fitting;
use crate::store::Figures;

/// One share that would go out.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Coming)]
pub struct ComingView {
    /// When.
    pub at: String,
    /// Where.
    pub channel: String,
    /// Which share; none where it is still to be made: see `turn`.
    pub share: Option<String>,
    /// The article comes round by its rule: the so-manieth turn there. By then it has a share.
    pub turn: Option<u32>,
    /// Of which article.
    pub article: String,
    /// Its headline.
    pub title: String,
    /// The schedule that takes it; none for a fixed time.
    pub schedule: Option<String>,
    /// It has this time already; otherwise it is where the queue stands now.
    pub planned: bool,
    /// It waits for this share of another channel.
    pub held_by: Option<String>,
    /// That one will not come by itself: share without it, or cancel.
    pub held_in_vain: bool,
}

impl ComingView {
    pub(in crate::web::api) fn new(c: &Coming, title: String) -> Self {
        use crate::model::plan::Waits;
        let (held_by, held_in_vain) = match c.held {
            None => (None, false),
            Some(Waits::For(id)) => (Some(id.to_string()), false),
            Some(Waits::InVain(id)) => (Some(id.to_string()), true),
        };
        Self {
            at: c.at.to_string(),
            channel: c.channel.to_string(),
            share: text(c.what.share()),
            turn: c.what.turn(),
            article: c.article.to_string(),
            title,
            schedule: text(c.schedule.as_ref()),
            planned: c.planned,
            held_by,
            held_in_vain,
        }
    }
}

/// What comes, and what holds it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Upcoming {
    /// In order of time.
    pub items: Vec<ComingView>,
    /// Why nothing is planned or sent: everything is paused, or the clock is not trusted.
    pub holds: Vec<String>,
}

/// A slot that nothing takes yet.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = FreeSlot)]
pub struct FreeSlotView {
    /// When.
    pub at: String,
    /// Where.
    pub channel: String,
    /// The schedule whose firing would take one more share.
    pub schedule: String,
    /// An article needs one of these topics; any will do if none is named.
    pub topics: Vec<String>,
}

impl FreeSlotView {
    pub(in crate::web::api) fn new(free: &Free) -> Self {
        Self {
            at: free.at.to_string(),
            channel: free.channel.to_string(),
            schedule: free.schedule.to_string(),
            topics: free.topics.iter().map(TopicId::to_string).collect(),
        }
    }
}

/// The free slots, and what holds everything.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct FreeSlots {
    /// In order of time; of each channel and day the first eight at most.
    pub items: Vec<FreeSlotView>,
    /// Why nothing is planned or sent: everything is paused, or the clock is not trusted.
    pub holds: Vec<String>,
}

/// Exactly what would be posted.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Preview {
    /// Where.
    pub channel: String,
    /// For which share.
    pub share: Option<String>,
    /// Message by message.
    pub parts: Vec<PartView>,
    /// What is done to its pictures; those that stay as they are are left out.
    #[serde(default)]
    pub pictures: Vec<FittingView>,
}

/// What is done to a picture before it goes out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = Fitting)]
pub struct FittingView {
    /// Its hash.
    pub hash: String,
    /// Pixels, at most; none where it cannot go there at all.
    pub width: Option<u32>,
    /// Pixels.
    pub height: Option<u32>,
    /// Only the first picture of an animation is posted.
    pub still: bool,
    /// What shows through becomes white.
    pub flat: bool,
    /// All of it in words.
    pub says: String,
}

impl FittingView {
    pub(in crate::web::api) fn new(fitting: &Fitting, says: String) -> Self {
        let redrawn = fitting.what.as_ref().ok();
        Self {
            hash: fitting.hash.clone(),
            width: redrawn.map(|r| r.width),
            height: redrawn.map(|r| r.height),
            still: redrawn.is_some_and(|r| r.still),
            flat: redrawn.is_some_and(|r| r.flat),
            says,
        }
    }
}

/// Figures of one row.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = Figures)]
#[allow(missing_docs, reason = "field names are those of `store::Figures`")]
pub struct FiguresView {
    pub shares: u64,
    pub items: u64,
    pub auto: u64,
    pub by_hand: u64,
    pub back_filled: u64,
    pub log: u64,
    pub removed: u64,
}

impl From<Figures> for FiguresView {
    fn from(f: Figures) -> Self {
        Self {
            shares: f.shares,
            items: f.items,
            auto: f.auto,
            by_hand: f.by_hand,
            back_filled: f.back_filled,
            log: f.log,
            removed: f.removed,
        }
    }
}

/// One row of counts.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CountRow {
    /// An id, a day 2026-11-23, a month 2026-11, a quarter 2026-Q4, a year; empty where there is none.
    pub key: String,
    /// As people call it, where it has a title.
    pub title: Option<String>,
    /// How many.
    pub figures: FiguresView,
}

/// Counts.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Counts {
    /// By key, in order; rows of zeros are left out.
    pub rows: Vec<CountRow>,
    /// Over all rows. Items are counted by themselves, never summed.
    pub total: FiguresView,
}

/// What Today shows.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Today)]
#[allow(missing_docs, reason = "field names are those of `lookups::Today`")]
pub struct TodayView {
    pub todo: Vec<ShareView>,
    pub to_approve: Vec<ShareView>,
    pub trouble: Vec<ShareView>,
    pub asked: Vec<ScheduleView>,
    pub out: FiguresView,
    pub coming: Vec<ComingView>,
    pub paused: Option<PauseView>,
    pub paused_channels: Vec<ChannelView>,
    /// Why planner and dispatcher hold, if the clock is not trusted.
    pub clock_doubt: Option<String>,
    /// Why the configuration's files, as they are now, are not what is in force.
    pub refused: Vec<String>,
}

impl TodayView {
    pub(in crate::web::api) fn new(
        office: &Office,
        lang: Lang,
        today: &Today,
        shares: impl Fn(&[Share]) -> Vec<ShareView>,
        coming: Vec<ComingView>,
    ) -> Self {
        Self {
            todo: shares(&today.todo),
            to_approve: shares(&today.to_approve),
            trouble: shares(&today.trouble),
            asked: today
                .asked
                .iter()
                .map(|s| ScheduleView::new(s, None))
                .collect(),
            out: today.out.into(),
            coming,
            paused: today.paused.as_ref().map(|p| PauseView::new(p, lang)),
            paused_channels: today
                .paused_channels
                .iter()
                .map(|c| ChannelView::new(office, lang, c))
                .collect(),
            clock_doubt: None,
            refused: Vec::new(),
        }
    }
}

/// A picture that is kept.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct KeptView {
    /// Its name: lower-case hex SHA-256 of its bytes.
    pub hash: String,
}

/// What a verification found.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Verified)]
pub struct VerifiedView {
    /// Whether all is as it should be.
    pub clean: bool,
    /// Commits that are whole and in their place.
    pub commits: u64,
    /// Articles in the ledger.
    pub articles: u64,
    /// Shares in the ledger.
    pub shares: u64,
    /// How many things are wrong with the ledger.
    pub problem_count: u64,
    /// The first 100 of them.
    pub problems: Vec<String>,
    /// In how many places the index differs from the ledger.
    pub difference_count: u64,
    /// The first 100 of them.
    pub differences: Vec<String>,
    /// Texts that are gone as the law wants.
    pub erased: Vec<ErasedView>,
    /// Files that a crash or a recovery moved aside.
    pub aside: Vec<String>,
}

/// A text that was erased.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Erased)]
pub struct ErasedView {
    /// Which.
    pub text: String,
    /// Why.
    pub why: String,
}

/// Why the clock is not trusted, in words.
pub(in crate::web) fn says_doubt(office: &Office, lang: Lang, doubt: Doubt) -> String {
    // By a clock that may be wrong only the whole instant says something.
    let whole = |at: Timestamp| {
        let local = at.to_zoned_datetime(office.config().office.zone.clone());
        format!("{} {}", lang.time(local.time()), lang.date(local.date()))
    };
    match doubt {
        Doubt::BeforeBuild => lang.text("doubt.before-build").to_owned(),
        Doubt::BehindLedger { last } => lang.fill("doubt.behind-ledger", &[("last", &whole(last))]),
        Doubt::Leapt { from, to } => {
            lang.fill("doubt.leapt", &[("from", &whole(from)), ("to", &whole(to))])
        }
    }
}
