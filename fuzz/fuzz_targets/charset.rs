//! See `promises/charset.rs`.
#![no_main]

#[path = "../promises/charset.rs"]
mod promises;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| promises::hold(bytes));
