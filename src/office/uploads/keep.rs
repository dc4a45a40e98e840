//! Which files wait, and whose they are.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use sha2::{Digest, Sha256};
use tokio::task::JoinHandle;

use super::{KEPT_FOR, KeptRow, Looked, MOST_UPLOADS, RowKind, Stage, Upload};
use crate::intake::columns::{Explained, Purpose};
use crate::intake::sheet::MOST_FILE_BYTES;
use crate::model::{Actor, By, ChannelId, Role};
use crate::office::backfill::ListFile;
use crate::office::imports::BadRow;
use crate::office::request::hex;
use crate::office::{Invalid, Office, OfficeError, Refusal, What, permission};
use crate::store::uploads::UploadError;

const ABOUT: &str = "about";
pub(super) const FILE: &str = "file";
/// What is done within it needs no second look: most lists are.
const QUICK: Duration = Duration::from_millis(1_500);
/// Longest name of a file that is kept.
const MOST_NAME_CHARS: usize = 120;

/// How a file is to be read.
#[derive(Debug, Clone, Default)]
pub struct HowToRead {
    /// Which sheet; the first if not said.
    pub sheet: Option<String>,
    /// Headings, with what their columns hold.
    pub explained: Explained,
    /// Names of channels, with what they mean.
    pub places: BTreeMap<String, ChannelId>,
}

impl Office {
    /// Takes a file in and looks at it. The same file from the same person again is looked at anew.
    ///
    /// # Errors
    /// [`Invalid::TooManyBytes`]; [`Refusal::UploadsFull`].
    pub async fn upload(
        self: &Arc<Self>,
        actor: &Actor,
        purpose: Purpose,
        name: &str,
        bytes: Vec<u8>,
        how: HowToRead,
    ) -> Result<Upload, OfficeError> {
        permission::bring(actor, purpose)?;
        if bytes.len() > MOST_FILE_BYTES {
            let most = MOST_FILE_BYTES >> 20;
            return Err(OfficeError::invalid("file", Invalid::TooManyBytes { most }));
        }
        if bytes.is_empty() {
            return Err(OfficeError::invalid("file", Invalid::NoFile));
        }
        let sha256 = hex(&Sha256::digest(&bytes));
        let whose = format!("{}\n{}\n{sha256}", purpose.as_str(), actor.by());
        let id = hex(&Sha256::digest(whose.as_bytes()))[..24].to_owned();
        let now = self.clock.now();
        let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
        let file = ListFile {
            sha256,
            name: name.chars().take(MOST_NAME_CHARS).collect(),
        };
        let upload = to_be_read(id.clone(), purpose, file, (actor.by(), now), how);
        let busy = {
            let _one = self.changing();
            self.make_room(&id, now)?;
            let busy = self.uploads.begin(&id, 0);
            self.uploads.folder.put(&id, FILE, &bytes)?;
            self.put_upload(&upload)?;
            busy
        };
        drop(bytes);
        quick(self.start_looking(actor.clone(), upload, busy)).await;
        self.upload_of(actor, &id)
    }

    /// Looks at a file anew, as a person explains it.
    ///
    /// # Errors
    /// [`Refusal::UploadBusy`].
    pub async fn explain(
        self: &Arc<Self>,
        actor: &Actor,
        id: &str,
        how: HowToRead,
    ) -> Result<Upload, OfficeError> {
        let (upload, busy) = {
            let _one = self.changing();
            let old = self.idle_upload(actor, id)?;
            let brought = (old.by, old.at);
            let upload = to_be_read(old.id, old.purpose, old.file, brought, how);
            let busy = self.uploads.begin(id, 0);
            self.put_upload(&upload)?;
            (upload, busy)
        };
        quick(self.start_looking(actor.clone(), upload, busy)).await;
        self.upload_of(actor, id)
    }

    /// Says of rows that may be counted already whether they are to be counted all the same.
    ///
    /// # Errors
    /// [`Refusal::UploadBusy`].
    pub fn choose(
        &self,
        actor: &Actor,
        id: &str,
        add: &[u64],
        leave: &[u64],
    ) -> Result<Upload, OfficeError> {
        let _one = self.changing();
        let mut upload = self.idle_upload(actor, id)?;
        for line in leave {
            upload.chosen.remove(line);
        }
        upload.chosen.extend(add);
        self.put_upload(&upload)?;
        Ok(upload)
    }

    /// Lets a file go. What was added of it stays.
    ///
    /// # Errors
    /// [`Refusal::UploadBusy`].
    pub fn let_go(&self, actor: &Actor, id: &str) -> Result<(), OfficeError> {
        let _one = self.changing();
        self.idle_upload(actor, id)?;
        Ok(self.uploads.folder.remove(id)?)
    }

    /// A file that waits.
    ///
    /// # Errors
    /// [`OfficeError::NotFound`], also where it is somebody else's.
    pub fn upload_of(&self, actor: &Actor, id: &str) -> Result<Upload, OfficeError> {
        let upload = self.kept(id)?.filter(|u| may_see(actor, u));
        let upload = upload.ok_or_else(|| OfficeError::not_found(What::Upload, id))?;
        permission::bring(actor, upload.purpose)?;
        Ok(upload)
    }

