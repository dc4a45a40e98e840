//! What would go where and when: `plan()` walked into the future over imagined shares. Pure.

use std::cell::{Cell, RefCell};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};

use jiff::Timestamp;
use jiff::civil::Date;

use super::channel::Schedule;
use super::id::{ArticleId, ChannelId, ScheduleId, ShareId};
use super::plan::{
    Decision, Outlook, QueueAsk, Queued, Rules, Spent, Taken, Waits, fire, plan, waits_for,
};
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
    /// Which share.
    pub share: ShareId,
    /// Of which article.
    pub article: ArticleId,
    /// The schedule that takes it; none for a fixed time.
    pub schedule: Option<ScheduleId>,
    /// It has this time already; otherwise it is where the queue stands now.
    pub planned: bool,
    /// What it waits for under its channel's `after`.
    pub held: Option<Waits>,
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
/// a time already.
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
) -> Result<Vec<Coming>, O::Error> {
    let imagined = Imagined::new(outlook, now);
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
            share: share.id,
            article: share.article,
            schedule: share.firing.map(|f| f.schedule),
            planned: true,
            held,
        });
    }
    let mut add = |schedule: &ScheduleId, taken: &[Taken]| {
        coming.extend(taken.iter().filter(|t| t.due <= until).map(|t| Coming {
            at: t.due,
            channel: t.channel.clone(),
            share: t.share,
            article: t.article,
            schedule: Some(schedule.clone()),
            planned: false,
            held: None,
        }));
    };
    // What the daemon would do this very moment.
    for s in schedules {
        for decision in plan(
            now,
            s.schedule,
            s.cursor,
            rules,
            &imagined,
            &mut Spent::default(),
        )? {
            if let Decision::Fire {
                schedule, taken, ..
            } = decision
            {
                imagined.take(&taken);
                add(&schedule, &taken);
            }
        }
    }
    let mut instants: Vec<_> = schedules
        .iter()
        .map(|s| s.schedule.cron.after(&s.schedule.zone, now.max(s.cursor)))
        .collect();
    let mut next: BinaryHeap<Reverse<(Timestamp, usize)>> = BinaryHeap::new();
    for (i, s) in schedules.iter().enumerate() {
        if s.schedule.enabled
            && let Some(t) = instants[i].next()
        {
            next.push(Reverse((t, i)));
        }
    }
    // A schedule that found nothing in a queue that only shrinks here may still find something
    // later (a day's cap, an `after`), so all are walked to the end; the bound is the page.
    let mut listed = 0;
    while let Some(Reverse((instant, i))) = next.pop() {
        if instant > until || listed >= MOST_COMING {
            break;
        }
        imagined.at.set(instant);
        let schedule = schedules[i].schedule;
        let taken = fire(
            instant,
            schedule,
            instant,
            false,
            rules,
            &imagined,
            &mut Spent::default(),
        )?;
        imagined.take(&taken);
        add(&schedule.id, &taken);
        listed += taken.len();
        if let Some(t) = instants[i].next() {
            next.push(Reverse((t, i)));
        }
    }
    coming.sort_by(|a, b| (a.at, &a.channel).cmp(&(b.at, &b.channel)));
    coming.truncate(MOST_COMING);
    Ok(coming)
}

/// The outlook as it would be once imagined shares were taken, and everything due had gone out.
struct Imagined<'a, O> {
    real: &'a O,
    at: Cell<Timestamp>,
    taken: RefCell<TakenShares>,
}

#[derive(Default)]
struct TakenShares {
    shares: HashMap<ShareId, (Timestamp, Date)>,
    dues: HashMap<ChannelId, Vec<Timestamp>>,
    days: HashMap<(ChannelId, Date), u32>,
    gone: HashSet<ShareId>,
}

impl<'a, O: Outlook> Imagined<'a, O> {
    fn new(real: &'a O, at: Timestamp) -> Self {
        Self {
            real,
            at: Cell::new(at),
            taken: RefCell::default(),
        }
    }

    fn take(&self, taken: &[Taken]) {
        let mut all = self.taken.borrow_mut();
        for t in taken {
            all.shares.insert(t.share, (t.due, t.day));
            all.gone.insert(t.share);
            all.dues.entry(t.channel.clone()).or_default().push(t.due);
            *all.days.entry((t.channel.clone(), t.day)).or_default() += 1;
        }
    }

    /// What is due by now has gone out.
    fn see(&self, mut share: Share) -> Share {
        if let Some((due, day)) = self.taken.borrow().shares.get(&share.id) {
            share.state = State::Planned;
            share.due = Some(*due);
            share.day = Some(*day);
            share.place = None;
        }
        if share.state == State::Planned && share.due.is_some_and(|due| due <= self.at.get()) {
            share.state = State::Shared;
        }
        share
    }
}

impl<O: Outlook> Outlook for Imagined<'_, O> {
    type Error = O::Error;

    fn queue(&self, ask: &QueueAsk<'_>) -> Result<Vec<Queued>, O::Error> {
        let mut found: Vec<Queued> = Vec::new();
        let mut last = ask.after.cloned();
        let gone = |id: &ShareId| self.taken.borrow().gone.contains(id);
        while found.len() < ask.limit {
            let read = self.real.queue(&QueueAsk {
                after: last.as_ref(),
                ..ask.clone()
            })?;
            let ended = read.len() < ask.limit;
            last = read.last().cloned().or(last);
            found.extend(read.into_iter().filter(|q| !gone(&q.share)));
            if ended {
                break;
            }
        }
        found.truncate(ask.limit);
        Ok(found)
    }
    fn share(&self, id: ShareId) -> Result<Option<Share>, O::Error> {
        Ok(self.real.share(id)?.map(|s| self.see(s)))
    }
    fn shares_at(&self, article: ArticleId, channel: &ChannelId) -> Result<Vec<Share>, O::Error> {
        Ok(self
            .real
            .shares_at(article, channel)?
            .into_iter()
            .map(|s| self.see(s))
            .collect())
    }
    fn same_link(&self, article: ArticleId) -> Result<Vec<ArticleId>, O::Error> {
        self.real.same_link(article)
    }
    fn used_on(&self, channel: &ChannelId, day: Date) -> Result<u32, O::Error> {
        let imagined = self
            .taken
            .borrow()
            .days
            .get(&(channel.clone(), day))
            .copied()
            .unwrap_or(0);
        Ok(self.real.used_on(channel, day)? + imagined)
    }
    fn paused(&self, channel: &ChannelId, now: Timestamp) -> Result<bool, O::Error> {
        self.real.paused(channel, now)
    }
    fn last_start(
        &self,
        channel: &ChannelId,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, O::Error> {
        self.real.last_start(channel, now)
    }
    fn dues(&self, channel: &ChannelId) -> Result<Vec<Timestamp>, O::Error> {
        let mut dues = self.real.dues(channel)?;
        dues.extend(self.taken.borrow().dues.get(channel).into_iter().flatten());
        dues.sort_unstable();
        Ok(dues)
    }
}
