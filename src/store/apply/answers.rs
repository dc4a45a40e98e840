//! Answers to requests: kept for 30 days under their Idempotency-Keys, then let go (RULES 7).
//!
//! Which are let go follows from the commits alone, so that a replay keeps the same ones: each new
//! answer lets two old ones go, and each tick some more. No commit has more to do than that.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::rows::{self, AnsweredRow, Fail, Key, Row, Rows};
use super::{Answered, edit_office};
use crate::model::By;

/// An answer is given again for so long; after that the key may be used anew (RULES 7).
pub const ANSWERS_KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Answers let go with each new one: two, so that they become fewer where they were many.
const WITH_EACH: u32 = 2;
/// Answers let go with each tick, once an hour: what an office asks for in some days, and work of
/// some milliseconds.
pub(super) const AT_A_TICK: u32 = 500;

/// Keeps an answer.
pub(super) fn keep(rows: &mut impl Rows, by: &By, key: &str, answer: Answered) -> Result<(), Fail> {
    let at = answer.at;
    let key: Arc<str> = key.into();
    let_go(rows, at, WITH_EACH)?;
    let mut number = 0;
    edit_office(rows, |office| {
        number = office.answered;
        office.answered += 1;
    })?;
    let row = AnsweredRow {
        by: by.clone(),
        key: key.clone(),
        at,
    };
    rows.put(Key::Answered(number), Some(Row::Answered(row.into())));
    let key = Key::Request(by.clone(), key);
    rows.put(key, Some(Row::Request(answer.into())));
    Ok(())
}

/// Lets go of the oldest answers that nobody gets any more, `most` at once.
pub(super) fn let_go(rows: &mut impl Rows, now: Timestamp, most: u32) -> Result<(), Fail> {
    let office = rows::office(rows)?.unwrap_or_default();
    let mut oldest = office.let_go;
    for _ in 0..most {
        let Some(row) = rows::answered(rows, oldest)? else {
            break;
        };
        if now.duration_since(row.at) < ANSWERS_KEPT {
            break;
        }
        // Under the same key there may be a later answer by now.
        if rows::request(rows, &row.by, &row.key)?.is_some_and(|first| first.at == row.at) {
            rows.put(Key::Request(row.by.clone(), row.key.clone()), None);
        }
        rows.put(Key::Answered(oldest), None);
        oldest += 1;
    }
    if oldest == office.let_go {
        return Ok(());
    }
    edit_office(rows, |office| office.let_go = oldest)
}
