//! Two channels of one account (two Telegram chats of one bot) are never on the wire at once, share
//! its throttling, and hold nobody else; a channel of another account goes meanwhile.
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod support;

use std::time::Duration;

use jiff::SignedDuration;
use raotin::model::{Channel, PlatformKind, State};
use raotin::platform::{SendError, Settling};
use support::{Fail, House, at, channel};

const WHEN: Option<&str> = Some("2026-11-23T00:01:00Z");
const MINUTE: SignedDuration = SignedDuration::from_mins(1);

fn of_bot(name: &str) -> Channel {
    Channel {
        platform: PlatformKind::Telegram,
        account: Some("bot".to_owned()),
        ..channel(name)
    }
}

#[tokio::test]
async fn two_channels_of_one_bot_are_never_on_the_wire_at_once() {
    let channels = vec![of_bot("a"), of_bot("b"), of_bot("c")];
    let mut house = House::new(channels, vec![], Settling::ReadBack);
    house.on_one_server(&["a", "b", "c"]);
    *house.fake("a").slow.lock().unwrap() = Duration::from_secs(30);
    house.start().await;
    for n in 0..4 {
        house.add(&format!("tin {n}"), &["a", "b", "c"], WHEN).await;
    }
    house.pass(MINUTE * 15).await;
    assert_eq!(*house.fake("a").at_once.lock().unwrap(), (0, 1));
    // Who waited for its account is not late by it.
    assert_eq!(house.in_state(State::Shared), 12, "{}", house.story());
    let mut posts = house.posts("a");
    posts.sort();
    posts.dedup();
    assert_eq!(posts.len(), 4);
}

#[tokio::test]
async fn what_the_first_is_told_holds_for_the_one_that_waited() {
    let mut house = House::new(vec![of_bot("a"), of_bot("b")], vec![], Settling::ReadBack);
    house.on_one_server(&["a", "b"]);
    *house.fake("a").slow.lock().unwrap() = Duration::from_secs(30);
    house.start().await;
    let until = at("2026-11-23T00:31:00Z");
    house.fake("a").fail(Fail::Before(SendError::Throttled {
        until,
        reason: "429".into(),
    }));
    house.add("một", &["a", "b"], WHEN).await;
    house.pass(MINUTE * 29).await;
    assert!(house.posts("a").is_empty(), "{}", house.story());
    house.pass(MINUTE * 5).await;
    assert_eq!(house.posts("a").len(), 2);
    assert_eq!(house.fake("a").at_once.lock().unwrap().1, 1);
}

#[tokio::test]
async fn an_account_with_many_channels_holds_no_other() {
    // More than are on the wire at once over all channels.
    let names: Vec<String> = (0..80).map(|n| format!("k{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut channels: Vec<Channel> = names.iter().map(|name| of_bot(name)).collect();
    channels.push(channel("other"));
    let mut house = House::new(channels, vec![], Settling::ReadBack);
    house.on_one_server(&names);
    *house.fake("k0").slow.lock().unwrap() = Duration::from_secs(60);
    house.start().await;
    house.add("của bot", &names, WHEN).await;
    house.add("của kênh kia", &["other"], WHEN).await;
    house.pass(MINUTE + SignedDuration::from_secs(30)).await;
    assert!(house.posts("k0").is_empty());
    assert_eq!(house.posts("other").len(), 1);
}
