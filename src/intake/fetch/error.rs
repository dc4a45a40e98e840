//! Why nothing was fetched.

use serde::{Deserialize, Serialize};
use url::Url;

use super::guard::{Inside, NoSuchHost, host_of};
use crate::platform::http::in_words;
use crate::platform::outcome::short;

/// Why nothing was fetched. Kept in a feed's state, so that its page can say it; the words are in the
/// catalogues under `fetch.CODE`, the English here is for logs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(tag = "error", rename_all = "kebab-case")]
pub enum FetchError {
    /// Neither http nor https, or no address at all.
    #[error("that is no http(s) address")]
    NoAddress,
    /// A name or password stands in it: not ours to send.
    #[error("a name or password stands in the address: leave it out")]
    Userinfo,
    /// A port on which other things than websites listen.
    #[error("no website listens on port {port}")]
    Port {
        /// Which.
        port: u16,
    },
    /// It leads into the office's own network or to this machine.
    #[error("{host} lies in the office's own network: an administrator may allow it under [fetch]")]
    Inside {
        /// Whose.
        host: String,
    },
    /// No such name.
    #[error("there is no {host}: {why}")]
    UnknownHost {
        /// Which.
        host: String,
        /// As the machine says it.
        why: String,
    },
    /// No connection, TLS included.
    #[error("{host} cannot be reached: {why}")]
    Unreachable {
        /// Which.
        host: String,
        /// As the line says it.
        why: String,
    },
    /// Nothing came in time.
    #[error("{host} did not answer within {seconds} s")]
    TooSlow {
        /// Which.
        host: String,
        /// How long was waited.
        seconds: u64,
    },
    /// Its turn at the host did not come while somebody waited.
    #[error("{host} is still being asked for other things: try again in a minute")]
    Busy {
        /// Which.
        host: String,
    },
    /// Round and round.
    #[error("{host} leads on and on: more than {most} redirects")]
    TooManyRedirects {
        /// The last one.
        host: String,
        /// How many were followed.
        most: usize,
    },
    /// A redirect to nowhere.
    #[error("{host} leads on, but does not say where")]
    BadRedirect {
        /// Which.
        host: String,
    },
    /// This machine cannot ask anybody.
    #[error("the client for outside addresses cannot start: {why}")]
    NoClient {
        /// As the client says it.
        why: String,
    },
    /// What came is no HTTP, or its headers have no end.
    #[error("{host} does not speak HTTP as it should: {why}")]
    Broken {
        /// Which.
        host: String,
        /// As the line says it.
        why: String,
    },
}

/// What the client says → what happened.
pub(super) fn transport(error: reqwest::Error, url: &Url) -> FetchError {
    let host = host_of(url);
    if has::<Inside>(&error) {
        return FetchError::Inside { host };
    }
    if let Some(NoSuchHost(why)) = find::<NoSuchHost>(&error) {
        let why = short(why);
        return FetchError::UnknownHost { host, why };
    }
    let connect = error.is_connect();
    let why = short(&in_words(error));
    if connect {
        FetchError::Unreachable { host, why }
    } else {
        FetchError::Broken { host, why }
    }
}

fn has<E: std::error::Error + 'static>(error: &reqwest::Error) -> bool {
    find::<E>(error).is_some()
}

fn find<E: std::error::Error + 'static>(error: &reqwest::Error) -> Option<&E> {
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        if let Some(found) = inner.downcast_ref::<E>() {
            return Some(found);
        }
        cause = inner.source();
    }
    None
}
