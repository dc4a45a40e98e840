//! Today, what is to do, what comes, what was counted. The larger reads run off the async threads.

use axum::Json;
use axum::extract::State;
use jiff::civil::Date;
use serde::Deserialize;

use super::super::Site;
use super::caller::Caller;
use super::document::{Routes, get};
use super::extract::Ask;
use super::problem::{Failed, Fault};
use super::views::{
    ComingView, CountRow, Counts, FreeSlotView, FreeSlots, OfficeView, ShareView, TodayView,
    Upcoming, headline, says_doubt,
};
use crate::lang::Lang;
use crate::model::upcoming::Coming;
use crate::model::{ChannelId, MemberId, Share, TopicId};
use crate::office::OfficeError;
use crate::store::{CountAsk, CountBy};

type Answer<T> = Result<Json<T>, Failed>;

/// `upcoming` looks so many days ahead if not said otherwise.
const DAYS_AHEAD: u32 = 7;
/// Hand tasks listed at most.
const MOST_TODO: usize = 200;

pub(super) fn add(to: &mut Routes) {
    to.add(
        get(
            "/api/v1/office",
            "getOffice",
            "The office, its zone and clock",
        )
        .answers::<OfficeView>(),
        office,
    );
    to.add(
        get(
            "/api/v1/today",
            "getToday",
            "What waits, what went out, what comes",
        )
        .answers::<TodayView>(),
        today,
    );
    to.add(
        get(
            "/api/v1/todo",
            "getTodo",
            "Hand tasks that the caller may do",
        )
        .answers_list::<ShareView>(),
        todo,
    );
    to.add(
        get(
            "/api/v1/upcoming",
            "getUpcoming",
            "Exactly what would go where and when",
        )
        .query("days", "How far ahead; 7 if not given")
        .answers::<Upcoming>(),
        upcoming,
    );
    to.add(
        get(
            "/api/v1/upcoming/free",
            "getFreeSlots",
            "Where one more share would be taken, if it waited",
        )
        .query("days", "How far ahead; 7 if not given")
        .answers::<FreeSlots>(),
        free_slots,
    );
    to.add(
        get(
            "/api/v1/counts",
            "getCounts",
            "How many shares and items went out",
        )
        .query("since", "First local day, 2026-11-23")
        .query("until", "Last local day")
        .query("by", "channel, topic, member, day, month, quarter or year")
        .query("channel", "Only this channel")
        .query("topic", "Only this topic")
        .query("member", "Only this member")
        .query("log", "true: with trials")
        .answers::<Counts>(),
        counts,
    );
}

/// Runs a read that may take a while where it holds up nobody.
pub(super) async fn beside<T: Send + 'static>(
    site: &Site,
    caller: &Caller,
    read: impl FnOnce(Site) -> Result<T, OfficeError> + Send + 'static,
) -> Result<T, Failed> {
    let own = site.clone();
    match tokio::task::spawn_blocking(move || read(own)).await {
        Ok(result) => result.map_err(|e| Failed::office(site, caller.lang, &e)),
        Err(_) => Err(Failed::fault(caller.lang, Fault::Broken)),
    }
}

async fn office(State(site): State<Site>, caller: Caller) -> Answer<OfficeView> {
    let config = site.office.config();
    Ok(Json(OfficeView {
        name: config.office.name.clone(),
        zone: config.office.zone.iana_name().unwrap_or("UTC").to_owned(),
        lang: config.office.lang.clone(),
        now: site.office.clock.now().to_string(),
        daemon: site.health.is_some(),
        refused: refused(&site, caller.lang),
    }))
}

async fn today(State(site): State<Site>, caller: Caller) -> Answer<TodayView> {
    let (actor, lang) = (caller.actor.clone(), caller.lang);
    let view = beside(&site, &caller, move |site| {
        let office = &site.office;
        let today = office.today(&actor)?;
        let coming = coming_views(&site, &today.coming)?;
        let shares = |shares: &[Share]| {
            let with = office.with_articles(shares.to_vec()).unwrap_or_default();
            let view = |(s, a): &_| ShareView::new(office, lang, s, a);
            with.iter().map(view).collect()
        };
        Ok(TodayView {
            clock_doubt: clock_doubt(&site, lang),
            refused: refused(&site, lang),
            ..TodayView::new(office, lang, &today, shares, coming)
        })
    });
    Ok(Json(view.await?))
}

