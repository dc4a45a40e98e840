//! `/shares`.

use std::str::FromStr;

use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use serde::Deserialize;
use utoipa::ToSchema;

use super::super::Site;
use super::caller::Caller;
use super::document::{Op, Routes, get, post};
use super::extract::{Ask, At, Body};
use super::look::beside;
use super::page::{Page, PageAsk};
use super::problem::{Failed, Fault};
use super::views::{DoneView, ShareView, ToldView, VersionView};
use crate::model::words::Sought;
use crate::model::{ShareId, State as Life, Version};
use crate::office::by_hand::Instead;
use crate::office::places::MoveTo;
use crate::office::unsure::{Found, Retry};
use crate::office::{Done, OfficeError};
use crate::store::ShareAsk;

type Answer<T> = Result<Json<T>, Failed>;

/// A person's words.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Reason {
    /// Why.
    pub(super) reason: Option<String>,
}

/// Nothing is asked for; `{}`.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
struct Nothing {}

/// Which version was looked at.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
struct Seen {
    /// Another one is refused as stale.
    version: Option<VersionView>,
}

/// A place in the queue.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Place {
    /// Where.
    to: MoveTo,
}

/// A fixed time.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct FixedTime {
    /// When.
    #[schema(value_type = String, format = "date-time")]
    at: Timestamp,
}

/// A channel's own text.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
struct OwnText {
    /// None: the article's again.
    text: Option<String>,
}

/// A confirmation by hand.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
struct Confirmation {
    /// The post's address.
    link: Option<String>,
    /// When it was shared; now if not given.
    #[schema(value_type = Option<String>, format = "date-time")]
    at: Option<Timestamp>,
}

/// Why a hand task cannot be done, and what instead.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CannotBe {
    /// Why.
    reason: String,
    /// Back into the queue, or cancelled.
    instead: Instead,
}

/// How to try again.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
struct Again {
    /// `now`, `queue` or `by-hand`.
    how: Retry,
}

/// Which shares are asked for.
#[derive(Debug, Deserialize)]
struct Which {
    state: Option<String>,
    channel: Option<String>,
    article: Option<String>,
    topic: Option<String>,
    member: Option<String>,
    since: Option<String>,
    until: Option<String>,
    words: Option<String>,
    after: Option<String>,
    limit: Option<usize>,
}

impl Which {
    /// Spelled out, for a flattened number cannot be read from a query (serde_urlencoded).
    fn page(&self) -> PageAsk {
        PageAsk {
            after: self.after.clone(),
            limit: self.limit,
        }
    }
}

pub(super) fn act(path: &'static str, id: &'static str, summary: &'static str) -> Op {
    post(path, id, summary).answers::<DoneView>()
}

/// A request about one thing, by its id, that calls one function of the office.
macro_rules! about {
    ($of:ty, $to:ident, $op:expr, $body:ty, |$office:ident, $actor:ident, $key:ident, $id:ident, $given:pat_param| $call:expr) => {
        $to.add(
            $op.body::<$body>(),
            async |State(site): State<Site>,
                   caller: Caller,
                   At($id): At<$of>,
                   Body($given): Body<$body>| {
                let ($office, $actor, $key) = (&site.office, &caller.actor, caller.key());
                let result = $call.await;
                done(&site, &caller, result)
            },
        )
    };
}

pub(super) use about;

pub(super) fn add(to: &mut Routes) {
    to.add(
        get(
            "/api/v1/shares",
            "listShares",
            "Shares, newest first; of a period, its last day first",
        )
        .query("state", "Only these states, with commas between")
        .query("channel", "Only this channel")
        .query("article", "Only this article")
        .query("topic", "Only this topic")
        .query("member", "Only this member")
        .query(
            "since",
            "Only what went out on this local day or later, 2026-11-23",
        )
        .query("until", "Only what went out on this local day or before")
        .query(
            "words",
            "Only articles with words that begin so, in title or link; marks count where given",
        )
        .answers_page::<ShareView>(),
        list,
    );
    to.add(
        get("/api/v1/shares/{id}", "getShare", "A share").answers::<ShareView>(),
        show,
    );
    to.add(
        get(
            "/api/v1/shares/{id}/story",
            "getStory",
            "Everything that happened to a share",
        )
        .answers_list::<ToldView>(),
        story,
    );
    on_its_way(to);
    by_hand(to);
    afterwards(to);
}

