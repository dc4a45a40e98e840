//! A text that is missing, differs between the languages, is asked for and not there, or is there
//! and never asked for, is found here and not by a reader.
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use raotin::lang::Lang;

/// The calls that take a key, and whether a family (a table) instead.
const CALLS: [(&str, bool); 5] = [
    (".text(", false),
    (".fill(", false),
    (".count(", false),
    (".word(", true),
    (".look(", true),
];

/// A call that names a key.
#[derive(Debug, PartialEq)]
struct Call {
    key: String,
    family: bool,
    /// The names given to placeholders, where the call lists them.
    gives: Option<BTreeSet<String>>,
    line: usize,
}

fn sources() -> Vec<(PathBuf, String)> {
    fn walk(dir: &Path, found: &mut Vec<(PathBuf, String)>) {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if matches!(path.extension(), Some(e) if e == "rs" || e == "html") {
                let content = fs::read_to_string(&path).unwrap();
                found.push((path, content));
            }
        }
    }
    let mut found = Vec::new();
    walk(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &mut found,
    );
    assert!(found.len() > 10, "the sources are not where they were");
    found
}

fn is_own(path: &Path) -> bool {
    path.parent().is_some_and(|dir| dir.ends_with("src/lang"))
}

/// The string literal at the start of `code`, white space before it allowed.
fn literal(code: &str) -> Option<&str> {
    code.trim_start()
        .strip_prefix('"')?
        .split_once('"')
        .map(|(text, _)| text)
}

