//! Getting in: one-time links, sessions, tokens. The same that the pages do, by the same rules: links
//! are an administrator's to make, the rest is a member's own. What is secret is answered once and kept
//! nowhere, so an Idempotency-Key changes nothing here.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use super::super::Site;
use super::caller::Caller;
use super::document::{Routes, get, post};
use super::extract::{At, Body};
use super::problem::{Failed, Fault};
use super::views::{AccountView, DoneView, LinkView, NewTokenView, TokenView};
use crate::model::MemberId;
use crate::office::accounts::{AccountError, LINK_LIVES, Scope};

type Answer<T> = Result<Json<T>, Failed>;

/// Nothing is asked for; `{}`.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = NoAccountAsk)]
struct Nothing {}

/// A token to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TokenAsk {
    /// What it is for.
    name: String,
    /// `read`, or `write`: all that its member may.
    #[schema(value_type = String)]
    scope: Scope,
}

pub(super) fn add(to: &mut Routes) {
    to.add(
        post(
            "/api/v1/members/{id}/link",
            "makeLink",
            "Make a one-time link by which a member chooses a password",
        )
        .body::<Nothing>()
        .answers::<LinkView>(),
        link,
    );
    to.add(
        get("/api/v1/account", "getAccount", "The caller's own account").answers::<AccountView>(),
        account,
    );
    to.add(
        post(
            "/api/v1/account/logout",
            "logOutEverywhere",
            "End every session of the caller",
        )
        .body::<Nothing>()
        .answers::<DoneView>(),
        log_out,
    );
    to.add(
        post(
            "/api/v1/account/tokens",
            "makeToken",
            "Make an API token of the caller's",
        )
        .body::<TokenAsk>()
        .answers::<NewTokenView>(),
        make_token,
    );
    to.add(
        post(
            "/api/v1/account/tokens/{id}/drop",
            "dropToken",
            "End an API token of the caller's",
        )
        .body::<Nothing>()
        .answers::<DoneView>(),
        drop_token,
    );
}

/// Whose account it is: a member's, or hers for whom the operator acts.
fn whose(caller: &Caller) -> Result<MemberId, Failed> {
    let member = caller.actor.member().cloned();
    member.ok_or_else(|| Failed::fault(caller.lang, Fault::NoMember))
}

async fn link(
    State(site): State<Site>,
    caller: Caller,
    At(id): At<MemberId>,
    Body(Nothing {}): Body<Nothing>,
) -> Answer<LinkView> {
    let secret = site.accounts.invite(&caller.actor, &id);
    let secret = secret.map_err(|e| failed(&site, &caller, &e))?;
    let office = &site.office;
    let base = office.config().web.address.clone().unwrap_or_default();
    let until = office.clock.now().saturating_add(LINK_LIVES);
    Ok(Json(LinkView {
        link: format!("{base}/link/{secret}"),
        until: until.unwrap_or(jiff::Timestamp::MAX).to_string(),
    }))
}

async fn account(State(site): State<Site>, caller: Caller) -> Answer<AccountView> {
    let member = whose(&caller)?;
    let failed = |e: AccountError| failed(&site, &caller, &e);
    let accounts = &site.accounts;
    let tokens = accounts.tokens(&member).map_err(failed)?;
    Ok(Json(AccountView {
        sessions: accounts.sessions_of(&member).map_err(failed)?,
        second_factor: accounts.has_second(&member).map_err(failed)?,
        tokens: tokens
            .into_iter()
            .map(|t| TokenView {
                id: t.id,
                name: t.name,
                scope: t.scope.as_str().to_owned(),
                since: t.since.to_string(),
                until: t.until.to_string(),
            })
            .collect(),
        member: member.to_string(),
    }))
}

async fn log_out(
    State(site): State<Site>,
    caller: Caller,
    Body(Nothing {}): Body<Nothing>,
) -> Answer<DoneView> {
    let ended = site.accounts.end_all_sessions(&whose(&caller)?);
    ended.map_err(|e| failed(&site, &caller, &e))?;
    Ok(Json(DoneView::default()))
}

async fn make_token(
    State(site): State<Site>,
    caller: Caller,
    Body(ask): Body<TokenAsk>,
) -> Answer<NewTokenView> {
    let made = site
        .accounts
        .make_token(&whose(&caller)?, &ask.name, ask.scope);
    let token = made.map_err(|e| failed(&site, &caller, &e))?;
    Ok(Json(NewTokenView { token }))
}

async fn drop_token(
    State(site): State<Site>,
    caller: Caller,
    At(id): At<String>,
    Body(Nothing {}): Body<Nothing>,
) -> Answer<DoneView> {
    let dropped = site.accounts.drop_token(&whose(&caller)?, &id);
    dropped.map_err(|e| failed(&site, &caller, &e))?;
    Ok(Json(DoneView::default()))
}

fn failed(site: &Site, caller: &Caller, error: &AccountError) -> Failed {
    match error {
        AccountError::Office(error) => Failed::office(site, caller.lang, error),
        _ => Failed::account(caller.lang, error),
    }
}
