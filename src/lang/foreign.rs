//! What is said in English, by the system, the TOML reader and the senders, said in the reader's language
//! first. The English stays behind it: whoever helps from afar searches for that.

use rustix::io::Errno;

use super::Lang;

/// What the system says most often, by the number it gives; `os.NAME` in the catalogues.
const OS: [(Errno, &str); 14] = [
    (Errno::ACCESS, "denied"),
    (Errno::PERM, "denied"),
    (Errno::NOENT, "not-found"),
    (Errno::EXIST, "exists"),
    (Errno::NOTDIR, "no-folder"),
    (Errno::ISDIR, "is-folder"),
    (Errno::NOSPC, "no-space"),
    (Errno::DQUOT, "quota"),
    (Errno::ROFS, "read-only"),
    (Errno::IO, "disk"),
    (Errno::MFILE, "too-many-files"),
    (Errno::NFILE, "too-many-files"),
    (Errno::ADDRINUSE, "address-in-use"),
    (Errno::CONNREFUSED, "refused"),
];

/// How the TOML reader's sentences begin (toml 1.2, `ParseError::new`); `toml.NAME` in the catalogues.
const TOML: [(&str, &str); 23] = [
    ("duplicate key", "duplicate-key"),
    ("string values must be quoted", "unquoted"),
    ("missing opening quote", "unquoted"),
    ("key with no value", "no-value"),
    ("missing value", "no-value"),
    ("missing assignment", "no-equals"),
    ("extra `=`", "extra-equals"),
    ("extra assignment", "extra-equals"),
    ("unexpected `=`", "extra-equals"),
    ("unclosed array table", "unclosed-table"),
    ("unclosed table", "unclosed-table"),
    ("unclosed array", "unclosed-array"),
    ("unclosed inline table", "unclosed-inline"),
    ("missing comma", "no-comma"),
    ("extra comma", "extra-comma"),
    ("unexpected", "unexpected"),
    ("invalid basic string", "bad-string"),
    ("invalid literal string", "bad-string"),
    ("invalid string", "bad-string"),
    ("invalid multi-line", "bad-string"),
    ("invalid key", "bad-key"),
    ("invalid unquoted key", "bad-key"),
    ("invalid ", "bad-value"),
];

/// What the senders write into a share's reason, as it stands in the ledger; `sender.NAME` in the
/// catalogues. All of a row's parts must be in it, in this order; the first row that fits speaks.
const SENDER: [(&[&str], &str); 36] = [
    (
        &["answers", "to the repeat of what it may have taken"],
        "repeat-refused",
    ),
    (&["answers 410"], "wants-nothing"),
    (&["points elsewhere"], "elsewhere"),
    (&["knows the same secret"], "other-secret"),
    (&["answers with another post"], "other-post"),
    (&["answers without"], "no-receipt"),
    (&["answers that the post was not deleted"], "not-deleted"),
    (&["answers 400"], "bad-request"),
    (&["answers 401"], "not-let-in"),
    (&["answers 403"], "not-allowed"),
    (&["answers 404"], "not-there"),
    (&["answers 413"], "too-big"),
    (&["answers 429"], "too-many"),
    (&["answers 5"], "broken-there"),
    (&["no answer"], "no-answer"),
    (&["timed out"], "no-answer"),
    (&["the answer broke off"], "broke-off"),
    (&["the answer is"], "unreadable"),
    (&["dns error"], "no-name"),
    (&["certificate"], "certificate"),
    (&["(Connect)"], "no-connection"),
    (&["error sending request"], "broke-off"),
    (&["something alike is on"], "alike"),
    (&["another text stands there"], "alike"),
    (&["list", "could not be read"], "list-too-long"),
    (&["more was written in the room"], "list-too-long"),
    (&["cannot be asked what a bot has posted"], "telegram-blind"),
    (&["nearly used up"], "limit"),
    (&["is used up"], "limit"),
    (&["still at work on a picture"], "picture-waits"),
    (&["the picture", "is gone"], "picture-gone"),
    (&["the picture"], "picture-bad"),
    (&["take it down by hand"], "no-name-of-post"),
    (&["a webhook cannot take a post back"], "no-take-down"),
    (&["credentials cannot be kept"], "not-kept"),
    (&["there is nothing to post"], "nothing"),
];

impl Lang {
    /// `said` with the reader's own words before it, where there are any.
    pub fn foreign(self, said: &str) -> String {
        let known = os(said)
            .map(|name| self.word("os", name))
            .or_else(|| toml(said).map(|name| self.word("toml", name)));
        self.before(known, said)
    }

    /// What a sender wrote into a share's reason. A person's own reason is no sender's and stays as it is.
    pub fn sender(self, said: &str) -> String {
        let known = sender(said)
            .map(|name| self.word("sender", name))
            .or_else(|| os(said).map(|name| self.word("os", name)));
        self.before(known, said)
    }

    /// What happened on the line to a website: of the client's chain of causes the last one, which says it.
    pub fn line(self, said: &str) -> String {
        let known = os(said)
            .map(|name| self.word("os", name))
            .or_else(|| sender(said).map(|name| self.word("sender", name)));
        let last = said.rsplit_once(": ").map_or(said, |(_, last)| last);
        self.before(known, last)
    }

