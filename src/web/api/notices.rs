//! How members are told of their tasks. Setting it twice is the same as once, so no key is needed.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::super::Site;
use super::caller::Caller;
use super::document::{Routes, get, post, put};
use super::extract::{At, Body};
use super::problem::{Failed, Fault};
use super::views::{ChatView, NoticeTriedView, NoticeTroubleView, NoticesView};
use crate::lang::Lang;
use crate::model::MemberId;
use crate::office::notices::{Chosen, Tried};
use crate::office::{Invalid, OfficeError};
use crate::platform::letter::Messenger;

type Answer<T> = Result<Json<T>, Failed>;

/// How a member wants to be told; what is left out stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
struct NoticesAsk {
    /// A chat with the office's bot: its number, or `@name`.
    telegram: Option<String>,
    /// A webhook's address.
    webhook: Option<String>,
    /// Told nowhere any more.
    nowhere: bool,
    /// When nothing is told: `22:00-06:00`; empty for never.
    quiet: Option<String>,
}

/// Nothing is asked for; `{}`.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(as = NoticesTry)]
#[serde(deny_unknown_fields, default)]
struct Nothing {}

pub(super) fn add(to: &mut Routes) {
    const PATH: &str = "/api/v1/members/{id}/notices";
    to.add(
        get(PATH, "getNotices", "How a member is told of her tasks").answers::<NoticesView>(),
        shown,
    );
    to.add(
        put(PATH, "setNotices", "Say how a member is told of her tasks")
            .body::<NoticesAsk>()
            .answers::<NoticesView>(),
        set,
    );
    to.add(
        post(
            "/api/v1/members/{id}/notices/try",
            "tryNotice",
            "Send a letter that says only that letters arrive",
        )
        .body::<Nothing>()
        .answers::<NoticeTriedView>(),
        tried,
    );
    to.add(
        post(
            "/api/v1/members/{id}/notices/chat",
            "beginChat",
            "Make a code that a member writes to the office's bot, so that her chat is found",
        )
        .body::<Nothing>()
        .answers::<ChatView>(),
        begun,
    );
    to.add(
        post(
            "/api/v1/members/{id}/notices/chat/find",
            "findChat",
            "Look whether she wrote it; if so, she is told there, and a letter says so",
        )
        .body::<Nothing>()
        .answers::<NoticeTriedView>(),
        found,
    );
}

async fn shown(
    State(site): State<Site>,
    caller: Caller,
    At(id): At<MemberId>,
) -> Answer<NoticesView> {
    let shown = site.office.notices(&caller.actor, &id);
    let shown = shown.map_err(|e| Failed::office(&site, caller.lang, &e))?;
    Ok(Json(NoticesView::new(shown, None, caller.lang)))
}

async fn set(
    State(site): State<Site>,
    caller: Caller,
    At(id): At<MemberId>,
    Body(ask): Body<NoticesAsk>,
) -> Answer<NoticesView> {
    let failed = |e: OfficeError| Failed::office(&site, caller.lang, &e);
    let quiet = match ask.quiet.as_deref().map(str::trim) {
        None => None,
        Some("") => Some(None),
        Some(text) => Some(Some(text.parse().map_err(|_| {
            failed(OfficeError::Invalid {
                field: "quiet",
                what: Invalid::BadQuiet,
            })
        })?)),
    };
    let to = match (ask.telegram, ask.webhook, ask.nowhere) {
        (Some(chat), None, false) => Some(Chosen::Telegram(chat)),
        (None, Some(url), false) => Some(Chosen::Webhook(url)),
        (None, None, true) => Some(Chosen::Nowhere),
        (None, None, false) => None,
        _ => {
            let words = "give one of telegram, webhook and nowhere".to_owned();
            return Err(Failed::fault(
                caller.lang,
                Fault::Body(StatusCode::UNPROCESSABLE_ENTITY, words),
            ));
        }
    };
    let set = site.office.set_notices(&caller.actor, &id, to, quiet);
    let secret = set.map_err(failed)?;
    let shown = site.office.notices(&caller.actor, &id).map_err(failed)?;
    Ok(Json(NoticesView::new(shown, secret, caller.lang)))
}

async fn tried(
    State(site): State<Site>,
    caller: Caller,
    At(id): At<MemberId>,
    Body(Nothing {}): Body<Nothing>,
) -> Answer<NoticeTriedView> {
    let failed = |e: OfficeError| Failed::office(&site, caller.lang, &e);
    let messenger = messenger(&site).map_err(failed)?;
    let tried = site.office.try_notice(&caller.actor, &id, messenger).await;
    Ok(came_to(tried.map_err(failed)?, caller.lang))
}

/// What writes to members; a router without one (in tests) is busy.
fn messenger(site: &Site) -> Result<&Messenger, OfficeError> {
    site.messenger.as_deref().ok_or(OfficeError::Busy)
}

fn came_to(tried: Tried, lang: Lang) -> Json<NoticeTriedView> {
    let (arrived, trouble) = match tried {
        Tried::Done => (true, None),
        Tried::NothingYet => (false, None),
        Tried::Failed(trouble) => (false, Some(NoticeTroubleView::new(trouble, lang))),
    };
    Json(NoticeTriedView { arrived, trouble })
}

async fn begun(
    State(site): State<Site>,
    caller: Caller,
    At(id): At<MemberId>,
    Body(Nothing {}): Body<Nothing>,
) -> Answer<ChatView> {
    let failed = |e: OfficeError| Failed::office(&site, caller.lang, &e);
    let messenger = messenger(&site).map_err(failed)?;
    let begun = site.office.begin_chat(&caller.actor, &id, messenger).await;
    Ok(Json(match begun.map_err(failed)? {
        Ok((bot, code)) => ChatView {
            link: Some(format!("https://t.me/{bot}?start={code}")),
            line: Some(format!("/start {code}")),
            trouble: None,
        },
        Err(trouble) => ChatView {
            link: None,
            line: None,
            trouble: Some(NoticeTroubleView::new(trouble, caller.lang)),
        },
    }))
}

async fn found(
    State(site): State<Site>,
    caller: Caller,
    At(id): At<MemberId>,
    Body(Nothing {}): Body<Nothing>,
) -> Answer<NoticeTriedView> {
    let failed = |e: OfficeError| Failed::office(&site, caller.lang, &e);
    let messenger = messenger(&site).map_err(failed)?;
    let found = site.office.find_chat(&caller.actor, &id, messenger).await;
    let tried = match found.map_err(failed)? {
        Tried::Done => {
            let tried = site.office.try_notice(&caller.actor, &id, messenger).await;
            tried.map_err(failed)?
        }
        other => other,
    };
    Ok(came_to(tried, caller.lang))
}
