//! What befalls articles, shares and the office itself, more or less fitting.

use jiff::SignedDuration;
use raotin::model::share::{Attempt, Cause, Removal, Taken};
use raotin::model::{
    Commit, Event, Firing, How, Mode, Part, PlatformKind, Post, Spot, State, Version, Why,
};
use raotin::store::{MemoryStore, Store};

use super::office::Office;
use super::{LINKS, begin, channel, member, schedule, topic};

impl Office {
    /// Something that may happen to a share, more or less fitting.
    pub fn befall_share(&mut self, commit: &mut Commit, model: &MemoryStore) {
        if self.shares.is_empty() {
            return;
        }
        // Mostly the latest ones, so that some live to the end.
        let all = self.shares.len();
        let among = if self.dice.one_in(4) { all } else { all.min(5) };
        let share = self.shares[all - 1 - self.dice.below(among)];
        let known = model.share(share).unwrap();
        let article = known
            .as_ref()
            .and_then(|s| model.article(s.article).unwrap());
        let version = Version {
            article: article.map_or(1, |a| a.version) + u32::from(self.dice.one_in(15)),
            own: known.as_ref().map_or(0, |s| s.own_version),
        };
        let (due, day) = self.later();
        let why = self.why();
        use State::*;
        let state = known.as_ref().map_or(Draft, |s| s.state);
        let fitting: &[u8] = match state {
            Draft => &[0, 1, 2],
            Submitted => &[3, 4, 4, 5, 6],
            Waiting => &[7, 8, 8, 9, 9, 9, 9, 2, 28],
            Planned => &[10, 10, 10, 10, 11, 12, 13, 14, 14, 7, 23],
            Sending => &[15, 15, 16, 16, 17, 18, 18, 19],
            Unsure => &[15, 17, 19, 20, 20, 20],
            ByHand => &[21, 22, 22, 22, 23, 5],
            Shared => &[24, 24, 24, 25, 26],
            Failed | Missed => &[9, 14, 5, 22, 2],
            Cancelled | Removed => &[1],
        };
        let which = match self.dice.one_in(12) {
            true => self.dice.below(29) as u8,
            false => fitting[self.dice.below(fitting.len())],
        };
        let event = match which {
            0 => Event::ShareSubmitted { share },
            1 => {
                let changed = self.dice.below(3) as u32;
                let text = self.dice.one_in(2).then(|| self.long_or_short());
                Event::ShareEdited {
                    share,
                    topic: self.dice.one_in(2).then(|| topic(self.dice.below(3))),
                    priority: self.dice.below(10) as u8,
                    own_text: text.map(|text| self.text(commit, text)),
                    own_version: version.own + changed,
                }
            }
            2 => Event::ShareCancelled { share, why },
            3 => Event::ShareReturned { share, note: None },
            4 => {
                commit.events.push(Event::ShareApproved { share, version });
                Event::ShareQueued {
                    share,
                    spot: Spot::End,
                    why: None,
                }
            }
            5 | 13 => Event::ShareQueued {
                share,
                spot: self.spot(known.as_ref()),
                why: Some(why),
            },
            6 => Event::ShareApproved { share, version },
            7 => Event::ShareUnapproved { share, why },
            8 => Event::ShareMoved {
                share,
                spot: self.spot(known.as_ref()),
            },
            9 => Event::SharePlanned {
                share,
                due,
                day,
                key: format!("key-{share}"),
                firing: self.dice.one_in(2).then(|| Firing {
                    schedule: schedule(0),
                    instant: due,
                }),
                fixed: self.dice.one_in(4),
                why: None,
            },
            10 => {
                let post = self.post();
                Event::ShareAttempted {
                    share,
                    attempt: Attempt {
                        number: 1,
                        at: self.now,
                        key: known
                            .as_ref()
                            .and_then(|s| s.key.clone())
                            .unwrap_or_default(),
                        prepared: "{}".into(),
                        clock_skew: -3,
                    },
                    post: self.text(commit, post),
                    version,
                    approval: self.dice.one_in(6),
                }
            }
            11 => Event::ShareDelayed {
                share,
                due,
                day,
                why: Some(why),
            },
            12 => Event::ShareFixed { share, due, day },
            14 | 27 => {
                let post = self.post();
                Event::ShareHanded {
                    share,
                    due,
                    day,
                    until: due + SignedDuration::from_hours(24),
                    post: self.text(commit, post),
                    why: None,
                }
            }
            15 => {
                let how = [How::Auto, How::Log][self.dice.below(2)];
                Event::ShareShared {
                    share,
                    receipt: Some(self.receipt()),
                    count: self.count(how),
                }
            }
            16 => Event::SharePartSent {
                share,
                receipt: self.receipt(),
            },
            17 => Event::ShareNotSent {
                share,
                due,
                day,
                counts: self.dice.one_in(2),
                receipt: self.dice.one_in(4).then(|| self.receipt()),
                why,
            },
            18 => Event::ShareDoubted { share, why },
            19 => Event::ShareFailed { share, why },
            20 => Event::ShareAsked { share, why },
            21 => Event::ShareTaken {
                share,
                taken: self.dice.one_in(2).then(|| Taken {
                    by: Some(member(0)),
                    until: due,
                }),
            },
            22 => Event::ShareShared {
                share,
                receipt: self.dice.one_in(2).then(|| self.receipt()),
                count: self.count(How::ByHand),
            },
            23 => Event::ShareMissed { share, why },
            24 => Event::ShareUndone {
                share,
                due,
                day,
                until: due,
            },
            25 => Event::RemovalChanged {
                share,
                removal: [None, Some(Removal::Asked), Some(Removal::ByHand)][self.dice.below(3)],
                why: None,
            },
            28 => Event::ShareFreed { share },
            _ => Event::ShareRemoved { share },
        };
        commit.events.push(event);
    }

