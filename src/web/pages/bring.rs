//! Files of rows: brought, looked at ([`shown`]), and added only when somebody says so. The same pages
//! serve articles to import and shares of long ago to bring in.

mod shown;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;

use self::shown::shown;
use super::Faces;
use super::fields::{Asked, Fields, Posted};
use super::frame::{Answer, Frame, show_as, to};
use super::show::{Show, When};
use super::trouble::{Trouble, status_of};
use super::visitor::Visitor;
use crate::intake::columns::Purpose;
use crate::model::ChannelId;
use crate::office::OfficeError;
use crate::office::may::Wish;
use crate::office::uploads::HowToRead;

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
