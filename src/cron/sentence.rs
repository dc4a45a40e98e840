//! Common shapes of expressions in words.
//!
//! A sentence is a *when in the day* and a *which days*. Where either has no
//! short wording that is the whole truth there is no sentence: the expression
//! itself and its next instants say more than a wrong one.

use std::collections::BTreeSet;

use super::expr::Expr;
use super::field::Field;
use super::words::Language;

/// More times of day or dates than this make a list that nobody reads.
const LISTED: usize = 4;

/// From this many hours on "every hour from 08:00 to 17:00" beats a list.
const HOURS_IN_A_ROW: usize = 3;

/// Every month has the days up to this one. "The 31st of every month" would
/// promise a day that five months do not have.
const IN_EVERY_MONTH: u16 = 28;

/// Monday to Friday.
const WORKING_DAYS: [u16; 5] = [1, 2, 3, 4, 5];

/// The sentence for `expr`, if there is an honest one.
pub(super) fn sentence(expr: &Expr, tag: &str) -> Option<String> {
    let language = Language::of(tag)?;
    let days = days(expr, language)?;
    Some(match (times(expr, language)?, days) {
        (Times::Listed(times), None) => format!("{times} {}", language.every_day),
        (Times::Listed(times), Some(days)) => format!("{times} {days}"),
        (Times::Repeated(times), None) => times,
        (Times::Repeated(times), Some(days)) => format!("{times}, {days}"),
    })
}

enum Times {
    /// "07:30 and 16:00"
    Listed(String),
    /// "every 15 minutes"
    Repeated(String),
}

fn times(expr: &Expr, language: &Language) -> Option<Times> {
    let (seconds, minutes, hours) = (&expr.seconds, &expr.minutes, &expr.hours);
    let all_hours = *hours == Field::Hour.all();
    let repeated = |text: String| Some(Times::Repeated(text));
    let n = |pattern: &str, n: u16| pattern.replace("{n}", &n.to_string());

    if !only(seconds, 0) {
        if all_hours && *minutes == Field::Minute.all() {
            return match step(Field::Second, seconds)? {
                1 => repeated(language.every_second.to_owned()),
                each => repeated(n(language.every_seconds, each)),
            };
        }
        if seconds.len() > 1 {
            return None;
        }
    }

    // the minutes of an hour, if they are more than a list of times would hold
    let each = step(Field::Minute, minutes).map(|each| match each {
        1 => language.every_minute.to_owned(),
        each => n(language.every_minutes, each),
    });
    if only(seconds, 0) && all_hours {
        if let Some(each) = each {
            return repeated(each);
        }
        if only(minutes, 0) {
            return repeated(language.on_the_hour.to_owned());
        }
        if minutes.len() <= LISTED {
            let list: Vec<String> = minutes.iter().map(u16::to_string).collect();
            return repeated(language.in_the_hour.replace("{n}", &language.list(&list)));
        }
        return None;
    }

    let clock = |hour: &u16, minute: &u16| match seconds.first() {
        Some(second) if *second > 0 => format!("{hour:02}:{minute:02}:{second:02}"),
        _ => format!("{hour:02}:{minute:02}"),
    };
    let (first_hour, last_hour) = (hours.first()?, hours.last()?);
    let (first_minute, last_minute) = (minutes.first()?, minutes.last()?);
    let in_a_row = usize::from(last_hour - first_hour) + 1 == hours.len();
    let what = match each {
        Some(each) if only(seconds, 0) => Some(each),
        _ if minutes.len() == 1 && hours.len() >= HOURS_IN_A_ROW => {
            Some(language.every_hour.to_owned())
        }
        _ => None,
    };
    if in_a_row && let Some(what) = what {
        let window = language
            .from_to
            .replace("{a}", &clock(first_hour, first_minute))
            .replace("{b}", &clock(last_hour, last_minute));
        return repeated(what + &window);
    }
    if minutes.len() * hours.len() <= LISTED {
        let pairs = hours
            .iter()
            .flat_map(|h| minutes.iter().map(move |m| (h, m)));
        let list: Vec<String> = pairs.map(|(h, m)| clock(h, m)).collect();
        return Some(Times::Listed(language.list(&list)));
    }
    if minutes.len() == 1
        && let Some(each) = step(Field::Hour, hours)
    {
        let from = language
            .from
            .replace("{a}", &clock(first_hour, first_minute));
        return repeated(n(language.every_hours, each) + &from);
    }
    None
}

