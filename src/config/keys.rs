//! Every key that can be written, as data: the reader refuses others by these tables, and the JSON
//! Schemas under `schema/` are made from them.

#[macro_use]
mod words;
mod platforms;

pub use self::platforms::{BLUESKY, FACEBOOK_PAGE, MASTODON, MATRIX, TELEGRAM, WEBHOOK, WORDPRESS};
pub use self::words::{APPROVAL, LANG, LINK, MISSED, MODE, ORDER, PLATFORM, VISIBILITY, Words};

/// What a value looks like.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// A text that is not empty.
    Text,
    /// A text, or a whole number.
    TextOrNumber,
    /// `true` or `false`.
    Flag,
    /// A whole number within bounds.
    Count(u32, u32),
    /// Any whole number.
    Whole,
    /// `[a-z0-9-]`, 1 to 40.
    Id,
    /// One id, or a list of them.
    Ids,
    /// One name, or a list of them.
    Names,
    /// `"90s"`, `"20m"`, `"2h"`, `"7d"`.
    Duration,
    /// `"06:00-22:00"`.
    Hours,
    /// A name of the tz database.
    Zone,
    /// A web address.
    Url,
    /// A cron expression.
    Cron,
    /// One of a few words.
    Word(fn() -> Vec<&'static str>),
    /// A reference to a secret.
    Secret,
    /// One reference to a secret, or a list of them.
    Secrets,
    /// A table.
    Table(&'static [Key]),
    /// A list of tables.
    Tables(&'static [Key]),
}

/// One key of a table.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// As written.
    pub name: &'static str,
    /// What its value looks like.
    pub shape: Shape,
    /// Whether it must be there.
    pub required: bool,
    /// What it does, shown by editors.
    pub about: &'static str,
}

const fn may(name: &'static str, shape: Shape, about: &'static str) -> Key {
    let required = false;
    Key {
        name,
        shape,
        required,
        about,
    }
}

const fn must(name: &'static str, shape: Shape, about: &'static str) -> Key {
    let required = true;
    Key {
        name,
        shape,
        required,
        about,
    }
}

/// `raotin.toml`.
pub const FILE: &[Key] = &[
    must("office", Shape::Table(OFFICE), "The office itself."),
    may(
        "channels",
        Shape::Tables(CHANNEL),
        "The places articles are shared to.",
    ),
    may("topics", Shape::Tables(TOPIC), "What articles are about."),
    may(
        "groups",
        Shape::Tables(GROUP),
        "Names for several channels together.",
    ),
    may(
        "web",
        Shape::Table(WEB),
        "Where the pages are served, and how phones reach them.",
    ),
    may(
        "feeds",
        Shape::Tables(FEED),
        "Where articles come from by themselves.",
    ),
    may(
        "fetch",
        Shape::Table(FETCH),
        "How addresses from outside are read: feeds, links, pictures.",
    ),
    may(
        "notices",
        Shape::Table(NOTICES),
        "How members are told of their tasks.",
    ),
];

/// `[notices]`.
pub const NOTICES: &[Key] = &[
    may(
        "telegram",
        Shape::Secret,
        "The token of the bot that writes to members. Default: the bot of the first Telegram channel.",
    ),
    may(
        "telegram_url",
        Shape::Url,
        "With telegram: a Bot API server of one's own. Default: \"https://api.telegram.org\".",
    ),
    may(
        "private_addresses",
        Shape::Flag,
        "Whether a member's webhook may lie on this machine or in the office's own network. Default: false.",
    ),
];

/// Most entries that a first look may take.
pub const MOST_FIRST: u32 = 100;

/// `[[feeds]]`.
pub const FEED: &[Key] = &[
    must(
        "id",
        Shape::Id,
        "Its name in files and the ledger, for ever: a-z, 0-9 and '-', at most 40.",
    ),
    must("title", Shape::Text, "What people call it; may change."),
    must(
        "url",
        Shape::Url,
        "The feed's address: RSS, Atom, JSON Feed, or a news sitemap. `raotin feeds --find` finds it from a page's.",
    ),
    may("topic", Shape::Id, "Its articles' topic."),
    may(
        "channels",
        Shape::Ids,
        "Channels or groups its articles go to. Default: the topic's, else the office's.",
    ),
    may(
        "template",
        Shape::Text,
        "How an entry becomes an article's text, with {title} {text} {link} {topic}. Default: the entry's text.",
    ),
    may(
        "words",
        Shape::Names,
        "Only entries with one of these words in title or text; marks and capitals do not matter. Default: all.",
    ),
    may(
        "without",
        Shape::Names,
        "No entries with one of these words.",
    ),
    may(
        "categories",
        Shape::Names,
        "Only entries of one of these categories. Default: all.",
    ),
    may(
        "max_age",
        Shape::Duration,
        "No older entries. Default: \"30d\".",
    ),
    may(
        "approval",
        words!(APPROVAL),
        "Whether its articles need approval on every channel. Default: \"none\", as each channel says.",
    ),
    may(
        "max_per_day",
        Shape::Count(1, u32::MAX),
        "Articles a local day at most; the others wait for the next. Default: no limit.",
    ),
    may(
        "first",
        Shape::Count(0, MOST_FIRST),
        "How many of the newest entries a new feed's first look takes; 0: none. Default: 3.",
    ),
    may(
        "page",
        Shape::Flag,
        "Whether each new entry's page is read once: for a picture where the feed has none, and for its own address, by which the same is known again. Default: false.",
    ),
    may(
        "every",
        Shape::Duration,
        "How often it is looked at; less often where the site asks for it. Default: \"30m\".",
    ),
    may(
        "enabled",
        Shape::Flag,
        "Whether it is looked at at all. Default: true.",
    ),
];

/// `[fetch]`.
pub const FETCH: &[Key] = &[may(
    "allow",
    Shape::Names,
    "Hosts that may be read although they lie in the own network: names or addresses without a port. Default: none.",
)];

/// `[web]`.
pub const WEB: &[Key] = &[
    may(
        "enabled",
        Shape::Flag,
        "Whether pages are served. Default: true.",
    ),
    may(
        "listen",
        Shape::Text,
        "Where to listen: address:port. Default: \"127.0.0.1:8420\", this machine alone; with `lan`, \"0.0.0.0:8420\".",
    ),
    may(
        "address",
        Shape::Url,
        "The address people open, where a proxy stands before: https://raotin.example.vn.",
    ),
    may(
        "trusted_proxy",
        Shape::Text,
        "Addresses of the reverse proxies or tunnels whose X-Forwarded-For and X-Forwarded-Proto are believed, with commas between.",
    ),
    may(
        "certificate",
        Shape::Text,
        "A PEM file with the own certificate and those between; read again when it changes.",
    ),
    may(
        "key",
        Shape::Text,
        "A PEM file with the certificate's private key.",
    ),
    may(
        "lan",
        Shape::Flag,
        "Plain HTTP for private addresses only: whoever is on the same network can read along. Default: false.",
    ),
];

/// `[office]`.
pub const OFFICE: &[Key] = &[
    must("name", Shape::Text, "What people call the office."),
    may(
        "zone",
        Shape::Zone,
        "Whose local days are counted. Default: \"Asia/Ho_Chi_Minh\".",
    ),
    may(
        "lang",
        words!(LANG),
        "Language of messages. Default: \"vi\".",
    ),
    may(
        "missed",
        words!(MISSED),
        "What becomes of fixed times that passed, and of firings unless their schedule says otherwise: late (share it if within the grace), skip, ask (a person decides). Default: \"ask\".",
    ),
    may(
        "grace",
        Shape::Duration,
        "How late `late` may be. Default: \"2h\".",
    ),
    may(
        "default_channels",
        Shape::Ids,
        "Channels or groups for articles when neither they nor their topic say.",
    ),
    may(
        "approve_own",
        Shape::Flag,
        "Whether a person may approve her own text. Default: false.",
    ),
];

/// `[[channels]]`.
pub const CHANNEL: &[Key] = &[
    must(
        "id",
        Shape::Id,
        "Its name in files, counts and the ledger, for ever: a-z, 0-9 and '-', at most 40.",
    ),
    must("title", Shape::Text, "What people call it; may change."),
    must("platform", words!(PLATFORM), "What kind of place it is."),
    may(
        "mode",
        words!(MODE),
        "Who shares there: post (the program), by-hand (a person), log (nobody: a trial). Default: \"post\" where the platform has an API, else \"by-hand\".",
    ),
    may(
        "account",
        Shape::Text,
        "Channels with the same account share its pacing.",
    ),
    may("url", Shape::Url, "Where a person opens it."),
    may(
        "approval",
        words!(APPROVAL),
        "Whether a share needs approval first. Default: \"none\".",
    ),
    may(
        "max_per_day",
        Shape::Count(1, u32::MAX),
        "Shares a local day at most. Default: no limit.",
    ),
    may(
        "min_gap",
        Shape::Duration,
        "Time between two shares at least. Default: \"10m\" on groups, \"0s\" elsewhere.",
    ),
    may(
        "repeat_after",
        Shape::Duration,
        "How long an article or a link is not repeated there. Default: \"30d\".",
    ),
    may(
        "hours",
        Shape::Hours,
        "When the program may send, in local time. Default: always.",
    ),
    may(
        "after",
        Shape::Id,
        "Wait until the same article is shared on that channel, and link to the post there.",
    ),
    may(
        "link",
        words!(LINK),
        "With `after`: keep the article's own link.",
    ),
    may(
        "hand_within",
        Shape::Duration,
        "How long a task for a person stays open. Default: \"24h\".",
    ),
    may(
        "template",
        Shape::Text,
        "The post's text, with {title} {text} {summary} {link} {topic} {hashtags}, and {?text}…{/text} for what is shown only where there is one.",
    ),
    may(
        "utm",
        Shape::Table(UTM),
        "Tags added to the link: source = \"x\" becomes utm_source=x.",
    ),
    may("topic", Shape::Ids, "The same as topics."),
    may(
        "topics",
        Shape::Ids,
        "Only articles of these topics go there. Default: all.",
    ),
    may(
        "assignees",
        Shape::Ids,
        "Members who do its tasks. Default: any officer.",
    ),
    may(
        "settle_after",
        Shape::Duration,
        "When it is unsure whether a share arrived: how long after the request the last look is taken. Default: \"5m\".",
    ),
    may(
        "settle_gap",
        Shape::Duration,
        "The same: how far apart two looks are. Default: \"60s\".",
    ),
    may(
        "webhook",
        Shape::Table(WEBHOOK),
        "For platform = \"webhook\".",
    ),
    may(
        "telegram",
        Shape::Table(TELEGRAM),
        "For platform = \"telegram\".",
    ),
    may(
        "facebook-page",
        Shape::Table(FACEBOOK_PAGE),
        "For platform = \"facebook-page\".",
    ),
    may(
        "bluesky",
        Shape::Table(BLUESKY),
        "For platform = \"bluesky\".",
    ),
    may(
        "mastodon",
        Shape::Table(MASTODON),
        "For platform = \"mastodon\".",
    ),
    may("matrix", Shape::Table(MATRIX), "For platform = \"matrix\"."),
    may(
        "wordpress",
        Shape::Table(WORDPRESS),
        "For platform = \"wordpress\".",
    ),
];

/// `[channels.utm]`.
pub const UTM: &[Key] = &[
    may("source", Shape::Text, "utm_source"),
    may("medium", Shape::Text, "utm_medium"),
    may("campaign", Shape::Text, "utm_campaign"),
    may("term", Shape::Text, "utm_term"),
    may("content", Shape::Text, "utm_content"),
    may("id", Shape::Text, "utm_id"),
];

/// A reference to a secret.
pub const SECRET: &[Key] = &[
    may("env", Shape::Text, "Name of an environment variable."),
    may(
        "file",
        Shape::Text,
        "A file that only this user may read (chmod 600), from this file's folder on.",
    ),
    may(
        "credential",
        Shape::Text,
        "Name of a systemd credential (LoadCredential=).",
    ),
];

/// `[[topics]]`.
pub const TOPIC: &[Key] = &[
    must(
        "id",
        Shape::Id,
        "Its name in files, counts and the ledger, for ever.",
    ),
    must("title", Shape::Text, "What people call it; may change."),
    may(
        "channels",
        Shape::Ids,
        "Channels or groups its articles go to when nothing else is said.",
    ),
    may(
        "hashtags",
        Shape::Names,
        "What a template's {hashtags} shows, each one word, with or without its #.",
    ),
];

/// `[[groups]]`.
pub const GROUP: &[Key] = &[
    must("id", Shape::Id, "What lists of channels call it."),
    must("channels", Shape::Ids, "The channels it stands for."),
];

/// `schedules/ID.toml`.
pub const SCHEDULE: &[Key] = &[
    must(
        "cron",
        Shape::Cron,
        "When it fires: minute, hour, day of month, month, weekday. `raotin times` shows what an expression means.",
    ),
    must(
        "channels",
        Shape::Ids,
        "Channels or groups it feeds, in order.",
    ),
    may(
        "zone",
        Shape::Zone,
        "In which time zone. Default: the office's.",
    ),
    may(
        "take",
        Shape::Count(1, MOST_TAKEN),
        "Shares a firing takes from each channel's queue. Default: 1.",
    ),
    may(
        "order",
        words!(ORDER),
        "Which waiting share goes first. Default: \"oldest\".",
    ),
    may("topics", Shape::Ids, "Only these topics. Default: all."),
    may(
        "spread",
        Shape::Duration,
        "Over how long its channels are spread. Default: \"0s\", all at once.",
    ),
    may(
        "missed",
        words!(MISSED),
        "What becomes of missed firings. Default: the office's.",
    ),
    may(
        "grace",
        Shape::Duration,
        "How late `late` may be. Default: the office's.",
    ),
    may(
        "enabled",
        Shape::Flag,
        "Whether it fires at all. Default: true.",
    ),
];

/// Most shares a firing can take: it looks at no more of a queue (RULES 2).
pub const MOST_TAKEN: u32 = 200;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::PlatformKind;

    #[test]
    fn the_words_are_those_of_the_model() {
        for (word, mode) in MODE {
            assert_eq!(*word, mode.as_str());
        }
        for (word, kind) in PLATFORM {
            assert_eq!(*word, kind.as_str());
        }
        assert_eq!(PLATFORM.len(), PlatformKind::ALL.len());
    }
}
