//! `schedules/ID.toml` → a checked schedule.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::at::{At, Source};
use super::channel::duration;
use super::keys::{MISSED, MOST_TAKEN, ORDER};
use super::names::Names;
use super::problem::Code;
use super::reader::Fields;
use super::values::{self, ANY};
use super::{ConfiguredChannel, defaults};
use crate::cron::Cron;
use crate::model::{Office, Schedule, ScheduleId};

/// The id a file's name gives; told at the file's first line if it gives none.
pub(super) fn id_of(source: &Source, start: At<'_>) -> Option<ScheduleId> {
    let name = source
        .path
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy();
    let id = ScheduleId::new(&name).ok();
    if id.is_none() {
        start.error(Code::ScheduleName, vec![("name", name.into_owned())]);
    }
    id
}

/// Reads one schedule. `None` if it lacks what a schedule cannot be without; that was told.
pub(super) fn read(
    id: Option<ScheduleId>,
    fields: &Fields<'_>,
    names: &Names<'_>,
    office: &Office,
    channels: &[Arc<ConfiguredChannel>],
    now: Timestamp,
) -> Option<Arc<Schedule>> {
    let cron = fields.parsed("cron", |text| {
        text.parse::<Cron>()
            .map_err(|error| super::cron::complaint(text, error))
    });
    let zone = fields.parsed("zone", values::zone);
    let zone = zone.map_or_else(|| office.zone.clone(), |zone| zone.value);
    let listed = fields.ids("channels");
    let fed = listed.as_deref().map(|listed| names.channels(listed));
    let take = fields.count("take", 1, MOST_TAKEN);
    let order = fields.one_of("order", ORDER);
    let topics = names.topics(&fields.ids("topics").unwrap_or_default());
    let spread = fields.duration("spread", SignedDuration::ZERO, defaults::LONGEST_SPREAD);
    let missed = fields.one_of("missed", MISSED);
    let grace = duration(fields, "grace", ANY);
    let enabled = fields.flag("enabled").unwrap_or(true);

    // a name that is unknown was told already
    if let (Some(fed), Some(listed)) = (&fed, &listed)
        && fed.is_empty()
        && listed
            .iter()
            .all(|name| names.groups.contains_key(name.value))
    {
        let place = fields
            .present(["channels"])
            .first()
            .map_or(fields.place, |c| c.place);
        place.error(Code::NoChannels, Vec::new());
    }
    if let Some(cron) = &cron {
        if enabled && cron.value.is_over(now, &zone) {
            let text = vec![("cron", cron.value.to_string())];
            cron.place.warn(Code::CronOver, text);
        }
        let gap = shortest_gap(&cron.value, &zone, now);
        if let (Some(spread), Some(gap)) = (&spread, gap)
            && spread.value > gap
        {
            let spread_text = ("spread", values::duration_text(spread.value));
            let gap = ("gap", values::duration_text(gap));
            spread
                .place
                .warn(Code::SpreadOverlaps, vec![spread_text, gap]);
        }
    }
    let schedule = Schedule {
        id: id?,
        cron: cron?.value,
        zone,
        channels: fed?,
        take: take.map_or(defaults::TAKE, |take| take.value),
        order: order.map(|order| order.value).unwrap_or_default(),
        topics,
        spread: spread.map(|spread| spread.value).unwrap_or_default(),
        missed: missed.map_or(office.missed, |missed| missed.value),
        grace: grace.unwrap_or(office.grace),
        enabled,
    };
    tell_what_never_meets(&schedule, fields, channels);
    Some(Arc::new(schedule))
}

/// Firings that are looked at for the shortest time between two.
const LOOK_AHEAD: usize = 32;

fn shortest_gap(cron: &Cron, zone: &jiff::tz::TimeZone, now: Timestamp) -> Option<SignedDuration> {
    let instants: Vec<Timestamp> = cron.after(zone, now).take(LOOK_AHEAD).collect();
    let gaps = instants
        .windows(2)
        .map(|pair| pair[0].duration_until(pair[1]));
    gaps.min()
}

/// Channels that take none of the schedule's topics.
fn tell_what_never_meets(
    schedule: &Schedule,
    fields: &Fields<'_>,
    channels: &[Arc<ConfiguredChannel>],
) {
    for id in &schedule.channels {
        let Some(channel) = channels.iter().find(|c| c.rules.id == *id) else {
            continue;
        };
        let topics = &channel.rules.topics;
        let apart = !topics.is_empty()
            && !schedule.topics.is_empty()
            && schedule.topics.iter().all(|topic| !topics.contains(topic));
        if apart {
            for topics in fields.present(["topics"]) {
                let channel = vec![("channel", id.to_string())];
                topics.place.warn(Code::TopicsNeverMeet, channel);
            }
        }
    }
}