/// `Some(None)` is every day, None what has no short wording.
#[allow(clippy::option_option)]
fn days(expr: &Expr, language: &Language) -> Option<Option<String>> {
    let any_date = expr.days == Field::DayOfMonth.all();
    let any_weekday = expr.weekdays == Field::Weekday.all();
    let any_month = expr.months == Field::Month.all();
    if expr.years != Field::Year.all() {
        let (Some(year), true) = (single(&expr.years), any_weekday && expr.both_days) else {
            return None;
        };
        return Some(Some(
            one_date(expr, language.once, language)?.replace("{year}", &year.to_string()),
        ));
    }
    // either of two is enough, and one of them is always there
    let all = if expr.both_days {
        any_date && any_weekday
    } else {
        any_date || any_weekday
    };
    if all {
        return any_month.then_some(None);
    }
    if any_date {
        return any_month.then(|| Some(weekly(&expr.weekdays, language)));
    }
    if any_weekday && expr.both_days {
        return dates(expr, language).map(Some);
    }
    if expr.both_days || !any_month {
        return None;
    }
    let dates = dates(expr, language)?;
    Some(Some(
        dates + language.or_else + &weekly(&expr.weekdays, language),
    ))
}

fn weekly(weekdays: &BTreeSet<u16>, language: &Language) -> String {
    if weekdays.iter().eq(&WORKING_DAYS) {
        return language.working_days.to_owned();
    }
    // Sunday ends the week
    let order = weekdays.iter().filter(|d| **d > 0).chain(weekdays.get(&0));
    let names: Vec<&str> = order
        .filter_map(|d| language.weekdays.get(usize::from(*d)).copied())
        .collect();
    let days = match names.as_slice() {
        [first, .., last] if names.len() >= IN_A_ROW && follow(weekdays) => {
            let through = language.through.replace("{a}", first);
            through.replace("{b}", last)
        }
        names => language.list(names),
    };
    language.weekly.replace("{days}", &days)
}

/// So many days that follow one another are told by the first and the last.
const IN_A_ROW: usize = 4;

/// Whether each day follows the one before, in a week that Sunday ends.
fn follow(weekdays: &BTreeSet<u16>) -> bool {
    let mut days: Vec<u16> = weekdays.iter().map(|d| (d + 6) % 7).collect();
    days.sort_unstable();
    days.windows(2)
        .all(|two| two.first().map(|d| d + 1) == two.last().copied())
}

fn dates(expr: &Expr, language: &Language) -> Option<String> {
    if let Some(date) = one_date(expr, language.yearly, language) {
        return Some(date);
    }
    if expr.days.last().is_some_and(|day| *day > IN_EVERY_MONTH) || expr.days.len() > LISTED {
        return None;
    }
    let mut list: Vec<String> = expr.days.iter().map(u16::to_string).collect();
    let many = list.len() + usize::from(expr.last_day) > 1;
    if expr.last_day {
        list.push(language.last.to_owned());
    }
    let only_last = expr.last_day && !many;
    if expr.months == Field::Month.all() {
        let pattern = match (only_last, many) {
            (true, _) => language.monthly_last,
            (_, true) => language.monthly_many,
            _ => language.monthly,
        };
        return Some(pattern.replace("{days}", &language.list(&list)));
    }
    if expr.months.len() > LISTED {
        return None;
    }
    let months: Vec<&str> = expr
        .months
        .iter()
        .filter_map(|m| month(language, *m))
        .collect();
    let pattern = match (only_last, many) {
        (true, _) => language.in_months_last,
        (_, true) => language.in_months_many,
        _ => language.in_months,
    };
    Some(
        pattern
            .replace("{days}", &language.list(&list))
            .replace("{months}", &language.list(&months)),
    )
}

/// One day of one month, written as a date.
fn one_date(expr: &Expr, pattern: &str, language: &Language) -> Option<String> {
    let (day, number) = (single(&expr.days)?, single(&expr.months)?);
    // 29 February is no day of every year
    if expr.last_day || (number == 2 && day > IN_EVERY_MONTH && pattern != language.once) {
        return None;
    }
    Some(
        pattern
            .replace("{day}", &day.to_string())
            .replace("{n}", &number.to_string())
            .replace("{month}", month(language, number)?),
    )
}

fn month(language: &Language, number: u16) -> Option<&'static str> {
    let index = usize::from(number).checked_sub(1)?;
    language.months.get(index).copied()
}

fn single(set: &BTreeSet<u16>) -> Option<u16> {
    set.first().copied().filter(|_| set.len() == 1)
}

fn only(set: &BTreeSet<u16>, value: u16) -> bool {
    single(set) == Some(value)
}

