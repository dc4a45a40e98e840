//! Adds an article over the daemon's socket, with nothing but the standard library: a program in any
//! language can do the same.
//!
//! ```text
//! cargo run --example add_article -- data/raotin.sock "Tiêm phòng đợt 2" https://example.org/tiem-phong
//! ```

use std::error::Error;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [socket, title, link] = &args[..] else {
        return Err("usage: add_article SOCKET TITLE LINK".into());
    };
    let body = format!(
        r#"{{"title":{},"link":{},"source":"example"}}"#,
        quoted(title),
        quoted(link)
    );
    // The same key for the same article: run twice, it is added once.
    let mut hasher = DefaultHasher::new();
    (title, link).hash(&mut hasher);
    let key = format!("example-{:016x}", hasher.finish());
    let mut stream = UnixStream::connect(socket)?;
    write!(
        stream,
        "POST /api/v1/articles HTTP/1.1\r\n\
         Host: raotin\r\n\
         Content-Type: application/json\r\n\
         Content-Length: {}\r\n\
         Idempotency-Key: {key}\r\n\
         Accept-Language: vi\r\n\
         Connection: close\r\n\r\n{body}",
        body.len()
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").ok_or("no answer")?;
    println!("{body}");
    if head.starts_with("HTTP/1.1 200") {
        Ok(())
    } else {
        Err(head.lines().next().unwrap_or_default().into())
    }
}

/// A JSON string.
fn quoted(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
