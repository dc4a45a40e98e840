//! Settings: channels, groups, topics, schedules, feeds and the office's own, changed in the files themselves.
//! Plain forms; what would not hold is told beside its field, and nothing typed is lost.

mod again;
mod form;
mod overview;
mod when;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde_json::Value;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::Faces;
use super::fields::{Asked, Fields, Posted};
use super::frame::{Answer, Frame, show, show_as, to};
use super::trouble::{Trouble, status_of};
use super::visitor::Visitor;
use crate::config::edit::{Edit, Entry, Kind, Part};
use crate::lang::Lang;
use crate::model::PlatformKind;
use crate::office::may::Wish;
use crate::office::{Done, OfficeError, Refusal};
use again::{Again, again, wrong};
use form::{Choice, Form, Lists};
pub(super) use overview::{change_office, overview};
use when::{Meaning, Times};

/// Longest id (RULES 6).
const MOST_ID_CHARS: usize = 40;
/// What a new schedule's form begins with: an example that can be kept.
const FIRST_CRON: &str = "30 7 * * 1-5";

/// One table's form.
#[derive(Template)]
#[template(path = "setting.html")]
struct Page {
    f: Frame,
    kind: &'static str,
    /// Empty where it is new.
    id: String,
    /// As it was typed, where it is new.
    new_id: String,
    id_hint: &'static str,
    id_needed: bool,
    platforms: Vec<Choice>,
    form: Form,
    times: Option<Times>,
    meaning: Option<Meaning>,
    seen: String,
    back: String,
    again: Again,
    retire: Option<Retire>,
}

/// What taking it out would mean.
struct Retire {
    text: &'static str,
    /// What still names it.
    named: Option<String>,
}

#[derive(Template)]
#[template(path = "meaning.html")]
struct MeaningPart {
    lang: Lang,
    meaning: Option<Meaning>,
}

/// The kind that an address names.
fn kind_of(word: &str, visitor: &Visitor) -> Result<(Kind, &'static str), Trouble> {
    match word {
        "channels" => Ok((Kind::Channel, "channels")),
        "topics" => Ok((Kind::Topic, "topics")),
        "groups" => Ok((Kind::Group, "groups")),
        "schedules" => Ok((Kind::Schedule, "schedules")),
        "feeds" => Ok((Kind::Feed, "feeds")),
        _ => Err(Trouble::not_there(visitor.lang)),
    }
}

fn admit(faces: &Faces, visitor: &Visitor) -> Result<(), Trouble> {
    let may = faces.site.office.may(visitor.actor(), Wish::Administer);
    may.map_err(|e| faces.failed(visitor, e))
}

/// Whether what there is of this kind has a page of its own.
fn has_page(kind: Kind) -> bool {
    matches!(kind, Kind::Channel | Kind::Schedule | Kind::Feed)
}

/// Where one goes from a form of this kind.
fn back(kind: Kind, id: &str) -> String {
    match kind {
        Kind::Channel => format!("/channels/{id}"),
        Kind::Schedule => format!("/schedules/{id}"),
        Kind::Feed => format!("/feeds#{id}"),
        _ => "/settings".to_owned(),
    }
}

pub(super) async fn new_form(
    State(faces): State<Faces>,
    visitor: Visitor,
    Path(word): Path<String>,
    Asked(asked): Asked,
) -> Answer {
    admit(&faces, &visitor)?;
    let (kind, _) = kind_of(&word, &visitor)?;
    let times = (kind == Kind::Schedule).then(|| Times::of(&visitor, FIRST_CRON));
    let mut draft = Draft::new(kind);
    if kind == Kind::Feed {
        // One that was found comes with its name and address.
        let keys = ["title", "url"].into_iter();
        let found = keys.filter_map(|key| Some((key.to_owned(), Value::from(asked.given(key)?))));
        draft.typed = Some(found.collect());
    }
    shown(&faces, &visitor, draft, times, None)
}

