//! An office in which anything happens.

use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp};
use raotin::model::share::Cause;
use raotin::model::{
    ArticleId, By, Commit, Count, Event, Evergreen, Every, How, Mode, PlatformKind, Receipt, Role,
    Share, ShareId, Spot, State, TextId, UnitId, Why,
};
use raotin::store::MemoryStore;

use super::dice::Dice;
use super::{
    CHANNELS, LINKS, MEMBERS, SCHEDULES, TOPICS, begin, channel, feed, member, schedule, topic,
};

/// An office in which anything happens.
pub struct Office {
    pub dice: Dice,
    pub now: Timestamp,
    pub(super) made: u64,
    pub articles: Vec<ArticleId>,
    pub shares: Vec<ShareId>,
}

impl Office {
    pub fn new(seed: u64) -> Self {
        Self {
            dice: Dice::new(seed),
            now: begin(),
            made: 0,
            articles: Vec::new(),
            shares: Vec::new(),
        }
    }

    fn unique(&mut self) -> ([u8; 10], u64) {
        self.made += 1;
        let mut random = [0; 10];
        // Ids are in no order: nothing may rest on it.
        random[..8].copy_from_slice(&self.dice.next().to_be_bytes());
        (random, self.dice.next() % 1_000_000_000_000)
    }
    pub fn article_id(&mut self) -> ArticleId {
        let (random, ms) = self.unique();
        ArticleId::new(ms, random)
    }
    pub fn share_id(&mut self) -> ShareId {
        let (random, ms) = self.unique();
        ShareId::new(ms, random)
    }
    pub fn text(&mut self, commit: &mut Commit, text: String) -> TextId {
        let (random, ms) = self.unique();
        let id = TextId::new(ms, random);
        commit.texts.insert(id, Some(text));
        id
    }

    pub fn by(&mut self) -> By {
        match self.dice.below(3) {
            0 => By::Daemon,
            1 => By::Member(member(self.dice.below(2))),
            _ => By::Local(1000, self.dice.one_in(2).then(|| member(0))),
        }
    }

    pub fn commit(&mut self) -> Commit {
        self.now += SignedDuration::from_millis(1 + (self.dice.next() % 4_000) as i64);
        let by = self.by();
        Commit::new(self.now, by)
    }

    /// All that is configured.
    pub fn opening(&mut self) -> Commit {
        let mut commit = Commit::new(self.now, By::Daemon);
        for n in 0..CHANNELS.len() {
            commit.events.push(Event::ChannelSeen {
                channel: channel(n),
                title: format!("Kênh {n}"),
                platform: PlatformKind::ALL[n],
                mode: [Mode::Post, Mode::ByHand, Mode::Log][n % 3],
            });
        }
        for n in 0..TOPICS.len() {
            commit.events.push(Event::TopicSeen {
                topic: topic(n),
                title: format!("Chủ đề {n}"),
            });
        }
        for n in 0..SCHEDULES.len() {
            commit.events.push(Event::ScheduleSeen {
                schedule: schedule(n),
                cron: "0 8 * * *".into(),
                zone: "Asia/Ho_Chi_Minh".into(),
                known_since: self.now,
            });
        }
        commit.events.push(Event::FeedSeen {
            feed: feed(),
            title: "Nguồn".into(),
            url: "https://example.vn/rss".into(),
        });
        for n in 0..MEMBERS.len() {
            commit.events.push(Event::MemberSet {
                member: member(n),
                roles: vec![Role::Officer],
                unit: UnitId::new("ubnd").ok(),
            });
        }
        commit
    }

    pub fn day(&mut self) -> Date {
        let days = self.dice.below(120) as i64;
        date(2026, 10, 1).saturating_add(jiff::Span::new().days(days))
    }
    pub(super) fn why(&mut self) -> Why {
        let cause = [Cause::Gap, Cause::Person, Cause::NoAnswer][self.dice.below(3)];
        Why {
            cause,
            detail: self.dice.maybe("vì thế".to_owned()),
        }
    }
    pub(super) fn spot(&mut self, share: Option<&Share>) -> Spot {
        match self.dice.below(4) {
            0 | 1 => Spot::End,
            2 => Spot::Top,
            _ => {
                let near = share.and_then(|s| s.place).unwrap_or(0);
                Spot::At(near + [0, 1, -1, 1 << 19, 1 << 20, i64::MAX / 2][self.dice.below(6)])
            }
        }
    }
    pub fn count(&mut self, how: How) -> Count {
        Count {
            at: self.now - SignedDuration::from_secs(self.dice.below(4000) as i64),
            day: self.day(),
            topic: self.dice.one_in(2).then(|| topic(self.dice.below(3))),
            unit: None,
            member: self.dice.one_in(2).then(|| member(self.dice.below(2))),
            how,
        }
    }
    pub(super) fn receipt(&mut self) -> Receipt {
        Receipt {
            post_id: format!("bài-{}", self.dice.below(30)),
            permalink: self.dice.maybe("https://x.example/p".to_owned()),
            at: self.now,
        }
    }
    pub(super) fn later(&mut self) -> (Timestamp, Date) {
        let due = self.now + SignedDuration::from_secs(self.dice.below(100_000) as i64);
        (due, self.day())
    }
    pub(super) fn long_or_short(&mut self) -> String {
        match self.dice.below(12) {
            0 => "Trạm y tế xã thông báo. ".repeat(400),
            1 => "ờ".repeat(63_206),
            2 => String::new(),
            _ => format!("Bài số {}", self.made),
        }
    }

