//! Files of rows: brought, looked at, and added only when somebody says so. The same pages serve articles
//! to import and shares of long ago to bring in.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::IntoResponse;

use super::Faces;
use super::fields::{Asked, Fields, Posted};
use super::frame::{Answer, Frame, show_as, to};
use super::show::{Show, When};
use super::trouble::{Trouble, status_of};
use super::visitor::Visitor;
use crate::intake::columns::{Field, Purpose};
use crate::intake::sheet::Form;
use crate::model::ChannelId;
use crate::office::OfficeError;
use crate::office::may::Wish;
use crate::office::uploads::{HowToRead, RowKind, Upload};
use crate::web::api::articles::BadRowView;
use crate::web::api::uploads::{csv_of, file};
use crate::web::api::views::{KeptRowView, UploadView};

/// Rows of a page.
const ROWS: usize = 50;
/// While something goes on, the page reads itself again after so many seconds.
const AGAIN_AFTER: &str = "2";

/// The two kinds, each with its own address.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Kind(Purpose);

impl Kind {
    fn here(self) -> &'static str {
        match self.0 {
            Purpose::Articles => "import",
            Purpose::Shares => "backfill",
        }
    }
    fn may(self, faces: &Faces, visitor: &Visitor) -> Result<(), Trouble> {
        let wish = match self.0 {
            Purpose::Articles => Wish::Compose,
            Purpose::Shares => Wish::BackFill,
        };
        let may = faces.site.office.may(visitor.actor(), wish);
        may.map_err(|e| faces.failed(visitor, e))
    }
}

#[derive(Template)]
#[template(path = "bring.html")]
struct List {
    f: Frame,
    at: &'static str,
    past: bool,
    waiting: Vec<Waiting>,
    error: Option<String>,
}

struct Waiting {
    id: String,
    name: String,
    says: String,
    when: When,
}

