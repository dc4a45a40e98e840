//! Files of rows that people bring: looked at, shown, and done only when somebody says so. A file waits
//! beside the data for a day; nothing of it is in the ledger before the word is given.
//!
//! | file | what |
//! |---|---|
//! | [`keep`] | which files wait, and whose they are |
//! | [`look`] | a file → what each row would become, and what is wrong with it |
//! | [`run`] | the word is given: rows become articles or shares, 100 a commit |
//! | [`tell`] | what is wrong, in people's words |
//!
//! Everything may be done again: a row is known by what it says, so that what broke off goes on where it
//! was, and the same file twice adds nothing.

mod keep;
mod look;
mod run;
mod tell;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

pub use keep::HowToRead;
pub use tell::{CLASH_CODES, FILE_CODES};

use super::backfill::ListFile;
use super::imports::{self, BadRow};
use crate::intake::columns::{Explained, Field, Purpose};
use crate::intake::past::PastRow;
use crate::model::{By, ChannelId};
use crate::store::uploads::UploadFolder;

/// A file waits so long for somebody's word: overnight, and the morning after.
pub const KEPT_FOR: SignedDuration = SignedDuration::from_hours(24);
/// Files that wait at once: with the largest of them, half a gigabyte.
pub const MOST_UPLOADS: usize = 16;
/// Rows left out are named one by one up to here.
const MOST_LEFT: usize = 200;

/// The files that wait, and what is being done with them now.
pub struct Uploads {
    folder: UploadFolder,
    doing: Mutex<HashMap<String, Arc<Doing>>>,
    /// One at a time changes what is known of a file.
    changing: Mutex<()>,
}

/// How far something long has come.
#[derive(Debug, Default)]
struct Doing {
    done: AtomicU64,
    total: AtomicU64,
}

/// A file of rows, and all that is known of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Upload {
    /// By which it is asked for: the same file brought again by the same person is the same.
    pub id: String,
    /// What its rows are to become.
    pub purpose: Purpose,
    /// The file.
    pub file: ListFile,
    /// Who brought it.
    pub by: By,
    /// When.
    pub at: Timestamp,
    /// Which sheet of it; the first if not said.
    pub sheet: Option<String>,
    /// Headings that a person explained.
    pub explained: Explained,
    /// Names of channels that a person explained.
    pub places: BTreeMap<String, ChannelId>,
    /// Where it is.
    pub stage: Stage,
    /// What was seen in it.
    pub looked: Looked,
    /// Rows that a person wants counted although something like them is known.
    pub chosen: BTreeSet<u64>,
    /// What came of it.
    pub outcome: Option<Outcome>,
}

impl Upload {
    /// How many rows the word adds something of.
    pub fn rows_to_add(&self) -> u64 {
        let seen = &self.looked;
        let only_chosen = self.chosen.difference(&seen.both).count();
        seen.good + only_chosen as u64
    }
}

/// Where a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Its rows are being looked at.
    Looking,
    /// It cannot be read as it is.
    Unusable,
    /// It waits for somebody's word.
    Ready,
    /// Its rows are being added.
    Running,
    /// They are.
    Done,
    /// Something broke off; it may be gone on with.
    Interrupted,
}

impl Stage {
    /// The word in the API and in the catalogues' keys.
    pub fn as_str(self) -> &'static str {
        match self {
            Stage::Looking => "looking",
            Stage::Unusable => "unusable",
            Stage::Ready => "ready",
            Stage::Running => "running",
            Stage::Done => "done",
            Stage::Interrupted => "interrupted",
        }
    }
}

/// What was seen in a file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Looked {
    /// Names of its sheets.
    pub sheets: Vec<String>,
    /// The one that was read.
    pub sheet: Option<String>,
    /// Its headings, with what each column holds.
    pub columns: Vec<(String, Option<Field>)>,
    /// What was in an encoding from before Unicode.
    #[serde(default)]
    pub recoded: Vec<Recoded>,
    /// Why it cannot be read as it is.
    pub faults: Vec<BadRow>,
    /// Rows that would be added.
    pub good: u64,
    /// Rows, or shares, that are here already.
    pub known: u64,
    /// Rows with something wrong.
    pub bad: u64,
    /// Rows that may be counted already.
    pub clashes: u64,
    /// Of them: rows that are good as well, on another channel.
    #[serde(default)]
    pub both: BTreeSet<u64>,
    /// Rows without a time, counted at noon.
    pub day_only: u64,
    /// Shares that would be counted.
    pub totals: Vec<Total>,
    /// Names of channels that nobody knows, and in how many rows; the first hundred.
    pub strange_channels: BTreeMap<String, u64>,
    /// Names of people that are no member's, and in how many rows; the first hundred.
    pub strange_members: BTreeMap<String, u64>,
}

