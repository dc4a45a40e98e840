//! Being told, on one's own account: where, when not, and whether it works.

use axum::extract::State;
use axum::http::StatusCode;

use super::Faces;
use super::account::{New, shown};
use super::fields::{Fields, Posted};
use super::flash::Flash;
use super::frame::{Answer, to};
use super::show::{Show, When};
use super::trouble::status_of;
use super::visitor::Visitor;
use crate::model::Role;
use crate::office::notices::{Chosen, Quiet, Tried, Trouble};
use crate::office::{Invalid, OfficeError};
use crate::web::door::address::is_for_phones;

/// How it stands, as the account shows it.
pub(super) struct Told {
    pub(super) telegram: bool,
    pub(super) webhook: Option<String>,
    pub(super) quiet_from: String,
    pub(super) quiet_until: String,
    /// She is on the way to her phone.
    pub(super) begun: bool,
    pub(super) last: Option<When>,
    /// When, what to do, and their own words.
    pub(super) trouble: Option<(When, &'static str, String)>,
    /// There is a bot.
    pub(super) has_bot: bool,
    /// Letters bear no links: nobody said what address people open.
    pub(super) without_links: bool,
}

impl Told {
    /// None for whoever has no tasks.
    pub(super) fn of(
        faces: &Faces,
        visitor: &Visitor,
        show: &Show<'_>,
    ) -> Result<Option<Self>, OfficeError> {
        if !visitor.actor().holds(Role::Officer) {
            return Ok(None);
        }
        let office = &faces.site.office;
        let shown = office.notices(visitor.actor(), visitor.member())?;
        let config = office.config();
        let quiet = shown.quiet.map(|q| q.to_string()).unwrap_or_default();
        let (from, until) = quiet.split_once('-').unwrap_or_default();
        Ok(Some(Self {
            telegram: shown.telegram.is_some(),
            webhook: shown.webhook,
            quiet_from: from.to_owned(),
            quiet_until: until.to_owned(),
            begun: shown.code.is_some(),
            last: shown.last.map(|at| show.when(at)),
            trouble: shown.trouble.map(|t| {
                (
                    show.when(t.at),
                    show.lang.look("notice-trouble", &t.code),
                    t.reason,
                )
            }),
            has_bot: config.notices.bot.is_some(),
            without_links: !is_for_phones(&config.web, config.web.listen),
        }))
    }
}

/// The button says what: `telegram`, `check`, `webhook`, `quiet`, `try`, `off`.
pub(super) async fn change(
    State(faces): State<Faces>,
    Posted { visitor, fields }: Posted,
) -> Answer {
    match changed(&faces, &visitor, &fields).await {
        Ok(Changed::Said(words)) => {
            faces.say_all(&visitor, vec![Flash::new(words)]);
            to("/account#notices")
        }
        Ok(Changed::New(new)) => shown(&faces, &visitor, StatusCode::OK, None, *new),
        Ok(Changed::Failed(trouble)) => {
            let lang = visitor.lang;
            let what = lang.look("notice-trouble", &trouble.code);
            let told = lang.fill(
                "notices.failed",
                &[("what", &what), ("why", &trouble.reason)],
            );
            // What failed is another's trouble: the form was right.
            shown(
                &faces,
                &visitor,
                StatusCode::OK,
                Some(("notices", told)),
                New::default(),
            )
        }
        Err(error) => {
            let told = faces.site.office.tell(visitor.lang, &error);
            let status = status_of(&error);
            let new = New {
                url: fields.given("url").map(str::to_owned),
                ..New::default()
            };
            shown(&faces, &visitor, status, Some(("notices", told)), new)
        }
    }
}

enum Changed {
    /// To be said on the next page.
    Said(&'static str),
    /// To be shown once.
    New(Box<New>),
    /// It did not arrive.
    Failed(Trouble),
}

async fn changed(
    faces: &Faces,
    visitor: &Visitor,
    fields: &Fields,
) -> Result<Changed, OfficeError> {
    let (office, lang) = (&faces.site.office, visitor.lang);
    let (actor, id) = (visitor.actor(), visitor.member());
    let act = fields.text("act");
    let saved = Changed::Said(lang.text("notices.saved"));
    match act {
        "off" => {
            office.set_notices(actor, id, Some(Chosen::Nowhere), None)?;
            return Ok(Changed::Said(lang.text("notices.is-off")));
        }
        "quiet" => {
            let quiet = quiet(fields)?;
            office.set_notices(actor, id, None, Some(quiet))?;
            return Ok(saved);
        }
        "webhook" => {
            let url = Chosen::Webhook(fields.text("url").to_owned());
            let secret = office.set_notices(actor, id, Some(url), None)?;
            return Ok(match secret {
                None => saved,
                secret => Changed::New(Box::new(New {
                    secret,
                    ..New::default()
                })),
            });
        }
        "telegram" | "check" | "try" => {}
        _ => return Ok(saved),
    }
    let Some(messenger) = &faces.site.messenger else {
        return Err(OfficeError::Busy);
    };
    let (tried, done) = match act {
        "telegram" => {
            return Ok(match office.begin_chat(actor, id, messenger).await? {
                Err(trouble) => Changed::Failed(trouble),
                Ok(bot) => Changed::New(Box::new(New {
                    bot: Some(bot),
                    ..New::default()
                })),
            });
        }
        "check" => {
            let found = office.find_chat(actor, id, messenger).await?;
            // Found: that it works is shown by a letter.
            match found {
                Tried::Done => {
                    let tried = office.try_notice(actor, id, messenger).await?;
                    (tried, lang.text("notices.found"))
                }
                other => (other, ""),
            }
        }
        _ => {
            let tried = office.try_notice(actor, id, messenger).await?;
            (tried, lang.text("notices.tried"))
        }
    };
    Ok(match tried {
        Tried::Done => Changed::Said(done),
        Tried::NothingYet => Changed::Said(lang.text("notices.nothing-yet")),
        Tried::Failed(trouble) => Changed::Failed(trouble),
    })
}

/// Both empty: never quiet.
fn quiet(fields: &Fields) -> Result<Option<Quiet>, OfficeError> {
    let (from, until) = (fields.given("from"), fields.given("until"));
    if from.is_none() && until.is_none() {
        return Ok(None);
    }
    let text = format!("{}-{}", from.unwrap_or_default(), until.unwrap_or_default());
    let quiet = text.parse().map_err(|_| OfficeError::Invalid {
        field: "quiet",
        what: Invalid::BadQuiet,
    });
    quiet.map(Some)
}