fn on_its_way(to: &mut Routes) {
    about!(
        ShareId,
        to,
        act(
            "/api/v1/shares/{id}/submit",
            "submitShare",
            "Submit a draft"
        ),
        Nothing,
        |office, actor, key, id, Nothing {}| office.submit(actor, key, id)
    );
    about!(
        ShareId,
        to,
        act(
            "/api/v1/shares/{id}/approve",
            "approveShare",
            "Approve what was looked at"
        ),
        Seen,
        |office, actor, key, id, seen| office.approve(
            actor,
            key,
            id,
            seen.version.map(|v| Version {
                article: v.article,
                own: v.own
            })
        )
    );
    about!(
        ShareId,
        to,
        act(
            "/api/v1/shares/{id}/return",
            "returnShare",
            "Send back to its author"
        ),
        Reason,
        |office, actor, key, id, why| office.send_back(actor, key, id, why.reason)
    );
    about!(
        ShareId,
        to,
        act(
            "/api/v1/shares/{id}/move",
            "moveShare",
            "Give another place in the queue"
        ),
        Place,
        |office, actor, key, id, place| office.move_to(actor, key, id, place.to)
    );
    about!(
        ShareId,
        to,
        act("/api/v1/shares/{id}/time", "fixShare", "Give a fixed time"),
        FixedTime,
        |office, actor, key, id, time| office.fix(actor, key, id, time.at)
    );
    about!(
        ShareId,
        to,
        act(
            "/api/v1/shares/{id}/text",
            "setOwnText",
            "Give the channel's own text"
        ),
        OwnText,
        |office, actor, key, id, own| office.own_text(actor, key, id, own.text)
    );
    about!(
        ShareId,
        to,
        act(
            "/api/v1/shares/{id}/skip",
            "skipShare",
            "Let this turn pass"
        ),
        Nothing,
        |office, actor, key, id, Nothing {}| office.skip(actor, key, id)
    );
    about!(
        ShareId,
        to,
        act(
            "/api/v1/shares/{id}/free",
            "freeShare",
            "Share without the one it waits for"
        ),
        Nothing,
        |office, actor, key, id, Nothing {}| office.free(actor, key, id)
    );
    about!(
        ShareId,
        to,
        act(
            "/api/v1/shares/{id}/cancel",
            "cancelShare",
            "Cancel before it goes out"
        ),
        Reason,
        |office, actor, key, id, why| office.cancel(actor, key, id, why.reason)
    );
}

fn by_hand(to: &mut Routes) {
    about!(
        ShareId,
        to,
        act(
            "/api/v1/shares/{id}/take",
            "takeTask",
            "Take a hand task for 15 minutes"
        ),
        Nothing,
        |office, actor, key, id, Nothing {}| office.take(actor, key, id)
    );
    about!(
        ShareId,
        to,
        act(
            "/api/v1/shares/{id}/release",
            "releaseTask",
            "Give a hand task back"
        ),
        Nothing,
        |office, actor, key, id, Nothing {}| office.release(actor, key, id)
    );
    about!(
        ShareId,
        to,
        act(
            "/api/v1/shares/{id}/done",
            "confirmTask",
            "Confirm that it was shared by hand"
        ),
        Confirmation,
        |office, actor, key, id, c| office.done(actor, key, id, c.link, c.at)
    );
    about!(
        ShareId,
        to,
        act(
            "/api/v1/shares/{id}/undo",
            "undoTask",
            "Take a confirmation back, within 60 s"
        ),
        Nothing,
        |office, actor, key, id, Nothing {}| office.undo(actor, key, id)
    );
    about!(
        ShareId,
        to,
        act(
            "/api/v1/shares/{id}/cannot",
            "refuseTask",
            "Say that a hand task cannot be done"
        ),
        CannotBe,
        |office, actor, key, id, c| office.cannot(actor, key, id, c.reason, c.instead)
    );
}

