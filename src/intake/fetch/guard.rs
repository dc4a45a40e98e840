//! Where the fetcher may go: the address itself, its port, and what its name resolves to.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use futures_util::future::BoxFuture;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use super::FetchError;
use crate::platform::public::is_public;

/// Whether the operator allows this host, wherever it lies. Asked with lower-case names without a
/// trailing dot, and with addresses as they are usually written.
pub type Allowed = Arc<dyn Fn(&str) -> bool + Send + Sync>;

/// A name → its addresses. A value, so that a test can answer differently the second time.
pub trait Lookup: Send + Sync + 'static {
    /// All addresses of a name, in the order to try them.
    fn lookup(&self, name: String) -> BoxFuture<'static, std::io::Result<Vec<IpAddr>>>;
}

/// The machine's own resolver.
#[derive(Debug, Clone, Copy, Default)]
pub struct MachineLookup;

impl Lookup for MachineLookup {
    fn lookup(&self, name: String) -> BoxFuture<'static, std::io::Result<Vec<IpAddr>>> {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// All addresses of a name lie inside.
#[derive(Debug, thiserror::Error)]
#[error("only addresses of the office's own network")]
pub(super) struct Inside;

/// A name without addresses.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct NoSuchHost(pub(super) String);

/// The resolver that hands out public addresses only. The client connects to what it hands out and
/// asks nobody else: what was checked is what is spoken to.
pub(super) struct Gate {
    allowed: Allowed,
    lookup: Arc<dyn Lookup>,
}

impl Gate {
    pub(super) fn new(allowed: Allowed, lookup: Arc<dyn Lookup>) -> Gate {
        Gate { allowed, lookup }
    }
}

impl Resolve for Gate {
    fn resolve(&self, name: Name) -> Resolving {
        let asked = name.as_str().to_owned();
        let allowed = (self.allowed)(&plain(&asked));
        let found = self.lookup.lookup(asked);
        Box::pin(async move {
            let found = found.await.map_err(|e| NoSuchHost(e.to_string()))?;
            if found.is_empty() {
                return Err(NoSuchHost("no address".to_owned()).into());
            }
            let may: Vec<SocketAddr> = found
                .into_iter()
                .filter(|address| allowed || is_public(*address))
                .map(|address| SocketAddr::new(address, 0))
                .collect();
            if may.is_empty() {
                return Err(Inside.into());
            }
            Ok(Box::new(may.into_iter()) as Addrs)
        })
    }
}

/// The address as it may be asked for, or why not. Names are looked at when they are resolved;
/// addresses in figures, in whatever way they are written, here: `Url` has read them by then.
pub fn check(text: &str, allowed: &Allowed) -> Result<Url, FetchError> {
    let mut url = Url::parse(text.trim()).map_err(|_| FetchError::NoAddress)?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(FetchError::NoAddress);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(FetchError::Userinfo);
    }
    url.set_fragment(None);
    let host = host_of(&url);
    // `https://./` and `https://www..vn/` are nobody's: a name has no empty part (RFC 1034 3.1).
    if host.split('.').any(str::is_empty) {
        return Err(FetchError::NoAddress);
    }
    if allowed(&host) {
        return Ok(url);
    }
    let port = url.port_or_known_default().unwrap_or(0);
    if !is_web_port(port) {
        return Err(FetchError::Port { port });
    }
    let inside = match url.host() {
        Some(Host::Ipv4(address)) => !is_public(address.into()),
        Some(Host::Ipv6(address)) => !is_public(address.into()),
        // The whole of `localhost` is this machine (RFC 6761), whatever a resolver says.
        Some(Host::Domain(_)) => host == "localhost" || host.ends_with(".localhost"),
        None => return Err(FetchError::NoAddress),
    };
    if inside {
        return Err(FetchError::Inside { host });
    }
    Ok(url)
}

/// The host as people write it: lower-case, without a trailing dot, IPv6 without brackets.
pub fn host_of(url: &Url) -> String {
    match url.host() {
        Some(Host::Domain(name)) => plain(name),
        Some(Host::Ipv4(address)) => address.to_string(),
        Some(Host::Ipv6(address)) => address.to_string(),
        None => String::new(),
    }
}

fn plain(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}

/// Any port but the Fetch standard's bad ports (<https://fetch.spec.whatwg.org/#port-blocking>): other
/// protocols listen there, and could be made to take a request for one of their own.
fn is_web_port(port: u16) -> bool {
    const BAD: [u16; 83] = [
        0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95,
        101, 102, 103, 104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179,
        389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601,
        636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566,
        6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
    ];
    !BAD.contains(&port)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A name that answers with a public address when it is checked and with this machine's when it
    /// is connected to: there is no second question, and an answer of both is cut down to the first.
    #[tokio::test]
    async fn a_name_is_asked_once_and_what_was_checked_is_handed_out() {
        struct Turning(std::sync::Mutex<Vec<Vec<IpAddr>>>);
        impl Lookup for Turning {
            fn lookup(&self, _: String) -> BoxFuture<'static, std::io::Result<Vec<IpAddr>>> {
                let answer = self.0.lock().unwrap().pop().unwrap();
                Box::pin(async { Ok(answer) })
            }
        }
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        let answers = vec![
            vec![],
            vec![ip("127.0.0.1"), ip("::ffff:10.0.0.1")],
            vec![ip("127.0.0.1"), ip("1.1.1.1"), ip("fd00::1")],
            vec![ip("1.1.1.1")],
        ];
        let gate = Gate::new(
            Arc::new(|_| false),
            Arc::new(Turning(std::sync::Mutex::new(answers))),
        );
        let mut seen = Vec::new();
        for _ in 0..4 {
            let found = gate.resolve("turning.example".parse().unwrap()).await;
            let found = found.map(|all| all.map(|a| a.ip().to_string()).collect::<Vec<_>>());
            seen.push(found.map_err(|e| e.to_string()));
        }
        assert_eq!(seen[0], Ok(vec!["1.1.1.1".to_owned()]));
        assert_eq!(seen[1], Ok(vec!["1.1.1.1".to_owned()]));
        assert_eq!(seen[2], Err(Inside.to_string()));
        assert_eq!(seen[3], Err("no address".to_owned()));
    }
}
