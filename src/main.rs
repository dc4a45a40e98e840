//! The program: arguments, then the command.

fn main() -> std::process::ExitCode {
    raotin::cli::run()
}
