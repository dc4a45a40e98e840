//! Feeds: how they stand; look at one now.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use super::super::Site;
use super::caller::Caller;
use super::document::{Routes, get, post};
use super::extract::{Ask, At, Body};
use super::problem::Failed;
use super::views::{FeedView, FoundFeedView};
use crate::model::FeedId;
use crate::office::OfficeError;

type Answer<T> = Result<Json<T>, Failed>;

/// Nothing is asked for; `{}`.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = NoWish)]
struct NoWish {}

pub(super) fn add(to: &mut Routes) {
    to.add(
        get(
            "/api/v1/feeds",
            "listFeeds",
            "Every feed, and how it stands",
        )
        .answers_list::<FeedView>(),
        feeds,
    );
    to.add(
        get(
            "/api/v1/feeds/find",
            "findFeeds",
            "The feeds behind a page's address",
        )
        .query("url", "The page's address, or a feed's own")
        .answers_list::<FoundFeedView>(),
        find,
    );
    to.add(
        post(
            "/api/v1/feeds/{id}/poll",
            "pollFeed",
            "Look at a feed now; what is new in it is taken once, however often this is asked",
        )
        .body::<NoWish>()
        .answers::<FeedView>(),
        poll,
    );
}

async fn feeds(State(site): State<Site>, caller: Caller) -> Answer<Vec<FeedView>> {
    let found = site
        .office
        .feeds(&caller.actor)
        .map_err(|e| Failed::office(&site, caller.lang, &e))?;
    let view = |f| FeedView::new(f, caller.lang);
    Ok(Json(found.iter().map(view).collect()))
}

/// Where to look for feeds.
#[derive(Debug, Deserialize)]
struct Where {
    #[serde(default)]
    url: String,
}

async fn find(
    State(site): State<Site>,
    caller: Caller,
    Ask(ask): Ask<Where>,
) -> Answer<Vec<FoundFeedView>> {
    let found = site.office.find_feeds(&caller.actor, &ask.url).await;
    let found = found.map_err(|e| Failed::office(&site, caller.lang, &e))?;
    Ok(Json(found.into_iter().map(FoundFeedView::from).collect()))
}

async fn poll(
    State(site): State<Site>,
    caller: Caller,
    At(id): At<FeedId>,
    Body(NoWish {}): Body<NoWish>,
) -> Answer<FeedView> {
    let failed = |e: &OfficeError| Failed::office(&site, caller.lang, e);
    let polled = site.office.poll_now(&caller.actor, &id).await;
    polled.map_err(|e| failed(&e))?;
    let found = site.office.feed(&caller.actor, &id);
    let found = found.map_err(|e| failed(&e))?;
    Ok(Json(FeedView::new(&found, caller.lang)))
}
