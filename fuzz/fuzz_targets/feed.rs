//! See `promises/feed.rs`.
#![no_main]

#[path = "../promises/feed.rs"]
mod promises;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| promises::hold(bytes));
