//! Which messages of a part are in the room, where a repeat would no longer be known as one.
//!
//! Servers forget transaction ids (Synapse: 24 hours, in older versions 30 minutes), and a new login
//! has none. So the room is read backwards, for messages that hold our own id in their content.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::Value;

use super::client::{Fault, Homeserver};
use super::request::KEY_FIELD;

/// Messages asked for at once; servers give fewer if they want.
const AT_ONCE: &str = "100";
/// So many answers are read: 5,000 messages in a room since the attempt are a busy month.
const MOST_PAGES: usize = 50;
/// The look goes so far behind the attempt, for what clocks differ (RULES 3).
const BEFORE: SignedDuration = SignedDuration::from_hours(1);

/// What was found.
pub(super) struct Found {
    /// Our transaction ids, and the events that hold them.
    pub(super) events: BTreeMap<String, String>,
    /// Whether everything since the attempt was read.
    pub(super) complete: bool,
}

#[derive(Deserialize)]
struct Page {
    chunk: Vec<Event>,
    end: Option<String>,
}

#[derive(Deserialize)]
struct Event {
    event_id: String,
    origin_server_ts: i64,
    #[serde(default)]
    content: Value,
    #[serde(default)]
    unsigned: Value,
}

impl Event {
    /// Our id in it; of one that was taken down only the server's note is left.
    fn key(&self) -> Option<&str> {
        let own = self.content[KEY_FIELD].as_str();
        own.or_else(|| self.unsigned["transaction_id"].as_str())
    }
}

/// Reads the room back to an hour before `since` (by the server's clock).
pub(super) async fn find(
    server: &Homeserver,
    room: &str,
    prefix: &str,
    since: Timestamp,
) -> Result<Found, Fault> {
    let oldest = (since - BEFORE).as_millisecond();
    let segments = ["client", "v3", "rooms", room, "messages"];
    let mut found = Found {
        events: BTreeMap::new(),
        complete: false,
    };
    let mut from: Option<String> = None;
    for _ in 0..MOST_PAGES {
        let mut query = vec![
            ("dir", "b"),
            ("limit", AT_ONCE),
            ("filter", r#"{"types":["m.room.message"]}"#),
        ];
        if let Some(from) = &from {
            query.push(("from", from));
        }
        let page: Page = server.get("messages", &segments, &query).await?;
        for event in &page.chunk {
            if let Some(key) = event.key().filter(|key| key.starts_with(prefix)) {
                found.events.insert(key.to_owned(), event.event_id.clone());
            }
        }
        let passed = page.chunk.iter().any(|e| e.origin_server_ts < oldest);
        match page.end {
            Some(end) if !passed && from.as_ref() != Some(&end) => from = Some(end),
            _ => {
                found.complete = true;
                break;
            }
        }
    }
    Ok(found)
}
