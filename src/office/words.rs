//! What the office says, in people's words: errors and notes by their codes, instants in the office's
//! zone as people say them.

use jiff::Timestamp;

use super::pictures::Fitting;
use super::similar::Similar;
use super::{Invalid, Note, Office, OfficeError};
use crate::lang::{self, InWords, Lang};
use crate::model::State;
use crate::platform::Finding;

impl Office {
    /// Why something was not done: what happened, and what to do.
    pub fn tell(&self, lang: Lang, error: &OfficeError) -> String {
        let mut fields = error.fields();
        // What other rooms say has words of its own.
        let inner = match error {
            OfficeError::Invalid { what, .. } => match what {
                Invalid::Unpostable { why, .. } => Some(why.in_words(lang)),
                Invalid::NotTheirs(why) => Some(why.in_words(lang)),
                Invalid::NotFetched(why) | Invalid::NotRead(why) => Some(why.in_words(lang)),
                Invalid::PictureUnfit { why, .. } => Some(why.in_words(lang)),
                _ => None,
            },
            OfficeError::Misconfigured(problems) => {
                let lines = problems.iter().map(|(_, p)| p.line_of_text(lang));
                Some(lines.collect::<Vec<_>>().join(" "))
            }
            _ => None,
        };
        if inner.is_some() {
            fields.retain(|(name, _)| *name != "why");
        }
        let said = fields
            .iter()
            .map(|(name, value)| (*name, self.spoken(lang, name, value)));
        // In the reader's words already.
        let said = said.chain(inner.map(|inner| ("why", inner))).collect();
        filled(lang.word("error", error.code()), said)
    }

    /// Where an article that says nearly the same went, and when.
    pub fn tell_similar(&self, lang: Lang, similar: &Similar) -> String {
        let config = self.config();
        let channel = config.channel(&similar.channel);
        let channel = channel.map_or(similar.channel.as_str(), |c| c.rules.title.as_str());
        let mut values: Vec<(&str, &dyn std::fmt::Display)> =
            vec![("channel", &channel), ("percent", &similar.percent)];
        let said = similar.at.map(|at| self.moment(lang, at));
        match &said {
            Some(at) => {
                values.push(("at", at));
                lang.fill("similar.out", &values)
            }
            None => lang.fill("similar.to-go", &values),
        }
    }

    /// What a person should know beside.
    pub fn tell_note(&self, lang: Lang, note: &Note) -> String {
        let fields = note.fields.iter().map(|(n, v)| (n.as_str(), v.as_str()));
        self.tell_code(lang, lang.look("note", &note.code), fields)
    }

    /// What asking a platform found.
    pub fn tell_finding(&self, lang: Lang, finding: &Finding) -> String {
        let fields = finding.values.iter().map(|(n, v)| (*n, v.as_str()));
        self.tell_code(lang, lang.look("finding", finding.code), fields)
    }

    /// What is done to a picture before it goes out; nothing where it stays as it is.
    pub fn tell_fitting(&self, lang: Lang, fitting: &Fitting) -> String {
        let what = match &fitting.what {
            Err(why) => why.in_words(lang),
            Ok(redrawn) => redrawn.in_words(lang),
        };
        lang.fill(
            "fitting.picture",
            &[("number", &fitting.number), ("what", &what)],
        )
    }

    pub(super) fn tell_code<'a>(
        &self,
        lang: Lang,
        pattern: &str,
        fields: impl Iterator<Item = (&'a str, &'a str)>,
    ) -> String {
        let spoken = fields.map(|(name, value)| (name, self.spoken(lang, name, value)));
        filled(pattern, spoken.collect())
    }

    /// A field's value as people say it.
    fn spoken(&self, lang: Lang, name: &str, value: &str) -> String {
        let state = |word: &str| {
            let found = State::ALL.into_iter().find(|s| s.as_str() == word);
            found.map_or(word.to_owned(), |s| lang.state(s, None).to_owned())
        };
        match name {
            "at" => match value.parse() {
                Ok(at) => self.moment(lang, at),
                Err(_) => value.to_owned(),
            },
            "day" => match value.parse() {
                Ok(day) => lang.date(day),
                Err(_) => value.to_owned(),
            },
            "state" => state(value),
            "needs" => value.split(", ").map(state).collect::<Vec<_>>().join(", "),
            "who_may" => lang.look("who-may", value).to_owned(),
            "named_by" => self.named_by(lang, value),
            "nearest" if value.is_empty() => String::new(),
            "nearest" => lang.fill("nearest.is", &[("id", &value)]),
            "why" | "reason" => lang.foreign(value),
            "by" if value.is_empty() => lang.text("by.operator").to_owned(),
            _ => value.to_owned(),
        }
    }

    /// `channel fanpage, schedule sang`, with the words and titles that people know.
    fn named_by(&self, lang: Lang, list: &str) -> String {
        let config = self.config();
        let one = |part: &str| {
            let (kind, id) = part.split_once(' ').unwrap_or((part, ""));
            let channel = config.channels.iter().find(|c| c.rules.id.as_str() == id);
            let name = match (kind, channel) {
                ("channel", Some(channel)) => channel.rules.title.as_str(),
                _ => id,
            };
            let words = lang.look("part", kind);
            format!("{words} {name}").trim_end().to_owned()
        };
        list.split(", ").map(one).collect::<Vec<_>>().join(", ")
    }

    /// An instant as people say it now, in the office's zone.
    pub fn moment(&self, lang: Lang, at: Timestamp) -> String {
        let zone = self.config().office.zone.clone();
        let now = self.clock.now().to_zoned_datetime(zone.clone());
        lang.moment(&at.to_zoned_datetime(zone), &now)
    }
}

fn filled(pattern: &str, spoken: Vec<(&str, String)>) -> String {
    let values: Vec<(&str, &dyn std::fmt::Display)> = spoken
        .iter()
        .map(|(name, value)| (*name, value as &dyn std::fmt::Display))
        .collect();
    lang::filled(pattern, &values).trim_end().to_owned()
}
