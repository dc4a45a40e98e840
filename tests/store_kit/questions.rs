//! All that can be asked of a store, and that two of them answer it the same.

use jiff::SignedDuration;
use jiff::civil::date;
use raotin::model::channel::Order;
use raotin::model::share::TakenDownBy;
use raotin::model::words::Sought;
use raotin::model::{By, ChannelId, ShareId, State};
use raotin::store::{ArticleAsk, CountAsk, CountBy, QueueAsk, ShareAsk, Store};

use super::office::Office;
use super::{CHANNELS, LINKS, begin, channel, feed, member, topic};

/// A few of many, from first to last.
fn some<T: Copy>(all: &[T]) -> impl Iterator<Item = T> {
    all.iter().copied().step_by(1 + all.len() / 12)
}

/// All that can be asked, in words.
pub fn answers(store: &dyn Store, office: &Office) -> Vec<(String, String)> {
    let mut all = Vec::new();
    let mut ask = |question: String, answer: String| all.push((question, answer));
    macro_rules! ask {
        ($($what:tt)*) => { ask(stringify!($($what)*).to_owned(), format!("{:?}", store.$($what)*)) };
    }
    ask!(articles(None, usize::MAX));
    ask!(articles(None, 3));
    ask!(channels());
    ask!(schedules());
    ask!(topics());
    ask!(feeds());
    for n in (0..100).step_by(4) {
        ask!(feed_entry(&feed(), &format!("n{n}")));
        ask!(feed_entry(&feed(), &format!("m{n}")));
    }
    ask!(members());
    ask!(paused_all());
    ask!(considered());
    ask!(last_commit());
    ask!(removals(TakenDownBy::Daemon, 100));
    ask!(removals(TakenDownBy::Person, 1));
    ask!(evergreens(100));
    ask!(evergreens(2));
    for key in LINKS.iter().filter_map(|l| raotin::compose::link_key(l)) {
        ask(
            format!("link {key}"),
            format!("{:?}", store.articles_with_link(&key)),
        );
    }
    for n in 0..9 {
        ask(
            format!("row {n}"),
            format!("{:?}", store.imported(&format!("row-{n}"))),
        );
    }
    for id in &some(&office.articles).collect::<Vec<_>>() {
        ask(format!("article {id}"), format!("{:?}", store.article(*id)));
        if let Ok(Some(article)) = store.article(*id) {
            let content = &article.content;
            let sketch = raotin::compose::similar::Sketch::of(&content.title, &content.text);
            if let Some(sketch) = sketch {
                let like = |limit| format!("{:?}", store.like(&sketch, limit));
                ask(format!("like {id}"), like(100) + &like(2));
            }
        }
        ask(
            format!("after {id}"),
            format!("{:?}", store.articles(Some(*id), 2)),
        );
        let mine = store.shares_of(*id, None);
        ask(format!("shares of {id}"), format!("{mine:?}"));
        let there = store.shares_of(*id, Some(&channel(1)));
        ask(format!("shares of {id} there"), format!("{there:?}"));
        let page = ShareAsk {
            article: Some(*id),
            limit: 2,
            ..ShareAsk::default()
        };
        ask(format!("{page:?}"), format!("{:?}", store.shares(&page)));
    }
    for id in &office.shares {
        ask(format!("share {id}"), format!("{:?}", store.share(*id)));
    }
    for id in &some(&office.shares).collect::<Vec<_>>() {
        ask(format!("story {id}"), format!("{:?}", store.story(*id)));
    }
    let mut afters = vec![None];
    afters.extend(some(&office.shares).map(Some));
    let states = [
        vec![],
        vec![State::Waiting],
        vec![State::Shared, State::Sending],
        vec![State::Unsure, State::Failed, State::Waiting, State::ByHand],
        vec![State::Planned],
    ];
    for after in afters {
        for states in &states {
            for channel in [
                None,
                Some(channel(0)),
                Some(channel(2)),
                ChannelId::new("x").ok(),
            ] {
                for limit in [1, 4, 1000] {
                    let page = ShareAsk {
                        states: states.clone(),
                        channel: channel.clone(),
                        after: after.map(Into::into),
                        limit,
                        ..ShareAsk::default()
                    };
                    ask(format!("{page:?}"), format!("{:?}", store.shares(&page)));
                }
            }
        }
    }
    for page in share_asks() {
        ask(
            format!("{page:?}"),
            format!("{:?}", store.find_shares(&page)),
        );
        // The same, a few at a time, and looking at no more than it must.
        let few = ShareAsk {
            limit: 3,
            enough: Some(40),
            ..page.clone()
        };
        ask(
            format!("walked {page:?}"),
            format!("{:?}", walked(store, few)),
        );
    }
    for words in WORDS {
        let page = ArticleAsk {
            words: Sought::of(words),
            limit: 3,
            ..ArticleAsk::default()
        };
        ask(
            format!("{page:?}"),
            format!("{:?}", store.find_articles(&page)),
        );
        let mut all = Vec::new();
        let mut few = ArticleAsk {
            enough: Some(40),
            ..page
        };
        loop {
            let found = store.find_articles(&few).unwrap();
            all.extend(found.articles.iter().map(|a| a.id));
            few.after = found.next;
            if found.next.is_none() {
                break;
            }
        }
        ask(format!("articles {words}"), format!("{all:?}"));
    }
    for n in 0..CHANNELS.len() {
        let channel = channel(n);
        ask(
            format!("{channel}"),
            format!("{:?}", store.channel(&channel)),
        );
        for limit in [2, 1000] {
            ask(
                format!("planned {channel}"),
                format!("{:?}", store.planned(&channel, limit)),
            );
        }
        for post in 0..30 {
            let found = store.share_posted_as(&channel, &format!("bài-{post}"));
            ask(format!("{channel} bài-{post}"), format!("{found:?}"));
        }
        for days in 0..120 {
            let day = date(2026, 10, 1).saturating_add(jiff::Span::new().days(days));
            ask(
                format!("{channel} {day}"),
                format!("{:?}", store.used_on(&channel, day)),
            );
        }
        for order in [Order::Oldest, Order::Newest, Order::Priority] {
            for topic in [None, Some(topic(0)), Some(topic(1))] {
                let mut page = QueueAsk {
                    channel: &channel,
                    order,
                    topic: topic.as_ref(),
                    after: None,
                    limit: 1000,
                };
                let whole = store.queue(&page).unwrap();
                ask(format!("{page:?}"), format!("{whole:?}"));
                page.limit = 3;
                for after in whole.iter().step_by(1 + whole.len() / 6) {
                    page.after = Some(after);
                    ask(format!("{page:?}"), format!("{:?}", store.queue(&page)));
                }
                // Behind one that has left the queue meanwhile.
                let gone = office
                    .shares
                    .first()
                    .and_then(|id| store.share(*id).unwrap());
                let gone = gone.map(|s| raotin::store::Queued {
                    share: s.id,
                    place: 5,
                    entry: s.entry + 3,
                    priority: s.priority,
                });
                page.after = gone.as_ref();
                ask(format!("{page:?}"), format!("{:?}", store.queue(&page)));
            }
        }
    }
    for hours in [0, 10, 30, 1000] {
        let until = office.now + SignedDuration::from_hours(hours);
        ask(
            format!("hand {until}"),
            format!("{:?}", store.hand_tasks_until(until, 1000)),
        );
        ask(
            format!("hand {until}, 2"),
            format!("{:?}", store.hand_tasks_until(until, 2)),
        );
    }
    for n in 0..6 {
        for by in [By::Daemon, By::Member(member(0)), By::Local(1000, None)] {
            for days in [0, 29, 31] {
                let now = begin() + SignedDuration::from_hours(24 * days);
                let found = store.answered(&by, &format!("k{n}"), now);
                ask(format!("answered {by} {n} {days}"), format!("{found:?}"));
            }
        }
    }
    for page in count_asks() {
        ask(format!("{page:?}"), format!("{:?}", store.counts(&page)));
        let of_shares = store.counts_of_shares(&page);
        ask(format!("shares alone {page:?}"), format!("{of_shares:?}"));
    }
    all
}

