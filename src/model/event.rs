//! What happened: the words of the ledger. One commit is a list of events that must be true together.
//!
//! Events keep their meaning for ever: a changed one gets a new type. What a decision used stands in
//! the event (due instants, local day, topic, unit, member, version, key, reason), so that a replay
//! under another configuration, zone or clock gives the same state (RULES 7). Titles, bodies and
//! exact posts are named by [`TextId`] and stand in the commit's texts, where one can be erased.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::actor::{By, Role};
use super::article::Picture;
use super::channel::{Mode, PlatformKind};
use super::evergreen::Evergreen;
use super::id::{
    ArticleId, ChannelId, FeedId, MemberId, ScheduleId, ShareId, TextId, TopicId, UnitId,
};
use super::origin::Origin;
use super::post::Receipt;
use super::share::{Attempt, Count, Firing, Removal, State, Taken, Version, Why};

/// Where in its channel's queue a share goes. Resolved when the event is applied, against the state
/// of that moment, so two that ask for the end at once both get a place of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Spot {
    /// Behind all.
    End,
    /// Before all.
    Top,
    /// Exactly here; refused if another stands there.
    At(i64),
}

/// Places are so far apart, so that one can be put between two without moving others.
pub const PLACE_STEP: i64 = 1 << 20;

/// A setting's value before and after, as the configuration's files write it; shortened where it is long.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingChanged {
    /// The key.
    pub key: String,
    /// Before; none where it was not there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// After.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type")]
#[allow(
    missing_docs,
    reason = "field names are those of the nouns they belong to"
)]
pub enum Event {
    // ---- what was configured, so that old figures keep their titles ----
    /// A channel is new, or its title, platform or mode changed. A gone one comes back by it.
    #[serde(rename = "channel.seen")]
    ChannelSeen {
        channel: ChannelId,
        title: String,
        platform: PlatformKind,
        mode: Mode,
    },
    /// A channel is no longer in the configuration.
    #[serde(rename = "channel.gone")]
    ChannelGone { channel: ChannelId },
    /// The platform moved the place (Telegram's migrate_to_chat_id): the new target.
    #[serde(rename = "channel.retargeted")]
    ChannelRetargeted { channel: ChannelId, target: String },
    /// Nothing leaves on this channel (all channels if none is named). `until`: lifts itself then.
    #[serde(rename = "channel.paused")]
    Paused {
        channel: Option<ChannelId>,
        why: Why,
        until: Option<Timestamp>,
    },
    /// The pause is over.
    #[serde(rename = "channel.resumed")]
    Resumed { channel: Option<ChannelId> },
    /// A person changed the configuration's files through the program. `part`: office, channel, topic,
    /// group, schedule; `how`: added, changed, retired. Never a secret: those stand in no such value.
    #[serde(rename = "config.changed")]
    ConfigChanged {
        part: String,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        id: String,
        how: String,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        settings: Vec<SettingChanged>,
    },
    #[serde(rename = "topic.seen")]
    TopicSeen { topic: TopicId, title: String },
    #[serde(rename = "topic.gone")]
    TopicGone { topic: TopicId },
    /// A schedule is new, or its cron or zone changed: nothing before `known_since` is missed.
    #[serde(rename = "schedule.seen")]
    ScheduleSeen {
        schedule: ScheduleId,
        cron: String,
        zone: String,
        known_since: Timestamp,
    },
    #[serde(rename = "schedule.gone")]
    ScheduleGone { schedule: ScheduleId },
    /// A member is new or changed. Her name is in `data/private/`, never here.
    #[serde(rename = "member.set")]
    MemberSet {
        member: MemberId,
        roles: Vec<Role>,
        unit: Option<UnitId>,
    },
    #[serde(rename = "member.retired")]
    MemberRetired { member: MemberId },

