//! Promise: `upcoming` shows exactly what will go where and when.
#![allow(
    clippy::unwrap_used,
    reason = "what fails here fails the test, and says where"
)]

mod support;

use std::sync::Arc;

use jiff::SignedDuration;
use raotin::clock::Clock;
use raotin::config::Config;
use raotin::model::channel::Order;
use raotin::model::upcoming::{Considered, upcoming};
use raotin::model::*;
use raotin::platform::Settling;
use raotin::store::outlook::StoreOutlook;
use raotin::store::{ShareAsk, Store};
use support::*;

const MINUTE: SignedDuration = SignedDuration::from_mins(1);

fn shown(house: &House, days: i64) -> Vec<(jiff::Timestamp, ChannelId, ShareId)> {
    let config: Arc<Config> = house.config.borrow().clone();
    let now = house.clock.now();
    let schedules: Vec<_> = config
        .schedules
        .iter()
        .map(|schedule| Considered {
            schedule,
            cursor: now,
        })
        .collect();
    let ask = ShareAsk {
        states: vec![State::Planned],
        limit: 1000,
        ..ShareAsk::default()
    };
    let planned = house.store.shares(&ask).unwrap();
    let until = now + SignedDuration::from_hours(24 * days);
    let outlook = StoreOutlook(&*house.store);
    let coming = upcoming(now, until, &schedules, &*config, &outlook, planned).unwrap();
    coming
        .into_iter()
        .map(|c| (c.at, c.channel, c.share))
        .collect()
}

fn happened(house: &House) -> Vec<(jiff::Timestamp, ChannelId, ShareId)> {
    let ask = ShareAsk {
        states: vec![State::Shared],
        limit: 1000,
        ..ShareAsk::default()
    };
    let mut shares: Vec<_> = house
        .store
        .shares(&ask)
        .unwrap()
        .into_iter()
        .map(|s| (s.planned_for.unwrap(), s.channel, s.id))
        .collect();
    shares.sort();
    shares
}

#[tokio::test]
async fn two_days_of_a_busy_office_go_as_shown() {
    let mut page = channel("page");
    page.min_gap = MINUTE * 45;
    page.max_per_day = Some(4);
    let mut group = channel("group");
    group.hours = hours(9, 17);
    group.min_gap = MINUTE * 10;
    let mut late = channel("late");
    late.after = Some(id("website"));
    let mut newest = schedule("newest", "*/50 * * * *", &["group", "page"]);
    newest.order = Order::Newest;
    let mut morning = schedule("morning", "30 8 * * 1-5", &["page", "group", "late"]);
    morning.take = 2;
    morning.spread = MINUTE * 30;
    let web = schedule("web", "0 10,15 * * *", &["website"]);
    let mut house = House::new(
        vec![page, group, late, channel("website")],
        vec![newest, morning, web],
        Settling::Replay,
    );
    house.start().await;
    for n in 0..14 {
        let link = (n % 5 == 0).then(|| format!("https://tin.vn/{}", n % 2));
        house
            .add_with(
                &format!("tin {n}"),
                link.as_deref(),
                &["page", "group"],
                None,
            )
            .await;
        if n % 3 == 0 {
            house
                .add(&format!("web {n}"), &["website", "late"], None)
                .await;
        }
    }
    house
        .add("hẹn giờ", &["page"], Some("2026-11-23T05:00:00Z"))
        .await;
    let shown = shown(&house, 2);
    house.pass(SignedDuration::from_hours(48)).await;
    let happened = happened(&house);
    assert!(happened.len() > 20, "{}", happened.len());
    assert_eq!(shown, happened);
}
