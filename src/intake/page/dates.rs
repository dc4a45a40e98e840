//! When a page says that it was published: machines' dates, and people's as Vietnamese pages write them.

use std::str::FromStr as _;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone};
use serde::{Serialize, Serializer};

use crate::cron::MONTHS;

/// Earlier or later is a system's placeholder (`0001-01-01`) or a slip.
const YEARS: std::ops::RangeInclusive<i16> = 1990..=2100;

/// When something was published, as exactly as it is told. As text: an instant, or `2019-08-28`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Published {
    /// At this instant.
    At(Timestamp),
    /// On this day; no time was given.
    On(Date),
}

impl std::fmt::Display for Published {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::At(at) => at.fmt(f),
            Self::On(day) => day.fmt(f),
        }
    }
}

impl Serialize for Published {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What a date says; one without a zone is the office's.
pub(super) fn read(text: &str, zone: &TimeZone) -> Option<Published> {
    let text = text.trim();
    let found = by_machine(text, zone).or_else(|| by_people(text, zone))?;
    let year = match found {
        Published::At(at) => zone.to_datetime(at).year(),
        Published::On(day) => day.year(),
    };
    YEARS.contains(&year).then_some(found)
}

fn by_machine(text: &str, zone: &TimeZone) -> Option<Published> {
    // SharePoint: /Date(1566990000000)/
    let digits = text
        .strip_prefix("/Date(")
        .and_then(|t| t.strip_suffix(")/"))
        .unwrap_or(text);
    if digits.len() >= 9 && digits.bytes().all(|b| b.is_ascii_digit()) {
        let number: i64 = digits.parse().ok()?;
        let at = match digits.len() {
            9..=10 => Timestamp::from_second(number),
            13 => Timestamp::from_millisecond(number),
            // 20190828143000
            14 => {
                let at = jiff::fmt::strtime::parse("%Y%m%d%H%M%S", digits).ok()?;
                return local(at.to_datetime().ok()?, zone);
            }
            _ => return None,
        };
        return at.ok().map(Published::At);
    }
    if let Ok(at) = Timestamp::from_str(text) {
        return Some(Published::At(at));
    }
    if let Ok(at) = jiff::fmt::rfc2822::parse(text) {
        return Some(Published::At(at.timestamp()));
    }
    // Midnight with no zone is a day whose time nobody gave.
    if let Ok(at) = DateTime::from_str(text) {
        let is_day = !text.contains(':') && at.time() == Time::midnight();
        return if is_day {
            Some(Published::On(at.date()))
        } else {
            local(at, zone)
        };
    }
    Date::from_str(text).ok().map(Published::On)
}

fn local(at: DateTime, zone: &TimeZone) -> Option<Published> {
    let at = zone.to_ambiguous_zoned_datetime(at).compatible().ok()?;
    Some(Published::At(at.timestamp()))
}

/// "Thứ Tư, 28/8/2019 | 14:30 GMT+7", "ngày 28 tháng 8 năm 2019", "14h30, 28-8-2019", "Aug 28, 2019".
fn by_people(text: &str, zone: &TimeZone) -> Option<Published> {
    let words = words(text);
    let (day, taken) = (0..words.len()).find_map(|at| day_at(&words, at))?;
    let rest: Vec<&Word> = words
        .iter()
        .enumerate()
        .filter(|(at, _)| !taken.contains(at))
        .map(|(_, word)| word)
        .collect();
    let Some(time) = (0..rest.len()).find_map(|at| time_at(&rest, at)) else {
        return Some(Published::On(day));
    };
    match offset(text) {
        Some(offset) => local(day.to_datetime(time), &TimeZone::fixed(offset)),
        None => local(day.to_datetime(time), zone),
    }
}

/// A run of digits, of letters, or one sign; spaces are left out.
#[derive(Debug, PartialEq)]
enum Word {
    Number { value: u32, digits: usize },
    Letters(String),
    Sign(char),
}

fn words(text: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if let Some(digit) = c.to_digit(10) {
            let (mut value, mut digits) = (digit, 1);
            while let Some(digit) = chars.peek().and_then(|c| c.to_digit(10)) {
                value = value.saturating_mul(10).saturating_add(digit);
                digits += 1;
                chars.next();
            }
            words.push(Word::Number { value, digits });
        } else if c.is_alphabetic() {
            let mut letters: String = c.to_lowercase().collect();
            while let Some(c) = chars.next_if(|c| c.is_alphabetic()) {
                letters.extend(c.to_lowercase());
            }
            words.push(Word::Letters(letters));
        } else if !c.is_whitespace() {
            words.push(Word::Sign(c));
        }
    }
    words
}

fn number(word: Option<&Word>) -> Option<(u32, usize)> {
    match word? {
        Word::Number { value, digits } => Some((*value, *digits)),
        _ => None,
    }
}

fn letters(word: Option<&Word>) -> Option<&str> {
    match word? {
        Word::Letters(letters) => Some(letters),
        _ => None,
    }
}

fn date(year: u32, month: u32, day: u32) -> Option<Date> {
    Date::new(
        i16::try_from(year).ok()?,
        i8::try_from(month).ok()?,
        i8::try_from(day).ok()?,
    )
    .ok()
}