/// `table.name`, as the catalogues spell keys.
fn is_key(text: &str) -> bool {
    let word = |w: &str| {
        !w.is_empty()
            && w.bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    text.split_once('.')
        .is_some_and(|(table, name)| word(table) && word(name))
}

/// A call's arguments, up to the bracket that closes it.
fn arguments(code: &str) -> &str {
    let (mut depth, mut in_text) = (1, false);
    for (at, c) in code.char_indices() {
        match c {
            '"' => in_text = !in_text,
            '(' if !in_text => depth += 1,
            ')' if !in_text => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return &code[..at];
        }
    }
    code
}

/// `own`: the source is the catalogues' own room, where `self` is a `Lang`.
fn calls(source: &str, own: bool) -> Vec<Call> {
    let mut found = Vec::new();
    for (name, family) in CALLS {
        for (at, _) in source.match_indices(name) {
            let code = &source[at + name.len()..];
            // `.text(`, `.word(` and the like are others' methods too: ours are called on a `lang`, or
            // what they name has the shape of a key.
            let Some(key) = literal(code) else { continue };
            let called_on = source[..at].trim_end().trim_end_matches("()");
            let on_a_lang = called_on.ends_with("lang")
                || called_on.ends_with("catalogue")
                || own && called_on.ends_with("self");
            if !(on_a_lang || !family && is_key(key)) {
                continue;
            }
            let arguments = arguments(code);
            let gives = arguments.contains("&[").then(|| {
                // A bracket that opens a pair, not one behind a function's or a macro's name.
                let opens_a_pair = |at: usize| {
                    !arguments[..at].ends_with(|c: char| c.is_alphanumeric() || c == '!')
                };
                arguments
                    .match_indices('(')
                    .filter(|(at, _)| opens_a_pair(*at))
                    .filter_map(|(at, _)| literal(&arguments[at + 1..]))
                    .map(str::to_owned)
                    .collect()
            });
            found.push(Call {
                key: key.to_owned(),
                family,
                gives: if name == ".fill(" || name == ".count(" {
                    gives
                } else {
                    None
                },
                line: source[..at].lines().count(),
            });
        }
    }
    found
}

/// Every text of both languages; both hold the same keys where the first test passes.
fn keys() -> BTreeMap<String, BTreeSet<String>> {
    Lang::ALL
        .into_iter()
        .flat_map(|lang| lang.catalogue().entries())
        .map(|(key, entry)| {
            let names = entry
                .placeholders()
                .into_iter()
                .map(str::to_owned)
                .collect();
            (key, names)
        })
        .collect()
}

#[test]
fn both_languages_say_the_same_things() {
    let mut wrong = Vec::new();
    for lang in Lang::ALL {
        for problem in lang.catalogue().problems() {
            wrong.push(problem.clone());
        }
        for (key, _) in lang.catalogue().entries() {
            if !is_key(&key) {
                wrong.push(format!(
                    "{lang}: {key} is no key: write [a-z0-9-] in both halves"
                ));
            }
        }
    }
    for (key, names) in keys() {
        for lang in Lang::ALL {
            match lang.catalogue().get(&key) {
                None => wrong.push(format!("{key} is missing in {lang}")),
                Some(entry) if entry.placeholders() != Vec::from_iter(&names) => {
                    wrong.push(format!(
                        "{key} has {:?} in {lang}, not {names:?}",
                        entry.placeholders()
                    ))
                }
                Some(entry) if entry.other.trim() != entry.other || entry.other.is_empty() => {
                    wrong.push(format!("{key} is empty or padded in {lang}"));
                }
                Some(_) => {}
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_file_of_a_language_is_embedded() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lang");
    let list = fs::read_to_string(src.join("catalogue.rs")).unwrap();
    for lang in Lang::ALL {
        for entry in fs::read_dir(src.join(lang.as_str())).unwrap() {
            let path = entry.unwrap().path();
            let area = path.file_stem().unwrap().to_str().unwrap().to_owned();
            assert_eq!(
                list.matches(&format!("\"{area}\"")).count(),
                Lang::ALL.len(),
                "{area} is not named for each language in catalogue.rs"
            );
        }
    }
}

#[test]
fn every_key_that_is_asked_for_is_there() {
    let keys = keys();
    let mut wrong = Vec::new();
    for (path, source) in sources() {
        for call in calls(&source, is_own(&path)) {
            let at = format!("{}:{}: {}", path.display(), call.line, call.key);
            if call.family {
                if !keys
                    .keys()
                    .any(|key| key.starts_with(&format!("{}.", call.key)))
                {
                    wrong.push(format!("{at}: no such family"));
                }
                continue;
            }
            let Some(names) = keys.get(&call.key) else {
                wrong.push(format!("{at}: no such key"));
                continue;
            };
            let mut names = names.clone();
            names.remove("n");
            if let Some(gives) = call.gives
                && gives != names
            {
                wrong.push(format!("{at}: gives {gives:?}, the text has {names:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_key_that_is_there_is_asked_for() {
    let (mut named, mut families) = (BTreeSet::new(), BTreeSet::new());
    for (path, source) in sources() {
        for call in calls(&source, is_own(&path)) {
            if call.family {
                families.insert(call.key);
            }
        }
        // A key may be chosen first and looked up later: any literal that spells it counts.
        named.extend(
            source
                .split('"')
                .filter(|text| is_key(text))
                .map(str::to_owned),
        );
    }
    let unused: Vec<String> = keys()
        .into_keys()
        .filter(|key| {
            let family = key.split_once('.').map_or("", |(table, _)| table);
            !named.contains(key) && !families.contains(family)
        })
        .collect();
    assert!(unused.is_empty(), "never used: {unused:#?}");
}

/// The walk above must see what people write, or it proves nothing.
#[test]
fn the_walk_sees_calls_as_they_are_written() {
    let source = r#"
        lang.text("a.b"); form.text("chat_id", x); self.lang().word("state", s.as_str());
        lang.fill(
            "refused.stale",
            &[("what", &name(")")), ("n", &f!("x"))],
        );
        lang.text("typo"); lang.count("time.days", 3, &[]); ask.count("rows"); entry.word("order", 1);
    "#;
    let found = calls(source, false);
    let seen: Vec<(&str, bool)> = found.iter().map(|c| (&*c.key, c.family)).collect();
    assert_eq!(
        seen,
        [
            ("a.b", false),
            ("typo", false),
            ("refused.stale", false),
            ("time.days", false),
            ("state", true)
        ]
    );
    let gives = found[2].gives.as_ref().unwrap();
    assert!(gives.contains("what") && gives.contains("n"));
    assert_eq!(found[3].gives, Some(BTreeSet::new()));
}
