//! What one member is to be told now, and when to look again. Pure.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

use super::ENDING;
use super::book::{Quiet, Told};
use crate::model::share::Taken;
use crate::model::{MemberId, ShareId};

/// An open task of hers.
#[derive(Debug, Clone)]
pub(super) struct Task {
    pub(super) share: ShareId,
    /// What people would call the article.
    pub(super) title: String,
    /// The channel's title.
    pub(super) channel: String,
    /// When it opened.
    pub(super) opened: Timestamp,
    /// When it is missed; none for a take-down.
    pub(super) until: Option<Timestamp>,
    /// Who is on it.
    pub(super) taken: Option<Taken>,
    /// Something is to be taken down.
    pub(super) removal: bool,
}

impl Task {
    /// Under which it is noted that she was told.
    pub(super) fn key(&self) -> String {
        if self.removal {
            format!("{}/removal", self.share)
        } else {
            self.share.to_string()
        }
    }

    /// Since when its news are news.
    pub(super) fn since(&self, news: News) -> Timestamp {
        match news {
            News::Opened => self.opened,
            News::Ending => self.ending().unwrap_or(self.opened),
        }
    }

    /// When it is told of a second time; a task that is open for no longer than that is told of once.
    fn ending(&self) -> Option<Timestamp> {
        let until = self.until?;
        let at = until.saturating_sub(ENDING).unwrap_or(until);
        (at > self.opened).then_some(at)
    }
}

/// What is new about a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum News {
    /// It opened.
    Opened,
    /// It is missed within the hour.
    Ending,
}

/// What is to be told, and when to look again if nothing happens until then.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Due {
    /// Of which tasks, by their place in the list.
    pub(super) news: Vec<(usize, News)>,
    pub(super) next: Option<Timestamp>,
}

pub(super) fn due(
    now: Timestamp,
    zone: &TimeZone,
    member: &MemberId,
    quiet: Option<Quiet>,
    told: &BTreeMap<String, Told>,
    tasks: &[Task],
) -> Due {
    let mut due = Due::default();
    let mut later = |at: Timestamp| due.next = Some(due.next.map_or(at, |next| next.min(at)));
    let mut news = Vec::new();
    for (n, task) in tasks.iter().enumerate() {
        if task.until.is_some_and(|until| until <= now) {
            continue;
        }
        // Whoever is on it does it; if she lets it lie, it is open to all again.
        if let Some(taken) = &task.taken
            && taken.until > now
            && taken.by.as_ref() != Some(member)
        {
            later(taken.until);
            continue;
        }
        let was = told.get(&task.key()).copied().unwrap_or_default();
        match task.ending().filter(|_| was.ending.is_none()) {
            // What ends is all that there is to say about it by then.
            Some(at) if at <= now => news.push((n, News::Ending)),
            ending => {
                if let Some(at) = ending {
                    later(at);
                }
                if was.opened.is_none() && was.ending.is_none() {
                    news.push((n, News::Opened));
                }
            }
        }
    }
    match quiet_until(now, zone, quiet) {
        Some(end) if !news.is_empty() => later(end),
        _ => due.news = news,
    }
    due
}

