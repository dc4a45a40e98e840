//! What a homeserver's errors mean: by status and `errcode`, never by its words.

use jiff::SignedDuration;
use serde_json::Value;

use crate::platform::outcome::Class;

/// The body of an error (Client-Server API, “Standard error response”). What is not as it should be
/// is as if it were not there.
#[derive(Debug, Default, Clone, PartialEq)]
pub(super) struct MatrixError {
    pub(super) errcode: String,
    pub(super) error: String,
    /// Deprecated since 1.10 for `Retry-After`; older servers send it alone.
    pub(super) retry_after_ms: Option<u64>,
}

impl MatrixError {
    pub(super) fn read(body: &Value) -> MatrixError {
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        MatrixError {
            errcode: text("errcode"),
            error: text("error"),
            retry_after_ms: body["retry_after_ms"].as_u64(),
        }
    }

    /// How long the body asks to wait.
    pub(super) fn asked(&self) -> Option<SignedDuration> {
        let ms = i64::try_from(self.retry_after_ms?).ok()?;
        Some(SignedDuration::from_millis(ms))
    }
}

/// Rows marked (seen) are in the specification, but not in the collected table.
const ROWS: [(u16, &str, Class); 11] = [
    (429, "M_LIMIT_EXCEEDED", Class::RateLimited),
    (401, "M_UNKNOWN_TOKEN", Class::AuthExpired),
    (401, "M_MISSING_TOKEN", Class::AuthRevoked),
    (401, "M_USER_LOCKED", Class::Permission),
    (403, "M_FORBIDDEN", Class::Permission),
    (413, "M_TOO_LARGE", Class::Permanent),
    (404, "M_NOT_FOUND", Class::Permanent),
    // (seen) The account, not the post.
    (403, "M_USER_DEACTIVATED", Class::AuthRevoked),
    (403, "M_USER_SUSPENDED", Class::Permission),
    (403, "M_GUEST_ACCESS_FORBIDDEN", Class::Permission),
    // (seen) The server's own limits are used up: its administrator must act.
    (403, "M_RESOURCE_LIMIT_EXCEEDED", Class::Permission),
];

/// The class of an answer that is no 2xx.
pub(super) fn class(status: u16, errcode: &str) -> Class {
    let row = ROWS.iter().find(|(s, e, _)| *s == status && *e == errcode);
    row.map_or(Class::unlisted(status), |(_, _, class)| *class)
}

/// The error in words, with what to do.
pub(super) fn words(status: u16, error: &MatrixError, class: Class) -> String {
    let mut words = format!("the homeserver answers {status}");
    for said in [&error.errcode, &error.error] {
        if !said.is_empty() {
            words.push_str(": ");
            words.push_str(said);
        }
    }
    words.push_str(match class {
        Class::AuthExpired | Class::AuthRevoked => {
            "; the access token is no longer taken: log in once more and put the new token in its place"
        }
        Class::Permission => "; the account must be in the room and allowed to write there",
        _ => "",
    });
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_servers_own_trouble_is_doubt_whatever_it_says() {
        assert_eq!(class(500, "M_FORBIDDEN"), Class::InDoubt);
        assert_eq!(class(502, ""), Class::InDoubt);
        assert_eq!(class(302, ""), Class::InDoubt);
    }

    #[test]
    fn a_code_counts_with_its_status_only() {
        assert_eq!(class(400, "M_NOT_FOUND"), Class::Permanent);
        assert_eq!(class(401, "M_FORBIDDEN"), Class::Permanent);
        assert_eq!(class(429, "M_UNKNOWN"), Class::RateLimited);
    }
}
