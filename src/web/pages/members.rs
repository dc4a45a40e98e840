//! Members: who works here, and what each may; invitations and resets by a one-time link.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;

use super::Faces;
use super::fields::{Fields, Posted};
use super::frame::{Answer, Frame, show_as, to};
use super::trouble::{Trouble, status_of};
use super::visitor::Visitor;
use crate::model::{Member, MemberId, Role, UnitId};
use crate::office::may::Wish;
use crate::office::{Invalid, OfficeError};

#[derive(Template)]
#[template(path = "members.html")]
struct List {
    f: Frame,
    rows: Vec<Row>,
    form: Form,
    error: Option<String>,
}

#[derive(Template)]
#[template(path = "member.html")]
struct Page {
    f: Frame,
    row: Row,
    form: Form,
    /// A one-time link just made: shown once.
    link: Option<String>,
    error: Option<String>,
    itself: bool,
}

struct Row {
    id: String,
    name: String,
    roles: String,
    unit: String,
    retired: bool,
    standing: String,
}

#[derive(Default, Clone)]
struct Form {
    id: String,
    name: String,
    unit: String,
    roles: Vec<(&'static str, &'static str, bool)>,
}

fn roles(visitor: &Visitor, held: &[Role]) -> Vec<(&'static str, &'static str, bool)> {
    let lang = visitor.lang;
    Role::ALL
        .into_iter()
        .map(|r| {
            (
                r.as_str(),
                lang.word("role-text", r.as_str()),
                held.contains(&r),
            )
        })
        .collect()
}

fn row(faces: &Faces, visitor: &Visitor, member: &Member, name: Option<String>) -> Row {
    let lang = visitor.lang;
    let words: Vec<&str> = member.roles.iter().map(|r| lang.role(*r)).collect();
    let standing = match faces.accounts.standing(visitor.actor(), &member.id) {
        _ if member.retired => lang.text("members.retired"),
        Ok(s) if s.can_log_in && s.second => lang.text("members.with-second"),
        Ok(s) if s.can_log_in => lang.text("members.logs-in"),
        Ok(s) if s.invited => lang.text("members.invited"),
        Ok(_) => lang.text("members.no-password"),
        Err(_) => "",
    };
    let told = faces.site.office.notices(visitor.actor(), &member.id);
    let told = match told {
        Ok(shown) if shown.is_told() && shown.trouble.is_some() => lang.text("notices.not-reached"),
        Ok(shown) if shown.is_told() => lang.text("notices.told"),
        _ => "",
    };
    let standing: Vec<&str> = [standing, told]
        .into_iter()
        .filter(|words| !words.is_empty())
        .collect();
    Row {
        id: member.id.to_string(),
        name: name
            .filter(|n| !n.is_empty())
            .unwrap_or_else(|| member.id.to_string()),
        roles: words.join(", "),
        unit: member
            .unit
            .as_ref()
            .map_or(String::new(), ToString::to_string),
        retired: member.retired,
        standing: standing.join(" · "),
    }
}

pub(super) async fn list(State(faces): State<Faces>, visitor: Visitor) -> Answer {
    let form = Form {
        roles: roles(&visitor, &[Role::Officer]),
        ..Form::default()
    };
    listed(&faces, &visitor, form, None)
}

fn listed(faces: &Faces, visitor: &Visitor, form: Form, error: Option<OfficeError>) -> Answer {
    let lang = visitor.lang;
    let members = faces.site.office.members(visitor.actor());
    let members = members.map_err(|e| faces.failed(visitor, e))?;
    let mut rows: Vec<Row> = members
        .into_iter()
        .map(|(m, name)| row(faces, visitor, &m, name))
        .collect();
    rows.sort_by(|a, b| (a.retired, &a.name).cmp(&(b.retired, &b.name)));
    let status = error.as_ref().map_or(StatusCode::OK, status_of);
    let page = List {
        f: Frame::of(faces, visitor, "members", lang.text("nav.members"))?,
        rows,
        form,
        error: error.map(|e| faces.site.office.tell(lang, &e)),
    };
    show_as(status, &page, lang)
}

fn read(visitor: &Visitor, fields: &Fields) -> (Form, Vec<Role>) {
    let held: Vec<Role> = Role::ALL
        .into_iter()
        .filter(|r| fields.all("role").any(|word| word == r.as_str()))
        .collect();
    let form = Form {
        id: fields.text("id").trim().to_owned(),
        name: fields.text("name").trim().to_owned(),
        unit: fields.text("unit").trim().to_owned(),
        roles: roles(visitor, &held),
    };
    (form, held)
}

fn unit(form: &Form) -> Result<Option<UnitId>, OfficeError> {
    if form.unit.is_empty() {
        return Ok(None);
    }
    UnitId::new(&form.unit).map(Some).map_err(|_| bad_id())
}

