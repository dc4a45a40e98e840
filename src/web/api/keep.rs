//! Pictures, and whether the data is whole.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use utoipa::ToSchema;

use super::super::Site;
use super::caller::Caller;
use super::document::{Routes, get, post};
use super::extract::Body;
use super::look::beside;
use super::problem::{Failed, Fault};
use super::views::{ErasedView, KeptView, VerifiedView};
use crate::office::{Invalid, OfficeError};

type Answer<T> = Result<Json<T>, Failed>;

/// A picture to keep: its bytes, or its address.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PictureData {
    /// The file's bytes, in Base64.
    data: Option<String>,
    /// Where it can be read: an http(s) address.
    url: Option<String>,
}

pub(super) fn add(to: &mut Routes) {
    to.add(
        post(
            "/api/v1/pictures",
            "keepPicture",
            "Keep a picture, given or at an address, to be named by an article",
        )
        .body::<PictureData>()
        .answers::<KeptView>(),
        keep,
    );
    to.add(
        get(
            "/api/v1/verify",
            "verify",
            "Recompute everything from the ledger and compare",
        )
        .answers::<VerifiedView>(),
        verify,
    );
}

async fn keep(
    State(site): State<Site>,
    caller: Caller,
    Body(picture): Body<PictureData>,
) -> Answer<KeptView> {
    let hash = match (picture.data, picture.url) {
        (Some(data), None) => {
            let bytes = STANDARD.decode(data).map_err(|e| {
                Failed::fault(
                    caller.lang,
                    Fault::Body(StatusCode::UNPROCESSABLE_ENTITY, e.to_string()),
                )
            })?;
            let actor = caller.actor.clone();
            beside(&site, &caller, move |site| {
                site.office.keep_picture(&actor, &bytes)
            })
            .await?
        }
        (None, Some(url)) => {
            let kept = site.office.picture_from(&caller.actor, &url).await;
            kept.map_err(|e| Failed::office(&site, caller.lang, &e))?
        }
        _ => {
            let one = OfficeError::Invalid {
                field: "data",
                what: Invalid::BytesOrAddress,
            };
            return Err(Failed::office(&site, caller.lang, &one));
        }
    };
    Ok(Json(KeptView { hash }))
}

async fn verify(State(site): State<Site>, caller: Caller) -> Answer<VerifiedView> {
    let actor = caller.actor.clone();
    let found = beside(&site, &caller, move |site| {
        site.office.may_read(&actor)?;
        let Some(store) = &site.sled else {
            return Err(OfficeError::Stopped(
                "nothing is kept on the disk here".to_owned(),
            ));
        };
        Ok(store.verify()?)
    })
    .await?;
    let texts = found.ledger.erased.iter();
    Ok(Json(VerifiedView {
        clean: found.is_clean(),
        commits: found.ledger.commits,
        articles: found.articles,
        shares: found.shares,
        problem_count: found.ledger.problem_count,
        problems: found
            .ledger
            .problems
            .iter()
            .map(ToString::to_string)
            .collect(),
        difference_count: found.difference_count,
        differences: found.differences.clone(),
        erased: texts
            .map(|e| ErasedView {
                text: e.text.to_string(),
                why: e.why.clone(),
            })
            .collect(),
        aside: found.ledger.aside.clone(),
    }))
}
