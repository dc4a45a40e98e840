//! Promise: an article with a rule (`every`, `until`, `at most`) is shared again when its day comes, each
//! time as a new share and never twice for one turn, and no longer once a person, the law or the rule
//! itself ends it.
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod office_kit;
mod support;

use jiff::SignedDuration;
use jiff::civil::date;
use office_kit::Kit;
use raotin::chance::Chance;
use raotin::clock::Clock as _;
use raotin::model::{
    Article, ArticleId, By, Cause, Event, Evergreen, Every, Spot, State, Version, Why,
};
use raotin::office::OfficeError;
use raotin::office::evergreen::Rule;
use raotin::platform::Settling;
use raotin::store::{ShareAsk, Store};
use support::{House, channel, schedule};

const DAY: SignedDuration = SignedDuration::from_hours(24);
/// The rules are looked at once a minute, and the schedule fires every minute.
const SOON: SignedDuration = SignedDuration::from_mins(4);

fn every(days: u16) -> Evergreen {
    Evergreen {
        every: Every::days(days).unwrap(),
        until: None,
        at_most: None,
    }
}

async fn set(house: &House, article: ArticleId, rule: Option<Evergreen>) {
    let event = Event::ArticleEvergreen { article, rule };
    house.commit(vec![event], Vec::new()).await;
}

async fn pass_days(house: &House, days: i32) {
    house.leap_asleep(DAY * days).await;
    house.pass(SOON).await;
}

/// A house whose channels are served every minute.
fn house(approval: bool) -> House {
    let mut place = channel("a");
    place.approval_required = approval;
    let each_minute = schedule("phut", "* * * * *", &["a"]);
    House::new(vec![place], vec![each_minute], Settling::Replay)
}

#[tokio::test]
async fn so_often_and_no_more_whatever_dies_when() {
    let mut house = house(false);
    house.start().await;
    let (article, shares) = house.add("Giữ gìn vệ sinh nguồn nước", &["a"], None).await;
    let rule = Evergreen {
        at_most: Some(3),
        ..every(30)
    };
    set(&house, article, Some(rule)).await;
    house.pass(SOON).await;
    assert_eq!(house.posts("a").len(), 1);
    pass_days(&house, 29).await;
    assert_eq!(house.posts("a").len(), 1, "its day has not come");
    // It dies on the day, before and after it queued the next one.
    house.kill().await;
    house.clock.advance(DAY);
    house.start().await;
    house.kill().await;
    house.start().await;
    house.pass(SOON).await;
    assert_eq!(house.posts("a").len(), 2);
    pass_days(&house, 31).await;
    assert_eq!(house.posts("a").len(), 3);
    pass_days(&house, 365).await;
    assert_eq!(house.posts("a").len(), 3, "at most three times");
    let all = house.store.shares_of(article, None).unwrap();
    assert_eq!(all.len(), 3);
    assert!(!all[0].again && all[1].again && all[2].again);
    assert_eq!(all[0].id, shares[0]);
    // Each turn tells why it was made, and who made it.
    for (share, turn) in [(&all[1], 2), (&all[2], 3)] {
        let story = house.store.story(share.id).unwrap();
        let why = Event::ShareCameRound {
            share: share.id,
            turn,
        };
        assert!(
            story
                .iter()
                .any(|told| told.event == why && told.by == By::Daemon)
        );
    }
    house.stop().await;
}

/// What goes on Mondays in the morning goes on Mondays in the morning: sending takes a while, and the
/// next turn is not pushed into the slot behind by it.
#[tokio::test]
async fn a_turn_keeps_its_slot() {
    let mondays = schedule("thu-hai", "30 8 * * 1", &["a"]);
    let fridays = schedule("thu-sau", "0 15 * * 5", &["a"]);
    let mut house = House::new(vec![channel("a")], vec![mondays, fridays], Settling::Replay);
    house.start().await;
    *house.fake("a").slow.lock().unwrap() = std::time::Duration::from_secs(40);
    let (article, _) = house.add("Chào cờ đầu tuần", &["a"], None).await;
    set(&house, article, Some(every(7))).await;
    for week in 1..=3 {
        house.pass(SignedDuration::from_hours(2)).await;
        assert_eq!(house.posts("a").len(), week);
        // Not on Friday, and not before the clock says half past eight.
        house
            .leap_asleep(DAY * 7 - SignedDuration::from_hours(2))
            .await;
        assert_eq!(house.posts("a").len(), week);
    }
    house.stop().await;
}

