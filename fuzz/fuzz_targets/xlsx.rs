//! See `promises/xlsx.rs`.
#![no_main]

#[path = "../promises/xlsx.rs"]
mod promises;

libfuzzer_sys::fuzz_target!(
    init: {
        // Where the reader of workbooks falls over the program catches it, and so do we.
        let stop = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |told| {
            if !told.location().is_some_and(|at| at.file().contains("/calamine-")) {
                stop(told);
            }
        }));
    },
    |bytes: &[u8]| promises::hold(bytes)
);
