//! What the API shows. Ids and instants are texts; `says` and `text` are for people, in the language
//! asked for, everything else for programs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::lang::Lang;
use crate::model::share::{Removal, Taken};
use crate::model::upcoming::Coming;
use crate::model::{Article, Post, Receipt, Share, ShareId, State, Version, Why};
use crate::office::lookups::Today;
use crate::office::{Done, Office};
use crate::store::{ChannelState, Figures, Pause, ScheduleState, Told};

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
    fn new(why: &Why, lang: Lang) -> Self {
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
pub(super) fn parts(post: &Post) -> Vec<PartView> {
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
    pub(super) fn new(office: &Office, lang: Lang, share: &Share, article: &Article) -> Self {
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

/// Longest headline made from a text.
const HEADLINE_CHARS: usize = 80;

/// What people would call an article.
pub(super) fn headline(article: &Article) -> String {
    let c = &article.content;
    if !c.title.is_empty() {
        return c.title.clone();
    }
    let first = c.text.lines().next().unwrap_or_default();
    if first.is_empty() {
        return c.link.clone().unwrap_or_default();
    }
    let mut cut: String = first.chars().take(HEADLINE_CHARS).collect();
    if cut.len() < first.len() {
        cut.push('…');
    }
    cut
}

/// Where a share is and why, in words.
fn says(office: &Office, lang: Lang, share: &Share) -> String {
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
    pub(super) fn new(office: &Office, lang: Lang, done: Done) -> Self {
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
    pub(super) fn new(pause: &Pause, lang: Lang) -> Self {
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
    pub(super) fn new(office: &Office, lang: Lang, c: &ChannelState) -> Self {
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
    pub(super) fn new(s: &ScheduleState, next: Option<jiff::Timestamp>) -> Self {
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

/// One share that would go out.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Coming)]
pub struct ComingView {
    /// When.
    pub at: String,
    /// Where.
    pub channel: String,
    /// Which share.
    pub share: String,
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
    pub(super) fn new(c: &Coming, title: String) -> Self {
        use crate::model::plan::Waits;
        let (held_by, held_in_vain) = match c.held {
            None => (None, false),
            Some(Waits::For(id)) => (Some(id.to_string()), false),
            Some(Waits::InVain(id)) => (Some(id.to_string()), true),
        };
        Self {
            at: c.at.to_string(),
            channel: c.channel.to_string(),
            share: c.share.to_string(),
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

/// Exactly what would be posted.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Preview {
    /// Where.
    pub channel: String,
    /// For which share.
    pub share: Option<String>,
    /// Message by message.
    pub parts: Vec<PartView>,
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
}

impl TodayView {
    pub(super) fn new(
        office: &Office,
        lang: Lang,
        today: &Today,
        shares: impl Fn(&[Share]) -> Vec<ShareView>,
        coming: Vec<ComingView>,
        clock_doubt: Option<String>,
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
            clock_doubt,
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

/// The text of what may be there.
fn text(value: Option<impl ToString>) -> Option<String> {
    value.map(|v| v.to_string())
}