    pub fn add_article(&mut self, commit: &mut Commit) -> ArticleId {
        let id = self.article_id();
        let title = format!("Tiêu đề {}", self.made);
        let text = self.long_or_short();
        let event = Event::ArticleAdded {
            article: id,
            title: self.text(commit, title),
            text: self.text(commit, text),
            link: self
                .dice
                .one_in(3)
                .then(|| LINKS[self.dice.below(3)].into()),
            pictures: Vec::new(),
            topic: self.dice.one_in(2).then(|| topic(self.dice.below(3))),
            priority: [0, 0, 3, 9][self.dice.below(4)],
            source: "typed".into(),
            row: self
                .dice
                .one_in(5)
                .then(|| format!("row-{}", self.dice.below(9))),
            member: self.dice.one_in(2).then(|| member(self.dice.below(2))),
            unit: None,
        };
        commit.events.push(event);
        self.articles.push(id);
        commit.events.extend(self.about_a_feed(id));
        id
    }

    /// Something of a feed, now and then; no dice are thrown for it.
    pub(super) fn about_a_feed(&self, article: ArticleId) -> Option<Event> {
        let made = self.made;
        let feed = feed();
        let names = vec![format!("n{}", made % 100), format!("m{made}")];
        let content = format!("c{made}");
        match made % 20 {
            0 => Some(Event::FeedSeen {
                feed,
                title: format!("Nguồn {made}"),
                url: format!("https://example.vn/{}", made % 3),
            }),
            4 => Some(Event::FeedPassedOver {
                feed,
                entries: vec![names],
                why: "old".into(),
            }),
            8 => Some(Event::FeedLearned {
                feed,
                article: Some(article),
                names,
                content,
                version: 1,
            }),
            12 => Some(Event::FeedBegun { feed }),
            16 => Some(Event::FeedTook {
                feed,
                article,
                names: vec![format!("m{made}")],
                content,
                day: date(2026, 11, 1),
            }),
            _ => None,
        }
    }

    pub fn add_share(&mut self, commit: &mut Commit, article: ArticleId, state: State) -> ShareId {
        let id = self.share_id();
        let (at, day) = self.later();
        let own = self.dice.one_in(8).then(|| self.long_or_short());
        let how = match self.dice.one_in(9) {
            true => How::Auto,
            false => How::BackFilled,
        };
        let event = Event::ShareAdded {
            share: id,
            article,
            channel: channel(self.dice.below(4)),
            state,
            spot: (!self.dice.one_in(20)).then(|| match self.dice.one_in(5) {
                true => self.spot(None),
                false => Spot::End,
            }),
            at: (state == State::Planned || self.dice.one_in(30)).then_some(at),
            day: (!self.dice.one_in(30)).then_some(day),
            key: Some(format!("key-{}", self.made)),
            topic: self.dice.one_in(2).then(|| topic(self.dice.below(3))),
            priority: [0, 0, 0, 1, 5][self.dice.below(5)],
            own_text: own.map(|text| self.text(commit, text)),
            again: self.dice.one_in(4),
            receipt: self.dice.one_in(2).then(|| self.receipt()),
            count: (!self.dice.one_in(20)).then(|| self.count(how)),
            origin: None,
        };
        commit.events.push(event);
        self.shares.push(id);
        id
    }

    /// Whatever comes next.
    pub fn anything(&mut self, model: &MemoryStore) -> Commit {
        let mut commit = self.commit();
        match self.dice.below(20) {
            0..4 => {
                let article = self.add_article(&mut commit);
                for _ in 0..self.dice.below(4) {
                    use State::*;
                    let states = [Waiting, Waiting, Waiting, Draft, Submitted, Planned, Shared];
                    let state = match self.dice.one_in(25) {
                        true => State::ALL[self.dice.below(12)],
                        false => states[self.dice.below(7)],
                    };
                    self.add_share(&mut commit, article, state);
                }
            }
            4 => self.edit_article(&mut commit, model),
            5 => self.of_the_office(&mut commit, model),
            6 => {
                // Several in one commit: all or none.
                self.befall_share(&mut commit, model);
                self.befall_share(&mut commit, model);
                self.of_the_office(&mut commit, model);
            }
            7 if !self.articles.is_empty() => {
                let article = self.articles[self.dice.below(self.articles.len())];
                let share = self.add_share(&mut commit, article, State::Waiting);
                commit.events.push(Event::ShareCameRound { share, turn: 2 });
                let rule = (!self.made.is_multiple_of(4)).then(|| Evergreen {
                    every: Every::days(30).unwrap(),
                    until: self
                        .made
                        .is_multiple_of(3)
                        .then_some(jiff::civil::date(2027, 6, 1)),
                    at_most: (self.made % 3 == 1).then_some(3),
                });
                commit
                    .events
                    .push(Event::ArticleEvergreen { article, rule });
                if self.made.is_multiple_of(2) {
                    let link = LINKS[usize::from(self.made.is_multiple_of(3))].into();
                    commit
                        .events
                        .push(Event::ArticleCanonical { article, link });
                }
            }
            _ => self.befall_share(&mut commit, model),
        }
        commit
    }
}
