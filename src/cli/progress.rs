//! How far long work is: a bar on a terminal; off it, a line now and then, so that a log of a rebuild
//! is no wall of lines. Always on standard error: standard output is the answer's.

use std::io::{self, IsTerminal as _, Write};
use std::sync::{Arc, Mutex, PoisonError};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use jiff::SignedDuration;

use crate::clock::{Clock, MachineClock};
use crate::lang::Lang;
use crate::store::sled;

/// Off a terminal, a line so often. What takes less says nothing.
pub const LINE_EVERY: SignedDuration = SignedDuration::from_secs(10);

/// Redraws a second at most: the eye needs no more, and two cores have other work.
const REDRAWS: u8 = 8;

/// Where progress is told.
pub struct Progress(Shown);

enum Shown {
    Bar(ProgressBar),
    Lines(Lines),
}

struct Lines {
    told: Told,
    clock: Arc<dyn Clock>,
    /// By the time since boot, which never leaps.
    next: SignedDuration,
    say: Say,
}

/// Takes a line.
type Say = Box<dyn FnMut(&str) + Send>;

/// What is told of the work.
#[derive(Clone)]
struct Told {
    lang: Lang,
    what: String,
    total: Option<u64>,
}

impl Told {
    fn at(&self, done: u64) -> String {
        let done = self.lang.number(done);
        match self.total {
            Some(total) => self.lang.fill(
                "progress.of",
                &[
                    ("what", &self.what),
                    ("done", &done),
                    ("total", &self.lang.number(total)),
                ],
            ),
            None => self
                .lang
                .fill("progress.so-far", &[("what", &self.what), ("done", &done)]),
        }
    }
}

impl Progress {
    /// Work begins. `what` in the reader's language; `total` if it is known.
    pub fn begin(lang: Lang, what: &str, total: Option<u64>, clock: Arc<dyn Clock>) -> Self {
        let told = Told {
            lang,
            what: what.to_owned(),
            total,
        };
        if io::stderr().is_terminal() {
            let target = ProgressDrawTarget::stderr_with_hz(REDRAWS);
            let bar = ProgressBar::with_draw_target(total, target);
            bar.set_style(style(told));
            Self(Shown::Bar(bar))
        } else {
            // Whether anybody reads it does not matter to the work.
            let say = |line: &str| drop(writeln!(io::stderr(), "{line}"));
            Self::lines(told, clock, Box::new(say))
        }
    }

    /// Into the log, a line now and then, in English: programs read it.
    fn logged(what: &str, total: u64, clock: Arc<dyn Clock>) -> Self {
        let told = Told {
            lang: Lang::En,
            what: what.to_owned(),
            total: Some(total),
        };
        Self::lines(told, clock, Box::new(|line| tracing::info!("{line}")))
    }

    fn lines(told: Told, clock: Arc<dyn Clock>, say: Say) -> Self {
        Self(Shown::Lines(Lines {
            told,
            next: clock.since_boot() + LINE_EVERY,
            clock,
            say,
        }))
    }

    /// So much is done.
    pub fn at(&mut self, done: u64) {
        match &mut self.0 {
            Shown::Bar(bar) => bar.set_position(done),
            Shown::Lines(lines) => {
                let now = lines.clock.since_boot();
                if now >= lines.next {
                    lines.next = now + LINE_EVERY;
                    (lines.say)(&lines.told.at(done));
                }
            }
        }
    }

    /// Work is over, well or not: the bar goes, and the answer speaks.
    pub fn end(self) {
        if let Shown::Bar(bar) = self.0 {
            bar.finish_and_clear();
        }
    }
}

/// The progress of a replay of the ledger. It begins with the first word of it, so that a start without
/// one shows nothing.
#[derive(Clone)]
pub(super) struct Replay {
    shown: Arc<Mutex<Option<Progress>>>,
    lang: Lang,
    logged: bool,
}

impl Replay {
    /// Of a command.
    pub(super) fn of_command(lang: Lang) -> Self {
        Self {
            shown: Arc::default(),
            lang,
            logged: false,
        }
    }
    /// Of the daemon.
    pub(super) fn of_daemon(lang: Lang) -> Self {
        Self {
            logged: true,
            ..Self::of_command(lang)
        }
    }
    /// What a replay tells how far it has come.
    pub(super) fn told(&self) -> sled::Progress {
        let own = self.clone();
        Arc::new(move |done, total| {
            let begin = || {
                let clock: Arc<dyn Clock> = Arc::new(MachineClock);
                // A daemon's standard error is its log, unless a person looks at it.
                if own.logged && !io::stderr().is_terminal() {
                    return Progress::logged("replaying the ledger", total, clock);
                }
                let what = own.lang.text("rebuild.working");
                Progress::begin(own.lang, what, Some(total), clock)
            };
            let mut shown = own.shown.lock().unwrap_or_else(PoisonError::into_inner);
            shown.get_or_insert_with(begin).at(done);
        })
    }
    /// It is over, well or not.
    pub(super) fn end(&self) {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(progress) = shown.take() {
            progress.end();
        }
    }
}

fn style(told: Told) -> ProgressStyle {
    ProgressStyle::with_template(template(&told))
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .with_key(
            "told",
            move |state: &ProgressState, out: &mut dyn std::fmt::Write| {
                // Only a full terminal could refuse it.
                let _ = out.write_str(&told.at(state.pos()));
            },
        )
}

fn template(told: &Told) -> &'static str {
    if told.total.is_some() {
        "{told} {bar:24} {percent}%"
    } else {
        "{spinner} {told}"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;

    fn told(total: Option<u64>) -> Told {
        Told {
            lang: Lang::Vi,
            what: "Dựng lại chỉ mục".to_owned(),
            total,
        }
    }

    #[test]
    fn off_a_terminal_a_line_now_and_then() {
        let clock = ManualClock::new("2026-11-23T07:30:00Z".parse().unwrap());
        let log: Arc<Mutex<Vec<String>>> = Arc::default();
        let said = log.clone();
        let mut progress = Progress::lines(
            told(Some(20_673)),
            Arc::new(clock.clone()),
            Box::new(move |line| said.lock().unwrap().push(line.to_owned())),
        );
        for second in 0..25 {
            progress.at(second * 1000);
            clock.advance(SignedDuration::from_secs(1));
        }
        progress.end();
        assert_eq!(
            *log.lock().unwrap(),
            [
                "Dựng lại chỉ mục: 10.000/20.673",
                "Dựng lại chỉ mục: 20.000/20.673"
            ]
        );
    }

    #[test]
    fn without_a_total_it_says_how_far() {
        assert_eq!(told(None).at(1_500), "Dựng lại chỉ mục: 1.500");
    }

    #[test]
    fn the_bars_templates_are_understood() {
        for total in [Some(5), None] {
            let told = told(total);
            assert!(ProgressStyle::with_template(template(&told)).is_ok());
            assert!(template(&told).contains("{told}"));
        }
    }
}
