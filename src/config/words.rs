//! The sentences of this room, Vietnamese and English.

use std::collections::BTreeMap;
use std::sync::LazyLock;

static EN: LazyLock<BTreeMap<String, String>> =
    LazyLock::new(|| catalogue(include_str!("../lang/config.en.toml")));
static VI: LazyLock<BTreeMap<String, String>> =
    LazyLock::new(|| catalogue(include_str!("../lang/config.vi.toml")));

/// A catalogue that is in the binary is checked by the tests below.
fn catalogue(text: &str) -> BTreeMap<String, String> {
    toml::from_str(text).unwrap_or_default()
}

/// The sentence `key` in `lang`, its `{placeholders}` filled.
pub(super) fn fill(lang: &str, key: &str, values: &[(&'static str, String)]) -> String {
    let catalogue = if lang == "vi" { &VI } else { &EN };
    let Some(sentence) = catalogue.get(key) else {
        return key.to_owned();
    };
    let mut filled = String::with_capacity(sentence.len() + 32);
    let mut rest = sentence.as_str();
    // one pass, so that a brace in a value stays a brace
    while let Some((before, (name, after))) = rest
        .split_once('{')
        .and_then(|(before, rest)| Some((before, rest.split_once('}')?)))
    {
        filled.push_str(before);
        match values.iter().find(|(known, _)| *known == name) {
            Some((_, value)) => filled.push_str(value),
            None => filled.extend(["{", name, "}"]),
        }
        rest = after;
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::config::problem::Code;

    /// The `{names}` of a sentence.
    fn placeholders(sentence: &str) -> BTreeSet<&str> {
        sentence
            .split('{')
            .skip(1)
            .filter_map(|rest| Some(rest.split_once('}')?.0))
            .filter(|name| name.bytes().all(|b| b.is_ascii_lowercase()))
            .collect()
    }

    #[test]
    fn every_problem_has_a_sentence_in_both_languages_naming_the_same_things() {
        let keys = |catalogue: &BTreeMap<String, String>| -> BTreeSet<String> {
            catalogue.keys().cloned().collect()
        };
        let codes = Code::ALL.iter().map(|code| code.as_str());
        let wanted: BTreeSet<String> = codes.chain(["warning"]).map(str::to_owned).collect();
        assert_eq!(keys(&EN), wanted);
        assert_eq!(keys(&VI), wanted);
        for (key, sentence) in EN.iter() {
            assert_eq!(placeholders(sentence), placeholders(&VI[key]), "{key}");
        }
    }

    #[test]
    fn braces_that_are_no_placeholder_stay() {
        assert_eq!(
            fill("en", "want-secret", &[("key", "{x}".into())])
                .matches('{')
                .count(),
            4
        );
    }
}
