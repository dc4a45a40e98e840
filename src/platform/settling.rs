//! How each platform settles a doubtful send: one table, for the program, for `docs/settling.md` and
//! for the test that compares the two.

use super::Settling;
use crate::model::PlatformKind;

/// One platform's way.
#[derive(Debug, Clone, Copy)]
pub struct Way {
    /// Which platform.
    pub platform: PlatformKind,
    /// In which way.
    pub by: Settling,
    /// What is asked.
    pub asks: &'static str,
    /// What shows that it is there.
    pub posted: &'static str,
    /// What shows that it is not.
    pub not_posted: &'static str,
    /// When a person must look.
    pub person: &'static str,
}

/// Every platform with an API, in the order of the docs.
pub const WAYS: [Way; 7] = [
    Way {
        platform: PlatformKind::FacebookPage,
        by: Settling::ReadBack,
        asks: "`published_posts` of the Page, every page of the list, from 1 h before the attempt by Facebook's clock",
        posted: "a post with one of the attempt's own photos, or with the same text and the same link or kind of picture, that is no other share's receipt",
        not_posted: "two complete lists without anything alike, at least 60 s apart, the last at least 5 min after the request began",
        person: "a post with the same link or nearly the same text, but not equal",
    },
    Way {
        platform: PlatformKind::Telegram,
        by: Settling::AskPerson,
        asks: "nothing: a bot cannot read what was posted, and Telegram knows no key for a message",
        posted: "a person says so",
        not_posted: "a person says so",
        person: "always; the page of the channel or group is given where it has a public name",
    },
    Way {
        platform: PlatformKind::Webhook,
        by: Settling::Replay,
        asks: "the same request again: same `webhook-id`, same body; the receiver takes an id once",
        posted: "an answer of 2xx",
        not_posted: "never: an answer that is no 2xx does not tell about the first request",
        person: "the receiver answers the repeat with 409 or another 4xx (410 and 429 apart: the channel is paused, or waits)",
    },
    Way {
        platform: PlatformKind::Bluesky,
        by: Settling::Replay,
        asks: "the record under the share's own key (`getRecord`); where there is none, the same record again (`putRecord`)",
        posted: "the record there is the one that was sent, or the repeat is taken: one record a key, so never two posts",
        not_posted: "never: what is not there is put there",
        person: "another text stands under the key",
    },
    Way {
        platform: PlatformKind::Mastodon,
        by: Settling::ReadBack,
        asks: "the account's own statuses, every page of the list, from 1 h before the attempt by the server's clock",
        posted: "a status with one of the attempt's own pictures, or with the same words in reply to the same status, that is no other share's receipt",
        not_posted: "two complete lists without anything alike, at least 60 s apart, the last at least 5 min after the request began",
        person: "a status with the same link or nearly the same words, but not equal",
    },
    Way {
        platform: PlatformKind::Matrix,
        by: Settling::Replay,
        asks: "the same message again under the same transaction id, within 20 minutes and from the same login; later the room, read back to 1 h before the attempt, for the id in the messages",
        posted: "the event that the server names, or that holds the id",
        not_posted: "the room read back whole without any message of the part",
        person: "the repeat is refused; or over 5,000 messages were written in the room since",
    },
    Way {
        platform: PlatformKind::Wordpress,
        by: Settling::TwoPhase,
        asks: "the draft that was prepared, by its number",
        posted: "it is published, or waits for its time",
        not_posted: "it is a draft still",
        person: "it is gone, in the bin, or waits for review",
    },
];

/// A platform's way.
pub const fn way(platform: PlatformKind) -> Settling {
    match platform {
        PlatformKind::FacebookPage | PlatformKind::Mastodon => Settling::ReadBack,
        PlatformKind::Webhook | PlatformKind::Bluesky | PlatformKind::Matrix => Settling::Replay,
        PlatformKind::Wordpress => Settling::TwoPhase,
        _ => Settling::AskPerson,
    }
}

/// The table of `docs/settling.md`, in Markdown.
pub fn table() -> String {
    let mut out = String::from(
        "| platform | way | what is asked | it is there | it is not there | a person looks |\n|---|---|---|---|---|---|\n",
    );
    for way in WAYS {
        out.push_str(&format!(
            "| `{}` | {:?} | {} | {} | {} | {} |\n",
            way.platform.as_str(),
            way.by,
            way.asks,
            way.posted,
            way.not_posted,
            way.person
        ));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_holds_every_platform_with_an_api_and_its_way() {
        for platform in PlatformKind::ALL {
            let row = WAYS.iter().find(|w| w.platform == platform);
            assert_eq!(row.is_some(), platform.has_api(), "{platform:?}");
            if let Some(row) = row {
                assert_eq!(row.by, way(platform));
            }
        }
    }
}
