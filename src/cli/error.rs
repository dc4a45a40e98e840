//! Why a command did not do it, and the number it ends with.

use std::io;

use crate::config::Problems;
use crate::lang::Lang;
use crate::store::lock::LockError;
use crate::web::api::problem::Problem;
use crate::web::socket::SocketError;

/// Problems were found.
const EXIT_PROBLEMS: u8 = 1;
/// What was asked for cannot be understood.
const EXIT_USAGE: u8 = 2;
/// Refused, or not found.
const EXIT_REFUSED: u8 = 3;
/// Busy, or unreachable.
const EXIT_BUSY: u8 = 4;
/// Acknowledged commits are gone.
const EXIT_DAMAGED: u8 = 5;

/// Why a command did not do it.
#[derive(Debug)]
pub enum CliError {
    /// The API says why.
    Problem(Box<Problem>),
    /// Problems were found, and told already.
    Found(String),
    /// The arguments mean nothing.
    Usage(String),
    /// The configuration does not run.
    Config(Problems),
    /// Somebody else has the data folder.
    Lock(LockError),
    /// The socket.
    Socket(SocketError),
    /// The daemon does not answer.
    Unreachable(String),
    /// The data cannot be opened, but nothing acknowledged is lost.
    Data(String),
    /// The ledger is damaged.
    Damaged(String),
    /// Reading or writing failed.
    Io(io::Error),
}

impl CliError {
    /// What the program ends with.
    pub fn exit_code(&self) -> u8 {
        match self {
            CliError::Problem(problem) if problem.status >= 500 => EXIT_BUSY,
            CliError::Problem(_) => EXIT_REFUSED,
            CliError::Found(_) | CliError::Config(_) | CliError::Io(_) => EXIT_PROBLEMS,
            CliError::Usage(_) | CliError::Socket(SocketError::TooLong { .. }) => EXIT_USAGE,
            CliError::Lock(_)
            | CliError::Socket(_)
            | CliError::Unreachable(_)
            | CliError::Data(_) => EXIT_BUSY,
            CliError::Damaged(_) => EXIT_DAMAGED,
        }
    }

    /// What happened and what to do.
    pub fn text(&self, lang: Lang) -> String {
        match self {
            CliError::Problem(problem) => problem.detail.clone(),
            CliError::Found(words) | CliError::Usage(words) => words.clone(),
            CliError::Config(problems) => {
                let lines: Vec<_> = problems.iter().map(|p| p.line_of_text(lang)).collect();
                let head = lang.text("cli.bad-config");
                format!("{head}\n{}", lines.join("\n"))
            }
            CliError::Lock(LockError::Held { pid, command }) => {
                lang.fill("cli.held", &[("command", command), ("pid", pid)])
            }
            CliError::Lock(error) => lang.foreign(&error.to_string()),
            CliError::Socket(SocketError::TooLong { len, .. }) => {
                let most = crate::web::socket::MOST_PATH_BYTES;
                lang.fill("cli.socket-too-long", &[("len", len), ("most", &most)])
            }
            CliError::Socket(error) => lang.foreign(&error.to_string()),
            CliError::Unreachable(why) => {
                lang.fill("cli.unreachable", &[("why", &lang.foreign(why))])
            }
            CliError::Data(why) => lang.foreign(why),
            CliError::Damaged(why) => lang.fill("cli.damaged", &[("why", why)]),
            CliError::Io(error) => lang.foreign(&error.to_string()),
        }
    }
}

impl From<io::Error> for CliError {
    fn from(error: io::Error) -> Self {
        CliError::Io(error)
    }
}
impl From<SocketError> for CliError {
    fn from(error: SocketError) -> Self {
        CliError::Socket(error)
    }
}
impl From<serde_json::Error> for CliError {
    fn from(error: serde_json::Error) -> Self {
        CliError::Unreachable(error.to_string())
    }
}
