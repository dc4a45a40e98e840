//! What watches ask: alive, ready, figures. It must never say ok while nothing goes out.

use std::fmt::Write;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use jiff::{SignedDuration, Timestamp};
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::Site;
use crate::daemon::health::Pulse;
use crate::model::State as Life;
use crate::store::{ShareAsk, StoreError};

/// The planner ticks every second; a minute without is no hiccup.
const TICK_WITHIN: SignedDuration = SignedDuration::from_secs(60);
/// Backoff goes up to an hour and keeps due shares waiting; what is overdue longer goes nowhere.
const DUE_WITHIN: SignedDuration = SignedDuration::from_mins(10);
/// A request has a hard deadline of 120 s; what is Sending longer hangs.
const SENDING_WITHIN: SignedDuration = SignedDuration::from_mins(5);
/// More shares than this in Sending are not looked at one by one.
const MOST_SENDING: usize = 500;

pub(super) fn routes() -> Router<Site> {
    Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
}

/// What keeps things from going out, in plain English; empty if nothing does.
fn troubles(site: &Site) -> Result<Vec<String>, StoreError> {
    let now = site.office.clock.now();
    let mut troubles = Vec::new();
    let Some(health) = &site.health else {
        troubles.push("no daemon runs here: nothing is planned or sent".to_owned());
        return Ok(troubles);
    };
    let Pulse {
        last_tick,
        clock_doubt,
        oldest_due,
        ..
    } = health.pulse();
    if let Some(why) = clock_doubt {
        troubles.push(format!("the clock is not trusted: {why}"));
    }
    match last_tick {
        None => troubles.push("the schedules have not been looked at yet".to_owned()),
        Some(at) if now.duration_since(at) > TICK_WITHIN => {
            troubles.push(format!("the schedules were last looked at {at}"));
        }
        Some(_) => {}
    }
    if let Some(due) = oldest_due.filter(|due| now.duration_since(*due) > DUE_WITHIN) {
        troubles.push(format!("the oldest overdue share was due {due}"));
    }
    let hanging = sending_too_long(site, now)?;
    if hanging > 0 {
        troubles.push(format!("{hanging} shares are in Sending too long"));
    }
    Ok(troubles)
}

fn sending_too_long(site: &Site, now: Timestamp) -> Result<usize, StoreError> {
    let sending = site.office.store.shares(&ShareAsk {
        states: vec![Life::Sending],
        limit: MOST_SENDING,
        ..ShareAsk::default()
    })?;
    let since = |at: Timestamp| now.duration_since(at) > SENDING_WITHIN;
    Ok(sending.iter().filter(|s| since(s.changed)).count())
}

/// What somebody should mend although things go out: a bad edit keeps the last good configuration
/// running, so the status stays what it is.
fn beside(site: &Site) -> String {
    let problems = site.refused.borrow();
    let mut text = String::new();
    if problems.has_errors() {
        text.push_str("the configuration does not hold, the last good one is in force:\n");
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{}", *problems);
    }
    text
}

async fn ready(State(site): State<Site>) -> Response {
    match troubles(&site) {
        Ok(troubles) if troubles.is_empty() => format!("ok\n{}", beside(&site)).into_response(),
        Ok(troubles) => {
            let mut text = String::new();
            for trouble in troubles {
                let _ = writeln!(text, "{trouble}");
            }
            text.push_str(&beside(&site));
            (StatusCode::SERVICE_UNAVAILABLE, text).into_response()
        }
        Err(error) => (StatusCode::SERVICE_UNAVAILABLE, format!("{error}\n")).into_response(),
    }
}

/// Names are for ever: dashboards rest on them.
async fn metrics(State(site): State<Site>) -> Response {
    let mut registry = Registry::with_prefix("raotin");
    let mut gauge = |name: &str, help: &str, value: i64| {
        let gauge = Gauge::<i64>::default();
        gauge.set(value);
        registry.register(name, help, gauge);
    };
    let whole = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    if let Some(health) = &site.health {
        let pulse = health.pulse();
        let now = site.office.clock.now();
        let ago = |at: Timestamp| now.duration_since(at).as_secs().max(0);
        gauge(
            "shares_sent",
            "Shares sent since the start",
            whole(pulse.sent),
        );
        gauge(
            "attempts_not_sent",
            "Attempts that came to nothing since the start",
            whole(pulse.not_sent),
        );
        gauge(
            "attempts_doubted",
            "Attempts in doubt since the start",
            whole(pulse.doubted),
        );
        gauge(
            "shares_sending",
            "Shares on the wire",
            i64::try_from(pulse.sending).unwrap_or(i64::MAX),
        );
        gauge(
            "last_tick_age_seconds",
            "Since the schedules were looked at; -1 if never",
            pulse.last_tick.map_or(-1, ago),
        );
        gauge(
            "oldest_overdue_seconds",
            "How long the oldest overdue share is due",
            pulse.oldest_due.map_or(0, ago),
        );
        gauge(
            "clock_trusted",
            "1 if the clock is trusted",
            i64::from(pulse.clock_doubt.is_none()),
        );
    }
    gauge(
        "configuration_refused",
        "1 if the configuration's files do not hold and the last good ones are in force",
        i64::from(site.refused.borrow().has_errors()),
    );
    let waiting = match site.office.store.channels() {
        Ok(channels) => channels.iter().map(|c| c.waiting).sum(),
        Err(error) => {
            return (StatusCode::SERVICE_UNAVAILABLE, format!("{error}\n")).into_response();
        }
    };
    gauge("shares_waiting", "Shares in queues", whole(waiting));
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = encode(&mut text, &registry);
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], text).into_response()
}
