//! What may be wrong with a cron expression, and what to write instead.

use super::field::Field;

/// The longest expression that is read, in bytes.
///
/// Every list that means anything fits many times over; the limit keeps error
/// messages, which repeat the part they speak of, short.
pub const MAX_LEN: usize = 1_000;

/// Why an expression was refused.
///
/// Every message names the field, says what is wrong with it and what to write
/// instead. Callers that speak another language than English build their own
/// sentence from the variants.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CronError {
    /// Nothing, or only blanks.
    #[error(
        "the cron expression is empty; write five fields (minute, hour, day of month, month, weekday), for example 30 7 * * 1-5"
    )]
    Empty,
    /// Longer than [`MAX_LEN`].
    #[error("the cron expression is {length} bytes long; write at most {MAX_LEN}")]
    TooLong {
        /// Its length in bytes.
        length: usize,
    },
    /// Not 5, 6 or 7 fields.
    #[error(
        "the cron expression has {found} field{}; write 5 (minute, hour, day of month, month, weekday), 6 (seconds in front) or 7 (the year added at the end)",
        if *.found == 1 { "" } else { "s" }
    )]
    FieldCount {
        /// How many were there.
        found: usize,
    },
    /// A word that begins with `@` and is none of the known ones.
    #[error("{text:?} is not known; {instead}")]
    ShortForm {
        /// The word as written.
        text: String,
        /// What to write instead, a clause of a sentence.
        instead: &'static str,
    },
    /// One part of one field cannot be read.
    #[error("{field} field: {text:?} {problem}; {instead}")]
    Field {
        /// Which field.
        field: Field,
        /// The part of it that is wrong, as written.
        text: String,
        /// What is wrong with it.
        problem: Problem,
        /// What to write instead, a clause of a sentence.
        instead: String,
    },
    /// Every field can be read, but no date fits them all.
    #[error(
        "no date from {} to {} fits {fields}; write a day that the month has, or L in the day of month for its last day",
        super::FIRST_YEAR,
        super::LAST_YEAR
    )]
    Never {
        /// The fields that never meet, as written.
        fields: String,
    },
    /// The evaluator refused what was read. Never seen; a fault of this
    /// program and not of the expression.
    #[error("the cron expression was read but cannot be evaluated; report it as a bug of raotin")]
    Unsupported,
}

/// What is wrong with one part of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// Nothing before, after or between commas, or after a `-` or `/`.
    #[error("has an empty part")]
    Empty,
    /// Neither a number nor a name of this field.
    #[error("cannot be read")]
    Unreadable,
    /// A number that the field does not have.
    #[error("lies outside the field")]
    OutOfRange,
    /// A range that runs from high to low.
    #[error("runs backwards")]
    Backwards,
    /// A step of nought.
    #[error("has a step of 0")]
    StepZero,
    /// A step longer than the field: it would only ever take the first value.
    #[error("has a step longer than the field")]
    StepTooLong,
    /// A step after a single number, which Unix and Quartz read differently.
    #[error("has a step but no range")]
    StepWithoutRange,
    /// `?`, `W`, `#` or an `L` other than the last day of the month.
    #[error("is not supported")]
    Unsupported,
}
