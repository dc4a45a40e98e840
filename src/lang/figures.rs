//! Numbers, dates and lengths of time as people write them: 20.673 and 28/8/2019, or 20,673 and
//! 28 Aug 2019 (FACES). Times are 24 h everywhere.

use jiff::civil::{Date, Time, Weekday};
use jiff::{SignedDuration, ZonedDateTime};

use super::Lang;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

impl Lang {
    /// A whole number, in groups of three.
    pub fn number(self, n: u64) -> String {
        let digits = n.to_string();
        let mut out = String::with_capacity(digits.len() + digits.len() / 3);
        for (i, digit) in digits.chars().enumerate() {
            if i > 0 && (digits.len() - i).is_multiple_of(3) {
                out.push_str(self.text("number.group"));
            }
            out.push(digit);
        }
        out
    }

    /// A day with its year: 28/8/2019, 28 Aug 2019.
    pub fn date(self, day: Date) -> String {
        let month = self.word("month-short", month_name(day.month()));
        self.fill(
            "date.full",
            &[
                ("day", &day.day()),
                ("month", &month),
                ("year", &day.year()),
            ],
        )
    }

    /// A day of about now, by its weekday: “Thứ Hai 23/11”, “Monday 23 Nov”.
    pub fn weekday_and_day(self, day: Date) -> String {
        let month = self.word("month-short", month_name(day.month()));
        self.fill(
            "date.near",
            &[
                ("weekday", &self.weekday(day.weekday())),
                ("day", &day.day()),
                ("month", &month),
            ],
        )
    }

    /// “Thứ Hai”, “Monday”.
    pub fn weekday(self, weekday: Weekday) -> &'static str {
        let name = match weekday {
            Weekday::Monday => "monday",
            Weekday::Tuesday => "tuesday",
            Weekday::Wednesday => "wednesday",
            Weekday::Thursday => "thursday",
            Weekday::Friday => "friday",
            Weekday::Saturday => "saturday",
            Weekday::Sunday => "sunday",
        };
        self.word("weekday", name)
    }

    /// “Tháng 11/2026”, “Nov 2026”.
    pub fn month(self, year: i16, month: i8) -> String {
        let month = self.word("month-short", month_name(month));
        self.fill("date.month", &[("month", &month), ("year", &year)])
    }

    /// “Quý IV/2021”, “Q4 2021”. `quarter` from 1 to 4.
    pub fn quarter(self, year: i16, quarter: i8) -> String {
        let name = match quarter {
            1 => "first",
            2 => "second",
            3 => "third",
            _ => "fourth",
        };
        let quarter = self.word("quarter", name);
        self.fill("date.quarter", &[("quarter", &quarter), ("year", &year)])
    }

    /// 07:30.
    pub fn time(self, time: Time) -> String {
        format!("{:02}:{:02}", time.hour(), time.minute())
    }

    /// An instant as people say it now: “07:30 mai”, “07:30 Thứ Hai 23/11”, “07:30 28/8/2019”. Both
    /// in the zone the reader lives in.
    pub fn moment(self, at: &ZonedDateTime, now: &ZonedDateTime) -> String {
        /// Within half a year a day is known by its weekday and needs no year.
        const NEAR_DAYS: i32 = 180;
        let (day, today) = (at.date(), now.date());
        let days = today.until(day).map_or(i32::MAX, |span| span.get_days());
        let time = self.time(at.time());
        let day = match days {
            0 => self.text("date.today").to_owned(),
            1 => self.text("date.tomorrow").to_owned(),
            -1 => self.text("date.yesterday").to_owned(),
            n if n.abs() <= NEAR_DAYS => self.weekday_and_day(day),
            _ => self.date(day),
        };
        self.fill("date.moment", &[("time", &time), ("day", &day)])
    }

    /// A length of time in words, in its two largest units: “2 giờ 5 phút”, “1 day 3 hours”. Whether
    /// it lies before or after is for the sentence around it.
    pub fn how_long(self, length: SignedDuration) -> String {
        let seconds = length.as_secs().saturating_abs();
        let (large, small) = if seconds >= DAY {
            (
                ("time.days", seconds / DAY),
                ("time.hours", seconds % DAY / HOUR),
            )
        } else if seconds >= HOUR {
            (
                ("time.hours", seconds / HOUR),
                ("time.minutes", seconds % HOUR / MINUTE),
            )
        } else if seconds >= MINUTE {
            (
                ("time.minutes", seconds / MINUTE),
                ("time.seconds", seconds % MINUTE),
            )
        } else {
            (("time.seconds", seconds), ("time.seconds", 0))
        };
        let words = |(unit, n): (&'static str, i64)| self.count(unit, n.unsigned_abs(), &[]);
        match small.1 {
            0 => words(large),
            _ => format!("{} {}", words(large), words(small)),
        }
    }
}

