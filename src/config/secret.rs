//! Values that nobody may see, and what keeps them out of every text that leaves the program.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use url::form_urlencoded;

/// A secret value. It has no Display, and its Debug shows nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes a value that must not be seen.
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }
    /// The value itself, for the one request that needs it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// What stands in place of a secret.
pub const HIDDEN: &str = "…";

/// A secret shorter than this is refused when it is read: hiding it would tear ordinary words apart,
/// and it would be no secret for long.
pub const SHORTEST: usize = 8;

/// Takes secrets out of texts on their way to ledger, log, page or API (RULES 3).
///
/// One for the whole process: clones share what they know. It forgets nothing, so that a token that
/// was changed is still hidden in what comes late.
#[derive(Clone, Default)]
pub struct Redactor {
    /// Every form of every secret, longest first: a form that holds another goes before it.
    forms: Arc<RwLock<Vec<String>>>,
}

impl Redactor {
    /// Hides `secret` from now on, as it stands and in the encodings in which requests and errors
    /// carry it: percent, form, JSON, Base64 at each of its three alignments.
    pub fn learn(&self, secret: &Secret) {
        let value = secret.reveal();
        if value.len() < SHORTEST {
            return;
        }
        let mut all = self.forms.write().unwrap_or_else(PoisonError::into_inner);
        for form in forms(value) {
            if !all.contains(&form) {
                all.push(form);
            }
        }
        all.sort_by_key(|form| std::cmp::Reverse(form.len()));
    }

    /// `text` without any secret.
    #[must_use]
    pub fn redact(&self, text: &str) -> String {
        let all = self.forms.read().unwrap_or_else(PoisonError::into_inner);
        let mut text = text.to_owned();
        for form in all
            .iter()
            .filter(|form| form.len() <= text.len())
            .collect::<Vec<_>>()
        {
            if text.contains(form.as_str()) {
                text = text.replace(form.as_str(), HIDDEN);
            }
        }
        text
    }
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Redactor(…)")
    }
}

fn forms(value: &str) -> Vec<String> {
    let percent = percent_encoded(value);
    let form: String = form_urlencoded::byte_serialize(value.as_bytes()).collect();
    let json = serde_json::Value::from(value).to_string();
    let mut forms = vec![
        value.to_owned(),
        percent.to_lowercase_escapes(),
        percent.0,
        Percent(form.clone()).to_lowercase_escapes(),
        form,
        json[1..json.len() - 1].to_owned(),
    ];
    for engine in [&STANDARD, &URL_SAFE] {
        forms.extend((0..3).map(|before| base64_inside(engine, before, value.as_bytes())));
    }
    // Standard Webhooks: the key is what follows the prefix, and stands without it in other programs
    if let Some(key) = value.strip_prefix("whsec_") {
        forms.push(key.to_owned());
    }
    forms.retain(|form| form.len() >= SHORTEST);
    forms
}

/// A percent-encoded text.
struct Percent(String);

impl Percent {
    /// The same with `%2f` for `%2F`: both are written.
    fn to_lowercase_escapes(&self) -> String {
        let mut left = 0;
        self.0
            .chars()
            .map(|c| {
                left = if c == '%' { 2 } else { i32::max(left - 1, -1) };
                if left >= 0 { c.to_ascii_lowercase() } else { c }
            })
            .collect()
    }
}

/// Everything encoded but what RFC 3986 calls unreserved.
fn percent_encoded(value: &str) -> Percent {
    Percent(
        value
            .bytes()
            .map(|b| match b {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                    char::from(b).to_string()
                }
                b => format!("%{b:02X}"),
            })
            .collect(),
    )
}

/// What `value` looks like inside the Base64 of something longer, with `before` (mod 3) bytes in
/// front of it: only the letters that it alone decides.
fn base64_inside(engine: &impl base64::Engine, before: usize, value: &[u8]) -> String {
    let mut bytes = vec![0; before];
    bytes.extend_from_slice(value);
    let encoded = engine.encode(&bytes);
    let first = (before * 8).div_ceil(6);
    let end = bytes.len() * 8 / 6;
    encoded[first..end].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;

    const PLANTED: &str = "123456:AA/b+c=d é\"x";

    fn redactor() -> Redactor {
        let redactor = Redactor::default();
        redactor.learn(&Secret::new(PLANTED));
        redactor
    }

    #[test]
    fn a_secret_is_hidden_in_every_form_it_travels_in() {
        let percent = percent_encoded(PLANTED).0;
        let form: String = form_urlencoded::byte_serialize(PLANTED.as_bytes()).collect();
        let seen = [
            format!("error sending request for https://host/bot{PLANTED}/sendMessage"),
            format!("https://host/?access_token={percent}&x=1"),
            format!("body: access_token={form}"),
            format!(
                "body: access_token={}",
                Percent(percent.clone()).to_lowercase_escapes()
            ),
            serde_json::json!({ "token": PLANTED }).to_string(),
            STANDARD.encode(format!("user:{PLANTED}")),
            URL_SAFE.encode(format!("ab:{PLANTED}:x")),
            STANDARD.encode(format!("a:{PLANTED}")),
        ];
        for text in seen {
            let told = redactor().redact(&text);
            assert!(told.contains(HIDDEN), "{text} → {told}");
            assert!(!told.contains("AA"), "{text} → {told}");
        }
    }

    #[test]
    fn other_text_stays_as_it_is() {
        let text = "Tin Bắc Kạn: 3 lượt, 20.673 người xem";
        assert_eq!(redactor().redact(text), text);
    }

    #[test]
    fn clones_learn_together_and_nothing_is_printed() {
        let one = Redactor::default();
        let other = one.clone();
        one.learn(&Secret::new("whsec_bm90LXJlYWxseS1hLXNlY3JldA"));
        assert_eq!(other.redact("key bm90LXJlYWxseS1hLXNlY3JldA!"), "key …!");
        assert_eq!(
            format!("{:?} {other:?}", Secret::new("abcdefgh")),
            "Secret(…) Redactor(…)"
        );
    }
}
