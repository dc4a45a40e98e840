//! Schedules, in words and with their next instants; and what is asked about missed ones.

use askama::Template;
use axum::extract::{Path, State};
use jiff::tz::TimeZone;

use super::Faces;
use super::fields::Posted;
use super::frame::{Answer, Frame, show, to};
use super::show::{Show, When};
use super::visitor::Visitor;
use crate::cron::Cron;
use crate::lang::Lang;
use crate::model::ScheduleId;
use crate::model::channel::Order;
use crate::office::OfficeError;
use crate::office::firings::Answer as Say;
use crate::store::ScheduleState;

/// Instants shown of one.
const SHOWN: usize = 10;

#[derive(Template)]
#[template(path = "schedules.html")]
struct List {
    f: Frame,
    rows: Vec<Row>,
}

#[derive(Template)]
#[template(path = "schedule.html")]
struct Page {
    f: Frame,
    row: Row,
    next: Vec<When>,
    facts: Vec<(&'static str, String)>,
}

struct Row {
    id: String,
    says: String,
    next: Option<When>,
    channels: String,
    gone: bool,
    off: bool,
    asked: Option<String>,
}

/// "07:30 mỗi ngày làm việc, giờ Việt Nam"; the expression itself where there are no honest words.
pub(super) fn in_words(lang: Lang, cron: &Cron, zone: &TimeZone) -> String {
    let says = cron
        .words(lang.as_str())
        .unwrap_or_else(|| cron.to_string());
    let zone = match zone.iana_name() {
        Some("Asia/Ho_Chi_Minh" | "Asia/Saigon") => lang.text("schedules.vietnam").to_owned(),
        Some(name) => lang.fill("schedules.zone-of", &[("zone", &name)]),
        None => String::new(),
    };
    let words = format!("{says}, {zone}");
    super::show::capital(words.trim_end_matches(", "))
}

fn row(faces: &Faces, show: &Show<'_>, state: &ScheduleState) -> Row {
    let lang = show.lang;
    let config = faces.site.office.config();
    let schedule = config.schedules.iter().find(|s| s.id == state.id);
    let titles = schedule.map(|s| {
        s.channels
            .iter()
            .map(|c| show.channel(c))
            .collect::<Vec<_>>()
    });
    let words = schedule.map(|s| in_words(lang, &s.cron, &s.zone));
    let next = schedule.filter(|s| s.enabled);
    let next = next.and_then(|s| s.cron.after(&s.zone, show.now).next());
    Row {
        id: state.id.to_string(),
        says: words.unwrap_or_else(|| state.cron.clone()),
        next: next.map(|at| show.when(at)),
        channels: titles.unwrap_or_default().join(", "),
        gone: state.gone,
        off: schedule.is_some_and(|s| !s.enabled),
        asked: state.asked.as_ref().map(|asked| {
            let since = show.when(asked.since).said;
            lang.count("home.asked", asked.count.into(), &[("since", &since)])
        }),
    }
}

pub(super) async fn list(State(faces): State<Faces>, visitor: Visitor) -> Answer {
    let rows = faces
        .beside(&visitor, |faces, visitor| {
            let show = Show::new(faces, visitor)?;
            let states = faces.site.office.schedules(visitor.actor())?;
            let mut rows: Vec<Row> = states.iter().map(|(s, _)| row(faces, &show, s)).collect();
            rows.sort_by_key(|r| r.gone);
            Ok(rows)
        })
        .await?;
    let lang = visitor.lang;
    let f = Frame::of(&faces, &visitor, "schedules", lang.text("nav.schedules"))?;
    show(&List { f, rows }, lang)
}

pub(super) async fn page(
    State(faces): State<Faces>,
    visitor: Visitor,
    Path(id): Path<ScheduleId>,
) -> Answer {
    let lang = visitor.lang;
    let (row, next, facts) = faces
        .beside(&visitor, move |faces, visitor| seen(faces, visitor, &id))
        .await?;
    let page = Page {
        f: Frame::of(&faces, &visitor, "schedules", row.id.clone())?,
        row,
        next,
        facts,
    };
    show(&page, lang)
}

type Seen = (Row, Vec<When>, Vec<(&'static str, String)>);

fn seen(faces: &Faces, visitor: &Visitor, id: &ScheduleId) -> Result<Seen, OfficeError> {
    let (office, lang) = (&faces.site.office, visitor.lang);
    let show = Show::new(faces, visitor)?;
    let states = office.schedules(visitor.actor())?;
    let Some((state, _)) = states.iter().find(|(s, _)| s.id == *id) else {
        return Err(OfficeError::NotFound {
            what: crate::office::What::Schedule,
            id: id.to_string(),
            nearest: None,
        });
    };
    let config = office.config();
    let schedule = config.schedules.iter().find(|s| s.id == *id);
    let enabled = schedule.filter(|s| s.enabled);
    let next = enabled.map(|s| s.cron.after(&s.zone, show.now).take(SHOWN));
    let next = next.into_iter().flatten().map(|at| show.when(at)).collect();
    let mut facts = vec![
        (lang.text("schedules.cron"), state.cron.clone()),
        (lang.text("schedules.zone"), state.zone.clone()),
    ];
    if let Some(s) = schedule {
        facts.push((lang.text("schedules.take"), lang.number(s.take.into())));
        let order = match s.order {
            Order::Oldest => lang.text("schedules.oldest"),
            Order::Newest => lang.text("schedules.newest"),
            Order::Priority => lang.text("schedules.priority"),
        };
        facts.push((lang.text("schedules.order"), order.to_owned()));
        if s.spread.as_secs() > 0 {
            facts.push((lang.text("schedules.spread"), lang.how_long(s.spread)));
        }
        facts.push((lang.text("channels.file"), format!("schedules/{id}.toml")));
    }
    Ok((row(faces, &show, state), next, facts))
}

pub(super) async fn missed(
    State(faces): State<Faces>,
    Path(id): Path<ScheduleId>,
    Posted { visitor, fields }: Posted,
) -> Answer {
    let lang = visitor.lang;
    let (say, what) = match fields.text("answer") {
        "fire" => (Say::Fire, lang.text("schedules.fired")),
        _ => (Say::Skip, lang.text("schedules.skipped")),
    };
    let office = &faces.site.office;
    let answered = office
        .answer_missed(visitor.actor(), fields.key(), id.clone(), say)
        .await;
    let done = answered.map_err(|e| faces.failed(&visitor, e))?;
    faces.say(&visitor, what, &done);
    to(&format!("/schedules/{id}"))
}
