//! What a server says it takes (`/api/v2/instance`, the older `/api/v1/instance` where that is all there
//! is), and whether a post is within it.

use serde::{Deserialize, Serialize};

use crate::compose::count::{graphemes, mastodon};
use crate::compose::limits::{MASTODON_PICTURE, MASTODON_PICTURES, MASTODON_TEXT, ToldLimits};
use crate::model::Part;
use crate::picture::Kinds;

/// Longest description of a picture where the server does not say.
const DESCRIPTION: usize = 1500;

/// A server's limits.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Instance {
    pub(super) title: String,
    pub(super) version: String,
    pub(super) configuration: Configuration,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Configuration {
    pub(super) statuses: Statuses,
    pub(super) media_attachments: Media,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Statuses {
    pub(super) max_characters: usize,
    pub(super) max_media_attachments: usize,
    pub(super) characters_reserved_per_url: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Media {
    pub(super) supported_mime_types: Vec<String>,
    pub(super) image_size_limit: usize,
    pub(super) image_matrix_limit: u64,
    pub(super) description_limit: usize,
}

impl Default for Statuses {
    fn default() -> Self {
        Self {
            max_characters: MASTODON_TEXT,
            max_media_attachments: MASTODON_PICTURES,
            characters_reserved_per_url: mastodon::AN_ADDRESS,
        }
    }
}

impl Default for Media {
    fn default() -> Self {
        Self {
            supported_mime_types: Vec::new(),
            image_size_limit: MASTODON_PICTURE.bytes,
            image_matrix_limit: MASTODON_PICTURE.pixels,
            description_limit: DESCRIPTION,
        }
    }
}

impl Instance {
    /// What of a text with this content warning the server would count.
    pub(super) fn count(&self, text: &str, warning: Option<&str>) -> usize {
        let per_url = self.configuration.statuses.characters_reserved_per_url;
        mastodon::count_with(text, per_url) + warning.map_or(0, graphemes::count)
    }

    /// What `compose` keeps to. Where an address counts more than usual, as many characters less as a
    /// post with a link needs.
    pub(super) fn told(&self, warning: Option<&str>) -> ToldLimits {
        let statuses = &self.configuration.statuses;
        let more = statuses
            .characters_reserved_per_url
            .saturating_sub(mastodon::AN_ADDRESS);
        let taken = warning.map_or(0, graphemes::count) + more;
        let media = &self.configuration.media_attachments;
        let types = &media.supported_mime_types;
        ToldLimits {
            text: statuses.max_characters.saturating_sub(taken),
            pictures: statuses.max_media_attachments,
            picture_bytes: Some(media.image_size_limit),
            picture_pixels: Some(media.image_matrix_limit),
            picture_kinds: (!types.is_empty())
                .then(|| Kinds::of_types(types.iter().map(String::as_str))),
        }
    }

    /// What the server would refuse.
    ///
    /// # Errors
    /// In words.
    pub(super) fn judge(&self, part: &Part, warning: Option<&str>) -> Result<(), String> {
        let statuses = &self.configuration.statuses;
        let length = self.count(&part.text, warning);
        if length > statuses.max_characters {
            return Err(format!(
                "the text has {length} characters as this server counts, and it takes {}",
                statuses.max_characters
            ));
        }
        if part.pictures.len() > statuses.max_media_attachments {
            return Err(format!(
                "{} pictures, and this server takes {}",
                part.pictures.len(),
                statuses.max_media_attachments
            ));
        }
        let longest = self.configuration.media_attachments.description_limit;
        if part
            .pictures
            .iter()
            .any(|p| graphemes::count(&p.alt) > longest)
        {
            return Err(format!(
                "a picture's description is longer than the {longest} characters that this server takes"
            ));
        }
        if part.text.trim().is_empty() && part.pictures.is_empty() {
            return Err("the post is empty".to_owned());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_said_is_as_mastodon_has_it() {
        let said = r#"{"title":"Chợ","configuration":{"statuses":{"max_characters":50}}}"#;
        let instance: Instance = serde_json::from_str(said).expect("an instance");
        let statuses = &instance.configuration.statuses;
        assert_eq!(
            (statuses.max_characters, statuses.max_media_attachments),
            (50, 4)
        );
        let part = |text: &str| Part {
            text: text.to_owned(),
            ..Part::default()
        };
        assert_eq!(instance.judge(&part(&"ộ".repeat(50)), None), Ok(()));
        assert!(instance.judge(&part(&"ộ".repeat(51)), None).is_err());
        assert!(instance.judge(&part(&"ộ".repeat(48)), Some("Tin")).is_err());
        let link = format!("https://chodon.gov.vn/{}", "x".repeat(100));
        assert_eq!(instance.judge(&part(&link), None), Ok(()));
        assert!(instance.judge(&part(" "), None).is_err());
        assert_eq!(
            (instance.told(None).text, instance.told(Some("Tin")).text),
            (50, 47)
        );
    }
}
