//! Errors of the rooms below, as people read them: what happened, and what to do.

use crate::compose::{self, TemplateError, TemplateFault, Unpostable};
use crate::intake::fetch::FetchError;
use crate::model::share::NoStep;
use crate::picture::{Redrawn, Unfit};
use crate::platform::SendError;
use crate::platform::by_hand::{NotTheirs, Site};
use crate::store::{Refused, StoreError};

use super::Lang;

/// What can be told to people in their language. (`Display` is English, for logs and programs.)
pub trait InWords {
    /// A whole sentence, or what stands for one in a table's cell.
    fn in_words(&self, lang: Lang) -> String;
}

impl InWords for NoStep {
    fn in_words(&self, lang: Lang) -> String {
        match self {
            NoStep::NoEdge { from, event } => lang.fill(
                "step.no-edge",
                &[("state", &lang.state(*from, None)), ("event", event)],
            ),
            NoStep::Stale => lang.text("step.stale").to_owned(),
            NoStep::NotApproved => lang.text("step.not-approved").to_owned(),
            NoStep::TooLateToUndo => lang.fill(
                "step.too-late-to-undo",
                &[("within", &lang.how_long(crate::model::share::UNDO_WITHIN))],
            ),
            NoStep::WrongKey => lang.text("step.wrong-key").to_owned(),
        }
    }
}

impl InWords for Refused {
    fn in_words(&self, lang: Lang) -> String {
        match self {
            Refused::Step { why, .. } => why.in_words(lang),
            Refused::Stale(_) => lang.text("refused.stale").to_owned(),
            Refused::PlaceTaken => lang.text("refused.place-taken").to_owned(),
            Refused::AlreadyFired(schedule) => {
                lang.fill("refused.already-fired", &[("schedule", schedule)])
            }
            Refused::Paused => lang.text("refused.paused").to_owned(),
            Refused::Answered(_) => lang.text("refused.answered").to_owned(),
            Refused::RowKnown(article) => lang.fill("refused.row-known", &[("article", article)]),
            Refused::Nonsense(what) => lang.fill("refused.nonsense", &[("what", what)]),
        }
    }
}

impl InWords for StoreError {
    fn in_words(&self, lang: Lang) -> String {
        match self {
            StoreError::Refused(refused) => refused.in_words(lang),
            StoreError::NoRoom { free_mib } => {
                lang.fill("store.no-room", &[("free", &lang.number(*free_mib))])
            }
            StoreError::NotWritten(why) => {
                lang.fill("store.not-written", &[("why", &lang.foreign(why))])
            }
            StoreError::Stopped(why) => lang.fill("store.stopped", &[("why", &lang.foreign(why))]),
            StoreError::Index(why) => lang.fill("store.index", &[("why", &lang.foreign(why))]),
            StoreError::Ledger(why) => lang.fill("store.ledger", &[("why", &lang.foreign(why))]),
        }
    }
}

/// `until` is left out: whoever knows the reader's zone says it beside (`Lang::moment`).
impl InWords for SendError {
    fn in_words(&self, lang: Lang) -> String {
        match self {
            SendError::NotSent { reason } => lang.fill("send.not-sent", &[("reason", reason)]),
            SendError::Throttled { reason, .. } => {
                lang.fill("send.throttled", &[("reason", reason)])
            }
            SendError::Unauthorized { reason } => {
                lang.fill("send.unauthorized", &[("reason", reason)])
            }
            SendError::Blocked { reason, .. } => lang.fill("send.blocked", &[("reason", reason)]),
            SendError::Refused { reason } => lang.fill("send.refused", &[("reason", reason)]),
            SendError::Unsure { reason, .. } => lang.fill("send.unsure", &[("reason", reason)]),
            SendError::Moved { .. } => lang.text("send.moved").to_owned(),
        }
    }
}

impl InWords for Unpostable {
    fn in_words(&self, lang: Lang) -> String {
        match self {
            Unpostable::Empty => lang.text("unpostable.empty").to_owned(),
            Unpostable::TooManyPictures { given, most } => lang.fill(
                "unpostable.too-many-pictures",
                &[("given", given), ("most", most)],
            ),
            Unpostable::LinkTooLong => lang.text("unpostable.link-too-long").to_owned(),
            Unpostable::TemplateTooLong => lang.text("unpostable.template-too-long").to_owned(),
            Unpostable::Template(error) => error.in_words(lang),
        }
    }
}

impl InWords for Unfit {
    fn in_words(&self, lang: Lang) -> String {
        match self {
            Unfit::TooLong { most } => lang.fill("unfit.too-long", &[("most", most)]),
            Unfit::NoKind { kind } => lang.fill("unfit.no-kind", &[("kind", &kind.name())]),
        }
    }
}