    fn before(self, known: Option<&str>, said: &str) -> String {
        match known {
            Some(words) if self != Lang::En => {
                self.fill("foreign.said", &[("words", &words), ("said", &said)])
            }
            _ => said.to_owned(),
        }
    }
}

fn sender(said: &str) -> Option<&'static str> {
    let fits = |parts: &[&str]| {
        let mut rest = said;
        parts.iter().all(|part| match rest.split_once(part) {
            Some((_, behind)) => {
                rest = behind;
                true
            }
            None => false,
        })
    };
    let found = SENDER.iter().find(|(parts, _)| fits(parts));
    found.map(|(_, name)| *name)
}

/// By the number that the standard library writes behind the system's words.
fn os(said: &str) -> Option<&'static str> {
    let (_, behind) = said.split_once("(os error ")?;
    let number: i32 = behind.split(')').next()?.parse().ok()?;
    let found = OS.iter().find(|(errno, _)| errno.raw_os_error() == number);
    found.map(|(_, name)| *name)
}

fn toml(said: &str) -> Option<&'static str> {
    let found = TOML.iter().find(|(begins, _)| said.starts_with(begins));
    found.map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readers_words_come_first_and_theirs_stay() {
        let said = std::io::Error::from_raw_os_error(Errno::ACCESS.raw_os_error()).to_string();
        assert_eq!(
            Lang::Vi.foreign(&format!("data/lock: {said}")),
            "không có quyền truy cập (data/lock: Permission denied (os error 13))"
        );
        assert_eq!(Lang::En.foreign(&said), said);
        assert_eq!(Lang::Vi.foreign("whatever"), "whatever");
        assert_eq!(Lang::Vi.foreign("(os error x"), "(os error x");
    }

    #[test]
    fn a_senders_reason_is_told_in_the_readers_words() {
        let repeat = "the receiver answers 400 to the repeat of what it may have taken before";
        assert!(
            Lang::Vi
                .sender(repeat)
                .starts_with("bên nhận từ chối lần gửi lại")
        );
        assert!(Lang::Vi.sender(repeat).ends_with(&format!("({repeat})")));
        for (said, name) in [
            ("Facebook answers 503: later", "broken-there"),
            (
                "Facebook answers 200, but the answer is not what this platform sends",
                "unreadable",
            ),
            (
                "error sending request: client error (SendRequest): connection closed",
                "broke-off",
            ),
            (
                "the Page's list of posts could not be read to its end",
                "list-too-long",
            ),
            (
                "the picture cho.jpg is gone: add it to the article again",
                "picture-gone",
            ),
        ] {
            assert_eq!(sender(said), Some(name), "{said}");
        }
        assert_eq!(
            Lang::Vi.sender("chờ ý kiến lãnh đạo"),
            "chờ ý kiến lãnh đạo"
        );
    }

    #[test]
    fn of_a_chain_of_causes_the_last_is_told() {
        let said = "error sending request: client error (Connect): tcp connect error: Connection refused (os error 111)";
        assert_eq!(
            Lang::Vi.line(said),
            "bên kia không nhận kết nối (Connection refused (os error 111))"
        );
        assert_eq!(Lang::En.line(said), "Connection refused (os error 111)");
        let said =
            "error sending request: client error (Connect): invalid peer certificate: Expired";
        assert!(Lang::Vi.line(said).ends_with(" (Expired)"));
        assert_eq!(Lang::Vi.line("whatever"), "whatever");
    }

    #[test]
    fn everything_that_is_known_has_words() {
        for lang in Lang::ALL {
            for (_, name) in OS {
                assert_ne!(lang.look("os", name), "", "{lang}: os.{name}");
            }
            for (_, name) in TOML {
                assert_ne!(lang.look("toml", name), "", "{lang}: toml.{name}");
            }
            for (_, name) in SENDER {
                assert_ne!(lang.look("sender", name), "", "{lang}: sender.{name}");
            }
        }
    }

    /// A new version of the reader may say it otherwise: then the words here change with it.
    #[test]
    fn what_people_get_wrong_is_known() {
        for (text, name) in [
            ("a = 1\na = 2\n", "duplicate-key"),
            ("a = trang\n", "bad-value"),
            ("a = phong\n", "unquoted"),
            ("a = \"x\nb = 1\n", "bad-string"),
            ("tên = 1\n", "bad-key"),
            ("a = 2026-13-99\n", "bad-value"),
            ("a = \n", "unquoted"),
            ("a\n", "no-value"),
            ("a = 1 = 2\n", "unexpected"),
            ("[[channels\nid = \"x\"\n", "unclosed-table"),
            ("[office\nname = \"x\"\n", "unclosed-table"),
            ("a = [\"x\"\nb = 1\n", "no-comma"),
            ("a = { file = \"x\"\n", "unclosed-inline"),
            ("a = [1 2]\n", "unquoted"),
        ] {
            let error = ::toml::de::DeTable::parse(text).unwrap_err();
            let said = error.message();
            assert_eq!(toml(said), Some(name), "{text:?}: {said}");
        }
    }
}