/// What of a file was in an encoding from before Unicode, and was read as what people saw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recoded {
    /// The encoding's name.
    pub from: String,
    /// The headings of its columns; none where it was the whole file.
    pub columns: Vec<String>,
    /// How many cells; 0 where it was the whole file.
    pub cells: u64,
}

/// So many shares of a channel in a year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Total {
    /// Of the office's local days.
    pub year: i16,
    /// Where.
    pub channel: ChannelId,
    /// How many.
    pub shares: u64,
}

/// What came of a file's rows.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// Articles, or shares, that were added.
    pub added: u64,
    /// That were here.
    pub known: u64,
    /// Rows that were left out since they were looked at.
    pub left: u64,
    /// The first of them.
    pub left_rows: Vec<BadRow>,
    /// Why it ended before its time.
    pub stopped: Option<BadRow>,
}

/// Which rows of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RowKind {
    /// With something wrong.
    Bad,
    /// That may be counted already.
    Clash,
    /// That would be added.
    Good,
}

impl RowKind {
    /// In the order in which a person looks at them.
    pub const ALL: [RowKind; 3] = [RowKind::Bad, RowKind::Clash, RowKind::Good];

    /// The word in the API, and the name of the part that keeps them.
    pub fn as_str(self) -> &'static str {
        match self {
            RowKind::Bad => "bad",
            RowKind::Clash => "clash",
            RowKind::Good => "good",
        }
    }
}

/// A row that was looked at.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct KeptRow {
    /// Its place in the file.
    pub line: u64,
    /// The article it is to become.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub article: Option<imports::Row>,
    /// The share that it tells of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub past: Option<PastRow>,
    /// Where.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub channels: Vec<ChannelId>,
    /// When: a fixed time, or that of the share.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Timestamp>,
    /// A member's id, or a name as it stands there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub who: Option<String>,
    /// What is wrong, or what it may be already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wrong: Option<BadRow>,
}

impl KeptRow {
    /// What people would call it: its headline, else its link, else the head of its text.
    pub fn title(&self) -> &str {
        let (title, link, text) = match (&self.article, &self.past) {
            (Some(row), _) => {
                let a = &row.article;
                (a.title.as_str(), a.link.as_deref(), a.text.as_str())
            }
            (None, Some(row)) => (row.title.as_str(), row.link.as_deref(), row.text.as_str()),
            (None, None) => ("", None, ""),
        };
        let head = text.lines().next().unwrap_or_default();
        [title, link.unwrap_or_default(), head]
            .into_iter()
            .find(|t| !t.is_empty())
            .unwrap_or_default()
    }
}

impl Uploads {
    /// In this folder.
    pub fn new(folder: UploadFolder) -> Self {
        Self {
            folder,
            doing: Mutex::default(),
            changing: Mutex::default(),
        }
    }

    fn begin(self: &Arc<Self>, id: &str, total: u64) -> Busy {
        let doing = Arc::new(Doing::default());
        doing.total.store(total, Ordering::Relaxed);
        let mut all = self.doing.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(id.to_owned(), doing.clone());
        Busy {
            uploads: self.clone(),
            id: id.to_owned(),
            doing,
        }
    }

    /// How far it has come, and of how much, while something is done with it.
    pub fn progress(&self, id: &str) -> Option<(u64, u64)> {
        let all = self.doing.lock().unwrap_or_else(PoisonError::into_inner);
        let doing = all.get(id)?;
        Some((
            doing.done.load(Ordering::Relaxed),
            doing.total.load(Ordering::Relaxed),
        ))
    }
}

/// While it lives, something is being done with a file; however it ends.
struct Busy {
    uploads: Arc<Uploads>,
    id: String,
    doing: Arc<Doing>,
}

impl Busy {
    fn at(&self, done: u64) {
        self.doing.done.store(done, Ordering::Relaxed);
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let mut all = self
            .uploads
            .doing
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        all.remove(&self.id);
    }
}
