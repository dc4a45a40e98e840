//! What would go where and when: `plan()` walked into the future over imagined shares. Pure.

mod filling;
mod free;
mod imagined;
mod turns;
mod walk;

use jiff::Timestamp;

pub use self::free::{Free, MOST_A_DAY, free};
use self::imagined::Imagined;
use self::walk::Walk;
use super::channel::Schedule;
use super::evergreen::Standing;
use super::id::{ArticleId, ChannelId, ScheduleId, ShareId};
use super::plan::{Outlook, Rules, Taken, Waits, waits_for};
use super::share::{Share, State};

/// So many lines at most: a page, not an archive.
pub const MOST_COMING: usize = 5_000;

/// One share that would go out.
#[derive(Debug, Clone, PartialEq)]
pub struct Coming {
    /// When.
    pub at: Timestamp,
    /// Where.
    pub channel: ChannelId,
    /// What.
    pub what: Comes,
    /// Of which article.
    pub article: ArticleId,
    /// The schedule that takes it; none for a fixed time.
    pub schedule: Option<ScheduleId>,
    /// It has this time already; otherwise it is where the queue stands now.
    pub planned: bool,
    /// What it waits for under its channel's `after`.
    pub held: Option<Waits>,
}

/// What comes: a share that is there, or one that is still to be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comes {
    /// This one.
    Share(ShareId),
    /// The article's turn by its rule, the so-manieth there: by then it has a share of its own.
    Turn(u32),
}

impl Comes {
    /// The share, where it is there.
    pub fn share(self) -> Option<ShareId> {
        match self {
            Comes::Share(share) => Some(share),
            Comes::Turn(_) => None,
        }
    }
    /// Which turn of its article it is, where it is still to be made.
    pub fn turn(self) -> Option<u32> {
        match self {
            Comes::Share(_) => None,
            Comes::Turn(turn) => Some(turn),
        }
    }
}

/// A schedule and up to when it was considered.
#[derive(Debug, Clone, Copy)]
pub struct Considered<'a> {
    /// Which.
    pub schedule: &'a Schedule,
    /// Instants up to here are done with.
    pub cursor: Timestamp,
}

/// Everything that would go out in (now, until], in order of time. `planned`: the shares that have
/// a time already. `rounds`: the articles that come round by a rule, as the daemon looks at them; of
/// these what somebody is to approve first is left out, like everything that waits for a person.
///
/// # Errors
/// The outlook's.
pub fn upcoming<O: Outlook>(
    now: Timestamp,
    until: Timestamp,
    schedules: &[Considered<'_>],
    rules: &impl Rules,
    outlook: &O,
    planned: Vec<Share>,
    rounds: Vec<Standing>,
) -> Result<Vec<Coming>, O::Error> {
    let mut coming = Vec::new();
    for share in planned {
        let Some(due) = share.due.filter(|d| *d <= until) else {
            continue;
        };
        let held = match rules.channel(&share.channel) {
            Some(channel) => waits_for(&share, channel, outlook)?,
            None => continue,
        };
        coming.push(Coming {
            at: due.max(now),
            channel: share.channel,
            what: Comes::Share(share.id),
            article: share.article,
            schedule: share.firing.map(|f| f.schedule),
            planned: true,
            held,
        });
    }
    let imagined = Imagined::new(outlook, now, rules, rounds);
    let mut listed = 0;
    let mut add = |schedule: &Schedule, taken: &[Taken]| {
        coming.extend(taken.iter().filter(|t| t.due <= until).map(|t| Coming {
            at: t.due,
            channel: t.channel.clone(),
            what: imagined.what(t.share),
            article: t.article,
            schedule: Some(schedule.id.clone()),
            planned: false,
            held: None,
        }));
        listed += taken.len();
        listed < MOST_COMING
    };
    let walk = Walk::new(now, until, schedules, rules);
    walk.catch_up(&imagined, &mut add)?;
    walk.go_on(&imagined, &mut add)?;
    coming.sort_by(|a, b| (a.at, &a.channel).cmp(&(b.at, &b.channel)));
    coming.truncate(MOST_COMING);
    Ok(coming)
}

/// A share that is imagined: it waits.
fn waiting(id: ShareId, article: ArticleId, channel: ChannelId) -> Share {
    Share::new(id, article, channel, State::Waiting, Timestamp::MIN)
}
