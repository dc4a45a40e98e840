//! Promise: what a schedule takes, from which queue, and when, is what RULES 2 says.
#![allow(
    clippy::unwrap_used,
    reason = "what fails here fails the test, and says where"
)]

mod support;

use jiff::SignedDuration;
use raotin::model::channel::{Missed, Mode, Order};
use raotin::model::*;
use raotin::platform::Settling;
use raotin::store::Store;
use support::*;

const MINUTE: SignedDuration = SignedDuration::from_mins(1);
const HOUR: SignedDuration = SignedDuration::from_hours(1);

async fn house(channels: Vec<Channel>, schedules: Vec<Schedule>) -> House {
    let mut house = House::new(channels, schedules, Settling::Replay);
    house.start().await;
    house
}

#[tokio::test]
async fn a_firing_takes_one_from_each_channel_in_the_order_of_the_queue() {
    let house = house(
        vec![channel("a"), channel("b")],
        vec![schedule("sang", "30 7 * * *", &["a", "b"])],
    )
    .await;
    house.add("một", &["a", "b"], None).await;
    house.add("hai", &["a"], None).await;
    house.pass(MINUTE * 29).await;
    assert!(house.posts("a").is_empty());
    house.pass(MINUTE * 2).await;
    assert_eq!(house.posts("a"), ["một"]);
    assert_eq!(house.posts("b"), ["một"]);
    house.pass(HOUR * 24).await;
    assert_eq!(house.posts("a"), ["một", "hai"]);
    assert_eq!(house.posts("b"), ["một"]);
}

#[tokio::test]
async fn newest_takes_the_last_added_first_and_take_says_how_many() {
    let mut s = schedule("s", "*/10 * * * *", &["a"]);
    s.order = Order::Newest;
    s.take = 2;
    let house = house(vec![channel("a")], vec![s]).await;
    for text in ["một", "hai", "ba"] {
        house.add(text, &["a"], None).await;
    }
    house.pass(MINUTE * 11).await;
    assert_eq!(house.posts("a"), ["ba", "hai"], "{}", house.story());
    house.pass(MINUTE * 10).await;
    assert_eq!(house.posts("a"), ["ba", "hai", "một"]);
}

#[tokio::test]
async fn spread_sets_channels_apart_and_min_gap_sets_shares_apart() {
    let mut s = schedule("s", "0 8 * * *", &["a", "b"]);
    s.spread = MINUTE * 30;
    s.take = 2;
    let mut a = channel("a");
    a.min_gap = MINUTE * 10;
    let house = house(vec![a, channel("b")], vec![s]).await;
    let (_, one) = house.add("một", &["a", "b"], None).await;
    let (_, two) = house.add("hai", &["a", "b"], None).await;
    house.pass(MINUTE * 60).await;
    // 08:00 in Vietnam is 01:00Z.
    assert_eq!(
        house.share(one[0]).count.unwrap().at,
        at("2026-11-23T01:00:00Z")
    );
    assert_eq!(house.share(two[0]).due, Some(at("2026-11-23T01:10:00Z")));
    assert_eq!(house.share(one[1]).due, Some(at("2026-11-23T01:15:00Z")));
    // No gap there: the order is kept all the same.
    assert_eq!(
        house.share(two[1]).due,
        Some(at("2026-11-23T01:15:00.001Z"))
    );
}

#[tokio::test]
async fn a_full_day_takes_no_more_and_the_queue_keeps_its_order() {
    let mut a = channel("a");
    a.max_per_day = Some(2);
    let house = house(vec![a], vec![schedule("s", "0 * * * *", &["a"])]).await;
    for text in ["một", "hai", "ba"] {
        house.add(text, &["a"], None).await;
    }
    house.pass(HOUR * 16).await; // to 23:00
    assert_eq!(house.posts("a"), ["một", "hai"]);
    house.pass(HOUR * 2).await; // past midnight
    assert_eq!(house.posts("a"), ["một", "hai", "ba"]);
}