/// What is done to a picture, as the end of a sentence.
impl InWords for Redrawn {
    fn in_words(&self, lang: Lang) -> String {
        let mut done = Vec::new();
        if self.smaller {
            let size = [
                ("width", &self.width as &dyn std::fmt::Display),
                ("height", &self.height),
            ];
            done.push(lang.fill("fitting.smaller", &size));
        }
        if let Some(from) = self.from {
            done.push(lang.fill("fitting.retyped", &[("from", &from.name())]));
        }
        if self.still {
            done.push(lang.text("fitting.still").to_owned());
        }
        if self.flat {
            done.push(lang.text("fitting.flat").to_owned());
        }
        if done.is_empty() {
            done.push(lang.text("fitting.lighter").to_owned());
        }
        done.join(", ")
    }
}

impl InWords for TemplateError {
    fn in_words(&self, lang: Lang) -> String {
        let braced = |name: &str| format!("{{{name}}}");
        let why = match &self.what {
            TemplateFault::Unknown(name) => {
                lang.fill("template.unknown", &[("name", &braced(name))])
            }
            TemplateFault::Brace => lang.text("template.brace").to_owned(),
            TemplateFault::Twice(name) => lang.fill("template.twice", &[("name", &braced(name))]),
            TemplateFault::Glued => lang.text("template.glued").to_owned(),
            TemplateFault::Open(name) => {
                lang.fill("template.open", &[("end", &format_args!("{{/{name}}}"))])
            }
            TemplateFault::Unopened => lang.text("template.unopened").to_owned(),
            TemplateFault::SummaryLength => {
                let (least, most) = (compose::SUMMARY.start(), compose::SUMMARY.end());
                lang.fill("template.summary", &[("least", least), ("most", most)])
            }
            TemplateFault::Nothing => return lang.text("template.nothing").to_owned(),
        };
        let place: [(&str, &dyn std::fmt::Display); 3] = [
            ("line", &self.line),
            ("column", &self.column),
            ("why", &why),
        ];
        lang.fill("template.at", &place)
    }
}

impl InWords for NotTheirs {
    fn in_words(&self, lang: Lang) -> String {
        match self {
            NotTheirs::NotALink => lang.text("not-theirs.no-link").to_owned(),
            NotTheirs::OtherSite { host, site } => {
                lang.fill("not-theirs.other-site", &[("host", host), ("site", site)])
            }
            NotTheirs::NotAPost { site } => lang
                .text(match site {
                    Site::FacebookGroup => "not-theirs.no-group-post",
                    Site::Facebook => "not-theirs.no-facebook-post",
                    Site::Telegram => "not-theirs.no-telegram-post",
                    Site::Zalo => "not-theirs.no-zalo-group",
                })
                .to_owned(),
            NotTheirs::OtherPlace { given, expected } => lang.fill(
                "not-theirs.other-place",
                &[("given", given), ("expected", expected)],
            ),
            NotTheirs::OtherKind { in_group: true } => lang.text("not-theirs.in-group").to_owned(),
            NotTheirs::OtherKind { in_group: false } => {
                lang.text("not-theirs.not-in-group").to_owned()
            }
            NotTheirs::Shortened { host } => lang.fill("not-theirs.shortened", &[("host", host)]),
        }
    }
}

impl InWords for FetchError {
    fn in_words(&self, lang: Lang) -> String {
        match self {
            FetchError::NoAddress => lang.text("fetch.no-address").to_owned(),
            FetchError::Userinfo => lang.text("fetch.userinfo").to_owned(),
            FetchError::Port { port } => lang.fill("fetch.port", &[("port", port)]),
            FetchError::Inside { host } => lang.fill("fetch.inside", &[("host", host)]),
            FetchError::UnknownHost { host, .. } => {
                lang.fill("fetch.unknown-host", &[("host", host)])
            }
            FetchError::Unreachable { host, why } => lang.fill(
                "fetch.unreachable",
                &[("host", host), ("why", &lang.line(why))],
            ),
            FetchError::TooSlow { host, seconds } => {
                lang.fill("fetch.too-slow", &[("host", host), ("seconds", seconds)])
            }
            FetchError::Busy { host } => lang.fill("fetch.busy", &[("host", host)]),
            FetchError::TooManyRedirects { host, most } => lang.fill(
                "fetch.too-many-redirects",
                &[("host", host), ("most", most)],
            ),
            FetchError::BadRedirect { host } => lang.fill("fetch.bad-redirect", &[("host", host)]),
            FetchError::NoClient { why } => lang.fill("fetch.no-client", &[("why", why)]),
            FetchError::Broken { host, why } => {
                lang.fill("fetch.broken", &[("host", host), ("why", &lang.line(why))])
            }
        }
    }
}