/// What is looked for: by beginnings, with and without marks, in titles and links.
pub const WORDS: [&str; 6] = ["", "tieu de", "Tiêu mơi", "mới", "example 1", "t d 3"];

/// Filters of every kind, alone and together.
pub fn share_asks() -> Vec<ShareAsk> {
    let states = [
        vec![],
        vec![State::Shared],
        vec![State::Waiting, State::Failed, State::Removed],
    ];
    let periods = [
        (None, None),
        (Some(date(2026, 10, 20)), Some(date(2026, 12, 10))),
        (None, Some(date(2026, 11, 5))),
    ];
    let mut asks = Vec::new();
    for states in states {
        for (since, until) in periods {
            for words in WORDS {
                // All filters together once without words, some with each.
                let filters = match words {
                    "" => &[0, 1, 2, 3, 4, 5, 6, 7][..],
                    _ => &[0, 5],
                };
                for filters in filters {
                    asks.push(ShareAsk {
                        states: states.clone(),
                        channel: (filters & 1 > 0).then(|| channel(1)),
                        topic: (filters & 2 > 0).then(|| topic(1)),
                        member: (filters & 4 > 0).then(|| member(1)),
                        since,
                        until,
                        words: Sought::of(words),
                        limit: 20,
                        ..ShareAsk::default()
                    });
                }
            }
        }
    }
    asks
}