fn afterwards(to: &mut Routes) {
    about!(
        ShareId,
        to,
        act(
            "/api/v1/shares/{id}/retry",
            "retryShare",
            "Try a failed or missed share again"
        ),
        Again,
        |office, actor, key, id, again| office.retry(actor, key, id, again.how)
    );
    about!(
        ShareId,
        to,
        act(
            "/api/v1/shares/{id}/settle",
            "settleShare",
            "Say whether an unsure share is out"
        ),
        Found,
        |office, actor, key, id, found| office.settle(actor, key, id, found)
    );
    about!(
        ShareId,
        to,
        act("/api/v1/shares/{id}/remove", "removeShare", "Take down"),
        Reason,
        |office, actor, key, id, why| office.remove(actor, key, id, why.reason)
    );
    about!(
        ShareId,
        to,
        act(
            "/api/v1/shares/{id}/removed",
            "confirmRemoval",
            "Confirm a take-down by hand"
        ),
        Nothing,
        |office, actor, key, id, Nothing {}| office.removed(actor, key, id)
    );
    about!(
        ShareId,
        to,
        act(
            "/api/v1/shares/{id}/keep",
            "keepShare",
            "Give a take-down up"
        ),
        Reason,
        |office, actor, key, id, why| office.keep(actor, key, id, why.reason)
    );
}

/// What the office did, as the API says it.
pub(super) fn done(
    site: &Site,
    caller: &Caller,
    result: Result<Done, OfficeError>,
) -> Answer<DoneView> {
    match result {
        Ok(done) => Ok(Json(DoneView::new(&site.office, caller.lang, done))),
        Err(error) => Err(Failed::office(site, caller.lang, &error)),
    }
}

async fn show(State(site): State<Site>, caller: Caller, At(id): At<ShareId>) -> Answer<ShareView> {
    let (share, article) = site
        .office
        .show_share(&caller.actor, id)
        .map_err(|e| Failed::office(&site, caller.lang, &e))?;
    let view = ShareView::new(&site.office, caller.lang, &share, &article);
    Ok(Json(view))
}

async fn story(
    State(site): State<Site>,
    caller: Caller,
    At(id): At<ShareId>,
) -> Answer<Vec<ToldView>> {
    let told = site
        .office
        .story(&caller.actor, id)
        .map_err(|e| Failed::office(&site, caller.lang, &e))?;
    Ok(Json(told.iter().map(Into::into).collect()))
}

async fn list(
    State(site): State<Site>,
    caller: Caller,
    Ask(which): Ask<Which>,
) -> Answer<Page<ShareView>> {
    let ask = share_ask(&which).map_err(|f| Failed::fault(caller.lang, f))?;
    let (actor, lang) = (caller.actor.clone(), caller.lang);
    let page = beside(&site, &caller, move |site| {
        let found = site.office.find_shares(&actor, ask)?;
        let view = |(s, a): &_| ShareView::new(&site.office, lang, s, a);
        let items = found.rows.iter().map(view).collect();
        let next = found.next.map(|after| after.to_string());
        Ok(Page::found(items, next, found.reached))
    });
    Ok(Json(page.await?))
}

fn share_ask(which: &Which) -> Result<ShareAsk, Fault> {
    fn bad(why: impl ToString) -> Fault {
        Fault::Address(why.to_string())
    }
    fn given<T: FromStr<Err: ToString>>(text: &Option<String>) -> Result<Option<T>, Fault> {
        let text = text.as_deref().filter(|text| !text.is_empty());
        text.map(|text| text.parse().map_err(bad)).transpose()
    }
    let state = |word: &str| {
        let found = Life::ALL.into_iter().find(|s| s.as_str() == word);
        found.ok_or_else(|| {
            let known = Life::ALL.map(Life::as_str).join(", ");
            bad(format!("«{word}» is no state: {known}"))
        })
    };
    let states = which.state.as_deref().unwrap_or_default();
    Ok(ShareAsk {
        states: states
            .split(',')
            .map(str::trim)
            .filter(|w| !w.is_empty())
            .map(state)
            .collect::<Result<_, _>>()?,
        channel: given(&which.channel)?,
        article: given(&which.article)?,
        topic: given(&which.topic)?,
        member: given(&which.member)?,
        since: given(&which.since)?,
        until: given(&which.until)?,
        words: Sought::of(which.words.as_deref().unwrap_or_default()),
        after: match which.after.as_deref().map(str::parse) {
            None => None,
            Some(Ok(after)) => Some(after),
            Some(Err(_)) => return Err(Fault::Cursor),
        },
        limit: which.page().limit(),
        enough: None,
    })
}
