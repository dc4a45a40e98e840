//! See `promises/link.rs`.
#![no_main]

#[path = "../promises/link.rs"]
mod promises;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| promises::hold(bytes));