    /// The files that wait and that this actor may see, newest first.
    ///
    /// # Errors
    /// See [`OfficeError`].
    pub fn uploads(&self, actor: &Actor) -> Result<Vec<Upload>, OfficeError> {
        permission::read(actor)?;
        let mut all: Vec<Upload> = self
            .all_uploads()?
            .into_iter()
            .filter(|u| may_see(actor, u) && permission::bring(actor, u.purpose).is_ok())
            .collect();
        all.sort_by_key(|u| std::cmp::Reverse(u.at));
        Ok(all)
    }

    /// Rows of a file, from a place on, and the place behind them if there are more.
    ///
    /// # Errors
    /// As [`Office::upload_of`].
    pub fn upload_rows(
        &self,
        actor: &Actor,
        id: &str,
        kind: RowKind,
        from: u64,
        limit: usize,
    ) -> Result<(Vec<KeptRow>, Option<u64>), OfficeError> {
        self.upload_of(actor, id)?;
        let (mut rows, mut next, mut more) = (Vec::new(), from, false);
        self.uploads
            .folder
            .read(id, kind.as_str(), from, &mut |line, at| {
                more = rows.len() == limit;
                if more {
                    return false;
                }
                // A place that is none of ours leads into the midst of a row.
                rows.extend(serde_json::from_slice::<KeptRow>(line).ok());
                next = at;
                true
            })?;
        Ok((rows, more.then_some(next)))
    }

    /// One that nothing is done with now. Whoever goes on to do something with it holds
    /// [`Office::changing`] from here until it has begun.
    pub(super) fn idle_upload(&self, actor: &Actor, id: &str) -> Result<Upload, OfficeError> {
        let upload = self.upload_of(actor, id)?;
        match upload.stage {
            Stage::Looking | Stage::Running => Err(OfficeError::Refused(Refusal::UploadBusy)),
            _ => Ok(upload),
        }
    }

    pub(super) fn put_upload(&self, upload: &Upload) -> Result<(), OfficeError> {
        let about = serde_json::to_vec(upload).map_err(|e| OfficeError::Stopped(e.to_string()))?;
        Ok(self.uploads.folder.put(&upload.id, ABOUT, &about)?)
    }

    pub(super) fn changing(&self) -> std::sync::MutexGuard<'_, ()> {
        let changing = self.uploads.changing.lock();
        changing.unwrap_or_else(PoisonError::into_inner)
    }

    fn kept(&self, id: &str) -> Result<Option<Upload>, OfficeError> {
        if id.is_empty() || !id.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Ok(None);
        }
        let Some(about) = self.uploads.folder.get(id, ABOUT)? else {
            return Ok(None);
        };
        // One that another version wrote is brought again.
        let Ok(mut upload) = serde_json::from_slice::<Upload>(&about) else {
            return Ok(None);
        };
        if self.uploads.progress(id).is_none() {
            match upload.stage {
                Stage::Running => upload.stage = Stage::Interrupted,
                Stage::Looking => {
                    upload.stage = Stage::Unusable;
                    upload.looked.faults = vec![BadRow::interrupted()];
                }
                _ => {}
            }
        }
        Ok(Some(upload))
    }

    fn all_uploads(&self) -> Result<Vec<Upload>, OfficeError> {
        let mut all = Vec::new();
        for id in self.uploads.folder.list()? {
            all.extend(self.kept(&id)?);
        }
        Ok(all)
    }

    /// Lets go of what waited too long, and refuses one file too many.
    fn make_room(&self, id: &str, now: Timestamp) -> Result<(), OfficeError> {
        let mut others = 0;
        for kept in self.uploads.folder.list()? {
            let upload = self.kept(&kept)?;
            let busy = self.uploads.progress(&kept).is_some();
            if kept == id {
                if busy {
                    return Err(OfficeError::Refused(Refusal::UploadBusy));
                }
                continue;
            }
            let old = upload.is_none_or(|u| now.duration_since(u.at) > KEPT_FOR);
            if old && !busy {
                self.uploads.folder.remove(&kept)?;
            } else {
                others += 1;
            }
        }
        if others >= MOST_UPLOADS {
            return Err(OfficeError::Refused(Refusal::UploadsFull));
        }
        Ok(())
    }
}

/// A file as it is brought, or explained: nothing of it is seen yet.
fn to_be_read(
    id: String,
    purpose: Purpose,
    file: ListFile,
    (by, at): (By, Timestamp),
    how: HowToRead,
) -> Upload {
    Upload {
        id,
        purpose,
        file,
        by,
        at,
        sheet: how.sheet,
        explained: how.explained,
        places: how.places,
        stage: Stage::Looking,
        looked: Looked::default(),
        chosen: BTreeSet::new(),
        outcome: None,
    }
}

/// Whose file it is, and those who look after everybody's.
fn may_see(actor: &Actor, upload: &Upload) -> bool {
    actor.by() == upload.by || actor.holds(Role::Approver) || actor.holds(Role::Admin)
}

/// Waits for what is soon done; the rest is asked about later.
pub(super) async fn quick(work: JoinHandle<()>) {
    let _ = tokio::time::timeout(QUICK, work).await;
}

impl From<UploadError> for OfficeError {
    fn from(error: UploadError) -> Self {
        OfficeError::Stopped(error.to_string())
    }
}

impl Purpose {
    /// Whether its rows are shares of long ago.
    pub(super) fn is_past(self) -> bool {
        self == Purpose::Shares
    }
}
