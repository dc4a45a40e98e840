//! Getting in and out: log in, a one-time link, log out.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};

use super::Faces;
use super::fields::{Asked, Fields, Posted, Unknown};
use super::frame::{Answer, back, show_as};
use super::trouble::{Trouble, status_of_account, tell_account};
use super::visitor::{Stranger, let_in, let_out};
use crate::lang::Lang;
use crate::office::accounts::{AccountError, Credentials, LEAST_CHARS, Opened};

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage {
    lang: Lang,
    style: &'static str,
    office: String,
    open: bool,
    /// She has just set her password.
    set: bool,
    error: Option<String>,
    name: String,
    /// The password was right; the code is asked for.
    code: bool,
    password: String,
    next: String,
}

#[derive(Template)]
#[template(path = "link.html")]
struct LinkPage {
    lang: Lang,
    style: &'static str,
    office: String,
    open: bool,
    error: Option<String>,
    /// The first admin says who she is; else the link says it.
    setup: bool,
    name: String,
    title: String,
    hint: String,
}

fn login(faces: &Faces, stranger: &Stranger) -> LoginPage {
    LoginPage {
        lang: stranger.lang,
        style: super::assets::style(),
        office: faces.site.office.config().office.name.clone(),
        open: stranger.way.open,
        error: None,
        set: false,
        name: String::new(),
        code: false,
        password: String::new(),
        next: String::new(),
    }
}

pub(super) async fn login_page(
    State(faces): State<Faces>,
    stranger: Stranger,
    Asked(asked): Asked,
) -> Answer {
    let next = back(asked.text("next")).to_owned();
    if stranger.visitor.is_some() {
        return Ok(Redirect::to(&next).into_response());
    }
    let page = LoginPage {
        next,
        set: asked.has("set"),
        ..login(&faces, &stranger)
    };
    show_as(StatusCode::OK, &page, stranger.lang)
}

pub(super) async fn log_in(
    State(faces): State<Faces>,
    Unknown { stranger, fields }: Unknown,
) -> Answer {
    let given = Credentials {
        name: fields.text("name"),
        password: fields.text("password"),
        code: fields.text("code"),
        from: stranger.way.from,
    };
    let next = back(fields.text("next"));
    match faces.accounts.log_in(given).await {
        Ok(id) => Ok(inside(&stranger, &id, next)),
        Err(error) => {
            let code = matches!(error, AccountError::NeedsCode | AccountError::WrongCode);
            let page = LoginPage {
                error: Some(tell_account(&faces, stranger.lang, &error)),
                name: given.name.to_owned(),
                code,
                // Asked for once: she has just typed it, and the page is kept nowhere.
                password: if code {
                    given.password.to_owned()
                } else {
                    String::new()
                },
                next: next.to_owned(),
                ..login(&faces, &stranger)
            };
            show_as(status_of_account(&error), &page, stranger.lang)
        }
    }
}

/// Into the house, with a new session.
fn inside(stranger: &Stranger, id: &str, to: &str) -> Response {
    let cookie = [(header::SET_COOKIE, let_in(stranger.way, id))];
    (cookie, Redirect::to(to)).into_response()
}

fn link(faces: &Faces, stranger: &Stranger, opened: &Opened) -> LinkPage {
    let lang = stranger.lang;
    LinkPage {
        lang,
        style: super::assets::style(),
        office: faces.site.office.config().office.name.clone(),
        open: stranger.way.open,
        error: None,
        setup: *opened == Opened::Setup,
        name: match opened {
            Opened::Setup => String::new(),
            Opened::Password(id) => id.to_string(),
        },
        title: String::new(),
        hint: lang.count("entry.password-hint", LEAST_CHARS as u64, &[]),
    }
}

pub(super) async fn link_page(
    State(faces): State<Faces>,
    stranger: Stranger,
    Path(secret): Path<String>,
) -> Answer {
    let opened = faces.accounts.opens(&secret);
    let opened = opened.map_err(|e| Trouble::account(&faces, stranger.lang, &e))?;
    show_as(
        StatusCode::OK,
        &link(&faces, &stranger, &opened),
        stranger.lang,
    )
}

pub(super) async fn use_link(
    State(faces): State<Faces>,
    Path(secret): Path<String>,
    Unknown { stranger, fields }: Unknown,
) -> Answer {
    let lang = stranger.lang;
    let opened = faces.accounts.opens(&secret);
    let opened = opened.map_err(|e| Trouble::account(&faces, lang, &e))?;
    let used = use_opened(&faces, &opened, &secret, &fields).await;
    match used {
        Ok(Some(id)) => Ok(inside(&stranger, &id, "/")),
        // She logs in with it at once: that shows that she has it, and her second factor.
        Ok(None) => Ok(Redirect::to("/login?set=1").into_response()),
        Err(error) => {
            let page = LinkPage {
                error: Some(match error {
                    Some(ref error) => tell_account(&faces, lang, error),
                    None => lang.text("entry.differ").to_owned(),
                }),
                name: match &opened {
                    Opened::Setup => fields.text("name").to_owned(),
                    Opened::Password(id) => id.to_string(),
                },
                title: fields.text("title").to_owned(),
                ..link(&faces, &stranger, &opened)
            };
            let status = error
                .as_ref()
                .map_or(StatusCode::UNPROCESSABLE_ENTITY, status_of_account);
            show_as(status, &page, lang)
        }
    }
}

/// The new session's id, if the link lets in by itself. `Err(None)`: the passwords differ.
async fn use_opened(
    faces: &Faces,
    opened: &Opened,
    secret: &str,
    fields: &Fields,
) -> Result<Option<String>, Option<AccountError>> {
    let password = fields.text("password");
    if password != fields.text("again") {
        return Err(None);
    }
    match opened {
        Opened::Setup => {
            let title = fields.given("title").map(str::to_owned);
            let name = fields.text("name");
            let made = faces.accounts.first_admin(secret, name, title, password);
            made.await.map(Some).map_err(Some)
        }
        Opened::Password(_) => {
            let chosen = faces.accounts.choose_password(secret, password);
            chosen.await.map(|_| None).map_err(Some)
        }
    }
}

pub(super) async fn log_out(State(faces): State<Faces>, Posted { visitor, .. }: Posted) -> Answer {
    let ended = faces.accounts.end_session(&visitor.id);
    ended.map_err(|e| Trouble::account(&faces, visitor.lang, &e))?;
    Ok(outside(&visitor))
}

/// Out of the house; the browser forgets what it has seen.
pub(super) fn outside(visitor: &super::visitor::Visitor) -> Response {
    let headers = [
        (header::SET_COOKIE, let_out(visitor.way)),
        (
            HeaderName::from_static("clear-site-data"),
            HeaderValue::from_static("\"cache\""),
        ),
    ];
    (headers, Redirect::to("/login")).into_response()
}