#[derive(Template)]
#[template(path = "upload.html")]
struct Page {
    f: Frame,
    at: &'static str,
    u: UploadView,
    /// What is being done, and how far it is.
    doing: Option<String>,
    ready: bool,
    can_confirm: bool,
    columns: Vec<Column>,
    sheets: Vec<Choice>,
    strange: Vec<Strange>,
    members: Vec<(String, String)>,
    totals: Vec<(i16, String, String)>,
    total: String,
    /// What was seen, and in how many rows.
    seen: Vec<(&'static str, String)>,
    day_only: Option<String>,
    tabs: Vec<Tab>,
    kind: &'static str,
    rows: Vec<Row>,
    next: Option<u64>,
    confirm: String,
    outcome: Vec<String>,
    error: Option<String>,
}

struct Column {
    heading: String,
    unknown: bool,
    choices: Vec<Choice>,
}

struct Choice {
    id: String,
    title: String,
    chosen: bool,
}

struct Strange {
    name: String,
    rows: String,
    choices: Vec<Choice>,
}

struct Tab {
    kind: &'static str,
    words: String,
}

struct Row {
    line: u64,
    title: String,
    link: Option<String>,
    channels: String,
    when: Option<When>,
    who: Option<String>,
    text: Option<String>,
    chosen: bool,
}

pub(super) async fn import_list(State(faces): State<Faces>, visitor: Visitor) -> Answer {
    list(&faces, &visitor, Kind(Purpose::Articles), None)
}
pub(super) async fn backfill_list(State(faces): State<Faces>, visitor: Visitor) -> Answer {
    list(&faces, &visitor, Kind(Purpose::Shares), None)
}

fn list(faces: &Faces, visitor: &Visitor, kind: Kind, error: Option<OfficeError>) -> Answer {
    kind.may(faces, visitor)?;
    let (office, lang) = (&faces.site.office, visitor.lang);
    let show = Show::new(faces, visitor).map_err(|e| faces.failed(visitor, e))?;
    let uploads = office.uploads(visitor.actor());
    let uploads = uploads.map_err(|e| faces.failed(visitor, e))?;
    let waiting = uploads.into_iter().filter(|u| u.purpose == kind.0);
    let status = error.as_ref().map_or(StatusCode::OK, status_of);
    let page = List {
        at: kind.here(),
        past: kind.0 == Purpose::Shares,
        waiting: waiting
            .map(|u| Waiting {
                says: lang.word("upload-stage", u.stage.as_str()).to_owned(),
                when: show.when(u.at),
                name: u.file.name,
                id: u.id,
            })
            .collect(),
        error: error.map(|e| office.tell(lang, &e)),
        f: Frame::of(faces, visitor, kind.here(), lang.word("nav", kind.here()))?,
    };
    show_as(status, &page, lang)
}

pub(super) async fn import_bring(State(faces): State<Faces>, posted: Posted) -> Answer {
    bring(&faces, posted, Kind(Purpose::Articles)).await
}
pub(super) async fn backfill_bring(State(faces): State<Faces>, posted: Posted) -> Answer {
    bring(&faces, posted, Kind(Purpose::Shares)).await
}

async fn bring(faces: &Faces, posted: Posted, kind: Kind) -> Answer {
    let Posted {
        visitor,
        mut fields,
    } = posted;
    kind.may(faces, &visitor)?;
    let name = fields.called.pop().unwrap_or_default();
    let (_, bytes) = fields.files.pop().unwrap_or_default();
    let office = &faces.site.office;
    let how = HowToRead::default();
    match office
        .upload(visitor.actor(), kind.0, &name, bytes, how)
        .await
    {
        Ok(upload) => to(&format!("/{}/{}", kind.here(), upload.id)),
        Err(error) => list(faces, &visitor, kind, Some(error)),
    }
}

pub(super) async fn import_page(
    State(faces): State<Faces>,
    visitor: Visitor,
    Path(id): Path<String>,
    Asked(asked): Asked,
) -> Answer {
    shown(&faces, &visitor, Kind(Purpose::Articles), &id, &asked, None).await
}
pub(super) async fn backfill_page(
    State(faces): State<Faces>,
    visitor: Visitor,
    Path(id): Path<String>,
    Asked(asked): Asked,
) -> Answer {
    shown(&faces, &visitor, Kind(Purpose::Shares), &id, &asked, None).await
}

async fn shown(
    faces: &Faces,
    visitor: &Visitor,
    kind: Kind,
    id: &str,
    asked: &Fields,
    error: Option<OfficeError>,
) -> Answer {
    kind.may(faces, visitor)?;
    let (office, lang) = (&faces.site.office, visitor.lang);
    let failed = |e| faces.failed(visitor, e);
    let upload = office.upload_of(visitor.actor(), id).map_err(failed)?;
    if upload.purpose != kind.0 {
        return Err(Trouble::not_there(lang));
    }
    let view = UploadView::new(office, lang, upload.clone());
    let busy = matches!(view.stage.as_str(), "looking" | "running");
    let ready = matches!(view.stage.as_str(), "ready" | "interrupted");
    let has = |kind: RowKind| match kind {
        RowKind::Bad => view.bad,
        RowKind::Clash => view.clashes,
        RowKind::Good => view.good,
    };
    let wanted = RowKind::ALL
        .into_iter()
        .find(|k| k.as_str() == asked.text("kind"));
    // What is wrong comes first.
    let kind_of_rows = wanted.unwrap_or_else(|| {
        let first = RowKind::ALL.into_iter().find(|k| has(*k) > 0);
        first.unwrap_or(RowKind::Good)
    });
    let from = asked.parsed("from").unwrap_or(0);
    let (rows, next) = if ready {
        let id = id.to_owned();
        faces
            .beside(visitor, move |faces, visitor| {
                let office = &faces.site.office;
                office.upload_rows(visitor.actor(), &id, kind_of_rows, from, ROWS)
            })
            .await?
    } else {
        (Vec::new(), None)
    };
    let show_of = Show::new(faces, visitor).map_err(failed)?;
    let rows = rows.into_iter().map(|row| {
        let when = row.when.map(|at| show_of.when(at));
        let named: Vec<String> = row.channels.iter().map(|c| show_of.channel(c)).collect();
        let view = KeptRowView::new(office, lang, kind_of_rows, row);
        Row {
            line: view.line,
            chosen: upload.chosen.contains(&view.line),
            channels: named.join(", "),
            title: view.title,
            link: view.link,
            who: view.who,
            text: view.text,
            when,
        }
    });
    let n = view.good + upload.chosen.len() as u64;
    let totals = upload.looked.totals.iter();
    let page = Page {
        at: kind.here(),
        doing: busy.then(|| match view.total {
            0 => lang.fill("bring.so-far", &[("done", &lang.number(view.done))]),
            total => lang.fill(
                "bring.of",
                &[
                    ("done", &lang.number(view.done)),
                    ("total", &lang.number(total)),
                ],
            ),
        }),
        ready,
        can_confirm: ready && n > 0,
        columns: columns(&upload, visitor),
        sheets: view
            .sheets
            .iter()
            .map(|name| Choice {
                id: name.clone(),
                title: name.clone(),
                chosen: Some(name) == view.sheet.as_ref(),
            })
            .collect(),
        strange: strange(faces, &upload, visitor),
        members: view
            .strange_members
            .iter()
            .map(|(who, n)| (who.clone(), lang.number(*n)))
            .collect(),
        total: lang.number(totals.clone().map(|t| t.shares).sum()),
        totals: totals
            .map(|t| (t.year, show_of.channel(&t.channel), lang.number(t.shares)))
            .collect(),
        seen: [
            (lang.text("bring.good"), view.good, true),
            (lang.text("bring.known"), view.known, false),
            (lang.text("bring.bad"), view.bad, false),
            (lang.text("bring.clashes"), view.clashes, false),
        ]
        .into_iter()
        .filter(|(_, n, always)| *always || *n > 0)
        .map(|(words, n, _)| (words, lang.number(n)))
        .collect(),
        day_only: (view.day_only > 0).then(|| lang.count("backfill.day-only", view.day_only, &[])),
        tabs: RowKind::ALL
            .into_iter()
            .filter(|k| has(*k) > 0)
            .map(|k| Tab {
                kind: k.as_str(),
                words: format!(
                    "{} ({})",
                    lang.word("upload-rows", k.as_str()),
                    lang.number(has(k))
                ),
            })
            .collect(),
        kind: kind_of_rows.as_str(),
        rows: rows.collect(),
        next,
        confirm: if view.bad > 0 {
            lang.count(
                "bring.confirm-without",
                n,
                &[("bad", &lang.number(view.bad))],
            )
        } else {
            lang.count("bring.confirm", n, &[])
        },
        outcome: outcome(&view, visitor),
        error: error.as_ref().map(|e| office.tell(lang, e)),
        f: Frame::of(faces, visitor, kind.here(), view.name.clone())?,
        u: view,
    };
    let status = error.as_ref().map_or(StatusCode::OK, status_of);
    let mut answer = show_as(status, &page, lang).into_response();
    if busy {
        let again = HeaderValue::from_static(AGAIN_AFTER);
        answer.headers_mut().insert(header::REFRESH, again);
    }
    Ok(answer)
}

fn columns(upload: &Upload, visitor: &Visitor) -> Vec<Column> {
    let lang = visitor.lang;
    let fields = upload.purpose.fields();
    let choices = |held: Option<Field>| {
        let choice = |field: &Field| Choice {
            id: field.as_str().to_owned(),
            title: field.in_words(lang).to_owned(),
            chosen: held == Some(*field),
        };
        fields.iter().map(choice).collect()
    };
    let named = upload.looked.columns.iter();
    named
        .filter(|(heading, _)| !heading.is_empty())
        .map(|(heading, field)| Column {
            heading: heading.clone(),
            unknown: field.is_none(),
            choices: choices(*field),
        })
        .collect()
}

fn strange(faces: &Faces, upload: &Upload, visitor: &Visitor) -> Vec<Strange> {
    let channels = faces.site.office.store.channels().unwrap_or_default();
    let choices = |held: Option<&ChannelId>| {
        let choice = |c: &crate::store::ChannelState| Choice {
            id: c.id.to_string(),
            title: c.title.clone(),
            chosen: held == Some(&c.id),
        };
        channels.iter().map(choice).collect()
    };
    // What was explained before can be explained otherwise.
    let mut names: BTreeMap<&String, u64> = upload.places.keys().map(|name| (name, 0)).collect();
    names.extend(upload.looked.strange_channels.iter().map(|(k, n)| (k, *n)));
    names
        .into_iter()
        .map(|(name, n)| Strange {
            name: name.clone(),
            rows: visitor.lang.count("bring.rows", n, &[]),
            choices: choices(upload.places.get(name)),
        })
        .collect()
}

/// What came of it, in sentences.
fn outcome(view: &UploadView, visitor: &Visitor) -> Vec<String> {
    let lang = visitor.lang;
    let Some(outcome) = &view.outcome else {
        return Vec::new();
    };
    let past = view.purpose == Purpose::Shares.as_str();
    let mut lines = vec![if past {
        lang.count("backfill.added", outcome.added, &[("file", &view.name)])
    } else {
        lang.count("import.added", outcome.added, &[])
    }];
    let known = view.known + outcome.known;
    if known > 0 {
        lines.push(if past {
            lang.count("backfill.known", known, &[])
        } else {
            lang.count("import.known", known, &[])
        });
    }
    let left = outcome.left + view.bad;
    if left > 0 {
        lines.push(lang.count("backfill.left", left, &[]));
    }
    lines.extend(outcome.stopped.clone());
    let told =
        |row: &BadRowView| lang.fill("bring.row", &[("line", &row.line), ("text", &row.text)]);
    lines.extend(outcome.left_rows.iter().map(told));
    lines
}

pub(super) async fn import_act(
    State(faces): State<Faces>,
    Path(id): Path<String>,
    posted: Posted,
) -> Answer {
    act(&faces, posted, Kind(Purpose::Articles), id).await
}
pub(super) async fn backfill_act(
    State(faces): State<Faces>,
    Path(id): Path<String>,
    posted: Posted,
) -> Answer {
    act(&faces, posted, Kind(Purpose::Shares), id).await
}

async fn act(faces: &Faces, posted: Posted, kind: Kind, id: String) -> Answer {
    let Posted { visitor, fields } = posted;
    kind.may(faces, &visitor)?;
    let (office, actor) = (&faces.site.office, visitor.actor());
    let here = format!("/{}/{id}", kind.here());
    let done = match fields.text("act") {
        "drop" => match office.let_go(actor, &id) {
            Ok(()) => {
                let line = super::flash::Flash::new(visitor.lang.text("bring.dropped"));
                faces.say_all(&visitor, vec![line]);
                return to(&format!("/{}", kind.here()));
            }
            Err(error) => Err(error),
        },
        "explain" => office.explain(actor, &id, explained(&fields)).await,
        "choose" => {
            let lines = |name| fields.all(name).filter_map(|n| n.parse().ok());
            let add: Vec<u64> = lines("add").collect();
            // All that stood on the page; those that are ticked are put back.
            let seen: Vec<u64> = lines("seen").collect();
            office.choose(actor, &id, &add, &seen)
        }
        _ => office.confirm(actor, &id, fields.has("skip-bad")).await,
    };
    match done {
        Ok(_) => match fields.text("act") {
            "choose" => to(&format!("{here}?{}", fields.text("query"))),
            _ => to(&here),
        },
        Err(error @ OfficeError::NotFound { .. }) => Err(faces.failed(&visitor, error)),
        Err(error) => shown(faces, &visitor, kind, &id, &Fields::default(), Some(error)).await,
    }
}

fn explained(fields: &Fields) -> HowToRead {
    let column = |(heading, word): (&str, &str)| {
        let fields = [Purpose::Articles, Purpose::Shares].map(Purpose::fields);
        let field = fields.concat().into_iter().find(|f| f.as_str() == word)?;
        Some((heading.to_owned(), field))
    };
    let place = |(name, id): (&str, &str)| Some((name.to_owned(), ChannelId::new(id).ok()?));
    HowToRead {
        sheet: fields.given("sheet").map(str::to_owned),
        explained: fields.under("column:").filter_map(column).collect(),
        places: fields.under("channel:").filter_map(place).collect(),
    }
}

/// A list to be saved: `queue.csv`, `queue.xlsx`, `shares.csv`, `shares.xlsx`.
pub(super) async fn export(
    State(faces): State<Faces>,
    visitor: Visitor,
    Path(list): Path<String>,
) -> Answer {
    let lang = visitor.lang;
    let (name, ending) = list.split_once('.').unwrap_or((&list, ""));
    let form = match ending {
        "xlsx" => Form::Xlsx,
        "csv" => csv_of(lang),
        _ => return Err(Trouble::not_there(lang)),
    };
    let queue = match name {
        "queue" => true,
        "shares" => false,
        _ => return Err(Trouble::not_there(lang)),
    };
    let bytes = faces
        .beside(&visitor, move |faces, visitor| {
            let (office, actor) = (&faces.site.office, visitor.actor());
            if queue {
                office.export_queue(actor, lang, form)
            } else {
                office.export_shares(actor, lang, form, (None, None))
            }
        })
        .await?;
    Ok(file(bytes, if queue { "queue" } else { "shares" }, form))
}
