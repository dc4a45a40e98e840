//! The configuration's files changed as a person asks, in place: text in, text out, comments and order
//! kept. Pure; nothing here knows whether the result holds, which is the checker's to say.
//!
//! - [`Edit`]: what is asked; [`apply`] does it;
//! - `entry`: the keys that can be changed, as plain values;
//! - `splice`: one value or table of a text, every other byte where it was;
//! - `naming`: what names an id, and taking it out of there;
//! - [`at_fields`]: which key each problem is about.

mod entry;
mod naming;
mod splice;

use std::ops::Range;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::files::SCHEDULES;
use super::{Problem, Problems, Source, Sources};
use crate::model::{ScheduleId, SettingChanged};
use entry::{TOPIC_ALIAS, entry_of, is_nothing, toml_of};
use splice::{Odd, Spot};

pub use entry::{Entry, Kind, typed};

/// One table of the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Part {
    /// What kind.
    pub kind: Kind,
    /// Which; empty for the office.
    pub id: String,
}

impl Part {
    /// The table of this kind and id.
    pub fn new(kind: Kind, id: impl ToString) -> Self {
        Self {
            kind,
            id: id.to_string(),
        }
    }
    /// `[office]`.
    pub fn office() -> Self {
        Self::new(Kind::Office, "")
    }
    /// `channel fanpage`: for logs and the ledger.
    pub fn name(&self) -> String {
        format!("{} {}", self.kind.as_str(), self.id)
            .trim_end()
            .to_owned()
    }
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Edit {
    /// A new table.
    Add(Part, Entry),
    /// These keys set, or taken away where they are null; the others stay.
    Change(Part, Entry),
    /// The table leaves the file.
    Retire {
        /// Which.
        part: Part,
        /// Whether it is taken out of what names it, too.
        mend: bool,
    },
}

impl Edit {
    /// What it is about.
    pub fn part(&self) -> &Part {
        match self {
            Edit::Add(part, _) | Edit::Change(part, _) | Edit::Retire { part, .. } => part,
        }
    }
    /// The word in the ledger.
    pub fn how(&self) -> &'static str {
        match self {
            Edit::Add(..) => "added",
            Edit::Change(..) => "changed",
            Edit::Retire { .. } => "retired",
        }
    }
}

/// Why an edit cannot be done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// There is no such table.
    #[error("there is no {}", .0.name())]
    Missing(Part),
    /// There is one already.
    #[error("there is a {} already", .0.name())]
    There(Part),
    /// No schedule's file can have this name.
    #[error("«{0}» is no id")]
    BadId(String),
    /// It is still named there, and must not silently be taken out.
    #[error("still named by {}", .0.iter().map(Part::name).collect::<Vec<_>>().join(", "))]
    StillNamed(Vec<Part>),
    /// The key cannot be changed here.
    #[error("{0} cannot be changed here")]
    NotHere(String),
    /// The file is written in a way that is not changed by a program, or is no TOML.
    #[error("{}: written in a way that only a person can change", .0.display())]
    Odd(PathBuf),
}

/// The files after the edit.
///
/// # Errors
/// [`EditError`]; nothing is half done.
pub fn apply(sources: &Sources, edit: &Edit) -> Result<Sources, EditError> {
    match edit {
        Edit::Add(part, entry) => add(sources, part, entry),
        Edit::Change(part, entry) => change(sources, part, entry),
        Edit::Retire { part, mend } => retire(sources, part, *mend),
    }
}

/// A text with a channel of these lines behind the others; none where that cannot be done.
pub fn with_channel(text: &str, lines: &[String]) -> Option<String> {
    splice::put_in(text, "channels", lines).ok()
}

/// What of a table can be changed, as it stands in the files.
pub fn read(sources: &Sources, part: &Part) -> Option<Entry> {
    Some(entry_of(&table(sources, part)?, part.kind))
}

/// The ids of a kind, in the order of the files.
pub fn ids(sources: &Sources, kind: Kind) -> Vec<String> {
    match kind {
        Kind::Office => Vec::new(),
        Kind::Schedule => sources.schedules.iter().filter_map(stem).collect(),
        _ => {
            let main = document(&sources.main);
            let list = kind.list().and_then(|list| main.get(list)?.as_array());
            let entries = list.into_iter().flatten();
            let ids = entries.filter_map(|e| e.get("id")?.as_str().map(str::to_owned));
            ids.collect()
        }
    }
}

