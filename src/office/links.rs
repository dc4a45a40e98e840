//! What an address leads to: the page's own title, summary and picture, and whether it went out already.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;
use url::Url;

use super::content::address_of;
use super::repeat::when;
use super::{Invalid, Office, OfficeError, permission};
use crate::compose::link_key;
use crate::intake::charset::{Hints, decode};
use crate::intake::fetch::{Ask, Fetched};
use crate::intake::page::{self, MOST_PAGE, PageMeta};
use crate::model::{Actor, ChannelId, ShareId, State};

/// What is asked for: a page, not a picture or a file of the same name.
const ACCEPT: &str = "text/html, application/xhtml+xml;q=0.9, */*;q=0.1";

/// Somebody sits before the page and waits for its title.
const LOOK_WITHIN: Duration = Duration::from_secs(15);

/// What an address leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looked {
    /// Where it is in the end, behind all redirects.
    pub address: Url,
    /// What the page says of itself.
    pub page: PageMeta,
    /// Where the same link went, goes or waits already; the latest of each channel.
    pub earlier: Vec<Earlier>,
}

/// A share with the same link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Earlier {
    /// Where.
    pub channel: ChannelId,
    /// Which.
    pub share: ShareId,
    /// When it went, goes, or was added.
    pub at: Timestamp,
}

impl Office {
    /// Reads the page at an address. Nothing is kept and nothing changes.
    ///
    /// # Errors
    /// [`Invalid::NotRead`], [`Invalid::NoPage`], [`Invalid::NotAPage`], each of the field `link`.
    pub async fn look_at_link(&self, actor: &Actor, url: &str) -> Result<Looked, OfficeError> {
        permission::look_outside(actor)?;
        let url = address_of(url).unwrap_or_default();
        let (address, page) = self.page_at(&url).await?;
        let mut addresses = vec![url.as_str(), address.as_str()];
        addresses.extend(page.canonical.as_ref().map(Url::as_str));
        let earlier = self.earlier_by_link(&addresses)?;
        Ok(Looked {
            address,
            page,
            earlier,
        })
    }

    /// The page at an address, and where it is in the end.
    pub(super) async fn page_at(&self, url: &str) -> Result<(Url, PageMeta), OfficeError> {
        let mut found = self.fetch_page(url, ACCEPT).await?;
        let mut page = self.read_page(&found).await?;
        // A stub that only sends its readers on is not what was meant.
        if let Some(moved) = page.moved_to.clone() {
            found = self.fetch_page(moved.as_str(), ACCEPT).await?;
            page = self.read_page(&found).await?;
        }
        Ok((found.url, page))
    }

    async fn fetch(&self, url: &str, accept: &'static str) -> Result<Fetched, OfficeError> {
        let invalid = |what| OfficeError::invalid("link", what);
        let ask = Ask {
            within: LOOK_WITHIN,
            awaited: true,
            ..Ask::new(url.trim(), accept, MOST_PAGE)
        };
        let found = self.fetcher.get(ask).await;
        let found = found.map_err(|why| invalid(Invalid::NotRead(why)))?;
        if !found.is_success() {
            return Err(invalid(Invalid::NoPage {
                host: host(&found.url),
                status: found.status,
            }));
        }
        Ok(found)
    }

    async fn fetch_page(&self, url: &str, accept: &'static str) -> Result<Fetched, OfficeError> {
        let found = self.fetch(url, accept).await?;
        check_page(&found, "link")?;
        Ok(found)
    }

    /// Half a megabyte of markup takes some milliseconds: beside the async threads.
    async fn read_page(&self, found: &Fetched) -> Result<PageMeta, OfficeError> {
        let zone = self.config().office.zone.clone();
        let (body, url) = (found.body.clone(), found.url.clone());
        let content_type = found.content_type().map(str::to_owned);
        let work = tokio::task::spawn_blocking(move || {
            let hints = Hints {
                content_type: content_type.as_deref(),
                host: url.host_str(),
            };
            page::read(&decode(&body, hints).text, &url, &zone)
        });
        work.await
            .map_err(|error| OfficeError::Stopped(error.to_string()))
    }

    /// The latest share of each channel with one of these links: told, whether or not the channel's rule
    /// would hold it back.
    fn earlier_by_link(&self, links: &[&str]) -> Result<Vec<Earlier>, OfficeError> {
        let keys: BTreeSet<String> = links.iter().filter_map(|l| link_key(l)).collect();
        let mut latest: BTreeMap<ChannelId, Earlier> = BTreeMap::new();
        for key in keys {
            for article in self.store.articles_with_link(&key)? {
                for share in self.store.shares_of(article, None)? {
                    if !is_under_way(share.state) {
                        continue;
                    }
                    let at = when(&share);
                    let known = latest.get(&share.channel);
                    if known.is_none_or(|known| known.at < at) {
                        let earlier = Earlier {
                            channel: share.channel.clone(),
                            share: share.id,
                            at,
                        };
                        latest.insert(share.channel, earlier);
                    }
                }
            }
        }
        Ok(latest.into_values().collect())
    }
}

/// Whether it went out, or is meant to.
fn is_under_way(state: State) -> bool {
    !matches!(
        state,
        State::Draft | State::Failed | State::Missed | State::Cancelled | State::Removed
    )
}

fn host(url: &Url) -> String {
    url.host_str().unwrap_or_default().to_owned()
}

/// Refuses what is no page: a file to be read or seen. A server that does not say is believed when
/// markup comes.
pub(super) fn check_page(found: &Fetched, field: &'static str) -> Result<(), OfficeError> {
    let kind = found.content_type().unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    let kind = kind.to_ascii_lowercase();
    let is_page = match kind.as_str() {
        "text/html" | "application/xhtml+xml" => true,
        // Misconfigured servers call their pages so.
        "" | "text/plain" | "application/octet-stream" | "text/xml" | "application/xml" => {
            begins_with_markup(&found.body)
        }
        _ => false,
    };
    if is_page {
        return Ok(());
    }
    Err(OfficeError::invalid(
        field,
        Invalid::NotAPage {
            host: host(&found.url),
            kind,
        },
    ))
}

fn begins_with_markup(body: &[u8]) -> bool {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let begin = body.trim_ascii_start();
    begin.starts_with(b"<") || matches!(body, [0xff, 0xfe, ..] | [0xfe, 0xff, ..])
}
