//! Every use case, asked by everybody (RULES 8): who may, may; who may not is told who may.
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod camera;
mod office_kit;

use std::fmt::Write;

use futures_util::future::{BoxFuture, FutureExt};
use office_kit::{Kit, article, channel, local, member, now};
use raotin::config::edit::{Edit as Change, Kind, Part};
use raotin::model::share::Removal;
use raotin::model::{Actor, Event, Role, ShareId, State};
use raotin::office::OfficeError;
use raotin::office::articles::{Edit, WhereTo};
use raotin::office::by_hand::Instead;
use raotin::office::firings::Answer;
use raotin::office::imports::{Import, Row};
use raotin::office::places::MoveTo;
use raotin::office::unsure::{Found, Retry};
use raotin::store::{CountAsk, CountBy, ShareAsk};

type Asked<'a> = BoxFuture<'a, Result<(), OfficeError>>;
/// A use case: its name, where the share of officer lan stands before it, and the asking.
type Case = (
    &'static str,
    State,
    &'static str,
    for<'a> fn(&'a Kit, &'a Actor, ShareId) -> Asked<'a>,
);

macro_rules! case {
    ($name:literal, $state:ident on $channel:literal, |$kit:ident, $actor:ident, $id:ident| $ask:expr) => {
        ($name, State::$state, $channel, |$kit, $actor, $id| {
            async move { ($ask).map(|_| ()) }.boxed()
        })
    };
}

