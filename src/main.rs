//! The program: arguments, tracing, run.

fn main() {}
