//! Files of rows.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::lang::Lang;
use crate::office::Office;
use crate::office::imports::BadRow;
use crate::office::uploads::{KeptRow, RowKind, Upload};

use super::super::articles::BadRowView;

/// A file of rows, and all that is known of it.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[schema(as = Upload)]
pub struct UploadView {
    /// By which it is asked for.
    pub id: String,
    /// articles or shares.
    pub purpose: String,
    /// The file's name.
    pub name: String,
    /// SHA-256 of its bytes.
    pub file: String,
    /// Who brought it.
    pub by: String,
    /// When.
    pub at: String,
    /// looking, unusable, ready, running, done or interrupted.
    pub stage: String,
    /// The same, for people.
    pub says: String,
    /// While it is looking or running: rows that are done.
    pub done: u64,
    /// Of so many; 0 where that is not known.
    pub total: u64,
    /// The names of its sheets.
    pub sheets: Vec<String>,
    /// The one that is read.
    pub sheet: Option<String>,
    /// Its headings.
    pub columns: Vec<ColumnView>,
    /// What was in an encoding from before Unicode, and was read as what people saw.
    pub recoded: Vec<RecodedView>,
    /// Why it cannot be read as it is.
    pub faults: Vec<BadRowView>,
    /// Rows that would be added.
    pub good: u64,
    /// Rows, or shares, that are here already.
    pub known: u64,
    /// Rows with something wrong.
    pub bad: u64,
    /// Rows that may be counted already.
    pub clashes: u64,
    /// Of them: rows that are good as well, on another channel.
    pub both: Vec<u64>,
    /// Of them: rows that a person wants counted all the same.
    pub chosen: Vec<u64>,
    /// Rows without a time: counted at noon.
    pub day_only: u64,
    /// Shares that would be counted.
    pub totals: Vec<TotalView>,
    /// Names of channels that nobody knows, and in how many rows.
    pub strange_channels: BTreeMap<String, u64>,
    /// Names of people that are no member's, and in how many rows.
    pub strange_members: BTreeMap<String, u64>,
    /// What came of it.
    pub outcome: Option<OutcomeView>,
}

/// A column of a file.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = UploadColumn)]
pub struct ColumnView {
    /// As it stands there.
    pub heading: String,
    /// What it holds, if that is known.
    pub field: Option<String>,
}

/// What of a file was in an encoding from before Unicode.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = UploadRecoded)]
pub struct RecodedView {
    /// TCVN3, VNI, VISCII or TCVN5712-1.
    pub from: String,
    /// The headings of its columns; none where it was the whole file.
    pub columns: Vec<String>,
    /// How many cells; 0 where it was the whole file.
    pub cells: u64,
    /// The same, for people.
    pub text: String,
}

/// So many shares of a channel in a year.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = UploadTotal)]
pub struct TotalView {
    /// Of the office's local days.
    pub year: i16,
    /// Where.
    pub channel: String,
    /// How many.
    pub shares: u64,
}

/// What came of a file's rows.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[schema(as = UploadOutcome)]
pub struct OutcomeView {
    /// Articles, or shares, that were added.
    pub added: u64,
    /// That were here.
    pub known: u64,
    /// Rows that were left out since they were looked at.
    pub left: u64,
    /// The first of them.
    pub left_rows: Vec<BadRowView>,
    /// Why it ended before its time.
    pub stopped: Option<String>,
}

/// A row that was looked at.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[schema(as = UploadRow)]
pub struct KeptRowView {
    /// Its place in the file.
    pub line: u64,
    /// bad, clash or good.
    pub kind: String,
    /// What people would call it.
    pub title: String,
    /// Where it leads.
    pub link: Option<String>,
    /// Where it goes, or went.
    pub channels: Vec<String>,
    /// A fixed time, or that of the share.
    pub when: Option<String>,
    /// Kept as a draft.
    pub draft: bool,
    /// A member's id, or a name as it stands there.
    pub who: Option<String>,
    /// Stable: what is wrong, or what it may be already.
    pub code: Option<String>,
    /// The same, for people.
    pub text: Option<String>,
    /// The share that it may be already.
    pub share: Option<String>,
}

fn bad(office: &Office, lang: Lang, row: &BadRow) -> BadRowView {
    BadRowView {
        line: row.line,
        code: row.code.clone(),
        text: office.tell_row(lang, row),
    }
}

impl UploadView {
    pub(in crate::web) fn new(office: &Office, lang: Lang, upload: Upload) -> Self {
        let (done, total) = office.uploads.progress(&upload.id).unwrap_or_default();
        let seen = upload.looked;
        Self {
            purpose: upload.purpose.as_str().to_owned(),
            name: upload.file.name,
            file: upload.file.sha256,
            by: upload.by.to_string(),
            at: upload.at.to_string(),
            stage: upload.stage.as_str().to_owned(),
            says: lang.word("upload-stage", upload.stage.as_str()).to_owned(),
            done,
            total,
            sheets: seen.sheets,
            sheet: seen.sheet,
            columns: seen
                .columns
                .into_iter()
                .map(|(heading, field)| ColumnView {
                    heading,
                    field: field.map(|f| f.as_str().to_owned()),
                })
                .collect(),
            recoded: seen
                .recoded
                .into_iter()
                .map(|r| RecodedView {
                    text: r.in_words(lang),
                    from: r.from,
                    columns: r.columns,
                    cells: r.cells,
                })
                .collect(),
            faults: seen.faults.iter().map(|f| bad(office, lang, f)).collect(),
            good: seen.good,
            known: seen.known,
            bad: seen.bad,
            clashes: seen.clashes,
            both: seen.both.into_iter().collect(),
            chosen: upload.chosen.into_iter().collect(),
            day_only: seen.day_only,
            totals: seen
                .totals
                .into_iter()
                .map(|t| TotalView {
                    year: t.year,
                    channel: t.channel.to_string(),
                    shares: t.shares,
                })
                .collect(),
            strange_channels: seen.strange_channels,
            strange_members: seen.strange_members,
            outcome: upload.outcome.map(|o| OutcomeView {
                added: o.added,
                known: o.known,
                left: o.left,
                left_rows: o.left_rows.iter().map(|r| bad(office, lang, r)).collect(),
                stopped: o.stopped.map(|r| office.tell_row(lang, &r)),
            }),
            id: upload.id,
        }
    }
}

impl KeptRowView {
    pub(in crate::web) fn new(office: &Office, lang: Lang, kind: RowKind, row: KeptRow) -> Self {
        let link = match (&row.article, &row.past) {
            (Some(row), _) => row.article.link.clone(),
            (None, Some(row)) => row.link.clone(),
            (None, None) => None,
        };
        Self {
            line: row.line,
            kind: kind.as_str().to_owned(),
            title: row.title().to_owned(),
            link,
            channels: row.channels.iter().map(ToString::to_string).collect(),
            when: row.when.map(|at| at.to_string()),
            draft: row.article.as_ref().is_some_and(|row| row.article.draft),
            text: row.wrong.as_ref().map(|w| office.tell_row(lang, w)),
            share: row
                .wrong
                .as_ref()
                .filter(|w| w.code.starts_with("clash:"))
                .and_then(|w| w.fields.get("share").cloned())
                .filter(|share| !share.is_empty()),
            code: row.wrong.map(|w| w.code),
            who: row.who,
        }
    }
}
