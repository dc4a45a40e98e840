//! What each platform takes in one post.
//!
//! Sources: Telegram, the Bot API's own words (10.1: text “1-4096 characters after entities parsing”,
//! caption 0-1024, albums of 2-10). It counts them as characters, seen; UTF-16 units are never
//! fewer, and so safe if it ever counts as its clients do. Facebook: 63,206 characters and 10
//! pictures, as other publishers keep to; Meta does not write it down. Places without an API are
//! served by a person, who sees what the place does with it; their limits are from memory.
//!
//! Pictures. Facebook: JPEG and PNG, and “over 4 MB” is its subcode 1366046; it shows 2048 pixels
//! (its help on photo quality). Telegram, sendPhoto: 10 MB, width and height together at most 10,000,
//! ratio at most 20; clients show 2560. Bluesky, the lexicons `app.bsky.embed.images` (2,000,000
//! bytes) and `app.bsky.embed.external` (1,000,000); its own app sends 2000 pixels. Mastodon: what its
//! API's documentation gives, and the server's own word above it. Matrix: what a server tells
//! (`m.upload.size`); Synapse makes no small picture of more than 32 million pixels. WordPress scales
//! what is larger than 2560 (`big_image_size_threshold`). What each shows is from memory where no
//! document is named; it decides about nothing but how far a picture is reduced that does not fit.

use serde::{Deserialize, Serialize};

use crate::model::{Part, PlatformKind};
use crate::picture::{Kind, Kinds, Takes};

use super::count::Unit;

/// Longest Telegram message.
pub const TELEGRAM_TEXT: usize = 4096;
/// Longest text under a Telegram photo or album.
pub const TELEGRAM_CAPTION: usize = 1024;
/// Most pictures of a Telegram album.
pub const TELEGRAM_PICTURES: usize = 10;
/// Longest Facebook post.
pub const FACEBOOK_TEXT: usize = 63_206;
/// Most pictures of a Facebook post.
pub const FACEBOOK_PICTURES: usize = 10;
/// Longest Zalo chat message. From memory, on the careful side: a longer one is split by Zalo.
pub const ZALO_TEXT: usize = 2_000;
/// Most pictures sent to a Zalo group at once. From memory.
pub const ZALO_PICTURES: usize = 50;
/// A webhook's receiver decides for itself; this only keeps a mistake from filling its memory. Above
/// the longest article with its title, so nothing is cut.
pub const WEBHOOK_TEXT: usize = 100_000;
/// As above: more than any article has.
pub const WEBHOOK_PICTURES: usize = 100;
/// Longest Bluesky post, in graphemes; 3,000 bytes besides (`app.bsky.feed.post`), see
/// [`Unit::Bluesky`].
pub const BLUESKY_TEXT: usize = 300;
/// Most pictures of a Bluesky post (`app.bsky.embed.images`).
pub const BLUESKY_PICTURES: usize = 4;
/// Longest Mastodon status where the server does not say otherwise (its documentation: 500).
pub const MASTODON_TEXT: usize = 500;
/// Most pictures of a Mastodon status, the same.
pub const MASTODON_PICTURES: usize = 4;
/// Most posts of one thread: more is an article, which readers follow the link for, and which would
/// fill the timelines of all who follow the office.
pub const MOST_IN_THREAD: usize = 10;
/// Longest Matrix message. An event has 65,536 bytes at most (spec, “Size limits”), with its frame of
/// under 5,000: so many characters of 4 bytes each always fit as plain text, and an ordinary article
/// fits with its formatted twin.
pub const MATRIX_TEXT: usize = 14_000;
/// Each picture is a message of its own; a server's usual burst is 10 (Synapse, `rc_message`).
pub const MATRIX_PICTURES: usize = 9;
/// Longest article on a website: nothing is cut there.
pub const WORDPRESS_TEXT: usize = 70_000;
/// Most pictures of an article on a website; each is uploaded by itself.
pub const WORDPRESS_PICTURES: usize = 50;
/// Nobody knows what another place takes; as long as the longest article with title and link.
pub const OTHER_TEXT: usize = 70_000;
/// As above.
pub const OTHER_PICTURES: usize = 100;

/// A picture of any size: nobody here knows better.
const ANY_PICTURE: Takes = Takes {
    bytes: usize::MAX,
    kinds: Kinds::ALL,
    side: u32::MAX,
    sides: u32::MAX,
    pixels: u64::MAX,
    ratio: u32::MAX,
    shown: u32::MAX,
};
/// A picture on Facebook.
pub const FACEBOOK_PICTURE: Takes = Takes {
    bytes: 4_000_000,
    kinds: Kinds::of(&[Kind::Jpeg, Kind::Png]),
    shown: 2048,
    ..ANY_PICTURE
};
/// A photo on Telegram.
pub const TELEGRAM_PICTURE: Takes = Takes {
    bytes: 10_000_000,
    kinds: Kinds::of(&[Kind::Jpeg, Kind::Png, Kind::Webp]),
    sides: 10_000,
    ratio: 20,
    shown: 2560,
    ..ANY_PICTURE
};
/// A picture on Bluesky.
pub const BLUESKY_PICTURE: Takes = Takes {
    bytes: 2_000_000,
    shown: 2000,
    ..ANY_PICTURE
};
/// The picture of a link's card on Bluesky.
pub const BLUESKY_CARD: Takes = Takes {
    bytes: 1_000_000,
    ..BLUESKY_PICTURE
};
/// A picture on Mastodon, where the server does not say otherwise.
pub const MASTODON_PICTURE: Takes = Takes {
    bytes: 16 << 20,
    pixels: 16_777_216,
    shown: 3840,
    ..ANY_PICTURE
};
/// A picture in a Matrix room, where the server names no limit of its own.
pub const MATRIX_PICTURE: Takes = Takes {
    bytes: 10 << 20,
    pixels: 32_000_000,
    shown: 2560,
    ..ANY_PICTURE
};
/// A picture of an article on a website. Its own limit is told by no request; one over it is refused
/// there (413).
pub const WORDPRESS_PICTURE: Takes = Takes {
    bytes: 10 << 20,
    shown: 2560,
    ..ANY_PICTURE
};

