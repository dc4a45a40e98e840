//! What is written of an article, as its forms hold it: nothing typed is lost when something is wrong.

use super::Faces;
use super::fields::Fields;
use super::visitor::Visitor;
use crate::model::{Article, Picture, TopicId};
use crate::office::OfficeError;

/// The fields of an article.
#[derive(Debug, Clone, Default)]
pub(super) struct Writing {
    /// Headline.
    pub(super) title: String,
    /// Body.
    pub(super) text: String,
    /// Where it leads.
    pub(super) link: String,
    /// Its topic's id, or nothing.
    pub(super) topic: String,
    /// Kept already, in order.
    pub(super) pictures: Vec<Picture>,
    /// Of one that could not be kept: as it was typed.
    pub(super) picture_url: String,
}

/// One to be chosen.
#[derive(Debug, Clone)]
pub(super) struct Choice {
    /// As the form sends it.
    pub(super) id: String,
    /// As people call it.
    pub(super) title: String,
    /// Chosen now.
    pub(super) chosen: bool,
}

impl Writing {
    /// As it stands.
    pub(super) fn of_article(article: &Article) -> Self {
        let c = &article.content;
        Self {
            title: c.title.clone(),
            text: c.text.clone(),
            link: c.link.clone().unwrap_or_default(),
            topic: article
                .topic
                .as_ref()
                .map_or(String::new(), ToString::to_string),
            pictures: c.pictures.clone(),
            picture_url: String::new(),
        }
    }

    /// As it was typed, without what came along.
    pub(super) fn typed(fields: &Fields) -> Self {
        let alt = |hash: &str| fields.text(&format!("alt-{hash}")).trim().to_owned();
        let pictures = fields
            .all("picture")
            .filter(|hash| !fields.has(&format!("drop-{hash}")))
            .map(|hash| Picture {
                hash: hash.to_owned(),
                alt: alt(hash),
            });
        Self {
            title: fields.text("title").to_owned(),
            text: fields.text("text").to_owned(),
            link: fields.text("link").to_owned(),
            topic: fields.text("topic").to_owned(),
            pictures: pictures.collect(),
            picture_url: String::new(),
        }
    }

    /// As it was typed; pictures that came with it, and those at addresses, are kept first.
    pub(super) async fn of_form(
        faces: &Faces,
        visitor: &Visitor,
        fields: &Fields,
    ) -> (Self, Result<(), OfficeError>) {
        let mut writing = Self::typed(fields);
        // What can be kept is kept, so that only what cannot has to be chosen again.
        let mut outcome = Ok(());
        for (name, bytes) in &fields.files {
            if name != "new-picture" {
                continue;
            }
            let (office, actor) = (faces.site.office.clone(), visitor.actor().clone());
            let bytes = bytes.clone();
            let kept = tokio::task::spawn_blocking(move || office.keep_picture(&actor, &bytes));
            let kept = match kept.await {
                Ok(kept) => kept,
                Err(error) => Err(OfficeError::Stopped(error.to_string())),
            };
            match kept {
                Ok(hash) => writing.pictures.push(Picture {
                    hash,
                    alt: fields.text("new-alt").trim().to_owned(),
                }),
                Err(error) if outcome.is_ok() => outcome = Err(error),
                Err(_) => {}
            }
        }
        for url in fields.all("picture-url").map(str::trim) {
            if url.is_empty() {
                continue;
            }
            let office = &faces.site.office;
            match office.picture_from(visitor.actor(), url).await {
                Ok(hash) => writing.pictures.push(Picture {
                    hash,
                    alt: fields.text("new-alt").trim().to_owned(),
                }),
                Err(error) => {
                    writing.picture_url = url.to_owned();
                    outcome = outcome.and(Err(error));
                }
            }
        }
        (writing, outcome)
    }

    /// The link, if there is one.
    pub(super) fn link(&self) -> Option<String> {
        Some(self.link.trim().to_owned()).filter(|l| !l.is_empty())
    }

    /// The topic, if one was chosen.
    pub(super) fn topic(&self) -> Option<TopicId> {
        TopicId::new(&self.topic).ok()
    }

    /// Every topic there is.
    pub(super) fn topics(&self, faces: &Faces) -> Vec<Choice> {
        let config = faces.site.office.config();
        let choice = |t: &crate::model::Topic| Choice {
            id: t.id.to_string(),
            title: t.title.clone(),
            chosen: t.id.as_str() == self.topic,
        };
        config.topics.iter().map(choice).collect()
    }
}
