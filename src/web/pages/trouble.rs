//! What went wrong, as a page of its own: what happened, and what to do. Where a form can be shown
//! again with what was typed, its page does so instead.

use askama::Template;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Response};

use super::Faces;
use super::visitor::Stranger;
use crate::lang::Lang;
use crate::office::OfficeError;
use crate::office::accounts::AccountError;

/// A page that says what went wrong.
#[derive(Debug)]
pub(super) struct Trouble {
    status: StatusCode,
    lang: Lang,
    title: &'static str,
    text: String,
    /// The way on: its address and words.
    on: (&'static str, &'static str),
}

#[derive(Template)]
#[template(path = "trouble.html")]
struct Page<'a> {
    lang: Lang,
    title: &'a str,
    text: &'a str,
    on: (&'a str, &'a str),
    style: &'a str,
}

impl Trouble {
    fn new(status: StatusCode, lang: Lang, title: &'static str, text: String) -> Self {
        let on = ("/", lang.text("trouble.to-today"));
        Self {
            status,
            lang,
            title,
            text,
            on,
        }
    }

    /// The office did not do it.
    pub(super) fn office(faces: &Faces, lang: Lang, error: &OfficeError) -> Self {
        let status = status_of(error);
        if status.is_server_error() {
            tracing::error!(%error, "not done");
        }
        let title = match status {
            StatusCode::NOT_FOUND => lang.text("trouble.not-there"),
            StatusCode::FORBIDDEN => lang.text("trouble.not-allowed"),
            s if s.is_server_error() => lang.text("trouble.broken"),
            _ => lang.text("trouble.not-done"),
        };
        Self::new(status, lang, title, faces.site.office.tell(lang, error))
    }

    /// Nothing was done about an account.
    pub(super) fn account(faces: &Faces, lang: Lang, error: &AccountError) -> Self {
        if let AccountError::Office(error) = error {
            return Self::office(faces, lang, error);
        }
        let status = status_of_account(error);
        let title = lang.text("trouble.not-done");
        Self::new(status, lang, title, tell_account(faces, lang, error))
    }

    /// Something that cannot be.
    pub(super) fn broken(lang: Lang, why: &str) -> Self {
        tracing::error!(why, "a page broke");
        let text = lang.text("trouble.broken-text").to_owned();
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            lang,
            lang.text("trouble.broken"),
            text,
        )
    }

    /// There is nothing here.
    pub(super) fn not_there(lang: Lang) -> Self {
        let text = lang.text("trouble.not-there-text").to_owned();
        Self::new(
            StatusCode::NOT_FOUND,
            lang,
            lang.text("trouble.not-there"),
            text,
        )
    }

    /// The session is over, and a form came.
    pub(super) fn logged_out(lang: Lang) -> Self {
        let text = lang.text("trouble.logged-out-text").to_owned();
        let mut trouble = Self::new(
            StatusCode::UNAUTHORIZED,
            lang,
            lang.text("trouble.logged-out"),
            text,
        );
        trouble.on = ("/login", lang.text("trouble.to-login"));
        trouble
    }

    /// A form that no page of ours sent.
    pub(super) fn not_ours(lang: Lang) -> Self {
        let text = lang.text("trouble.not-ours-text").to_owned();
        Self::new(
            StatusCode::FORBIDDEN,
            lang,
            lang.text("trouble.not-ours"),
            text,
        )
    }

    /// A form that cannot be read.
    pub(super) fn bad_form(lang: Lang, status: StatusCode, why: &str) -> Self {
        let text = if status == StatusCode::PAYLOAD_TOO_LARGE {
            lang.text("trouble.too-large").to_owned()
        } else {
            lang.fill("trouble.bad-form", &[("why", &why)])
        };
        Self::new(status, lang, lang.text("trouble.not-done"), text)
    }
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        let page = Page {
            lang: self.lang,
            title: self.title,
            text: &self.text,
            on: self.on,
            style: super::assets::style(),
        };
        let html = page.render().unwrap_or_else(|_| self.text.clone());
        (self.status, Html(html)).into_response()
    }
}

/// The status of a page that says it.
pub(super) fn status_of(error: &OfficeError) -> StatusCode {
    match error {
        OfficeError::NotFound { .. } => StatusCode::NOT_FOUND,
        OfficeError::NotAllowed { .. } => StatusCode::FORBIDDEN,
        OfficeError::Invalid { .. } | OfficeError::Misconfigured(_) => {
            StatusCode::UNPROCESSABLE_ENTITY
        }
        OfficeError::ReadOnly { .. }
        | OfficeError::Refused(_)
        | OfficeError::Stale
        | OfficeError::KeyReused => StatusCode::CONFLICT,
        OfficeError::Busy => StatusCode::SERVICE_UNAVAILABLE,
        OfficeError::NoRoom { .. } => StatusCode::INSUFFICIENT_STORAGE,
        OfficeError::Stopped(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The same of an account.
pub(super) fn status_of_account(error: &AccountError) -> StatusCode {
    match error {
        AccountError::Office(error) => status_of(error),
        AccountError::Wait(_) => StatusCode::TOO_MANY_REQUESTS,
        AccountError::LinkGone => StatusCode::GONE,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

/// Why nothing was done about an account, for people.
pub(super) fn tell_account(faces: &Faces, lang: Lang, error: &AccountError) -> String {
    let words = lang.word("account-error", error.code());
    match error {
        AccountError::Office(error) => faces.site.office.tell(lang, error),
        AccountError::Wait(how_long) => {
            crate::lang::filled(words, &[("wait", &lang.how_long(*how_long))])
        }
        AccountError::Short(n) | AccountError::Long(n) => crate::lang::filled(words, &[("n", n)]),
        _ => words.to_owned(),
    }
}

/// Whatever no route answers.
pub(super) async fn no_such_page(stranger: Stranger) -> Trouble {
    Trouble::not_there(stranger.lang)
}

/// A page, asked by another method.
pub(super) async fn no_such_method(stranger: Stranger, _: HeaderMap) -> Response {
    let text = stranger.lang.text("trouble.not-there-text").to_owned();
    let title = stranger.lang.text("trouble.not-there");
    Trouble::new(StatusCode::METHOD_NOT_ALLOWED, stranger.lang, title, text).into_response()
}
