//! Why a look brought nothing, as people read it.

use super::polled::Trouble;
use crate::intake::feed::NotAFeed;
use crate::lang::{InWords, Lang};

impl InWords for Trouble {
    fn in_words(&self, lang: Lang) -> String {
        match self {
            Trouble::Fetch(error) => error.in_words(lang),
            Trouble::Status { status: 404 } => lang.text("feed-trouble.not-found").to_owned(),
            Trouble::Status {
                status: 401 | 403 | 407,
            } => lang.text("feed-trouble.forbidden").to_owned(),
            Trouble::Status { status: 429 } => lang.text("feed-trouble.too-often").to_owned(),
            Trouble::Status { status } => lang.fill("feed-trouble.status", &[("status", status)]),
            Trouble::Gone => lang.text("feed-trouble.gone").to_owned(),
            Trouble::NotAFeed { kind } => lang
                .text(match kind {
                    NotAFeed::Empty => "feed-trouble.empty",
                    NotAFeed::Page => "feed-trouble.page",
                    NotAFeed::SitemapIndex => "feed-trouble.sitemap-index",
                    NotAFeed::PlainSitemap => "feed-trouble.plain-sitemap",
                    NotAFeed::Unknown => "feed-trouble.unknown",
                })
                .to_owned(),
            Trouble::NotKept { why } => lang.fill("feed-trouble.not-kept", &[("why", why)]),
        }
    }
}
