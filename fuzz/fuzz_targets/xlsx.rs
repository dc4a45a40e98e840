//! See `promises/xlsx.rs`.
#![no_main]

#[path = "../promises/xlsx.rs"]
mod promises;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| promises::hold(bytes));