    fn post(&mut self) -> String {
        let text = self.long_or_short();
        let part = Part {
            text,
            ..Part::default()
        };
        serde_json::to_string(&Post { parts: vec![part] }).unwrap()
    }

    pub(super) fn edit_article(&mut self, commit: &mut Commit, model: &MemoryStore) {
        let Some(n) = self.articles.len().checked_sub(1) else {
            return;
        };
        let article = self.articles[self.dice.below(n + 1)];
        let version = model.article(article).unwrap().map_or(1, |a| a.version);
        let text = self.long_or_short();
        let event = Event::ArticleEdited {
            article,
            version: version + [0, 1, 1, 2][self.dice.below(4)],
            title: self.text(commit, "Tiêu đề mới".into()),
            text: self.text(commit, text),
            link: self
                .dice
                .one_in(2)
                .then(|| LINKS[self.dice.below(3)].into()),
            pictures: Vec::new(),
            topic: self.dice.one_in(3).then(|| topic(self.dice.below(3))),
            priority: self.dice.below(10) as u8,
        };
        commit.events.push(event);
    }

    pub(super) fn of_the_office(&mut self, commit: &mut Commit, model: &MemoryStore) {
        let dice = &mut self.dice;
        let minute = |n: usize| begin() + SignedDuration::from_mins(n as i64);
        let one = dice.one_in(2).then(|| channel(0));
        let event = match dice.below(15) {
            0 => Event::Paused {
                channel: one,
                why: Why::new(Cause::Person),
                until: (!dice.one_in(6)).then(|| commit.at + SignedDuration::from_secs(12)),
            },
            1 | 2 => Event::Resumed { channel: one },
            3 => Event::ChannelGone {
                channel: channel(dice.below(4)),
            },
            4 => Event::ChannelSeen {
                channel: channel(dice.below(4)),
                title: "Tên mới".into(),
                platform: PlatformKind::Other,
                mode: Mode::ByHand,
            },
            5 => Event::ChannelRetargeted {
                channel: channel(1),
                target: "-100123".into(),
            },
            6 | 7 => Event::FiringFired {
                schedule: schedule(dice.below(2)),
                instant: minute(dice.below(12)),
                late: false,
            },
            8 => Event::FiringSkipped {
                schedule: schedule(dice.below(2)),
                since: minute(1),
                instant: minute(dice.below(12)),
                count: 3,
            },
            9 => Event::FiringAsked {
                schedule: schedule(dice.below(2)),
                since: minute(1),
                instant: minute(dice.below(12)),
                count: 3,
            },
            10 => Event::Tick {
                until: minute(dice.below(100)),
            },
            11 | 12 => Event::RequestAnswered {
                key: format!("k{}", dice.below(6)),
                digest: "d".into(),
                answer: serde_json::json!({"id": [1, null, "x".repeat(dice.below(9000))]}),
            },
            13 if dice.one_in(3) => {
                let commits = model.commits();
                let there: Vec<_> = commits.iter().flat_map(|c| c.texts.keys()).collect();
                Event::Erased {
                    texts: (0..4)
                        .filter(|_| !there.is_empty())
                        .map(|_| *there[dice.below(there.len())])
                        .collect(),
                    why: "luật".into(),
                }
            }
            13 => Event::TopicGone {
                topic: topic(dice.below(3)),
            },
            _ => Event::MemberRetired { member: member(1) },
        };
        commit.events.push(event);
    }
}
