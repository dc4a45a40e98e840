//! See `promises/csv.rs`.
#![no_main]

#[path = "../promises/csv.rs"]
mod promises;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| promises::hold(bytes));
