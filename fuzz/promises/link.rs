//! Whatever is given as a link: its key is the key of the key and of every spelling that leads to the
//! same page; a post that carries it leads there too, however it was tagged; and the fetcher asks nobody
//! inside the office's network for it.

use std::net::IpAddr;
use std::sync::Arc;

use raotin::compose::link_key;
use raotin::intake::fetch::Allowed;
use raotin::intake::fetch::guard::check;
use raotin::platform::public::is_public;
use url::Url;

/// The bytes are the link.
pub(super) fn hold(bytes: &[u8]) {
    let link = String::from_utf8_lossy(bytes);
    guarded(&link);
    let Some(key) = link_key(&link) else { return };
    assert!(!key.contains(|c: char| c.is_whitespace() || c.is_control()));
    // A name is never stripped to its last part, and figures have none.
    let url =
        Url::parse(&format!("https://{key}")).expect("a key is an address without its scheme");
    let is_named = url.domain().is_some_and(|name| name.contains('.'));
    for same in [
        format!("https://{key}"),
        format!("http://{key}"),
        format!("HTTPS://{}{key}#x", if is_named { "www." } else { "" }),
        format!(" https://{key} "),
    ] {
        assert_eq!(link_key(&same).as_ref(), Some(&key), "{same}");
    }
    let tag = if key.contains('?') { '&' } else { '?' };
    for tagged in ["utm_source=a", "fbclid=x%2f", "zarsrc="] {
        let tagged = format!("https://{key}{tag}{tagged}");
        assert_eq!(link_key(&tagged).as_ref(), Some(&key), "{tagged}");
    }
}

/// What may be asked for is asked for as it stands, and stands on the open internet.
fn guarded(link: &str) {
    let nobody: Allowed = Arc::new(|_| false);
    let Ok(url) = check(link, &nobody) else {
        return;
    };
    assert!(matches!(url.scheme(), "http" | "https"));
    assert!(url.username().is_empty() && url.password().is_none() && url.fragment().is_none());
    assert_eq!(check(url.as_str(), &nobody).as_ref(), Ok(&url));
    let host = url.host_str().expect("a host");
    // As a resolver reads it, which takes figures for an address whatever the URL says they are.
    let host = host.trim_matches(['[', ']']).trim_end_matches('.');
    assert!(!host.is_empty() && host != "localhost");
    if let Ok(address) = host.parse::<IpAddr>() {
        assert!(is_public(address), "{address}");
    }
    assert_eq!(Url::parse(url.as_str()).as_ref(), Ok(&url));
}