#[rustfmt::skip]
fn cases() -> Vec<Case> {
    vec![
        case!("add", Waiting on "trang", |kit, actor, _id| kit.office.add(actor, None, article("nhom")).await),
        case!("import", Waiting on "trang", |kit, actor, _id| {
            let rows = vec![Row { line: 1, id: None, article: article("nhom") }];
            kit.office.import(actor, None, Import { rows, ..Import::default() }).await
        }),
        case!("keep_picture", Waiting on "trang", |kit, actor, _id| kit.office.keep_picture(actor, &camera::plain_png(camera::scene(1, 1)))),
        case!("edit", Waiting on "trang", |kit, actor, id| {
            let edit = Edit { title: Some("Khác".to_owned()), ..Edit::default() };
            kit.office.edit(actor, None, kit.share(id).article, edit).await
        }),
        case!("queue", Waiting on "trang", |kit, actor, id| {
            let to = WhereTo { channels: vec!["nhom".to_owned()], ..WhereTo::default() };
            kit.office.queue(actor, None, kit.share(id).article, to).await
        }),
        case!("submit", Draft on "trang", |kit, actor, id| kit.office.submit(actor, None, id).await),
        case!("approve", Submitted on "duyet", |kit, actor, id| kit.office.approve(actor, None, id, None).await),
        case!("approve_article", Submitted on "duyet", |kit, actor, id| {
            kit.office.approve_article(actor, None, kit.share(id).article, None).await
        }),
        case!("send_back", Submitted on "duyet", |kit, actor, id| kit.office.send_back(actor, None, id, None).await),
        case!("move_to", Waiting on "trang", |kit, actor, id| kit.office.move_to(actor, None, id, MoveTo::Top).await),
        case!("fix", Waiting on "trang", |kit, actor, id| {
            kit.office.fix(actor, None, id, now() + jiff::SignedDuration::from_hours(1)).await
        }),
        case!("own_text", Waiting on "trang", |kit, actor, id| {
            kit.office.own_text(actor, None, id, Some("Riêng".to_owned())).await
        }),
        case!("skip", Waiting on "trang", |kit, actor, id| kit.office.skip(actor, None, id).await),
        case!("free", Waiting on "sau", |kit, actor, id| kit.office.free(actor, None, id).await),
        case!("cancel", Waiting on "trang", |kit, actor, id| kit.office.cancel(actor, None, id, None).await),
        case!("cancel_article", Waiting on "trang", |kit, actor, id| {
            kit.office.cancel_article(actor, None, kit.share(id).article, None).await
        }),
        case!("take", ByHand on "nhom", |kit, actor, id| kit.office.take(actor, None, id).await),
        case!("take, assigned to lan", ByHand on "giao", |kit, actor, id| kit.office.take(actor, None, id).await),
        case!("release", ByHand on "nhom", |kit, actor, id| kit.office.release(actor, None, id).await),
        case!("done", ByHand on "nhom", |kit, actor, id| kit.office.done(actor, None, id, None, None).await),
        case!("undo, of lan's", ByHand on "nhom", |kit, actor, id| {
            kit.office.done(&office_kit::lan(), None, id, None, None).await.unwrap();
            kit.office.undo(actor, None, id).await
        }),
        case!("cannot", ByHand on "nhom", |kit, actor, id| {
            kit.office.cannot(actor, None, id, "nhóm khóa".to_owned(), Instead::Back).await
        }),
        case!("retry", Failed on "trang", |kit, actor, id| kit.office.retry(actor, None, id, Retry::Now).await),
        case!("settle", Unsure on "trang", |kit, actor, id| {
            kit.office.settle(actor, None, id, Found::NotPosted { give_up: false }).await
        }),
        case!("remove", Shared on "trang", |kit, actor, id| kit.office.remove(actor, None, id, None).await),
        case!("remove_article", Shared on "trang", |kit, actor, id| {
            kit.office.remove_article(actor, None, kit.share(id).article, None).await
        }),
        case!("erase", Shared on "trang", |kit, actor, id| {
            kit.office.erase(actor, None, kit.share(id).article, "điều 16").await
        }),
        case!("removed", Shared on "trang", |kit, actor, id| {
            removal_by_hand(kit, id).await;
            kit.office.removed(actor, None, id).await
        }),
        case!("keep", Shared on "trang", |kit, actor, id| {
            removal_by_hand(kit, id).await;
            kit.office.keep(actor, None, id, None).await
        }),
        case!("pause", Waiting on "trang", |kit, actor, _id| {
            kit.office.pause(actor, None, Some(channel("trang")), "sửa trang".to_owned(), None).await
        }),
        case!("pause everything", Waiting on "trang", |kit, actor, _id| {
            kit.office.pause(actor, None, None, "lễ tang".to_owned(), None).await
        }),
        case!("resume", Waiting on "trang", |kit, actor, _id| {
            kit.office.pause(&local(), None, None, "x".to_owned(), None).await.unwrap();
            kit.office.resume(actor, None, None).await
        }),
        case!("trust_clock", Waiting on "trang", |kit, actor, _id| kit.office.trust_clock(actor, None).await),
        case!("answer_missed", Waiting on "trang", |kit, actor, _id| {
            let schedule = "sang".parse().unwrap();
            kit.happens(vec![Event::FiringAsked { schedule, since: now(), instant: now(), count: 1 }]).await;
            kit.office.answer_missed(actor, None, "sang".parse().unwrap(), Answer::Fire).await
        }),
        case!("set_member", Waiting on "trang", |kit, actor, _id| {
            let roles = vec![Role::Officer];
            kit.office.set_member(actor, None, "mai".parse().unwrap(), roles, None, None).await
        }),
        case!("configure", Waiting on "trang", |kit, actor, _id| {
            let keys = [("title".to_owned(), "Mới".into())].into_iter().collect();
            let edit = Change::Change(Part::new(Kind::Channel, "nhom"), keys);
            kit.office.configure(actor, None, edit, None).await
        }),
        case!("settings", Waiting on "trang", |kit, actor, _id| kit.office.settings(actor)),
        case!("retire_member", Waiting on "trang", |kit, actor, _id| {
            let roles = vec![Role::Officer];
            kit.office.set_member(&local(), None, "mai".parse().unwrap(), roles, None, None).await.unwrap();
            kit.office.retire_member(actor, None, "mai".parse().unwrap()).await
        }),
        case!("configured", Waiting on "trang", |kit, actor, _id| kit.office.configured(actor).await),
        case!("show", Waiting on "trang", |kit, actor, id| kit.office.show(actor, kit.share(id).article)),
        case!("articles", Waiting on "trang", |kit, actor, _id| kit.office.articles(actor, None, 9)),
        case!("show_share", Waiting on "trang", |kit, actor, id| kit.office.show_share(actor, id)),
        case!("list_shares", Waiting on "trang", |kit, actor, _id| {
            kit.office.list_shares(actor, ShareAsk { limit: 9, ..ShareAsk::default() })
        }),
        case!("story", Waiting on "trang", |kit, actor, id| kit.office.story(actor, id)),
        case!("queue_of", Waiting on "trang", |kit, actor, _id| kit.office.queue_of(actor, &channel("trang"), None, 9)),
        case!("todo", Waiting on "trang", |kit, actor, _id| kit.office.todo(actor, 9)),
        case!("today", Waiting on "trang", |kit, actor, _id| kit.office.today(actor)),
        case!("upcoming", Waiting on "trang", |kit, actor, _id| kit.office.upcoming(actor, 1)),
        case!("free_slots", Waiting on "trang", |kit, actor, _id| kit.office.free_slots(actor, 1)),
        case!("preview", Waiting on "trang", |kit, actor, id| kit.office.preview(actor, kit.share(id).article, None)),
        case!("counts", Waiting on "trang", |kit, actor, _id| kit.office.counts(actor, &CountAsk {
            since: None, until: None, by: CountBy::Day, channel: None, topic: None, member: None, with_log: false,
        })),
        case!("channels", Waiting on "trang", |kit, actor, _id| kit.office.channels(actor)),
        case!("schedules", Waiting on "trang", |kit, actor, _id| kit.office.schedules(actor)),
        case!("feeds", Waiting on "trang", |kit, actor, _id| kit.office.feeds(actor)),
        case!("find_feeds", Waiting on "trang", |kit, actor, _id| {
            // Nothing is fetched where the asking is allowed: the address lies inside.
            match kit.office.find_feeds(actor, "http://127.0.0.1:9/").await {
                Err(OfficeError::Invalid { .. }) => Ok(Vec::new()),
                other => other,
            }
        }),
        case!("poll_now", Waiting on "trang", |kit, actor, _id| kit.office.poll_now(actor, &"cong".parse().unwrap()).await),
        case!("topics", Waiting on "trang", |kit, actor, _id| kit.office.topics(actor)),
        case!("members", Waiting on "trang", |kit, actor, _id| kit.office.members(actor)),
    ]
}

