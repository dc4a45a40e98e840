//! `[fetch]` → which hosts of the own network may be read.

use url::Host;

use super::problem::Code;
use super::reader::Fields;

/// `[fetch]`: how addresses from outside (feeds, links, pictures) are read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fetch {
    /// Hosts that may lie in the own network: lower-case, without port and trailing dot.
    pub allow: Vec<String>,
}

pub(super) fn read(fields: &Fields<'_>) -> Fetch {
    let mut allow = Vec::new();
    for name in fields.placed_names("allow").unwrap_or_default() {
        match host(name.value) {
            Some(host) if allow.contains(&host) => {}
            Some(host) => allow.push(host),
            None => {
                let found = vec![("found", name.value.to_owned())];
                name.place.error(Code::FetchHost, found);
            }
        }
    }
    Fetch { allow }
}

/// A host alone, as the fetcher asks for it.
fn host(text: &str) -> Option<String> {
    let text = text.trim().trim_end_matches('.');
    if let Ok(address) = text.parse::<std::net::IpAddr>() {
        return Some(address.to_string());
    }
    match Host::parse(text).ok()? {
        // A `*` is a host's name to the URL standard, and would match nothing.
        Host::Domain(name) => {
            let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
            name.chars().all(is_part).then_some(name)
        }
        Host::Ipv4(address) => Some(address.to_string()),
        Host::Ipv6(address) => Some(address.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::host;

    #[test]
    fn a_host_is_a_name_or_an_address_and_nothing_else() {
        for (text, means) in [
            ("intranet.example.vn", "intranet.example.vn"),
            ("Intranet.Example.VN.", "intranet.example.vn"),
            ("10.0.0.5", "10.0.0.5"),
            ("::1", "::1"),
            ("[fd00::1]", "fd00::1"),
            ("huyện.vn", "xn--huyn-nw5a.vn"),
        ] {
            assert_eq!(host(text).as_deref(), Some(means), "{text}");
        }
        for text in [
            "",
            "https://example.vn",
            "example.vn/feed",
            "example.vn:8080",
            "*.vn",
        ] {
            assert_eq!(host(text), None, "{text}");
        }
    }
}
