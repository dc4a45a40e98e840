//! `docs/settling.md` is made from the program's own table.
#![allow(
    clippy::unwrap_used,
    reason = "what fails here fails the test, and says where"
)]

use raotin::platform::settling;

#[test]
fn the_table_in_the_docs_is_the_programs() {
    let docs = include_str!("../docs/settling.md");
    let table = settling::table();
    assert!(
        docs.contains(&table),
        "put this into docs/settling.md:\n\n{table}"
    );
}
