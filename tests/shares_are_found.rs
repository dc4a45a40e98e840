//! Shares and articles are found by channel, state, topic, member, period and words, alone and
//! together: just those that a look at every one of them finds, each once, page by page; words by
//! their beginnings, marks or none; and never by what was changed or erased.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod faces_kit;
mod office_kit;
mod store_kit;

use std::collections::BTreeSet;

use faces_kit::House;
use jiff::civil::{Date, date};
use proptest::prelude::*;
use raotin::model::words::Sought;
use raotin::model::{Article, Event, Role, Share, ShareId, Spot, State};
use raotin::office::articles::NewArticle;
use raotin::store::{ArticleAsk, MemoryStore, ShareAsk, Store};
use store_kit::{Office, channel, commit_all, member, open, topic, walked};

/// Whether a share is asked for, told from what anybody can see of it.
fn is_asked_for(ask: &ShareAsk, share: &Share, article: &Article, words: &[&str]) -> bool {
    let counted = matches!(share.state, State::Shared | State::Removed);
    let count = share.count.as_ref().filter(|_| counted);
    let topic = count.map_or(share.topic.clone(), |c| c.topic.clone());
    let member = count.map_or(article.member.clone(), |c| c.member.clone());
    let in_period = |day: Date| {
        ask.since.is_none_or(|since| since <= day) && ask.until.is_none_or(|until| day <= until)
    };
    let period = ask.since.is_some() || ask.until.is_some();
    let c = &article.content;
    let mut seen = format!("{} {}", c.title, c.link.clone().unwrap_or_default());
    if c.title.is_empty() {
        seen = format!("{} {seen}", c.text.lines().next().unwrap_or_default());
    }
    let seen = seen.to_lowercase().replace("https://", " ");
    let seen: Vec<&str> = seen.split(|c: char| !c.is_alphanumeric()).collect();
    (ask.states.is_empty() || ask.states.contains(&share.state))
        && ask.channel.as_ref().is_none_or(|c| *c == share.channel)
        && (ask.topic.is_none() || ask.topic == topic)
        && (ask.member.is_none() || ask.member == member)
        && (!period || count.is_some_and(|c| in_period(c.day)))
        && words.iter().all(|w| seen.iter().any(|s| s.starts_with(w)))
}

fn the_order(ask: &ShareAsk, found: &[Share]) -> bool {
    let place = |s: &Share| match ask.since.or(ask.until) {
        None => (None, s.entry),
        Some(_) => (s.count.as_ref().map(|c| c.day), 0),
    };
    found.windows(2).all(|w| place(&w[0]) >= place(&w[1]))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, ..ProptestConfig::default() })]
    #[test]
    fn as_a_look_at_every_one_finds_them(
        seed in any::<u64>(),
        asks in prop::collection::vec(
            (0usize..5, 0usize..6, 0usize..4, 0usize..3, 0i64..130, 0i64..130, 0usize..6),
            40,
        ),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let mut office = Office::new(seed);
        let model = MemoryStore::new();
        let sled = open(folder.path());
        let opening = [office.opening()];
        commit_all(&sled, &opening);
        commit_all(&model, &opening);
        for _ in 0..40 {
            let group: Vec<_> = (0..6).map(|_| office.anything(&model)).collect();
            commit_all(&sled, &group);
            commit_all(&model, &group);
        }
        let everything = ShareAsk { limit: usize::MAX, ..ShareAsk::default() };
        let all = model.shares(&everything).unwrap();
        for (c, s, t, m, since, until, w) in asks {
            let day = |n: i64| date(2026, 10, 1).saturating_add(jiff::Span::new().days(n));
            let words: &[&str] = [&[][..], &["tiêu"], &["đề", "mới"], &["a", "example"], &["1"], &["ti"]][w];
            let ask = ShareAsk {
                channel: (c < 4).then(|| channel(c)),
                states: [vec![], vec![], vec![State::Shared], vec![State::Waiting, State::Planned],
                    vec![State::Failed, State::Missed], vec![State::Removed, State::ByHand]][s].clone(),
                topic: (t < 3).then(|| topic(t)),
                member: (m < 2).then(|| member(m)),
                since: (since < 60).then(|| day(since)),
                until: (until > 70).then(|| day(until)),
                words: Sought::of(&words.join(" ")),
                limit: 1 + w,
                enough: Some(60),
                ..ShareAsk::default()
            };
            let should: BTreeSet<ShareId> = all
                .iter()
                .filter(|s| is_asked_for(&ask, s, &model.article(s.article).unwrap().unwrap(), words))
                .map(|s| s.id)
                .collect();
            for store in [&sled as &dyn Store, &model] {
                let found = walked(store, ask.clone());
                prop_assert_eq!(&found.iter().copied().collect::<BTreeSet<_>>(), &should, "{:?}", ask);
                prop_assert_eq!(found.len(), should.len(), "each once");
                let found: Vec<Share> = found.iter().map(|id| store.share(*id).unwrap().unwrap()).collect();
                prop_assert!(the_order(&ask, &found));
            }
        }
    }
}

