//! `/exports`: lists, written in the form in which they are read.

use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use jiff::civil::Date;
use serde::Deserialize;

use super::super::Site;
use super::caller::Caller;
use super::document::{Routes, get};
use super::extract::Ask;
use super::look::beside;
use super::problem::Failed;
use crate::intake::sheet::Form;
use crate::lang::Lang;

pub(super) fn add(to: &mut Routes) {
    to.add(
        get(
            "/api/v1/exports/queue",
            "exportQueue",
            "The queue, as a file that can be brought in again",
        )
        .query("format", "csv (if not given) or xlsx")
        .answers_file(),
        queue,
    );
    to.add(
        get(
            "/api/v1/exports/shares",
            "exportShares",
            "What went out, as a file that can be brought in again",
        )
        .query("format", "csv (if not given) or xlsx")
        .query("since", "First local day, 2026-11-23")
        .query("until", "Last local day")
        .answers_file(),
        shares,
    );
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Format {
    #[default]
    Csv,
    Xlsx,
}

impl Format {
    fn form(self, lang: Lang) -> Form {
        match self {
            Format::Xlsx => Form::Xlsx,
            Format::Csv => csv_of(lang),
        }
    }
}

#[derive(Debug, Deserialize)]
struct ExportAsk {
    #[serde(default)]
    format: Format,
    since: Option<Date>,
    until: Option<Date>,
}

async fn queue(
    State(site): State<Site>,
    caller: Caller,
    Ask(ask): Ask<ExportAsk>,
) -> Result<Response, Failed> {
    let (actor, lang) = (caller.actor.clone(), caller.lang);
    let form = ask.format.form(lang);
    let write = move |site: Site| site.office.export_queue(&actor, lang, form);
    Ok(file(beside(&site, &caller, write).await?, "queue", form))
}

async fn shares(
    State(site): State<Site>,
    caller: Caller,
    Ask(ask): Ask<ExportAsk>,
) -> Result<Response, Failed> {
    let (actor, lang) = (caller.actor.clone(), caller.lang);
    let (form, days) = (ask.format.form(lang), (ask.since, ask.until));
    let write = move |site: Site| site.office.export_shares(&actor, lang, form, days);
    Ok(file(beside(&site, &caller, write).await?, "shares", form))
}

/// What Excel of that language takes for CSV.
pub(in crate::web) fn csv_of(lang: Lang) -> Form {
    Form::Csv(if lang == Lang::Vi { b';' } else { b',' })
}

/// A file to be saved.
pub(in crate::web) fn file(bytes: Vec<u8>, name: &str, form: Form) -> Response {
    let (kind, ending) = match form {
        Form::Xlsx => (
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "xlsx",
        ),
        Form::Csv(_) => ("text/csv; charset=utf-8", "csv"),
    };
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}.{ending}\""),
        ),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    (headers, Body::from(bytes)).into_response()
}
