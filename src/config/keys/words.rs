//! Words that a value may be.

use super::super::target::Visibility;
use crate::model::PlatformKind;
use crate::model::channel::{Missed, Mode, Order};

/// Words a value may be, and what each means.
pub type Words<T> = &'static [(&'static str, T)];

/// `missed`.
pub const MISSED: Words<Missed> = &[
    ("late", Missed::Late),
    ("skip", Missed::Skip),
    ("ask", Missed::Ask),
];
/// `order`.
pub const ORDER: Words<Order> = &[
    ("oldest", Order::Oldest),
    ("newest", Order::Newest),
    ("priority", Order::Priority),
];
/// `mode`.
pub const MODE: Words<Mode> = &[
    ("post", Mode::Post),
    ("by-hand", Mode::ByHand),
    ("log", Mode::Log),
];

/// `approval`: whether it is required.
pub const APPROVAL: Words<bool> = &[("none", false), ("required", true)];
/// `link`: the article's own, even where `after` would put the other share's address.
pub const LINK: Words<()> = &[("own", ())];
/// `visibility`.
pub const VISIBILITY: Words<Visibility> = &[
    ("public", Visibility::Public),
    ("unlisted", Visibility::Unlisted),
    ("private", Visibility::Private),
];
/// `lang`.
pub const LANG: Words<&str> = &[("vi", "vi"), ("en", "en")];
/// `platform`.
pub const PLATFORM: Words<PlatformKind> = &[
    ("facebook-page", PlatformKind::FacebookPage),
    ("telegram", PlatformKind::Telegram),
    ("webhook", PlatformKind::Webhook),
    ("bluesky", PlatformKind::Bluesky),
    ("mastodon", PlatformKind::Mastodon),
    ("matrix", PlatformKind::Matrix),
    ("wordpress", PlatformKind::Wordpress),
    ("facebook-group", PlatformKind::FacebookGroup),
    ("facebook-profile", PlatformKind::FacebookProfile),
    ("zalo-group", PlatformKind::ZaloGroup),
    ("other", PlatformKind::Other),
];

/// A value that is one of these.
macro_rules! words {
    ($words:ident) => {
        Shape::Word(|| $words.iter().map(|(word, _)| *word).collect())
    };
}
