//! See `promises/template.rs`.
#![no_main]

#[path = "../promises/template.rs"]
mod promises;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| promises::hold(bytes));
