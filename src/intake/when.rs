//! Days and times as people write them into lists: `28/8/2019`, `28-08-2019 7:30`, `7h30 28.8.2019`,
//! `Thứ Tư, ngày 28 tháng 8 năm 2019`, `2019-08-28T07:30`, an instant with its zone, or the bare number
//! that a spreadsheet keeps for a day. The day stands before the month, always: what cannot be read so is
//! told, never guessed.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};

use super::fold::folded;
use super::sheet::{Epoch, serial_to_civil};

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// A day without a time.
    Day(Date),
    /// Both.
    DayTime(DateTime),
    /// A time without a day.
    Time(Time),
    /// Both, with the zone's distance.
    Instant(Timestamp),
}

/// Why it is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoWhen {
    /// It cannot be read.
    Unreadable,
    /// There is no such day or time.
    Impossible,
}

/// Bare numbers that may be days: 2000 to 2100, by either epoch.
const SERIALS: std::ops::RangeInclusive<f64> = 35_000.0..=73_051.0;
/// Longest text that is looked at: a weekday, a date and a time in full words are a third of it.
const MOST_BYTES: usize = 120;

/// Reads what a person wrote.
///
/// # Errors
/// [`NoWhen`].
pub fn when(text: &str, epoch: Epoch) -> Result<When, NoWhen> {
    let text = text.trim();
    if text.len() > MOST_BYTES {
        return Err(NoWhen::Unreadable);
    }
    if let Ok(at) = text.parse() {
        return Ok(When::Instant(at));
    }
    if let Ok(serial) = text.replace(',', ".").parse::<f64>() {
        let at = Some(serial).filter(|s| SERIALS.contains(s));
        let at = at.and_then(|s| serial_to_civil(s, epoch));
        return match at.ok_or(NoWhen::Unreadable)? {
            at if at.time() == Time::midnight() => Ok(When::Day(at.date())),
            at => Ok(When::DayTime(at)),
        };
    }
    let plain = folded(text).replace([',', '(', ')'], " ");
    let (date, rest) = match in_words(&plain) {
        Some((date, rest)) => (Some(date?), rest),
        None => (None, plain),
    };
    together(date, &rest)
}

/// What the words left say, beside a date that was already read.
fn together(mut date: Option<Date>, text: &str) -> Result<When, NoWhen> {
    let (mut time, mut half) = (None, None);
    let mut words = text.split_whitespace().peekable();
    while let Some(word) = words.next() {
        match word {
            "ngay" | "luc" | "vao" | "hoi" | "at" | "thu" => {
                // "thứ Tư", "thứ 4"
                if word == "thu" {
                    words.next();
                }
                continue;
            }
            "sa" | "am" | "sang" => {
                half = Some(Half::Before);
                continue;
            }
            "ch" | "pm" | "chieu" | "toi" | "trua" => {
                half = Some(Half::After);
                continue;
            }
            "chu" if words.peek() == Some(&"nhat") => {
                words.next();
                continue;
            }
            _ if is_weekday(word) => continue,
            _ => {}
        }
        // `7 giờ 30 phút`
        if words.next_if_eq(&"gio").is_some() {
            let minutes = words.next_if(|word| word.bytes().all(|b| b.is_ascii_digit()));
            words.next_if_eq(&"phut");
            let found = clock(word, minutes.unwrap_or("0"), "0").ok_or(NoWhen::Unreadable)?;
            if time.replace(found?).is_some() {
                return Err(NoWhen::Unreadable);
            }
            continue;
        }
        // `2019-08-28T07:30` is one word.
        let (first, second) = match word.split_once('t') {
            Some((day, at)) if day.starts_with(|c: char| c.is_ascii_digit()) => (day, Some(at)),
            _ => (word, None),
        };
        for one in [Some(first), second].into_iter().flatten() {
            if let Some(found) = day_of(one) {
                if date.replace(found?).is_some() {
                    return Err(NoWhen::Unreadable);
                }
            } else if let Some(found) = time_of(one) {
                if time.replace(found?).is_some() {
                    return Err(NoWhen::Unreadable);
                }
            } else {
                return Err(NoWhen::Unreadable);
            }
        }
    }
    let time = match (time, half) {
        (Some(time), Some(half)) => Some(half.of(time)?),
        (None, Some(_)) => return Err(NoWhen::Unreadable),
        (time, None) => time,
    };
    match (date, time) {
        (Some(date), Some(time)) => Ok(When::DayTime(date.to_datetime(time))),
        (Some(date), None) => Ok(When::Day(date)),
        (None, Some(time)) => Ok(When::Time(time)),
        (None, None) => Err(NoWhen::Unreadable),
    }
}

