//! What stands around every page: the way elsewhere, who is here, what was done, what holds all up.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};

use super::Faces;
use super::flash::Flash;
use super::trouble::Trouble;
use super::visitor::Visitor;
use crate::chance::Chance;
use crate::lang::Lang;
use crate::office::may::Wish;
use crate::office::{Done, OfficeError};
use crate::web::api::views::says_doubt;

/// A page's answer.
pub(super) type Answer = Result<Response, Trouble>;

/// What stands around a page.
pub(super) struct Frame {
    /// Her language.
    pub(super) lang: Lang,
    /// The page's name.
    pub(super) title: String,
    /// Which of the ways is this one.
    pub(super) here: &'static str,
    /// The office's name.
    pub(super) office: String,
    /// Who is logged in.
    pub(super) name: String,
    /// For forms.
    pub(super) csrf: String,
    /// What was done, and what she should know.
    pub(super) flashes: Vec<Flash>,
    /// What holds everything up.
    pub(super) banners: Vec<Banner>,
    /// Anybody on the same network can read along.
    pub(super) open: bool,
    /// What she may.
    pub(super) can: Can,
    /// Where the assets are.
    pub(super) style: &'static str,
    /// As above.
    pub(super) script: &'static str,
    chance: Chance,
}

/// Something that holds everything up.
pub(super) struct Banner {
    /// What, and why.
    pub(super) text: String,
    /// Where it is mended.
    pub(super) to: &'static str,
}

/// What somebody may, as far as it does not depend on a thing.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Can {
    /// Add articles and shares, do hand tasks.
    pub(super) compose: bool,
    /// Approve and take down.
    pub(super) approve: bool,
    /// Pause and resume.
    pub(super) pause: bool,
    /// Look after the members.
    pub(super) administer: bool,
    /// Bring shares of long ago in.
    pub(super) back_fill: bool,
}

impl Can {
    fn of(faces: &Faces, visitor: &Visitor) -> Self {
        let may = |wish| faces.site.office.may(visitor.actor(), wish).is_ok();
        Self {
            compose: may(Wish::Compose),
            approve: may(Wish::Approve),
            pause: may(Wish::Pause),
            administer: may(Wish::Administer),
            back_fill: may(Wish::BackFill),
        }
    }
}

impl Frame {
    /// Around a page of this name.
    pub(super) fn of(
        faces: &Faces,
        visitor: &Visitor,
        here: &'static str,
        title: impl Into<String>,
    ) -> Result<Self, Trouble> {
        let (office, lang) = (&faces.site.office, visitor.lang);
        let now = office.clock.now();
        let failed = |e: OfficeError| Trouble::office(faces, lang, &e);
        let mut banners = Vec::new();
        let paused = office.store.paused_all().map_err(|e| failed(e.into()))?;
        if let Some(pause) = paused.filter(|p| p.holds(now)) {
            let why = lang.why(&pause.why);
            let text = lang.fill("frame.paused", &[("why", &why)]);
            banners.push(Banner {
                text,
                to: "/channels#all",
            });
        }
        let health = faces.site.health.as_ref();
        if let Some(doubt) = health.and_then(|h| h.pulse().clock_doubt) {
            let text = lang.fill("frame.clock", &[("why", &says_doubt(office, lang, doubt))]);
            banners.push(Banner {
                text,
                to: "/channels#clock",
            });
        }
        if faces.site.refused.borrow().has_errors() {
            let text = lang.text("frame.refused").to_owned();
            banners.push(Banner {
                text,
                to: "/channels#files",
            });
        }
        let members = office.members(visitor.actor()).map_err(failed)?;
        let named = members.into_iter().find(|(m, _)| m.id == *visitor.member());
        let name = named.and_then(|(_, name)| name).filter(|n| !n.is_empty());
        Ok(Self {
            lang,
            title: title.into(),
            here,
            office: office.config().office.name.clone(),
            name: name.unwrap_or_else(|| visitor.member().to_string()),
            csrf: visitor.session.csrf.clone(),
            flashes: faces.flashes.take(&visitor.session.csrf, now),
            banners,
            open: visitor.way.open,
            can: Can::of(faces, visitor),
            style: super::assets::style(),
            script: super::assets::script(),
            chance: office.chance.clone(),
        })
    }

    /// A new key for a form, so that sending it twice does it once.
    pub(super) fn key(&self) -> String {
        use base64::Engine;
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(&self.chance.secret()[..16])
    }
}

