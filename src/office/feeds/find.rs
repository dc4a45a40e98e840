//! The feeds of a page: those it names, else those at the usual places.

use std::time::Duration;

use jiff::tz::TimeZone;
use serde::Serialize;
use url::Url;

use super::super::content::address_of;
use super::super::links::check_page;
use super::super::{Invalid, Office, OfficeError, permission};
use super::{ACCEPT, MOST_FEED_BYTES};
use crate::intake::charset::{Hints, decode};
use crate::intake::feed::{self, From};
use crate::intake::fetch::{Ask, Fetched};
use crate::intake::page;
use crate::model::Actor;

/// A page may name dozens, one a section; a person chooses among so many.
const MOST_NAMED: usize = 20;
/// For each of the usual places: most of them are not there, which is told at once.
const TRY_WITHIN: Duration = Duration::from_secs(5);
/// Feeds found by trying are looked for until there are so many: further places tell the same.
const ENOUGH_TRIED: usize = 1;

/// A feed that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FoundFeed {
    /// As the page or the feed calls it; may be empty.
    pub title: String,
    /// Its address.
    pub url: String,
}

impl Office {
    /// The feeds behind an address: itself, those its page names, else those at the usual places of
    /// the site. Nothing where there is none.
    ///
    /// # Errors
    /// [`Invalid::NotRead`], [`Invalid::NoPage`], [`Invalid::NotAPage`], each of the field `url`.
    pub async fn find_feeds(
        &self,
        actor: &Actor,
        url: &str,
    ) -> Result<Vec<FoundFeed>, OfficeError> {
        permission::poll(actor)?;
        let invalid = |what| OfficeError::invalid("url", what);
        let found = self
            .fetcher
            .get(Ask {
                awaited: true,
                ..Ask::new(address_of(url).unwrap_or_default(), ACCEPT, MOST_FEED_BYTES)
            })
            .await;
        let found = found.map_err(|why| invalid(Invalid::NotRead(why)))?;
        if !found.is_success() {
            return Err(invalid(Invalid::NoPage {
                host: found.url.host_str().unwrap_or_default().to_owned(),
                status: found.status,
            }));
        }
        let zone = self.config().office.zone.clone();
        let (found, what) = read(found, &zone).await?;
        match what {
            Read::Feed(itself) => return Ok(vec![itself]),
            Read::Page(named) => {
                check_page(&found, "url")?;
                if !named.is_empty() {
                    return Ok(named);
                }
            }
        }
        let mut tried = Vec::new();
        for place in page::usual_feeds(&found.url) {
            let ask = Ask {
                within: TRY_WITHIN,
                awaited: true,
                ..Ask::new(place, ACCEPT, MOST_FEED_BYTES)
            };
            let there = self.fetcher.get(ask).await;
            // What is not there is not told: nobody said that it was.
            let Some(there) = there.ok().filter(Fetched::is_success) else {
                continue;
            };
            if let (_, Read::Feed(feed)) = read(there, &zone).await? {
                tried.push(feed);
            }
            if tried.len() >= ENOUGH_TRIED {
                break;
            }
        }
        Ok(tried)
    }
}

/// What an answer is.
enum Read {
    /// A feed.
    Feed(FoundFeed),
    /// Something else, and the feeds that it names if it is a page.
    Page(Vec<FoundFeed>),
}

/// Reads an answer where it holds up nobody.
async fn read(found: Fetched, zone: &TimeZone) -> Result<(Fetched, Read), OfficeError> {
    let zone = zone.clone();
    let read = move || {
        let what =
            as_feed(&found, &zone).map_or_else(|| Read::Page(named(&found, &zone)), Read::Feed);
        (found, what)
    };
    let read = tokio::task::spawn_blocking(read).await;
    read.map_err(|error| OfficeError::Stopped(error.to_string()))
}

/// The answer as a feed, if it is one.
fn as_feed(found: &Fetched, zone: &TimeZone) -> Option<FoundFeed> {
    let from = From {
        url: &found.url,
        content_type: found.content_type(),
        zone,
    };
    let feed = feed::read(&found.body, from).ok()?;
    Some(FoundFeed {
        title: feed.title,
        url: found.url.to_string(),
    })
}

fn named(found: &Fetched, zone: &TimeZone) -> Vec<FoundFeed> {
    let hints = Hints {
        content_type: found.content_type(),
        host: found.url.host_str(),
    };
    let text = decode(&found.body, hints).text;
    let read = page::read(&text, &found.url, zone);
    let mut all: Vec<FoundFeed> = Vec::new();
    for link in read.feeds {
        let url: String = Url::into(link.address);
        if all.len() < MOST_NAMED && !all.iter().any(|f| f.url == url) {
            let title = link.title;
            all.push(FoundFeed { title, url });
        }
    }
    all
}