/// Which half of the day a time of twelve hours lies in.
#[derive(Clone, Copy)]
enum Half {
    Before,
    After,
}

impl Half {
    fn of(self, time: Time) -> Result<Time, NoWhen> {
        let hour = match (self, time.hour()) {
            (Half::Before, 12) => 0,
            (Half::After, hour @ 1..=11) => hour + 12,
            // "19 giờ tối" says it twice.
            (_, hour) => hour,
        };
        Time::new(hour, time.minute(), time.second(), 0).map_err(|_| NoWhen::Impossible)
    }
}

fn is_weekday(word: &str) -> bool {
    const ENGLISH: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let short = matches!(word, "cn" | "t2" | "t3" | "t4" | "t5" | "t6" | "t7");
    short || word.ends_with("day") || ENGLISH.contains(&word)
}

/// `28 thang 8 nam 2019` out of a text, and what is left of it.
fn in_words(text: &str) -> Option<(Result<Date, NoWhen>, String)> {
    let (before, rest) = text.split_once(" thang ")?;
    let (month, rest) = rest.split_once(" nam ")?;
    let (head, day) = match before.trim_end().rsplit_once(' ') {
        Some((head, day)) => (head, day),
        None => ("", before.trim_end()),
    };
    let rest = rest.trim_start();
    let (year, tail) = rest.split_once(' ').unwrap_or((rest, ""));
    let date = date(year, month.trim(), day)?;
    Some((date, format!("{head} {tail}")))
}

/// The day that a word is; none if it looks like something else.
fn day_of(word: &str) -> Option<Result<Date, NoWhen>> {
    let between = ['/', '-', '.'].into_iter().find(|c| word.contains(*c))?;
    let mut parts = word.split(between);
    let (a, b, c) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    // Only the year has four digits: where it stands first, the month follows it.
    if a.len() == 4 {
        date(a, b, c)
    } else {
        date(c, b, a)
    }
}

