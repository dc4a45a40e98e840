//! Who changed which setting, and when.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;

use super::super::Site;
use super::caller::Caller;
use super::document::{Routes, get};
use super::extract::Ask;
use super::problem::Failed;
use super::views::ChangeView;

pub(super) fn add(to: &mut Routes) {
    to.add(
        get(
            "/api/v1/settings/changes",
            "listSettingChanges",
            "Who changed which setting or member, and when, newest first",
        )
        .query(
            "before",
            "Only those with a lower number: the last one's of the page before.",
        )
        .query("limit", "At most so many; 50 if not said, 500 at most.")
        .answers_list::<ChangeView>(),
        changes,
    );
}

/// What of the changes is asked for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ChangesAsk {
    before: Option<u64>,
    limit: Option<usize>,
}

/// So many changes if not said otherwise.
const CHANGES: usize = 50;

async fn changes(
    State(site): State<Site>,
    caller: Caller,
    Ask(ask): Ask<ChangesAsk>,
) -> Result<Json<Vec<ChangeView>>, Failed> {
    let (office, limit) = (&site.office, ask.limit.unwrap_or(CHANGES));
    let found = office.changes(&caller.actor, ask.before, limit).await;
    let found = found.map_err(|e| Failed::office(&site, caller.lang, &e))?;
    let view = |change| ChangeView::new(office, caller.lang, change);
    Ok(Json(found.iter().map(view).collect()))
}
