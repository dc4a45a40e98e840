//! Why a form is shown once more: what is to be mended at which field, what somebody else wrote meanwhile,
//! what a person has to write into a file herself.

use serde_json::Value;

use super::super::Faces;
use super::super::visitor::Visitor;
use super::form::{self, Form};
use crate::config::Problem;
use crate::config::edit::{Entry, Kind};
use crate::config::problem::Code;
use crate::lang::Lang;
use crate::office::OfficeError;

/// Why the form is shown once more.
#[derive(Default)]
pub(super) struct Again {
    /// The field it is about, and what to do.
    pub(super) errors: Vec<(String, String)>,
    /// Files that a person has to write, with all that shall stand in them.
    pub(super) paste: Vec<(String, String)>,
    /// What stands there meanwhile: label, value.
    pub(super) theirs: Vec<(String, String)>,
}

/// Each thing that is to be mended, with the field it is about.
pub(super) fn wrong(
    faces: &Faces,
    visitor: &Visitor,
    kind: Kind,
    error: Option<&OfficeError>,
) -> Vec<(Option<String>, String)> {
    let lang = visitor.lang;
    match error {
        None => Vec::new(),
        Some(OfficeError::Misconfigured(problems)) => problems
            .iter()
            .map(|(key, p)| match key {
                Some(key) => (Some(key.clone()), beside(lang, kind, key, p)),
                None => (None, p.line_of_text(lang)),
            })
            .collect(),
        Some(error) => {
            let field = match error {
                OfficeError::Invalid { field, .. } => Some((*field).to_owned()),
                _ => None,
            };
            vec![(field, faces.site.office.tell(lang, error))]
        }
    }
}

/// A problem beside its field: the key by the name that the form gives it.
fn beside(lang: Lang, kind: Kind, key: &str, problem: &Problem) -> String {
    if problem.code == Code::WantCount {
        return lang.text("settings.want-count").to_owned();
    }
    let label = form::label(lang, kind, key);
    let text = problem.text(lang);
    if label.is_empty() {
        return text;
    }
    let named = [format!("«{key}»"), format!("“{key}”"), format!("\"{key}\"")];
    named.iter().fold(text, |text, name| {
        text.replace(name.as_str(), &format!("«{label}»"))
    })
}

pub(super) fn again(
    error: Option<&OfficeError>,
    wrong: Vec<(Option<String>, String)>,
    form: &Form,
    there: &Entry,
    typed: Option<&Entry>,
) -> Again {
    let fields = || form.open.iter().chain(&form.more);
    let label = |key: &str| {
        let found = fields().find(|f| f.key == key);
        found.map_or_else(|| key.to_owned(), |f| f.label.clone())
    };
    let paste = match error {
        Some(OfficeError::ReadOnly { files, .. }) => files
            .iter()
            .map(|(file, text)| (file.display().to_string(), text.clone()))
            .collect(),
        _ => Vec::new(),
    };
    let theirs = match (error, typed) {
        (Some(OfficeError::Stale), Some(typed)) => typed
            .keys()
            .map(|key| {
                let value = match there.get(key) {
                    None => "–".to_owned(),
                    Some(Value::String(text)) => text.clone(),
                    Some(Value::Array(all)) => {
                        let all = all.iter().filter_map(Value::as_str);
                        all.collect::<Vec<_>>().join(", ")
                    }
                    Some(other) => other.to_string(),
                };
                (label(key), value)
            })
            .collect(),
        _ => Vec::new(),
    };
    let named = |(key, text): (Option<String>, String)| match key {
        Some(key) if key != "id" && key != "times" && key != "cron" => {
            let label = label(&key);
            let text = if text.contains(&label) {
                text
            } else {
                format!("{label}: {text}")
            };
            (key, text)
        }
        key => (key.unwrap_or_default(), text),
    };
    Again {
        errors: wrong.into_iter().map(named).collect(),
        paste,
        theirs,
    }
}
