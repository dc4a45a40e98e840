//! Channels, schedules, members: what runs, and who runs it.

use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use serde::Deserialize;
use utoipa::ToSchema;

use super::super::Site;
use super::caller::Caller;
use super::document::{Routes, get, post, put};
use super::extract::{Ask, At, Body};
use super::page::{Page, PageAsk};
use super::problem::Failed;
use super::shares::done;
use super::views::{
    ChannelView, DoneView, FindingView, MemberView, ScheduleView, ShareView, TopicView,
};
use crate::lang::InWords;
use crate::model::{ChannelId, MemberId, Role, ScheduleId, ShareId, UnitId};
use crate::office::OfficeError;
use crate::office::firings::Answer as Decision;
use crate::platform::Finding;

type Answer<T> = Result<Json<T>, Failed>;

/// Why and how long something is paused.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PauseAsk {
    /// Shown everywhere.
    reason: String,
    /// It lifts itself then.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = "date-time")]
    until: Option<Timestamp>,
}

/// Nothing is asked for; `{}`.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
struct Nothing {}

/// What to do about missed firings.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MissedAnswer {
    /// `fire` or `skip`.
    answer: Decision,
}

/// A member as she shall be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MemberAsk {
    /// officer, approver, supervisor, admin.
    #[schema(value_type = Vec<String>)]
    roles: Vec<Role>,
    /// The unit her shares count for.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    unit: Option<UnitId>,
    /// Her name; as it was if not given.
    #[serde(default)]
    name: Option<String>,
}

pub(super) fn add(to: &mut Routes) {
    to.add(
        get(
            "/api/v1/channels",
            "listChannels",
            "Every channel ever seen",
        )
        .answers_list::<ChannelView>(),
        channels,
    );
    to.add(
        get(
            "/api/v1/channels/{id}/queue",
            "getQueue",
            "A channel's queue, in order",
        )
        .answers_page::<ShareView>(),
        queue,
    );
    to.add(
        get(
            "/api/v1/channels/{id}/check",
            "checkChannel",
            "Ask a channel's platform whether it would take a post",
        )
        .answers_list::<FindingView>(),
        check,
    );
    to.add(
        post(
            "/api/v1/channels/{id}/pause",
            "pauseChannel",
            "Pause a channel",
        )
        .body::<PauseAsk>()
        .answers::<DoneView>(),
        pause_one,
    );
    to.add(
        post(
            "/api/v1/channels/{id}/resume",
            "resumeChannel",
            "Resume a channel",
        )
        .body::<Nothing>()
        .answers::<DoneView>(),
        resume_one,
    );
    to.add(
        post("/api/v1/pause", "pauseAll", "Pause everything")
            .body::<PauseAsk>()
            .answers::<DoneView>(),
        pause_all,
    );
    to.add(
        post("/api/v1/resume", "resumeAll", "Resume everything")
            .body::<Nothing>()
            .answers::<DoneView>(),
        resume_all,
    );
    to.add(
        post(
            "/api/v1/clock/trust",
            "trustClock",
            "Say that the clock is right",
        )
        .body::<Nothing>()
        .answers::<DoneView>(),
        trust_clock,
    );
    to.add(
        get("/api/v1/topics", "listTopics", "Every topic ever seen").answers_list::<TopicView>(),
        topics,
    );
    to.add(
        get(
            "/api/v1/schedules",
            "listSchedules",
            "Every schedule ever seen",
        )
        .answers_list::<ScheduleView>(),
        schedules,
    );
    to.add(
        post(
            "/api/v1/schedules/{id}/missed",
            "answerMissed",
            "Say what becomes of missed firings",
        )
        .body::<MissedAnswer>()
        .answers::<DoneView>(),
        answer_missed,
    );
    to.add(
        get("/api/v1/members", "listMembers", "Every member").answers_list::<MemberView>(),
        members,
    );
    to.add(
        put(
            "/api/v1/members/{id}",
            "setMember",
            "Make somebody a member, or change her roles",
        )
        .body::<MemberAsk>()
        .answers::<DoneView>(),
        set_member,
    );
    to.add(
        post(
            "/api/v1/members/{id}/retire",
            "retireMember",
            "Retire a member",
        )
        .body::<Nothing>()
        .answers::<DoneView>(),
        retire,
    );
}

async fn channels(State(site): State<Site>, caller: Caller) -> Answer<Vec<ChannelView>> {
    let found = site
        .office
        .channels(&caller.actor)
        .map_err(|e| Failed::office(&site, caller.lang, &e))?;
    let view = |c| ChannelView::new(&site.office, caller.lang, c);
    Ok(Json(found.iter().map(view).collect()))
}

/// Where there is no API there is nothing to ask.
async fn check(
    State(site): State<Site>,
    caller: Caller,
    At(id): At<ChannelId>,
) -> Answer<Vec<FindingView>> {
    let failed = |e: &OfficeError| Failed::office(&site, caller.lang, e);
    site.office
        .may_read(&caller.actor)
        .map_err(|e| failed(&e))?;
    let seen = site.office.seen_channel(&id).map_err(|e| failed(&e))?;
    let config = site.office.config();
    let platform = match (config.channel(&id), &site.connect) {
        (Some(channel), Some(connect)) => connect.connect(channel, seen.target.as_deref()),
        _ => None,
    };
    let Some(platform) = platform else {
        return Ok(Json(Vec::new()));
    };
    let found = match platform.check().await {
        Ok(found) => found,
        Err(error) => {
            let text = error.in_words(caller.lang);
            return Ok(Json(vec![FindingView::no_answer(text)]));
        }
    };
    let view = |f: &Finding| FindingView::new(f, site.office.tell_finding(caller.lang, f));
    Ok(Json(found.iter().map(view).collect()))
}