pub(super) async fn edit_form(
    State(faces): State<Faces>,
    visitor: Visitor,
    Path((word, id)): Path<(String, String)>,
) -> Answer {
    admit(&faces, &visitor)?;
    let (kind, _) = kind_of(&word, &visitor)?;
    let draft = Draft::of(&faces, &visitor, Part::new(kind, id))?;
    let cron = text_of(&draft.there, "cron");
    let times = (kind == Kind::Schedule).then(|| Times::of(&visitor, &cron));
    shown(&faces, &visitor, draft, times, None)
}

/// What a form is about, and what was typed into it.
struct Draft {
    part: Part,
    new: bool,
    there: Entry,
    typed: Option<Entry>,
    seen: String,
    platform: String,
    new_id: String,
}

impl Draft {
    fn new(kind: Kind) -> Self {
        Self {
            part: Part::new(kind, ""),
            new: true,
            there: Entry::new(),
            typed: None,
            seen: String::new(),
            platform: PlatformKind::FacebookGroup.as_str().to_owned(),
            new_id: String::new(),
        }
    }
    fn of(faces: &Faces, visitor: &Visitor, part: Part) -> Result<Self, Trouble> {
        let found = faces.site.office.setting(visitor.actor(), part.clone());
        let found = found.map_err(|e| faces.failed(visitor, e))?;
        Ok(Self {
            new: false,
            platform: text_of(&found.entry, "platform"),
            there: found.entry,
            seen: found.seen,
            typed: None,
            new_id: String::new(),
            part,
        })
    }
}