/// When it is loud again, if it is quiet now.
fn quiet_until(now: Timestamp, zone: &TimeZone, quiet: Option<Quiet>) -> Option<Timestamp> {
    let quiet = quiet?;
    let local = now.to_zoned_datetime(zone.clone());
    if !quiet.holds(local.time()) {
        return None;
    }
    let mut day = local.date();
    if quiet.until <= local.time() {
        day = day.checked_add(1.day()).ok()?;
    }
    let end = day
        .to_datetime(quiet.until)
        .to_zoned_datetime(zone.clone())
        .ok()?;
    // Where clocks change the end may lie behind us: look again soon.
    let soon = now.saturating_add(SignedDuration::from_mins(1)).ok()?;
    Some(end.timestamp().max(soon))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect(text)
    }

    fn task(until: Option<&str>) -> Task {
        Task {
            share: ShareId::new(1, [0; 10]),
            title: "Tiêm phòng".to_owned(),
            channel: "ATK Chợ Đồn".to_owned(),
            opened: at("2026-11-23T00:30:00Z"),
            until: until.map(at),
            taken: None,
            removal: false,
        }
    }

    fn lan() -> MemberId {
        MemberId::new("lan").expect("an id")
    }

    fn look(
        now: &str,
        quiet: Option<&str>,
        told: Told,
        task: Task,
    ) -> (Option<News>, Option<Timestamp>) {
        let zone = TimeZone::get("Asia/Ho_Chi_Minh").expect("the zone");
        let told = BTreeMap::from([(task.key(), told)]);
        let quiet = quiet.map(|q| q.parse().expect(q));
        let due = due(at(now), &zone, &lan(), quiet, &told, &[task]);
        (due.news.first().map(|(_, news)| *news), due.next)
    }

    const UNTIL: Option<&str> = Some("2026-11-23T06:30:00Z");
    const NEVER: Told = Told {
        opened: None,
        ending: None,
    };

    fn opened() -> Told {
        Told {
            opened: Some(at("2026-11-23T00:30:00Z")),
            ending: None,
        }
    }

    #[test]
    fn once_when_it_opens_and_once_an_hour_before_its_end() {
        let last_hour = Some(at("2026-11-23T05:30:00Z"));
        let seen = |now, told| look(now, None, told, task(UNTIL));
        assert_eq!(
            seen("2026-11-23T00:30:00Z", NEVER),
            (Some(News::Opened), last_hour)
        );
        assert_eq!(seen("2026-11-23T05:29:59Z", opened()), (None, last_hour));
        assert_eq!(
            seen("2026-11-23T05:30:00Z", opened()),
            (Some(News::Ending), None)
        );
        // Both at once are one.
        assert_eq!(
            seen("2026-11-23T06:00:00Z", NEVER),
            (Some(News::Ending), None)
        );
        let both = Told {
            ending: Some(at("2026-11-23T05:30:00Z")),
            ..opened()
        };
        assert_eq!(seen("2026-11-23T06:00:00Z", both), (None, None));
        assert_eq!(seen("2026-11-23T06:30:00Z", NEVER), (None, None));
    }

    #[test]
    fn a_task_of_less_than_an_hour_is_told_once() {
        let short = Some("2026-11-23T01:00:00Z");
        let seen = |told| look("2026-11-23T00:30:00Z", None, told, task(short));
        assert_eq!(seen(NEVER), (Some(News::Opened), None));
        assert_eq!(seen(opened()), (None, None));
        assert_eq!(
            look("2026-11-23T00:30:00Z", None, NEVER, task(None)),
            (Some(News::Opened), None)
        );
    }

    #[test]
    fn what_falls_into_quiet_hours_is_told_at_their_end_if_it_is_still_true() {
        // 07:30 to 09:00 in Vietnam is 00:30 to 02:00 UTC.
        let quiet = Some("07:00-09:00");
        let end = Some(at("2026-11-23T02:00:00Z"));
        let seen = |now| look(now, quiet, NEVER, task(UNTIL));
        assert_eq!(seen("2026-11-23T00:30:00Z"), (None, end));
        assert_eq!(seen("2026-11-23T02:00:00Z").0, Some(News::Opened));
        let over_midnight = Some("22:00-10:00");
        let seen = |now| look(now, over_midnight, NEVER, task(UNTIL));
        assert_eq!(
            seen("2026-11-22T16:00:00Z"),
            (None, Some(at("2026-11-23T03:00:00Z")))
        );
        assert_eq!(
            look("2026-11-23T06:30:00Z", quiet, NEVER, task(UNTIL)).0,
            None
        );
    }

    #[test]
    fn what_another_one_is_on_is_not_told_while_she_is() {
        let taken = |by: &str| Task {
            taken: Some(Taken {
                by: Some(MemberId::new(by).expect(by)),
                until: at("2026-11-23T00:45:00Z"),
            }),
            ..task(UNTIL)
        };
        let seen = |now, by| look(now, None, NEVER, taken(by));
        assert_eq!(
            seen("2026-11-23T00:30:00Z", "hoa"),
            (None, Some(at("2026-11-23T00:45:00Z")))
        );
        assert_eq!(seen("2026-11-23T00:30:00Z", "lan").0, Some(News::Opened));
        assert_eq!(seen("2026-11-23T00:45:00Z", "hoa").0, Some(News::Opened));
    }
}
