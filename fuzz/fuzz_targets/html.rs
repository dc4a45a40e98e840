//! See `promises/html.rs`.
#![no_main]

#[path = "../promises/html.rs"]
mod promises;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| promises::hold(bytes));
