//! What a test needs to hold a platform in its hands: a client with short patience, a clock that stands,
//! pictures in memory, a post, an attempt.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use raotin::clock::ManualClock;
use raotin::config::Target;
use raotin::model::share::Attempt;
use raotin::model::{Part, Picture, Post};
use raotin::platform::http::{Http, Limits, Redact};
use raotin::platform::vault::Vault;
use raotin::platform::{Deps, Pictures, Platform, connect};

/// Long enough for a busy machine: nothing waits for it but a test that fails.
pub const PATIENT: Limits = Limits {
    connect: Duration::from_secs(20),
    answer: Duration::from_secs(20),
    webhook: Duration::from_secs(20),
    read: Duration::from_secs(20),
    most_bytes: 4 * 1024 * 1024,
};
/// For requests that get no answer: this is how long such a test lasts. Those before it get theirs within
/// this on a busy machine too.
pub const HASTY: Limits = Limits {
    answer: Duration::from_secs(2),
    webhook: Duration::from_secs(2),
    read: Duration::from_secs(2),
    ..PATIENT
};

/// A clock that stands at eight o'clock UTC.
pub fn clock() -> ManualClock {
    ManualClock::new("2026-11-23T08:00:00Z".parse().expect("a timestamp"))
}

/// Every picture has these bytes, but for the ones called `gone`.
pub struct OnePicture;

/// The smallest PNG: one grey pixel.
pub const PNG: &[u8] = &[
    0x89, b'P', b'N', b'G', 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 0x0D, b'I', b'H', b'D', b'R', 0, 0, 0,
    1, 0, 0, 0, 1, 8, 0, 0, 0, 0, 0x3A, 0x7E, 0x9B, 0x55, 0, 0, 0, 0x0A, b'I', b'D', b'A', b'T',
    0x78, 0x9C, 0x63, 0x68, 0, 0, 0, 0x82, 0, 0x81, 0x77, 0xCD, 0x72, 0xB6, 0, 0, 0, 0, b'I', b'E',
    b'N', b'D', 0xAE, 0x42, 0x60, 0x82,
];

impl Pictures for OnePicture {
    fn bytes(&self, hash: &str) -> io::Result<Bytes> {
        match hash {
            "gone" => Err(io::ErrorKind::NotFound.into()),
            "vast" => Ok(Bytes::from(vec![0; 11 * 1024 * 1024])),
            _ => Ok(Bytes::from_static(PNG)),
        }
    }
}

pub fn deps(limits: Limits, clock: &ManualClock) -> Deps {
    deps_redacting(limits, clock, Arc::new(str::to_owned))
}

pub fn deps_redacting(limits: Limits, clock: &ManualClock, redactor: Redact) -> Deps {
    Deps {
        http: Http::with_limits(limits).expect("a client"),
        clock: Arc::new(clock.clone()),
        pictures: Arc::new(OnePicture),
        redactor,
        vault: Vault::in_memory(),
    }
}

pub fn platform(target: &Target, limits: Limits, clock: &ManualClock) -> Arc<dyn Platform> {
    connect(target, None, deps(limits, clock)).expect("a platform with an API")
}

pub fn part(text: &str, link: Option<&str>, pictures: usize) -> Part {
    Part {
        text: text.to_owned(),
        marks: Vec::new(),
        link: link.map(str::to_owned),
        title: None,
        summary: None,
        pictures: (0..pictures)
            .map(|n| Picture {
                hash: format!("{n:064x}"),
                alt: format!("Ảnh {n}"),
            })
            .collect(),
    }
}

pub fn post(text: &str, link: Option<&str>, pictures: usize) -> Post {
    Post {
        parts: vec![part(text, link, pictures)],
    }
}

pub fn attempt(key: &str, at: jiff::Timestamp, prepared: String, skew: i64) -> Attempt {
    Attempt {
        number: 1,
        at,
        key: key.to_owned(),
        prepared,
        clock_skew: skew,
    }
}
