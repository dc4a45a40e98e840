//! What is being written in Compose, kept on the server as it is typed and taken up again on another
//! device. Without a script nothing is kept here, and nothing is missed.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;

use super::Faces;
use super::fields::{Fields, KEY, Posted, TOKEN};
use super::frame::{Answer, to};
use super::show::{Show, When};
use super::visitor::Visitor;
use crate::office::OfficeError;
use crate::office::unfinished::Unfinished;

/// Fields that are of the page and not of the text.
const NOT_TEXT: [&str; 5] = [TOKEN, KEY, "act", "device", "again"];

/// That something is kept, as Compose says it.
pub(super) struct Left {
    /// Since when.
    pub(super) when: When,
    /// Where it was written: her own device knows itself.
    pub(super) device: String,
}

impl Left {
    /// What is kept of hers.
    pub(super) fn of(faces: &Faces, visitor: &Visitor) -> Result<Option<Self>, OfficeError> {
        let left = faces.site.office.unfinished(visitor.actor())?;
        let Some(left) = left else { return Ok(None) };
        let show = Show::new(faces, visitor)?;
        Ok(Some(Self {
            when: show.when(left.saved),
            device: left.device,
        }))
    }
}

/// The form as it was kept.
pub(super) fn taken_up(faces: &Faces, visitor: &Visitor) -> Result<Option<Fields>, OfficeError> {
    let left = faces.site.office.unfinished(visitor.actor())?;
    Ok(left.map(|left| Fields::of_pairs(left.fields)))
}

/// `act` is `keep`, sent by the page as one types, or `forget`, a button.
pub(super) async fn change(
    State(faces): State<Faces>,
    Posted { visitor, fields }: Posted,
) -> Answer {
    let office = &faces.site.office;
    if fields.text("act") == "forget" {
        let forgotten = office.forget_unfinished(visitor.actor(), None);
        forgotten.map_err(|e| faces.failed(&visitor, e))?;
        return to("/compose");
    }
    let texts = fields.under("");
    let text = Unfinished {
        key: fields.text(KEY).to_owned(),
        device: fields.text("device").to_owned(),
        saved: office.clock.now(),
        fields: texts
            .filter(|(name, value)| !NOT_TEXT.contains(name) && !value.is_empty())
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
    };
    let kept = office.keep_unfinished(visitor.actor(), text);
    kept.map_err(|e| faces.failed(&visitor, e))?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