async fn queue(
    State(site): State<Site>,
    caller: Caller,
    At(id): At<ChannelId>,
    Ask(ask): Ask<PageAsk>,
) -> Answer<Page<ShareView>> {
    let after = ask.after().map_err(|f| Failed::fault(caller.lang, f))?;
    let found = site
        .office
        .queue_of(&caller.actor, &id, after.map(ShareId), ask.limit())
        .map_err(|e| Failed::office(&site, caller.lang, &e))?;
    let last = found.last().map(|(s, _)| s.id.0);
    let view = |(s, a): &_| ShareView::new(&site.office, caller.lang, s, a);
    let items = found.iter().map(view).collect();
    Ok(Json(Page::new(items, ask.limit(), last)))
}

async fn pause_one(
    State(site): State<Site>,
    caller: Caller,
    At(id): At<ChannelId>,
    Body(ask): Body<PauseAsk>,
) -> Answer<DoneView> {
    pause(site, caller, Some(id), ask).await
}

async fn pause_all(
    State(site): State<Site>,
    caller: Caller,
    Body(ask): Body<PauseAsk>,
) -> Answer<DoneView> {
    pause(site, caller, None, ask).await
}

async fn pause(
    site: Site,
    caller: Caller,
    channel: Option<ChannelId>,
    ask: PauseAsk,
) -> Answer<DoneView> {
    let (actor, key) = (&caller.actor, caller.key());
    let paused = site
        .office
        .pause(actor, key, channel, ask.reason, ask.until);
    let result = paused.await;
    done(&site, &caller, result)
}

async fn resume_one(
    State(site): State<Site>,
    caller: Caller,
    At(id): At<ChannelId>,
    Body(Nothing {}): Body<Nothing>,
) -> Answer<DoneView> {
    let result = site
        .office
        .resume(&caller.actor, caller.key(), Some(id))
        .await;
    done(&site, &caller, result)
}

async fn resume_all(
    State(site): State<Site>,
    caller: Caller,
    Body(Nothing {}): Body<Nothing>,
) -> Answer<DoneView> {
    let result = site.office.resume(&caller.actor, caller.key(), None).await;
    done(&site, &caller, result)
}

async fn trust_clock(
    State(site): State<Site>,
    caller: Caller,
    Body(Nothing {}): Body<Nothing>,
) -> Answer<DoneView> {
    let result = site.office.trust_clock(&caller.actor, caller.key()).await;
    done(&site, &caller, result)
}

async fn topics(State(site): State<Site>, caller: Caller) -> Answer<Vec<TopicView>> {
    let found = site
        .office
        .topics(&caller.actor)
        .map_err(|e| Failed::office(&site, caller.lang, &e))?;
    let view = |(id, title, gone): (crate::model::TopicId, _, _)| TopicView {
        id: id.to_string(),
        title,
        gone,
    };
    Ok(Json(found.into_iter().map(view).collect()))
}

async fn schedules(State(site): State<Site>, caller: Caller) -> Answer<Vec<ScheduleView>> {
    let found = site
        .office
        .schedules(&caller.actor)
        .map_err(|e| Failed::office(&site, caller.lang, &e))?;
    let view = |(s, next): &(_, _)| ScheduleView::new(s, *next);
    Ok(Json(found.iter().map(view).collect()))
}

async fn answer_missed(
    State(site): State<Site>,
    caller: Caller,
    At(id): At<ScheduleId>,
    Body(ask): Body<MissedAnswer>,
) -> Answer<DoneView> {
    let (actor, key) = (&caller.actor, caller.key());
    let result = site.office.answer_missed(actor, key, id, ask.answer).await;
    done(&site, &caller, result)
}

async fn members(State(site): State<Site>, caller: Caller) -> Answer<Vec<MemberView>> {
    let found = site
        .office
        .members(&caller.actor)
        .map_err(|e| Failed::office(&site, caller.lang, &e))?;
    let view = |(m, name): (crate::model::Member, Option<String>)| MemberView {
        id: m.id.to_string(),
        name,
        roles: m.roles.iter().map(|r| r.as_str().to_owned()).collect(),
        unit: m.unit.map(|u| u.to_string()),
        retired: m.retired,
    };
    Ok(Json(found.into_iter().map(view).collect()))
}

async fn set_member(
    State(site): State<Site>,
    caller: Caller,
    At(id): At<MemberId>,
    Body(ask): Body<MemberAsk>,
) -> Answer<DoneView> {
    let (actor, key) = (&caller.actor, caller.key());
    let set = site
        .office
        .set_member(actor, key, id, ask.roles, ask.unit, ask.name);
    let result = set.await;
    done(&site, &caller, result)
}

async fn retire(
    State(site): State<Site>,
    caller: Caller,
    At(id): At<MemberId>,
    Body(Nothing {}): Body<Nothing>,
) -> Answer<DoneView> {
    let result = site
        .office
        .retire_member(&caller.actor, caller.key(), id)
        .await;
    done(&site, &caller, result)
}
