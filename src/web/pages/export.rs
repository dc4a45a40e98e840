//! Lists to be saved, in the form in which they are read.

use axum::extract::{Path, State};

use super::Faces;
use super::frame::Answer;
use super::trouble::Trouble;
use super::visitor::Visitor;
use crate::intake::sheet::Form;
use crate::web::api::exports::{csv_of, file};

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