#[tokio::test]
async fn an_end_is_an_end() {
    let mut house = house(false);
    house.start().await;
    let (until, _) = house.add("Đến hết tháng 12", &["a"], None).await;
    let rule = Evergreen {
        until: Some(date(2026, 12, 31)),
        ..every(20)
    };
    set(&house, until, Some(rule)).await;
    let (ended, _) = house.add("Thôi không lặp nữa", &["a"], None).await;
    set(&house, ended, Some(every(20))).await;
    let (removed, shares) = house.add("Bài sẽ bị gỡ xuống", &["a"], None).await;
    set(&house, removed, Some(every(20))).await;
    house.pass(SOON * 2).await;
    assert_eq!(house.posts("a").len(), 3);
    set(&house, ended, None).await;
    let gone = Event::ShareRemoved { share: shares[0] };
    house.commit(vec![gone], Vec::new()).await;
    pass_days(&house, 20).await;
    let so_often = |article| house.store.shares_of(article, None).unwrap().len();
    assert_eq!([until, ended, removed].map(so_often), [2, 1, 1]);
    // 23 November + 20 days + 20 days is after New Year.
    pass_days(&house, 20).await;
    assert_eq!([until, ended, removed].map(so_often), [2, 1, 1]);
    house.stop().await;
}

#[tokio::test]
async fn a_pause_is_not_made_up_for_and_a_cancelled_turn_is_left_out() {
    let mut house = house(false);
    house.start().await;
    let (article, _) = house.add("Phòng cháy chữa cháy rừng", &["a"], None).await;
    set(&house, article, Some(every(10))).await;
    house.pass(SOON).await;
    let pause = Event::Paused {
        channel: Some(support::id("a")),
        why: Why::new(Cause::Person),
        until: None,
    };
    house.commit(vec![pause], Vec::new()).await;
    pass_days(&house, 45).await;
    let store = house.store.clone();
    let shares = || store.shares_of(article, None).unwrap();
    assert_eq!(shares().len(), 1);
    let resume = Event::Resumed {
        channel: Some(support::id("a")),
    };
    house.commit(vec![resume], Vec::new()).await;
    house.pass(SOON).await;
    assert_eq!(house.posts("a").len(), 2, "once, not four times");
    // The next turn waits in a queue that nobody serves, and is cancelled there.
    house.stop().await;
    house.clock.advance(DAY * 10);
    let mut config = (**house.config.borrow()).clone();
    config.schedules.clear();
    house.config.send_replace(std::sync::Arc::new(config));
    house.start().await;
    house.pass(SOON).await;
    let third = shares()[2].clone();
    assert_eq!(third.state, State::Waiting);
    let cancel = Event::ShareCancelled {
        share: third.id,
        why: Why::new(Cause::Person),
    };
    house.commit(vec![cancel], Vec::new()).await;
    pass_days(&house, 9).await;
    assert_eq!(shares().len(), 3, "that turn is left out");
    pass_days(&house, 1).await;
    assert_eq!(shares().len(), 4);
    house.stop().await;
}

