//! Compose: what, where, when; beside it each channel's post just as it will be.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::{SignedDuration, Timestamp};

use super::Faces;
use super::fields::{Asked, Fields, KEY, Posted};
use super::found::{Canonical, Found};
use super::frame::{Answer, Frame, show, show_as, to};
use super::hand::local;
use super::rule::Typed;
use super::show::{Show, When};
use super::similar::{Alike, alike};
use super::trouble::status_of;
use super::unfinished::{self, Left};
use super::visitor::Visitor;
use super::writing::{Choice, Writing};
use crate::model::{ChannelId, Mode};
use crate::office::OfficeError;
use crate::office::articles::NewArticle;
use crate::office::composing::Foreseen;
use crate::office::may::Wish;

/// "Now" is a moment from now: by then it is on the disk.
const NOW_IS_IN: SignedDuration = SignedDuration::from_secs(5);

#[derive(Template)]
#[template(path = "compose.html")]
struct Page {
    f: Frame,
    w: Writing,
    topics: Vec<Choice>,
    channels: Vec<Place>,
    groups: Vec<Choice>,
    when: String,
    at: String,
    again: bool,
    rule: Typed,
    filled: bool,
    /// The field that is to be mended.
    wrong: String,
    error: Option<(String, String)>,
    own_open: bool,
    posts: Vec<Seen>,
    similar: Vec<Alike>,
    posts_error: Option<String>,
    /// What she was writing, perhaps on another device.
    left: Option<Left>,
    /// What its link leads to, where that was asked.
    found: Option<Found>,
    /// What was found of it before.
    canonical: Option<Canonical>,
    /// Taken up where it was, so that sending it twice does it once.
    key: String,
}

/// A channel to be chosen.
struct Place {
    id: String,
    title: String,
    about: String,
    chosen: bool,
    own: String,
}

/// One channel's post.
struct Seen {
    title: String,
    about: String,
    approval: bool,
    parts: Vec<Part>,
    error: Option<String>,
    cut: bool,
    /// What is done to its pictures, and whether it cannot be done.
    fittings: Vec<(String, bool)>,
    repeats: Option<(String, When)>,
}

struct Part {
    text: String,
    link: Option<String>,
    pictures: Vec<crate::model::Picture>,
    length: String,
}

#[derive(Template)]
#[template(path = "posts.html")]
struct Posts {
    lang: crate::lang::Lang,
    posts: Vec<Seen>,
    similar: Vec<Alike>,
    posts_error: Option<String>,
}

/// What the preview shows.
type Previewed = (Vec<Seen>, Vec<Alike>, Option<String>);

pub(super) async fn page(
    State(faces): State<Faces>,
    visitor: Visitor,
    Asked(asked): Asked,
) -> Answer {
    let may = faces.site.office.may(visitor.actor(), Wish::Compose);
    may.map_err(|e| faces.failed(&visitor, e))?;
    if asked.has("continue") {
        let left = unfinished::taken_up(&faces, &visitor);
        if let Some(fields) = left.map_err(|e| faces.failed(&visitor, e))? {
            let (mut writing, _) = Writing::of_form(&faces, &visitor, &fields).await;
            // What nothing named for a week is gone.
            let there = |hash: &str| matches!(faces.site.office.media.get(hash), Ok(Some(_)));
            writing.pictures.retain(|p| there(&p.hash));
            return shown(&faces, &visitor, writing, Form::of(&fields), None, true).await;
        }
    }
    let config = faces.site.office.config();
    let default = config
        .office
        .default_channels
        .iter()
        .map(ToString::to_string);
    let form = Form {
        chosen: default.collect(),
        ..Form::default()
    };
    shown(&faces, &visitor, Writing::default(), form, None, false).await
}

/// What a form says beside the article itself.
#[derive(Default, Clone)]
struct Form {
    chosen: Vec<String>,
    own: BTreeMap<String, String>,
    when: String,
    at: String,
    again: bool,
    rule: Typed,
    key: String,
    /// What its link leads to, where that was asked.
    found: Option<Found>,
    /// What the page behind its link calls its own address, where that was found before.
    canonical: Option<Canonical>,
}

impl Form {
    fn of(fields: &Fields) -> Self {
        Self {
            chosen: fields.all("channel").map(str::to_owned).collect(),
            own: fields
                .under("own-")
                .filter(|(_, text)| !text.trim().is_empty())
                .map(|(id, text)| (id.to_owned(), text.to_owned()))
                .collect(),
            when: fields.text("when").to_owned(),
            at: fields.text("at").to_owned(),
            again: fields.has("again"),
            rule: Typed::of(fields),
            key: fields.key().unwrap_or_default().to_owned(),
            found: None,
            canonical: Canonical::of(fields),
        }
    }