/// A channel's platform, which cannot be changed.
pub fn platform(sources: &Sources, id: &str) -> Option<String> {
    let table = table(sources, &Part::new(Kind::Channel, id))?;
    table.get("platform")?.as_str().map(str::to_owned)
}

/// By which a table is known again: another where somebody changed anything of it.
pub fn seen(sources: &Sources, part: &Part) -> Option<String> {
    let table = table(sources, part)?;
    let bytes = serde_json::to_vec(&table).unwrap_or_default();
    // Nine bytes: two versions of one table are told apart, and it stands in an address.
    Some(URL_SAFE_NO_PAD.encode(&Sha256::digest(bytes)[..9]))
}

/// What an edit changes of its table. Long values are shortened: the ledger keeps what happened, and
/// the files what holds.
pub fn changes(before: &Sources, after: &Sources, part: &Part) -> Vec<SettingChanged> {
    let (from, to) = (read(before, part), read(after, part));
    let (from, to) = (from.unwrap_or_default(), to.unwrap_or_default());
    let short = |value: Option<&Value>| {
        let text = value.map(toml_of)?;
        let cut: String = text.chars().take(MOST_TOLD).collect();
        Some(if cut.len() < text.len() {
            cut + "…"
        } else {
            cut
        })
    };
    let keys = part.kind.keys().map(|key| key.name);
    keys.filter(|key| from.get(*key) != to.get(*key))
        .map(|key| SettingChanged {
            key: key.to_owned(),
            from: short(from.get(key)),
            to: short(to.get(key)),
        })
        .collect()
}

/// Most characters of a value in the ledger.
const MOST_TOLD: usize = 100;

/// Each problem with the key of this table that it is about; none where it is about something else.
pub fn at_fields(
    sources: &Sources,
    part: &Part,
    problems: &Problems,
) -> Vec<(Option<String>, Problem)> {
    let source = source(sources, part);
    let lines = source.map_or(Vec::new(), |s| splice::lines(&s.text, spot(part)));
    let of = |problem: &Problem| {
        if source.is_none_or(|s| s.path != problem.file) {
            return None;
        }
        let on = |range: &Range<usize>| range.contains(&(problem.line.saturating_sub(1)));
        let named = problem.values.iter().find(|(name, _)| *name == "key");
        let named = named.map(|(_, key)| key.clone());
        let mut here = lines.iter().filter(|(_, range)| on(range));
        let found = here.find_map(|(key, _)| key.clone());
        let found = found.or_else(|| {
            let header = lines.iter().any(|(key, range)| key.is_none() && on(range));
            named.filter(|_| header)
        });
        found.map(|key| {
            if key == TOPIC_ALIAS {
                "topics".to_owned()
            } else {
                key
            }
        })
    };
    problems.iter().map(|p| (of(p), p.clone())).collect()
}

fn add(sources: &Sources, part: &Part, entry: &Entry) -> Result<Sources, EditError> {
    check_keys(part, entry)?;
    if let Some(there) = read(sources, part) {
        // Sent again after a crash: it is there just as it was asked for.
        let same =
            |(key, value): (&String, &Value)| is_nothing(value) || there.get(key) == Some(value);
        return match entry.iter().all(same) {
            true => Ok(sources.clone()),
            false => Err(EditError::There(part.clone())),
        };
    }
    let given = part.kind.keys().filter_map(|key| {
        let value = entry.get(key.name).filter(|v| !is_nothing(v))?;
        Some(format!("{} = {}", key.name, toml_of(value)))
    });
    let mut after = sources.clone();
    match part.kind.list() {
        Some(list) => {
            let id = format!("id = {}", toml_of(&Value::from(part.id.as_str())));
            let lines: Vec<String> = std::iter::once(id).chain(given).collect();
            after.main.text = splice::put_in(&sources.main.text, list, &lines)
                .map_err(|Odd| EditError::Odd(sources.main.path.clone()))?;
        }
        None if part.kind == Kind::Schedule => {
            // It becomes a file's name.
            if ScheduleId::new(&part.id).is_err() {
                return Err(EditError::BadId(part.id.clone()));
            }
            let text = given.map(|line| line + "\n").collect();
            let path = schedule_path(sources, &part.id);
            after.schedules.push(Source { path, text });
            after.schedules.sort_by(|a, b| a.path.cmp(&b.path));
            return Ok(after);
        }
        None => return Err(EditError::Missing(part.clone())),
    }
    proven(sources, after, part, entry)
}

