//! One article on one channel, once: the unit of work and of counting, and its life.
//!
//! [`Share::step`] is the only thing that changes a share's state. Every edge is in RULES 1 and in
//! `docs/life-of-a-share.md`; there is no other.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::event::Event;
use super::id::{ArticleId, ChannelId, MemberId, ScheduleId, ShareId, TopicId, UnitId};
use super::post::{Post, Receipt};
pub use super::state::{How, State};
pub use super::why::{Cause, Why};

/// A hand confirmation may be taken back for so long: a slip of the thumb is noticed at once.
pub const UNDO_WITHIN: SignedDuration = SignedDuration::from_secs(60);

/// What a share counts as, frozen in the event that counted it (RULES 6).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// The platform's time; by hand the time she gives, else of the confirmation.
    pub at: Timestamp,
    /// The office's local day of `at`.
    pub day: Date,
    /// The article's topic then.
    pub topic: Option<TopicId>,
    /// The article's unit then.
    pub unit: Option<UnitId>,
    /// By hand: who did it; else who queued the article.
    pub member: Option<MemberId>,
    /// How.
    pub how: How,
}

/// Which text was looked at: the article's version and the share's own text's version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Version {
    /// [`super::article::Article::version`].
    pub article: u32,
    /// [`Share::own_version`].
    pub own: u32,
}

/// The firing that took a share.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Firing {
    /// Which schedule.
    pub schedule: ScheduleId,
    /// At which of its instants.
    pub instant: Timestamp,
}

/// One try at sending, on disk before the first byte that shows something leaves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// Counts up from 1 over the share's life.
    pub number: u32,
    /// When it was written.
    pub at: Timestamp,
    /// The share's key.
    pub key: String,
    /// What the platform prepared (upload ids, drafts), in the platform's own JSON.
    pub prepared: String,
    /// The platform's clock minus ours when last seen, in seconds; read-back looks by it.
    pub clock_skew: i64,
}

impl Attempt {
    /// The key of one part: the share's own for the first, and one beside it for each that follows,
    /// for a place takes a key once.
    pub fn key_of(&self, part: usize) -> String {
        match part {
            0 => self.key.clone(),
            _ => format!("{}-{part}", self.key),
        }
    }
}

/// A person is on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// Who; none for the local operator.
    pub by: Option<MemberId>,
    /// Until when others leave it to her.
    pub until: Timestamp,
}

/// Where a take-down is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Removal {
    /// Asked for; the daemon deletes.
    Asked,
    /// A delete is on the wire, or was when something died: deleting again is harmless.
    Deleting,
    /// A person takes it down, with the link.
    ByHand,
}

/// Who takes down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TakenDownBy {
    /// The daemon.
    Daemon,
    /// A person.
    Person,
}

impl Removal {
    /// Whose turn it is.
    pub fn taken_down_by(self) -> TakenDownBy {
        match self {
            Removal::Asked | Removal::Deleting => TakenDownBy::Daemon,
            Removal::ByHand => TakenDownBy::Person,
        }
    }
}

/// One article on one channel, once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// UUIDv7.
    pub id: ShareId,
    /// What goes out.
    pub article: ArticleId,
    /// Where.
    pub channel: ChannelId,
    /// Where it is in its life.
    pub state: State,
    /// While Waiting: its place in the channel's queue; lower goes first.
    pub place: Option<i64>,
    /// Its number of entry into the channel; the highest was last added. Never changes.
    pub entry: i64,
    /// A fixed time a person gave it.
    pub at: Option<Timestamp>,
    /// While Planned: when. While ByHand: the planned instant.
    pub due: Option<Timestamp>,
    /// The time it was first planned for: lateness and giving up are told from it.
    pub planned_for: Option<Timestamp>,
    /// The local day it is counted on by the caps, while Planned, Sending, Unsure, ByHand or Shared.
    pub day: Option<Date>,
    /// The firing that took it.
    pub firing: Option<Firing>,
    /// Made when first planned; the same in every attempt until a person resends a refused one.
    pub key: Option<String>,
    /// The article's topic, for the queue's indexes.
    pub topic: Option<TopicId>,
    /// The article's priority, for the queue's indexes.
    pub priority: u8,
    /// This channel's own text instead of the article's.
    pub own_text: Option<String>,
    /// Counts up with every change of `own_text`.
    pub own_version: u32,
    /// The version that was approved.
    pub approved: Option<Version>,
    /// A person asked for it although the same went there lately.
    pub again: bool,
    /// A person freed it from its channel's `after`.
    pub alone: bool,
    /// The last attempt.
    pub attempt: Option<Attempt>,
    /// Tries that count since it was last planned by a firing or a person.
    pub tries: u32,
    /// What is, or may be, out there: frozen with the attempt or the hand task.
    pub post: Option<Post>,
    /// Of the parts that are out, in order.
    pub receipts: Vec<Receipt>,
    /// While ByHand: when it becomes Missed.
    pub until: Option<Timestamp>,
    /// While ByHand: who is on it.
    pub taken: Option<Taken>,
    /// Why it is where it is.
    pub why: Option<Why>,
    /// What it counts as, once Shared.
    pub count: Option<Count>,
    /// A take-down under way.
    pub removal: Option<Removal>,
    /// Commit time of the last change.
    pub changed: Timestamp,
}

