//! When the program was built: no wall clock before that is right (RULES 5).

use std::time::{SystemTime, UNIX_EPOCH};

#[allow(
    clippy::disallowed_methods,
    reason = "a build has no Clock; reproducible ones set SOURCE_DATE_EPOCH"
)]
fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=SOURCE_DATE_EPOCH");
    let now = || {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        since.map_or(0, |since| since.as_secs()).to_string()
    };
    let built = std::env::var("SOURCE_DATE_EPOCH").unwrap_or_else(|_| now());
    println!("cargo::rustc-env=RAOTIN_BUILT={built}");
}
