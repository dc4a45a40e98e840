//! By what an entry is known again.
//!
//! An entry has several names: its guid, its link, its path with its title. It is known if it is known
//! by any of them, so that it may change its title, get another guid, tracking tags, https or another
//! host, and is still the same. A name that several entries of one document share (every entry links
//! to the front page, every guid is "0") is nobody's.
//!
//! The names stand in the ledger. **What is made here is made the same for ever**: a name that came out
//! otherwise would make every entry new. It therefore shares nothing with `compose::link_key`, which
//! may learn.

use std::collections::HashMap;

use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization as _;
use url::Url;

use super::Entry;

/// The names of an entry, surest first; 32 hex digits each. Never empty.
pub type Names = Vec<String>;

/// Parameters that only count visitors; whatever begins with `utm_` is one too.
const COUNTERS: [&str; 10] = [
    "fbclid", "gclid", "dclid", "msclkid", "yclid", "zarsrc", "mc_cid", "mc_eid", "igshid", "_ga",
];

/// The names of every entry of a document, in its order.
pub fn names(entries: &[Entry]) -> Vec<Names> {
    let plain: Vec<Plain> = entries.iter().map(Plain::of).collect();
    // Name → what tells its entries apart; more than one kind, and it is nobody's name.
    let mut guids: HashMap<&str, Option<&str>> = HashMap::new();
    let mut links: HashMap<&str, Option<&str>> = HashMap::new();
    for entry in &plain {
        note(&mut guids, entry.guid.as_deref(), entry.otherwise());
        note(&mut links, entry.link.as_deref(), entry.by_guid());
    }
    let own =
        |of: &HashMap<&str, Option<&str>>, name: &str| of.get(name).is_some_and(Option::is_some);
    plain
        .iter()
        .map(|entry| {
            let mut names = Names::new();
            if let Some(guid) = entry.guid.as_deref().filter(|g| own(&guids, g)) {
                names.push(digest("guid", &[guid]));
            }
            if let Some(link) = entry.link.as_deref().filter(|l| own(&links, l)) {
                names.push(digest("link", &[link]));
            }
            if let Some(path) = &entry.path
                && !entry.title.is_empty()
            {
                names.push(digest("path", &[path, &entry.title]));
            }
            if names.is_empty() {
                names.push(digest("words", &[&entry.title, &entry.words]));
            }
            names
        })
        .collect()
}

/// By its title and the very instant it was published: what stays when a site gets another system, and
/// with it other ids and other addresses. One name an entry, in the document's order; none where the title
/// is short ("Thông báo"), no time of the day is given, or another entry of the document has the same.
///
/// It is looked at only where none of [`names`] is known, for a feed that dates its entries anew would
/// have new ones at every look.
pub fn by_title_and_time(entries: &[Entry]) -> Vec<Option<String>> {
    let moment = |entry: &Entry| {
        let title = folded(&entry.title);
        let at = entry.published?.as_second();
        let day_alone = [0, VIETNAM].iter().any(|zone| (at + zone) % A_DAY == 0);
        let tells = title.chars().count() >= SHORTEST_TITLE && !day_alone;
        tells.then(|| digest("moment", &[&title, &at.to_string()]))
    };
    let all: Vec<Option<String>> = entries.iter().map(moment).collect();
    let mut times: HashMap<&str, usize> = HashMap::new();
    for name in all.iter().flatten() {
        *times.entry(name).or_default() += 1;
    }
    let alone = |name: &&String| times.get(name.as_str()) == Some(&1);
    all.iter()
        .map(|name| name.as_ref().filter(alone).cloned())
        .collect()
}

/// What of an entry readers would see, as one name: the same text is the same.
pub fn content(entry: &Entry) -> String {
    let link = entry.link.as_deref().and_then(link_name);
    let pictures = entry.pictures.join("\n");
    let link = link.map_or(String::new(), |l| l.whole);
    digest("content", &[&entry.title, &entry.text, &link, &pictures])
}

