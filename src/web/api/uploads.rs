//! `/uploads`: files of rows, looked at before anything is added.

use std::collections::BTreeMap;

use axum::Json;
use axum::body::to_bytes;
use axum::extract::{FromRequest, Request, State};
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::super::Site;
use super::caller::{Caller, lang_of};
use super::document::{Routes, get, post};
use super::extract::{Ask, At, Body};
use super::look::beside;
use super::page::{Page, PageAsk};
use super::problem::{Failed, Fault};
use super::views::{KeptRowView, UploadView};
use crate::intake::columns::{Explained, Purpose};
use crate::intake::sheet::MOST_FILE_BYTES;
use crate::model::ChannelId;
use crate::office::OfficeError;
use crate::office::uploads::{HowToRead, RowKind, Upload};

type Answer<T> = Result<Json<T>, Failed>;

pub(super) fn add(to: &mut Routes) {
    to.add(
        get(
            "/api/v1/uploads",
            "listUploads",
            "Files of rows that wait for a word",
        )
        .answers_list::<UploadView>(),
        list,
    );
    to.add(
        post(
            "/api/v1/uploads",
            "upload",
            "Bring a file of rows (CSV, XLSX, JSON Lines); nothing is added yet",
        )
        .query("purpose", "articles (if not given), or shares: of long ago")
        .query("name", "The file's name")
        .query("sheet", "Which sheet of a workbook; the first if not given")
        .body_file()
        .answers::<UploadView>(),
        bring,
    );
    to.add(
        get("/api/v1/uploads/{id}", "getUpload", "A file of rows").answers::<UploadView>(),
        show,
    );
    to.add(
        get(
            "/api/v1/uploads/{id}/rows",
            "listUploadRows",
            "Rows of a file: what each becomes, and what is wrong with it",
        )
        .query("kind", "bad (if not given), clash or good")
        .answers_page::<KeptRowView>(),
        rows,
    );
    to.add(
        post(
            "/api/v1/uploads/{id}/explain",
            "explainUpload",
            "Say what columns hold and names mean, and look at the file anew",
        )
        .body::<ExplainAsk>()
        .answers::<UploadView>(),
        explain,
    );
    to.add(
        post(
            "/api/v1/uploads/{id}/choose",
            "chooseUploadRows",
            "Say of rows that may be counted already whether they count",
        )
        .body::<ChooseAsk>()
        .answers::<UploadView>(),
        choose,
    );
    to.add(
        post(
            "/api/v1/uploads/{id}/confirm",
            "confirmUpload",
            "Add a file's rows; again goes on where it broke off",
        )
        .body::<ConfirmAsk>()
        .answers::<UploadView>(),
        confirm,
    );
    to.add(
        post(
            "/api/v1/uploads/{id}/drop",
            "dropUpload",
            "Let a file go; what was added stays",
        )
        .body::<Nothing>()
        .answers::<Nothing>(),
        let_go,
    );
}

/// Nothing more; `{}`.
#[derive(Debug, Default, Deserialize, serde::Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = NoMore)]
struct Nothing {}

/// How a file is to be read.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
struct ExplainAsk {
    /// Which sheet of a workbook.
    sheet: Option<String>,
    /// Headings, with what their columns hold: title, text, link, topic, channels, at, time, priority,
    /// state, repeat, member, permalink, id, nothing.
    #[schema(value_type = BTreeMap<String, String>)]
    columns: Explained,
    /// Names of channels as they stand there, with the ids they mean.
    #[schema(value_type = BTreeMap<String, String>)]
    channels: BTreeMap<String, ChannelId>,
}

/// Rows that may be counted already.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
struct ChooseAsk {
    /// These count all the same.
    add: Vec<u64>,
    /// These do not, as none does before.
    leave: Vec<u64>,
}

/// The word.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
struct ConfirmAsk {
    /// Add the good rows although others are bad.
    skip_bad: bool,
}

#[derive(Debug, Deserialize)]
struct UploadAsk {
    purpose: Option<Purpose>,
    name: Option<String>,
    sheet: Option<String>,
}

#[derive(Debug, Deserialize)]
struct RowsAsk {
    kind: Option<RowKind>,
    after: Option<String>,
    limit: Option<usize>,
}

/// A body that is a file. The largest is larger than what other routes read.
struct FileBody(Vec<u8>);