async fn removal_by_hand(kit: &Kit, share: ShareId) {
    let removal = Some(Removal::ByHand);
    kit.happens(vec![Event::RemovalChanged {
        share,
        removal,
        why: None,
    }])
    .await;
}

fn everybody() -> [(&'static str, Actor); 8] {
    [
        ("lan", member("lan", &[Role::Officer])),
        ("officer", member("minh", &[Role::Officer])),
        ("approver", member("hoa", &[Role::Approver])),
        ("supervisor", member("son", &[Role::Supervisor])),
        ("admin", member("tu", &[Role::Admin])),
        ("nobody", member("cu", &[])),
        ("local", local()),
        ("daemon", Actor::Daemon),
    ]
}

#[tokio::test]
async fn who_may_may_and_who_may_not_is_told_who_may() {
    let lan = office_kit::lan();
    let mut table = format!("{:<22}", "lan's share");
    for (name, _) in everybody() {
        write!(table, " {name:<10}").unwrap();
    }
    table.push_str(" who may\n");
    for (name, state, on, ask) in cases() {
        write!(table, "{name:<22}").unwrap();
        let mut who = String::new();
        for (_, actor) in everybody() {
            let kit = Kit::new().await;
            let id = kit.share_in(state, &lan, on).await;
            let before = kit.store.commits().len();
            let answer = match ask(&kit, &actor, id).await {
                Ok(()) => "yes",
                Err(OfficeError::NotAllowed { who_may }) => {
                    who = who_may.as_str().to_owned();
                    let written = kit.store.commits().len() - before;
                    // What the case itself prepares is written by others.
                    assert!(written <= 1, "{name}: a refusal wrote something");
                    "-"
                }
                Err(other) => panic!("{name}: {other}"),
            };
            write!(table, " {answer:<10}").unwrap();
        }
        writeln!(table, " {who}").unwrap();
    }
    let table: Vec<_> = table.lines().map(str::trim_end).collect();
    insta::assert_snapshot!(table.join("\n"), @r"
    lan's share            lan        officer    approver   supervisor admin      nobody     local      daemon     who may
    add                    yes        yes        yes        -          -          -          yes        -          officer
    import                 yes        yes        yes        -          -          -          yes        -          officer
    keep_picture           yes        yes        yes        -          -          -          yes        yes        officer
    edit                   yes        -          yes        -          -          -          yes        -          owner
    queue                  yes        yes        yes        -          -          -          yes        -          officer
    submit                 yes        -          yes        -          -          -          yes        -          owner
    approve                -          -          yes        -          -          -          yes        -          approver
    approve_article        -          -          yes        -          -          -          yes        -          approver
    send_back              yes        -          yes        -          -          -          yes        -          owner
    move_to                yes        -          yes        -          -          -          yes        -          owner
    fix                    yes        -          yes        -          -          -          yes        -          owner
    own_text               yes        -          yes        -          -          -          yes        -          owner
    skip                   yes        -          yes        -          -          -          yes        -          owner
    free                   yes        -          yes        -          -          -          yes        -          owner
    cancel                 yes        -          yes        -          -          -          yes        -          owner
    cancel_article         yes        -          yes        -          -          -          yes        -          owner
    take                   yes        yes        yes        -          -          -          yes        -          officer
    take, assigned to lan  yes        -          yes        -          -          -          yes        -          assignee
    release                yes        yes        yes        -          -          -          yes        -          officer
    done                   yes        yes        yes        -          -          -          yes        -          officer
    undo, of lan's         yes        -          yes        -          -          -          yes        -          officer
    cannot                 yes        yes        yes        -          -          -          yes        -          officer
    retry                  yes        -          yes        -          -          -          yes        -          owner
    settle                 yes        -          yes        -          -          -          yes        -          owner
    remove                 -          -          yes        -          -          -          yes        -          approver
    remove_article         -          -          yes        -          -          -          yes        -          approver
    erase                  -          -          -          -          yes        -          yes        -          admin
    removed                yes        yes        yes        -          -          -          yes        -          officer
    keep                   -          -          yes        -          -          -          yes        -          approver
    pause                  -          -          yes        -          yes        -          yes        yes        approver-or-admin
    pause everything       -          -          yes        -          yes        -          yes        yes        approver-or-admin
    resume                 -          -          yes        -          yes        -          yes        -          approver-or-admin
    trust_clock            -          -          -          -          yes        -          yes        -          admin
    answer_missed          yes        yes        yes        -          -          -          yes        -          officer
    set_member             -          -          -          -          yes        -          yes        -          admin
    configure              -          -          -          -          yes        -          yes        -          admin
    settings               yes        yes        yes        yes        yes        -          yes        yes        anybody
    retire_member          -          -          -          -          yes        -          yes        -          admin
    configured             -          -          -          -          yes        -          yes        yes        admin
    show                   yes        yes        yes        yes        yes        -          yes        yes        anybody
    articles               yes        yes        yes        yes        yes        -          yes        yes        anybody
    show_share             yes        yes        yes        yes        yes        -          yes        yes        anybody
    list_shares            yes        yes        yes        yes        yes        -          yes        yes        anybody
    story                  yes        yes        yes        yes        yes        -          yes        yes        anybody
    queue_of               yes        yes        yes        yes        yes        -          yes        yes        anybody
    todo                   yes        yes        yes        yes        yes        -          yes        yes        anybody
    today                  yes        yes        yes        yes        yes        -          yes        yes        anybody
    upcoming               yes        yes        yes        yes        yes        -          yes        yes        anybody
    free_slots             yes        yes        yes        yes        yes        -          yes        yes        anybody
    preview                yes        yes        yes        yes        yes        -          yes        yes        anybody
    counts                 yes        yes        yes        yes        yes        -          yes        yes        anybody
    channels               yes        yes        yes        yes        yes        -          yes        yes        anybody
    schedules              yes        yes        yes        yes        yes        -          yes        yes        anybody
    feeds                  yes        yes        yes        yes        yes        -          yes        yes        anybody
    find_feeds             yes        yes        yes        -          yes        -          yes        yes        officer-or-admin
    poll_now               yes        yes        yes        -          yes        -          yes        yes        officer-or-admin
    topics                 yes        yes        yes        yes        yes        -          yes        yes        anybody
    members                yes        yes        yes        yes        yes        -          yes        yes        anybody
    ");
}

#[tokio::test]
async fn a_member_who_is_not_there_or_retired_cannot_be_acted_for() {
    let kit = Kit::new().await;
    let lan: raotin::model::MemberId = "lan".parse().unwrap();
    assert!(matches!(
        kit.office.local(0, Some(lan.clone())),
        Err(OfficeError::NotFound { .. })
    ));
    let roles = vec![Role::Officer];
    let operator = local();
    let set = kit
        .office
        .set_member(&operator, None, lan.clone(), roles, None, None);
    set.await.unwrap();
    assert!(kit.office.local(0, Some(lan.clone())).is_ok());
    kit.office
        .retire_member(&local(), None, lan.clone())
        .await
        .unwrap();
    assert!(matches!(
        kit.office.local(0, Some(lan)),
        Err(OfficeError::Refused(_))
    ));
}
