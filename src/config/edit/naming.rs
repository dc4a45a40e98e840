//! What names an id in the files, and taking it out of there. Pure.

use serde_json::Value;

use super::entry::is_nothing;
use super::{Edit, EditError, Entry, Kind, Part, apply, ids, odd, read};
use crate::config::Sources;

/// What names this table, and by which key.
pub(super) fn by(sources: &Sources, part: &Part) -> Vec<(Part, &'static str)> {
    let places: &[(Kind, &'static str)] = match part.kind {
        Kind::Channel => &[
            (Kind::Office, "default_channels"),
            (Kind::Channel, "after"),
            (Kind::Topic, "channels"),
            (Kind::Group, "channels"),
            (Kind::Schedule, "channels"),
            (Kind::Feed, "channels"),
        ],
        Kind::Group => &[
            (Kind::Office, "default_channels"),
            (Kind::Topic, "channels"),
            (Kind::Schedule, "channels"),
            (Kind::Feed, "channels"),
        ],
        Kind::Topic => &[
            (Kind::Channel, "topics"),
            (Kind::Schedule, "topics"),
            (Kind::Feed, "topic"),
        ],
        Kind::Office | Kind::Schedule | Kind::Feed => &[],
    };
    let mut found = Vec::new();
    for (kind, key) in places {
        let all = match kind {
            Kind::Office => vec![String::new()],
            kind => ids(sources, *kind),
        };
        for id in all {
            let there = Part::new(*kind, id);
            let value = read(sources, &there).and_then(|mut e| e.remove(*key));
            let names = match &value {
                Some(Value::String(one)) => *one == part.id,
                Some(Value::Array(all)) => all.iter().any(|v| v.as_str() == Some(&*part.id)),
                _ => false,
            };
            if names && there != *part {
                found.push((there, *key));
            }
        }
    }
    found
}

/// The files without it in what names it. A list that would mean something else once it is empty (all
/// topics; no channel at all; channels that nobody chose for a feed) is a person's to decide.
pub(super) fn without(
    sources: &Sources,
    part: &Part,
    named: Vec<(Part, &'static str)>,
) -> Result<Sources, EditError> {
    let mut after = sources.clone();
    let mut left = Vec::new();
    for (there, key) in named {
        let value = read(&after, &there).and_then(|mut e| e.remove(key));
        let rest = match value {
            Some(Value::Array(mut all)) => {
                all.retain(|v| v.as_str() != Some(&*part.id));
                Value::Array(all)
            }
            _ => Value::Null,
        };
        let empty = rest.as_array().is_some_and(Vec::is_empty);
        let others = matches!(there.kind, Kind::Schedule | Kind::Feed);
        if empty && (key == "topics" || others) {
            left.push(there);
            continue;
        }
        let rest = if empty && there.kind != Kind::Group {
            Value::Null
        } else {
            rest
        };
        debug_assert!(is_nothing(&rest) || rest.is_array());
        let set = Entry::from_iter([(key.to_owned(), rest)]);
        after = apply(&after, &Edit::Change(there.clone(), set)).map_err(|e| match e {
            EditError::Odd(_) => odd(sources, &there),
            other => other,
        })?;
    }
    if left.is_empty() {
        Ok(after)
    } else {
        Err(EditError::StillNamed(left))
    }
}
