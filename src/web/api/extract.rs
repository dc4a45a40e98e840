//! axum's extractors, with problems for answers.

use axum::extract::{FromRequest, FromRequestParts, Json, Path, Query, Request};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use super::super::Site;
use super::caller::lang_of;
use super::problem::{Failed, Fault};

/// The request's JSON body.
pub(super) struct Body<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<Site> for Body<T> {
    type Rejection = Failed;
    async fn from_request(request: Request, site: &Site) -> Result<Self, Failed> {
        let lang = lang_of(request.headers());
        match Json::from_request(request, site).await {
            Ok(Json(body)) => Ok(Self(body)),
            Err(rejection) => Err(Failed::fault(lang, Fault::from(rejection))),
        }
    }
}

/// What stands in the path.
pub(super) struct At<T>(pub(super) T);

impl<T: DeserializeOwned + Send> FromRequestParts<Site> for At<T> {
    type Rejection = Failed;
    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Failed> {
        match Path::from_request_parts(parts, site).await {
            Ok(Path(found)) => Ok(Self(found)),
            Err(rejection) => Err(Failed::fault(lang_of(&parts.headers), rejection.into())),
        }
    }
}

/// What stands in the query.
pub(super) struct Ask<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequestParts<Site> for Ask<T> {
    type Rejection = Failed;
    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Failed> {
        match Query::from_request_parts(parts, site).await {
            Ok(Query(found)) => Ok(Self(found)),
            Err(rejection) => Err(Failed::fault(lang_of(&parts.headers), rejection.into())),
        }
    }
}