impl FromRequest<Site> for FileBody {
    type Rejection = Failed;
    async fn from_request(request: Request, _: &Site) -> Result<Self, Failed> {
        let lang = lang_of(request.headers());
        match to_bytes(request.into_body(), MOST_FILE_BYTES).await {
            Ok(bytes) => Ok(Self(bytes.into())),
            Err(e) => {
                let fault = Fault::Body(StatusCode::PAYLOAD_TOO_LARGE, e.to_string());
                Err(Failed::fault(lang, fault))
            }
        }
    }
}

fn viewed(site: &Site, caller: &Caller, result: Result<Upload, OfficeError>) -> Answer<UploadView> {
    match result {
        Ok(upload) => Ok(Json(UploadView::new(&site.office, caller.lang, upload))),
        Err(e) => Err(Failed::office(site, caller.lang, &e)),
    }
}

async fn list(State(site): State<Site>, caller: Caller) -> Answer<Vec<UploadView>> {
    let uploads = site.office.uploads(&caller.actor);
    let uploads = uploads.map_err(|e| Failed::office(&site, caller.lang, &e))?;
    let view = |upload| UploadView::new(&site.office, caller.lang, upload);
    Ok(Json(uploads.into_iter().map(view).collect()))
}

async fn bring(
    State(site): State<Site>,
    caller: Caller,
    Ask(ask): Ask<UploadAsk>,
    FileBody(bytes): FileBody,
) -> Answer<UploadView> {
    let how = HowToRead {
        sheet: ask.sheet,
        ..HowToRead::default()
    };
    let purpose = ask.purpose.unwrap_or(Purpose::Articles);
    let name = ask.name.unwrap_or_default();
    let office = &site.office;
    let result = office
        .upload(&caller.actor, purpose, &name, bytes, how)
        .await;
    viewed(&site, &caller, result)
}

async fn show(State(site): State<Site>, caller: Caller, At(id): At<String>) -> Answer<UploadView> {
    let result = site.office.upload_of(&caller.actor, &id);
    viewed(&site, &caller, result)
}

async fn rows(
    State(site): State<Site>,
    caller: Caller,
    At(id): At<String>,
    Ask(ask): Ask<RowsAsk>,
) -> Answer<Page<KeptRowView>> {
    let from = match ask.after.as_deref().map(str::parse) {
        None => 0,
        Some(Ok(from)) => from,
        Some(Err(_)) => return Err(Failed::fault(caller.lang, Fault::Cursor)),
    };
    let page = PageAsk {
        after: None,
        limit: ask.limit,
    };
    let (actor, lang) = (caller.actor.clone(), caller.lang);
    let kind = ask.kind.unwrap_or(RowKind::Bad);
    let found = beside(&site, &caller, move |site| {
        let office = &site.office;
        let (rows, next) = office.upload_rows(&actor, &id, kind, from, page.limit())?;
        let view = |row| KeptRowView::new(office, lang, kind, row);
        Ok(Page {
            items: rows.into_iter().map(view).collect(),
            next: next.map(|n| n.to_string()),
            reached: None,
        })
    });
    Ok(Json(found.await?))
}

async fn explain(
    State(site): State<Site>,
    caller: Caller,
    At(id): At<String>,
    Body(ask): Body<ExplainAsk>,
) -> Answer<UploadView> {
    let how = HowToRead {
        sheet: ask.sheet,
        explained: ask.columns,
        places: ask.channels,
    };
    let result = site.office.explain(&caller.actor, &id, how).await;
    viewed(&site, &caller, result)
}

async fn choose(
    State(site): State<Site>,
    caller: Caller,
    At(id): At<String>,
    Body(ask): Body<ChooseAsk>,
) -> Answer<UploadView> {
    let result = site.office.choose(&caller.actor, &id, &ask.add, &ask.leave);
    viewed(&site, &caller, result)
}

async fn confirm(
    State(site): State<Site>,
    caller: Caller,
    At(id): At<String>,
    Body(ask): Body<ConfirmAsk>,
) -> Answer<UploadView> {
    let result = site.office.confirm(&caller.actor, &id, ask.skip_bad).await;
    viewed(&site, &caller, result)
}

async fn let_go(
    State(site): State<Site>,
    caller: Caller,
    At(id): At<String>,
    Body(Nothing {}): Body<Nothing>,
) -> Answer<Nothing> {
    match site.office.let_go(&caller.actor, &id) {
        Ok(()) => Ok(Json(Nothing {})),
        Err(e) => Err(Failed::office(&site, caller.lang, &e)),
    }
}
