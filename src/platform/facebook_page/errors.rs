//! What the Graph API's errors mean: by code and subcode, never by its words.

use serde::Deserialize;

use crate::platform::outcome::Class;

/// `{"error": …}`.
#[derive(Deserialize, Debug, Default, Clone, PartialEq)]
#[serde(default)]
pub(super) struct GraphError {
    pub(super) message: String,
    pub(super) code: Option<i64>,
    pub(super) error_subcode: Option<i64>,
    pub(super) is_transient: bool,
    pub(super) error_user_msg: Option<String>,
    pub(super) fbtrace_id: Option<String>,
}

/// Code and subcode together.
const PAIRS: [(i64, i64, Class); 8] = [
    (190, 458, Class::AuthRevoked),
    (190, 459, Class::AuthRevoked),
    (190, 460, Class::AuthRevoked),
    (190, 463, Class::AuthExpired),
    (190, 464, Class::AuthRevoked),
    (190, 467, Class::AuthRevoked),
    (190, 492, Class::AuthRevoked),
    (613, 1996, Class::RateLimited),
];

/// Long numbers name one thing wherever they come: as the subcode mostly, as the code sometimes.
const LONG: [(i64, Class); 13] = [
    (1_390_008, Class::Blocked),
    (1_366_046, Class::Permanent),
    (1_366_051, Class::Duplicate),
    (1_346_003, Class::Permanent),
    (1_404_102, Class::Permanent),
    (1_404_078, Class::Permission),
    (1_609_005, Class::Permanent),
    (1_609_008, Class::Permanent),
    (2_061_006, Class::Permanent),
    (1_363_047, Class::InDoubt),
    (1_609_010, Class::InDoubt),
    (4_854_002, Class::Permission),
    (80_001, Class::RateLimited),
];

/// A code, whatever the subcode: from, to, class.
const CODES: [(i64, i64, Class); 14] = [
    (1, 2, Class::InDoubt),
    (3, 3, Class::Permanent),
    (4, 4, Class::RateLimited),
    (10, 10, Class::Permission),
    (17, 17, Class::RateLimited),
    (32, 32, Class::RateLimited),
    (100, 100, Class::Permanent),
    (102, 102, Class::AuthExpired),
    (190, 190, Class::AuthExpired),
    (200, 299, Class::Permission),
    (341, 341, Class::RateLimited),
    (368, 368, Class::Blocked),
    (506, 506, Class::Duplicate),
    (613, 613, Class::RateLimited),
];

/// The class of an answer that is no 2xx.
pub(super) fn class(status: u16, error: &GraphError) -> Class {
    if !(400..500).contains(&status) {
        return Class::unlisted(status);
    }
    // Code 100 like any wrong parameter, but it is the credentials that lack something: the next post
    // would fare no better.
    if error.message.contains("appsecret_proof") {
        return Class::AuthRevoked;
    }
    match listed(error.code, error.error_subcode) {
        // «Transient» by the platform's own word, on what is listed as final or not at all: it may
        // have been taken, so it is asked about.
        None | Some(Class::Permanent) if error.is_transient => Class::InDoubt,
        Some(class) => class,
        None => Class::unlisted(status),
    }
}

fn listed(code: Option<i64>, subcode: Option<i64>) -> Option<Class> {
    let of_pair = || {
        let row = PAIRS
            .iter()
            .find(|(c, s, _)| Some(*c) == code && Some(*s) == subcode);
        row.map(|(_, _, class)| *class)
    };
    let of_long = |number: Option<i64>| {
        let row = LONG.iter().find(|(n, _)| Some(*n) == number);
        row.map(|(_, class)| *class)
    };
    let of_code = || {
        let code = code?;
        let row = CODES
            .iter()
            .find(|(from, to, _)| (*from..=*to).contains(&code));
        row.map(|(_, _, class)| *class)
    };
    of_pair()
        .or_else(|| of_long(subcode))
        .or_else(|| of_long(code))
        .or_else(of_code)
}

/// The error in words, with what Facebook's support asks for, and what to do.
pub(super) fn words(status: u16, error: &GraphError, class: Class) -> String {
    let mut words = format!("Facebook answers {status}");
    if !error.message.is_empty() {
        words.push_str(&format!(": {}", error.message));
    }
    if let Some(said) = &error.error_user_msg {
        words.push_str(&format!(" ({said})"));
    }
    for (name, value) in [("code", error.code), ("subcode", error.error_subcode)] {
        if let Some(value) = value {
            words.push_str(&format!(", {name} {value}"));
        }
    }
    if let Some(trace) = &error.fbtrace_id {
        words.push_str(&format!(", fbtrace_id {trace}"));
    }
    words.push_str(match class {
        _ if error.message.contains("appsecret_proof") => {
            "; the app asks for proof: configure the app's own `app_secret`"
        }
        Class::AuthExpired | Class::AuthRevoked => {
            "; the Page's token is no longer taken: make a new one and put it in its place"
        }
        Class::Permission => "; the token's owner must be allowed to create content on the Page",
        Class::Blocked => "; Facebook holds the Page back for a time: look at its support inbox",
        _ => "",
    });
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(code: i64, subcode: Option<i64>, is_transient: bool) -> GraphError {
        GraphError {
            code: Some(code),
            error_subcode: subcode,
            is_transient,
            ..GraphError::default()
        }
    }

    #[test]
    fn the_nearer_row_wins() {
        assert_eq!(class(400, &error(190, None, false)), Class::AuthExpired);
        assert_eq!(
            class(401, &error(190, Some(460), false)),
            Class::AuthRevoked
        );
        assert_eq!(
            class(400, &error(100, Some(1_366_051), false)),
            Class::Duplicate
        );
        assert_eq!(
            class(400, &error(368, Some(1_390_008), false)),
            Class::Blocked
        );
        assert_eq!(class(403, &error(250, None, false)), Class::Permission);
    }

    #[test]
    fn its_own_word_transient_makes_doubt_but_unlists_nothing_stronger() {
        assert_eq!(class(400, &error(100, None, true)), Class::InDoubt);
        assert_eq!(class(400, &error(99_999, None, true)), Class::InDoubt);
        assert_eq!(class(400, &error(4, None, true)), Class::RateLimited);
        assert_eq!(class(400, &error(190, None, true)), Class::AuthExpired);
    }

    #[test]
    fn the_status_rules_where_no_code_is_listed() {
        assert_eq!(class(400, &error(99_999, None, false)), Class::Permanent);
        assert_eq!(class(429, &GraphError::default()), Class::RateLimited);
        assert_eq!(class(500, &error(190, None, false)), Class::InDoubt);
        assert_eq!(class(302, &GraphError::default()), Class::InDoubt);
    }
}
