//! Who changed which setting, or which member, and when: as the ledger tells it. What somebody edited in
//! the files by hand is there too, as far as it was told of: that it was, not by whom.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use super::{Office, OfficeError, permission};
use crate::lang::Lang;
use crate::model::{Actor, By, Commit, Event, Role, SettingChanged};
use crate::store::StoreError;
use crate::store::history::History;
use crate::store::ledger::Mark;

/// Most changes in one answer.
pub const MOST_CHANGES: usize = 500;

/// A setting or a member, changed once.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// From 1 on, in the ledger's order; the same for ever.
    pub number: u64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: By,
    /// It was edited in the files, and noticed then; `by` is who noticed.
    pub in_file: bool,
    /// office, channel, topic, group, schedule, feed, member.
    pub part: String,
    /// Which; empty for the office.
    pub id: String,
    /// added, changed, retired.
    pub how: String,
    /// What of it.
    pub settings: Vec<SettingChanged>,
}

impl Office {
    /// Changes of settings and members, newest first; `before`: only those with a lower number. The first
    /// who asks waits for the whole ledger, the others for what came since.
    ///
    /// # Errors
    /// [`OfficeError::NotAllowed`]; the ledger's.
    pub async fn changes(
        &self,
        actor: &Actor,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<Change>, OfficeError> {
        permission::read(actor)?;
        let (history, seen) = (self.history.clone(), self.changes.clone());
        let limit = limit.clamp(1, MOST_CHANGES);
        let read = move || {
            // One walk at a time; who was there first has done it for the others.
            let mut seen = seen.0.lock().unwrap_or_else(PoisonError::into_inner);
            seen.look(&*history)?;
            let asked = |change: &&Change| before.is_none_or(|before| change.number < before);
            let newest = seen.changes.iter().rev().filter(asked);
            Ok(newest.take(limit).cloned().collect())
        };
        let found = tokio::task::spawn_blocking(read).await;
        found.map_err(|e| OfficeError::Stopped(e.to_string()))?
    }

    /// A change in a few words: "Sửa kênh ATK Chợ Đồn".
    pub fn tell_change(&self, lang: Lang, change: &Change) -> String {
        let part = lang.look("part", &change.part);
        let name = self.title_of(&change.part, &change.id);
        let values: [(&str, &dyn std::fmt::Display); 2] = [("part", &part), ("name", &name)];
        let said = match (change.how.as_str(), change.part.as_str()) {
            ("added", _) => lang.fill("changes.added", &values),
            ("retired", "member") => lang.fill("changes.left", &values),
            ("retired", _) => lang.fill("changes.retired", &values),
            _ => lang.fill("changes.changed", &values),
        };
        said.trim_end().to_owned()
    }

    /// What people call it now; its id where it is gone.
    fn title_of(&self, part: &str, id: &str) -> String {
        let config = self.config();
        let channel = || config.channels.iter().find(|c| c.rules.id.as_str() == id);
        let feed = || config.feeds.iter().find(|f| f.id.as_str() == id);
        let topic = || config.topics.iter().find(|t| t.id.as_str() == id);
        let title = match part {
            "channel" => channel().map(|c| c.rules.title.clone()),
            "topic" => topic().map(|t| t.title.clone()),
            "feed" => feed().map(|f| f.title.clone()),
            _ => None,
        };
        title.unwrap_or_else(|| id.to_owned())
    }
}

/// A key as the forms call it, and its value as they show it, before and after.
pub fn in_words(
    lang: Lang,
    part: &str,
    change: &SettingChanged,
) -> (String, Option<String>, Option<String>) {
    let named = change.key.replace('_', "-");
    let of_feed = match part {
        "feed" => lang.look("feed-setting", &named),
        _ => "",
    };
    let labels = [
        of_feed,
        lang.look("setting", &named),
        lang.look("column", &named),
    ];
    let label = labels.into_iter().find(|label| !label.is_empty());
    let value = |text: &Option<String>| text.as_deref().map(|t| said(lang, &named, t));
    (
        label.unwrap_or(&change.key).to_owned(),
        value(&change.from),
        value(&change.to),
    )
}

/// `"required"` → Phải duyệt; `["a", "b"]` → a, b.
fn said(lang: Lang, key: &str, written: &str) -> String {
    let plain: String = written.chars().filter(|c| *c != '"').collect();
    let plain = plain.trim_matches(['[', ']']).trim();
    let one = |word: &str| {
        let role = Role::ALL.into_iter().find(|r| r.as_str() == word);
        match (key, role) {
            ("roles", Some(role)) => lang.role(role).to_owned(),
            _ => match lang.look("choice", &format!("{key}-{word}")) {
                "" if word == "true" => lang.text("changes.yes").to_owned(),
                "" if word == "false" => lang.text("changes.no").to_owned(),
                "" => word.to_owned(),
                known => known.to_owned(),
            },
        }
    };
    plain.split(", ").map(one).collect::<Vec<_>>().join(", ")
}

/// What changed, by whatever event told it.
struct Told {
    part: String,
    id: String,
    how: String,
    settings: Vec<SettingChanged>,
}

/// A thing's keys and values.
type Keys = Vec<(&'static str, String)>;

/// The changes that were found, and up to where the ledger was looked through for them.
#[derive(Default)]
pub struct Changes(Mutex<Found>);

#[derive(Default)]
struct Found {
    to: Option<Mark>,
    eyes: Eyes,
    /// Oldest first.
    changes: Vec<Change>,
}

impl Found {
    fn look(&mut self, history: &dyn History) -> Result<(), StoreError> {
        let Self { to, eyes, changes } = self;
        let looked = history.each_commit_after(to.unwrap_or(Mark::START), &mut |commit| {
            changes.extend(eyes.see(commit));
        });
        // What broke off on the way is looked at from the beginning.
        match looked {
            Ok(last) => *to = Some(last),
            Err(_) => *self = Self::default(),
        }
        looked.map(drop)
    }
}

/// What was last seen of each thing, so that a later event tells what changed.
#[derive(Default)]
struct Eyes {
    number: u64,
    known: HashMap<(&'static str, String), Keys>,
}

impl Eyes {
    fn see(&mut self, commit: &Commit) -> Vec<Change> {
        let from_pages = |told: &Told| {
            commit.events.iter().any(|event| match event {
                Event::ConfigChanged { part, id, .. } => *part == told.part && *id == told.id,
                _ => false,
            })
        };
        let mut changes = Vec::new();
        for event in &commit.events {
            let (told, in_file) = match event {
                Event::ConfigChanged {
                    part,
                    id,
                    how,
                    settings,
                } => {
                    let told = Told {
                        part: part.clone(),
                        id: id.clone(),
                        how: how.clone(),
                        settings: settings.clone(),
                    };
                    (told, false)
                }
                _ => match self.noticed(event) {
                    // Changed from the pages in the same commit: told already.
                    Some(told) if !from_pages(&told) => {
                        let in_file = told.part != MEMBER;
                        (told, in_file)
                    }
                    _ => continue,
                },
            };
            self.number += 1;
            changes.push(Change {
                number: self.number,
                at: commit.at,
                by: commit.by.clone(),
                in_file,
                part: told.part,
                id: told.id,
                how: told.how,
                settings: told.settings,
            });
        }
        changes
    }

    /// What is new, changed or gone.
    fn noticed(&mut self, event: &Event) -> Option<Told> {
        let (part, id, now) = seen(event)?;
        let before = self.known.insert((part, id.clone()), now.clone());
        let before = before.unwrap_or_default();
        let how = match (before.is_empty(), now.is_empty()) {
            (_, true) => "retired",
            (true, false) => "added",
            (false, false) => "changed",
        };
        let value = |of: &Keys, key: &str| {
            let found = of.iter().find(|(k, _)| *k == key);
            found.map(|(_, value)| value.clone())
        };
        let gone = before.iter().filter(|(key, _)| value(&now, key).is_none());
        let keys = now.iter().chain(gone).map(|(key, _)| *key);
        let changed = keys.map(|key| SettingChanged {
            key: key.to_owned(),
            from: value(&before, key),
            to: value(&now, key),
        });
        let settings: Vec<_> = changed
            .filter(|s| how != "retired" && s.from != s.to)
            .collect();
        // Told again although nothing is new, but for a member's name, which the ledger never holds.
        if how == "changed" && settings.is_empty() && part != MEMBER {
            return None;
        }
        Some(Told {
            part: part.to_owned(),
            id,
            how: how.to_owned(),
            settings,
        })
    }
}

/// The part that no file holds.
const MEMBER: &str = "member";

/// What the event says of a thing; no keys where it is gone.
fn seen(event: &Event) -> Option<(&'static str, String, Keys)> {
    Some(match event {
        Event::ChannelSeen {
            channel,
            title,
            platform,
            mode,
        } => {
            let now = vec![
                ("title", title.clone()),
                ("platform", platform.as_str().to_owned()),
                ("mode", mode.as_str().to_owned()),
            ];
            ("channel", channel.to_string(), now)
        }
        Event::ChannelGone { channel } => ("channel", channel.to_string(), Keys::new()),
        Event::TopicSeen { topic, title } => {
            ("topic", topic.to_string(), vec![("title", title.clone())])
        }
        Event::TopicGone { topic } => ("topic", topic.to_string(), Keys::new()),
        Event::ScheduleSeen {
            schedule,
            cron,
            zone,
            ..
        } => {
            let now = vec![("cron", cron.clone()), ("zone", zone.clone())];
            ("schedule", schedule.to_string(), now)
        }
        Event::ScheduleGone { schedule } => ("schedule", schedule.to_string(), Keys::new()),
        Event::FeedSeen { feed, title, url } => {
            let now = vec![("title", title.clone()), ("url", url.clone())];
            ("feed", feed.to_string(), now)
        }
        Event::FeedGone { feed } => ("feed", feed.to_string(), Keys::new()),
        Event::MemberSet {
            member,
            roles,
            unit,
        } => {
            let roles: Vec<&str> = roles.iter().map(|r| r.as_str()).collect();
            let mut now = vec![("roles", roles.join(", "))];
            now.extend(unit.as_ref().map(|u| ("unit", u.to_string())));
            (MEMBER, member.to_string(), now)
        }
        Event::MemberRetired { member } => (MEMBER, member.to_string(), Keys::new()),
        _ => return None,
    })
}
