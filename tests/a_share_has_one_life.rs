//! Promise: a share moves only along the edges that are drawn, and along each of them.
#![allow(
    clippy::unwrap_used,
    reason = "what fails here fails the test, and says where"
)]

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use raotin::model::event::Spot;
use raotin::model::share::{Attempt, NoStep, UNDO_WITHIN};
use raotin::model::*;

const DRAWING: &str = include_str!("../docs/life-of-a-share.md");

fn now() -> Timestamp {
    "2026-11-23T00:30:00Z".parse().unwrap()
}

fn share(state: State) -> Share {
    let day = jiff::civil::date(2026, 11, 23);
    let counted = matches!(state, State::Shared | State::Removed);
    Share {
        place: (state == State::Waiting).then_some(1),
        entry: 1,
        due: Some(now()),
        planned_for: Some(now()),
        day: Some(day),
        key: Some("k".to_owned()),
        count: counted.then(|| count(How::ByHand)),
        ..Share::new(
            ShareId::new(1, [1; 10]),
            ArticleId::new(1, [2; 10]),
            ChannelId::new("tin-bac-kan").unwrap(),
            state,
            now(),
        )
    }
}

fn count(how: How) -> Count {
    Count {
        at: now(),
        day: jiff::civil::date(2026, 11, 23),
        topic: None,
        unit: None,
        member: None,
        how,
    }
}

/// One event of every kind that can happen to a share.
fn events() -> Vec<Event> {
    let share = ShareId::new(1, [1; 10]);
    let day = jiff::civil::date(2026, 11, 23);
    let (due, until, post) = (now(), now(), TextId::new(1, [3; 10]));
    let why = || Why::new(Cause::Person);
    let receipt = || Receipt {
        post_id: "1".into(),
        permalink: None,
        at: now(),
    };
    let attempt = Attempt {
        number: 1,
        at: now(),
        key: "k".into(),
        prepared: String::new(),
        clock_skew: 0,
    };
    let version = Version { article: 1, own: 0 };
    vec![
        Event::ShareSubmitted { share },
        Event::ShareReturned { share, note: None },
        Event::ShareApproved { share, version },
        Event::ShareUnapproved { share, why: why() },
        Event::ShareQueued {
            share,
            spot: Spot::End,
            why: None,
        },
        Event::ShareMoved {
            share,
            spot: Spot::Top,
        },
        Event::SharePlanned {
            share,
            due,
            day,
            key: "k".into(),
            firing: None,
            fixed: true,
            why: None,
        },
        Event::ShareDelayed {
            share,
            due,
            day,
            why: None,
        },
        Event::ShareFixed { share, due, day },
        Event::ShareEdited {
            share,
            topic: None,
            priority: 1,
            own_text: None,
            own_version: 1,
        },
        Event::ShareFreed { share },
        Event::ShareAttempted {
            share,
            attempt,
            post,
            version,
            approval: false,
        },
        Event::SharePartSent {
            share,
            receipt: receipt(),
        },
        Event::ShareNotSent {
            share,
            due,
            day,
            counts: true,
            receipt: None,
            why: why(),
        },
        Event::ShareDoubted { share, why: why() },
        Event::ShareAsked { share, why: why() },
        Event::ShareFailed { share, why: why() },
        Event::ShareHanded {
            share,
            due,
            day,
            until,
            post,
            why: None,
        },
        Event::ShareTaken { share, taken: None },
        Event::ShareShared {
            share,
            receipt: Some(receipt()),
            count: count(How::Auto),
        },
        Event::ShareUndone {
            share,
            due,
            day,
            until,
        },
        Event::ShareMissed { share, why: why() },
        Event::ShareCancelled { share, why: why() },
        Event::RemovalChanged {
            share,
            removal: None,
            why: None,
        },
        Event::ShareRemoved { share },
    ]
}

/// Changes that leave a share where it is, and so are no edges.
fn stays(event: &Event) -> bool {
    matches!(
        event,
        Event::ShareApproved { .. }
            | Event::ShareMoved { .. }
            | Event::ShareDelayed { .. }
            | Event::ShareFixed { .. }
            | Event::ShareEdited { .. }
            | Event::ShareFreed { .. }
            | Event::ShareAsked { .. }
            | Event::ShareTaken { .. }
            | Event::RemovalChanged { .. }
    )
}

fn drawn() -> BTreeSet<(String, String)> {
    DRAWING
        .lines()
        .filter_map(|l| l.trim().split_once(" --> "))
        .map(|(from, to)| {
            (
                from.to_owned(),
                to.split(':').next().unwrap().trim().to_owned(),
            )
        })
        .collect()
}