fn bad_id() -> OfficeError {
    OfficeError::Invalid {
        field: "id",
        what: Invalid::BadId,
    }
}

pub(super) async fn add(State(faces): State<Faces>, Posted { visitor, fields }: Posted) -> Answer {
    let (form, held) = read(&visitor, &fields);
    match set(&faces, &visitor, &fields, &form, held, true).await {
        Ok(id) => made_link(&faces, &visitor, &id),
        Err(error @ OfficeError::NotAllowed { .. }) => Err(faces.failed(&visitor, error)),
        Err(error) => listed(&faces, &visitor, form, Some(error)),
    }
}

async fn set(
    faces: &Faces,
    visitor: &Visitor,
    fields: &Fields,
    form: &Form,
    held: Vec<Role>,
    new: bool,
) -> Result<MemberId, OfficeError> {
    let office = &faces.site.office;
    office.may(visitor.actor(), Wish::Administer)?;
    let id = MemberId::new(&form.id).map_err(|_| bad_id())?;
    if new && office.store.member(&id)?.is_some_and(|m| !m.retired) {
        return Err(OfficeError::Invalid {
            field: "id",
            what: Invalid::Taken,
        });
    }
    let (unit, name) = (unit(form)?, Some(form.name.clone()));
    let set = office.set_member(visitor.actor(), fields.key(), id.clone(), held, unit, name);
    set.await?;
    Ok(id)
}

pub(super) async fn page(
    State(faces): State<Faces>,
    visitor: Visitor,
    Path(id): Path<MemberId>,
) -> Answer {
    let may = faces.site.office.may(visitor.actor(), Wish::Administer);
    may.map_err(|e| faces.failed(&visitor, e))?;
    shown(&faces, &visitor, &id, None, None, None)
}

fn shown(
    faces: &Faces,
    visitor: &Visitor,
    id: &MemberId,
    form: Option<Form>,
    link: Option<String>,
    error: Option<OfficeError>,
) -> Answer {
    let lang = visitor.lang;
    let members = faces.site.office.members(visitor.actor());
    let members = members.map_err(|e| faces.failed(visitor, e))?;
    let Some((member, name)) = members.into_iter().find(|(m, _)| m.id == *id) else {
        return Err(Trouble::not_there(lang));
    };
    let row = row(faces, visitor, &member, name.clone());
    let status = error.as_ref().map_or(StatusCode::OK, status_of);
    let page = Page {
        f: Frame::of(faces, visitor, "members", row.name.clone())?,
        form: form.unwrap_or_else(|| Form {
            id: id.to_string(),
            name: name.unwrap_or_default(),
            unit: row.unit.clone(),
            roles: roles(visitor, &member.roles),
        }),
        row,
        link,
        error: error.map(|e| faces.site.office.tell(lang, &e)),
        itself: id == visitor.member(),
    };
    show_as(status, &page, lang)
}

pub(super) async fn change(
    State(faces): State<Faces>,
    Path(id): Path<MemberId>,
    Posted { visitor, fields }: Posted,
) -> Answer {
    let (mut form, held) = read(&visitor, &fields);
    form.id = id.to_string();
    match set(&faces, &visitor, &fields, &form, held, false).await {
        Ok(_) => {
            let done = crate::office::Done::default();
            faces.say(&visitor, visitor.lang.text("members.saved"), &done);
            to(&format!("/members/{id}"))
        }
        Err(error @ OfficeError::NotAllowed { .. }) => Err(faces.failed(&visitor, error)),
        Err(error) => shown(&faces, &visitor, &id, Some(form), None, Some(error)),
    }
}

pub(super) async fn link(
    State(faces): State<Faces>,
    Path(id): Path<MemberId>,
    Posted { visitor, .. }: Posted,
) -> Answer {
    made_link(&faces, &visitor, &id)
}

/// The member's page, with a new one-time link on it.
fn made_link(faces: &Faces, visitor: &Visitor, id: &MemberId) -> Answer {
    let secret = faces.accounts.invite(visitor.actor(), id);
    let secret = secret.map_err(|e| Trouble::account(faces, visitor.lang, &e))?;
    shown(
        faces,
        visitor,
        id,
        None,
        Some(format!("{}/link/{secret}", visitor.base)),
        None,
    )
}

pub(super) async fn retire(
    State(faces): State<Faces>,
    Path(id): Path<MemberId>,
    Posted { visitor, fields }: Posted,
) -> Answer {
    let office = &faces.site.office;
    let retired = office
        .retire_member(visitor.actor(), fields.key(), id.clone())
        .await;
    let done = retired.map_err(|e| faces.failed(&visitor, e))?;
    let ended = faces.accounts.end_all_sessions(&id);
    ended.map_err(|e| Trouble::account(&faces, visitor.lang, &e))?;
    faces.say(&visitor, visitor.lang.text("members.is-retired"), &done);
    to("/members")
}
