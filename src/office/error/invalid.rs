//! What can be wrong with a field.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::compose::Unpostable;
use crate::intake::fetch::FetchError;
use crate::model::ChannelId;
use crate::picture::{NotTaken, Unfit};
use crate::platform::by_hand::NotTheirs;

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

impl Invalid {
    /// The stable code.
    pub(super) fn code(&self) -> &'static str {
        match self {
            Invalid::Empty => "empty",
            Invalid::TooLong { .. } => "too-long",
            Invalid::NoAddress(_) => "no-address",
            Invalid::Priority => "bad-priority",
            Invalid::Every { .. } => "bad-every",
            Invalid::AtMost(_) => "bad-at-most",
            Invalid::NoDay(_) => "no-day",
            Invalid::DayPassed(_) => "day-passed",
            Invalid::Passed(_) => "time-passed",
            Invalid::NoTime => "no-time",
            Invalid::Future(_) => "time-to-come",
            Invalid::Unpostable { .. } => "unpostable",
            Invalid::NoPicture(why) => match why {
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
            Invalid::NotFetched(_) => "not-fetched",
            Invalid::NothingThere { .. } => "nothing-there",
            Invalid::NotRead(_) => "not-read",
            Invalid::NoPage { .. } => "no-page",
            Invalid::NotAPage { .. } => "not-a-page",
            Invalid::PictureUnfit { .. } => "picture-unfit",
            Invalid::BytesOrAddress => "bytes-or-address",
            Invalid::UnknownPicture(_) => "unknown-picture",
            Invalid::NotTheirs(_) => "not-theirs",
            Invalid::TopicNotTaken { .. } => "topic-not-taken",
            Invalid::NoChannel => "no-channel",
            Invalid::NoRole => "no-role",
            Invalid::NoReason => "no-reason",
            Invalid::BadId => "bad-member-id",
            Invalid::Taken => "taken",
            Invalid::InUse(_) => "in-use",
            Invalid::NotHere(_) => "not-here",
            Invalid::BadChat => "bad-chat",
            Invalid::BadQuiet => "bad-quiet",
            Invalid::NotHttps => "not-https",
            Invalid::NotPublic => "not-public",
            Invalid::NoAddressNamed => "no-address-named",
            Invalid::TooMany { .. } => "too-many",
            Invalid::LongAgo(_) => "long-ago",
            Invalid::OnePost => "one-post",
            Invalid::NoFile => "no-file",
            Invalid::CellTooLong { .. } => "cell-too-long",
            Invalid::TooManyBytes { .. } => "too-many-bytes",
        }
    }

    /// What its words are filled with.
    pub(super) fn fields(&self) -> Vec<(&'static str, String)> {
        let mut fields = Vec::new();
        match self {
            Invalid::TooLong { len, most } | Invalid::TooMany { len, most } => {
                fields.push(("len", len.to_string()));
                fields.push(("most", most.to_string()));
            }
            Invalid::NoAddress(given) => fields.push(("given", given.clone())),
            Invalid::Every { given, most } => {
                fields.push(("given", given.clone()));
                fields.push(("most", most.to_string()));
            }
            Invalid::AtMost(given) | Invalid::NoDay(given) => fields.push(("given", given.clone())),
            Invalid::DayPassed(day) => fields.push(("day", day.to_string())),
            Invalid::Passed(at) | Invalid::Future(at) => fields.push(("at", at.to_string())),
            Invalid::Unpostable { channel, why } => {
                fields.push(("channel", channel.to_string()));
                fields.push(("why", why.to_string()));
            }
            Invalid::NoPicture(why) => match why {
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
            Invalid::NotFetched(why) | Invalid::NotRead(why) => {
                fields.push(("why", why.to_string()));
            }
            Invalid::NotAPage { host, kind } => {
                fields.push(("host", host.clone()));
                fields.push(("kind", kind.clone()));
            }
            Invalid::NothingThere { host, status } | Invalid::NoPage { host, status } => {
                fields.push(("host", host.clone()));
                fields.push(("status", status.to_string()));
            }
            Invalid::PictureUnfit {
                channel,
                number,
                why,
            } => {
                fields.push(("channel", channel.to_string()));
                fields.push(("number", number.to_string()));
                fields.push(("why", why.to_string()));
            }
            Invalid::TooManyBytes { most } | Invalid::CellTooLong { most } => {
                fields.push(("most", most.to_string()));
            }
            Invalid::LongAgo(day) => fields.push(("day", day.to_string())),
            Invalid::UnknownPicture(hash) => fields.push(("hash", hash.clone())),
            Invalid::NotTheirs(why) => fields.push(("why", why.to_string())),
            Invalid::TopicNotTaken { channel, topics } => {
                fields.push(("channel", channel.to_string()));
                fields.push(("topics", topics.clone()));
            }
            Invalid::InUse(id) => fields.push(("id", id.clone())),
            Invalid::NotHere(key) => fields.push(("key", key.clone())),
            Invalid::Empty
            | Invalid::OnePost
            | Invalid::NoFile
            | Invalid::Priority
            | Invalid::NoChannel
            | Invalid::NoRole
            | Invalid::NoReason
            | Invalid::BytesOrAddress
            | Invalid::BadId
            | Invalid::NoTime
            | Invalid::BadChat
            | Invalid::BadQuiet
            | Invalid::NotHttps
            | Invalid::NotPublic
            | Invalid::NoAddressNamed
            | Invalid::Taken => {}
        }
        fields
    }
}