/// A page, ready to go.
pub(super) fn show(page: &impl Template, lang: Lang) -> Answer {
    show_as(StatusCode::OK, page, lang)
}

/// A page with another status: a form that is to be mended.
pub(super) fn show_as(status: StatusCode, page: &impl Template, lang: Lang) -> Answer {
    match page.render() {
        Ok(html) => Ok((status, Html(html)).into_response()),
        Err(error) => Err(Trouble::broken(lang, &error.to_string())),
    }
}

impl Faces {
    /// What went wrong, as a page.
    pub(super) fn failed(&self, visitor: &Visitor, error: OfficeError) -> Trouble {
        Trouble::office(self, visitor.lang, &error)
    }

    /// Says on her next page what was done, and what she should know.
    pub(super) fn say(&self, visitor: &Visitor, what: &str, done: &Done) {
        let office = &self.site.office;
        let notes = done.notes.iter().map(|n| office.tell_note(visitor.lang, n));
        let mut lines: Vec<Flash> = notes.map(Flash::new).collect();
        if !what.is_empty() {
            lines.insert(0, Flash::new(what));
        }
        self.say_all(visitor, lines);
    }

    /// Says these lines on her next page.
    pub(super) fn say_all(&self, visitor: &Visitor, lines: Vec<Flash>) {
        let now = self.site.office.clock.now();
        self.flashes.put(&visitor.session.csrf, now, lines);
    }

    /// Runs a read that may take a while where it holds up nobody.
    pub(super) async fn beside<T: Send + 'static>(
        &self,
        visitor: &Visitor,
        read: impl FnOnce(&Faces, &Visitor) -> Result<T, OfficeError> + Send + 'static,
    ) -> Result<T, Trouble> {
        let (faces, who) = (self.clone(), visitor.clone());
        match tokio::task::spawn_blocking(move || read(&faces, &who)).await {
            Ok(result) => result.map_err(|e| self.failed(visitor, e)),
            Err(_) => Err(Trouble::broken(visitor.lang, "a read broke off")),
        }
    }
}

/// After a form: to another page, which a reload does not send again.
pub(super) fn to(address: &str) -> Answer {
    Ok(Redirect::to(address).into_response())
}

/// An address within this site that a form brought, or Today.
pub(super) fn back(given: &str) -> &str {
    let within = given.starts_with('/') && !given.starts_with("//") && !given.contains('\\');
    let plain = given.bytes().all(|b| b.is_ascii_graphic());
    if within && plain { given } else { "/" }
}

/// One way elsewhere.
pub(super) struct Way {
    /// Its address.
    pub(super) to: &'static str,
    /// By which the page knows itself.
    pub(super) here: &'static str,
    /// Its words.
    pub(super) words: &'static str,
    /// A line stands before it.
    pub(super) first_of_its_kind: bool,
}

impl Frame {
    /// Every way there is for her, in order of how often it is gone.
    pub(super) fn ways(&self) -> Vec<Way> {
        let lang = self.lang;
        let way = |to, here, words, may: bool| {
            may.then_some(Way {
                to,
                here,
                words,
                first_of_its_kind: matches!(here, "calendar" | "import" | "channels" | "account"),
            })
        };
        let can = self.can;
        [
            way("/", "today", lang.text("nav.today"), true),
            way("/compose", "compose", lang.text("nav.compose"), can.compose),
            way("/hand", "hand", lang.text("nav.hand"), can.compose),
            way("/queue", "queue", lang.text("nav.queue"), true),
            way("/approvals", "approvals", lang.text("nav.approvals"), true),
            way("/calendar", "calendar", lang.text("nav.calendar"), true),
            way("/shares", "shares", lang.text("nav.shares"), true),
            way("/articles", "articles", lang.text("nav.articles"), true),
            way("/reports", "reports", lang.text("nav.reports"), true),
            way("/import", "import", lang.text("nav.import"), can.compose),
            way(
                "/backfill",
                "backfill",
                lang.text("nav.backfill"),
                can.back_fill,
            ),
            way("/channels", "channels", lang.text("nav.channels"), true),
            way("/schedules", "schedules", lang.text("nav.schedules"), true),
            way("/feeds", "feeds", lang.text("nav.feeds"), true),
            way("/members", "members", lang.text("nav.members"), true),
            way(
                "/settings",
                "settings",
                lang.text("nav.settings"),
                can.administer,
            ),
            way("/account", "account", lang.text("nav.account"), true),
            way("/help", "help", lang.text("nav.help"), true),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}