    // ---- feeds ----
    /// A feed is new, or its title or address changed. At another address it begins anew: what was
    /// there before it was looked at is passed over.
    #[serde(rename = "feed.seen")]
    FeedSeen {
        feed: FeedId,
        title: String,
        url: String,
    },
    /// A feed is no longer in the configuration.
    #[serde(rename = "feed.gone")]
    FeedGone { feed: FeedId },
    /// What stood in the feed at the first look has been taken or passed over: from here on all that
    /// is new is news.
    #[serde(rename = "feed.begun")]
    FeedBegun { feed: FeedId },
    /// An entry became an article, added in the same commit. It is known under any of `names`;
    /// `content` is the digest of what it said; `day`: the local day whose share it is of.
    #[serde(rename = "feed.took")]
    FeedTook {
        feed: FeedId,
        article: ArticleId,
        names: Vec<String>,
        content: String,
        day: Date,
    },
    /// Entries that never become articles, each with its names.
    #[serde(rename = "feed.passed-over")]
    FeedPassedOver {
        feed: FeedId,
        entries: Vec<Vec<String>>,
        why: String,
    },
    /// A known entry has further names, or its article's `version` says what it says now.
    #[serde(rename = "feed.learned")]
    FeedLearned {
        feed: FeedId,
        article: Option<ArticleId>,
        names: Vec<String>,
        content: String,
        version: u32,
    },

    // ---- articles ----
    #[serde(rename = "article.added")]
    ArticleAdded {
        article: ArticleId,
        title: TextId,
        text: TextId,
        link: Option<String>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pictures: Vec<Picture>,
        topic: Option<TopicId>,
        priority: u8,
        source: String,
        /// Digest of an imported row: the same row adds nothing twice.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        row: Option<String>,
        member: Option<MemberId>,
        unit: Option<UnitId>,
    },
    /// All fields as they are now. `version` is one more than before if what readers see changed,
    /// the same as before if not; anything else is refused as stale.
    #[serde(rename = "article.edited")]
    ArticleEdited {
        article: ArticleId,
        version: u32,
        title: TextId,
        text: TextId,
        link: Option<String>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pictures: Vec<Picture>,
        topic: Option<TopicId>,
        priority: u8,
    },
    /// What the page behind the link says is its own address. It holds until the link changes.
    #[serde(rename = "article.canonical")]
    ArticleCanonical { article: ArticleId, link: String },
    /// A person's rule by which the article is shared again and again; none ends it. An erasure ends it too.
    #[serde(rename = "article.evergreen")]
    ArticleEvergreen {
        article: ArticleId,
        rule: Option<Evergreen>,
    },

    /// Shares of long ago are brought in from a list: its file's SHA-256 and name, and how many of its
    /// rows are to become shares in this run. They follow, each with its `origin`.
    #[serde(rename = "backfill.begun")]
    BackfillBegun {
        file: String,
        name: String,
        rows: u64,
    },

    // ---- firings ----
    /// A schedule's instant was served; its shares' `share.planned` stand in the same commit.
    #[serde(rename = "firing.fired")]
    FiringFired {
        schedule: ScheduleId,
        instant: Timestamp,
        late: bool,
    },
    /// `count` instants from `since` to `instant` were passed over.
    #[serde(rename = "firing.skipped")]
    FiringSkipped {
        schedule: ScheduleId,
        since: Timestamp,
        instant: Timestamp,
        count: u32,
    },
    /// The same, and a person is asked: fire now or skip.
    #[serde(rename = "firing.asked")]
    FiringAsked {
        schedule: ScheduleId,
        since: Timestamp,
        instant: Timestamp,
        count: u32,
    },
    /// Every schedule was considered up to here.
    #[serde(rename = "tick")]
    Tick { until: Timestamp },

