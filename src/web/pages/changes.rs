//! Who changed which setting or member, and when: from the ledger, the newest first.

use askama::Template;
use axum::extract::State;

use super::Faces;
use super::fields::Asked;
use super::frame::{Answer, Frame, show};
use super::show::{Show, When};
use super::visitor::Visitor;
use crate::office::changes::{Change, in_words};

/// So many on a page.
const ROWS: usize = 50;

#[derive(Template)]
#[template(path = "changes.html")]
struct Page {
    f: Frame,
    rows: Vec<Row>,
    older: Option<u64>,
}

struct Row {
    text: String,
    when: When,
    who: String,
    settings: Vec<Setting>,
}

/// A key, and what stood and stands there.
struct Setting {
    label: String,
    from: Option<String>,
    to: Option<String>,
}

pub(super) async fn list(
    State(faces): State<Faces>,
    visitor: Visitor,
    Asked(asked): Asked,
) -> Answer {
    let lang = visitor.lang;
    let before = asked.text("before").parse().ok();
    let office = &faces.site.office;
    let found = office.changes(visitor.actor(), before, ROWS).await;
    let found = found.map_err(|e| faces.failed(&visitor, e))?;
    let show_as = Show::new(&faces, &visitor).map_err(|e| faces.failed(&visitor, e))?;
    let page = Page {
        f: Frame::of(&faces, &visitor, "settings", lang.text("nav.changes"))?,
        rows: found.iter().map(|change| row(&show_as, change)).collect(),
        older: found.last().map(|c| c.number).filter(|n| *n > 1),
    };
    show(&page, lang)
}

fn row(show: &Show<'_>, change: &Change) -> Row {
    let lang = show.lang;
    let setting = |(label, from, to)| Setting { label, from, to };
    let settings = change
        .settings
        .iter()
        .map(|s| setting(in_words(lang, &change.part, s)));
    Row {
        text: show.office().tell_change(lang, change),
        when: show.when(change.at),
        who: match change.in_file {
            true => lang.text("changes.in-file").to_owned(),
            false => show.by(&change.by),
        },
        settings: settings.collect(),
    }
}
