//! What may stand in an article, whoever gives it.

use super::{Invalid, OfficeError, What};
use crate::config::Config;
use crate::intake::fold::folded;
use crate::model::article::{MAX_PRIORITY, MAX_TEXT_CHARS, MAX_TITLE_CHARS};
use crate::model::{Content, TopicId};

pub(super) fn check_content(content: &Content) -> Result<(), OfficeError> {
    if content.title.is_empty()
        && content.text.is_empty()
        && content.link.is_none()
        && content.pictures.is_empty()
    {
        return Err(OfficeError::invalid("text", Invalid::Empty));
    }
    check_length("title", &content.title, MAX_TITLE_CHARS)?;
    check_length("text", &content.text, MAX_TEXT_CHARS)?;
    if let Some(link) = &content.link {
        check_address("link", link)?;
    }
    Ok(())
}

pub(super) fn check_length(
    field: &'static str,
    text: &str,
    most: usize,
) -> Result<(), OfficeError> {
    let len = text.chars().count();
    if len > most {
        return Err(OfficeError::invalid(field, Invalid::TooLong { len, most }));
    }
    Ok(())
}

pub(super) fn check_address(field: &'static str, link: &str) -> Result<(), OfficeError> {
    let fits = url::Url::parse(link)
        .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    if fits {
        Ok(())
    } else {
        Err(OfficeError::invalid(
            field,
            Invalid::NoAddress(link.to_owned()),
        ))
    }
}

/// The address that was meant by what somebody typed; none where nothing was. `chodon.gov.vn/tin` is
/// what people read off a poster: the scheme is added. Anything else stays as it is, and is checked.
pub(super) fn address_of(typed: &str) -> Option<String> {
    let typed = typed.trim();
    let host = typed.split(['/', '?', '#']).next().unwrap_or_default();
    let (name, port) = host.split_once(':').unwrap_or((host, ""));
    let is_name = name
        .rsplit_once('.')
        .is_some_and(|(before, top)| !before.is_empty() && top.len() > 1 && is_word(top))
        && name
            .chars()
            .all(|c| c.is_alphanumeric() || "-.".contains(c))
        && port.bytes().all(|b| b.is_ascii_digit());
    match is_name {
        _ if typed.is_empty() => None,
        true => Some(format!("https://{typed}")),
        false => Some(typed.to_owned()),
    }
}

fn is_word(part: &str) -> bool {
    part.chars().all(char::is_alphabetic)
}

pub(super) fn check_priority(priority: u8) -> Result<(), OfficeError> {
    if priority > MAX_PRIORITY {
        return Err(OfficeError::invalid("priority", Invalid::Priority));
    }
    Ok(())
}

pub(super) fn check_topic(config: &Config, topic: Option<&TopicId>) -> Result<(), OfficeError> {
    topic.map_or(Ok(()), |t| known_topic(config, t.as_str()).map(|_| ()))
}

/// The topic of this id or title.
pub(super) fn named_topic(config: &Config, name: &str) -> Result<TopicId, OfficeError> {
    let plain = folded(name);
    let mut titled = config.topics.iter().filter(|t| folded(&t.title) == plain);
    match (titled.next(), titled.next()) {
        (Some(topic), None) if !config.topics.iter().any(|t| t.id.as_str() == name) => {
            Ok(topic.id.clone())
        }
        _ => known_topic(config, name),
    }
}

pub(super) fn known_topic(config: &Config, id: &str) -> Result<TopicId, OfficeError> {
    let found = config.topics.iter().find(|t| t.id.as_str() == id);
    found.map(|t| t.id.clone()).ok_or_else(|| {
        let known = config.topics.iter().map(|t| t.id.as_str());
        OfficeError::unknown(What::Topic, id, known)
    })
}

#[cfg(test)]
mod tests {
    use super::address_of;

    #[test]
    fn a_bare_name_is_a_websites() {
        for (typed, meant) in [
            (" chodon.gov.vn ", "https://chodon.gov.vn"),
            (
                "www.chodon.gov.vn/tin?id=1#a",
                "https://www.chodon.gov.vn/tin?id=1#a",
            ),
            ("chodon.gov.vn:8080/tin", "https://chodon.gov.vn:8080/tin"),
            ("http://chodon.gov.vn", "http://chodon.gov.vn"),
            // No names of websites: said as they stand, and refused.
            ("chodon", "chodon"),
            ("10.0.0.1/tin", "10.0.0.1/tin"),
            ("hoa@chodon.gov.vn", "hoa@chodon.gov.vn"),
            ("javascript:a.vn", "javascript:a.vn"),
            ("tin. bài", "tin. bài"),
            ("/tin/bai.html", "/tin/bai.html"),
        ] {
            assert_eq!(address_of(typed).as_deref(), Some(meant));
        }
        assert_eq!(address_of("  "), None);
    }
}
