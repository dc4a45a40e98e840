//! The words that sentences about expressions are made of, one table a language.

/// All that is said in one language; `{…}` are filled in.
pub(super) struct Language {
    /// Between the last two of a list.
    pub(super) and: &'static str,
    pub(super) every_second: &'static str,
    pub(super) every_seconds: &'static str,
    pub(super) every_minute: &'static str,
    pub(super) every_minutes: &'static str,
    /// At minute nought of every hour.
    pub(super) on_the_hour: &'static str,
    /// At other minutes.
    pub(super) in_the_hour: &'static str,
    pub(super) every_hour: &'static str,
    pub(super) every_hours: &'static str,
    pub(super) from_to: &'static str,
    pub(super) from: &'static str,
    pub(super) every_day: &'static str,
    pub(super) working_days: &'static str,
    pub(super) weekly: &'static str,
    /// Days that follow one another.
    pub(super) through: &'static str,
    pub(super) monthly: &'static str,
    pub(super) monthly_many: &'static str,
    pub(super) monthly_last: &'static str,
    /// Day 1 of January and July.
    pub(super) in_months: &'static str,
    pub(super) in_months_many: &'static str,
    pub(super) in_months_last: &'static str,
    pub(super) yearly: &'static str,
    pub(super) once: &'static str,
    /// The last day of the month, in a list of dates.
    pub(super) last: &'static str,
    pub(super) or_else: &'static str,
    pub(super) weekdays: [&'static str; 7],
    pub(super) months: [&'static str; 12],
}

const VI: Language = Language {
    and: " và ",
    every_second: "mỗi giây",
    every_seconds: "mỗi {n} giây",
    every_minute: "mỗi phút",
    every_minutes: "mỗi {n} phút",
    on_the_hour: "đầu mỗi giờ",
    in_the_hour: "mỗi giờ vào phút {n}",
    every_hour: "mỗi giờ",
    every_hours: "mỗi {n} giờ",
    from_to: " từ {a} đến {b}",
    from: " từ {a}",
    every_day: "mỗi ngày",
    working_days: "mỗi ngày làm việc",
    weekly: "{days} hằng tuần",
    through: "{a} đến {b}",
    monthly: "ngày {days} hằng tháng",
    monthly_many: "ngày {days} hằng tháng",
    monthly_last: "ngày cuối hằng tháng",
    in_months: "ngày {days} tháng {months} hằng năm",
    in_months_many: "các ngày {days} tháng {months} hằng năm",
    in_months_last: "ngày cuối tháng {months} hằng năm",
    yearly: "ngày {day}/{n} hằng năm",
    once: "ngày {day}/{n}/{year}",
    last: "ngày cuối",
    or_else: ", và cả ",
    weekdays: [
        "Chủ nhật",
        "thứ Hai",
        "thứ Ba",
        "thứ Tư",
        "thứ Năm",
        "thứ Sáu",
        "thứ Bảy",
    ],
    months: [
        "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12",
    ],
};

const EN: Language = Language {
    and: " and ",
    every_second: "every second",
    every_seconds: "every {n} seconds",
    every_minute: "every minute",
    every_minutes: "every {n} minutes",
    on_the_hour: "every hour on the hour",
    in_the_hour: "every hour at minute {n}",
    every_hour: "every hour",
    every_hours: "every {n} hours",
    from_to: " from {a} to {b}",
    from: " from {a}",
    every_day: "every day",
    working_days: "every working day",
    weekly: "every {days}",
    through: "{a} to {b}",
    monthly: "on day {days} of every month",
    monthly_many: "on days {days} of every month",
    monthly_last: "on the last day of every month",
    in_months: "on day {days} of {months}",
    in_months_many: "on days {days} of {months}",
    in_months_last: "on the last day of {months}",
    yearly: "on {day} {month} every year",
    once: "on {day} {month} {year}",
    last: "the last",
    or_else: ", and also ",
    weekdays: [
        "Sunday",
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
    ],
    months: [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
};

impl Language {
    pub(super) fn of(tag: &str) -> Option<&'static Self> {
        match tag.split(['-', '_']).next() {
            Some(vi) if vi.eq_ignore_ascii_case("vi") => Some(&VI),
            Some(en) if en.eq_ignore_ascii_case("en") => Some(&EN),
            _ => None,
        }
    }

    /// "a", "a and b", "a, b and c".
    pub(super) fn list<S: AsRef<str>>(&self, items: &[S]) -> String {
        let items: Vec<&str> = items.iter().map(AsRef::as_ref).collect();
        match items.as_slice() {
            [most @ .., last] if !most.is_empty() => {
                format!("{}{}{last}", most.join(", "), self.and)
            }
            few => few.concat(),
        }
    }
}