    // ---- shares: see `Share::step` ----
    /// A new share. `state` is one of those RULES 1 lets a share begin in.
    #[serde(rename = "share.added")]
    ShareAdded {
        share: ShareId,
        article: ArticleId,
        channel: ChannelId,
        state: State,
        /// Where it stands, if Waiting.
        spot: Option<Spot>,
        /// Its fixed time: when Planned, or once approved.
        at: Option<Timestamp>,
        /// Local day of `at`.
        day: Option<Date>,
        /// If Planned.
        key: Option<String>,
        topic: Option<TopicId>,
        priority: u8,
        own_text: Option<TextId>,
        again: bool,
        /// Only a back-filled share begins as Shared.
        receipt: Option<Receipt>,
        count: Option<Count>,
        /// The list that a back-filled share was brought in from.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        origin: Option<Box<Origin>>,
    },
    #[serde(rename = "share.submitted")]
    ShareSubmitted { share: ShareId },
    #[serde(rename = "share.returned")]
    ShareReturned {
        share: ShareId,
        note: Option<String>,
    },
    /// Why a `share.added` of the same commit was made: the article's rule called for its so-manieth
    /// share on that channel. Where approval is asked for, a `share.approved` beside it takes over what
    /// a person approved of the very same version.
    #[serde(rename = "share.came-round")]
    ShareCameRound { share: ShareId, turn: u32 },
    /// Followed in the same commit by `share.queued` or `share.planned`.
    #[serde(rename = "share.approved")]
    ShareApproved { share: ShareId, version: Version },
    #[serde(rename = "share.unapproved")]
    ShareUnapproved { share: ShareId, why: Why },
    /// Into the queue, or back into it.
    #[serde(rename = "share.queued")]
    ShareQueued {
        share: ShareId,
        spot: Spot,
        why: Option<Why>,
    },
    #[serde(rename = "share.moved")]
    ShareMoved { share: ShareId, spot: Spot },
    /// It has a time. `fixed`: a person gave it, and no firing may take it.
    #[serde(rename = "share.planned")]
    SharePlanned {
        share: ShareId,
        due: Timestamp,
        day: Date,
        key: String,
        firing: Option<Firing>,
        fixed: bool,
        why: Option<Why>,
    },
    /// Its due moved (gap, hours, throttling, backoff).
    #[serde(rename = "share.delayed")]
    ShareDelayed {
        share: ShareId,
        due: Timestamp,
        day: Date,
        why: Option<Why>,
    },
    /// A person gave a planned share another fixed time.
    #[serde(rename = "share.fixed")]
    ShareFixed {
        share: ShareId,
        due: Timestamp,
        day: Date,
    },
    /// The article's topic or priority, or this channel's own text, changed.
    #[serde(rename = "share.edited")]
    ShareEdited {
        share: ShareId,
        topic: Option<TopicId>,
        priority: u8,
        own_text: Option<TextId>,
        own_version: u32,
    },
    /// A person freed it from its channel's `after`.
    #[serde(rename = "share.freed")]
    ShareFreed { share: ShareId },
    /// After this line is synced, and not before, a visible request may leave. `post` names the
    /// exact post (JSON of `Post`). `version` is what it was made from; `approval`: it must be approved.
    #[serde(rename = "share.attempted")]
    ShareAttempted {
        share: ShareId,
        attempt: Attempt,
        post: TextId,
        version: Version,
        approval: bool,
    },
    /// One part of several is out.
    #[serde(rename = "share.part-sent")]
    SharePartSent { share: ShareId, receipt: Receipt },
    /// Certainly not sent; tried again at `due`. `counts`: it is one of the tries. `receipt`: the
    /// doubtful part of several was found after all; the parts behind it are what is not sent.
    #[serde(rename = "share.not-sent")]
    ShareNotSent {
        share: ShareId,
        due: Timestamp,
        day: Date,
        counts: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        receipt: Option<Receipt>,
        why: Why,
    },
    #[serde(rename = "share.doubted")]
    ShareDoubted { share: ShareId, why: Why },
    /// The platform was asked and it is still unsure.
    #[serde(rename = "share.asked")]
    ShareAsked { share: ShareId, why: Why },
    #[serde(rename = "share.failed")]
    ShareFailed { share: ShareId, why: Why },
    /// A hand task opens; its text freezes (`post`).
    #[serde(rename = "share.handed")]
    ShareHanded {
        share: ShareId,
        due: Timestamp,
        day: Date,
        until: Timestamp,
        post: TextId,
        why: Option<Why>,
    },
    /// Somebody is on the hand task, or no longer.
    #[serde(rename = "share.taken")]
    ShareTaken {
        share: ShareId,
        taken: Option<Taken>,
    },
    /// Out, with proof; counted once. `receipt`: of the last part (by hand perhaps without one).
    #[serde(rename = "share.shared")]
    ShareShared {
        share: ShareId,
        receipt: Option<Receipt>,
        count: Count,
    },
    /// A hand confirmation taken back: counted −1 as it was counted +1.
    #[serde(rename = "share.undone")]
    ShareUndone {
        share: ShareId,
        due: Timestamp,
        day: Date,
        until: Timestamp,
    },
    #[serde(rename = "share.missed")]
    ShareMissed { share: ShareId, why: Why },
    #[serde(rename = "share.cancelled")]
    ShareCancelled { share: ShareId, why: Why },
    /// A take-down is asked for, tried, handed to a person, or given up (none).
    #[serde(rename = "removal.changed")]
    RemovalChanged {
        share: ShareId,
        removal: Option<Removal>,
        why: Option<Why>,
    },
    #[serde(rename = "share.removed")]
    ShareRemoved { share: ShareId },