impl Share {
    /// One that nothing has happened to yet, in the state that it begins in.
    pub fn new(
        id: ShareId,
        article: ArticleId,
        channel: ChannelId,
        state: State,
        changed: Timestamp,
    ) -> Share {
        Share {
            id,
            article,
            channel,
            state,
            place: None,
            entry: 0,
            at: None,
            due: None,
            planned_for: None,
            day: None,
            firing: None,
            key: None,
            topic: None,
            priority: 0,
            own_text: None,
            own_version: 0,
            approved: None,
            again: false,
            alone: false,
            attempt: None,
            tries: 0,
            post: None,
            receipts: Vec::new(),
            until: None,
            taken: None,
            why: None,
            count: None,
            removal: None,
            changed,
        }
    }
}

/// Why an event may not happen to a share.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoStep {
    /// There is no such edge (RULES 1).
    #[error("a share that is {} cannot take {event}", from.as_str())]
    NoEdge {
        /// Where it is.
        from: State,
        /// The event's type.
        event: &'static str,
    },
    /// The text changed since it was looked at.
    #[error("the text changed since it was looked at")]
    Stale,
    /// The channel asks for approval of just this text.
    #[error("this text is not approved")]
    NotApproved,
    /// Only a hand confirmation can be undone, and only for [`UNDO_WITHIN`].
    #[error("only a confirmation by hand can be undone, within 60 seconds")]
    TooLateToUndo,
    /// The attempt's key is not the share's.
    #[error("the attempt's key is not the share's")]
    WrongKey,
}

impl Share {
    /// The text version a post made now would be of, given the article's version.
    pub fn version(&self, article: u32) -> Version {
        Version {
            article,
            own: self.own_version,
        }
    }

    /// Receipts with ids that the place gave. Where it gave none (a webhook need not), the id is the
    /// share's own key: nobody finds another share's post under it, so it is not indexed.
    pub fn receipts_of_the_place(&self) -> impl Iterator<Item = &Receipt> {
        let ours = self.attempt.as_ref().map(|a| a.key.as_str());
        self.receipts
            .iter()
            .filter(move |r| !ours.is_some_and(|key| r.post_id.starts_with(key)))
    }

