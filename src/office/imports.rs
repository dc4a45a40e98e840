//! Importing rows of a list as articles: every bad row is told, the same row adds nothing twice.

use std::collections::{BTreeMap, HashSet};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use super::articles::NewArticle;
use super::content::named_topic;
use super::evergreen::Rule;
use super::request::{Work, hex};
use super::{Invalid, Office, OfficeError, permission};
use crate::config::Config;
use crate::intake::rows;
use crate::model::{Actor, ArticleId};

/// Rows in one request at most: one request is one line of the ledger, and must stay a moment's work.
pub const MOST_ROWS: usize = 100;

/// Rows to import.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Import {
    /// Where they come from: the file's name.
    pub source: String,
    /// The rows, at most 100.
    pub rows: Vec<Row>,
    /// Import the good rows although others are bad; otherwise one bad row holds all back.
    #[serde(default)]
    pub skip_bad: bool,
    /// Only tell which rows are bad.
    #[serde(default)]
    pub dry_run: bool,
}

/// One row.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// Its line in the file, for the answer.
    pub line: u64,
    /// The article it was exported from: where that is here, the row is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "uuid")]
    pub id: Option<ArticleId>,
    /// What it says.
    pub article: NewArticle,
}

impl Row {
    /// A row of a file. Where it names a topic that is none, the row is without it, and the refusal beside it.
    pub(super) fn of(config: &Config, row: rows::Row) -> (Self, Result<(), OfficeError>) {
        let said = row.article;
        let mut read = Self {
            line: row.line,
            // An id that is none of ours is passed over: what the row says counts.
            id: row.id.and_then(|id| id.parse().ok()),
            article: NewArticle {
                title: said.title,
                text: said.text,
                link: said.link,
                channels: said.channels,
                at: said.at,
                priority: said.priority,
                draft: said.draft,
                evergreen: said.evergreen.map(Rule::from),
                ..NewArticle::default()
            },
        };
        let topic = said.topic.map(|name| named_topic(config, &name));
        let named = topic.transpose().map(|topic| read.article.topic = topic);
        (read, named)
    }
}

/// What becomes of a row.
pub(super) enum RowJudged<'a> {
    /// It is here.
    Known,
    /// An article with its shares.
    New(Work<'a>),
}

/// What came of an import.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Imported {
    /// Articles that were added (would be, on a dry run).
    pub added: u32,
    /// Rows that had been imported before.
    pub known: u32,
    /// Rows that cannot be articles.
    pub bad: Vec<BadRow>,
}

/// A row that cannot be an article.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BadRow {
    /// Its line in the file.
    pub line: u64,
    /// As [`OfficeError::code`].
    pub code: String,
    /// As [`OfficeError::fields`].
    pub fields: BTreeMap<String, String>,
}

impl Office {
    /// Adds each row as an article, all of them or (with `skip_bad`) all the good ones.
    ///
    /// # Errors
    /// See [`OfficeError`]; bad rows are no error but told in the answer.
    pub async fn import(
        &self,
        actor: &Actor,
        key: Option<&str>,
        import: Import,
    ) -> Result<Imported, OfficeError> {
        permission::compose(actor)?;
        if import.rows.len() > MOST_ROWS {
            let (len, most) = (import.rows.len(), MOST_ROWS);
            return Err(OfficeError::invalid("rows", Invalid::TooMany { len, most }));
        }
        // Looked at first, so that nothing is written where one bad row holds all back.
        if import.dry_run || !import.skip_bad {
            let mut trial = Work::new(self, actor);
            let looked = self.put_rows(&mut trial, actor, &import)?;
            if import.dry_run {
                return Ok(looked);
            }
            if !looked.bad.is_empty() {
                return Ok(Imported { added: 0, ..looked });
            }
        }
        self.perform(actor, key, &("import", &import), |work| {
            self.put_rows(work, actor, &import)
        })
        .await
    }

    fn put_rows(
        &self,
        work: &mut Work<'_>,
        actor: &Actor,
        import: &Import,
    ) -> Result<Imported, OfficeError> {
        let mut imported = Imported::default();
        let mut seen = HashSet::new();
        for row in &import.rows {
            match self.judge_row_from(actor, row, &import.source, &mut seen) {
                Ok(RowJudged::Known) => imported.known += 1,
                Ok(RowJudged::New(part)) => {
                    work.take(part);
                    imported.added += 1;
                }
                Err(stopped) if stopped.is_of_the_house() => return Err(stopped),
                Err(bad) => imported.bad.push(BadRow::of(row.line, &bad)),
            }
        }
        Ok(imported)
    }

    /// What a row would become. `seen`: what earlier rows of the same file said.
    pub(super) fn judge_row(
        &self,
        actor: &Actor,
        row: &Row,
        seen: &mut HashSet<String>,
    ) -> Result<RowJudged<'_>, OfficeError> {
        self.judge_row_from(actor, row, "", seen)
    }

    fn judge_row_from(
        &self,
        actor: &Actor,
        row: &Row,
        source: &str,
        seen: &mut HashSet<String>,
    ) -> Result<RowJudged<'_>, OfficeError> {
        if let Some(id) = row.id
            && self.store.article(id)?.is_some()
        {
            return Ok(RowJudged::Known);
        }
        let digest = digest(&row.article)?;
        if !seen.insert(digest.clone()) || self.store.imported(&digest)?.is_some() {
            return Ok(RowJudged::Known);
        }
        let mut part = Work::new(self, actor);
        let article = NewArticle {
            source: format!("import:{source}"),
            ..row.article.clone()
        };
        self.put_article(&mut part, actor, &article, Some(digest))?;
        Ok(RowJudged::New(part))
    }
}

/// What makes two rows the same: everything they say.
fn digest(row: &NewArticle) -> Result<String, OfficeError> {
    let bytes = serde_json::to_vec(row).map_err(|e| OfficeError::Stopped(e.to_string()))?;
    Ok(hex(&Sha256::digest(bytes)))
}