    fn at(&self, faces: &Faces) -> Option<Timestamp> {
        match self.when.as_str() {
            "now" => faces.site.office.clock.now().checked_add(NOW_IS_IN).ok(),
            "at" => local(faces, &self.at),
            _ => None,
        }
    }

    fn article(&self, faces: &Faces, writing: &Writing) -> NewArticle {
        let own = self.own.iter();
        NewArticle {
            title: writing.title.clone(),
            text: writing.text.clone(),
            link: writing.link(),
            canonical: self.canonical.as_ref().map(|c| c.address.clone()),
            pictures: writing.pictures.clone(),
            topic: writing.topic(),
            channels: self.chosen.clone(),
            at: self.at(faces),
            again: self.again,
            own_texts: own
                .filter(|(id, _)| self.goes_to(faces, id))
                .filter_map(|(id, text)| Some((ChannelId::new(id).ok()?, text.clone())))
                .collect(),
            ..NewArticle::default()
        }
    }

    /// A text for a channel that is not ticked stays in the form and goes nowhere.
    fn goes_to(&self, faces: &Faces, id: &str) -> bool {
        let config = faces.site.office.config();
        let in_group = |name: &String| {
            let members = config.groups.get(name);
            members.is_some_and(|m| m.iter().any(|c| c.as_str() == id))
        };
        self.chosen.iter().any(|name| name == id || in_group(name))
    }
}

async fn shown(
    faces: &Faces,
    visitor: &Visitor,
    w: Writing,
    form: Form,
    error: Option<OfficeError>,
    preview: bool,
) -> Answer {
    let lang = visitor.lang;
    let status = error.as_ref().map_or(StatusCode::OK, status_of);
    let error = error.map(|e| {
        let field = match &e {
            OfficeError::Invalid { field, .. } => (*field).to_owned(),
            OfficeError::Refused(crate::office::Refusal::Repeat { .. }) => "again".to_owned(),
            _ => String::new(),
        };
        (field, faces.site.office.tell(lang, &e))
    });
    let (posts, similar, posts_error) = if preview {
        posts(faces, visitor, form.article(faces, &w)).await?
    } else {
        (Vec::new(), Vec::new(), None)
    };
    let config = faces.site.office.config();
    let f = Frame::of(faces, visitor, "compose", lang.text("nav.compose"))?;
    let places = config.channels.iter().map(|c| Place {
        id: c.rules.id.to_string(),
        title: c.rules.title.clone(),
        about: match c.rules.mode {
            Mode::Post => lang.platform(c.rules.platform).to_owned(),
            mode => format!("{} · {}", lang.platform(c.rules.platform), lang.mode(mode)),
        },
        chosen: form.chosen.iter().any(|n| n == c.rules.id.as_str()),
        own: form
            .own
            .get(c.rules.id.as_str())
            .cloned()
            .unwrap_or_default(),
    });
    let groups = config.groups.iter().map(|(id, members)| Choice {
        id: id.clone(),
        title: {
            let titles = members.iter().map(|c| {
                let channel = config.channel(c);
                channel.map_or(c.as_str(), |c| c.rules.title.as_str())
            });
            titles.collect::<Vec<_>>().join(", ")
        },
        chosen: form.chosen.contains(id),
    });
    // A page that is filled already offers nothing else.
    let left = match error.is_some() || preview {
        true => None,
        false => Left::of(faces, visitor).map_err(|e| faces.failed(visitor, e))?,
    };
    let page = Page {
        left,
        topics: w.topics(faces),
        channels: places.collect(),
        groups: groups.collect(),
        when: form.when,
        at: form.at,
        again: form.again,
        rule: form.rule,
        found: form.found,
        canonical: form.canonical,
        filled: error.is_some() || preview,
        wrong: error.as_ref().map_or(String::new(), |e| e.0.clone()),
        own_open: !form.own.is_empty(),
        error,
        posts,
        similar,
        posts_error,
        key: if form.key.is_empty() || preview {
            f.key()
        } else {
            form.key
        },
        w,
        f,
    };
    show_as(status, &page, lang)
}

