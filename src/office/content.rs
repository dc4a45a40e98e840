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
