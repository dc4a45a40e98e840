//! What WordPress's REST errors mean: by status and `code`, never by words, which are translated.

use serde_json::Value;

use crate::platform::outcome::Class;

/// The body of an error. What is not as it should be is as if it were not there: plugins write errors
/// of their own.
#[derive(Debug, Default, Clone, PartialEq)]
pub(super) struct RestError {
    pub(super) code: String,
    pub(super) message: String,
    /// With `term_exists`: which.
    pub(super) term_id: Option<u64>,
}

impl RestError {
    pub(super) fn read(body: &Value) -> RestError {
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        RestError {
            code: text("code"),
            message: text("message"),
            term_id: body["data"]["term_id"].as_u64(),
        }
    }
}

/// Nobody is logged in: no credentials came along, they are wrong (seen on 6.1), or something between
/// the network and WordPress takes them out.
pub(super) const NOT_LOGGED_IN: &str = "rest_not_logged_in";
/// The post is not there.
pub(super) const NO_POST: &str = "rest_post_invalid_id";
/// It is in the bin.
pub(super) const IN_BIN: &str = "rest_already_trashed";
/// This site deletes at once.
pub(super) const NO_BIN: &str = "rest_trash_not_supported";

/// The class of an answer that is no 2xx. With 401 and 403 it is the account that lacks something,
/// where WordPress itself says so; a 403 of another make is some filter's word about this content.
pub(super) fn class(status: u16, code: &str) -> Class {
    let lacks = ["rest_cannot_", "rest_forbidden"];
    match status {
        401 | 403 if lacks.iter().any(|start| code.starts_with(start)) => Class::Permission,
        401 => Class::AuthRevoked,
        413 => Class::Permanent,
        other => Class::unlisted(other),
    }
}

/// The error in words, with what to do.
pub(super) fn words(status: u16, error: &RestError, class: Class) -> String {
    let mut words = format!("the website answers {status}");
    for said in [&error.code, &error.message] {
        if !said.is_empty() {
            words.push_str(": ");
            words.push_str(said);
        }
    }
    words.push_str(match (class, status) {
        (Class::AuthRevoked, _) => {
            "; it does not take the application password: make a new one under Users, Profile"
        }
        (Class::Permission, _) => {
            "; the account must be at least an Author, or an Editor to make categories"
        }
        (_, 300..=399) => {
            " and points elsewhere; write the final address into the channel's `site`"
        }
        (_, 413) => {
            "; the picture is larger than the website takes: make it smaller, or raise its limit"
        }
        _ => "",
    });
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_account_is_told_from_the_content() {
        assert_eq!(class(401, "rest_cannot_create"), Class::Permission);
        assert_eq!(class(403, "rest_cannot_publish"), Class::Permission);
        assert_eq!(class(401, "incorrect_password"), Class::AuthRevoked);
        assert_eq!(class(401, ""), Class::AuthRevoked);
        assert_eq!(class(403, ""), Class::Permanent);
        assert_eq!(class(400, "rest_invalid_param"), Class::Permanent);
        assert_eq!(class(500, "rest_forbidden"), Class::InDoubt);
    }
}