fn change(sources: &Sources, part: &Part, entry: &Entry) -> Result<Sources, EditError> {
    check_keys(part, entry)?;
    let Some(there) = read(sources, part) else {
        return Err(EditError::Missing(part.clone()));
    };
    // Counts hold what kind of place it was; another place is another channel.
    let moved = |value: &Value| there.get("platform") != Some(value);
    if part.kind == Kind::Channel && entry.get("platform").is_some_and(moved) {
        return Err(EditError::NotHere("platform".to_owned()));
    }
    let mut after = sources.clone();
    for (key, value) in entry {
        if there.get(key) == Some(value) || !there.contains_key(key) && is_nothing(value) {
            continue;
        }
        set(&mut after, part, key, value).map_err(|Odd| odd(sources, part))?;
    }
    proven(sources, after, part, entry)
}

/// One key, in the source where it stands.
fn set(sources: &mut Sources, part: &Part, key: &str, value: &Value) -> Result<(), Odd> {
    let there = table(sources, part).unwrap_or_default();
    let spot = spot(part);
    let text = text_mut(sources, part).ok_or(Odd)?;
    if key == "topics" && part.kind == Kind::Channel && there.contains_key(TOPIC_ALIAS) {
        *text = splice::unset(text, spot, TOPIC_ALIAS)?;
    }
    if is_nothing(value) {
        *text = splice::unset(text, spot, key)?;
        return Ok(());
    }
    // A table that is there is changed key by key: it may be written in either way.
    if let (Value::Object(new), Some(toml::Value::Table(old)), Spot::Entry(list, id)) =
        (value, there.get(key), spot)
    {
        let within = Spot::Within(list, id, key);
        for gone in old.keys().filter(|k| new.get(*k).is_none_or(is_nothing)) {
            *text = splice::unset(text, within, gone)?;
        }
        for (name, value) in new.iter().filter(|(_, v)| !is_nothing(v)) {
            if old.get(name).and_then(toml::Value::as_str) != value.as_str() {
                *text = splice::set(text, within, name, &toml_of(value))?;
            }
        }
        return Ok(());
    }
    *text = splice::set(text, spot, key, &toml_of(value))?;
    Ok(())
}

fn retire(sources: &Sources, part: &Part, mend: bool) -> Result<Sources, EditError> {
    if part.kind == Kind::Office || table(sources, part).is_none() {
        return Err(EditError::Missing(part.clone()));
    }
    let named = naming::by(sources, part);
    if !mend && !named.is_empty() {
        let parts = named.into_iter().map(|(part, _)| part).collect();
        return Err(EditError::StillNamed(parts));
    }
    let mut after = naming::without(sources, part, named)?;
    match part.kind.list() {
        Some(list) => {
            after.main.text = splice::take_out(&after.main.text, list, &part.id)
                .map_err(|Odd| EditError::Odd(sources.main.path.clone()))?;
        }
        None => after
            .schedules
            .retain(|s| stem(s).as_deref() != Some(&*part.id)),
    }
    Ok(after)
}

fn check_keys(part: &Part, entry: &Entry) -> Result<(), EditError> {
    let unknown = entry.keys().find(|key| part.kind.key(key).is_none());
    match unknown {
        Some(key) => Err(EditError::NotHere(key.clone())),
        None => Ok(()),
    }
}