/// What the words find on both stores, which agree.
fn titles(stores: [&dyn Store; 2], words: &str) -> Vec<String> {
    let found = stores.map(|store| {
        let ask = ShareAsk {
            words: Sought::of(words),
            limit: 100,
            ..ShareAsk::default()
        };
        let shares = store.shares(&ask).unwrap();
        let titles = shares.iter().map(|s| {
            let content = store.article(s.article).unwrap().unwrap().content;
            content.title
        });
        titles.collect::<Vec<_>>()
    });
    assert_eq!(found[0], found[1], "{words}");
    found[0].clone()
}

#[test]
fn words_go_with_their_article() {
    let folder = tempfile::tempdir().unwrap();
    let mut office = Office::new(9);
    let (sled, model) = (open(folder.path()), MemoryStore::new());
    let stores: [&dyn Store; 2] = [&sled, &model];
    let mut commits = vec![office.opening()];
    let mut added = Vec::new();
    for title in ["Hội chợ phiên vùng cao", "Chợ Đồn mến yêu", "Tin Bắc Kạn"] {
        let mut commit = office.commit();
        let article = office.article_id();
        let [title, text] = [title, "Nội dung"].map(|t| office.text(&mut commit, t.to_owned()));
        commit.events.push(Event::ArticleAdded {
            article,
            title,
            text,
            link: Some("https://www.chodon.example/tin-tuc".into()),
            pictures: Vec::new(),
            topic: None,
            priority: 0,
            source: "typed".into(),
            row: None,
            member: None,
            unit: None,
        });
        for n in 0..2 {
            let share = office.share_id();
            commit.events.push(Event::ShareAdded {
                share,
                article,
                channel: channel(n),
                state: State::Waiting,
                spot: Some(Spot::End),
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
            });
        }
        added.push((article, title));
        commits.push(commit);
    }
    for store in stores {
        assert!(commit_all(store, &commits).iter().all(Result::is_ok));
    }
    let of = |words: &str| titles(stores, words).len();
    assert_eq!(of("cho don"), 2, "of one article, on two channels");
    assert_eq!(of("cho"), 4 + 2, "and by the link's chodon all three");
    assert_eq!(of("chợ"), 4, "marks count where they were typed");
    assert_eq!(of("chodon tin"), 6);
    assert_eq!(of("bac k"), 2);
    assert_eq!(of("noi dung"), 0, "the text has no words");

    // Edited: the new words, and no longer the old ones.
    let mut edit = office.commit();
    let [title, text] = ["Phiên họp thường kỳ", "x"].map(|t| office.text(&mut edit, t.to_owned()));
    edit.events.push(Event::ArticleEdited {
        article: added[0].0,
        version: 2,
        title,
        text,
        link: None,
        pictures: Vec::new(),
        topic: None,
        priority: 0,
    });
    // Erased: none but the link's.
    let mut erase = office.commit();
    erase.events.push(Event::Erased {
        texts: vec![added[1].1],
        why: "luật".into(),
    });
    for store in stores {
        let done = commit_all(store, &[edit.clone(), erase.clone()]);
        assert!(done.iter().all(Result::is_ok), "{done:?}");
    }
    assert_eq!(of("hoi cho"), 0);
    assert_eq!(of("thuong ky"), 2);
    assert_eq!(of("men yeu"), 0, "erased");
    assert_eq!(of("chodon"), 4);
    for store in stores {
        let ask = ArticleAsk {
            words: Sought::of("tin"),
            limit: 9,
            ..ArticleAsk::default()
        };
        let found = store.find_articles(&ask).unwrap();
        let ids: Vec<_> = found.articles.iter().map(|a| a.id).collect();
        assert_eq!(
            ids,
            [added[2].0, added[1].0],
            "each once, the last added first"
        );
    }
    assert!(sled.verify().unwrap().is_clean());
    sled.close();
    let again = open(folder.path());
    let stores: [&dyn Store; 2] = [&again, &model];
    assert_eq!(titles(stores, "phien").len(), 2);
}