/// What a platform takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How it counts.
    pub unit: Unit,
    /// Longest text of a part without pictures.
    pub text: usize,
    /// Longest text of a part with pictures. Where it is less than `text`, a longer text follows the
    /// pictures as a reply.
    pub caption: usize,
    /// Most pictures of a part.
    pub pictures: usize,
    /// What a picture may be.
    pub picture: Takes,
    /// Most parts of a text that is too long for one; 1 where it is cut instead.
    pub thread: usize,
}

/// What a server says it takes, where servers of one platform differ (Mastodon). It is read from the
/// server and holds in place of what is usual.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToldLimits {
    /// Longest text of a part, by the platform's own count.
    pub text: usize,
    /// Most pictures of a part.
    pub pictures: usize,
    /// Bytes of a picture; as usual, if it does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture_bytes: Option<usize>,
    /// Pixels of a picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture_pixels: Option<u64>,
    /// Kinds of pictures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture_kinds: Option<Kinds>,
}

impl Limits {
    /// The limits of a server that has told its own.
    #[must_use]
    pub fn as_told(self, told: Option<ToldLimits>) -> Limits {
        match told {
            None => self,
            Some(told) => Limits {
                text: told.text,
                caption: told.text,
                pictures: told.pictures,
                picture: Takes {
                    bytes: told.picture_bytes.unwrap_or(self.picture.bytes),
                    pixels: told.picture_pixels.unwrap_or(self.picture.pixels),
                    kinds: told.picture_kinds.unwrap_or(self.picture.kinds),
                    ..self.picture
                },
                ..self
            },
        }
    }
}

/// What a picture of this part may be: one beside a link is a card's on Bluesky.
pub fn picture_of(platform: PlatformKind, part: &Part, told: Option<ToldLimits>) -> Takes {
    if platform == PlatformKind::Bluesky && part.link.is_some() && part.pictures.len() <= 1 {
        return BLUESKY_CARD;
    }
    limits(platform).as_told(told).picture
}

/// What a platform takes.
pub fn limits(platform: PlatformKind) -> Limits {
    let same = |unit, text, pictures| Limits {
        unit,
        text,
        caption: text,
        pictures,
        picture: ANY_PICTURE,
        thread: 1,
    };
    let showing = |picture, limits: Limits| Limits { picture, ..limits };
    let threads = |limits: Limits| Limits {
        thread: MOST_IN_THREAD,
        ..limits
    };
    match platform {
        PlatformKind::Telegram => Limits {
            unit: Unit::Utf16,
            text: TELEGRAM_TEXT,
            caption: TELEGRAM_CAPTION,
            pictures: TELEGRAM_PICTURES,
            picture: TELEGRAM_PICTURE,
            thread: 1,
        },
        PlatformKind::FacebookPage
        | PlatformKind::FacebookGroup
        | PlatformKind::FacebookProfile => showing(
            FACEBOOK_PICTURE,
            same(Unit::Characters, FACEBOOK_TEXT, FACEBOOK_PICTURES),
        ),
        PlatformKind::Webhook => same(Unit::Characters, WEBHOOK_TEXT, WEBHOOK_PICTURES),
        PlatformKind::Bluesky => showing(
            BLUESKY_PICTURE,
            threads(same(Unit::Bluesky, BLUESKY_TEXT, BLUESKY_PICTURES)),
        ),
        PlatformKind::Mastodon => showing(
            MASTODON_PICTURE,
            threads(same(Unit::Mastodon, MASTODON_TEXT, MASTODON_PICTURES)),
        ),
        PlatformKind::Matrix => showing(
            MATRIX_PICTURE,
            same(Unit::Characters, MATRIX_TEXT, MATRIX_PICTURES),
        ),
        PlatformKind::Wordpress => showing(
            WORDPRESS_PICTURE,
            same(Unit::Characters, WORDPRESS_TEXT, WORDPRESS_PICTURES),
        ),
        PlatformKind::ZaloGroup => same(Unit::Utf16, ZALO_TEXT, ZALO_PICTURES),
        PlatformKind::Other => same(Unit::Graphemes, OTHER_TEXT, OTHER_PICTURES),
    }
}
