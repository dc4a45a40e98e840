//! What an address leads to.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::intake::page::{FeedKind, FeedLink};
use crate::office::links::Looked;

/// What a page says of itself. What it does not say is left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = LinkTarget)]
pub struct LookedView {
    /// Where it is in the end, behind all redirects.
    pub address: String,
    /// Headline, without the site's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Summary.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The address of the picture shown beside it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub picture: Option<String>,
    /// What the picture shows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub picture_alt: Option<String>,
    /// What the site is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub site_name: Option<String>,
    /// The page's own address for itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub canonical: Option<String>,
    /// When it was published: an instant, or a day where no time is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published: Option<String>,
    /// Its language, as BCP 47 has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lang: Option<String>,
    /// It is an AMP copy of this page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amp_of: Option<String>,
    /// Feeds that it names.
    pub feeds: Vec<FeedLinkView>,
    /// Where the same link went, goes or waits already.
    pub earlier: Vec<EarlierView>,
}

/// A feed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = FeedLink)]
pub struct FeedLinkView {
    /// As the page calls it; may be empty.
    pub title: String,
    /// Where it is.
    pub address: String,
    /// `rss`, `atom` or `json`.
    pub kind: String,
}

/// A share with the same link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = EarlierShare)]
pub struct EarlierView {
    /// Where.
    pub channel: String,
    /// Which.
    pub share: String,
    /// When it went, goes, or was added.
    pub at: String,
}

impl From<Looked> for LookedView {
    fn from(looked: Looked) -> Self {
        let page = looked.page;
        let (picture, picture_alt) = page.picture.map(|p| (p.address, p.alt)).unzip();
        let earlier = looked.earlier.into_iter();
        Self {
            address: looked.address.into(),
            title: page.title,
            description: page.description,
            picture: picture.map(String::from),
            picture_alt: picture_alt.flatten(),
            site_name: page.site_name,
            canonical: page.canonical.map(String::from),
            published: page.published.map(|at| at.to_string()),
            lang: page.lang,
            amp_of: page.amp_of.map(String::from),
            feeds: page.feeds.into_iter().map(FeedLinkView::from).collect(),
            earlier: earlier
                .map(|e| EarlierView {
                    channel: e.channel.to_string(),
                    share: e.share.to_string(),
                    at: e.at.to_string(),
                })
                .collect(),
        }
    }
}

impl From<FeedLink> for FeedLinkView {
    fn from(feed: FeedLink) -> Self {
        let kind = match feed.kind {
            FeedKind::Rss => "rss",
            FeedKind::Atom => "atom",
            FeedKind::Json => "json",
        };
        Self {
            title: feed.title,
            address: feed.address.into(),
            kind: kind.to_owned(),
        }
    }
}
