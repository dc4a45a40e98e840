//! The counts are what the ledger's events add up to, counted here by a walk of its own over them:
//! +1 where a share went out, −1 where that was taken back, and nothing else (RULES 6).
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod store_kit;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;

use raotin::disk::MachineDisk;
use raotin::model::{ArticleId, ChannelId, Count, Event, How, ShareId, State};
use raotin::store::ledger::Reader;
use raotin::store::{CountAsk, CountBy, CountTable, Figures, MemoryStore, ShareAsk, Store};
use store_kit::{Office, commit_all, count_asks, open};

struct Out {
    article: ArticleId,
    channel: ChannelId,
    count: Option<Count>,
    removed: bool,
}

/// What is out there, by the ledger alone.
fn out(data: &Path) -> Vec<Out> {
    let mut shares: HashMap<ShareId, Out> = HashMap::new();
    let lines = Reader::from(Arc::new(MachineDisk), &data.join("ledger"), None).unwrap();
    for line in lines {
        for event in line.unwrap().2.events {
            match event {
                Event::ShareAdded {
                    share,
                    article,
                    channel,
                    state,
                    count,
                    ..
                } => {
                    let new = Out {
                        article,
                        channel,
                        count: count.filter(|_| state == State::Shared),
                        removed: false,
                    };
                    shares.insert(share, new);
                }
                Event::ShareShared { share, count, .. } => {
                    shares.get_mut(&share).unwrap().count = Some(count);
                }
                Event::ShareUndone { share, .. } => shares.get_mut(&share).unwrap().count = None,
                Event::ShareRemoved { share } => shares.get_mut(&share).unwrap().removed = true,
                _ => {}
            }
        }
    }
    shares.into_values().filter(|s| s.count.is_some()).collect()
}

fn key(by: CountBy, out: &Out, count: &Count) -> String {
    let day = count.day.to_string();
    match by {
        CountBy::Channel => out.channel.to_string(),
        CountBy::Topic => count
            .topic
            .as_ref()
            .map_or(String::new(), |t| t.to_string()),
        CountBy::Member => count
            .member
            .as_ref()
            .map_or(String::new(), |m| m.to_string()),
        CountBy::Day => day,
        CountBy::Month => day[..7].to_owned(),
        CountBy::Quarter => match &day[5..7] {
            "01" | "02" | "03" => format!("{}-Q1", &day[..4]),
            "04" | "05" | "06" => format!("{}-Q2", &day[..4]),
            "07" | "08" | "09" => format!("{}-Q3", &day[..4]),
            _ => format!("{}-Q4", &day[..4]),
        },
        CountBy::Year => day[..4].to_owned(),
    }
}

fn count(shares: &[Out], ask: &CountAsk) -> CountTable {
    let mut rows: BTreeMap<String, (Figures, BTreeSet<ArticleId>)> = BTreeMap::new();
    let mut total = (Figures::default(), BTreeSet::new());
    for out in shares {
        let count = out.count.as_ref().unwrap();
        if ask.since.is_some_and(|d| count.day < d)
            || ask.until.is_some_and(|d| count.day > d)
            || ask.channel.as_ref().is_some_and(|c| *c != out.channel)
            || ask.topic.is_some() && ask.topic != count.topic
            || ask.member.is_some() && ask.member != count.member
            || count.how == How::Log && !ask.with_log
        {
            continue;
        }
        for row in [rows.entry(key(ask.by, out, count)).or_default(), &mut total] {
            row.0.add(count.how, 1);
            row.0.removed += u64::from(out.removed);
            row.1.insert(out.article);
            row.0.items = row.1.len() as u64;
        }
    }
    CountTable {
        rows: rows.into_iter().map(|(key, row)| (key, row.0)).collect(),
        total: total.0,
    }
}

#[test]
fn counts_are_what_the_ledger_adds_up_to() {
    let folder = tempfile::tempdir().unwrap();
    let mut office = Office::new(21);
    let model = MemoryStore::new();
    let sled = open(folder.path());
    let opening = [office.opening()];
    commit_all(&sled, &opening);
    commit_all(&model, &opening);
    for _ in 0..600 {
        let group: Vec<_> = (0..3).map(|_| office.anything(&model)).collect();
        commit_all(&sled, &group);
        commit_all(&model, &group);
    }
    sled.close();
    let truth = out(folder.path());
    assert!(truth.len() > 50, "{}", truth.len());
    assert!(truth.iter().any(|s| s.removed), "something was taken down");
    for how in [How::Auto, How::ByHand, How::BackFilled, How::Log] {
        let mut counts = truth.iter().filter_map(|s| s.count.as_ref());
        assert!(counts.any(|c| c.how == how), "{how:?}");
    }
    for ask in count_asks() {
        assert_eq!(sled.counts(&ask).unwrap(), count(&truth, &ask), "{ask:?}");
    }
    let counted = ShareAsk {
        states: vec![State::Shared, State::Removed],
        limit: usize::MAX,
        ..ShareAsk::default()
    };
    assert_eq!(sled.shares(&counted).unwrap().len(), truth.len());
}
