//! What is wrong with a configuration: where, what, and what to do, in the reader's language.

use std::fmt;
use std::path::PathBuf;

use serde::Serialize;

use super::words;

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Weight {
    /// The configuration is not taken.
    Error,
    /// It is taken, but probably not what was meant.
    Warning,
}

/// Declares the kinds of problems once: the variant, and the stable name that programs see in
/// `--json` and under which the catalogues hold the sentence (`config.NAME`).
macro_rules! codes {
    ($($code:ident = $name:literal),+ $(,)?) => {
        /// What kind of problem it is. The names are stable: programs rest on them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[allow(missing_docs, reason = "the sentence of each stands in the catalogues")]
        pub enum Code { $($code),+ }

        impl Code {
            /// Every kind.
            pub const ALL: &[Code] = &[$(Code::$code),+];
            /// Its stable name.
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$code => $name),+ }
            }
        }
    };
}

codes! {
    // the files
    NoConfiguration = "no-configuration",
    Unreadable = "unreadable",
    NotUtf8 = "not-utf8",
    Syntax = "syntax",
    ScheduleName = "schedule-name",
    // keys and the shape of their values
    UnknownKey = "unknown-key",
    UnknownKeyNear = "unknown-key-near",
    MissingKey = "missing-key",
    WantText = "want-text",
    WantTextOrNumber = "want-text-or-number",
    WantFlag = "want-flag",
    WantWhole = "want-whole",
    WantCount = "want-count",
    WantIds = "want-ids",
    WantTable = "want-table",
    WantTables = "want-tables",
    WantSecret = "want-secret",
    EmptyText = "empty-text",
    BadWord = "bad-word",
    BadWordNear = "bad-word-near",
    BadId = "bad-id",
    BadDuration = "bad-duration",
    DurationRange = "duration-range",
    BadHours = "bad-hours",
    HoursEmpty = "hours-empty",
    BadZone = "bad-zone",
    BadZoneNear = "bad-zone-near",
    BadUrl = "bad-url",
    UrlPassword = "url-password",
    UrlPlain = "url-plain",
    BadCron = "bad-cron",
    CronOver = "cron-over",
    // ids and what they name
    DuplicateChannel = "duplicate-channel",
    DuplicateTopic = "duplicate-topic",
    DuplicateGroup = "duplicate-group",
    GroupIsChannel = "group-is-channel",
    UnknownChannel = "unknown-channel",
    UnknownChannelNear = "unknown-channel-near",
    UnknownTopic = "unknown-topic",
    UnknownTopicNear = "unknown-topic-near",
    UnknownMember = "unknown-member",
    UnknownMemberNear = "unknown-member-near",
    RenamedChannel = "renamed-channel",
    RenamedTopic = "renamed-topic",
    RenamedSchedule = "renamed-schedule",
    // what cannot be, or is hardly meant
    CapZero = "cap-zero",
    CapGap = "cap-gap",
    ModeImpossible = "mode-impossible",
    TargetMissing = "target-missing",
    TargetOther = "target-other",
    AfterSelf = "after-self",
    AfterCycle = "after-cycle",
    TemplatePlaceholder = "template-placeholder",
    TemplatePlaceholderNear = "template-placeholder-near",
    TemplateBrace = "template-brace",
    TemplateEmpty = "template-empty",
    NoChannels = "no-channels",
    GroupEmpty = "group-empty",
    NothingConfigured = "nothing-configured",
    TopicsNeverMeet = "topics-never-meet",
    SpreadOverlaps = "spread-overlaps",
    // secrets and targets
    SecretSource = "secret-source",
    SecretEnv = "secret-env",
    SecretFile = "secret-file",
    SecretFileOpen = "secret-file-open",
    SecretFileOwner = "secret-file-owner",
    SecretCredential = "secret-credential",
    SecretOutsideService = "secret-outside-service",
    SecretName = "secret-name",
    SecretShort = "secret-short",
    WebhookSecret = "webhook-secret",
    TelegramToken = "telegram-token",
    TelegramChat = "telegram-chat",
    FacebookPage = "facebook-page",
    FacebookApp = "facebook-app",
    GraphVersion = "graph-version",
}

/// What a sentence names: placeholder and value. No value is ever a secret.
pub type Values = Vec<(&'static str, String)>;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file, named as the user named it.
    pub file: PathBuf,
    /// From 1 on.
    pub line: usize,
    /// How bad.
    pub weight: Weight,
    /// What kind.
    pub code: Code,
    /// What its sentence names.
    pub values: Values,
}

impl Problem {
    /// What, and what to do: one sentence in `lang` (`vi` or `en`).
    pub fn text(&self, lang: &str) -> String {
        words::fill(lang, self.code.as_str(), &self.values)
    }
    /// `file:line: what, and what to do`.
    pub fn line_of_text(&self, lang: &str) -> String {
        let (file, line) = (self.file.display(), self.line);
        match self.weight {
            Weight::Error => format!("{file}:{line}: {}", self.text(lang)),
            Weight::Warning => {
                let warning = words::fill(lang, "warning", &Vec::new());
                format!("{file}:{line}: {warning}: {}", self.text(lang))
            }
        }
    }
}

/// In English, for logs.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.line_of_text("en"))
    }
}

/// For `--json`: English, with the code and the values for whoever builds a sentence of their own.
impl Serialize for Problem {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let values: std::collections::BTreeMap<_, _> = self.values.iter().cloned().collect();
        let mut row = to.serialize_struct("Problem", 6)?;
        row.serialize_field("file", &self.file.to_string_lossy())?;
        row.serialize_field("line", &self.line)?;
        row.serialize_field("weight", &self.weight)?;
        row.serialize_field("code", self.code.as_str())?;
        row.serialize_field("text", &self.text("en"))?;
        row.serialize_field("values", &values)?;
        row.end()
    }
}

/// All that is wrong, in the order of the files and their lines.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// Whether any of them keeps the configuration from being taken.
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(|p| p.weight == Weight::Error)
    }
    /// Whether there is none at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    /// Each of them.
    pub fn iter(&self) -> std::slice::Iter<'_, Problem> {
        self.0.iter()
    }
    /// Makes every problem of one kind a warning.
    pub fn soften(&mut self, code: Code) {
        for problem in self.0.iter_mut().filter(|p| p.code == code) {
            problem.weight = Weight::Warning;
        }
    }
}

impl From<Vec<Problem>> for Problems {
    fn from(problems: Vec<Problem>) -> Self {
        Self(problems)
    }
}

impl<'a> IntoIterator for &'a Problems {
    type Item = &'a Problem;
    type IntoIter = std::slice::Iter<'a, Problem>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// One line each, in English.
impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, problem) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str("\n")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}
