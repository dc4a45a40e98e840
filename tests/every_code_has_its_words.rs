//! Every code that the office and the API answer with has words in both languages, and the words use
//! only what is there to fill them.
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

use raotin::lang::Lang;
use raotin::office::request::NOTE_CODES;
use raotin::office::uploads::{CLASH_CODES, FILE_CODES};
use raotin::platform::FINDING_CODES;

/// The string literals behind `=>` in a function's body.
fn codes(source: &str, function: &str) -> Vec<String> {
    let body = &source[source.find(function).unwrap()..];
    let end = body.find("\n    }\n").unwrap();
    let arms = body[..end].split("=> \"").skip(1);
    arms.map(|arm| arm.split('"').next().unwrap().to_owned())
        .collect()
}

fn source(path: &str) -> String {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(root.join(path)).unwrap()
}

#[test]
fn in_both_languages() {
    let mut errors = codes(&source("src/office/error.rs"), "pub fn code(");
    for kind in ["invalid", "refusal"] {
        let source = source(&format!("src/office/error/{kind}.rs"));
        errors.extend(codes(&source, "pub(super) fn code("));
    }
    let faults = codes(&source("src/web/api/problem.rs"), "fn code(");
    let who_may = codes(&source("src/office/permission.rs"), "pub fn as_str(");
    let notes: Vec<String> = NOTE_CODES.map(str::to_owned).to_vec();
    let files: Vec<String> = FILE_CODES.map(str::to_owned).to_vec();
    let clashes: Vec<String> = CLASH_CODES.map(str::to_owned).to_vec();
    let rows = codes(&source("src/intake/rows.rs"), "pub fn code(");
    let measures = codes(&source("src/intake/sheet/mod.rs"), "pub fn as_str(");
    assert_eq!((rows.len(), measures.len()), (9, 5));
    let findings: Vec<String> = FINDING_CODES.map(str::to_owned).to_vec();
    assert!(errors.len() > 35 && faults.len() > 7 && who_may.len() > 8);
    for lang in Lang::ALL {
        for (family, codes) in [
            ("error", &errors),
            ("fault", &faults),
            ("who-may", &who_may),
            ("note", &notes),
            ("file", &files),
            ("clash", &clashes),
            ("row", &rows),
            ("measure", &measures),
            ("finding", &findings),
        ] {
            for code in codes {
                assert_ne!(lang.look(family, code), "", "{lang}: {family}.{code}");
            }
            let there = lang.catalogue().entries();
            let there = there.filter(|(key, _)| key.starts_with(&format!("{family}.")));
            assert_eq!(
                there.count(),
                codes.len(),
                "{lang}: {family} has words for no code"
            );
        }
    }
}

/// Platforms give no code but those that are listed, and fill in what the words name.
#[test]
fn what_platforms_find_has_words_and_values() {
    let mut given = std::collections::BTreeSet::<&'static str>::new();
    for (file, name) in [
        ("webhook.rs", "webhook"),
        ("telegram/check.rs", "telegram"),
        ("facebook_page/check.rs", "facebook"),
        ("bluesky/check.rs", "bluesky"),
        ("mastodon/check.rs", "mastodon"),
        ("matrix/check.rs", "matrix"),
        ("wordpress/check.rs", "wordpress"),
    ] {
        let source = source(&format!("src/platform/{file}"));
        let source = source.split("#[cfg(test)]").next().unwrap();
        for literal in source.split('"').skip(1).step_by(2) {
            let listed = FINDING_CODES.iter().find(|code| **code == literal);
            // A webhook's file names its headers too.
            let looks_like_one = name != "webhook" && literal.starts_with(&format!("{name}-"));
            assert!(listed.is_some() || !looks_like_one, "{file}: {literal}");
            given.extend(listed);
        }
    }
    assert_eq!(given.len(), FINDING_CODES.len(), "a code that nobody gives");
}
