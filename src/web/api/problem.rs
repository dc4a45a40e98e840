//! Errors as RFC 9457 says: `application/problem+json`.

use std::collections::BTreeMap;

use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::Site;
use super::caller::lang_of;
use super::request_id;
use crate::lang::Lang;
use crate::office::OfficeError;
use crate::office::accounts::AccountError;

/// What kind every problem is; the rest is its code.
const TYPE_PREFIX: &str = "urn:raotin:problem:";

/// Why a request was not done.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// `urn:raotin:problem:CODE`.
    pub r#type: String,
    /// What kind of problem, in English.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened and what to do, in the language asked for.
    pub detail: String,
    /// Stable, for programs.
    pub code: String,
    /// The request's id, as in the log.
    pub instance: String,
    /// What `detail` is made from.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, String>,
    /// What would be wrong with the configuration, each where it stands.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<AtLine>,
}

/// Something wrong in a file.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = FileProblem)]
pub struct AtLine {
    /// The key that was to be changed; none where it is about something else.
    pub field: Option<String>,
    /// The file.
    pub file: String,
    /// From 1 on, as it would be.
    pub line: usize,
    /// Stable.
    pub code: String,
    /// What, and what to do.
    pub text: String,
}

/// What is wrong with a request before the office sees it.
#[derive(Debug)]
pub(super) enum Fault {
    /// The body is not what the document says.
    Body(StatusCode, String),
    /// A part of the path or query is not.
    Address(String),
    /// A header is not.
    Header(String),
    /// The cursor is none of ours.
    Cursor,
    /// No token, or one that holds no more.
    NoToken,
    /// The token may only read.
    ReadOnly,
    /// Nobody knows who asks.
    UnknownPeer,
    /// There is no such route.
    Route,
    /// The route does not take this method.
    Method,
    /// The operator acts for nobody, and only members have accounts.
    NoMember,
    /// A read that ran beside broke off.
    Broken,
}

impl Fault {
    fn status(&self) -> StatusCode {
        match self {
            Fault::Body(status, _) => *status,
            Fault::Address(_) | Fault::Header(_) | Fault::Cursor => StatusCode::BAD_REQUEST,
            Fault::NoToken => StatusCode::UNAUTHORIZED,
            Fault::UnknownPeer | Fault::ReadOnly | Fault::NoMember => StatusCode::FORBIDDEN,
            Fault::Route => StatusCode::NOT_FOUND,
            Fault::Method => StatusCode::METHOD_NOT_ALLOWED,
            Fault::Broken => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
    fn code(&self) -> &'static str {
        match self {
            Fault::Body(..) => "bad-body",
            Fault::Address(_) => "bad-address",
            Fault::Header(_) => "bad-header",
            Fault::Cursor => "bad-cursor",
            Fault::NoToken => "no-token",
            Fault::ReadOnly => "read-only",
            Fault::UnknownPeer => "unknown-peer",
            Fault::Route => "no-such-route",
            Fault::Method => "no-such-method",
            Fault::NoMember => "no-member",
            Fault::Broken => "broken",
        }
    }
}

/// A problem on its way out.
pub(super) struct Failed(Box<Problem>);

impl Failed {
    /// The office did not do it.
    pub(super) fn office(site: &Site, lang: Lang, error: &OfficeError) -> Self {
        let (status, title) = status_of(error);
        if status.is_server_error() {
            tracing::error!(%error, "not done");
        }
        let fields = error.fields().into_iter();
        let mut failed = Self::new(
            status,
            title,
            error.code(),
            site.office.tell(lang, error),
            fields
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
        );
        if let OfficeError::Misconfigured(problems) = error {
            let at = |(field, p): &(Option<String>, crate::config::Problem)| AtLine {
                field: field.clone(),
                file: p.file.display().to_string(),
                line: p.line,
                code: p.code.as_str().to_owned(),
                text: p.text(lang),
            };
            failed.0.problems = problems.iter().map(at).collect();
        }
        failed
    }

