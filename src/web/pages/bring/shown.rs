//! A file of rows as it stands: what was seen in it, what is being done with it, or what came of it.

use std::collections::BTreeMap;

use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::IntoResponse;

use super::Kind;
use crate::intake::columns::{Field, Purpose};
use crate::model::ChannelId;
use crate::office::OfficeError;
use crate::office::uploads::{RowKind, Upload};
use crate::web::api::articles::BadRowView;
use crate::web::api::views::{KeptRowView, UploadView};
use crate::web::pages::Faces;
use crate::web::pages::fields::Fields;
use crate::web::pages::frame::{Answer, Frame, show_as};
use crate::web::pages::show::{Show, When};
use crate::web::pages::trouble::{Trouble, status_of};
use crate::web::pages::visitor::Visitor;

/// Rows of a page.
const ROWS: usize = 50;
/// While something goes on, the page reads itself again after so many seconds.
const AGAIN_AFTER: &str = "2";

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
    draft: bool,
    who: Option<String>,
    text: Option<String>,
    /// The share that it may be already.
    share: Option<String>,
    chosen: bool,
}

pub(super) async fn shown(
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
            draft: view.draft,
            who: view.who,
            text: view.text,
            share: view.share,
            when,
        }
    });
    let n = upload.rows_to_add();
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
