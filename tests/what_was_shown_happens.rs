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
use raotin::model::upcoming::{Coming, Considered, upcoming};
use raotin::model::*;
use raotin::platform::Settling;
use raotin::store::almanac::Almanac;
use raotin::store::outlook::StoreOutlook;
use raotin::store::{ShareAsk, Store};
use support::*;

const MINUTE: SignedDuration = SignedDuration::from_mins(1);

fn coming(house: &House, days: i64) -> Vec<Coming> {
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
    let rounds = Almanac::default().standings(&*house.store).unwrap();
    upcoming(now, until, &schedules, &*config, &outlook, planned, rounds).unwrap()
}

fn shown(house: &House, days: i64) -> Vec<(jiff::Timestamp, ChannelId, ShareId)> {
    let coming = coming(house, days).into_iter();
    coming
        .map(|c| (c.at, c.channel, c.what.share().unwrap()))
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

/// Articles with a rule come round where and when it was shown, though the queue is full of others,
/// their channel has its gap, its hours and its most a day, and one of them is done with.
#[tokio::test]
async fn articles_come_round_as_shown() {
    let mut page = channel("page");
    page.min_gap = MINUTE * 45;
    page.max_per_day = Some(3);
    page.hours = hours(6, 21);
    let mut newest = schedule("newest", "10 */4 * * *", &["group"]);
    newest.order = Order::Newest;
    let mut morning = schedule("morning", "30 8,14 * * *", &["page", "group"]);
    morning.take = 2;
    morning.spread = MINUTE * 30;
    let mut house = House::new(
        vec![page, channel("group"), channel("nowhere")],
        vec![newest, morning],
        Settling::Replay,
    );
    house.start().await;
    let rule = |days, at_most| Evergreen {
        every: Every::days(days).unwrap(),
        until: None,
        at_most,
    };
    let mut articles = Vec::new();
    for (text, days, at_most) in [
        ("mỗi ngày", 1, Some(3)),
        ("hai ngày", 2, None),
        ("ba ngày", 3, None),
    ] {
        let (article, _) = house.add(text, &["page", "group", "nowhere"], None).await;
        let rule = Some(rule(days, at_most));
        let rule = Event::ArticleEvergreen { article, rule };
        house.commit(vec![rule], Vec::new()).await;
        articles.push(article);
    }
    let daily = articles[0];
    let at = Some("2026-11-23T05:00:00Z");
    let (fixed, _) = house.add("hẹn giờ", &["page"], at).await;
    let again = Event::ArticleEvergreen {
        article: fixed,
        rule: Some(rule(1, None)),
    };
    house.commit(vec![again], Vec::new()).await;
    for n in 0..6 {
        house
            .add(&format!("tin {n}"), &["page", "group"], None)
            .await;
    }
    let coming = coming(&house, 4);
    let turns = coming.iter().filter_map(|c| c.what.turn());
    assert!(turns.count() > 5, "{coming:?}");
    let daily = coming
        .iter()
        .filter(|c| c.article == daily && c.channel == id("group"));
    let daily: Vec<_> = daily.filter_map(|c| c.what.turn()).collect();
    assert_eq!(daily, [2, 3], "at most three times, the first included");
    let shown: Vec<_> = coming
        .into_iter()
        .map(|c| (c.at, c.channel, c.article))
        .collect();
    house.pass(SignedDuration::from_hours(4 * 24)).await;
    let article = |share| house.share(share).article;
    let happened: Vec<_> = happened(&house)
        .into_iter()
        .map(|(at, channel, share)| (at, channel, article(share)))
        .collect();
    assert_eq!(shown, happened);
}
