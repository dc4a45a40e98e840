//! Questions to a person: a line, a choice, a secret that is not shown. Off a terminal the answers are
//! lines of standard input.

use std::io::{self, BufRead, IsTerminal, Read, Write};

use rustix::termios::{self, LocalModes, OptionalActions, SpecialCodeIndex, Termios};

use crate::cli::CliError;
use crate::config::Secret;
use crate::lang::Lang;
use crate::platform::Found;

/// Ctrl-C and Ctrl-D, as the keyboard sends them when the terminal does not act on them.
const CTRL_C: u8 = 3;
const CTRL_D: u8 = 4;
/// Backspace, as terminals send it.
const BACKSPACE: [u8; 2] = [8, 127];

/// Asks on standard output, reads from standard input.
pub(super) struct Ask {
    pub(super) lang: Lang,
}

impl Ask {
    /// Says a line.
    pub(super) fn say(&self, words: &str) -> Result<(), CliError> {
        writeln!(io::stdout(), "{words}")?;
        Ok(())
    }

    /// An answer; the default where nothing is typed.
    pub(super) fn line(&self, question: &str, default: Option<&str>) -> Result<String, CliError> {
        loop {
            let shown = default.map(|d| format!(" [{d}]")).unwrap_or_default();
            self.prompt(&format!("{question}{shown}: "))?;
            let mut answer = String::new();
            if io::stdin().lock().read_line(&mut answer)? == 0 {
                return Err(self.ended());
            }
            match (answer.trim(), default) {
                ("", Some(default)) => return Ok(default.to_owned()),
                ("", None) => {}
                (answer, _) => return Ok(answer.to_owned()),
            }
        }
    }

    /// A secret: nothing of it is shown.
    pub(super) fn secret(&self, question: &str) -> Result<Secret, CliError> {
        loop {
            let stdin = io::stdin();
            // Before the question: whoever answers at once is neither shown nor lost.
            let quiet = stdin.is_terminal().then(Quiet::begin).transpose()?;
            self.prompt(&format!("{question}: "))?;
            let typed = if let Some(quiet) = quiet {
                let typed = typed_unseen();
                drop(quiet);
                writeln!(io::stdout())?;
                typed?
            } else {
                let mut line = String::new();
                (stdin.lock().read_line(&mut line)? > 0).then_some(line)
            };
            let Some(typed) = typed else {
                return Err(self.ended());
            };
            if !typed.trim().is_empty() {
                return Ok(Secret::new(typed.trim()));
            }
        }
    }

    /// One of these, by its number.
    pub(super) fn choose(&self, question: &str, found: &[Found]) -> Result<usize, CliError> {
        for (n, place) in found.iter().enumerate() {
            self.say(&format!("  {}. {} ({})", n + 1, place.title, place.id))?;
        }
        loop {
            let answer = self.line(question, (found.len() == 1).then_some("1"))?;
            let number = answer.parse::<usize>().ok();
            if let Some(n) = number.filter(|n| (1..=found.len()).contains(n)) {
                return Ok(n - 1);
            }
        }
    }

    fn prompt(&self, words: &str) -> Result<(), CliError> {
        let mut out = io::stdout();
        write!(out, "{words}")?;
        out.flush()?;
        Ok(())
    }

    fn ended(&self) -> CliError {
        CliError::Usage(self.lang.text("connect.ended").to_owned())
    }
}

/// The terminal shows nothing and acts on no key, until this is dropped: also when the program ends
/// in the middle by its own doing.
struct Quiet(Termios);

impl Quiet {
    fn begin() -> io::Result<Quiet> {
        let before = termios::tcgetattr(io::stdin())?;
        let mut quiet = before.clone();
        quiet.local_modes -= LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG;
        quiet.special_codes[SpecialCodeIndex::VMIN] = 1;
        quiet.special_codes[SpecialCodeIndex::VTIME] = 0;
        termios::tcsetattr(io::stdin(), OptionalActions::Flush, &quiet)?;
        Ok(Quiet(before))
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        // The terminal is gone with whoever sat there.
        let _ = termios::tcsetattr(io::stdin(), OptionalActions::Now, &self.0);
    }
}

/// What is typed until Enter; none if it was broken off.
fn typed_unseen() -> io::Result<Option<String>> {
    let mut typed = Vec::new();
    for byte in io::stdin().lock().bytes() {
        match byte? {
            CTRL_C | CTRL_D => return Ok(None),
            b'\r' | b'\n' => break,
            back if BACKSPACE.contains(&back) => {
                // A letter may be several bytes; those but the first look like 10xxxxxx.
                while typed.pop().is_some_and(|byte: u8| byte & 0xC0 == 0x80) {}
            }
            byte => typed.push(byte),
        }
    }
    Ok(Some(String::from_utf8_lossy(&typed).into_owned()))
}
