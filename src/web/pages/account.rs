//! One's own account: language, password, second factor, tokens, log out everywhere.

use askama::Template;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect};

use super::Faces;
use super::entry::outside;
use super::fields::Posted;
use super::flash::Flash;
use super::frame::{Answer, Frame, show_as, to};
use super::notices::Told;
use super::show::{Show, When};
use super::trouble::{Trouble, status_of_account, tell_account};
use super::visitor::{Visitor, let_in};
use crate::lang::Lang;
use crate::office::accounts::{AccountError, LEAST_CHARS, NewSecond, Scope};
use crate::web::qr;

#[derive(Template)]
#[template(path = "account.html")]
struct Page {
    f: Frame,
    id: String,
    roles: String,
    password_hint: String,
    sessions: String,
    second: Option<NewSecond>,
    second_qr: String,
    tokens: Vec<Token>,
    told: Option<Told>,
    new: New,
    /// Where, and what.
    error: Option<(&'static str, String)>,
}

/// What was just made: shown once.
#[derive(Default)]
pub(super) struct New {
    /// A token.
    pub(super) token: Option<String>,
    /// The key of a webhook.
    pub(super) secret: Option<String>,
    /// The bot's name, and what is written to it.
    pub(super) bot: Option<(String, String)>,
    /// A webhook's address as it was typed and not taken.
    pub(super) url: Option<String>,
}

struct Token {
    id: String,
    name: String,
    scope: String,
    until: When,
}

pub(super) async fn page(State(faces): State<Faces>, visitor: Visitor) -> Answer {
    shown(&faces, &visitor, StatusCode::OK, None, New::default())
}

pub(super) fn shown(
    faces: &Faces,
    visitor: &Visitor,
    status: StatusCode,
    error: Option<(&'static str, String)>,
    new: New,
) -> Answer {
    let lang = visitor.lang;
    let failed = |e: AccountError| Trouble::account(faces, lang, &e);
    let accounts = &faces.accounts;
    let show = Show::new(faces, visitor).map_err(|e| faces.failed(visitor, e))?;
    let has_second = accounts.has_second(visitor.member()).map_err(failed)?;
    let second = (!has_second).then(|| accounts.new_second(&visitor.session));
    let tokens = accounts.tokens(visitor.member()).map_err(failed)?;
    let crate::model::Actor::Member { roles, .. } = visitor.actor() else {
        return Err(Trouble::not_there(lang));
    };
    let roles: Vec<&str> = roles.iter().map(|r| lang.role(*r)).collect();
    let sessions = accounts.sessions_of(visitor.member()).map_err(failed)?;
    let page = Page {
        id: visitor.member().to_string(),
        roles: roles.join(", "),
        password_hint: lang.count("entry.password-hint", LEAST_CHARS as u64, &[]),
        sessions: lang.count(
            "account.sessions",
            u64::try_from(sessions).unwrap_or(0),
            &[],
        ),
        second_qr: second
            .as_ref()
            .map(|s| qr::svg(&s.address))
            .unwrap_or_default(),
        second,
        tokens: tokens
            .into_iter()
            .map(|t| Token {
                id: t.id,
                name: t.name,
                scope: lang.word("scope", t.scope.as_str()).to_owned(),
                until: show.when(t.until),
            })
            .collect(),
        told: Told::of(faces, visitor, &show).map_err(|e| faces.failed(visitor, e))?,
        new,
        error,
        f: Frame::of(faces, visitor, "account", lang.text("account.title"))?,
    };
    show_as(status, &page, lang)
}

/// The page again, with what is wrong beside its form.
fn again(faces: &Faces, visitor: &Visitor, form: &'static str, error: &AccountError) -> Answer {
    let told = tell_account(faces, visitor.lang, error);
    shown(
        faces,
        visitor,
        status_of_account(error),
        Some((form, told)),
        New::default(),
    )
}

fn said(faces: &Faces, visitor: &Visitor, what: &str) -> Answer {
    faces.say_all(visitor, vec![Flash::new(what)]);
    to("/account")
}

pub(super) async fn lang(State(faces): State<Faces>, Posted { visitor, fields }: Posted) -> Answer {
    if let Some(lang) = fields.parsed::<Lang>("lang") {
        let chosen = faces.accounts.choose_lang(visitor.member(), lang);
        chosen.map_err(|e| Trouble::account(&faces, visitor.lang, &e))?;
    }
    to("/account")
}

pub(super) async fn password(
    State(faces): State<Faces>,
    Posted { visitor, fields }: Posted,
) -> Answer {
    let new = fields.text("password");
    if new != fields.text("again") {
        let told = visitor.lang.text("entry.differ").to_owned();
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return shown(
            &faces,
            &visitor,
            status,
            Some(("password", told)),
            New::default(),
        );
    }
    let (old, from) = (fields.text("old"), visitor.way.from);
    let changed = faces
        .accounts
        .change_password(&visitor.session, old, new, from);
    match changed.await {
        Ok(id) => {
            let cookie = [(header::SET_COOKIE, let_in(visitor.way, &id))];
            Ok((cookie, Redirect::to("/account")).into_response())
        }
        Err(error) => again(&faces, &visitor, "password", &error),
    }
}

pub(super) async fn everywhere(
    State(faces): State<Faces>,
    Posted { visitor, .. }: Posted,
) -> Answer {
    let ended = faces.accounts.end_all_sessions(visitor.member());
    ended.map_err(|e| Trouble::account(&faces, visitor.lang, &e))?;
    Ok(outside(&visitor))
}

pub(super) async fn second(
    State(faces): State<Faces>,
    Posted { visitor, fields }: Posted,
) -> Answer {
    let (code, lang) = (fields.text("code"), visitor.lang);
    let (done, what) = match fields.given("secret") {
        Some(secret) => (
            faces
                .accounts
                .turn_second_on(&visitor.session, secret, code),
            lang.text("account.second-is-on"),
        ),
        None => (
            faces.accounts.turn_second_off(&visitor.session, code),
            lang.text("account.second-is-off"),
        ),
    };
    match done {
        Ok(()) => said(&faces, &visitor, what),
        Err(error) => again(&faces, &visitor, "second", &error),
    }
}

pub(super) async fn make_token(
    State(faces): State<Faces>,
    Posted { visitor, fields }: Posted,
) -> Answer {
    let scope = match fields.text("scope") {
        "write" => Scope::Write,
        _ => Scope::Read,
    };
    let made = faces
        .accounts
        .make_token(visitor.member(), fields.text("name"), scope);
    match made {
        Ok(secret) => {
            let new = New {
                token: Some(secret),
                ..New::default()
            };
            shown(&faces, &visitor, StatusCode::OK, None, new)
        }
        Err(error) => again(&faces, &visitor, "tokens", &error),
    }
}

pub(super) async fn drop_token(
    State(faces): State<Faces>,
    Posted { visitor, fields }: Posted,
) -> Answer {
    let dropped = faces
        .accounts
        .drop_token(visitor.member(), fields.text("id"));
    dropped.map_err(|e| Trouble::account(&faces, visitor.lang, &e))?;
    said(&faces, &visitor, visitor.lang.text("account.token-dropped"))
}