#[tokio::test]
async fn outside_its_hours_a_channel_is_left_alone() {
    let mut a = channel("a");
    a.hours = hours(8, 17);
    let house = house(vec![a], vec![schedule("s", "*/30 * * * *", &["a"])]).await;
    let (_, early) = house.add("một", &["a"], None).await;
    let (_, fixed) = house.add("hai", &["a"], Some("2026-11-23T00:10:00Z")).await;
    house.pass(MINUTE * 40).await;
    assert!(house.posts("a").is_empty());
    assert_eq!(house.cause(fixed[0]), Some(Cause::Hours));
    assert_eq!(house.share(early[0]).due, Some(at("2026-11-23T01:00:00Z")));
    house.pass(MINUTE * 21).await;
    assert_eq!(house.in_state(State::Shared), 2);
}

#[tokio::test]
async fn the_same_link_is_passed_over_for_thirty_days() {
    let house = house(vec![channel("a")], vec![schedule("s", "0 9 * * *", &["a"])]).await;
    house
        .add_with("một", Some("https://tin.vn/x?utm_source=fb"), &["a"], None)
        .await;
    let (_, again) = house
        .add_with("hai", Some("http://www.tin.vn/x/"), &["a"], None)
        .await;
    house.add("ba", &["a"], None).await;
    house.pass(HOUR * 50).await;
    assert_eq!(house.posts("a").len(), 2, "{:?}", house.posts("a"));
    assert_eq!(house.state(again[0]), State::Waiting);
}

#[tokio::test]
async fn after_waits_for_the_website_and_takes_its_address() {
    let mut page = channel("page");
    page.after = Some(id("website"));
    let house = house(
        vec![channel("website"), page],
        vec![
            schedule("w", "0 9 * * *", &["website"]),
            schedule("p", "0 * * * *", &["page"]),
        ],
    )
    .await;
    let (_, shares) = house
        .add_with(
            "một",
            Some("https://tin.vn/goc"),
            &["website", "page"],
            None,
        )
        .await;
    let (_, held) = house
        .add("hai", &["website", "page"], Some("2026-11-23T00:20:00Z"))
        .await;
    house.pass(HOUR + MINUTE * 30).await; // 08:30: nothing on the website but what was fixed
    assert_eq!(house.state(shares[1]), State::Waiting);
    assert_eq!(
        house.state(held[1]),
        State::Shared,
        "its own share there came first"
    );
    house.pass(HOUR * 2).await;
    assert_eq!(house.state(shares[1]), State::Shared);
    assert!(
        house
            .posts("page")
            .iter()
            .any(|p| p.contains("https://example.vn/p"))
    );
}

#[tokio::test]
async fn a_share_held_in_vain_lets_others_go_and_can_be_freed() {
    let mut page = channel("page");
    page.after = Some(id("website"));
    let house = house(vec![channel("website"), page], vec![]).await;
    let (_, held) = house
        .add("một", &["website", "page"], Some("2026-11-23T00:20:00Z"))
        .await;
    let why = Why::new(Cause::Person);
    house
        .commit(
            vec![Event::ShareCancelled {
                share: held[0],
                why,
            }],
            vec![],
        )
        .await;
    let (_, other) = house
        .add("hai", &["page"], Some("2026-11-23T00:21:00Z"))
        .await;
    house.pass(MINUTE * 30).await;
    assert_eq!(
        (house.state(held[1]), house.state(other[0])),
        (State::Planned, State::Shared)
    );
    house
        .commit(vec![Event::ShareFreed { share: held[1] }], vec![])
        .await;
    house.pass(MINUTE).await;
    assert_eq!(house.state(held[1]), State::Shared);
}

#[tokio::test]
async fn a_paused_channel_is_not_made_up_for_on_resume() {
    let house = house(vec![channel("a")], vec![schedule("s", "0 * * * *", &["a"])]).await;
    for text in ["một", "hai", "ba"] {
        house.add(text, &["a"], None).await;
    }
    let pause = Event::Paused {
        channel: Some(id("a")),
        why: Why::new(Cause::Person),
        until: None,
    };
    house.commit(vec![pause], vec![]).await;
    house.pass(HOUR * 5).await;
    assert!(house.posts("a").is_empty());
    house
        .commit(
            vec![Event::Resumed {
                channel: Some(id("a")),
            }],
            vec![],
        )
        .await;
    house.pass(MINUTE * 50).await;
    assert!(house.posts("a").is_empty());
    house.pass(MINUTE * 20).await;
    assert_eq!(house.posts("a"), ["một"]);
}

