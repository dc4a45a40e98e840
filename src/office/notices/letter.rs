//! The words of a letter.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use sha2::{Digest, Sha256};

use super::due::{News, Task};
use crate::lang::Lang;
use crate::model::MemberId;
use crate::office::request::hex;
use crate::platform::letter::{Letter, TaskTold};

/// Of so many tasks a letter tells by name; it is read on a phone.
const MOST_NAMED: usize = 8;

/// What a letter is written with.
pub(super) struct Paper<'a> {
    pub(super) lang: Lang,
    pub(super) zone: &'a TimeZone,
    pub(super) now: Timestamp,
    /// The address people open, if it is known.
    pub(super) base: Option<&'a str>,
}

impl Paper<'_> {
    /// One letter about all of it.
    pub(super) fn letter(&self, member: &MemberId, news: &[(&Task, News)]) -> Letter {
        let of = |kind| news.iter().filter(move |(_, n)| *n == kind);
        let ending: Vec<&Task> = of(News::Ending).map(|(t, _)| *t).collect();
        let opened: Vec<&Task> = of(News::Opened).map(|(t, _)| *t).collect();
        let mut lines = Vec::new();
        let lang = self.lang;
        if !ending.is_empty() {
            lines.push(lang.count("notice.ending", as_u64(ending.len()), &[]));
            self.list(&ending, &mut lines);
        }
        if !opened.is_empty() {
            lines.push(lang.count("notice.opened", as_u64(opened.len()), &[]));
            self.list(&opened, &mut lines);
        }
        let tasks: Vec<TaskTold> = news
            .iter()
            .map(|(task, news)| TaskTold {
                share: task.share.to_string(),
                channel: task.channel.clone(),
                title: task.title.clone(),
                until: task.until,
                link: self.link(task),
                ending: *news == News::Ending,
            })
            .collect();
        let text = lines.join("\n");
        let at = news.iter().map(|(task, news)| task.since(*news)).max();
        Letter {
            id: id(member, &text, &tasks),
            kind: if ending.is_empty() {
                "task.opened"
            } else {
                "task.ending"
            },
            at: at.unwrap_or(self.now),
            text,
            tasks,
        }
    }

    /// A letter that only shows that letters arrive.
    pub(super) fn trial(&self, office: &str, id: String) -> Letter {
        Letter {
            id,
            kind: "notice.test",
            at: self.now,
            text: self.lang.fill("notice.test", &[("office", &office)]),
            tasks: Vec::new(),
        }
    }

    fn list(&self, tasks: &[&Task], lines: &mut Vec<String>) {
        for task in tasks.iter().take(MOST_NAMED) {
            lines.push(self.line(task));
            lines.extend(self.link(task));
        }
        let more = tasks.len().saturating_sub(MOST_NAMED);
        if more > 0 {
            let more = self.lang.count("notice.more", as_u64(more), &[]);
            let to = self.base.map(|base| format!("{base}/hand"));
            lines.push(
                [Some(more), to]
                    .into_iter()
                    .flatten()
                    .collect::<Vec<_>>()
                    .join(" "),
            );
        }
    }

    fn line(&self, task: &Task) -> String {
        let lang = self.lang;
        let (channel, title) = (&task.channel, &task.title);
        if task.removal {
            return lang.fill("notice.remove", &[("channel", channel), ("title", title)]);
        }
        let local = |at: Timestamp| at.to_zoned_datetime(self.zone.clone());
        let until = task
            .until
            .map(|at| lang.moment(&local(at), &local(self.now)))
            .unwrap_or_default();
        lang.fill(
            "notice.task",
            &[("channel", channel), ("title", title), ("until", &until)],
        )
    }

    fn link(&self, task: &Task) -> Option<String> {
        Some(format!("{}/hand/{}", self.base?, task.share))
    }
}

/// The same letter has the same id, and another letter another one: whenever it is sent.
fn id(member: &MemberId, text: &str, tasks: &[TaskTold]) -> String {
    let mut hash = Sha256::new();
    hash.update(member.as_str());
    hash.update(text);
    for task in tasks {
        hash.update(format!(" {} {:?} {}", task.share, task.until, task.ending));
    }
    let mut id = hex(&hash.finalize());
    id.truncate(32);
    id
}

fn as_u64(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}