    /// Nothing was done about an account.
    pub(super) fn account(lang: Lang, error: &AccountError) -> Self {
        let words = lang.word("account-error", error.code());
        let mut fields = BTreeMap::new();
        match error {
            AccountError::Wait(how_long) => {
                fields.insert("wait".to_owned(), lang.how_long(*how_long));
            }
            AccountError::Short(n) | AccountError::Long(n) => {
                fields.insert("n".to_owned(), n.to_string());
            }
            _ => {}
        }
        let values: Vec<(&str, &dyn std::fmt::Display)> = fields
            .iter()
            .map(|(name, value)| (name.as_str(), value as &dyn std::fmt::Display))
            .collect();
        let detail = crate::lang::filled(words, &values);
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        Self::new(status, "Cannot be", error.code(), detail, fields)
    }

    /// It never came to the office.
    pub(super) fn fault(lang: Lang, fault: Fault) -> Self {
        let why = match &fault {
            Fault::Body(_, why) | Fault::Address(why) | Fault::Header(why) => why.clone(),
            _ => String::new(),
        };
        let pattern = lang.word("fault", fault.code());
        let detail = crate::lang::filled(pattern, &[("why", &why)]);
        Self::new(
            fault.status(),
            "The request cannot be read",
            fault.code(),
            detail,
            BTreeMap::new(),
        )
    }

    fn new(
        status: StatusCode,
        title: &str,
        code: &str,
        detail: String,
        fields: BTreeMap<String, String>,
    ) -> Self {
        Self(Box::new(Problem {
            r#type: format!("{TYPE_PREFIX}{code}"),
            title: title.to_owned(),
            status: status.as_u16(),
            detail,
            code: code.to_owned(),
            instance: request_id::current(),
            fields,
            problems: Vec::new(),
        }))
    }
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::BAD_REQUEST);
        let body = serde_json::to_vec(&self.0).unwrap_or_default();
        let kind = [(header::CONTENT_TYPE, "application/problem+json")];
        (status, kind, body).into_response()
    }
}

/// Which status says it best, and its title.
fn status_of(error: &OfficeError) -> (StatusCode, &'static str) {
    match error {
        OfficeError::NotFound { .. } => (StatusCode::NOT_FOUND, "Not found"),
        OfficeError::NotAllowed { .. } => (StatusCode::FORBIDDEN, "Not allowed"),
        OfficeError::Invalid { .. } => (StatusCode::UNPROCESSABLE_ENTITY, "Cannot be"),
        OfficeError::Misconfigured(_) => (StatusCode::UNPROCESSABLE_ENTITY, "Would not hold"),
        OfficeError::ReadOnly { .. } => (StatusCode::CONFLICT, "The files are read-only"),
        OfficeError::Refused(_) => (StatusCode::CONFLICT, "Not as things stand"),
        OfficeError::Stale | OfficeError::KeyReused => (StatusCode::CONFLICT, "Conflict"),
        OfficeError::Busy => (StatusCode::SERVICE_UNAVAILABLE, "Busy"),
        OfficeError::NoRoom { .. } => (StatusCode::INSUFFICIENT_STORAGE, "No room"),
        OfficeError::Stopped(_) => (StatusCode::INTERNAL_SERVER_ERROR, "Stopped"),
    }
}

/// Whatever no route answers.
pub(super) async fn no_such_route(headers: HeaderMap) -> Response {
    Failed::fault(lang_of(&headers), Fault::Route).into_response()
}

/// A route, asked by another method.
pub(super) async fn no_such_method(headers: HeaderMap) -> Response {
    Failed::fault(lang_of(&headers), Fault::Method).into_response()
}

impl From<JsonRejection> for Fault {
    fn from(rejection: JsonRejection) -> Self {
        Fault::Body(rejection.status(), rejection.body_text())
    }
}
impl From<PathRejection> for Fault {
    fn from(rejection: PathRejection) -> Self {
        Fault::Address(rejection.body_text())
    }
}
impl From<QueryRejection> for Fault {
    fn from(rejection: QueryRejection) -> Self {
        Fault::Address(rejection.body_text())
    }
}
