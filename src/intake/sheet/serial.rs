//! Excel's days: numbers that count from 1900, or in old files of the Mac from 1904.

use jiff::civil::{Date, DateTime};
use jiff::{SignedDuration, ToSpan};

/// From when a workbook counts its days.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Epoch {
    /// 1 is 1 January 1900, and 60 a 29 February that never was.
    #[default]
    Of1900,
    /// 0 is 1 January 1904.
    Of1904,
}

/// The serial number of a day and time, from 1900 on; what Excel writes for it.
pub(super) fn serial(at: DateTime) -> f64 {
    let first = jiff::civil::date(1899, 12, 30).to_datetime(jiff::civil::Time::midnight());
    at.duration_since(first).as_secs_f64() / 86_400.0
}

/// Excel's last day, 31 December 9999.
const LAST: f64 = 2_958_466.0;

/// The day and time that a serial number stands for, to the second; none for what is no day.
pub fn civil(serial: f64, epoch: Epoch) -> Option<DateTime> {
    if !(0.0..LAST).contains(&serial) {
        return None;
    }
    // Halves of a second are the noise of a fraction of a day.
    let seconds = (serial * 86_400.0).round();
    let (day, second) = ((seconds / 86_400.0).floor(), seconds % 86_400.0);
    // Both are whole and small: no bit is lost.
    let (day, second) = (day as i64, second as i64);
    let first: Date = match epoch {
        Epoch::Of1904 => jiff::civil::date(1904, 1, 1),
        Epoch::Of1900 if day == 60 => return None,
        Epoch::Of1900 if day < 60 => jiff::civil::date(1899, 12, 31),
        Epoch::Of1900 => jiff::civil::date(1899, 12, 30),
    };
    let date = first.checked_add(day.days()).ok()?;
    let midnight = date.to_datetime(jiff::civil::Time::midnight());
    midnight.checked_add(SignedDuration::from_secs(second)).ok()
}