/// `n` if the set is 0, n, 2n … all the way round without a shorter last step.
fn step(field: Field, set: &BTreeSet<u16>) -> Option<u16> {
    let size = field.high() + 1;
    let len = u16::try_from(set.len()).ok().filter(|len| *len > 1)?;
    let each = size / len;
    let even = size.is_multiple_of(len) && set.iter().copied().eq((0..len).map(|i| i * each));
    even.then_some(each)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn say(text: &str, tag: &str) -> Option<String> {
        sentence(&Expr::parse(text).unwrap(), tag)
    }

    #[test]
    fn common_shapes() {
        for (text, vi, en) in [
            ("* * * * *", "mỗi phút", "every minute"),
            ("*/15 * * * *", "mỗi 15 phút", "every 15 minutes"),
            ("@hourly", "đầu mỗi giờ", "every hour on the hour"),
            (
                "15,45 * * * *",
                "mỗi giờ vào phút 15 và 45",
                "every hour at minute 15 and 45",
            ),
            ("*/10 * * * * *", "mỗi 10 giây", "every 10 seconds"),
            ("30 7 * * *", "07:30 mỗi ngày", "07:30 every day"),
            ("15 30 7 * * *", "07:30:15 mỗi ngày", "07:30:15 every day"),
            (
                "30 7 * * 1-5",
                "07:30 mỗi ngày làm việc",
                "07:30 every working day",
            ),
            (
                "30 7 * * sun",
                "07:30 Chủ nhật hằng tuần",
                "07:30 every Sunday",
            ),
            (
                "0 19 * * 1-6",
                "19:00 thứ Hai đến thứ Bảy hằng tuần",
                "19:00 every Monday to Saturday",
            ),
            (
                "0 19 * * 0,2-6",
                "19:00 thứ Ba đến Chủ nhật hằng tuần",
                "19:00 every Tuesday to Sunday",
            ),
            (
                "0 19 * * 0-3",
                "19:00 thứ Hai, thứ Ba, thứ Tư và Chủ nhật hằng tuần",
                "19:00 every Monday, Tuesday, Wednesday and Sunday",
            ),
            (
                "30 7,16 * * 0,1,3",
                "07:30 và 16:30 thứ Hai, thứ Tư và Chủ nhật hằng tuần",
                "07:30 and 16:30 every Monday, Wednesday and Sunday",
            ),
            (
                "0 9 1 * *",
                "09:00 ngày 1 hằng tháng",
                "09:00 on day 1 of every month",
            ),
            (
                "0 9 1,15 * *",
                "09:00 ngày 1 và 15 hằng tháng",
                "09:00 on days 1 and 15 of every month",
            ),
            (
                "0 9 L * *",
                "09:00 ngày cuối hằng tháng",
                "09:00 on the last day of every month",
            ),
            (
                "0 9 15,L * *",
                "09:00 ngày 15 và ngày cuối hằng tháng",
                "09:00 on days 15 and the last of every month",
            ),
            (
                "0 9 1 1,7 *",
                "09:00 ngày 1 tháng 1 và 7 hằng năm",
                "09:00 on day 1 of January and July",
            ),
            (
                "0 9 L 6 *",
                "09:00 ngày cuối tháng 6 hằng năm",
                "09:00 on the last day of June",
            ),
            (
                "0 9 2 9 *",
                "09:00 ngày 2/9 hằng năm",
                "09:00 on 2 September every year",
            ),
            (
                "0 0 9 2 9 * 2027",
                "09:00 ngày 2/9/2027",
                "09:00 on 2 September 2027",
            ),
            (
                "*/15 8-17 * * 1-5",
                "mỗi 15 phút từ 08:00 đến 17:45, mỗi ngày làm việc",
                "every 15 minutes from 08:00 to 17:45, every working day",
            ),
            (
                "30 8-17 * * *",
                "mỗi giờ từ 08:30 đến 17:30",
                "every hour from 08:30 to 17:30",
            ),
            (
                "0 */2 * * *",
                "mỗi 2 giờ từ 00:00",
                "every 2 hours from 00:00",
            ),
            (
                "0 9 1 * 1",
                "09:00 ngày 1 hằng tháng, và cả thứ Hai hằng tuần",
                "09:00 on day 1 of every month, and also every Monday",
            ),
            ("0 9 1-31 * 1", "09:00 mỗi ngày", "09:00 every day"),
        ] {
            assert_eq!(say(text, "vi-VN").as_deref(), Some(vi), "{text}");
            assert_eq!(say(text, "en").as_deref(), Some(en), "{text}");
        }
    }

    #[test]
    fn silent_where_short_words_would_be_wrong() {
        for text in [
            "*/7 * * * *",        // the step is shorter at the hour
            "0 9 31 * *",         // not every month has one
            "0 9 29 2 *",         // not every year has one
            "0 9 */2 * *",        // 31st and 1st follow each other
            "0 9 */2 * 1",        // Mondays with an odd date
            "0 9 * 6 1-5",        // in June only
            "0 0 9 * * * 2027",   // in one year only
            "0 0 9 2 9 1 2027",   // and Mondays
            "0 0 9 2 9 0-7 2027", // and every other day of that month
            "*/10 30 2 * * *",    // six times in one minute
            "7-9,40 3,4,9 * * *", // a list nobody reads
        ] {
            assert_eq!(say(text, "vi"), None, "{text}");
        }
        assert_eq!(say("@daily", "fr"), None);
    }
}
