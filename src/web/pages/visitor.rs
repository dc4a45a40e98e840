//! Who asks for a page: a member by her session's cookie.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::response::{IntoResponse, Redirect, Response};

use super::Faces;
use super::trouble::Trouble;
use crate::lang::Lang;
use crate::model::{Actor, MemberId};
use crate::office::accounts::{SESSION_LIVES, Session};
use crate::web::door::way::Way;

/// Over TLS: no other host of the domain can set or see it.
const COOKIE_SECURE: &str = "__Host-raotin";
/// Where there is no TLS browsers take no `__Host-`.
const COOKIE_PLAIN: &str = "raotin";

/// Somebody who is logged in.
#[derive(Debug, Clone)]
pub(super) struct Visitor {
    /// Her session.
    pub(super) session: Session,
    /// Its id, as her browser has it.
    pub(super) id: String,
    /// The language of her pages.
    pub(super) lang: Lang,
    /// How she came.
    pub(super) way: Way,
    /// The address she opened, up to the path: for links that are handed on.
    pub(super) base: String,
}

impl Visitor {
    /// Who acts.
    pub(super) fn actor(&self) -> &Actor {
        &self.session.actor
    }
    /// Who.
    pub(super) fn member(&self) -> &MemberId {
        &self.session.member
    }
}

/// Somebody, logged in or not.
#[derive(Debug, Clone)]
pub(super) struct Stranger {
    /// The language her browser asks for, else the office's.
    pub(super) lang: Lang,
    /// How she came.
    pub(super) way: Way,
    /// Whose session she brought, if it holds.
    pub(super) visitor: Option<Visitor>,
}

impl FromRequestParts<Faces> for Stranger {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut Parts, faces: &Faces) -> Result<Self, Trouble> {
        let mut lang = asked_lang(faces, &parts.headers);
        // The router is never served without.
        let Some(way) = parts.extensions.get::<Way>().copied() else {
            return Err(Trouble::broken(lang, "nobody knows how the request came"));
        };
        let mut visitor = None;
        if let Some(id) = cookie(&parts.headers, way) {
            let session = faces.accounts.session(&id);
            let session = session.map_err(|e| Trouble::account(faces, lang, &e))?;
            if let Some(session) = session {
                let chosen = faces.accounts.lang_of(&session.member);
                lang = chosen.ok().flatten().unwrap_or(lang);
                let base = base(faces, &parts.headers, way);
                visitor = Some(Visitor {
                    session,
                    id,
                    lang,
                    way,
                    base,
                });
            }
        }
        Ok(Self { lang, way, visitor })
    }
}

impl FromRequestParts<Faces> for Visitor {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, faces: &Faces) -> Result<Self, Response> {
        let stranger = Stranger::from_request_parts(parts, faces).await;
        let stranger = stranger.map_err(IntoResponse::into_response)?;
        if let Some(visitor) = stranger.visitor {
            return Ok(visitor);
        }
        if parts.method == Method::GET && !parts.headers.contains_key("x-raotin-part") {
            let to = parts.uri.path_and_query().map_or("/", |p| p.as_str());
            let next: String = url::form_urlencoded::byte_serialize(to.as_bytes()).collect();
            let to = if to == "/" {
                "/login".to_owned()
            } else {
                format!("/login?next={next}")
            };
            return Err(Redirect::to(&to).into_response());
        }
        Err(Trouble::logged_out(stranger.lang).into_response())
    }
}

/// The first language asked for that there is, else the office's own.
fn asked_lang(faces: &Faces, headers: &HeaderMap) -> Lang {
    let asked = headers.get(header::ACCEPT_LANGUAGE);
    let asked = asked.and_then(|v| v.to_str().ok()).unwrap_or_default();
    let first = asked
        .split(',')
        .find_map(|one| one.trim().get(..2)?.to_ascii_lowercase().parse().ok());
    let office = || faces.site.office.config().office.lang.parse().ok();
    first.or_else(office).unwrap_or(Lang::Vi)
}

/// As the configuration says, else as the browser says it came.
fn base(faces: &Faces, headers: &HeaderMap, way: Way) -> String {
    if let Some(address) = &faces.site.office.config().web.address {
        return address.clone();
    }
    let host = headers.get(header::HOST).and_then(|v| v.to_str().ok());
    let scheme = if way.secure { "https" } else { "http" };
    format!("{scheme}://{}", host.unwrap_or_default())
}

fn cookie_name(way: Way) -> &'static str {
    if way.secure {
        COOKIE_SECURE
    } else {
        COOKIE_PLAIN
    }
}

/// The session's id, as the browser brings it.
fn cookie(headers: &HeaderMap, way: Way) -> Option<String> {
    let name = cookie_name(way);
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(';'))
        .find_map(|one| one.trim().strip_prefix(name)?.strip_prefix('='))
        .map(str::to_owned)
}

/// Gives the browser a session's id.
pub(super) fn let_in(way: Way, id: &str) -> HeaderValue {
    let age = SESSION_LIVES.as_secs();
    // Over TLS a link in a chat may open a page for who is logged in; a form elsewhere brings no cookie.
    let rest = if way.secure {
        "; Secure; SameSite=Lax"
    } else {
        "; SameSite=Strict"
    };
    header_of(format!(
        "{}={id}; Path=/; HttpOnly; Max-Age={age}{rest}",
        cookie_name(way)
    ))
}

/// Takes it away.
pub(super) fn let_out(way: Way) -> HeaderValue {
    let rest = if way.secure {
        "; Secure; SameSite=Lax"
    } else {
        "; SameSite=Strict"
    };
    header_of(format!(
        "{}=; Path=/; HttpOnly; Max-Age=0{rest}",
        cookie_name(way)
    ))
}

/// Ids are Base64: every character may stand in a header.
fn header_of(text: String) -> HeaderValue {
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""))
}
