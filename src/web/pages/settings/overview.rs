//! Every list of what there is, with the office's own settings beside.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::Value;

use super::super::Faces;
use super::super::fields::Posted;
use super::super::frame::{Answer, Frame, show_as};
use super::super::trouble::status_of;
use super::super::visitor::Visitor;
use super::again::{Again, again, wrong};
use super::form::{self, Form, Lists};
use super::{admit, overlaid, said, save};
use crate::config::edit::{Edit, Entry, Kind, Part};
use crate::office::OfficeError;
use crate::office::configuring::Setting;

/// Every list of what there is, and the office's own settings.
#[derive(Template)]
#[template(path = "settings.html")]
struct Overview {
    f: Frame,
    form: Form,
    seen: String,
    read_only: Option<String>,
    lists: Vec<List>,
    again: Again,
}

/// One kind, with what there is of it.
struct List {
    kind: &'static str,
    title: &'static str,
    add: &'static str,
    /// Id, title.
    rows: Vec<(String, String)>,
}

pub(in crate::web::pages) async fn overview(
    State(faces): State<Faces>,
    visitor: Visitor,
) -> Answer {
    admit(&faces, &visitor)?;
    overview_as(&faces, &visitor, None, None)
}

fn overview_as(
    faces: &Faces,
    visitor: &Visitor,
    typed: Option<Entry>,
    error: Option<OfficeError>,
) -> Answer {
    let (office, lang) = (&faces.site.office, visitor.lang);
    let failed = |e: OfficeError| faces.failed(visitor, e);
    let settings = office.settings(visitor.actor()).map_err(failed)?;
    let there = settings.office;
    let entry = there.as_ref().map(|s| s.entry.clone()).unwrap_or_default();
    let shown = overlaid(&entry, typed.as_ref());
    let config = office.config();
    let lists = Lists {
        config: &config,
        members: office.members(visitor.actor()).map_err(failed)?,
        lang,
        own: "",
        platform: None,
    };
    let status = error.as_ref().map_or(StatusCode::OK, status_of);
    let wrong = wrong(faces, visitor, Kind::Office, error.as_ref());
    let warned = office.setting_warnings(&Part::office());
    let form = form::form(Kind::Office, &shown, &lists, &wrong, &warned);
    let title = |s: &Setting| {
        let title = s.entry.get("title").and_then(Value::as_str);
        (s.part.id.clone(), title.unwrap_or(&s.part.id).to_owned())
    };
    let list = |kind, name, add, all: &[Setting]| List {
        kind,
        title: lang.text(name),
        add: lang.text(add),
        rows: all.iter().map(title).collect(),
    };
    let page = Overview {
        f: Frame::of(faces, visitor, "settings", lang.text("nav.settings"))?,
        seen: there.map(|s| s.seen).unwrap_or_default(),
        read_only: settings.read_only,
        lists: vec![
            list(
                "channels",
                "nav.channels",
                "settings.add-channel",
                &settings.channels,
            ),
            list(
                "groups",
                "settings.groups",
                "settings.add-group",
                &settings.groups,
            ),
            list(
                "topics",
                "settings.topics",
                "settings.add-topic",
                &settings.topics,
            ),
            list(
                "schedules",
                "nav.schedules",
                "settings.add-schedule",
                &settings.schedules,
            ),
            list("feeds", "nav.feeds", "settings.add-feed", &settings.feeds),
        ],
        again: again(error.as_ref(), wrong, &form, &entry, typed.as_ref()),
        form,
    };
    show_as(status, &page, lang)
}

pub(in crate::web::pages) async fn change_office(
    State(faces): State<Faces>,
    Posted { visitor, fields }: Posted,
) -> Answer {
    admit(&faces, &visitor)?;
    let office = &faces.site.office;
    let part = Part::office();
    let there = office.setting(visitor.actor(), part.clone());
    let there = there.map_err(|e| faces.failed(&visitor, e))?;
    let entry = form::entry(Kind::Office, &fields, &there.entry);
    match save(&faces, &visitor, &fields, Edit::Change(part, entry.clone())).await {
        Ok(done) => said(&faces, &visitor, &done, "/settings"),
        Err(error) => overview_as(&faces, &visitor, Some(entry), Some(error)),
    }
}
