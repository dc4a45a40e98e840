//! When an entry was published, in every way it is written.
//!
//! RFC 822 and its kin (RSS), RFC 3339 and W3C's shorter forms (Atom, RDF, sitemaps), and what portals
//! write for people: `25/11/2026 08:00`, `8:00 SA`, `Thứ Tư, 25/11/2026 - 08:00 (GMT+7)`.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};

use crate::cron::MONTHS;

/// Before the web there was no feed; a date before that is a default somebody forgot (1/1/0001, 1970).
const FIRST_YEAR: i16 = 1995;

/// RFC 822's zones, and those of neighbours, in hours.
const ZONES: [(&str, i8); 14] = [
    ("ut", 0),
    ("utc", 0),
    ("gmt", 0),
    ("z", 0),
    ("est", -5),
    ("edt", -4),
    ("cst", -6),
    ("cdt", -5),
    ("mst", -7),
    ("mdt", -6),
    ("pst", -8),
    ("pdt", -7),
    ("ict", 7),
    ("jst", 9),
];

/// An instant, or nothing where the text says none. `zone`: of times that name none.
pub(super) fn read(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    let text = text.trim();
    let (date, rest) = iso_date(text).or_else(|| day_month_year(text))?;
    if date.year() < FIRST_YEAR {
        return None;
    }
    let (time, rest) = time(rest);
    let local = DateTime::from_parts(date, time);
    match offset(rest) {
        Some(offset) => {
            let at = Offset::UTC.to_timestamp(local).ok()?;
            Some(at - offset)
        }
        None => zone.to_timestamp(local).ok(),
    }
}

/// `2026-11-25`, `2026/11/25`, `20261125`, `2026-11`, `2026`; and what follows.
fn iso_date(text: &str) -> Option<(Date, &str)> {
    let (year, rest) = number(text, 4)?;
    let (parts, rest) = match rest.chars().next() {
        None => ([1, 1], rest),
        Some('-' | '/' | '.') => {
            let (month, rest) = number_up_to(&rest[1..], 2)?;
            match rest.strip_prefix(['-', '/', '.']) {
                Some(after) => {
                    let (day, rest) = number_up_to(after, 2)?;
                    ([month, day], rest)
                }
                None => ([month, 1], rest),
            }
        }
        Some(c) if c.is_ascii_digit() => {
            let (month, rest) = number(rest, 2)?;
            let (day, rest) = number(rest, 2)?;
            ([month, day], rest)
        }
        Some(_) => return None,
    };
    Some((date(year, parts[0], parts[1])?, rest))
}

/// `Wed, 25 Nov 2026`, `25-Nov-26`, `November 25, 2026`, `25/11/2026`, whatever stands before.
fn day_month_year(text: &str) -> Option<(Date, &str)> {
    let mut rest = text;
    let mut month_first = None;
    loop {
        rest = rest.trim_start_matches(|c: char| !c.is_alphanumeric());
        let first = rest.chars().next()?;
        if first.is_ascii_digit() {
            // A time before the date: `08:00 25/11/2026`.
            let (n, after) = number_up_to(rest, 2)?;
            if after.starts_with([':', 'h', 'g']) {
                let tail = &after[after.find(' ')?..];
                let (found, behind) = day_month_year(tail)?;
                let date = tail.find(|c: char| c.is_ascii_digit())?;
                let before = &rest[..rest.len() - tail.len() + date];
                return Some((found, pick_time(before, behind)));
            }
            if let Some(month) = month_first {
                let after = after.trim_start_matches(['t', 'h', 's', 'n', 'd', 'r']);
                let after = after.trim_start_matches([',', ' ', '-', '.']);
                // C's asctime puts the time before the year.
                if let Some((time, last)) = after.rsplit_once(' ')
                    && after.get(2..3) == Some(":")
                {
                    return Some((date(year(last)?.0, month, n)?, time));
                }
                let (year, rest) = year(after)?;
                return Some((date(year, month, n)?, rest));
            }
            return day_first(n, after);
        }
        let word: &str = rest.split(|c: char| !c.is_alphabetic()).next()?;
        month_first = month(word).or(month_first);
        rest = &rest[word.len()..];
    }
}

/// The day is read; month and year follow.
fn day_first(day: i64, rest: &str) -> Option<(Date, &str)> {
    let rest = rest.trim_start_matches(|c: char| !c.is_alphanumeric());
    let (month, rest) = if rest.starts_with(|c: char| c.is_ascii_digit()) {
        number_up_to(rest, 2)?
    } else {
        let mut rest = rest;
        let mut found = None;
        while found.is_none() {
            let word = rest.split(|c: char| !c.is_alphabetic()).next()?;
            // `25 tháng 11 năm 2026`
            if word.is_empty() {
                let (n, after) = number_up_to(rest, 2)?;
                rest = after;
                found = Some(n);
                break;
            }
            found = month(word);
            rest = rest[word.len()..].trim_start_matches(|c: char| !c.is_alphanumeric());
            if found.is_none() && !matches!(word.to_lowercase().as_str(), "tháng" | "of") {
                return None;
            }
        }
        (found?, rest)
    };
    let rest = rest.trim_start_matches(|c: char| !c.is_alphanumeric());
    let rest = rest.strip_prefix("năm").unwrap_or(rest).trim_start();
    let (year, rest) = year(rest)?;
    // Some write month first in figures; where only that can be meant, it is.
    if month > 12 && day <= 12 {
        return Some((date(year, day, month)?, rest));
    }
    Some((date(year, month, day)?, rest))
}

