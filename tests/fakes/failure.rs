//! What can go wrong with one request, by script or by seeded chance.

use std::collections::VecDeque;

use super::server::{Reply, Response};

#[derive(Debug, Clone, PartialEq)]
pub enum Failure {
    /// The connection closes; nothing was taken.
    DieBefore,
    /// It is taken, then the connection closes without an answer.
    DieAfter,
    /// No answer ever; nothing was taken.
    HangBefore,
    /// It is taken, and no answer ever comes.
    HangAfter,
    /// An answer of this status; nothing was taken.
    ErrorBefore(u16),
    /// It is taken, and the answer has this status.
    ErrorAfter(u16),
    /// Too much: wait so many seconds, in the platform's own dialect.
    Throttle(u32),
    /// The platform refuses in its own words; nothing was taken.
    Says {
        status: u16,
        body: serde_json::Value,
    },
    /// 200, and the body is an error; nothing was taken.
    OkError,
    /// It is taken; 200 and a body that is not the platform's.
    Garbage,
    /// It is taken; 200 and a body without end.
    Huge,
    /// It is taken; 200 and a body that dribbles.
    Slow,
    /// It points elsewhere; nothing was taken.
    Redirect(String),
    /// It says that the same is there already; nothing more was taken.
    Duplicate,
}

impl Failure {
    /// Whether the fake really has it afterwards.
    pub fn takes(&self) -> bool {
        use Failure::*;
        match self {
            DieAfter | HangAfter | ErrorAfter(_) | Garbage | Huge | Slow => true,
            DieBefore
            | HangBefore
            | ErrorBefore(_)
            | Throttle(_)
            | Says { .. }
            | OkError
            | Redirect(_)
            | Duplicate => false,
        }
    }

    /// What the client gets. `proper`: the answer without the failure.
    pub fn reply(self, proper: Response, dialect: &dyn Dialect) -> Reply {
        use Failure::*;
        match self {
            DieBefore | DieAfter => Reply::Close,
            HangBefore | HangAfter => Reply::Hang,
            ErrorBefore(status) | ErrorAfter(status) => Reply::Answer(dialect.error(status)),
            Throttle(seconds) => Reply::Answer(dialect.throttled(seconds)),
            Says { status, body } => Reply::Answer(Response::json(status, &body)),
            OkError => Reply::Answer(dialect.ok_error()),
            Garbage => Reply::Answer(Response {
                status: 200,
                headers: vec![("content-type".into(), "text/html".into())],
                body: b"<html>Service page</html>".to_vec(),
            }),
            Huge => Reply::Answer(Response {
                body: vec![b' '; 6 * 1024 * 1024],
                ..proper
            }),
            Slow => Reply::Dribble(proper),
            Duplicate => Reply::Answer(dialect.duplicate()),
            Redirect(to) => Reply::Answer(Response {
                status: 302,
                headers: vec![("location".into(), to)],
                body: Vec::new(),
            }),
        }
    }
}

/// How a platform says what they all say somehow.
pub trait Dialect {
    fn error(&self, status: u16) -> Response;
    fn throttled(&self, seconds: u32) -> Response;
    fn ok_error(&self) -> Response;
    /// Where the platform knows no such word, its own trouble.
    fn duplicate(&self) -> Response {
        self.error(500)
    }
}

/// Which failure comes when.
#[derive(Default)]
pub struct Script {
    next: VecDeque<Failure>,
    /// Requests before `next` begins.
    pass: usize,
    chance: Option<Chance>,
}

struct Chance {
    state: u64,
    per_mille: u64,
}

impl Script {
    pub fn push(&mut self, failure: Failure) {
        self.next.push_back(failure);
    }

    /// So many requests are served first.
    pub fn pass(&mut self, requests: usize) {
        self.pass = requests;
    }

    /// From now on one of the quick failures with this probability, by this seed. None of them hangs:
    /// a random run should be long in requests, not in waiting.
    pub fn chance(&mut self, seed: u64, per_mille: u64) {
        self.chance = Some(Chance {
            state: seed,
            per_mille,
        });
    }

    pub fn clear(&mut self) {
        *self = Script::default();
    }

    /// The failure of the next request, if any.
    pub fn take(&mut self) -> Option<Failure> {
        if self.pass > 0 {
            self.pass -= 1;
            return None;
        }
        if let Some(failure) = self.next.pop_front() {
            return Some(failure);
        }
        let chance = self.chance.as_mut()?;
        if chance.roll() % 1000 >= chance.per_mille {
            return None;
        }
        Some(match chance.roll() % 8 {
            0 => Failure::DieBefore,
            1 | 2 => Failure::DieAfter,
            3 => Failure::ErrorBefore(500),
            4 => Failure::ErrorAfter(502),
            5 => Failure::Garbage,
            6 => Failure::Redirect("http://127.0.0.1:9/".to_owned()),
            _ => Failure::Throttle(1),
        })
    }
}

impl Chance {
    /// splitmix64.
    fn roll(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}