/// As the catalogue names it.
fn month_name(month: i8) -> &'static str {
    match month {
        1 => "jan",
        2 => "feb",
        3 => "mar",
        4 => "apr",
        5 => "may",
        6 => "jun",
        7 => "jul",
        8 => "aug",
        9 => "sep",
        10 => "oct",
        11 => "nov",
        _ => "dec",
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::{date, time};

    use super::*;

    #[test]
    fn figures_are_grouped_as_people_write_them() {
        for (n, vi, en) in [
            (0, "0", "0"),
            (999, "999", "999"),
            (1_000, "1.000", "1,000"),
            (20_673, "20.673", "20,673"),
            (1_234_567, "1.234.567", "1,234,567"),
            (
                u64::MAX,
                "18.446.744.073.709.551.615",
                "18,446,744,073,709,551,615",
            ),
        ] {
            assert_eq!(Lang::Vi.number(n), vi);
            assert_eq!(Lang::En.number(n), en);
        }
    }

    #[test]
    fn days_are_written_as_people_write_them() {
        let day = date(2019, 8, 28);
        assert_eq!(Lang::Vi.date(day), "28/8/2019");
        assert_eq!(Lang::En.date(day), "28 Aug 2019");
        let near = date(2026, 11, 23);
        assert_eq!(Lang::Vi.weekday_and_day(near), "Thứ Hai 23/11");
        assert_eq!(Lang::En.weekday_and_day(near), "Monday 23 Nov");
        assert_eq!(Lang::Vi.quarter(2021, 4), "Quý IV/2021");
        assert_eq!(Lang::En.quarter(2021, 4), "Q4 2021");
        assert_eq!(Lang::Vi.month(2026, 2), "Tháng 2/2026");
        assert_eq!(Lang::En.month(2026, 2), "Feb 2026");
        assert_eq!(Lang::Vi.time(time(7, 30, 59, 0)), "07:30");
    }

    #[test]
    fn an_instant_is_said_as_seen_from_now() {
        let now: ZonedDateTime = "2026-11-23T21:00[Asia/Ho_Chi_Minh]".parse().unwrap();
        let say = |at: &str, lang: Lang| {
            let at: ZonedDateTime = format!("{at}[Asia/Ho_Chi_Minh]").parse().unwrap();
            lang.moment(&at, &now)
        };
        assert_eq!(say("2026-11-24T07:30", Lang::Vi), "07:30 mai");
        assert_eq!(say("2026-11-23T07:30", Lang::Vi), "07:30 hôm nay");
        assert_eq!(say("2026-11-22T23:59", Lang::En), "23:59 yesterday");
        assert_eq!(say("2026-11-30T07:30", Lang::Vi), "07:30 Thứ Hai 30/11");
        assert_eq!(say("2026-11-29T07:30", Lang::En), "07:30 Sunday 29 Nov");
        assert_eq!(say("2019-08-28T07:30", Lang::Vi), "07:30 28/8/2019");
    }

    #[test]
    fn lengths_are_said_in_their_two_largest_units() {
        for (seconds, vi, en) in [
            (0, "0 giây", "0 seconds"),
            (1, "1 giây", "1 second"),
            (60, "1 phút", "1 minute"),
            (125, "2 phút 5 giây", "2 minutes 5 seconds"),
            (7_500, "2 giờ 5 phút", "2 hours 5 minutes"),
            (3_601, "1 giờ", "1 hour"),
            (97_200, "1 ngày 3 giờ", "1 day 3 hours"),
            (-172_800, "2 ngày", "2 days"),
        ] {
            let length = SignedDuration::from_secs(seconds);
            assert_eq!(Lang::Vi.how_long(length), vi);
            assert_eq!(Lang::En.how_long(length), en);
        }
    }
}
