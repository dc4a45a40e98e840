//! What is wrong with a configuration: where, what, and what to do, in the reader's language.

use std::borrow::Cow;
use std::fmt;
use std::path::PathBuf;

use serde::Serialize;

use crate::lang::Lang;

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
/// `--json` and under which the catalogues hold the sentence.
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
    NoConfiguration = "config.no-configuration",
    Unreadable = "config.unreadable",
    NotUtf8 = "config.not-utf8",
    Syntax = "config.syntax",
    ScheduleName = "config.schedule-name",
    // keys and the shape of their values
    UnknownKey = "config.unknown-key",
    UnknownKeyNear = "config.unknown-key-near",
    MissingKey = "config.missing-key",
    WantText = "config.want-text",
    WantTextOrNumber = "config.want-text-or-number",
    WantFlag = "config.want-flag",
    WantWhole = "config.want-whole",
    WantCount = "config.want-count",
    WantIds = "config.want-ids",
    WantNames = "config.want-names",
    WantTable = "config.want-table",
    WantTables = "config.want-tables",
    WantSecret = "config.want-secret",
    EmptyText = "config.empty-text",
    BadWord = "config.bad-word",
    BadWordNear = "config.bad-word-near",
    BadId = "config.bad-id",
    BadDuration = "config.bad-duration",
    DurationRange = "config.duration-range",
    BadHours = "config.bad-hours",
    HoursEmpty = "config.hours-empty",
    BadZone = "config.bad-zone",
    BadZoneNear = "config.bad-zone-near",
    BadUrl = "config.bad-url",
    UrlPassword = "config.url-password",
    UrlPlain = "config.url-plain",
    CronEmpty = "config.cron-empty",
    CronTooLong = "config.cron-too-long",
    CronCount = "config.cron-count",
    CronWord = "config.cron-word",
    CronPartEmpty = "config.cron-part-empty",
    CronUnreadable = "config.cron-unreadable",
    CronOutside = "config.cron-outside",
    CronBackwards = "config.cron-backwards",
    CronStepZero = "config.cron-step-zero",
    CronStepLong = "config.cron-step-long",
    CronStepAlone = "config.cron-step-alone",
    CronUnsupported = "config.cron-unsupported",
    CronNever = "config.cron-never",
    CronBug = "config.cron-bug",
    CronOver = "config.cron-over",
    // ids and what they name
    DuplicateChannel = "config.duplicate-channel",
    DuplicateTopic = "config.duplicate-topic",
    DuplicateGroup = "config.duplicate-group",
    GroupIsChannel = "config.group-is-channel",
    UnknownChannel = "config.unknown-channel",
    UnknownChannelNear = "config.unknown-channel-near",
    UnknownTopic = "config.unknown-topic",
    UnknownTopicNear = "config.unknown-topic-near",
    UnknownMember = "config.unknown-member",
    UnknownMemberNear = "config.unknown-member-near",
    RenamedChannel = "config.renamed-channel",
    RenamedTopic = "config.renamed-topic",
    RenamedSchedule = "config.renamed-schedule",
    // what cannot be, or is hardly meant
    CapZero = "config.cap-zero",
    CapGap = "config.cap-gap",
    ModeImpossible = "config.mode-impossible",
    TargetMissing = "config.target-missing",
    TargetOther = "config.target-other",
    AfterSelf = "config.after-self",
    AfterCycle = "config.after-cycle",
    TemplatePlaceholder = "config.template-placeholder",
    TemplatePlaceholderNear = "config.template-placeholder-near",
    TemplateBrace = "config.template-brace",
    TemplateTwice = "config.template-twice",
    TemplateGlued = "config.template-glued",
    TemplateEmpty = "config.template-empty",
    TemplateOpen = "config.template-open",
    TemplateUnopened = "config.template-unopened",
    TemplateSummary = "config.template-summary",
    BadHashtag = "config.bad-hashtag",
    NoChannels = "config.no-channels",
    GroupEmpty = "config.group-empty",
    NothingConfigured = "config.nothing-configured",
    TopicsNeverMeet = "config.topics-never-meet",
    SpreadOverlaps = "config.spread-overlaps",
    // secrets and targets
    SecretSource = "config.secret-source",
    SecretEnv = "config.secret-env",
    SecretFile = "config.secret-file",
    SecretFileOpen = "config.secret-file-open",
    SecretFileOwner = "config.secret-file-owner",
    SecretCredential = "config.secret-credential",
    SecretOutsideService = "config.secret-outside-service",
    SecretName = "config.secret-name",
    SecretShort = "config.secret-short",
    WebhookSecret = "config.webhook-secret",
    TelegramToken = "config.telegram-token",
    TelegramChat = "config.telegram-chat",
    FacebookPage = "config.facebook-page",
    FacebookApp = "config.facebook-app",
    GraphVersion = "config.graph-version",
    // pages
    WebListen = "config.web-listen",
    WebProxy = "config.web-proxy",
    WebPair = "config.web-pair",
    WebLanToo = "config.web-lan-too",
    WebPlain = "config.web-plain",
    FetchHost = "config.fetch-host",
    DuplicateFeed = "config.duplicate-feed",
    FeedNowhere = "config.feed-nowhere",
    BlueskyHandle = "config.bluesky-handle",
    PostLang = "config.post-lang",
    MatrixRoom = "config.matrix-room",
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
    /// What, and what to do: one sentence.
    pub fn text(&self, lang: Lang) -> String {
        let words: Vec<(&str, Cow<'_, str>)> = self
            .values
            .iter()
            .map(|(name, value)| match *name {
                "field" => (*name, described(lang, value).into()),
                "why" => (*name, lang.foreign(value).into()),
                _ => (*name, value.as_str().into()),
            })
            .collect();
        let values: Vec<(&str, &dyn fmt::Display)> = words
            .iter()
            .map(|(name, word)| (*name, word as &dyn fmt::Display))
            .collect();
        lang.fill(self.code.as_str(), &values)
    }
    /// `file:line: what, and what to do`.
    pub fn line_of_text(&self, lang: Lang) -> String {
        let (file, line) = (self.file.display(), self.line);
        match self.weight {
            Weight::Error => format!("{file}:{line}: {}", self.text(lang)),
            Weight::Warning => {
                let warning = lang.text("config.warning");
                format!("{file}:{line}: {warning}: {}", self.text(lang))
            }
        }
    }
}

/// A cron field, by its name in the catalogues, with what may stand in it.
fn described(lang: Lang, field: &str) -> &str {
    let described = lang.catalogue().word("cron-field", field);
    described.map_or(field, |entry| &entry.other)
}

/// In English, for logs.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.line_of_text(Lang::En))
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
        row.serialize_field("text", &self.text(Lang::En))?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_has_a_sentence_in_both_languages() {
        for lang in Lang::ALL {
            for code in Code::ALL {
                assert!(lang.catalogue().get(code.as_str()).is_some(), "{code:?}");
            }
        }
    }
}