/// An English name by its first three letters: what else stands in it is another language's or a slip.
fn month(word: &str) -> Option<i64> {
    let word = word.to_ascii_lowercase();
    let found = MONTHS.iter().position(|m| word.starts_with(&m[..3]))?;
    i64::try_from(found + 1).ok()
}

/// Four digits, or two as RFC 822 had them.
fn year(text: &str) -> Option<(i64, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let year = text.get(..digits)?.parse::<i64>().ok()?;
    let year = match digits {
        4 => year,
        2 if year < 70 => 2000 + year,
        2 => 1900 + year,
        _ => return None,
    };
    Some((year, &text[digits..]))
}

fn date(year: i64, month: i64, day: i64) -> Option<Date> {
    let month = i8::try_from(month).ok()?;
    Date::new(i16::try_from(year).ok()?, month, i8::try_from(day).ok()?).ok()
}

/// `T08:00:00.123`, ` 08:00`, ` - 8h30`, `08:00:00 PM`, `8:00 CH`; midnight where there is none. What
/// follows comes back.
fn time(text: &str) -> (Time, &str) {
    let none = (Time::midnight(), text);
    let Some(start) = text.find(|c: char| c.is_ascii_digit()) else {
        return none;
    };
    // A sign before the figure makes it a zone.
    if text[..start].ends_with('+') {
        return none;
    }
    let Some((hour, rest)) = number_up_to(&text[start..], 2) else {
        return none;
    };
    let (minute, second, rest) = match rest.strip_prefix([':', 'h', 'g', '.']) {
        Some(after) => match number(after, 2) {
            Some((minute, rest)) => {
                match rest.strip_prefix([':', '.']).and_then(|r| number(r, 2)) {
                    Some((second, rest)) => (minute, second.min(59), rest),
                    None => (minute, 0, rest),
                }
            }
            None => (0, 0, after),
        },
        // `T080000`
        None => match number(rest, 2) {
            Some((minute, rest)) => match number(rest, 2) {
                Some((second, rest)) => (minute, second.min(59), rest),
                None => (minute, 0, rest),
            },
            None => return none,
        },
    };
    let rest = match rest.strip_prefix(['.', ',']) {
        Some(fraction) => fraction.trim_start_matches(|c: char| c.is_ascii_digit()),
        None => rest,
    };
    let half = rest.trim_start().to_lowercase();
    let half = half
        .split(|c: char| !c.is_alphabetic())
        .next()
        .unwrap_or("");
    let hour = match half {
        "pm" | "ch" | "chiều" | "tối" if hour < 12 => hour + 12,
        "am" | "sa" | "sáng" if hour == 12 => 0,
        _ => hour,
    };
    let rest = match half {
        "pm" | "ch" | "am" | "sa" => &rest.trim_start()[2..],
        _ => rest,
    };
    let small = |n: i64| i8::try_from(n).unwrap_or(0);
    match Time::new(small(hour % 24), small(minute), small(second), 0) {
        Ok(time) => (time, rest),
        Err(_) => none,
    }
}

/// A time that stood before its date, with what came behind the date.
fn pick_time<'a>(before: &'a str, behind: &'a str) -> &'a str {
    if behind.contains(|c: char| c.is_ascii_digit()) {
        behind
    } else {
        before
    }
}

/// `Z`, `+07:00`, `+0700`, `+7`, `GMT`, `GMT+7`, `(GMT+07)`, `EST`; nothing where none is said.
fn offset(text: &str) -> Option<SignedDuration> {
    let text = text.trim_matches(|c: char| c.is_whitespace() || "()[],".contains(c));
    if let Some(at) = text.find(['+', '-', '−']) {
        let negative = !text[at..].starts_with('+');
        let digits = text[at..].trim_start_matches(|c: char| !c.is_ascii_digit());
        let (hours, rest) = number_up_to(digits, 2)?;
        let rest = rest.strip_prefix(':').unwrap_or(rest);
        let minutes = number(rest, 2).map_or(0, |(m, _)| m);
        let seconds = hours * 3600 + minutes * 60;
        // No place on Earth lies further from Greenwich.
        if seconds > 14 * 3600 {
            return None;
        }
        let sign = if negative { -1 } else { 1 };
        return Some(SignedDuration::from_secs(sign * seconds));
    }
    let word = text.split(|c: char| !c.is_ascii_alphabetic()).next()?;
    let word = word.to_ascii_lowercase();
    let known = ZONES.iter().find(|(name, _)| *name == word);
    known.map(|(_, hours)| SignedDuration::from_hours(i64::from(*hours)))
}

/// Exactly so many digits.
fn number(text: &str, digits: usize) -> Option<(i64, &str)> {
    let (head, rest) = (text.get(..digits)?, text.get(digits..)?);
    let plain = head.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| Some((head.parse().ok()?, rest)))?
}

/// One digit or more, up to so many.
fn number_up_to(text: &str, most: usize) -> Option<(i64, &str)> {
    let digits = text
        .bytes()
        .take(most)
        .take_while(u8::is_ascii_digit)
        .count();
    number(text, digits.max(1))
}
