//! WordPress's REST API: where calls go, and how their answers are read.

use std::time::Duration;

use reqwest::Method;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::sync::OnceCell;

use super::errors::{self, RestError};
use crate::config::Secret;
use crate::platform::fault;
use crate::platform::http::{Answer, Wire};
use crate::platform::outcome::THROTTLED_FOR;

/// Where a website has its API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Form {
    /// `/wp-json/…`
    Pretty,
    /// `/?rest_route=/…`: the site's addresses are plain, or something keeps `/wp-json/` for itself.
    Plain,
}

/// A website, as one account sees it.
pub(super) struct Site {
    pub(super) wire: Wire,
    base: url::Url,
    pub(super) user: String,
    pub(super) password: Secret,
    index: OnceCell<Index>,
}

/// What the API says of itself.
#[derive(Debug, Clone)]
pub(super) struct Index {
    pub(super) form: Form,
    pub(super) name: String,
    /// Whether application passwords can be used at all.
    pub(super) takes_passwords: bool,
}

#[derive(Deserialize)]
struct IndexSeen {
    #[serde(default)]
    name: String,
    namespaces: Vec<String>,
    /// An empty list where there is none.
    #[serde(default)]
    authentication: serde_json::Value,
}

/// What the website said instead of a result.
pub(super) type Fault = fault::Fault<RestError>;

impl Fault {
    pub(super) fn code(&self) -> &str {
        self.said().map_or("", |error| &error.code)
    }
}

/// `name=value` of a query.
pub(super) type Query<'a> = &'a [(&'a str, &'a str)];

impl Site {
    pub(super) fn new(wire: Wire, base: url::Url, user: String, password: Secret) -> Site {
        Site {
            wire,
            base,
            user,
            password,
            index: OnceCell::new(),
        }
    }

    fn address(&self, form: Form, route: &str, query: Query<'_>) -> url::Url {
        let mut url = self.base.clone();
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_query(None);
        match form {
            Form::Pretty => url.set_path(&format!("{path}/wp-json{route}")),
            Form::Plain => {
                url.set_path(&format!("{path}/"));
                url.query_pairs_mut().append_pair("rest_route", route);
            }
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }

    /// A file of the site that is no part of the API.
    pub(super) fn file(&self, name: &str) -> url::Url {
        let mut url = self.base.clone();
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{path}/{name}"));
        url
    }

    /// Where the API is and what it says of itself; asked once.
    pub(super) async fn index(&self) -> Result<&Index, Fault> {
        self.index.get_or_try_init(|| self.discover()).await
    }

    async fn discover(&self) -> Result<Index, Fault> {
        let mut first = None;
        for form in [Form::Pretty, Form::Plain] {
            let query = [("_fields", "name,namespaces,authentication")];
            let url = self.address(form, "/", &query);
            let request = self.wire.request(Method::GET, url);
            let read = self.wire.limits().read;
            match self.exchange::<IndexSeen>("index", request, read).await {
                Ok((seen, _)) if seen.namespaces.iter().any(|n| n == "wp/v2") => {
                    return Ok(Index {
                        form,
                        name: seen.name,
                        takes_passwords: seen.authentication["application-passwords"].is_object(),
                    });
                }
                // Nobody home: the other form would fare no better.
                Err(Fault::Silence(silence)) => return Err(Fault::Silence(silence)),
                Ok(_) => {}
                Err(fault) => first = first.or(Some(fault)),
            }
        }
        Err(first.unwrap_or_else(|| Fault::Unreadable("the website has no `wp/v2`".to_owned())))
    }

    /// A request with the account's credentials; `route` is `/wp/v2/…`.
    pub(super) fn request(
        &self,
        form: Form,
        method: Method,
        route: &str,
        query: Query<'_>,
    ) -> reqwest::RequestBuilder {
        let request = self.wire.request(method, self.address(form, route, query));
        request.basic_auth(&self.user, Some(self.password.reveal()))
    }

    /// Asks something that changes nothing.
    pub(super) async fn get<T: DeserializeOwned>(
        &self,
        what: &'static str,
        form: Form,
        route: &str,
        query: Query<'_>,
    ) -> Result<T, Fault> {
        let request = self.request(form, Method::GET, route, query);
        let read = self.wire.limits().read;
        Ok(self.exchange(what, request, read).await?.0)
    }

    /// Writes something.
    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        what: &'static str,
        form: Form,
        route: &str,
        body: &serde_json::Value,
    ) -> Result<T, Fault> {
        let request = self.request(form, Method::POST, route, &[]).json(body);
        let answer = self.wire.limits().answer;
        Ok(self.exchange(what, request, answer).await?.0)
    }

    pub(super) async fn exchange<T: DeserializeOwned>(
        &self,
        what: &'static str,
        request: reqwest::RequestBuilder,
        within: Duration,
    ) -> Result<(T, Answer), Fault> {
        let answer = self.wire.exchange(what, request, within).await;
        let answer = answer.map_err(Fault::Silence)?;
        if !answer.is_success() {
            return Err(said(&answer));
        }
        Ok((fault::read(&answer, "the website")?, answer))
    }
}

/// An answer that is no 2xx.
fn said(answer: &Answer) -> Fault {
    let error = RestError::read(&answer.json().unwrap_or_default());
    let class = errors::class(answer.status, &error.code);
    let words = errors::words(answer.status, &error, class);
    Fault::Said {
        outcome: class.outcome(words, answer.wait(THROTTLED_FOR), None),
        error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;
    use crate::platform::http::Http;

    #[test]
    fn both_forms_of_address() {
        let clock = ManualClock::new(jiff::Timestamp::UNIX_EPOCH);
        let wire = Wire::new(
            Http::new().expect("a client"),
            std::sync::Arc::new(clock),
            std::sync::Arc::new(str::to_owned),
        );
        let base = "https://a.vn/tin/?x=1".parse().expect("a URL");
        let site = Site::new(wire, base, "u".into(), Secret::new("p"));
        let at = |form| {
            site.address(form, "/wp/v2/posts/7", &[("context", "edit")])
                .to_string()
        };
        assert_eq!(
            at(Form::Pretty),
            "https://a.vn/tin/wp-json/wp/v2/posts/7?context=edit"
        );
        assert_eq!(
            at(Form::Plain),
            "https://a.vn/tin/?rest_route=%2Fwp%2Fv2%2Fposts%2F7&context=edit"
        );
    }
}
