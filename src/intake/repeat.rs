//! How an article comes round again, in one cell: `30 ngày, đến 31/12/2027, 5 lần`.

use jiff::civil::Date;

use super::fold::folded;
use super::sheet::Epoch;
use super::when::{When, when};
use crate::lang::Lang;
use crate::model::{Evergreen, Every};

/// The rule that is written there, in Vietnamese or English; none where something of it cannot be read.
pub fn repeat(text: &str) -> Option<Evergreen> {
    let mut parts = text.split([',', ';']).map(folded);
    let mut rule = Evergreen {
        every: every(&parts.next()?)?,
        until: None,
        at_most: None,
    };
    for part in parts {
        let (word, rest) = part.split_once(' ').unwrap_or((&part, ""));
        match (word, rest) {
            ("den" | "until", day) if rule.until.is_none() => rule.until = Some(self::day(day)?),
            (times, "lan" | "times") if rule.at_most.is_none() => {
                rule.at_most = Some(times.parse().ok()?);
            }
            _ => return None,
        }
    }
    Some(rule)
}

/// `30 ngày`, `4 tuần`, `30d`, `4w`, or days alone.
fn every(text: &str) -> Option<Every> {
    let text = text.strip_prefix("every ").unwrap_or(text);
    let (number, unit) = text.split_once(' ').unwrap_or((text, ""));
    let unit = match unit {
        "" => "",
        "ngay" | "day" | "days" => "d",
        "tuan" | "week" | "weeks" => "w",
        _ => return None,
    };
    format!("{number}{unit}").parse().ok()
}

fn day(text: &str) -> Option<Date> {
    match when(text, Epoch::Of1900).ok()? {
        When::Day(day) => Some(day),
        _ => None,
    }
}

/// The same, written.
pub fn in_words(rule: &Evergreen, lang: Lang) -> String {
    let days = u64::from(rule.every.in_days());
    // Plain digits: in a figure of thousands stands what stands between the parts.
    let mut parts = vec![lang.count("repeat.every", days, &[("days", &days)])];
    if let Some(until) = rule.until {
        let day = format!("{}/{}/{}", until.day(), until.month(), until.year());
        parts.push(lang.fill("repeat.until", &[("day", &day)]));
    }
    if let Some(times) = rule.at_most {
        parts.push(lang.fill("repeat.at-most", &[("times", &times)]));
    }
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for every in [1, 30, 1_000, Every::MOST_DAYS] {
            for until in [None, Some(jiff::civil::date(2027, 12, 1))] {
                for at_most in [None, Some(2), Some(1_000)] {
                    let rule = Evergreen {
                        every: Every::days(every).unwrap(),
                        until,
                        at_most,
                    };
                    for lang in Lang::ALL {
                        let words = in_words(&rule, lang);
                        assert_eq!(repeat(&words).as_ref(), Some(&rule), "{words}");
                    }
                }
            }
        }
    }

    #[test]
    fn people_write_it_in_their_ways() {
        let days = |text: &str| repeat(text).map(|rule| rule.every.in_days());
        assert_eq!(days("30"), Some(30));
        assert_eq!(days("4 tuần; 3 lần"), Some(28));
        assert_eq!(days("2w"), Some(14));
        assert_eq!(days("Every 7 days"), Some(7));
        for none in [
            "",
            "hằng ngày",
            "0",
            "30 ngày, 5",
            "30 ngày, đến Tết",
            "5 lần",
        ] {
            assert_eq!(days(none), None, "{none}");
        }
    }
}