async fn todo(State(site): State<Site>, caller: Caller) -> Answer<Vec<ShareView>> {
    let found = site
        .office
        .todo(&caller.actor, MOST_TODO)
        .map_err(|e| Failed::office(&site, caller.lang, &e))?;
    let view = |(s, a): &_| ShareView::new(&site.office, caller.lang, s, a);
    Ok(Json(found.iter().map(view).collect()))
}

#[derive(Debug, Deserialize)]
struct Ahead {
    days: Option<u32>,
}

async fn upcoming(
    State(site): State<Site>,
    caller: Caller,
    Ask(ahead): Ask<Ahead>,
) -> Answer<Upcoming> {
    let (actor, lang) = (caller.actor.clone(), caller.lang);
    let days = ahead.days.unwrap_or(DAYS_AHEAD);
    let view = beside(&site, &caller, move |site| {
        let coming = site.office.upcoming(&actor, days)?;
        Ok(Upcoming {
            items: coming_views(&site, &coming)?,
            holds: holds(&site, lang)?,
        })
    });
    Ok(Json(view.await?))
}

async fn free_slots(
    State(site): State<Site>,
    caller: Caller,
    Ask(ahead): Ask<Ahead>,
) -> Answer<FreeSlots> {
    let (actor, lang) = (caller.actor.clone(), caller.lang);
    let days = ahead.days.unwrap_or(DAYS_AHEAD);
    let view = beside(&site, &caller, move |site| {
        let free = site.office.free_slots(&actor, days)?;
        Ok(FreeSlots {
            items: free.iter().map(FreeSlotView::new).collect(),
            holds: holds(&site, lang)?,
        })
    });
    Ok(Json(view.await?))
}

/// Why nothing is planned or sent at all.
fn holds(site: &Site, lang: Lang) -> Result<Vec<String>, OfficeError> {
    let now = site.office.clock.now();
    let mut holds = Vec::new();
    if let Some(pause) = site.office.store.paused_all()?.filter(|p| p.holds(now)) {
        let why = lang.why(&pause.why);
        holds.push(lang.fill("holds.paused", &[("why", &why)]));
    }
    if let Some(doubt) = clock_doubt(site, lang) {
        holds.push(lang.fill("holds.clock", &[("why", &doubt)]));
    }
    Ok(holds)
}

/// What is wrong with the configuration's files while others are in force.
fn refused(site: &Site, lang: Lang) -> Vec<String> {
    let problems = site.refused.borrow();
    problems.iter().map(|p| p.line_of_text(lang)).collect()
}

fn clock_doubt(site: &Site, lang: Lang) -> Option<String> {
    let doubt = site.health.as_ref()?.pulse().clock_doubt?;
    Some(says_doubt(&site.office, lang, doubt))
}

fn coming_views(site: &Site, coming: &[Coming]) -> Result<Vec<ComingView>, OfficeError> {
    coming
        .iter()
        .map(|c| {
            let article = site.office.store.article(c.article)?;
            let title = article.as_ref().map(headline).unwrap_or_default();
            Ok(ComingView::new(c, title))
        })
        .collect()
}

#[derive(Debug, Deserialize)]
struct CountQuery {
    since: Option<Date>,
    until: Option<Date>,
    by: Option<CountBy>,
    channel: Option<ChannelId>,
    topic: Option<TopicId>,
    member: Option<MemberId>,
    #[serde(default)]
    log: bool,
}

async fn counts(
    State(site): State<Site>,
    caller: Caller,
    Ask(ask): Ask<CountQuery>,
) -> Answer<Counts> {
    let actor = caller.actor.clone();
    let ask = CountAsk {
        since: ask.since,
        until: ask.until,
        by: ask.by.unwrap_or(CountBy::Channel),
        channel: ask.channel,
        topic: ask.topic,
        member: ask.member,
        with_log: ask.log,
    };
    let counted = beside(&site, &caller, move |site| site.office.counts(&actor, &ask)).await?;
    let row = |(key, figures): &(String, _)| CountRow {
        key: key.clone(),
        title: counted.titles.get(key).cloned(),
        figures: crate::store::Figures::clone(figures).into(),
    };
    Ok(Json(Counts {
        rows: counted.table.rows.iter().map(row).collect(),
        total: counted.table.total.into(),
    }))
}
