//! What an XRPC error means. Its name decides before its status: an expired token comes as a 400.

use crate::platform::outcome::Class;

/// The name of an error, whatever its status says below 500.
const NAMES: [(&str, Class); 18] = [
    ("ExpiredToken", Class::AuthExpired),
    ("InvalidToken", Class::AuthRevoked),
    ("AuthMissing", Class::AuthRevoked),
    ("AuthenticationRequired", Class::AuthRevoked),
    ("AccountTakedown", Class::Permission),
    ("InvalidRequest", Class::Permanent),
    ("InvalidSwap", Class::Conflict),
    ("PayloadTooLarge", Class::Permanent),
    ("RateLimitExceeded", Class::RateLimited),
    // The rest stand in the PDS's own source and lexicons: the account cannot write.
    ("AuthFactorTokenRequired", Class::AuthRevoked),
    ("AccountDeactivated", Class::Permission),
    ("AccountSuspended", Class::Permission),
    ("RepoTakendown", Class::Permission),
    ("RepoSuspended", Class::Permission),
    ("RepoDeactivated", Class::Permission),
    ("InvalidMimeType", Class::Permanent),
    ("BlobTooLarge", Class::Permanent),
    ("UpstreamFailure", Class::InDoubt),
];

/// The class of an answer that is no 2xx.
pub(super) fn class(status: u16, name: &str) -> Class {
    if !(400..500).contains(&status) {
        return Class::unlisted(status);
    }
    let named = NAMES.iter().find(|(n, _)| *n == name);
    named.map_or_else(
        || match status {
            // Without a name: a gateway's words about the credentials.
            401 => Class::AuthRevoked,
            403 => Class::Permission,
            other => Class::unlisted(other),
        },
        |(_, class)| *class,
    )
}

/// The error in words, and what to do.
pub(super) fn words(status: u16, name: &str, message: &str, class: Class) -> String {
    let mut words = format!("Bluesky answers {status}");
    for said in [name, message].into_iter().filter(|s| !s.is_empty()) {
        words.push_str(": ");
        words.push_str(said);
    }
    words.push_str(match (name, class) {
        ("AuthFactorTokenRequired", _) => {
            "; this is the account's own password: make an app password and configure that"
        }
        (_, Class::AuthExpired | Class::AuthRevoked) => {
            "; the app password is no longer taken: make a new one in Bluesky's settings and put it in its place"
        }
        (_, Class::Permission) => "; log in to Bluesky with this account and see what it says",
        _ if (300..400).contains(&status) => "; it points elsewhere: check the channel's `base_url`",
        _ => "",
    });
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_decides_then_the_status() {
        assert_eq!(class(400, "ExpiredToken"), Class::AuthExpired);
        assert_eq!(class(400, "InvalidToken"), Class::AuthRevoked);
        assert_eq!(class(400, "SomethingNew"), Class::Permanent);
        assert_eq!(class(401, ""), Class::AuthRevoked);
        assert_eq!(class(429, ""), Class::RateLimited);
        assert_eq!(class(409, ""), Class::InDoubt);
        assert_eq!(class(502, "UpstreamFailure"), Class::InDoubt);
        assert_eq!(class(500, "InvalidRequest"), Class::InDoubt);
        assert_eq!(class(302, ""), Class::InDoubt);
    }
}