    // ---- the store's own ----
    /// The answer to a request with an Idempotency-Key, kept for 30 days. `digest`: of its content.
    #[serde(rename = "request.answered")]
    RequestAnswered {
        key: String,
        digest: String,
        answer: serde_json::Value,
    },
    /// An admin says the clock is right.
    #[serde(rename = "clock.trusted")]
    ClockTrusted,
    /// Unacknowledged bytes at the ledger's end were moved aside into this file.
    #[serde(rename = "ledger.torn")]
    LedgerTorn { file: String, bytes: u64 },
    /// Acknowledged commits after this one were lost and the loss accepted. Everything is paused
    /// by it, as if by `channel.paused` on all.
    #[serde(rename = "ledger.recovered")]
    LedgerRecovered { after: u64, why: String },
    /// These texts were erased as the law wants.
    #[serde(rename = "erased")]
    Erased { texts: Vec<TextId>, why: String },
}

impl Event {
    /// The event's type, as the ledger writes it.
    pub fn kind(&self) -> &'static str {
        use Event::*;
        match self {
            ChannelSeen { .. } => "channel.seen",
            ChannelGone { .. } => "channel.gone",
            ChannelRetargeted { .. } => "channel.retargeted",
            Paused { .. } => "channel.paused",
            Resumed { .. } => "channel.resumed",
            ConfigChanged { .. } => "config.changed",
            TopicSeen { .. } => "topic.seen",
            TopicGone { .. } => "topic.gone",
            ScheduleSeen { .. } => "schedule.seen",
            ScheduleGone { .. } => "schedule.gone",
            MemberSet { .. } => "member.set",
            MemberRetired { .. } => "member.retired",
            FeedSeen { .. } => "feed.seen",
            FeedGone { .. } => "feed.gone",
            FeedBegun { .. } => "feed.begun",
            FeedTook { .. } => "feed.took",
            FeedPassedOver { .. } => "feed.passed-over",
            FeedLearned { .. } => "feed.learned",
            ArticleAdded { .. } => "article.added",
            ArticleEdited { .. } => "article.edited",
            ArticleCanonical { .. } => "article.canonical",
            ArticleEvergreen { .. } => "article.evergreen",
            BackfillBegun { .. } => "backfill.begun",
            FiringFired { .. } => "firing.fired",
            FiringSkipped { .. } => "firing.skipped",
            FiringAsked { .. } => "firing.asked",
            Tick { .. } => "tick",
            ShareAdded { .. } => "share.added",
            ShareCameRound { .. } => "share.came-round",
            ShareSubmitted { .. } => "share.submitted",
            ShareReturned { .. } => "share.returned",
            ShareApproved { .. } => "share.approved",
            ShareUnapproved { .. } => "share.unapproved",
            ShareQueued { .. } => "share.queued",
            ShareMoved { .. } => "share.moved",
            SharePlanned { .. } => "share.planned",
            ShareDelayed { .. } => "share.delayed",
            ShareFixed { .. } => "share.fixed",
            ShareEdited { .. } => "share.edited",
            ShareFreed { .. } => "share.freed",
            ShareAttempted { .. } => "share.attempted",
            SharePartSent { .. } => "share.part-sent",
            ShareNotSent { .. } => "share.not-sent",
            ShareDoubted { .. } => "share.doubted",
            ShareAsked { .. } => "share.asked",
            ShareFailed { .. } => "share.failed",
            ShareHanded { .. } => "share.handed",
            ShareTaken { .. } => "share.taken",
            ShareShared { .. } => "share.shared",
            ShareUndone { .. } => "share.undone",
            ShareMissed { .. } => "share.missed",
            ShareCancelled { .. } => "share.cancelled",
            RemovalChanged { .. } => "removal.changed",
            ShareRemoved { .. } => "share.removed",
            RequestAnswered { .. } => "request.answered",
            ClockTrusted => "clock.trusted",
            LedgerTorn { .. } => "ledger.torn",
            LedgerRecovered { .. } => "ledger.recovered",
            Erased { .. } => "erased",
        }
    }

    /// The share it happened to, `share.added` included.
    pub fn share(&self) -> Option<ShareId> {
        use Event::*;
        match self {
            ShareAdded { share, .. }
            | ShareSubmitted { share }
            | ShareCameRound { share, .. }
            | ShareReturned { share, .. }
            | ShareApproved { share, .. }
            | ShareUnapproved { share, .. }
            | ShareQueued { share, .. }
            | ShareMoved { share, .. }
            | SharePlanned { share, .. }
            | ShareDelayed { share, .. }
            | ShareFixed { share, .. }
            | ShareEdited { share, .. }
            | ShareFreed { share }
            | ShareAttempted { share, .. }
            | SharePartSent { share, .. }
            | ShareNotSent { share, .. }
            | ShareDoubted { share, .. }
            | ShareAsked { share, .. }
            | ShareFailed { share, .. }
            | ShareHanded { share, .. }
            | ShareTaken { share, .. }
            | ShareShared { share, .. }
            | ShareUndone { share, .. }
            | ShareMissed { share, .. }
            | ShareCancelled { share, .. }
            | RemovalChanged { share, .. }
            | ShareRemoved { share } => Some(*share),
            _ => None,
        }
    }
}

/// The texts of a commit: `None` where one was erased.
pub type Texts = BTreeMap<TextId, Option<String>>;

/// All that must be true together: one line of the ledger.
#[derive(Debug, Clone, PartialEq)]
pub struct Commit {
    /// When, by the clock of the machine that wrote it; milliseconds.
    pub at: Timestamp,
    /// Who.
    pub by: By,
    /// What, in order.
    pub events: Vec<Event>,
    /// The texts its events name.
    pub texts: Texts,
}

impl Commit {
    /// A commit without events.
    pub fn new(at: Timestamp, by: By) -> Self {
        Self {
            at,
            by,
            events: Vec::new(),
            texts: Texts::new(),
        }
    }

    /// The text an event names; empty where it was erased.
    pub fn text(&self, id: TextId) -> &str {
        self.texts
            .get(&id)
            .and_then(Option::as_deref)
            .unwrap_or_default()
    }
}
