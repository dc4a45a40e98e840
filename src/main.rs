//! The program: arguments, then the command.

/// Commits, rows and requests are made on one thread and dropped on another, which the C library's
/// allocator takes locks for: a fifth more shares a second here (`benches/sending.rs`), and many times
/// that where the C library is musl.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    raotin::cli::run()
}
