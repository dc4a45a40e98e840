//! The API over TCP: for programs with a member's token; never by a browser's cookie, so no page
//! elsewhere can have a browser ask it.

use axum::extract::{Request, State};
use axum::http::{Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::caller::lang_of;
use super::problem::{Failed, Fault};
use crate::model::Actor;
use crate::office::accounts::Scope;
use crate::web::pages::Faces;

/// Whom a token let in.
#[derive(Debug, Clone)]
pub(super) struct ByToken(pub(super) Actor);

/// Lets in who brings a token that holds.
pub(in crate::web) async fn bearer(
    State(faces): State<Faces>,
    mut request: Request,
    next: Next,
) -> Response {
    let lang = lang_of(request.headers());
    let refuse = |fault| Failed::fault(lang, fault).into_response();
    let given = request.headers().get(header::AUTHORIZATION);
    let token = given
        .and_then(|v| v.to_str().ok()?.strip_prefix("Bearer "))
        .map(|t| t.trim().to_owned());
    let Some(token) = token else {
        return refuse(Fault::NoToken);
    };
    match faces.accounts.bearer(&token) {
        Ok(Some((_, Scope::Read))) if !matches!(*request.method(), Method::GET | Method::HEAD) => {
            refuse(Fault::ReadOnly)
        }
        Ok(Some((actor, _))) => {
            request.extensions_mut().insert(ByToken(actor));
            next.run(request).await
        }
        Ok(None) => refuse(Fault::NoToken),
        Err(error) => {
            tracing::error!(%error, "a token could not be looked up");
            refuse(Fault::Broken)
        }
    }
}
