//! `/links`: what an address leads to.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use super::super::Site;
use super::caller::Caller;
use super::document::{Routes, post};
use super::extract::Body;
use super::problem::Failed;
use super::views::LookedView;

type Answer<T> = Result<Json<T>, Failed>;

/// An address outside.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Link {
    /// http or https.
    url: String,
}

pub(super) fn add(to: &mut Routes) {
    to.add(
        post(
            "/api/v1/links/look",
            "lookAtLink",
            "What the page at an address says of itself; nothing is kept",
        )
        .body::<Link>()
        .answers::<LookedView>(),
        look,
    );
}

async fn look(
    State(site): State<Site>,
    caller: Caller,
    Body(link): Body<Link>,
) -> Answer<LookedView> {
    let looked = site.office.look_at_link(&caller.actor, &link.url).await;
    let looked = looked.map_err(|e| Failed::office(&site, caller.lang, &e))?;
    Ok(Json(looked.into()))
}
