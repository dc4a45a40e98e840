//! What the Bot API's errors mean. Rows marked (seen) are not in the published sources that the rest
//! comes from, but in what several clients of the API handle.

use crate::platform::outcome::Class;

/// A refusal is known by its status (every 4xx if none is given) and words of its description.
type Row = (Option<u16>, &'static str, Class);

/// First match wins. Descriptions are compared in lower case: their writing has changed over the years.
const ROWS: [Row; 18] = [
    (Some(429), "too many requests", Class::RateLimited),
    (Some(401), "unauthorized", Class::AuthRevoked),
    (Some(404), "not found", Class::AuthRevoked),
    (
        Some(400),
        "group chat was upgraded to a supergroup chat",
        Class::Retarget,
    ),
    (Some(400), "chat not found", Class::Permanent),
    (Some(403), "bot was kicked from the", Class::Permission),
    (Some(403), "bot is not a member of the", Class::Permission),
    (Some(403), "group chat was deleted", Class::Permission),
    (None, "not enough rights", Class::Permission),
    (
        Some(400),
        "wrong file_id or the file is temporarily unavailable",
        Class::Permanent,
    ),
    (
        Some(400),
        "failed to get http url content",
        Class::Transient,
    ),
    (
        Some(400),
        "wrong type of the web page content",
        Class::Permanent,
    ),
    (Some(400), "message is not modified", Class::AlreadyDone),
    // (seen) No right to post in this place: the next post would fare no better.
    (
        None,
        "need administrator rights in the channel chat",
        Class::Permission,
    ),
    (None, "have no rights to send a message", Class::Permission),
    (None, "chat_write_forbidden", Class::Permission),
    (Some(403), "bot was blocked by the user", Class::Permission),
    (Some(403), "user is deactivated", Class::Permission),
];

/// The class of an answer that is no 2xx.
pub(super) fn class(status: u16, description: &str) -> Class {
    if !(400..500).contains(&status) {
        return Class::unlisted(status);
    }
    let description = description.to_lowercase();
    let row = ROWS
        .iter()
        .find(|(only, words, _)| only.is_none_or(|s| s == status) && description.contains(words));
    row.map_or(Class::unlisted(status), |(_, _, class)| *class)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_server_s_own_trouble_is_doubt_whatever_it_says() {
        assert_eq!(class(500, "Unauthorized"), Class::InDoubt);
        assert_eq!(class(502, ""), Class::InDoubt);
    }

    #[test]
    fn what_nobody_lists_is_refused() {
        assert_eq!(
            class(400, "Bad Request: message is too long"),
            Class::Permanent
        );
        assert_eq!(class(403, "Forbidden: something new"), Class::Permanent);
    }
}
