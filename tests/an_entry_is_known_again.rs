//! Whatever is done to a feed's entries that leaves one of their names, they are known; and two that
//! share nothing are two.
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::collections::HashSet;

use proptest::prelude::*;
use raotin::intake::feed::{Entry, identity};

/// An entry as sites have them: number n of its feed.
fn entry(n: usize, guid: bool, link: bool) -> Entry {
    Entry {
        id: (guid || !link).then(|| format!("tin-{n}")),
        title: format!("Bài số {n} về nông thôn mới"),
        text: format!("Nội dung {n}"),
        link: link.then(|| format!("https://chodon.example.vn/tin/bai-viet-{n}")),
        ..Entry::default()
    }
}

/// What happens to a feed between two looks. Each leaves guid or link, if there was one.
#[derive(Debug, Clone, Copy)]
enum Change {
    Title,
    Text,
    Tags,
    Scheme,
    Slash,
    Guid,
    Link,
}

fn changed(mut entry: Entry, change: Change, salt: u32) -> Entry {
    let has_both = entry.id.is_some() && entry.link.is_some();
    match change {
        Change::Title => entry.title = format!("Đổi tên {salt}"),
        Change::Text => entry.text = format!("Viết lại {salt}"),
        Change::Tags => {
            let tag = |l: String| format!("{l}?utm_source={salt}&fbclid=x#{salt}");
            entry.link = entry.link.map(tag);
        }
        Change::Scheme => {
            let plain = |l: String| l.replace("https://", "http://www.");
            entry.link = entry.link.map(plain);
        }
        Change::Slash => entry.link = entry.link.map(|l| format!("{l}/")),
        Change::Guid if has_both => entry.id = Some(format!("moi-{salt}")),
        Change::Link if has_both => {
            entry.link = Some(format!("https://khac.example.vn/{salt}/trang-moi"));
        }
        Change::Guid | Change::Link => {}
    }
    entry
}

fn change() -> impl Strategy<Value = Change> {
    prop::sample::select(vec![
        Change::Title,
        Change::Text,
        Change::Tags,
        Change::Scheme,
        Change::Slash,
        Change::Guid,
        Change::Link,
    ])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// One change after another, each learned: in the end the entry is still the same.
    #[test]
    fn an_entry_survives_any_row_of_changes(
        count in 1_usize..12,
        guid: bool,
        link: bool,
        steps in prop::collection::vec((any::<prop::sample::Index>(), change(), 0_u32..1000), 1..20),
        turn in any::<prop::sample::Index>(),
    ) {
        let mut entries: Vec<Entry> = (0..count).map(|n| entry(n, guid, link)).collect();
        let mut known: Vec<HashSet<String>> =
            identity::names(&entries).into_iter().map(|n| n.into_iter().collect()).collect();
        for (which, what, salt) in steps {
            let which = which.index(count);
            // A value that nobody else has: what two entries share is nobody's.
            let salt = salt * 100 + u32::try_from(which).unwrap();
            entries[which] = changed(entries[which].clone(), what, salt);
            // In any order.
            let turned = turn.index(count);
            let mut shown: Vec<(usize, &Entry)> = entries.iter().enumerate().collect();
            shown.rotate_left(turned);
            let document: Vec<Entry> = shown.iter().map(|(_, e)| (*e).clone()).collect();
            for ((n, _), names) in shown.iter().zip(identity::names(&document)) {
                prop_assert!(names.iter().any(|name| known[*n].contains(name)), "{what:?}");
                for (other, names_of_other) in known.iter().enumerate() {
                    let shared = names.iter().any(|name| names_of_other.contains(name));
                    prop_assert!(other == *n || !shared, "{what:?}: {n} is taken for {other}");
                }
                known[*n].extend(names);
            }
        }
    }

    /// No text makes it panic, and the same text is the same.
    #[test]
    fn any_text_has_names(id: Option<String>, title: String, link: Option<String>, text: String) {
        let entry = Entry { id, title, link, text, ..Entry::default() };
        let both = [entry.clone(), entry];
        let names = identity::names(&both);
        prop_assert!(!names[0].is_empty());
        prop_assert_eq!(&names[0], &names[1]);
    }
}

/// A site with a new system has other ids and other addresses; titles and times are what it brings along.
#[test]
fn title_and_time_are_a_name_where_they_are_an_entrys_own() {
    let at = |n: usize, title: &str, at: &str| Entry {
        title: title.to_owned(),
        published: Some(at.parse().unwrap()),
        ..entry(n, true, true)
    };
    let (day, later) = ("2026-11-25T00:00:00Z", "2026-11-25T08:30:00Z");
    let long = "Tiêm phòng sởi đợt 2 cho trẻ em";
    let before = identity::by_title_and_time(&[at(1, long, later), at(2, "Thông báo", later)]);
    let after = identity::by_title_and_time(&[
        at(7, "Thông báo", later),
        at(8, &format!(" {long}"), later),
    ]);
    assert!(before[0].is_some());
    assert_eq!(before[0], after[1]);
    assert_eq!(
        (&before[1], &after[0]),
        (&None, &None),
        "short titles tell nothing"
    );
    // Another time, another notice; two of the same day are two.
    let others = [
        at(1, long, later),
        at(2, long, later),
        at(3, long, day),
        at(4, long, "2026-11-24T17:00:00Z"),
    ];
    assert_eq!(
        identity::by_title_and_time(&others),
        [const { None }; 4],
        "two at once, or no time of the day"
    );
    let another = identity::by_title_and_time(&[at(1, long, "2026-11-25T08:31:00Z")]);
    assert_ne!(another[0], before[0]);
    assert_eq!(
        identity::by_title_and_time(&[entry(1, true, true)]),
        [None],
        "no time"
    );
    insta::assert_snapshot!(before[0].as_ref().unwrap(), @"ac026397340fa56801d5728c35643192");
}

/// The names stand in ledgers: these come out for ever.
#[test]
fn the_names_are_made_as_ever() {
    let names = identity::names(&[entry(1, true, true)]);
    insta::assert_snapshot!(names[0].join("\n"), @r"
    559e1028263fc2baf713eefaea2fceb8
    8b267b373e91b9d4c218536f186e96f1
    e0e3b9ff0bf9d22c91dfaa56c8b17112
    ");
}
