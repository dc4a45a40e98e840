//! How somebody came: from where, and whether the way is closed to others' eyes.

use std::net::IpAddr;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::Remote;
use crate::config::Web;
use crate::web::Site;

/// How a request came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Way {
    /// From this address: the visitor's own, where a trusted proxy tells it.
    pub from: IpAddr,
    /// By TLS all the way: ours, or the proxy's.
    pub secure: bool,
    /// In plain text over a network: every page says so.
    pub open: bool,
}

/// Nothing is said to an address that has no business here, but what to change.
const NOT_FROM_HERE: &str = "Not from this address. [web] in raotin.toml says who may come: lan, trusted_proxy, certificate.\n";

/// Tells each request how it came, and refuses those that may not come so.
pub(in crate::web) async fn tell(
    State(site): State<Site>,
    mut request: Request,
    next: Next,
) -> Response {
    let web = site.office.config().web.clone();
    let Some(ConnectInfo(remote)) = request.extensions().get::<ConnectInfo<Remote>>().copied()
    else {
        return (StatusCode::FORBIDDEN, NOT_FROM_HERE).into_response();
    };
    match way(&web, remote, request.headers()) {
        Some(way) => {
            request.extensions_mut().insert(way);
            next.run(request).await
        }
        None => (StatusCode::FORBIDDEN, NOT_FROM_HERE).into_response(),
    }
}

/// How it came, if it may.
fn way(web: &Web, remote: Remote, headers: &HeaderMap) -> Option<Way> {
    if web.trusted_proxies.contains(&remote.ip) {
        let (from, https) = forwarded(web, headers);
        let from = from.unwrap_or(remote.ip);
        let secure = https || remote.tls;
        // The proxy's own machine needs no TLS to itself; people behind it do.
        let open = !secure && !from.is_loopback();
        return Some(Way { from, secure, open });
    }
    let plain = Way {
        from: remote.ip,
        secure: remote.tls,
        open: !remote.tls && !remote.ip.is_loopback(),
    };
    let may = remote.tls || remote.ip.is_loopback() || web.lan && is_private(remote.ip);
    may.then_some(plain)
}

/// The last address that no proxy of ours is, and whether the visitor came by HTTPS. Whatever stands
/// further left anybody could have written.
fn forwarded(web: &Web, headers: &HeaderMap) -> (Option<IpAddr>, bool) {
    let all = |name: &str| {
        headers
            .get_all(name)
            .iter()
            .filter_map(|v| v.to_str().ok())
            .flat_map(|v| v.split(','))
            .map(|v| v.trim().to_owned())
            .collect::<Vec<_>>()
    };
    let from = all("x-forwarded-for")
        .iter()
        .rev()
        .map_while(|ip| ip.parse::<IpAddr>().ok())
        .map(|ip| ip.to_canonical())
        .find(|ip| !web.trusted_proxies.contains(ip));
    let https = all("x-forwarded-proto")
        .last()
        .is_some_and(|p| p == "https");
    (from, https)
}

/// An address of an office's own network.
fn is_private(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_private() || ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remote(ip: &str, tls: bool) -> Remote {
        Remote {
            ip: ip.parse().unwrap(),
            tls,
        }
    }
    fn headers(from: &str, proto: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", from.parse().unwrap());
        headers.insert("x-forwarded-proto", proto.parse().unwrap());
        headers
    }

    #[test]
    fn only_a_trusted_proxy_is_believed() {
        let web = Web {
            trusted_proxies: vec!["10.0.0.1".parse().unwrap()],
            ..Web::default()
        };
        let told = headers("203.0.113.9, 198.51.100.7, 10.0.0.1", "https");
        let by_proxy = way(&web, remote("10.0.0.1", false), &told).unwrap();
        assert_eq!(by_proxy.from, "198.51.100.7".parse::<IpAddr>().unwrap());
        assert!(by_proxy.secure && !by_proxy.open);
        assert_eq!(way(&web, remote("198.51.100.8", false), &told), None);
        let here = way(&web, remote("127.0.0.1", false), &told).unwrap();
        assert!(here.from.is_loopback() && !here.secure);
    }

    #[test]
    fn plain_http_is_for_private_addresses_and_says_so() {
        let none = HeaderMap::new();
        let lan = Web {
            lan: true,
            ..Web::default()
        };
        assert!(
            way(&lan, remote("192.168.1.20", false), &none)
                .unwrap()
                .open
        );
        assert!(!way(&lan, remote("127.0.0.1", false), &none).unwrap().open);
        assert_eq!(way(&lan, remote("203.0.113.9", false), &none), None);
        let not = Web::default();
        assert_eq!(way(&not, remote("192.168.1.20", false), &none), None);
        let tls = way(&not, remote("203.0.113.9", true), &none).unwrap();
        assert!(tls.secure && !tls.open);
    }
}
