//! Compose fills itself: what the page behind a link is called, what it says and shows. Nothing that
//! somebody typed is changed; a picture goes along only where she says so.

use std::time::Duration;

use askama::Template;
use axum::extract::State;
use jiff::tz::TimeZone;

use super::Faces;
use super::fields::{Fields, Posted};
use super::frame::{Answer, show};
use super::show::{Show, When};
use super::trouble::Trouble;
use super::visitor::Visitor;
use super::writing::Writing;
use crate::intake::page::{PagePicture, Published};
use crate::lang::Lang;
use crate::model::Picture;
use crate::office::OfficeError;
use crate::office::links::Looked;
use crate::office::may::Wish;

/// A picture that takes longer is left out: its title waits beside it.
const PICTURE_WITHIN: Duration = Duration::from_secs(10);

/// What a link leads to, as Compose shows it.
#[derive(Debug, Clone, Default)]
pub(super) struct Found {
    /// Why nothing was found.
    pub(super) error: Option<String>,
    /// Its title.
    pub(super) title: String,
    /// Its summary.
    pub(super) text: String,
    /// What the page calls its own address, where that is another than the link's; and the link.
    pub(super) canonical: Option<Canonical>,
    /// Whose page it is, and when it was published.
    pub(super) about: String,
    /// Its picture, kept here; what it shows is the page's own word for it.
    pub(super) picture: Option<Picture>,
    /// Why it has a picture and none is shown.
    pub(super) no_picture: Option<String>,
    /// Where the same link went already: the share, where, when.
    pub(super) earlier: Vec<(String, String, When)>,
}

/// An address that a page calls its own, and the link that it was found behind: it holds for no other.
#[derive(Debug, Clone)]
pub(super) struct Canonical {
    pub(super) address: String,
    pub(super) of: String,
}

impl Canonical {
    /// As a form brings it back, if its link is still the same.
    pub(super) fn of(fields: &Fields) -> Option<Self> {
        let (address, of) = (fields.text("canonical"), fields.text("canonical-of"));
        let holds = !address.is_empty() && of == fields.text("link").trim();
        holds.then(|| Self {
            address: address.to_owned(),
            of: of.to_owned(),
        })
    }
}

#[derive(Template)]
#[template(path = "found.html")]
struct Part {
    lang: Lang,
    found: Option<Found>,
    canonical: Option<Canonical>,
}

/// The same as a part of the page, while somebody writes.
pub(super) async fn look(State(faces): State<Faces>, Posted { visitor, fields }: Posted) -> Answer {
    // An administrator may have pages read too, for their feeds; this part is of a form that is not hers.
    let may = faces.site.office.may(visitor.actor(), Wish::Compose);
    may.map_err(|e| faces.failed(&visitor, e))?;
    let found = Found::at(&faces, &visitor, fields.text("link")).await?;
    let part = Part {
        lang: visitor.lang,
        found: Some(found),
        canonical: None,
    };
    show(&part, visitor.lang)
}

impl Found {
    /// Reads the page at a link, and keeps its picture.
    pub(super) async fn at(faces: &Faces, visitor: &Visitor, link: &str) -> Result<Self, Trouble> {
        let office = &faces.site.office;
        let looked = match office.look_at_link(visitor.actor(), link).await {
            Ok(looked) => looked,
            Err(error @ OfficeError::NotAllowed { .. }) => return Err(faces.failed(visitor, error)),
            Err(error) => {
                return Ok(Self {
                    error: Some(office.tell(visitor.lang, &error)),
                    ..Self::default()
                });
            }
        };
        let picture = match &looked.page.picture {
            Some(picture) => Some(kept(faces, visitor, picture).await),
            None => None,
        };
        let (picture, no_picture) = match picture {
            Some(Ok(picture)) => (Some(picture), None),
            Some(Err(why)) => (None, Some(why)),
            None => (None, None),
        };
        let link = link.trim().to_owned();
        let told = move |faces: &Faces, visitor: &Visitor| {
            let show = Show::new(faces, visitor)?;
            let earlier = looked.earlier.iter().map(|e| {
                let channel = show.channel(&e.channel);
                let said = show.lang.fill("found.earlier", &[("channel", &channel)]);
                (e.share.to_string(), said, show.when(e.at))
            });
            Ok(Self {
                error: None,
                canonical: looked
                    .page
                    .canonical
                    .as_ref()
                    .map(|address| address.as_str().to_owned())
                    .filter(|address| *address != link)
                    .map(|address| Canonical { address, of: link }),
                about: about(&show, &looked),
                earlier: earlier.collect(),
                title: looked.page.title.unwrap_or_default(),
                text: looked.page.description.unwrap_or_default(),
                picture,
                no_picture,
            })
        };
        faces.beside(visitor, told).await
    }

    /// Fills what is still empty.
    pub(super) fn fill(&self, writing: &mut Writing) {
        if writing.title.trim().is_empty() {
            writing.title.clone_from(&self.title);
        }
        if writing.text.trim().is_empty() {
            writing.text.clone_from(&self.text);
        }
    }
}

async fn kept(faces: &Faces, visitor: &Visitor, picture: &PagePicture) -> Result<Picture, String> {
    let (office, lang) = (&faces.site.office, visitor.lang);
    let keeping = office.picture_from(visitor.actor(), picture.address.as_str());
    match tokio::time::timeout(PICTURE_WITHIN, keeping).await {
        Ok(Ok(hash)) => Ok(Picture {
            hash,
            alt: picture.alt.clone().unwrap_or_default(),
        }),
        Ok(Err(error)) => Err(office.tell(lang, &error)),
        Err(_) => Err(lang.text("found.picture-slow").to_owned()),
    }
}

/// "Báo Bắc Kạn · 28/8/2019".
fn about(show: &Show<'_>, looked: &Looked) -> String {
    let page = &looked.page;
    let host = looked.address.host_str().unwrap_or_default();
    let site = page.site_name.as_deref().unwrap_or(host);
    match page.published {
        Some(published) => format!("{site} · {}", day(show.lang, published, &show.zone)),
        None => site.to_owned(),
    }
}

fn day(lang: Lang, published: Published, zone: &TimeZone) -> String {
    match published {
        Published::On(day) => lang.date(day),
        Published::At(at) => lang.date(at.to_zoned_datetime(zone.clone()).date()),
    }
}