#[tokio::test]
async fn pausing_everything_gives_planned_shares_back_and_asks_about_fixed_ones() {
    let mut s = schedule("s", "0 8 * * *", &["a", "b"]);
    s.spread = HOUR * 2;
    let house = house(vec![channel("a"), channel("b")], vec![s]).await;
    let (_, queued) = house.add("một", &["a", "b"], None).await;
    let (_, fixed) = house.add("hai", &["a"], Some("2026-11-23T01:30:00Z")).await;
    house.pass(HOUR + MINUTE).await;
    let pause = Event::Paused {
        channel: None,
        why: Why::new(Cause::Person),
        until: None,
    };
    house.commit(vec![pause], vec![]).await;
    house.pass(HOUR * 2).await;
    assert_eq!(house.state(queued[0]), State::Shared);
    assert_eq!(
        (house.state(queued[1]), house.cause(queued[1])),
        (State::Waiting, Some(Cause::Paused))
    );
    assert_eq!(
        (house.state(fixed[0]), house.cause(fixed[0])),
        (State::Missed, Some(Cause::Paused))
    );
}

async fn after_a_night(missed: Missed, off: SignedDuration) -> House {
    let mut s = schedule("s", "0 8 * * *", &["a"]);
    s.missed = missed;
    let mut house = house(vec![channel("a")], vec![s]).await;
    house.add("một", &["a"], None).await;
    house.add("hai", &["a"], None).await;
    house.pass(MINUTE).await;
    house.stop().await;
    house.clock.advance(off);
    house.start().await;
    house.pass(MINUTE).await;
    house
}

#[tokio::test]
async fn missed_firings_are_made_up_for_once_asked_about_or_skipped() {
    let sid = ScheduleId::new("s").unwrap();
    // Off from 07:01 to 09:01: 08:00 is an hour ago.
    let late = after_a_night(Missed::Late, HOUR * 2).await;
    assert_eq!(late.posts("a"), ["một"], "{}", late.story());
    // Off for two days and two hours: two instants, one decision.
    let late = after_a_night(Missed::Late, HOUR * 50).await;
    assert_eq!(late.posts("a"), ["một"]);
    // Past the grace.
    let late = after_a_night(Missed::Late, HOUR * 4).await;
    assert!(late.posts("a").is_empty());
    let ask = after_a_night(Missed::Ask, HOUR * 50).await;
    let asked = ask.store.schedule(&sid).unwrap().unwrap().asked.unwrap();
    assert_eq!(
        (asked.count, asked.instant),
        (3, at("2026-11-25T01:00:00Z"))
    );
    assert!(ask.posts("a").is_empty());
    let skip = after_a_night(Missed::Skip, HOUR * 2).await;
    assert!(skip.posts("a").is_empty());
    assert_eq!(skip.store.schedule(&sid).unwrap().unwrap().asked, None);
    let told = skip.store.commits();
    assert!(
        told.iter()
            .flat_map(|c| &c.events)
            .any(|e| matches!(e, Event::FiringSkipped { count: 1, .. }))
    );
}

#[tokio::test]
async fn a_new_schedule_has_missed_nothing() {
    let mut s = schedule("s", "0 6 * * *", &["a"]);
    s.missed = Missed::Late;
    let house = house(vec![channel("a")], vec![s]).await; // read at 07:00
    house.add("một", &["a"], None).await;
    house.pass(MINUTE * 5).await;
    assert!(house.posts("a").is_empty());
}