    /// The one pure function that owns a share's life. `at` is the commit's time. The post of an
    /// attempt or a hand task is put in by the caller, who holds the commit's texts.
    ///
    /// # Errors
    /// [`NoStep`] where RULES 1 has no such edge, or its condition does not hold.
    pub fn step(mut self, event: &Event, at: Timestamp) -> Result<Share, NoStep> {
        use Event as E;
        use State::*;
        let from = self.state;
        let edge = |allowed: &[State]| {
            if allowed.contains(&from) {
                Ok(())
            } else {
                Err(NoStep::NoEdge {
                    from,
                    event: event.kind(),
                })
            }
        };
        match event {
            E::ShareSubmitted { .. } => {
                edge(&[Draft])?;
                self.state = Submitted;
                self.why = None;
            }
            E::ShareReturned { note, .. } => {
                edge(&[Submitted])?;
                self.state = Draft;
                self.why = Some(Why {
                    cause: Cause::SentBack,
                    detail: note.clone(),
                });
            }
            E::ShareApproved { version, .. } => {
                // Approval and what follows it (queued or planned) stand in one commit.
                edge(&[Submitted])?;
                self.approved = Some(*version);
            }
            E::ShareUnapproved { why, .. } => {
                edge(&[Waiting, Planned])?;
                self.leave_plan();
                self.state = Submitted;
                self.approved = None;
                self.why = Some(why.clone());
            }
            E::ShareQueued { why, .. } => {
                edge(&[Submitted, Planned, ByHand, Failed])?;
                if from == Failed {
                    self.forget_attempt();
                }
                self.leave_plan();
                self.state = Waiting;
                self.at = None;
                self.why = why.clone();
            }
            E::SharePlanned {
                due,
                day,
                key,
                firing,
                fixed,
                why,
                ..
            } => {
                edge(&[Submitted, Waiting, Missed, Failed])?;
                if from == Failed {
                    self.forget_attempt();
                }
                self.state = Planned;
                self.place = None;
                self.due = Some(*due);
                self.planned_for = Some(*due);
                self.day = Some(*day);
                self.firing = firing.clone();
                self.tries = 0;
                if *fixed {
                    self.at = Some(*due);
                }
                if self.key.is_none() {
                    self.key = Some(key.clone());
                }
                self.why = why.clone();
            }
            E::ShareAttempted {
                attempt,
                version,
                approval,
                ..
            } => {
                edge(&[Planned])?;
                if *approval && self.approved != Some(*version) {
                    return Err(NoStep::NotApproved);
                }
                if version.own != self.own_version {
                    return Err(NoStep::Stale);
                }
                if self.key.as_ref() != Some(&attempt.key) {
                    return Err(NoStep::WrongKey);
                }
                self.state = Sending;
                self.attempt = Some(attempt.clone());
                self.why = None;
            }
            E::SharePartSent { receipt, .. } => {
                edge(&[Sending])?;
                self.receipts.push(receipt.clone());
            }
            E::ShareNotSent {
                due,
                day,
                counts,
                receipt,
                why,
                ..
            } => {
                edge(&[Sending, Unsure])?;
                self.receipts.extend(receipt.clone());
                self.state = Planned;
                self.due = Some(*due);
                self.day = Some(*day);
                self.tries += u32::from(*counts);
                self.why = Some(why.clone());
            }
            E::ShareDoubted { why, .. } => {
                edge(&[Sending])?;
                self.state = Unsure;
                self.why = Some(why.clone());
            }
            E::ShareFailed { why, .. } => {
                edge(&[Sending, Unsure])?;
                self.leave_plan();
                self.state = Failed;
                self.day = None;
                self.why = Some(why.clone());
            }
            E::ShareHanded {
                due,
                day,
                until,
                why,
                ..
            } => {
                edge(&[Planned, Missed, Failed])?;
                if from == Failed {
                    self.forget_attempt();
                }
                self.leave_plan();
                self.state = ByHand;
                self.due = Some(*due);
                self.day = Some(*day);
                self.until = Some(*until);
                self.why = why.clone();
            }
            E::ShareShared { receipt, count, .. } => {
                edge(&[Sending, Unsure, ByHand, Missed])?;
                self.state = Shared;
                self.place = None;
                self.due = None;
                self.until = None;
                self.taken = None;
                self.day = Some(count.day);
                self.receipts.extend(receipt.clone());
                self.count = Some(count.clone());
                self.why = None;
            }
            E::ShareUndone {
                due, day, until, ..
            } => {
                edge(&[Shared])?;
                let by_hand = self.count.as_ref().is_some_and(|c| c.how == How::ByHand);
                if !by_hand
                    || self.removal.is_some()
                    || at.duration_since(self.changed) > UNDO_WITHIN
                {
                    return Err(NoStep::TooLateToUndo);
                }
                self.state = ByHand;
                self.count = None;
                self.receipts.clear();
                self.due = Some(*due);
                self.day = Some(*day);
                self.until = Some(*until);
            }
            E::ShareMissed { why, .. } => {
                edge(&[Planned, ByHand])?;
                self.leave_plan();
                self.state = Missed;
                self.day = None;
                self.why = Some(why.clone());
            }
            E::ShareCancelled { why, .. } => {
                edge(&[Draft, Submitted, Waiting, Planned, ByHand, Failed, Missed])?;
                self.leave_plan();
                self.state = Cancelled;
                self.day = None;
                self.why = Some(why.clone());
            }
            E::ShareRemoved { .. } => {
                edge(&[Shared])?;
                self.state = Removed;
                self.removal = None;
            }
            // What changes a share without moving it in its life.
            E::ShareMoved { .. } => edge(&[Waiting])?,
            E::ShareDelayed { due, day, why, .. } => {
                edge(&[Planned])?;
                self.due = Some(*due);
                self.day = Some(*day);
                self.why = why.clone();
            }
            E::ShareFixed { due, day, .. } => {
                edge(&[Planned])?;
                self.at = Some(*due);
                self.due = Some(*due);
                self.planned_for = Some(*due);
                self.day = Some(*day);
                self.why = None;
            }
            E::ShareAsked { why, .. } => {
                edge(&[Unsure])?;
                self.why = Some(why.clone());
            }
            E::ShareTaken { taken, .. } => {
                edge(&[ByHand])?;
                self.taken = taken.clone();
            }
            E::ShareEdited {
                topic,
                priority,
                own_version,
                ..
            } => {
                edge(&[Draft, Submitted, Waiting, Planned, Missed, Failed])?;
                self.topic = topic.clone();
                self.priority = *priority;
                self.own_version = *own_version;
            }
            E::ShareFreed { .. } => {
                edge(&[Draft, Submitted, Waiting, Planned])?;
                self.alone = true;
            }
            E::RemovalChanged { removal, .. } => {
                edge(&[Shared])?;
                self.removal = *removal;
            }
            _ => {
                return Err(NoStep::NoEdge {
                    from,
                    event: event.kind(),
                });
            }
        }
        self.changed = at;
        Ok(self)
    }

    /// Out of queue, plan and hands.
    fn leave_plan(&mut self) {
        self.place = None;
        self.due = None;
        self.day = None;
        self.until = None;
        self.taken = None;
    }

    /// After a certain refusal a person resends: a new post and a new key (RULES 3).
    fn forget_attempt(&mut self) {
        if self.receipts.is_empty() {
            self.key = None;
            self.post = None;
        }
        self.tries = 0;
    }
}
