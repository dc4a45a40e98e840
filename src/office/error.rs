//! Why something was not done: what happened and what to do, each with a stable code. The words are
//! in the catalogues under `error.CODE`; the English `Display` here is for logs.

use std::fmt::Display;
use std::path::PathBuf;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::permission::WhoMay;
use crate::compose::Unpostable;
use crate::config::Problem;
use crate::intake::fetch::FetchError;
use crate::lang::Lang;
use crate::model::{ArticleId, ChannelId, MemberId, ScheduleId, ShareId, State};
use crate::picture::{NotTaken, Unfit};
use crate::platform::by_hand::NotTheirs;
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

/// What is wrong with a field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// Neither title nor text nor link nor picture.
    #[error("there is nothing to share: write a title or a text, or give a link or a picture")]
    Empty,
    /// More characters than are kept.
    #[error("{len} characters, but at most {most} are taken")]
    TooLong {
        /// How many there are.
        len: usize,
        /// How many may be.
        most: usize,
    },
    /// Neither http nor https.
    #[error("«{0}» is no http(s) address")]
    NoAddress(String),
    /// Not 0 to 9.
    #[error("priority is 0 to 9")]
    Priority,
    /// No stretch of time after which an article can come round again.
    #[error("{given} is no number of days: write 30d or 4w, from 1d to {most}d")]
    Every {
        /// As it was given.
        given: String,
        /// Days at most.
        most: u16,
    },
    /// Fewer than two times.
    #[error("{0} times: what comes round goes out at least twice")]
    AtMost(String),
    /// No day.
    #[error("{0} is no day: write 31/12/2027 or 2027-12-31")]
    NoDay(String),
    /// The day has passed.
    #[error("{0} has passed: give a later day")]
    DayPassed(Date),
    /// The time has passed.
    #[error("{0} has passed: give a later time")]
    Passed(Timestamp),
    /// No day and time.
    #[error("give a day and a time")]
    NoTime,
    /// The time has not come.
    #[error("{0} has not come yet: give the time at which it was shared")]
    Future(Timestamp),
    /// No post can be made for this channel.
    #[error("{channel}: {why}")]
    Unpostable {
        /// Where.
        channel: ChannelId,
        /// Why.
        why: Unpostable,
    },
    /// No picture that is taken.
    #[error(transparent)]
    NoPicture(NotTaken),
    /// Nothing could be read at an address.
    #[error(transparent)]
    NotFetched(FetchError),
    /// The address has no picture: its server says so.
    #[error("{host} answers {status}: there is no picture")]
    NothingThere {
        /// Who.
        host: String,
        /// HTTP's status.
        status: u16,
    },
    /// The page at a link could not be read.
    #[error("the page could not be read: {0}")]
    NotRead(FetchError),
    /// The link has no page: its server says so.
    #[error("{host} answers {status}: there is no page")]
    NoPage {
        /// Who.
        host: String,
        /// HTTP's status.
        status: u16,
    },
    /// A file that is no page.
    #[error("{host} has a file of the kind {kind} there, no page")]
    NotAPage {
        /// Who.
        host: String,
        /// Its media type; may be empty.
        kind: String,
    },
    /// A picture that a channel cannot take, whatever is done to it.
    #[error("{channel}: picture {number}: {why}")]
    PictureUnfit {
        /// Where.
        channel: ChannelId,
        /// Which of the article's, from 1.
        number: usize,
        /// Why.
        why: Unfit,
    },
    /// Neither or both of a picture's bytes and its address.
    #[error("give either the picture's bytes or its address")]
    BytesOrAddress,
    /// A picture that was never kept.
    #[error("picture {0} is not kept here: keep it first")]
    UnknownPicture(String),
    /// No post of this channel.
    #[error(transparent)]
    NotTheirs(NotTheirs),
    /// The channel takes other topics only.
    #[error("{channel} takes only the topics {topics}")]
    TopicNotTaken {
        /// Where.
        channel: ChannelId,
        /// Those it takes.
        topics: String,
    },
    /// A day on which nobody can have shared anything.
    #[error("{0} is too long ago: look whether the year is right")]
    LongAgo(Date),
    /// A post is on one channel.
    #[error("a link to a post stands for one channel only: give each channel a row of its own")]
    OnePost,
    /// A workbook's cells take less than a text may hold.
    #[error(
        "a text is longer than the {most} characters that a workbook's cell takes: export as CSV"
    )]
    CellTooLong {
        /// So many.
        most: usize,
    },
    /// No file, or an empty one.
    #[error("there is no file, or nothing in it")]
    NoFile,
    /// More than a file may hold.
    #[error("the file is larger than {most} MiB: split it")]
    TooManyBytes {
        /// MiB at most.
        most: usize,
    },
    /// Neither the article nor its topic nor the office says where it goes.
    #[error(
        "nothing says where it goes: name channels, or set the topic's `channels` or `[office] default_channels`"
    )]
    NoChannel,
    /// A member without a role may do nothing.
    #[error("give at least one role: officer, approver, supervisor, admin")]
    NoRole,
    /// No id of a member or a unit.
    #[error("an id has 1 to 40 of a-z, 0-9 and '-'")]
    BadId,
    /// Somebody else has this id.
    #[error("somebody has this id already: choose another one")]
    Taken,
    /// A channel, group, topic or schedule has this id.
    #[error("«{0}» is there already: choose another id, or change that one")]
    InUse(String),
    /// Nothing that can be changed here.
    #[error("{0} cannot be changed here: edit the file")]
    NotHere(String),
    /// Empty where words are needed.
    #[error("say why")]
    NoReason,
    /// No chat of Telegram.
    #[error("a chat is a number, or @ and its name")]
    BadChat,
    /// No stretch of a day.
    #[error("quiet hours are written 22:00-06:00")]
    BadQuiet,
    /// Others on the way could read it.
    #[error("the address must begin with https://")]
    NotHttps,
    /// Within the office's own network, and the operator did not allow that.
    #[error("the address is not public: the operator may allow it by [notices] private_addresses")]
    NotPublic,
    /// She named no chat and no webhook, or began to name none.
    #[error("no address was named: name a chat or a webhook first")]
    NoAddressNamed,
    /// More than one request takes.
    #[error("{len} rows, but one request takes at most {most}")]
    TooMany {
        /// How many there are.
        len: usize,
        /// How many may be.
        most: usize,
    },
}

