//! Settings: channels, groups, topics, schedules, feeds and the office's own, changed in the files themselves.
//! Plain forms; what would not hold is told beside its field, and nothing typed is lost.

mod form;
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
use crate::config::Problem;
use crate::config::edit::{Edit, Entry, Kind, Part};
use crate::config::problem::Code;
use crate::lang::Lang;
use crate::model::PlatformKind;
use crate::office::configuring::Setting;
use crate::office::may::Wish;
use crate::office::{Done, OfficeError, Refusal};
use form::{Choice, Form, Lists};
use when::{Meaning, Times};

/// Longest id (RULES 6).
const MOST_ID_CHARS: usize = 40;
/// What a new schedule's form begins with: an example that can be kept.
const FIRST_CRON: &str = "30 7 * * 1-5";

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

/// Why the form is shown once more.
#[derive(Default)]
struct Again {
    /// The field it is about, and what to do.
    errors: Vec<(String, String)>,
    /// Files that a person has to write, with all that shall stand in them.
    paste: Vec<(String, String)>,
    /// What stands there meanwhile: label, value.
    theirs: Vec<(String, String)>,
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

pub(super) async fn overview(State(faces): State<Faces>, visitor: Visitor) -> Answer {
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

pub(super) async fn change_office(
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

/// Each thing that is to be mended, with the field it is about.
fn wrong(
    faces: &Faces,
    visitor: &Visitor,
    kind: Kind,
    error: Option<&OfficeError>,
) -> Vec<(Option<String>, String)> {
    let lang = visitor.lang;
    match error {
        None => Vec::new(),
        Some(OfficeError::Misconfigured(problems)) => problems
            .iter()
            .map(|(key, p)| match key {
                Some(key) => (Some(key.clone()), beside(lang, kind, key, p)),
                None => (None, p.line_of_text(lang)),
            })
            .collect(),
        Some(error) => {
            let field = match error {
                OfficeError::Invalid { field, .. } => Some((*field).to_owned()),
                _ => None,
            };
            vec![(field, faces.site.office.tell(lang, error))]
        }
    }
}

/// A problem beside its field: the key by the name that the form gives it.
fn beside(lang: Lang, kind: Kind, key: &str, problem: &Problem) -> String {
    if problem.code == Code::WantCount {
        return lang.text("settings.want-count").to_owned();
    }
    let label = form::label(lang, kind, key);
    let text = problem.text(lang);
    if label.is_empty() {
        return text;
    }
    let named = [format!("«{key}»"), format!("“{key}”"), format!("\"{key}\"")];
    named.iter().fold(text, |text, name| {
        text.replace(name.as_str(), &format!("«{label}»"))
    })
}

fn again(
    error: Option<&OfficeError>,
    wrong: Vec<(Option<String>, String)>,
    form: &Form,
    there: &Entry,
    typed: Option<&Entry>,
) -> Again {
    let fields = || form.open.iter().chain(&form.more);
    let label = |key: &str| {
        let found = fields().find(|f| f.key == key);
        found.map_or_else(|| key.to_owned(), |f| f.label.clone())
    };
    let paste = match error {
        Some(OfficeError::ReadOnly { files, .. }) => files
            .iter()
            .map(|(file, text)| (file.display().to_string(), text.clone()))
            .collect(),
        _ => Vec::new(),
    };
    let theirs = match (error, typed) {
        (Some(OfficeError::Stale), Some(typed)) => typed
            .keys()
            .map(|key| {
                let value = match there.get(key) {
                    None => "–".to_owned(),
                    Some(Value::String(text)) => text.clone(),
                    Some(Value::Array(all)) => {
                        let all = all.iter().filter_map(Value::as_str);
                        all.collect::<Vec<_>>().join(", ")
                    }
                    Some(other) => other.to_string(),
                };
                (label(key), value)
            })
            .collect(),
        _ => Vec::new(),
    };
    let named = |(key, text): (Option<String>, String)| match key {
        Some(key) if key != "id" && key != "times" && key != "cron" => {
            let label = label(&key);
            let text = if text.contains(&label) {
                text
            } else {
                format!("{label}: {text}")
            };
            (key, text)
        }
        key => (key.unwrap_or_default(), text),
    };
    Again {
        errors: wrong.into_iter().map(named).collect(),
        paste,
        theirs,
    }
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