pub(super) async fn send(State(faces): State<Faces>, Posted { visitor, fields }: Posted) -> Answer {
    let (mut writing, kept) = Writing::of_form(&faces, &visitor, &fields).await;
    let mut form = Form::of(&fields);
    if let Err(error) = kept {
        form.key.clear();
        return shown(&faces, &visitor, writing, form, Some(error), false).await;
    }
    if fields.text("act") == "look" {
        let found = Found::at(&faces, &visitor, &writing.link).await?;
        found.fill(&mut writing);
        form.found = Some(found);
        return shown(&faces, &visitor, writing, form, None, true).await;
    }
    if fields.text("act") == "preview" {
        return shown(&faces, &visitor, writing, form, None, true).await;
    }
    let draft = fields.text("act") == "draft";
    let evergreen = match form.rule.rule() {
        Ok(rule) => Some(rule).filter(|_| !form.rule.is_empty()),
        Err(error) => {
            form.key.clear();
            return shown(&faces, &visitor, writing, form, Some(error), false).await;
        }
    };
    let new = NewArticle {
        draft,
        evergreen,
        ..form.article(&faces, &writing)
    };
    // "Now" moves on; with a key the same content must be the same.
    let key = (form.when != "now").then_some(()).and(fields.key());
    let office = &faces.site.office;
    match office.add(visitor.actor(), key, new).await {
        Ok(done) => {
            let lang = visitor.lang;
            let sent = Some(fields.text(KEY)).filter(|key| !key.is_empty());
            if let Err(error) = office.forget_unfinished(visitor.actor(), sent) {
                // It went out all the same; what was kept of it is seen again at worst.
                tracing::warn!(%error, "what was being written is still kept");
            }
            let what = if draft {
                lang.text("compose.kept")
            } else {
                lang.text("compose.queued")
            };
            faces.say(&visitor, what, &done);
            match done.article {
                Some(id) => to(&format!("/articles/{id}")),
                None => to("/"),
            }
        }
        Err(error) => {
            form.key.clear();
            shown(&faces, &visitor, writing, form, Some(error), false).await
        }
    }
}

/// What would be posted, as a part of the page, while somebody types.
pub(super) async fn preview(
    State(faces): State<Faces>,
    Posted { visitor, fields }: Posted,
) -> Answer {
    let writing = Writing::typed(&fields);
    let new = Form::of(&fields).article(&faces, &writing);
    let (posts, similar, posts_error) = posts(&faces, &visitor, new).await?;
    let lang = visitor.lang;
    let part = Posts {
        lang,
        posts,
        similar,
        posts_error,
    };
    show(&part, lang)
}

async fn posts(
    faces: &Faces,
    visitor: &Visitor,
    new: NewArticle,
) -> Result<Previewed, super::trouble::Trouble> {
    let nothing = new.title.trim().is_empty()
        && new.text.trim().is_empty()
        && new.link.is_none()
        && new.pictures.is_empty();
    if nothing {
        return Ok((Vec::new(), Vec::new(), None));
    }
    faces
        .beside(visitor, move |faces, visitor| {
            let show = Show::new(faces, visitor)?;
            match faces.site.office.foresee(visitor.actor(), None, &new) {
                Ok(all) => {
                    let posts = all.channels.into_iter();
                    let posts = posts.map(|one| seen(faces, &show, one)).collect();
                    Ok((posts, alike(faces, show.lang, &all.similar), None))
                }
                Err(error @ OfficeError::NotAllowed { .. }) => Err(error),
                Err(error) => {
                    let told = faces.site.office.tell(show.lang, &error);
                    Ok((Vec::new(), Vec::new(), Some(told)))
                }
            }
        })
        .await
}

fn seen(faces: &Faces, show: &Show<'_>, one: Foreseen) -> Seen {
    let lang = show.lang;
    let whole = |n: usize| lang.number(u64::try_from(n).unwrap_or(u64::MAX));
    let (parts, error) = match one.post {
        Ok(post) => (post.parts, None),
        Err(error) => (Vec::new(), Some(faces.site.office.tell(lang, &error))),
    };
    let most = whole(one.most);
    Seen {
        title: one.title,
        about: lang.platform(one.platform).to_owned(),
        approval: one.approval,
        parts: parts
            .into_iter()
            .zip(one.lengths)
            .map(|(part, length)| Part {
                link: part.link.filter(|l| !part.text.contains(l.as_str())),
                length: lang.fill(
                    "compose.length",
                    &[("length", &whole(length)), ("most", &most)],
                ),
                text: part.text,
                pictures: part.pictures,
            })
            .collect(),
        error,
        cut: one.cut,
        fittings: one
            .fittings
            .iter()
            .map(|f| (faces.site.office.tell_fitting(lang, f), f.what.is_err()))
            .collect(),
        repeats: one
            .repeats
            .map(|(share, at)| (share.to_string(), show.when(at))),
    }
}