/// All of it, page by page.
pub fn walked(store: &dyn Store, mut ask: ShareAsk) -> Vec<ShareId> {
    let mut all = Vec::new();
    loop {
        let page = store.find_shares(&ask).unwrap();
        assert!(page.shares.len() <= ask.limit);
        assert!(page.stopped || page.next.is_none() || page.shares.len() == ask.limit);
        all.extend(page.shares.iter().map(|s| s.id));
        assert!(
            page.next.is_none() || page.next != ask.after,
            "it stands still"
        );
        ask.after = page.next;
        if page.next.is_none() {
            return all;
        }
    }
}

pub fn count_asks() -> Vec<CountAsk> {
    use CountBy::*;
    let days = [
        (None, None),
        (Some(date(2026, 10, 5)), Some(date(2026, 12, 31))),
        (Some(date(2026, 11, 1)), None),
        (None, Some(date(2026, 11, 17))),
        (Some(date(2026, 11, 3)), Some(date(2026, 11, 19))),
        (Some(date(2026, 11, 30)), Some(date(2026, 12, 1))),
        (Some(date(2027, 11, 30)), Some(date(2026, 12, 1))),
    ];
    let mut asks = Vec::new();
    for (since, until) in days {
        for by in [Channel, Topic, Member, Day, Month, Quarter, Year] {
            for filters in 0..8 {
                asks.push(CountAsk {
                    since,
                    until,
                    by,
                    channel: (filters & 1 > 0).then(|| channel(1)),
                    topic: (filters & 2 > 0).then(|| topic(1)),
                    member: (filters & 4 > 0).then(|| member(1)),
                    with_log: filters % 3 == 0,
                });
            }
        }
    }
    asks
}

/// Both answer everything the same.
pub fn assert_same(is: &dyn Store, should: &dyn Store, office: &Office) {
    let (is, should) = (answers(is, office), answers(should, office));
    for (is, should) in is.iter().zip(&should) {
        assert_eq!(is, should);
    }
    assert_eq!(is.len(), should.len());
}