#[test]
fn every_drawn_edge_exists_and_no_other() {
    let mut walked = BTreeSet::new();
    for from in State::ALL {
        for event in events() {
            match share(from).step(&event, now()) {
                Ok(to) if stays(&event) => assert_eq!(to.state, from, "{} moved it", event.kind()),
                Ok(to) => {
                    walked.insert((format!("{from:?}"), format!("{:?}", to.state)));
                }
                Err(NoStep::NoEdge {
                    from: said,
                    event: kind,
                }) => assert_eq!((said, kind), (from, event.kind())),
                Err(other) => panic!("{from:?} {}: {other}", event.kind()),
            }
        }
    }
    let mut drawn = drawn();
    drawn.retain(|(from, _)| from != "[*]");
    assert_eq!(walked, drawn);
}

#[test]
fn the_ledger_knows_each_event_by_its_kind() {
    for event in events() {
        let json = serde_json::to_value(&event).unwrap();
        assert_eq!(json["type"], event.kind());
        assert_eq!(serde_json::from_value::<Event>(json).unwrap(), event);
    }
}

#[test]
fn a_confirmation_can_be_undone_for_a_minute_and_only_one_by_hand() {
    let undo = events()
        .into_iter()
        .find(|e| matches!(e, Event::ShareUndone { .. }))
        .unwrap();
    let at = |s: i64| now() + SignedDuration::from_secs(s);
    assert!(
        share(State::Shared)
            .step(&undo, at(UNDO_WITHIN.as_secs()))
            .is_ok()
    );
    assert_eq!(
        share(State::Shared).step(&undo, at(61)),
        Err(NoStep::TooLateToUndo)
    );
    let mut auto = share(State::Shared);
    auto.count = Some(count(How::Auto));
    assert_eq!(auto.step(&undo, at(1)), Err(NoStep::TooLateToUndo));
}

#[test]
fn an_attempt_needs_the_approval_of_just_this_text() {
    let version = Version { article: 2, own: 0 };
    let attempt = Attempt {
        number: 1,
        at: now(),
        key: "k".into(),
        prepared: String::new(),
        clock_skew: 0,
    };
    let event = Event::ShareAttempted {
        share: ShareId::new(1, [1; 10]),
        attempt,
        post: TextId::new(1, [3; 10]),
        version,
        approval: true,
    };
    let mut planned = share(State::Planned);
    planned.approved = Some(Version { article: 1, own: 0 });
    assert_eq!(
        planned.clone().step(&event, now()),
        Err(NoStep::NotApproved)
    );
    planned.approved = Some(version);
    assert_eq!(planned.step(&event, now()).unwrap().state, State::Sending);
}

#[test]
fn the_key_stays_until_a_person_resends_what_was_refused() {
    let step = |s: Share, kind: &str| {
        let event = events().into_iter().find(|e| e.kind() == kind).unwrap();
        s.step(&event, now()).unwrap()
    };
    let tried = step(share(State::Planned), "share.attempted");
    let again = step(step(tried.clone(), "share.not-sent"), "share.attempted");
    assert_eq!(again.key.as_deref(), Some("k"));
    let doubted = step(step(tried.clone(), "share.doubted"), "share.not-sent");
    assert_eq!(doubted.key.as_deref(), Some("k"));
    let queued = step(step(tried, "share.failed"), "share.queued");
    assert_eq!(queued.key, None);
}

proptest! {
    /// Whatever happens in whatever order: only drawn edges are walked, what is counted is Shared or
    /// Removed and nothing else is, and what is final stays.
    #[test]
    fn a_random_life_keeps_its_promises(steps in prop::collection::vec((0usize..25, 0i64..200), 1..60), start in 0usize..4) {
        let drawn = drawn();
        let all = events();
        let mut life = share([State::Draft, State::Submitted, State::Waiting, State::Planned][start]);
        let mut at = now();
        for (which, wait) in steps {
            at += SignedDuration::from_secs(wait);
            let before = life.clone();
            match life.clone().step(&all[which], at) {
                Ok(after) => {
                    prop_assert!(!before.state.is_final());
                    if !stays(&all[which]) {
                        let edge = (format!("{:?}", before.state), format!("{:?}", after.state));
                        prop_assert!(drawn.contains(&edge), "{edge:?}");
                    }
                    life = after;
                }
                Err(_) => prop_assert_eq!(&life, &before),
            }
            let counted = matches!(life.state, State::Shared | State::Removed);
            prop_assert_eq!(life.count.is_some(), counted);
        }
    }
}
