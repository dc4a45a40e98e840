//! What holds where a file says nothing. RULES 2, 3 and 9 unless another reason is given.

use jiff::SignedDuration;

use crate::model::channel::Missed;

/// The office's zone: the program is made for Vietnam, which has one.
pub const ZONE: &str = "Asia/Ho_Chi_Minh";
/// The office's language.
pub const LANG: &str = "vi";
/// What becomes of fixed times that passed, and of firings unless their schedule says otherwise: a
/// person knows whether yesterday's news is still news.
pub const MISSED: Missed = Missed::Ask;
/// How late `late` may be.
pub const GRACE: SignedDuration = SignedDuration::from_hours(2);
/// Between two shares in a group: its members did not choose each post.
pub const MIN_GAP_IN_GROUPS: SignedDuration = SignedDuration::from_mins(10);
/// Between two shares anywhere else.
pub const MIN_GAP: SignedDuration = SignedDuration::ZERO;
/// How long an article or a link is not repeated on a channel.
pub const REPEAT_AFTER: SignedDuration = SignedDuration::from_hours(30 * 24);
/// How long a hand task stays open.
pub const HAND_WITHIN: SignedDuration = SignedDuration::from_hours(24);
/// ReadBack: how long after a request the last look is taken.
pub const SETTLE_AFTER: SignedDuration = SignedDuration::from_mins(5);
/// ReadBack: how far apart two looks are.
pub const SETTLE_GAP: SignedDuration = SignedDuration::from_secs(60);
/// Shares a firing takes from each channel.
pub const TAKE: u32 = 1;
/// Telegram's Bot API (<https://core.telegram.org/bots/api#making-requests>).
pub const TELEGRAM_URL: &str = "https://api.telegram.org";
/// Facebook's Graph API (<https://developers.facebook.com/docs/graph-api/overview>).
pub const FACEBOOK_URL: &str = "https://graph.facebook.com";
/// The server of accounts that name none: Bluesky's own entryway, which leads to each account's PDS.
pub const BLUESKY_URL: &str = "https://bsky.social";
/// The Graph API version whose published specification our requests are checked against.
pub const GRAPH_VERSION: &str = "v25.0";

/// How often a feed is looked at: an office publishes a few times a day, and half an hour is soon.
pub const FEED_EVERY: SignedDuration = SignedDuration::from_mins(30);
/// Nobody's server is asked more often.
pub const SHORTEST_FEED: SignedDuration = SignedDuration::from_mins(1);
/// A feed looked at less often than this would lose entries.
pub const LONGEST_FEED: SignedDuration = SignedDuration::from_hours(7 * 24);
/// News of last month is none; and a feed that shows its archive again floods nobody.
pub const FEED_MAX_AGE: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Of what stands in a new feed: enough to see that it works, too little to flood a channel.
pub const FEED_FIRST: u32 = 3;

/// Longest spread: a firing that is spread over more than a day runs into the next day's.
pub const LONGEST_SPREAD: SignedDuration = SignedDuration::from_hours(24);
/// Longest duration anywhere, ten years: instants far from now stay instants that can be written.
pub const LONGEST: SignedDuration = SignedDuration::from_hours(10 * 366 * 24);