/// Why the state of things does not allow it now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The same article or link went there lately, or waits there.
    #[error(
        "the same went to {channel} on {earlier} (share {share}): add --again if it shall go once more"
    )]
    Repeat {
        /// Where.
        channel: ChannelId,
        /// The earlier share.
        share: ShareId,
        /// When it went, goes, or was added.
        earlier: Timestamp,
    },
    /// The share is not where this can be done.
    #[error("the share is {}: this can only be done while it is {}", state.as_str(), words(needs))]
    WrongState {
        /// Which.
        share: ShareId,
        /// Where it is.
        state: State,
        /// Where it would have to be.
        needs: &'static [State],
    },
    /// Nothing of the article is in a state that allows it.
    #[error("no share of this article can take this now")]
    NothingToDo {
        /// Which.
        article: ArticleId,
    },
    /// Everything of it is out; changing it would change nothing that is seen.
    #[error("all of it is out already: take it down, or add a new article")]
    AllOut {
        /// Which.
        article: ArticleId,
    },
    /// Somebody else is on the hand task.
    #[error("{} is on it until {until}", by.as_ref().map_or("the operator", |m| m.as_str()))]
    TakenByOther {
        /// Who; none for the local operator.
        by: Option<MemberId>,
        /// Until when.
        until: Timestamp,
    },
    /// The link is another share's proof.
    #[error("this link already stands for share {share}: look whether it is the right one")]
    LinkKnown {
        /// Whose.
        share: ShareId,
    },
    /// The confirmation is too old to be taken back, or not one by hand.
    #[error("only a confirmation by hand can be undone, within 60 seconds; take it down instead")]
    TooLateToUndo,
    /// The channel is no longer configured.
    #[error("channel {channel} is no longer configured: put it back, or cancel the share")]
    ChannelGone {
        /// Which.
        channel: ChannelId,
    },
    /// Approval comes first.
    #[error("the share waits for approval: a time or place comes after it")]
    NeedsApproval {
        /// Which.
        share: ShareId,
    },
    /// It stands behind no other channel.
    #[error("this share waits for no other")]
    NotHeld {
        /// Which.
        share: ShareId,
    },
    /// Shares of two channels' queues were named.
    #[error("the other share does not wait in the same queue")]
    OtherQueue {
        /// The other.
        share: ShareId,
    },
    /// Nothing is asked about this schedule.
    #[error("nothing is asked about schedule {schedule}")]
    NothingAsked {
        /// Which.
        schedule: ScheduleId,
    },
    /// A retired member may do nothing.
    #[error("member {member} is retired")]
    Retired {
        /// Who.
        member: MemberId,
    },
    /// No take-down is under way.
    #[error("nobody was asked to take this share down")]
    NoRemoval {
        /// Which.
        share: ShareId,
    },
    /// All texts of it are erased already.
    #[error("nothing of this article is left to be erased")]
    NothingKept {
        /// Which.
        article: ArticleId,
    },
    /// Rows with something wrong hold all back.
    #[error("{bad} rows are bad: mend them, or add the others without them")]
    BadRows {
        /// How many.
        bad: u64,
    },
    /// Something is being done with the file.
    #[error("the file is being worked on: wait until that is done")]
    UploadBusy,
    /// Too many files wait.
    #[error("too many files wait for a word: confirm or drop one of them first")]
    UploadsFull,
    /// The file cannot be read as it is.
    #[error("nothing of this file can be added as it is: explain its columns, or bring it again")]
    NothingToAdd,
    /// It is not paused.
    #[error("it is not paused")]
    NotPaused,
    /// What shall leave the configuration is still named in it.
    #[error("«{id}» is still named by {by}: take it out there first")]
    StillNamed {
        /// What shall leave.
        id: String,
        /// `channel ID`, `schedule ID`, with commas between.
        by: String,
    },
    /// The file is written in a way that only a person can change.
    #[error("{file}: what stands there is written in a way that only a person can change")]
    OddFile {
        /// Which.
        file: String,
    },
    /// The store's own words, where none of the above fits.
    #[error("{0}")]
    Other(String),
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
        use Invalid as I;
        use Refusal as R;
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
            OfficeError::Invalid { what, .. } => match what {
                I::Empty => "empty",
                I::TooLong { .. } => "too-long",
                I::NoAddress(_) => "no-address",
                I::Priority => "bad-priority",
                I::Every { .. } => "bad-every",
                I::AtMost(_) => "bad-at-most",
                I::NoDay(_) => "no-day",
                I::DayPassed(_) => "day-passed",
                I::Passed(_) => "time-passed",
                I::NoTime => "no-time",
                I::Future(_) => "time-to-come",
                I::Unpostable { .. } => "unpostable",
                I::NoPicture(why) => match why {
                    NotTaken::Heic => "picture-heic",
                    NotTaken::Avif => "picture-avif",
                    NotTaken::Video => "picture-video",
                    NotTaken::Svg => "picture-svg",
                    NotTaken::Pdf => "picture-pdf",
                    NotTaken::Page => "picture-page",
                    NotTaken::OtherKind(_) => "picture-other-kind",
                    NotTaken::Unknown => "no-picture",
                    NotTaken::Broken => "picture-broken",
                    NotTaken::TooManyBytes { .. } => "picture-too-many-bytes",
                    NotTaken::TooManyPixels { .. } => "picture-too-many-pixels",
                },
                I::NotFetched(_) => "not-fetched",
                I::NothingThere { .. } => "nothing-there",
                I::NotRead(_) => "not-read",
                I::NoPage { .. } => "no-page",
                I::NotAPage { .. } => "not-a-page",
                I::PictureUnfit { .. } => "picture-unfit",
                I::BytesOrAddress => "bytes-or-address",
                I::UnknownPicture(_) => "unknown-picture",
                I::NotTheirs(_) => "not-theirs",
                I::TopicNotTaken { .. } => "topic-not-taken",
                I::NoChannel => "no-channel",
                I::NoRole => "no-role",
                I::NoReason => "no-reason",
                I::BadId => "bad-member-id",
                I::Taken => "taken",
                I::InUse(_) => "in-use",
                I::NotHere(_) => "not-here",
                I::BadChat => "bad-chat",
                I::BadQuiet => "bad-quiet",
                I::NotHttps => "not-https",
                I::NotPublic => "not-public",
                I::NoAddressNamed => "no-address-named",
                I::TooMany { .. } => "too-many",
                I::LongAgo(_) => "long-ago",
                I::OnePost => "one-post",
                I::NoFile => "no-file",
                I::CellTooLong { .. } => "cell-too-long",
                I::TooManyBytes { .. } => "too-many-bytes",
            },
            OfficeError::Misconfigured(_) => "misconfigured",
            OfficeError::ReadOnly { .. } => "read-only-files",
            OfficeError::Refused(refusal) => match refusal {
                R::Repeat { .. } => "repeat",
                R::WrongState { .. } => "wrong-state",
                R::NothingToDo { .. } => "nothing-to-do",
                R::AllOut { .. } => "all-out",
                R::TakenByOther { .. } => "taken-by-other",
                R::LinkKnown { .. } => "link-known",
                R::TooLateToUndo => "too-late-to-undo",
                R::ChannelGone { .. } => "channel-gone",
                R::NeedsApproval { .. } => "needs-approval",
                R::NotHeld { .. } => "not-held",
                R::OtherQueue { .. } => "other-queue",
                R::NothingAsked { .. } => "nothing-asked",
                R::Retired { .. } => "retired",
                R::NoRemoval { .. } => "no-removal",
                R::NothingKept { .. } => "nothing-kept",
                R::BadRows { .. } => "bad-rows",
                R::UploadBusy => "upload-busy",
                R::UploadsFull => "uploads-full",
                R::NothingToAdd => "nothing-to-add",
                R::NotPaused => "not-paused",
                R::StillNamed { .. } => "still-named",
                R::OddFile { .. } => "odd-file",
                R::Other(_) => "refused",
            },
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
        use Invalid as I;
        use Refusal as R;
        match self {
            OfficeError::NotFound { id, nearest, .. } => {
                let nearest = nearest.clone().unwrap_or_default();
                vec![("id", id.clone()), ("nearest", nearest)]
            }
            OfficeError::NotAllowed { who_may } => vec![("who_may", who_may.as_str().to_owned())],
            OfficeError::Invalid { field, what } => {
                let mut fields = vec![("field", (*field).to_owned())];
                match what {
                    I::TooLong { len, most } | I::TooMany { len, most } => {
                        fields.push(("len", len.to_string()));
                        fields.push(("most", most.to_string()));
                    }
                    I::NoAddress(given) => fields.push(("given", given.clone())),
                    I::Every { given, most } => {
                        fields.push(("given", given.clone()));
                        fields.push(("most", most.to_string()));
                    }
                    I::AtMost(given) | I::NoDay(given) => fields.push(("given", given.clone())),
                    I::DayPassed(day) => fields.push(("day", day.to_string())),
                    I::Passed(at) | I::Future(at) => fields.push(("at", at.to_string())),
                    I::Unpostable { channel, why } => {
                        fields.push(("channel", channel.to_string()));
                        fields.push(("why", why.to_string()));
                    }
                    I::NoPicture(why) => match why {
                        NotTaken::OtherKind(kind) => fields.push(("kind", (*kind).to_owned())),
                        NotTaken::TooManyBytes { most } => {
                            fields.push(("most", (most >> 20).to_string()));
                        }
                        NotTaken::TooManyPixels { width, height } => {
                            fields.push(("width", width.to_string()));
                            fields.push(("height", height.to_string()));
                            fields.push(("most", NotTaken::SURELY_TAKEN.to_string()));
                        }
                        _ => {}
                    },
                    I::NotFetched(why) | I::NotRead(why) => {
                        fields.push(("why", why.to_string()));
                    }
                    I::NotAPage { host, kind } => {
                        fields.push(("host", host.clone()));
                        fields.push(("kind", kind.clone()));
                    }
                    I::NothingThere { host, status } | I::NoPage { host, status } => {
                        fields.push(("host", host.clone()));
                        fields.push(("status", status.to_string()));
                    }
                    I::PictureUnfit {
                        channel,
                        number,
                        why,
                    } => {
                        fields.push(("channel", channel.to_string()));
                        fields.push(("number", number.to_string()));
                        fields.push(("why", why.to_string()));
                    }
                    I::TooManyBytes { most } | I::CellTooLong { most } => {
                        fields.push(("most", most.to_string()));
                    }
                    I::LongAgo(day) => fields.push(("day", day.to_string())),
                    I::UnknownPicture(hash) => fields.push(("hash", hash.clone())),
                    I::NotTheirs(why) => fields.push(("why", why.to_string())),
                    I::TopicNotTaken { channel, topics } => {
                        fields.push(("channel", channel.to_string()));
                        fields.push(("topics", topics.clone()));
                    }
                    I::InUse(id) => fields.push(("id", id.clone())),
                    I::NotHere(key) => fields.push(("key", key.clone())),
                    I::Empty
                    | I::OnePost
                    | I::NoFile
                    | I::Priority
                    | I::NoChannel
                    | I::NoRole
                    | I::NoReason
                    | I::BytesOrAddress
                    | I::BadId
                    | I::NoTime
                    | I::BadChat
                    | I::BadQuiet
                    | I::NotHttps
                    | I::NotPublic
                    | I::NoAddressNamed
                    | I::Taken => {}
                }
                fields
            }
            OfficeError::Refused(refusal) => match refusal {
                R::Repeat {
                    channel,
                    share,
                    earlier,
                } => vec![
                    ("channel", channel.to_string()),
                    ("share", share.to_string()),
                    ("at", earlier.to_string()),
                ],
                R::WrongState {
                    share,
                    state,
                    needs,
                } => vec![
                    ("share", share.to_string()),
                    ("state", state.as_str().to_owned()),
                    ("needs", words(needs)),
                ],
                R::NothingToDo { article } | R::AllOut { article } | R::NothingKept { article } => {
                    vec![("article", article.to_string())]
                }
                R::TakenByOther { by, until } => vec![
                    (
                        "by",
                        by.as_ref().map(ToString::to_string).unwrap_or_default(),
                    ),
                    ("at", until.to_string()),
                ],
                R::LinkKnown { share }
                | R::NeedsApproval { share }
                | R::NotHeld { share }
                | R::NoRemoval { share }
                | R::OtherQueue { share } => vec![("share", share.to_string())],
                R::ChannelGone { channel } => vec![("channel", channel.to_string())],
                R::NothingAsked { schedule } => vec![("schedule", schedule.to_string())],
                R::Retired { member } => vec![("member", member.to_string())],
                R::StillNamed { id, by } => vec![("id", id.clone()), ("named_by", by.clone())],
                R::OddFile { file } => vec![("file", file.clone())],
                R::Other(words) => vec![("why", words.clone())],
                R::BadRows { bad } => vec![("n", bad.to_string())],
                R::TooLateToUndo
                | R::NotPaused
                | R::UploadBusy
                | R::UploadsFull
                | R::NothingToAdd => vec![],
            },
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

/// The states' words, for the log.
fn words(states: &[State]) -> String {
    let words: Vec<_> = states.iter().map(|s| s.as_str()).collect();
    words.join(", ")
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
