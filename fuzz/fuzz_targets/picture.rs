//! See `promises/picture.rs`.
#![no_main]

#[path = "../promises/picture.rs"]
mod promises;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| promises::hold(bytes));
