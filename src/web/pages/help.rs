//! Help, and the page with every way elsewhere.

use askama::Template;
use axum::extract::State;

use super::Faces;
use super::frame::{Answer, Frame, show};
use super::visitor::Visitor;

#[derive(Template)]
#[template(path = "more.html")]
struct More {
    f: Frame,
}

#[derive(Template)]
#[template(path = "help.html")]
struct Help {
    f: Frame,
    chapters: Vec<Chapter>,
}

struct Chapter {
    id: &'static str,
    title: &'static str,
    paragraphs: Vec<&'static str>,
}

/// In the order of a day; the title and the text of each stand in the catalogues.
const CHAPTERS: [&str; 14] = [
    "compose", "hand", "told", "queue", "lists", "approve", "unsure", "removal", "past", "pause",
    "feeds", "reports", "phone", "account",
];

pub(super) async fn more(State(faces): State<Faces>, visitor: Visitor) -> Answer {
    let lang = visitor.lang;
    let f = Frame::of(&faces, &visitor, "more", lang.text("nav.more"))?;
    show(&More { f }, lang)
}

pub(super) async fn page(State(faces): State<Faces>, visitor: Visitor) -> Answer {
    let lang = visitor.lang;
    let chapters = CHAPTERS.into_iter().map(|id| Chapter {
        id,
        title: lang.word("help-title", id),
        paragraphs: lang.word("help-text", id).split("\n\n").collect(),
    });
    let page = Help {
        chapters: chapters.collect(),
        f: Frame::of(&faces, &visitor, "help", lang.text("nav.help"))?,
    };
    show(&page, lang)
}