fn date(year: &str, month: &str, day: &str) -> Option<Result<Date, NoWhen>> {
    let digits = |text: &str, most: usize| {
        let fits = (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        fits.then(|| text.parse::<i16>().ok())?
    };
    let (y, m, d) = (digits(year, 4)?, digits(month, 2)?, digits(day, 2)?);
    let y = match year.len() {
        // Of this century, as everything that was ever shared.
        2 => 2000 + y,
        4 => y,
        _ => return None,
    };
    let small = |n: i16| i8::try_from(n).unwrap_or(0);
    Some(Date::new(y, small(m), small(d)).map_err(|_| NoWhen::Impossible))
}

/// The time that a word is: `7h30`, `7g30`, `7h`, `7:30`, `7:30:15`, `7h30p`; none if it is another one.
fn time_of(word: &str) -> Option<Result<Time, NoWhen>> {
    let marked = word.trim_end_matches(['z', '.']).replace(['h', 'g'], ":");
    let (hour, rest) = marked.trim_end_matches(['\'', 'p']).split_once(':')?;
    let mut parts = rest.splitn(2, ':');
    let minute = parts.next().filter(|t| !t.is_empty()).unwrap_or("0");
    let second = parts.next().unwrap_or("0");
    let second = second.split_once('.').map_or(second, |(whole, _)| whole);
    clock(hour, minute, second)
}

fn clock(hour: &str, minute: &str, second: &str) -> Option<Result<Time, NoWhen>> {
    let number = |text: &str| {
        let fits = (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        fits.then(|| text.parse::<i8>().ok())?
    };
    let (h, m, s) = (number(hour)?, number(minute)?, number(second)?);
    Some(Time::new(h, m, s, 0).map_err(|_| NoWhen::Impossible))
}

/// A whole number as people write it: `3`, `20.673`, `20,673`, `3,0`; none for what is none.
pub fn whole(text: &str) -> Option<u64> {
    let text = text.trim();
    // What is behind the last mark is a fraction unless it has three digits, as every group has.
    let (body, fraction) = match text.rfind(['.', ',']) {
        Some(at) if text.len() - at != 4 => (&text[..at], &text[at + 1..]),
        _ => (text, ""),
    };
    if !fraction.bytes().all(|b| b == b'0') {
        return None;
    }
    let mut groups = body.split(['.', ',', ' ', '\u{a0}']);
    let first = groups.next()?;
    let mut digits = first.to_owned();
    for group in groups {
        if group.len() != 3 || first.is_empty() || first.len() > 3 {
            return None;
        }
        digits.push_str(group);
    }
    let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| digits.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        match when(text, Epoch::Of1900) {
            Ok(When::Day(day)) => day.to_string(),
            Ok(When::DayTime(at)) => at.to_string(),
            Ok(When::Time(time)) => time.to_string(),
            Ok(When::Instant(at)) => at.to_string(),
            Err(why) => format!("{why:?}"),
        }
    }

    #[test]
    fn days_are_read_as_people_write_them() {
        for text in [
            "28/8/2019",
            "28-08-2019",
            "28.8.2019",
            "28/8/19",
            " 2019-08-28 ",
            "2019/8/28",
            "Thứ Tư, 28/8/2019",
            "thứ 4 28/8/2019",
            "T4, 28/08/2019",
            "ngày 28/8/2019",
            "Ngày 28 tháng 8 năm 2019",
            "Thứ tư, ngày 28 tháng 08 năm 2019",
            "Wednesday 28/8/2019",
            "43705",
            "43.705,0",
        ] {
            // The last is a number in groups, and no serial.
            let expected = if text == "43.705,0" {
                "Unreadable"
            } else {
                "2019-08-28"
            };
            assert_eq!(read(text), expected, "{text}");
        }
        assert_eq!(read("CN 1/9/2019"), "2019-09-01");
        assert_eq!(read("Chủ nhật, 1/9/2019"), "2019-09-01");
    }

    #[test]
    fn times_stand_before_or_behind() {
        for text in [
            "28/8/2019 7:30",
            "7h30 28/8/2019",
            "28/8/2019 07:30:00",
            "28/8/2019, 7 giờ 30",
            "7g30 ngày 28/8/2019",
            "lúc 7h30, thứ Tư ngày 28 tháng 8 năm 2019",
            "2019-08-28T07:30",
            "2019-08-28 07:30:00.000",
            "28/8/2019 7:30 SA",
            "28/8/2019 7:30 AM",
            "43705.3125",
            "43705,3125",
        ] {
            assert_eq!(read(text), "2019-08-28T07:30:00", "{text}");
        }
        assert_eq!(read("7h tối 28/8/2019"), "2019-08-28T19:00:00");
        assert_eq!(read("19h30 28/8/2019"), "2019-08-28T19:30:00");
        assert_eq!(read("2:15 CH"), "14:15:00");
        assert_eq!(read("7 giờ"), "07:00:00");
        assert_eq!(read("2019-08-28T07:30:00+07:00"), "2019-08-28T00:30:00Z");
    }

    #[test]
    fn the_day_stands_first_and_nothing_is_guessed() {
        assert_eq!(read("1/2/2019"), "2019-02-01");
        for text in [
            "31/2/2019",
            "8/28/2019",
            "0/1/2019",
            "28/8/2019 25:00",
            "29/2/2021",
        ] {
            assert_eq!(read(text), "Impossible", "{text}");
        }
        for text in [
            "",
            "28/8",
            "tháng 8",
            "hôm qua",
            "2019",
            "28/8/2019 28/9/2019",
            "7h 8h 28/8/2019",
            "28/8/019",
            "1/2/3/4",
            "-5",
            "1e9",
            "28/8/2019 sáng",
        ] {
            assert_eq!(read(text), "Unreadable", "{text}");
        }
    }

    #[test]
    fn old_macs_count_from_another_day() {
        assert_eq!(
            when("42243", Epoch::Of1904),
            Ok(When::Day(jiff::civil::date(2019, 8, 28)))
        );
    }

    #[test]
    fn numbers_are_read_in_both_ways_of_writing() {
        for (text, is) in [
            ("3", Some(3)),
            ("20.673", Some(20_673)),
            ("20,673", Some(20_673)),
            ("1.234.567", Some(1_234_567)),
            ("3,0", Some(3)),
            ("1.234,00", Some(1_234)),
            ("1,5", None),
            ("1.2345", None),
            (".500", None),
            ("", None),
            ("ba", None),
            ("-3", None),
        ] {
            assert_eq!(whole(text), is, "{text}");
        }
    }
}
