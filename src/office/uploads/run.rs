//! The word is given: rows become articles or shares, a hundred at a time, each hundred one line of the
//! ledger. What breaks off is gone on with by saying the word again.

use std::sync::Arc;

use tokio::task::JoinHandle;

use super::keep::quick;
use super::{Busy, KeptRow, MOST_LEFT, Outcome, RowKind, Stage, Upload};
use crate::model::Actor;
use crate::office::backfill::Known;
use crate::office::imports::{BadRow, Import, MOST_ROWS};
use crate::office::{Office, OfficeError, Refusal};

/// Bytes of one commit's rows: a line of the ledger stays some megabytes.
const MOST_BYTES: usize = 4 << 20;

impl Office {
    /// Adds a file's good rows, and those of the doubtful ones that were chosen; all of them, or nothing
    /// while one row is bad, unless `skip_bad`.
    ///
    /// # Errors
    /// [`Refusal::BadRows`], [`Refusal::UploadBusy`], [`Refusal::NothingToAdd`].
    pub async fn confirm(
        self: &Arc<Self>,
        actor: &Actor,
        id: &str,
        skip_bad: bool,
    ) -> Result<Upload, OfficeError> {
        let (upload, busy) = {
            let _one = self.changing();
            let mut upload = self.idle_upload(actor, id)?;
            let seen = &upload.looked;
            if upload.stage == Stage::Unusable {
                return Err(OfficeError::Refused(Refusal::NothingToAdd));
            }
            if upload.stage == Stage::Done {
                return Ok(upload);
            }
            if seen.bad > 0 && !skip_bad {
                let bad = seen.bad;
                return Err(OfficeError::Refused(Refusal::BadRows { bad }));
            }
            upload.stage = Stage::Running;
            upload.outcome = None;
            let total = upload.looked.good + upload.chosen.len() as u64;
            let busy = self.uploads.begin(id, total);
            self.put_upload(&upload)?;
            (upload, busy)
        };
        quick(self.start_running(actor.clone(), upload, busy)).await;
        self.upload_of(actor, id)
    }

    fn start_running(self: &Arc<Self>, actor: Actor, upload: Upload, busy: Busy) -> JoinHandle<()> {
        let office = self.clone();
        tokio::spawn(async move {
            let mut upload = upload;
            let mut outcome = Outcome::default();
            let result = office
                .run_upload(&actor, &upload, &busy, &mut outcome)
                .await;
            upload.stage = match result {
                Ok(()) => Stage::Done,
                Err(error) => {
                    outcome.stopped = Some(BadRow::of(0, &error));
                    Stage::Ready
                }
            };
            upload.outcome = Some(outcome);
            // What is not kept is interrupted, and changes nothing when it is gone on with.
            if let Err(error) = office.put_upload(&upload) {
                tracing::warn!("{}: {error}", upload.file.name);
            }
            drop(busy);
        })
    }

    async fn run_upload(
        &self,
        actor: &Actor,
        upload: &Upload,
        busy: &Busy,
        outcome: &mut Outcome,
    ) -> Result<(), OfficeError> {
        let known = self.known_places(actor, &upload.places)?;
        let mut done = 0;
        // The doubtful ones come last: nothing that is sure is then held up by one of them.
        for kind in [RowKind::Good, RowKind::Clash] {
            let mut from = 0;
            loop {
                let (rows, next) = self.rows_together(upload, kind, from)?;
                if rows.is_empty() && next == from {
                    break;
                }
                from = next;
                done += rows.len() as u64;
                self.add_rows(actor, upload, &known, kind, rows, outcome)
                    .await?;
                busy.at(done);
            }
        }
        Ok(())
    }

    /// Rows of one commit, and where the next begin.
    fn rows_together(
        &self,
        upload: &Upload,
        kind: RowKind,
        from: u64,
    ) -> Result<(Vec<KeptRow>, u64), OfficeError> {
        let (mut rows, mut bytes, mut next) = (Vec::new(), 0, from);
        let folder = &self.uploads.folder;
        folder.read(&upload.id, kind.as_str(), from, &mut |line, at| {
            if rows.len() == MOST_ROWS || (bytes + line.len() > MOST_BYTES && !rows.is_empty()) {
                return false;
            }
            bytes += line.len();
            next = at;
            let row = serde_json::from_slice::<KeptRow>(line).ok();
            let wanted = |row: &KeptRow| kind == RowKind::Good || upload.chosen.contains(&row.line);
            rows.extend(row.filter(wanted));
            true
        })?;
        Ok((rows, next))
    }

    async fn add_rows(
        &self,
        actor: &Actor,
        upload: &Upload,
        known: &Known,
        kind: RowKind,
        rows: Vec<KeptRow>,
        outcome: &mut Outcome,
    ) -> Result<(), OfficeError> {
        let left = if upload.purpose.is_past() {
            let rows = rows.into_iter();
            let rows: Vec<_> = rows
                .filter_map(|row| Some((row.past?, row.channels)))
                .collect();
            let begins = (outcome.added == 0).then(|| upload.rows_to_add());
            let although = kind == RowKind::Clash;
            let done = self
                .back_fill(actor, known, &upload.file, &rows, although, begins)
                .await?;
            outcome.added += done.added;
            outcome.known += done.known;
            done.left
        } else {
            let import = Import {
                source: upload.file.name.clone(),
                rows: rows.into_iter().filter_map(|row| row.article).collect(),
                skip_bad: true,
                dry_run: false,
            };
            let done = self.import(actor, None, import).await?;
            outcome.added += u64::from(done.added);
            outcome.known += u64::from(done.known);
            done.bad
        };
        outcome.left += left.len() as u64;
        let room = MOST_LEFT.saturating_sub(outcome.left_rows.len());
        outcome.left_rows.extend(left.into_iter().take(room));
        Ok(())
    }
}
