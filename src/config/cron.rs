//! What is wrong with a cron expression, as this room's problems.

use std::path::PathBuf;

use super::problem::{Code, Problem as Told, Weight};
use super::values::Complaint;
use crate::cron::{Cron, CronError, Field, MAX_LEN, Problem};
use crate::lang::Lang;

/// An expression that stands in no file yet.
///
/// # Errors
/// What is wrong with it and what to write, in this language.
pub fn read_cron(text: &str, lang: Lang) -> Result<Cron, String> {
    text.parse().map_err(|error| {
        let Complaint(code, values) = complaint(text, error);
        let problem = Told {
            file: PathBuf::new(),
            line: 0,
            weight: Weight::Error,
            code,
            values,
        };
        problem.text(lang)
    })
}

/// What keeps `written` from being used.
pub(super) fn complaint(written: &str, error: CronError) -> Complaint {
    match error {
        CronError::Empty => Complaint(Code::CronEmpty, Vec::new()),
        CronError::TooLong { length } => {
            let most = ("most", MAX_LEN.to_string());
            Complaint(Code::CronTooLong, vec![("found", length.to_string()), most])
        }
        CronError::FieldCount { found } => {
            Complaint(Code::CronCount, vec![("found", found.to_string())])
        }
        CronError::ShortForm { text, .. } => Complaint(Code::CronWord, vec![("text", text)]),
        CronError::Field {
            field,
            text,
            problem,
            ..
        } => {
            let field = ("field", word(field).to_owned());
            Complaint(code(problem), vec![("text", text), field])
        }
        CronError::Never { .. } => Complaint(Code::CronNever, vec![("cron", written.to_owned())]),
        CronError::Unsupported => Complaint(Code::CronBug, Vec::new()),
    }
}

fn code(problem: Problem) -> Code {
    match problem {
        Problem::Empty => Code::CronPartEmpty,
        Problem::Unreadable => Code::CronUnreadable,
        Problem::OutOfRange => Code::CronOutside,
        Problem::Backwards => Code::CronBackwards,
        Problem::StepZero => Code::CronStepZero,
        Problem::StepTooLong => Code::CronStepLong,
        Problem::StepWithoutRange => Code::CronStepAlone,
        Problem::Unsupported => Code::CronUnsupported,
    }
}

/// The name under which the catalogues describe a field (`cron-field.NAME`).
fn word(field: Field) -> &'static str {
    match field {
        Field::Second => "second",
        Field::Minute => "minute",
        Field::Hour => "hour",
        Field::DayOfMonth => "day-of-month",
        Field::Month => "month",
        Field::Weekday => "weekday",
        Field::Year => "year",
    }
}