#[tokio::test]
async fn what_was_approved_stays_approved_until_it_is_edited() {
    let mut house = house(true);
    house.start().await;
    let (article, shares) = house.add("Tiêm vắc-xin nhắc lại", &[], None).await;
    assert!(shares.is_empty());
    let share = Chance::seeded(99).share(house.clock.now());
    let added = Event::ShareAdded {
        share,
        article,
        channel: support::id("a"),
        state: State::Submitted,
        spot: None,
        at: None,
        day: None,
        key: None,
        topic: None,
        priority: 0,
        own_text: None,
        again: false,
        receipt: None,
        count: None,
        origin: None,
    };
    let version = Version { article: 1, own: 0 };
    let approved = Event::ShareApproved { share, version };
    let queued = Event::ShareQueued {
        share,
        spot: Spot::End,
        why: None,
    };
    house
        .commit(vec![added, approved, queued], Vec::new())
        .await;
    set(&house, article, Some(every(30))).await;
    house.pass(SOON).await;
    pass_days(&house, 30).await;
    assert_eq!(
        house.posts("a").len(),
        2,
        "nobody is asked for the same text"
    );
    let known: Article = house.store.article(article).unwrap().unwrap();
    let now = house.clock.now();
    let chance = Chance::seeded(98);
    let (title, text) = (chance.text(now), chance.text(now));
    let edited = Event::ArticleEdited {
        article,
        version: known.version + 1,
        title,
        text,
        link: None,
        pictures: Vec::new(),
        topic: None,
        priority: 0,
    };
    house
        .commit(
            vec![edited],
            vec![(title, ""), (text, "Tiêm vắc-xin mũi ba")],
        )
        .await;
    pass_days(&house, 31).await;
    assert_eq!(house.posts("a").len(), 2);
    let ask = ShareAsk {
        states: vec![State::Submitted],
        limit: 9,
        ..ShareAsk::default()
    };
    assert_eq!(
        house.store.shares(&ask).unwrap().len(),
        1,
        "an edit asks again"
    );
    house.stop().await;
}

#[tokio::test]
async fn a_person_sets_it_and_the_law_ends_it() {
    let kit = Kit::new().await;
    let lan = office_kit::lan();
    let mut new = office_kit::article("trang");
    let rule = |every: &str| Rule {
        every: every.to_owned(),
        ..Rule::default()
    };
    new.evergreen = Some(rule("30d"));
    let done = kit.office.add(&lan, Some("k"), new.clone()).await.unwrap();
    assert_eq!(
        kit.office.add(&lan, Some("k"), new.clone()).await.unwrap(),
        done
    );
    let id = done.article.unwrap();
    let known = || kit.store.article(id).unwrap().unwrap();
    assert_eq!(known().evergreen, Some(every(30)));
    // It comes round where it went, once it is out; and may be edited for the next turn.
    let turns = kit.office.turns(&lan, &known()).unwrap();
    assert_eq!(turns.len(), 1);
    // What makes no sense is refused with what to do.
    for (rule, code) in [
        (rule("0d"), "bad-every"),
        (rule("1m"), "bad-every"),
        (rule("99999w"), "bad-every"),
        (
            Rule {
                at_most: Some(1),
                ..rule("1d")
            },
            "bad-at-most",
        ),
        (
            Rule {
                until: Some(date(2026, 11, 22)),
                ..rule("1d")
            },
            "day-passed",
        ),
    ] {
        let error = kit
            .office
            .set_evergreen(&lan, None, id, rule)
            .await
            .unwrap_err();
        assert!(
            matches!(error, OfficeError::Invalid { .. }) && error.code() == code,
            "{error}"
        );
    }
    let weekly = kit.office.set_evergreen(&lan, None, id, rule("2w")).await;
    assert!(weekly.unwrap().notes.is_empty());
    assert_eq!(known().evergreen, Some(every(14)));
    let stranger = office_kit::member("sang", &[raotin::model::Role::Supervisor]);
    let refused = kit
        .office
        .set_evergreen(&stranger, None, id, rule(""))
        .await;
    assert!(matches!(refused, Err(OfficeError::NotAllowed { .. })));
    kit.office
        .set_evergreen(&lan, None, id, rule(""))
        .await
        .unwrap();
    assert_eq!(known().evergreen, None);
    kit.office
        .set_evergreen(&lan, None, id, rule("30d"))
        .await
        .unwrap();
    let admin = office_kit::local();
    kit.office
        .cancel_article(&admin, None, id, None)
        .await
        .unwrap();
    kit.office
        .erase(&admin, None, id, "Luật 91/2025/QH15")
        .await
        .unwrap();
    assert_eq!(known().evergreen, None);
}
