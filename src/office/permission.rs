//! Who may what (RULES 8). Nothing outside this file asks for a role.
//!
//! The local operator (the peer of the unix socket) has an admin's rights and stands in for anybody.
//! The daemon may read, tell what is configured, and pause a channel whose credentials are refused;
//! all else that it does is no wish of its own but follows from the rules, and goes past no person.

use serde::{Deserialize, Serialize};

use super::OfficeError;
use crate::intake::columns::Purpose;
use crate::model::channel::Channel;
use crate::model::{Actor, Article, Member, MemberId, Role};

/// Who may do what was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WhoMay {
    /// Officers and approvers.
    Officer,
    /// The officer who added it, and approvers.
    Owner,
    /// Approvers.
    Approver,
    /// An approver other than the one whose text it is.
    OtherApprover,
    /// Approvers and administrators.
    ApproverOrAdmin,
    /// Officers, approvers and administrators.
    OfficerOrAdmin,
    /// Administrators.
    Admin,
    /// The channel's assignees, and approvers.
    Assignee,
    /// Whoever did it, and approvers.
    Doer,
    /// The member herself, and administrators.
    Herself,
    /// Every member with a role.
    Anybody,
}

impl WhoMay {
    /// The word in the API and in the catalogues' keys.
    pub fn as_str(self) -> &'static str {
        match self {
            WhoMay::Officer => "officer",
            WhoMay::Owner => "owner",
            WhoMay::Approver => "approver",
            WhoMay::OtherApprover => "other-approver",
            WhoMay::ApproverOrAdmin => "approver-or-admin",
            WhoMay::OfficerOrAdmin => "officer-or-admin",
            WhoMay::Admin => "admin",
            WhoMay::Assignee => "assignee",
            WhoMay::Doer => "doer",
            WhoMay::Herself => "herself",
            WhoMay::Anybody => "anybody",
        }
    }
}

type May = Result<(), OfficeError>;

fn check(may: bool, who_may: WhoMay) -> May {
    if may {
        Ok(())
    } else {
        Err(OfficeError::NotAllowed { who_may })
    }
}

fn is_daemon(actor: &Actor) -> bool {
    matches!(actor, Actor::Daemon)
}

/// Read anything.
pub(super) fn read(actor: &Actor) -> May {
    let any = Role::ALL.iter().any(|role| actor.holds(*role));
    check(any || is_daemon(actor), WhoMay::Anybody)
}

/// Look at a feed now: its articles come by the rules, so whoever may add some may.
pub(super) fn poll(actor: &Actor) -> May {
    let roles = [Role::Officer, Role::Approver, Role::Admin];
    let may = roles.iter().any(|role| actor.holds(*role));
    check(may || is_daemon(actor), WhoMay::OfficerOrAdmin)
}

/// Add articles and shares.
pub(super) fn compose(actor: &Actor) -> May {
    let may = actor.holds(Role::Officer) || actor.holds(Role::Approver);
    check(may, WhoMay::Officer)
}

/// Keep pictures: for articles of one's own, and what the daemon brings from feeds.
pub(super) fn keep_picture(actor: &Actor) -> May {
    if is_daemon(actor) {
        return Ok(());
    }
    compose(actor)
}

/// Have addresses outside read for one: whoever writes articles, and whoever sets up feeds.
pub(super) fn look_outside(actor: &Actor) -> May {
    if actor.holds(Role::Admin) {
        return Ok(());
    }
    compose(actor)
}

/// Bring shares of long ago in: it changes what was counted, so an officer's own list passes through
/// the hands of somebody who answers for the figures.
pub(super) fn back_fill(actor: &Actor) -> May {
    let may = actor.holds(Role::Approver) || actor.holds(Role::Admin);
    check(may, WhoMay::ApproverOrAdmin)
}

/// Bring a file of rows for this.
pub(super) fn bring(actor: &Actor, purpose: Purpose) -> May {
    match purpose {
        Purpose::Articles => compose(actor),
        Purpose::Shares => back_fill(actor),
    }
}

/// Whether the actor added this article, or had it added.
pub(super) fn owns(actor: &Actor, article: &Article) -> bool {
    let mine = actor.member().is_some() && actor.member() == article.member.as_ref();
    mine || actor.by() == article.by
}

/// Edit, move, reschedule, cancel, retry, settle what comes of this article.
pub(super) fn change(actor: &Actor, article: &Article) -> May {
    let own = actor.holds(Role::Officer) && owns(actor, article);
    check(own || actor.holds(Role::Approver), WhoMay::Owner)
}

/// Approve, send back, take down.
pub(super) fn approve(actor: &Actor) -> May {
    check(actor.holds(Role::Approver), WhoMay::Approver)
}

/// Resume what is paused.
pub(super) fn resume(actor: &Actor) -> May {
    let may = actor.holds(Role::Approver) || actor.holds(Role::Admin);
    check(may, WhoMay::ApproverOrAdmin)
}

/// Pause.
pub(super) fn pause(actor: &Actor) -> May {
    let may = actor.holds(Role::Approver) || actor.holds(Role::Admin) || is_daemon(actor);
    check(may, WhoMay::ApproverOrAdmin)
}

/// Members, and whether the clock is right.
pub(super) fn administer(actor: &Actor) -> May {
    check(actor.holds(Role::Admin), WhoMay::Admin)
}

/// Tell the store what is configured: the daemon at every reload, an operator's command at its start.
pub(super) fn configure(actor: &Actor) -> May {
    check(is_daemon(actor) || actor.holds(Role::Admin), WhoMay::Admin)
}

/// Say where a member is told of her tasks.
pub(super) fn notices_of(actor: &Actor, member: &MemberId) -> May {
    let own = actor.member() == Some(member) && read(actor).is_ok();
    check(own || actor.holds(Role::Admin), WhoMay::Herself)
}

/// Whether hand tasks of this channel are a member's: she is an assignee, or an officer where it names
/// none (RULES 2). An approver may do them too, but they are not hers to be told of.
pub(super) fn is_told_of(member: &Member, channel: Option<&Channel>) -> bool {
    let assignees = channel.map_or(&[][..], |c| &c.assignees[..]);
    let named = assignees.is_empty() || assignees.contains(&member.id);
    named && member.roles.contains(&Role::Officer)
}

/// Do hand tasks of this channel: its assignees, or any officer where it names none (RULES 2).
pub(super) fn do_hand_task(actor: &Actor, channel: Option<&Channel>) -> May {
    let assignees = channel.map_or(&[][..], |c| &c.assignees[..]);
    if assignees.is_empty() {
        return compose(actor);
    }
    let assigned =
        actor.holds(Role::Officer) && actor.member().is_some_and(|m| assignees.contains(m));
    let stands_in = matches!(actor, Actor::Local { .. });
    check(
        assigned || stands_in || actor.holds(Role::Approver),
        WhoMay::Assignee,
    )
}
