//! How far long work is: a bar on a terminal; off it, a line now and then, so that a log of a rebuild
//! is no wall of lines. Always on standard error: standard output is the answer's.

use std::io::{self, IsTerminal as _, Write};
use std::sync::Arc;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use jiff::SignedDuration;

use crate::clock::Clock;
use crate::lang::Lang;

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
    out: Box<dyn Write + Send>,
}

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
            Self::lines(told, clock, Box::new(io::stderr()))
        }
    }

    fn lines(told: Told, clock: Arc<dyn Clock>, out: Box<dyn Write + Send>) -> Self {
        Self(Shown::Lines(Lines {
            told,
            next: clock.since_boot() + LINE_EVERY,
            clock,
            out,
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
                    // Whether anybody reads it does not matter to the work.
                    let _ = writeln!(lines.out, "{}", lines.told.at(done));
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
    use std::sync::Mutex;

    use super::*;
    use crate::clock::ManualClock;

    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl Write for Log {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

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
        let log = Log::default();
        let mut progress = Progress::lines(
            told(Some(20_673)),
            Arc::new(clock.clone()),
            Box::new(log.clone()),
        );
        for second in 0..25 {
            progress.at(second * 1000);
            clock.advance(SignedDuration::from_secs(1));
        }
        progress.end();
        let lines = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
        assert_eq!(
            lines,
            "Dựng lại chỉ mục: 10.000/20.673\nDựng lại chỉ mục: 20.000/20.673\n"
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
