//! Every firing in order of time, over an imagined outlook.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use jiff::{SignedDuration, Timestamp};

use super::Considered;
use super::imagined::Imagined;
use crate::model::channel::Schedule;
use crate::model::plan::{Decision, Outlook, Rules, Spent, Taken, fire, plan};

/// The firings of these schedules in (now, until].
pub(super) struct Walk<'a, R> {
    now: Timestamp,
    until: Timestamp,
    schedules: &'a [Considered<'a>],
    rules: &'a R,
}

impl<'a, R: Rules> Walk<'a, R> {
    pub(super) fn new(
        now: Timestamp,
        until: Timestamp,
        schedules: &'a [Considered<'a>],
        rules: &'a R,
    ) -> Self {
        Self {
            now,
            until,
            schedules,
            rules,
        }
    }

    /// What the daemon would do this very moment about instants that are over. `fired` is told what each
    /// firing took.
    pub(super) fn catch_up<O: Outlook>(
        &self,
        imagined: &Imagined<'_, O, R>,
        fired: &mut impl FnMut(&Schedule, &[Taken]) -> bool,
    ) -> Result<(), O::Error> {
        for s in self.schedules {
            imagined.come_round(s.schedule, self.now)?;
        }
        for s in self.schedules {
            let mut spent = Spent::default();
            let decisions = plan(
                self.now, s.schedule, s.cursor, self.rules, imagined, &mut spent,
            )?;
            for decision in decisions {
                if let Decision::Fire { instant, taken, .. } = decision {
                    imagined.take(s.schedule, instant, &taken)?;
                    fired(s.schedule, &taken);
                }
            }
        }
        Ok(())
    }

    /// What it will do from now on, until `fired` says that it is enough.
    ///
    /// A schedule that found nothing may still find something later: a day's cap is over, a turn comes, an
    /// `after` is fulfilled. Only what is known to be empty or full is leapt over: a schedule of every
    /// minute has 44,640 instants a month.
    pub(super) fn go_on<O: Outlook>(
        &self,
        imagined: &Imagined<'_, O, R>,
        fired: &mut impl FnMut(&Schedule, &[Taken]) -> bool,
    ) -> Result<(), O::Error> {
        let from = |s: &Considered<'_>| self.instants(s.schedule, self.now.max(s.cursor));
        let mut instants: Vec<_> = self.schedules.iter().map(from).collect();
        let mut next: BinaryHeap<Reverse<(Timestamp, usize)>> = BinaryHeap::new();
        for (i, s) in self.schedules.iter().enumerate() {
            if s.schedule.enabled
                && let Some(first) = instants[i].next()
            {
                next.push(Reverse((first, i)));
            }
        }
        while let Some(Reverse((instant, i))) = next.pop() {
            let schedule = self.schedules[i].schedule;
            imagined.come_round(schedule, instant)?;
            let mut spent = Spent::default();
            let taken = fire(
                instant, schedule, instant, false, self.rules, imagined, &mut spent,
            )?;
            imagined.take(schedule, instant, &taken)?;
            if !fired(schedule, &taken) {
                break;
            }
            let idle_until = match taken.is_empty() {
                true => imagined.idle_until(schedule, instant)?,
                false => instant,
            };
            let mut following = instants[i].next();
            if following.is_some_and(|following| following < idle_until) {
                let before = idle_until.saturating_sub(SignedDuration::from_nanos(1));
                instants[i] = self.instants(schedule, before.unwrap_or(idle_until));
                following = instants[i].next();
            }
            if let Some(following) = following {
                next.push(Reverse((following, i)));
            }
        }
        Ok(())
    }

    fn instants(&self, schedule: &Schedule, after: Timestamp) -> crate::cron::Occurrences {
        schedule.cron.between(&schedule.zone, after, self.until)
    }
}