fn text_of(entry: &Entry, key: &str) -> String {
    entry
        .get(key)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

fn shown(
    faces: &Faces,
    visitor: &Visitor,
    draft: Draft,
    times: Option<Times>,
    error: Option<OfficeError>,
) -> Answer {
    let (office, lang) = (&faces.site.office, visitor.lang);
    let failed = |e: OfficeError| faces.failed(visitor, e);
    let (kind, config) = (draft.part.kind, office.config());
    let platform = PlatformKind::ALL
        .into_iter()
        .find(|p| p.as_str() == draft.platform);
    let entry = overlaid(&draft.there, draft.typed.as_ref());
    let lists = Lists {
        config: &config,
        members: office.members(visitor.actor()).map_err(failed)?,
        lang,
        own: &draft.part.id,
        platform,
    };
    let mut status = error.as_ref().map_or(StatusCode::OK, status_of);
    let mut wrong = wrong(faces, visitor, kind, error.as_ref());
    let mut times = times;
    if let Some(times) = &mut times {
        let cron = wrong.iter().find(|(at, _)| at.as_deref() == Some("cron"));
        times.cron_error = cron.map(|(_, text)| text.clone());
        if let Some(text) = &times.times_error {
            status = StatusCode::UNPROCESSABLE_ENTITY;
            wrong.push((Some("times".to_owned()), text.clone()));
        }
    }
    let warned = office.setting_warnings(&draft.part);
    let form = form::form(kind, &entry, &lists, &wrong, &warned);
    let meaning = times
        .as_ref()
        .map(|t| t.meaning(faces, visitor, &text_of(&entry, "zone")));
    let named = match &error {
        Some(OfficeError::Refused(Refusal::StillNamed { .. })) => {
            error.as_ref().map(|e| office.tell(lang, e))
        }
        _ => None,
    };
    let (title, word, id_hint, retire) = match kind {
        Kind::Topic => (
            "settings.topic",
            "topics",
            "settings.id-hint",
            "settings.retire-topic",
        ),
        Kind::Group => (
            "settings.group",
            "groups",
            "settings.group-id-hint",
            "settings.retire-group",
        ),
        Kind::Schedule => (
            "settings.schedule",
            "schedules",
            "settings.schedule-id-hint",
            "settings.retire-schedule",
        ),
        Kind::Feed => (
            "settings.feed",
            "feeds",
            "settings.id-hint",
            "settings.retire-feed",
        ),
        _ => (
            "settings.channel",
            "channels",
            "settings.id-hint",
            "settings.retire-channel",
        ),
    };
    let new_title = match kind {
        Kind::Topic => "settings.add-topic",
        Kind::Group => "settings.add-group",
        Kind::Schedule => "settings.add-schedule",
        Kind::Feed => "settings.add-feed",
        _ => "settings.add-channel",
    };
    let title = if draft.new {
        lang.text(new_title).to_owned()
    } else {
        let own = text_of(&draft.there, "title");
        let own = if own.is_empty() {
            draft.part.id.clone()
        } else {
            own
        };
        format!("{} {own}", lang.text(title))
    };
    let by_hand = PlatformKind::ALL.into_iter().filter(|p| !p.has_api());
    let platforms = by_hand.map(|p| Choice {
        value: p.as_str().to_owned(),
        label: lang.platform(p).to_owned(),
        chosen: p.as_str() == draft.platform,
    });
    let ask_platform = draft.new && kind == Kind::Channel;
    let again = again(
        error.as_ref(),
        wrong,
        &form,
        &draft.there,
        draft.typed.as_ref(),
    );
    let page = Page {
        f: Frame::of(faces, visitor, "settings", title)?,
        kind: word,
        back: match draft.new {
            true if has_page(kind) => format!("/{word}"),
            true => "/settings".to_owned(),
            false => back(kind, &draft.part.id),
        },
        retire: (!draft.new).then(|| Retire {
            text: lang.text(retire),
            named,
        }),
        id: if draft.new {
            String::new()
        } else {
            draft.part.id
        },
        new_id: draft.new_id,
        id_hint: lang.text(id_hint),
        id_needed: matches!(kind, Kind::Group | Kind::Schedule),
        platforms: if ask_platform {
            platforms.collect()
        } else {
            Vec::new()
        },
        form,
        times,
        meaning: meaning.transpose().map_err(failed)?,
        seen: draft.seen,
        again,
    };
    show_as(status, &page, lang)
}

pub(super) async fn add(
    State(faces): State<Faces>,
    Path(word): Path<String>,
    Posted { visitor, fields }: Posted,
) -> Answer {
    admit(&faces, &visitor)?;
    let (kind, _) = kind_of(&word, &visitor)?;
    let mut draft = Draft::new(kind);
    let mut entry = form::entry(kind, &fields, &draft.there);
    draft.new_id = fields.text("id").trim().to_owned();
    let id = match draft.new_id.as_str() {
        "" => id_from(fields.text("title")),
        id => id.to_owned(),
    };
    let times = (kind == Kind::Schedule).then(|| Times::typed(&visitor, &fields));
    let mut full = entry.clone();
    if kind == Kind::Channel {
        draft.platform = fields.text("platform").to_owned();
        full.insert("platform".to_owned(), Value::from(draft.platform.as_str()));
    }
    if let Some(times) = &times {
        full.insert("cron".to_owned(), Value::from(times.cron.as_str()));
    }
    entry.retain(|_, v| !v.is_null());
    draft.typed = Some(entry);
    let wait = times.as_ref().is_some_and(|t| t.times_error.is_some());
    if wait || fields.text("act") == "preview" {
        return shown(&faces, &visitor, draft, times, None);
    }
    full.retain(|_, v| !v.is_null());
    let edit = Edit::Add(Part::new(kind, &id), full);
    match save(&faces, &visitor, &fields, edit).await {
        Ok(done) => said(&faces, &visitor, &done, &back(kind, &id)),
        Err(error) => shown(&faces, &visitor, draft, times, Some(error)),
    }
}

pub(super) async fn change(
    State(faces): State<Faces>,
    Path((word, id)): Path<(String, String)>,
    Posted { visitor, fields }: Posted,
) -> Answer {
    admit(&faces, &visitor)?;
    let (kind, _) = kind_of(&word, &visitor)?;
    let mut draft = Draft::of(&faces, &visitor, Part::new(kind, &id))?;
    let mut entry = form::entry(kind, &fields, &draft.there);
    let times = (kind == Kind::Schedule).then(|| Times::typed(&visitor, &fields));
    if let Some(times) = &times
        && times.cron != text_of(&draft.there, "cron")
        && fields.has("cron")
    {
        entry.insert("cron".to_owned(), Value::from(times.cron.as_str()));
    }
    draft.typed = Some(entry.clone());
    let wait = times.as_ref().is_some_and(|t| t.times_error.is_some());
    if wait || fields.text("act") == "preview" {
        // What she saw is still what she changes.
        draft.seen = fields.text("seen").to_owned();
        return shown(&faces, &visitor, draft, times, None);
    }
    match save(
        &faces,
        &visitor,
        &fields,
        Edit::Change(draft.part.clone(), entry),
    )
    .await
    {
        Ok(done) => said(&faces, &visitor, &done, &back(kind, &id)),
        Err(error) => shown(&faces, &visitor, draft, times, Some(error)),
    }
}

pub(super) async fn retire(
    State(faces): State<Faces>,
    Path((word, id)): Path<(String, String)>,
    Posted { visitor, fields }: Posted,
) -> Answer {
    admit(&faces, &visitor)?;
    let (kind, word) = kind_of(&word, &visitor)?;
    let draft = Draft::of(&faces, &visitor, Part::new(kind, &id))?;
    let part = draft.part.clone();
    let mend = fields.has("mend");
    match save(&faces, &visitor, &fields, Edit::Retire { part, mend }).await {
        Ok(done) => {
            let list = match has_page(kind) {
                true => format!("/{word}"),
                false => "/settings".to_owned(),
            };
            said(&faces, &visitor, &done, &list)
        }
        Err(error) => {
            let cron = text_of(&draft.there, "cron");
            let times = (kind == Kind::Schedule).then(|| Times::of(&visitor, &cron));
            shown(&faces, &visitor, draft, times, Some(error))
        }
    }
}

/// What a schedule's form means, as one types.
pub(super) async fn preview(
    State(faces): State<Faces>,
    Posted { visitor, fields }: Posted,
) -> Answer {
    admit(&faces, &visitor)?;
    let times = Times::typed(&visitor, &fields);
    let meaning = times.meaning(&faces, &visitor, fields.text("zone"));
    let part = MeaningPart {
        lang: visitor.lang,
        meaning: Some(meaning.map_err(|e| faces.failed(&visitor, e))?),
    };
    show(&part, visitor.lang)
}

async fn save(
    faces: &Faces,
    visitor: &Visitor,
    fields: &Fields,
    edit: Edit,
) -> Result<Done, OfficeError> {
    let seen = fields.given("seen").map(str::to_owned);
    let office = &faces.site.office;
    office
        .configure(visitor.actor(), fields.key(), edit, seen)
        .await
}

fn said(faces: &Faces, visitor: &Visitor, done: &Done, back: &str) -> Answer {
    let what = if done.notes.is_empty() {
        visitor.lang.text("settings.saved")
    } else {
        ""
    };
    faces.say(visitor, what, done);
    to(back)
}

/// What stands there, with what was typed over it.
fn overlaid(there: &Entry, typed: Option<&Entry>) -> Entry {
    let mut entry = there.clone();
    for (key, value) in typed.into_iter().flatten() {
        match value {
            Value::Null => entry.remove(key),
            value => entry.insert(key.clone(), value.clone()),
        };
    }
    entry
}

/// An id from a title: `ATK Chợ Đồn` → `atk-cho-don`.
fn id_from(title: &str) -> String {
    let plain = title.nfd().filter(|c| !is_combining_mark(*c));
    let mut id = String::new();
    for c in plain.flat_map(char::to_lowercase) {
        match c {
            'đ' => id.push('d'),
            c if c.is_ascii_alphanumeric() => id.push(c),
            _ if !id.is_empty() && !id.ends_with('-') => id.push('-'),
            _ => {}
        }
    }
    let cut: String = id.chars().take(MOST_ID_CHARS).collect();
    cut.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_made_of_a_title() {
        assert_eq!(id_from("ATK Chợ Đồn"), "atk-cho-don");
        assert_eq!(id_from("  Tin Bắc Kạn (nhóm)  "), "tin-bac-kan-nhom");
        assert_eq!(id_from("…"), "");
        assert!(id_from(&"x ".repeat(80)).len() <= MOST_ID_CHARS);
    }
}