/// A day that begins at this word, and the words that it takes. In Vietnam the day stands first.
fn day_at(words: &[Word], at: usize) -> Option<(Date, std::ops::Range<usize>)> {
    let sign = |at: usize| match words.get(at) {
        Some(Word::Sign(c @ ('/' | '-' | '.'))) => Some(*c),
        _ => None,
    };
    let five = at..at + 5;
    if let (Some((a, digits)), Some(first), Some((b, _)), Some(second), Some((c, last))) = (
        number(words.get(at)),
        sign(at + 1),
        number(words.get(at + 2)),
        sign(at + 3),
        number(words.get(at + 4)),
    ) && first == second
    {
        let found = match (digits, last) {
            (4, _) => date(a, b, c),
            (_, 4) => date(c, b, a),
            _ => None,
        };
        return found.map(|day| (day, five));
    }
    // 28 tháng 8 năm 2019, 28 August 2019
    if let Some((day, 1..=2)) = number(words.get(at)) {
        if letters(words.get(at + 1)) == Some("tháng") {
            let (month, _) = number(words.get(at + 2))?;
            let comma = usize::from(words.get(at + 3) == Some(&Word::Sign(',')));
            let named = usize::from(letters(words.get(at + 3 + comma)) == Some("năm"));
            let (year, _) = number(words.get(at + 3 + comma + named))?;
            return date(year, month, day).map(|d| (d, at..at + 4 + comma + named));
        }
        let month = month(letters(words.get(at + 1))?)?;
        let comma = usize::from(words.get(at + 2) == Some(&Word::Sign(',')));
        let (year, 4) = number(words.get(at + 2 + comma))? else {
            return None;
        };
        return date(year, month, day).map(|d| (d, at..at + 3 + comma));
    }
    // August 28, 2019; Tháng Tám 28, 2019
    let (month, next) = match letters(words.get(at))? {
        "tháng" => match words.get(at + 1)? {
            Word::Number { value, .. } => (*value, at + 2),
            Word::Letters(name) => {
                let second = letters(words.get(at + 2)).unwrap_or_default();
                (
                    vietnamese_month(name, second)?,
                    at + if name == "mười" && !second.is_empty() {
                        3
                    } else {
                        2
                    },
                )
            }
            Word::Sign(_) => return None,
        },
        name => (month(name)?, at + 1),
    };
    let (day, 1..=2) = number(words.get(next))? else {
        return None;
    };
    let comma = usize::from(words.get(next + 1) == Some(&Word::Sign(',')));
    let (year, 4) = number(words.get(next + 1 + comma))? else {
        return None;
    };
    date(year, month, day).map(|d| (d, at..next + 2 + comma))
}

/// An English name, whole or shortened to three letters or more.
fn month(name: &str) -> Option<u32> {
    let at = MONTHS.iter().position(|m| m.starts_with(name))?;
    (name.len() >= 3).then(|| u32::try_from(at + 1).ok())?
}

/// WordPress in Vietnamese: "Tháng Tám 28, 2019", "Tháng Mười Một 5, 2021".
fn vietnamese_month(name: &str, second: &str) -> Option<u32> {
    Some(match (name, second) {
        ("mười", "một") => 11,
        ("mười", "hai") => 12,
        ("mười", _) => 10,
        ("một" | "giêng", _) => 1,
        ("hai", _) => 2,
        ("ba", _) => 3,
        ("tư" | "bốn", _) => 4,
        ("năm", _) => 5,
        ("sáu", _) => 6,
        ("bảy", _) => 7,
        ("tám", _) => 8,
        ("chín", _) => 9,
        _ => return None,
    })
}

/// A time that begins at this word: 14:30, 14:30:05, 14h30, 14 giờ 30, 2:30 PM, 2:30 CH.
fn time_at(words: &[&Word], at: usize) -> Option<Time> {
    let get = |at: usize| words.get(at).copied();
    let (hour, 1..=2) = number(get(at))? else {
        return None;
    };
    let is_clock = match get(at + 1)? {
        Word::Sign(':') => true,
        Word::Letters(word) if matches!(word.as_str(), "h" | "giờ" | "g") => false,
        _ => return None,
    };
    let (minute, mut next) = match number(get(at + 2)) {
        Some((minute, 1..=2)) => (minute, at + 3),
        _ if is_clock => return None,
        _ => (0, at + 2),
    };
    let mut second = 0;
    if is_clock
        && get(next) == Some(&Word::Sign(':'))
        && let Some((s, 1..=2)) = number(get(next + 1))
    {
        (second, next) = (s, next + 2);
    }
    let half = match letters(get(next)) {
        Some("pm" | "ch") if hour < 12 => 12,
        Some("am" | "sa") if hour == 12 => return small_time(0, minute, second),
        _ => 0,
    };
    small_time(hour + half, minute, second)
}

fn small_time(hour: u32, minute: u32, second: u32) -> Option<Time> {
    let small = |n: u32| i8::try_from(n).ok();
    Time::new(small(hour)?, small(minute)?, small(second.min(59))?, 0).ok()
}

/// "GMT+7", "(UTC+07:00)".
fn offset(text: &str) -> Option<Offset> {
    let text = text.to_ascii_uppercase();
    let (_, rest) = text.split_once("GMT").or_else(|| text.split_once("UTC"))?;
    let sign = match rest.trim_start().chars().next()? {
        '+' => 1,
        '-' => -1,
        _ => return None,
    };
    let digits: String = rest.trim_start()[1..]
        .chars()
        .take_while(char::is_ascii_digit)
        .take(2)
        .collect();
    let hours: i8 = digits.parse().ok()?;
    Offset::from_hours(sign * hours).ok()
}
