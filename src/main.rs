//! The program: arguments, then the command.

use std::env;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, ExitCode};

/// Commits, rows and requests are made on one thread and dropped on another, which the C library's
/// allocator takes locks for: a fifth more shares a second here (`benches/sending.rs`), and many times
/// that where the C library is musl.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How long the allocator keeps what is freed, in milliseconds; it is told by the environment alone.
const KEEP_FREED: (&str, &str) = ("MIMALLOC_PURGE_DELAY", "0");

fn main() -> ExitCode {
    sparing();
    raotin::cli::run()
}

/// The daemon begins once more, as the same process, with an allocator that gives back what is freed:
/// by itself it looks for that only while others are asked for, and a daemon that rests would hold what
/// its start took (22 instead of 29 MB). Where that cannot be it goes on as it is.
fn sparing() {
    let (name, value) = KEEP_FREED;
    if env::var_os(name).is_some() || !env::args_os().skip(1).any(|arg| arg == "serve") {
        return;
    }
    let Ok(program) = env::current_exe() else {
        return;
    };
    let mut arguments = env::args_os();
    let mut again = Command::new(program);
    if let Some(called) = arguments.next() {
        again.arg0(called);
    }
    // It comes back only if it failed.
    let _ = again.args(arguments).env(name, value).exec();
}