/// Looks at what was made: the asked-for keys say what they shall, all else says what it said.
fn proven(
    before: &Sources,
    after: Sources,
    part: &Part,
    entry: &Entry,
) -> Result<Sources, EditError> {
    let others = |sources: &Sources| {
        let mut main = document(&sources.main);
        let own = table(sources, part).unwrap_or_default();
        match part.kind.list() {
            Some(list) => {
                if let Some(toml::Value::Array(all)) = main.get_mut(list) {
                    all.retain(|e| e.get("id").and_then(toml::Value::as_str) != Some(&*part.id));
                    if all.is_empty() {
                        main.remove(list);
                    }
                }
            }
            None if part.kind == Kind::Office => {
                main.remove("office");
            }
            None => {}
        }
        let touched = |key: &str| {
            entry.contains_key(key) || key == TOPIC_ALIAS && entry.contains_key("topics")
        };
        let rest: toml::Table = own.into_iter().filter(|(k, _)| !touched(k)).collect();
        (main, rest)
    };
    let (old, old_own) = others(before);
    let (new, new_own) = others(&after);
    let fresh = table(before, part).is_none();
    let kept = old == new && (fresh || old_own == new_own);
    let now = read(&after, part).unwrap_or_default();
    let said = entry.iter().all(|(key, value)| match now.get(key) {
        None => is_nothing(value) || !fits(part, key, value),
        Some(there) => there == &without_nothing(value),
    });
    if kept && said {
        Ok(after)
    } else {
        Err(odd(before, part))
    }
}

/// Whether the value has its key's shape; one that has not is not read back, and told by the checker.
fn fits(part: &Part, key: &str, value: &Value) -> bool {
    let Some(key) = part.kind.key(key) else {
        return false;
    };
    let mut entry = toml::Table::new();
    let Ok(value) = format!("x = {}", toml_of(value)).parse::<toml::Table>() else {
        return false;
    };
    entry.extend(value.into_iter().map(|(_, v)| (key.name.to_owned(), v)));
    !entry_of(&entry, part.kind).is_empty()
}

fn without_nothing(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let kept = map.iter().filter(|(_, v)| !is_nothing(v));
            Value::Object(kept.map(|(k, v)| (k.clone(), v.clone())).collect())
        }
        other => other.clone(),
    }
}

fn odd(sources: &Sources, part: &Part) -> EditError {
    let path = source(sources, part).map_or(&sources.main.path, |s| &s.path);
    EditError::Odd(path.clone())
}

/// The file as a table; empty where it is no TOML.
fn document(source: &Source) -> toml::Table {
    source.text.parse().unwrap_or_default()
}

fn table(sources: &Sources, part: &Part) -> Option<toml::Table> {
    if part.kind == Kind::Schedule {
        return source(sources, part)?.text.parse().ok();
    }
    let mut main = document(&sources.main);
    let value = match part.kind.list() {
        None => main.remove("office")?,
        Some(list) => {
            let toml::Value::Array(all) = main.remove(list)? else {
                return None;
            };
            let is_it =
                |e: &toml::Value| e.get("id").and_then(toml::Value::as_str) == Some(&*part.id);
            all.into_iter().find(is_it)?
        }
    };
    match value {
        toml::Value::Table(table) => Some(table),
        _ => None,
    }
}

/// The file a table stands in.
pub fn source<'s>(sources: &'s Sources, part: &Part) -> Option<&'s Source> {
    if part.kind != Kind::Schedule {
        return Some(&sources.main);
    }
    let mut all = sources.schedules.iter();
    all.find(|s| stem(s).as_deref() == Some(&*part.id))
}

fn text_mut<'s>(sources: &'s mut Sources, part: &Part) -> Option<&'s mut String> {
    if part.kind != Kind::Schedule {
        return Some(&mut sources.main.text);
    }
    let mut all = sources.schedules.iter_mut();
    let found = all.find(|s| stem(s).as_deref() == Some(&*part.id))?;
    Some(&mut found.text)
}

fn spot(part: &Part) -> Spot<'_> {
    match part.kind.list() {
        Some(list) => Spot::Entry(list, &part.id),
        None if part.kind == Kind::Office => Spot::Table("office"),
        None => Spot::Root,
    }
}

fn stem(source: &Source) -> Option<String> {
    let stem = source.path.file_stem()?;
    Some(stem.to_string_lossy().into_owned())
}

fn schedule_path(sources: &Sources, id: &str) -> PathBuf {
    let folder = sources.main.path.parent().unwrap_or(Path::new(""));
    folder.join(SCHEDULES).join(format!("{id}.toml"))
}