#[tokio::test]
async fn the_page_finds_what_the_address_asks() {
    let house = House::new().await;
    house.member("lan", &[Role::Officer]).await;
    let mut lan = house.browser_of("lan").await;
    let page = lan.get("/shares").await;
    assert!(
        page.text.contains("/compose"),
        "an empty list says what to do"
    );
    for (title, topic) in [("Hội nghị Chợ Đồn", "y-te"), ("Tiêm phòng cho trẻ", "")] {
        let new = NewArticle {
            title: title.to_owned(),
            text: "x".to_owned(),
            topic: topic.parse().ok(),
            channels: vec!["trang".to_owned()],
            ..NewArticle::default()
        };
        let done = house.kit.office.add(&office_kit::lan(), None, new).await;
        done.unwrap();
    }
    let mut shown = async |address: &str| {
        let page = lan.get(address).await;
        assert_eq!(page.status, 200, "{address}");
        ["Hội nghị Chợ Đồn", "Tiêm phòng cho trẻ"].map(|title| page.text.contains(title))
    };
    assert_eq!(shown("/shares").await, [true, true]);
    assert_eq!(shown("/shares?q=cho").await, [true, true]);
    assert_eq!(shown("/shares?q=ch%E1%BB%A3").await, [true, false]);
    assert_eq!(shown("/shares?q=cho+d").await, [true, false]);
    assert_eq!(
        shown("/shares?topic=y-te&state=waiting&channel=trang").await,
        [true, false]
    );
    assert_eq!(shown("/shares?member=lan").await, [true, true]);
    assert_eq!(shown("/shares?member=minh").await, [false, false]);
    assert_eq!(
        shown("/shares?since=2020-01-01").await,
        [false, false],
        "nothing went out"
    );
    assert_eq!(shown("/shares?after=nonsense&since=x").await, [true, true]);
    assert_eq!(shown("/articles").await, [true, true]);
    assert_eq!(shown("/articles?q=tre+tiem").await, [false, true]);

    // A filter that is on goes by one tap, and the others stay.
    let page = lan.get("/shares?q=cho&state=waiting&topic=y-te").await;
    for to in [
        "/shares?state=waiting&#38;topic=y-te",
        "/shares?q=cho&#38;topic=y-te",
        "/shares?q=cho&#38;state=waiting",
    ] {
        assert!(
            page.text.contains(&format!("href=\"{to}\"")),
            "{to}: {}",
            page.text
        );
    }
    let page = lan.get("/shares?since=2026-11-02&until=2026-11-01").await;
    assert!(page.text.contains("role=\"alert\""));
}

#[tokio::test]
async fn lists_go_on_behind_fifty_rows() {
    let house = House::new().await;
    house.member("lan", &[Role::Officer]).await;
    house.member("hoa", &[Role::Approver]).await;
    let lan = office_kit::lan();
    let (mut tasks, mut waiting, mut submitted) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..51 {
        tasks.push(house.kit.share_in(State::ByHand, &lan, "nhom").await);
        waiting.push(house.kit.share_in(State::Waiting, &lan, "trang").await);
        submitted.push(house.kit.share_in(State::Submitted, &lan, "duyet").await);
    }
    let mut browser = house.browser_of("hoa").await;
    for (list, shares) in [
        ("/hand", &tasks),
        ("/queue/trang", &waiting),
        ("/approvals", &submitted),
        ("/shares?channel=nhom", &tasks),
        ("/articles", &Vec::new()),
    ] {
        let (mut address, mut pages) = (list.to_owned(), 0);
        let mut seen: Vec<&ShareId> = Vec::new();
        loop {
            let page = browser.get(&address).await;
            assert_eq!(page.status, 200, "{address}");
            // A queue's last row names the one behind it, to change places with.
            let stands = |id: &&ShareId| {
                let row = [
                    format!("href=\"/shares/{id}\""),
                    format!("href=\"/hand/{id}\""),
                    format!("id=\"n-{id}\""),
                ];
                row.iter().any(|mark| page.text.contains(mark))
            };
            let rows = shares.iter().filter(stands);
            let before = seen.len();
            seen.extend(rows);
            assert!(seen.len() - before <= 50, "{address}");
            pages += 1;
            let next = page.text.split("href=\"").find_map(|part| {
                let to = part.split('"').next()?.replace("&#38;", "&");
                to.contains("after=").then_some(to)
            });
            match next {
                Some(to) => address = to,
                None => break,
            }
        }
        let each: BTreeSet<_> = seen.iter().collect();
        assert_eq!(
            (each.len(), seen.len()),
            (shares.len(), shares.len()),
            "{list}"
        );
        assert_eq!(pages, if shares.is_empty() { 4 } else { 2 }, "{list}");
    }
}
