//! What a form brought. A member's form is read only with her session's token in it and from a page
//! of ours: nothing on another site can send one.

use std::str::FromStr;

use axum::extract::{FromRequest, FromRequestParts, Multipart, RawForm, Request};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::Faces;
use super::trouble::Trouble;
use super::visitor::{Stranger, Visitor};
use crate::lang::Lang;

/// The field that every form of a member has.
pub(super) const TOKEN: &str = "csrf";
/// The field that makes a form safe to send twice.
pub(super) const KEY: &str = "key";
/// Longest key; see the API's.
const MOST_KEY_CHARS: usize = 100;

/// A form's fields, as often as each was sent, and its files.
#[derive(Debug, Clone, Default)]
pub(super) struct Fields {
    texts: Vec<(String, String)>,
    /// Name of the field, and the bytes.
    pub(super) files: Vec<(String, Vec<u8>)>,
}

impl Fields {
    /// The first value of this name, as it was sent; empty if there is none.
    pub(super) fn text(&self, name: &str) -> &str {
        let found = self.texts.iter().find(|(n, _)| n == name);
        found.map_or("", |(_, value)| value)
    }
    /// The same, or none where it is blank.
    pub(super) fn given(&self, name: &str) -> Option<&str> {
        Some(self.text(name).trim()).filter(|t| !t.is_empty())
    }
    /// Every value of this name.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.texts
            .iter()
            .filter(move |(n, _)| n == name)
            .map(|(_, value)| value.as_str())
    }
    /// Whether a box of this name was ticked, or a button of it pressed.
    pub(super) fn has(&self, name: &str) -> bool {
        self.texts.iter().any(|(n, _)| n == name)
    }
    /// What it says, if it says something of this kind.
    pub(super) fn parsed<T: FromStr>(&self, name: &str) -> Option<T> {
        self.given(name)?.parse().ok()
    }
    /// What makes it safe to send twice.
    pub(super) fn key(&self) -> Option<&str> {
        self.given(KEY)
            .filter(|k| k.chars().count() <= MOST_KEY_CHARS)
    }
    /// Names that begin so, without it, with their values.
    pub(super) fn under<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.texts
            .iter()
            .filter_map(move |(n, value)| Some((n.strip_prefix(prefix)?, value.as_str())))
    }
    /// These names with their values.
    pub(super) fn of_pairs(texts: Vec<(String, String)>) -> Self {
        Self {
            texts,
            files: Vec::new(),
        }
    }
    /// The fields of an address's query.
    pub(super) fn of_query(query: Option<&str>) -> Self {
        let pairs = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes());
        Self {
            texts: pairs.into_owned().collect(),
            files: Vec::new(),
        }
    }
}

/// A member's form.
pub(super) struct Posted {
    /// Whose.
    pub(super) visitor: Visitor,
    /// What it brought.
    pub(super) fields: Fields,
}

/// A form of somebody who is not logged in (yet).
pub(super) struct Unknown {
    /// Who, as far as is known.
    pub(super) stranger: Stranger,
    /// What it brought.
    pub(super) fields: Fields,
}

/// What stands behind the question mark.
pub(super) struct Asked(pub(super) Fields);

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = std::convert::Infallible;
    async fn from_request_parts(
        parts: &mut axum::http::request::Parts,
        _: &S,
    ) -> Result<Self, Self::Rejection> {
        Ok(Self(Fields::of_query(parts.uri.query())))
    }
}

impl FromRequest<Faces> for Posted {
    type Rejection = Response;

    async fn from_request(request: Request, faces: &Faces) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let visitor = Visitor::from_request_parts(&mut parts, faces).await?;
        let ours = is_ours(&parts.headers);
        let request = Request::from_parts(parts, body);
        let fields = read(request, faces, visitor.lang).await?;
        if !ours || fields.text(TOKEN) != visitor.session.csrf {
            return Err(Trouble::not_ours(visitor.lang).into_response());
        }
        Ok(Self { visitor, fields })
    }
}

impl FromRequest<Faces> for Unknown {
    type Rejection = Response;

    async fn from_request(request: Request, faces: &Faces) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let stranger = Stranger::from_request_parts(&mut parts, faces).await;
        let stranger = stranger.map_err(IntoResponse::into_response)?;
        if !is_ours(&parts.headers) {
            return Err(Trouble::not_ours(stranger.lang).into_response());
        }
        let request = Request::from_parts(parts, body);
        let fields = read(request, faces, stranger.lang).await?;
        Ok(Self { stranger, fields })
    }
}

/// Whether the browser says that a page of ours sent it. One that says nothing is an old one, and the
/// token decides.
fn is_ours(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|v| v.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return matches!(site, "same-origin" | "none");
    }
    match (text("origin"), text("host")) {
        (Some(origin), Some(host)) => origin.split_once("://").is_some_and(|(_, h)| h == host),
        _ => true,
    }
}

async fn read(request: Request, faces: &Faces, lang: Lang) -> Result<Fields, Response> {
    let bad =
        |status: StatusCode, why: String| Trouble::bad_form(lang, status, &why).into_response();
    let kind = request.headers().get(header::CONTENT_TYPE);
    let kind = kind.and_then(|v| v.to_str().ok()).unwrap_or_default();
    if !kind.starts_with("multipart/form-data") {
        let form = RawForm::from_request(request, faces).await;
        let RawForm(bytes) = form.map_err(|e| bad(e.status(), e.body_text()))?;
        let pairs = url::form_urlencoded::parse(&bytes).into_owned();
        return Ok(Fields {
            texts: pairs.map(|(name, text)| (name, typed(&text))).collect(),
            files: Vec::new(),
        });
    }
    let parts = Multipart::from_request(request, faces).await;
    let mut parts = parts.map_err(|e| bad(e.status(), e.body_text()))?;
    let mut fields = Fields::default();
    let told = |e: axum::extract::multipart::MultipartError| bad(e.status(), e.body_text());
    while let Some(part) = parts.next_field().await.map_err(told)? {
        let name = part.name().unwrap_or_default().to_owned();
        if part.file_name().is_some() {
            let bytes = part.bytes().await.map_err(told)?;
            // A field for files that was left empty sends one of no bytes.
            if !bytes.is_empty() {
                fields.files.push((name, bytes.to_vec()));
            }
        } else {
            let text = part.text().await.map_err(told)?;
            fields.texts.push((name, typed(&text)));
        }
    }
    Ok(fields)
}

/// Browsers send CRLF for every line's end that was typed.
fn typed(text: &str) -> String {
    text.replace("\r\n", "\n")
}
