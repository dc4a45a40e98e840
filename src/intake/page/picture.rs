//! The picture that a page shows beside itself.

use serde::Serialize;
use url::Url;

use super::Page;
use super::facts::Image;
use super::words::said;

/// Smaller pictures are icons and tracking points; Facebook asks for 200 by 200 at least:
/// <https://developers.facebook.com/docs/sharing/webmasters/images>.
const SMALLEST_PICTURE: u32 = 200;

/// A page's picture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PagePicture {
    /// Where it is.
    pub address: Url,
    /// What it shows, where the page says.
    pub alt: Option<String>,
}

impl Page<'_> {
    pub(super) fn picture(&self) -> Option<PagePicture> {
        let of = |address: &str, alt: Option<&str>| {
            Some(PagePicture {
                address: self.address(address).filter(|a| !is_drawing(a))?,
                alt: alt.and_then(said),
            })
        };
        let twitter = |name: &str| self.meta(&[name]);
        let described = &self.described;
        self.open_graph_picture()
            .or_else(|| {
                of(
                    described.picture.as_deref()?,
                    described.picture_alt.as_deref(),
                )
            })
            .or_else(|| {
                let address = twitter("twitter:image").or_else(|| twitter("twitter:image:src"))?;
                of(&address, twitter("twitter:image:alt").as_deref())
            })
            .or_else(|| of(self.facts.image_src.as_deref()?, None))
            .or_else(|| of(&self.meta(&["image", "thumbnailurl", "thumbnail"])?, None))
            .or_else(|| {
                let images = self.facts.images.iter().filter(|i| is_likely(i));
                images.into_iter().find_map(|i| of(&i.src, Some(&i.alt)))
            })
    }

    /// The first `og:image` that can be used. What follows one until the next belongs to it:
    /// <https://ogp.me/#structured>.
    fn open_graph_picture(&self) -> Option<PagePicture> {
        #[derive(Default)]
        struct One {
            address: Option<Url>,
            alt: Option<String>,
            is_small: bool,
        }
        let mut all: Vec<One> = Vec::new();
        for (name, value) in &self.facts.metas {
            let name = name.strip_prefix("og:image").unwrap_or("-");
            if matches!(name, "" | ":url") {
                let address = self.address(value);
                // `og:image:url` is `og:image` by another name.
                if name.is_empty()
                    || all
                        .last()
                        .is_none_or(|one| one.address.is_some() && one.address != address)
                {
                    all.push(One::default());
                }
                if let Some(one) = all.last_mut() {
                    one.address = address;
                }
                continue;
            }
            let Some(one) = all.last_mut() else { continue };
            match name {
                ":secure_url" => one.address = self.address(value).or(one.address.take()),
                ":alt" => one.alt = said(value),
                ":width" | ":height" => {
                    let side = value.trim().parse::<u32>();
                    one.is_small |= side.is_ok_and(|side| side > 0 && side < SMALLEST_PICTURE);
                }
                _ => {}
            }
        }
        let usable = |one: &One| one.address.as_ref().is_some_and(|a| !is_drawing(a));
        let chosen = all.iter().find(|one| usable(one) && !one.is_small);
        let chosen = chosen.or_else(|| all.iter().find(|one| usable(one)))?;
        Some(PagePicture {
            address: chosen.address.clone()?,
            alt: chosen.alt.clone(),
        })
    }
}

/// What no platform takes as a picture.
fn is_drawing(address: &Url) -> bool {
    let path = address.path().to_ascii_lowercase();
    path.ends_with(".svg") || path.ends_with(".svgz") || path.ends_with(".ico")
}

/// Whether a picture in the text may be the article's own and no ornament.
fn is_likely(image: &Image) -> bool {
    const ORNAMENTS: [&str; 14] = [
        "logo",
        "icon",
        "banner",
        "avatar",
        "sprite",
        "pixel",
        "spacer",
        "blank",
        "loading",
        "button",
        "placeholder",
        "quochuy",
        "quoc-huy",
        "1x1",
    ];
    let name = image.src.to_ascii_lowercase();
    let name = name.split(['?', '#']).next().unwrap_or_default();
    let is_small = image
        .sides
        .iter()
        .flatten()
        .any(|side| *side < SMALLEST_PICTURE);
    !is_small && !name.ends_with(".gif") && !ORNAMENTS.iter().any(|o| name.contains(o))
}
