//! `[web]` → where the pages are served, and how phones reach them.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use super::problem::Code;
use super::reader::Fields;
use super::values;

/// The port if none is said: free at IANA, and not among those that others like.
pub const PORT: u16 = 8420;

/// `[web]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Web {
    /// Whether pages are served at all; the socket always is.
    pub enabled: bool,
    /// Where to listen.
    pub listen: SocketAddr,
    /// The address people open, if it is not the one above.
    pub address: Option<String>,
    /// The proxies whose `X-Forwarded-*` are believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// Own certificate (chain) and key, in PEM files.
    pub certificate: Option<(PathBuf, PathBuf)>,
    /// Plain HTTP, for private addresses only; nothing where there is a certificate or a proxy.
    pub lan: bool,
}

impl Default for Web {
    fn default() -> Self {
        Self {
            enabled: true,
            listen: (Ipv4Addr::LOCALHOST, PORT).into(),
            address: None,
            trusted_proxies: Vec::new(),
            certificate: None,
            lan: false,
        }
    }
}

/// Reads `[web]`; relative files lie beside the configuration, in `folder`.
pub(super) fn read(fields: &Fields<'_>, folder: &Path) -> Web {
    let lan = fields.flag("lan").unwrap_or(false);
    let listen = fields.text("listen").and_then(|text| {
        let address = address(text.value);
        if address.is_none() {
            let found = vec![("found", text.value.to_owned())];
            text.place.error(Code::WebListen, found);
        }
        Some((address?, text.place))
    });
    let proxies = fields.text("trusted_proxy").map(|text| {
        let all: Result<Vec<IpAddr>, _> = text
            .value
            .split([',', ' '])
            .filter(|one| !one.is_empty())
            .map(str::parse)
            .collect();
        all.unwrap_or_else(|_| {
            let found = vec![("found", text.value.to_owned())];
            text.place.error(Code::WebProxy, found);
            Vec::new()
        })
    });
    let proxies = proxies.unwrap_or_default();
    let file = |key| fields.text(key).map(|text| folder.join(text.value));
    let certificate = match (file("certificate"), file("key")) {
        (Some(certificate), Some(key)) => Some((certificate, key)),
        (None, None) => None,
        _ => {
            fields.place.error(Code::WebPair, Vec::new());
            None
        }
    };
    if lan && (certificate.is_some() || !proxies.is_empty()) {
        fields.place.warn(Code::WebLanToo, Vec::new());
    }
    if let Some((address, place)) = &listen {
        let safe = lan || certificate.is_some() || !proxies.is_empty();
        if !address.ip().is_loopback() && !safe {
            place.error(Code::WebPlain, Vec::new());
        }
    }
    let everywhere = SocketAddr::from((Ipv4Addr::UNSPECIFIED, PORT));
    let fallback = if lan {
        everywhere
    } else {
        Web::default().listen
    };
    Web {
        enabled: fields.flag("enabled").unwrap_or(true),
        listen: listen.map_or(fallback, |(address, _)| address),
        address: fields
            .parsed("address", values::page_url)
            .map(|url| url.value.as_str().trim_end_matches('/').to_owned()),
        trusted_proxies: proxies,
        certificate,
        lan,
    }
}

/// `"127.0.0.1:8420"`, or an address or a port alone.
fn address(text: &str) -> Option<SocketAddr> {
    let text = text.trim();
    if let Ok(address) = text.parse() {
        return Some(address);
    }
    if let Ok(ip) = text.parse::<IpAddr>() {
        return Some((ip, PORT).into());
    }
    let port = text.trim_start_matches(':').parse().ok()?;
    Some((Ipv4Addr::LOCALHOST, port).into())
}