fn note<'a>(seen: &mut HashMap<&'a str, Option<&'a str>>, name: Option<&'a str>, who: &'a str) {
    let Some(name) = name else { return };
    let whose = seen.entry(name).or_insert(Some(who));
    if *whose != Some(who) {
        *whose = None;
    }
}

/// An entry by what it could be named.
struct Plain {
    guid: Option<String>,
    link: Option<String>,
    /// Path and query, where they tell more than a section's name would.
    path: Option<String>,
    title: String,
    words: String,
}

/// A shorter path may be that of a section, and another site's section of the same name.
const SHORTEST_PATH: usize = 12;
/// A shorter title may be that of another notice of the same day.
const SHORTEST_TITLE: usize = 20;
/// Seconds. A day without a time is read as its midnight, of Greenwich or of Vietnam.
const A_DAY: i64 = 86_400;
const VIETNAM: i64 = 7 * 3600;
/// So much of a text names an entry that has neither guid nor link.
const WORDS: usize = 200;

impl Plain {
    fn of(entry: &Entry) -> Plain {
        let link = entry.link.as_deref().and_then(link_name);
        let guid = entry.id.as_deref().map(str::trim).filter(|g| !g.is_empty());
        // A guid that is an address changes as addresses do; the front page's is nobody's.
        let guid = guid.and_then(|g| match link_name(g) {
            Some(link) => Some(link.whole).filter(|_| !link.path.is_empty()),
            None => Some(g.to_owned()),
        });
        Plain {
            guid,
            path: link
                .as_ref()
                .map(|l| l.path.clone())
                .filter(|p| p.len() >= SHORTEST_PATH),
            // The front page is where every entry may lead.
            link: link.filter(|l| !l.path.is_empty()).map(|l| l.whole),
            title: folded(&entry.title),
            words: folded(&entry.text).chars().take(WORDS).collect(),
        }
    }
    /// What tells entries with one guid apart.
    fn otherwise(&self) -> &str {
        self.link.as_deref().unwrap_or(&self.title)
    }
    /// What tells entries with one link apart.
    fn by_guid(&self) -> &str {
        self.guid.as_deref().unwrap_or(&self.title)
    }
}

/// Lower case and composed, one space between words.
fn folded(text: &str) -> String {
    let text: String = text.nfc().collect();
    text.to_lowercase()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

struct LinkName {
    /// Host, port and what follows.
    whole: String,
    /// What follows, without the slash before and behind.
    path: String,
}

/// An address without scheme, `www.` and `m.`, fragment, counters' parameters and slash at the end.
fn link_name(address: &str) -> Option<LinkName> {
    let url = Url::parse(address).ok()?;
    if !matches!(url.scheme(), "http" | "https") {
        return None;
    }
    let host = url.host_str()?.trim_end_matches('.').to_ascii_lowercase();
    let host = host.strip_prefix("www.").unwrap_or(&host);
    let host = host.strip_prefix("m.").unwrap_or(host);
    let port = url.port().map(|p| format!(":{p}")).unwrap_or_default();
    let mut path = url.path().trim_matches('/').to_owned();
    let kept: Vec<&str> = url
        .query()
        .unwrap_or_default()
        .split('&')
        .filter(|pair| {
            let name = pair
                .split('=')
                .next()
                .unwrap_or_default()
                .to_ascii_lowercase();
            !pair.is_empty() && !name.starts_with("utm_") && !COUNTERS.contains(&name.as_str())
        })
        .collect();
    if !kept.is_empty() {
        path = format!("{path}?{}", kept.join("&"));
    }
    Some(LinkName {
        whole: format!("{host}{port}/{path}"),
        path,
    })
}

/// Sixteen bytes of SHA-256: two of a billion meet once in 10²⁰ times.
fn digest(kind: &str, parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in [kind].iter().chain(parts) {
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize()[..16]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