#[tokio::test]
async fn a_configuration_that_is_read_again_is_planned_by() {
    let house = house(vec![channel("a")], vec![]).await;
    house.add("một", &["a"], None).await;
    house.pass(MINUTE).await;
    let every_minute = schedule("s", "* * * * *", &["a"]);
    let new = config(vec![channel("a")], vec![every_minute]);
    house.config.send_replace(std::sync::Arc::new(new));
    house.pass(MINUTE * 3).await;
    assert_eq!(house.posts("a"), ["một"]);
    assert_eq!(house.store.schedules().unwrap().len(), 1);
    // And gone again.
    let without = config(vec![channel("a")], vec![]);
    house.config.send_replace(std::sync::Arc::new(without));
    house.add("hai", &["a"], None).await;
    house.pass(MINUTE * 3).await;
    assert_eq!(house.posts("a"), ["một"]);
    assert!(house.store.schedules().unwrap()[0].gone);
}

#[tokio::test]
async fn a_fixed_time_that_passed_while_the_power_was_off_is_asked_about() {
    let mut house = house(vec![channel("a")], vec![]).await;
    let (_, fixed) = house.add("một", &["a"], Some("2026-11-23T01:00:00Z")).await;
    house.stop().await;
    house.clock.advance(HOUR * 3);
    house.start().await;
    house.pass(MINUTE).await;
    assert_eq!(
        (house.state(fixed[0]), house.cause(fixed[0])),
        (State::Missed, Some(Cause::TimePassed))
    );
}

#[tokio::test]
async fn many_shares_due_at_once_are_not_late_because_of_one_another() {
    let mut a = channel("a");
    a.min_gap = MINUTE * 10;
    let house = house(vec![a], vec![]).await;
    for n in 0..6 {
        house
            .add(&format!("tin {n}"), &["a"], Some("2026-11-23T01:00:00Z"))
            .await;
    }
    house.pass(HOUR * 2 + MINUTE).await;
    assert_eq!(house.in_state(State::Shared), 6);
    let counted: Vec<_> = house.posts("a");
    assert_eq!(
        counted,
        ["tin 0", "tin 1", "tin 2", "tin 3", "tin 4", "tin 5"]
    );
}

#[tokio::test]
async fn a_hand_task_opens_at_its_time_and_is_missed_a_day_later() {
    let mut group = channel("nhom");
    group.mode = Mode::ByHand;
    let house = house(vec![group], vec![schedule("s", "0 8 * * *", &["nhom"])]).await;
    let (_, shares) = house.add("một", &["nhom"], None).await;
    house.pass(HOUR + MINUTE).await;
    let task = house.share(shares[0]);
    assert_eq!(task.state, State::ByHand);
    assert_eq!(task.post.unwrap().parts[0].text, "một");
    house.pass(HOUR * 24 + MINUTE).await;
    assert_eq!(
        (house.state(shares[0]), house.cause(shares[0])),
        (State::Missed, Some(Cause::NotDone))
    );
}

#[tokio::test]
async fn a_clock_that_leapt_holds_everything_until_it_is_right() {
    let house = house(vec![channel("a")], vec![schedule("s", "0 8 * * *", &["a"])]).await;
    house.add("một", &["a"], None).await;
    house.pass(MINUTE).await;
    house.clock.set(at("2026-11-25T03:00:00Z"));
    house.pass(MINUTE).await;
    assert!(house.posts("a").is_empty());
    assert!(house.health.pulse().clock_doubt.is_some());
    house.clock.set(at("2026-11-23T00:03:00Z"));
    house.pass(HOUR).await;
    assert_eq!(house.health.pulse().clock_doubt, None);
    assert_eq!(house.posts("a"), ["một"]);
}

#[tokio::test]
async fn a_trial_counts_apart_and_nothing_leaves() {
    let mut trial = channel("a");
    trial.mode = Mode::Log;
    let house = house(vec![trial], vec![schedule("s", "0 8 * * *", &["a"])]).await;
    let (_, shares) = house.add("một", &["a"], None).await;
    house.pass(HOUR + MINUTE).await;
    assert!(house.posts("a").is_empty());
    assert_eq!(house.share(shares[0]).count.unwrap().how, How::Log);
}
