//! Changing the configuration's files from the pages, the API and the command line: channels, groups,
//! topics, schedules, feeds, the office's own settings.
//!
//! What would not hold is refused as a whole, before a byte is written. The files are written first,
//! then the ledger hears who changed what, then it is put in force. A kill in between harms nothing: the
//! files hold, and the next start reads them; sent again, the edit finds that all is there.

use super::request::Done;
use super::settings::{known, news};
use super::{Invalid, Office, OfficeError, Refusal, What, permission};
use crate::config::desk::{Unsaved, differing};
use crate::config::edit::{self, Edit, EditError, Entry, Kind, Part};
use crate::config::problem::Weight;
use crate::config::{Problem, Problems, Sources};
use crate::model::{Actor, Event};

/// A table of the configuration, as it can be changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    /// Which.
    pub part: Part,
    /// Its keys; those that are not there have their defaults.
    pub entry: Entry,
    /// To be sent with a change: who changes what somebody else changed meanwhile is told.
    pub seen: String,
}

/// The configuration as it can be changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// `[office]`.
    pub office: Option<Setting>,
    /// In the order of the file.
    pub channels: Vec<Setting>,
    /// In the order of the file.
    pub topics: Vec<Setting>,
    /// In the order of the file.
    pub groups: Vec<Setting>,
    /// By id.
    pub schedules: Vec<Setting>,
    /// In the order of the file.
    pub feeds: Vec<Setting>,
    /// Why the program cannot write the files, if it cannot.
    pub read_only: Option<String>,
}

impl Office {
    /// Everything that can be changed, as it stands in the files.
    ///
    /// # Errors
    /// [`OfficeError::NotAllowed`].
    pub fn settings(&self, actor: &Actor) -> Result<Settings, OfficeError> {
        permission::read(actor)?;
        let sources = self.desk.read();
        let all = |kind| {
            let ids = edit::ids(&sources, kind).into_iter();
            let found = ids.filter_map(|id| setting(&sources, Part::new(kind, id)));
            found.collect()
        };
        Ok(Settings {
            office: setting(&sources, Part::office()),
            channels: all(Kind::Channel),
            topics: all(Kind::Topic),
            groups: all(Kind::Group),
            schedules: all(Kind::Schedule),
            feeds: all(Kind::Feed),
            read_only: self.desk.read_only().map(|why| why.to_string()),
        })
    }

    /// One table, if it stands in the files.
    ///
    /// # Errors
    /// [`OfficeError::NotAllowed`]; [`OfficeError::NotFound`] with the nearest there is.
    pub fn setting(&self, actor: &Actor, part: Part) -> Result<Setting, OfficeError> {
        permission::read(actor)?;
        let sources = self.desk.read();
        match setting(&sources, part.clone()) {
            Some(setting) => Ok(setting),
            None => Err(missing(&sources, &part)),
        }
    }

    /// What is hardly meant in a table that is in force, with the keys it is about.
    pub fn setting_warnings(&self, part: &Part) -> Vec<(Option<String>, Problem)> {
        let found = edit::at_fields(&self.desk.read(), part, &self.desk.warnings());
        found.into_iter().filter(|(key, _)| key.is_some()).collect()
    }

    /// Changes the files. `seen`: the table as the person saw it ([`Setting::seen`]); none: whatever it
    /// is now.
    ///
    /// # Errors
    /// [`OfficeError::Misconfigured`] with everything that would be wrong; [`OfficeError::Stale`] where
    /// somebody else changed it; [`OfficeError::ReadOnly`] with the text for the file;
    /// [`Refusal::StillNamed`].
    pub async fn configure(
        &self,
        actor: &Actor,
        key: Option<&str>,
        edit: Edit,
        seen: Option<String>,
    ) -> Result<Done, OfficeError> {
        permission::administer(actor)?;
        let asked = ("configure", &edit, &seen);
        let _one = self.desk.one_at_a_time().await;
        if let Some(first) = self.answered_before(actor, key, &asked)? {
            return Ok(first);
        }
        let part = edit.part();
        let (known, now) = (known(&*self.store)?, self.clock.now());
        let before = self.desk.read();
        let after = edit::apply(&before, &edit).map_err(|error| {
            // A file that cannot be read has no such table: what is wrong with it comes first.
            let broken = self.desk.try_out(before.clone(), &known, now).err();
            match broken.filter(|p| !matches!(error, EditError::StillNamed(_)) && p.has_errors()) {
                Some(problems) => misconfigured(&before, part, &problems),
                None => refused(&before, part, error),
            }
        })?;
        let differs = !differing(&before, &after).is_empty();
        let moved = |seen: &String| edit::seen(&before, part).as_ref() != Some(seen);
        if differs && seen.as_ref().is_some_and(moved) {
            return Err(OfficeError::Stale);
        }
        let mut loaded = None;
        if differs {
            let tried = self.desk.try_out(after.clone(), &known, now);
            loaded = Some(tried.map_err(|problems| misconfigured(&after, part, &problems))?);
            let saved = self.desk.save(&before, &after);
            saved.map_err(|why| unsaved(why, &before, &after))?;
        }
        let told = Event::ConfigChanged {
            part: part.kind.as_str().to_owned(),
            id: part.id.clone(),
            how: edit.how().to_owned(),
            settings: edit::changes(&before, &after, part),
        };
        let done = self
            .perform(actor, key, &asked, |work| {
                permission::administer(actor)?;
                let mut done = Done::default();
                match &loaded {
                    None => done.note("nothing-changed", &[]),
                    Some(loaded) => {
                        for event in news(&*self.store, &loaded.config, work.now)? {
                            work.event(event);
                        }
                        work.event(told.clone());
                    }
                }
                Ok(done)
            })
            .await;
        if loaded.is_some() {
            // The files hold; that the ledger could not hear of it does not keep them from force.
            let reloaded = self.desk.reload(true, &known, now);
            reloaded.map_err(|problems| misconfigured(&after, part, &problems))?;
        }
        done
    }
}

fn setting(sources: &Sources, part: Part) -> Option<Setting> {
    Some(Setting {
        entry: edit::read(sources, &part)?,
        seen: edit::seen(sources, &part)?,
        part,
    })
}

fn misconfigured(sources: &Sources, part: &Part, problems: &Problems) -> OfficeError {
    let all = edit::at_fields(sources, part, problems).into_iter();
    OfficeError::Misconfigured(all.filter(|(_, p)| p.weight == Weight::Error).collect())
}

fn missing(sources: &Sources, part: &Part) -> OfficeError {
    let what = match part.kind {
        // There is always one, or the file does not hold.
        Kind::Office | Kind::Channel => What::Channel,
        Kind::Topic => What::Topic,
        Kind::Group => What::Group,
        Kind::Schedule => What::Schedule,
        Kind::Feed => What::Feed,
    };
    let known = edit::ids(sources, part.kind);
    OfficeError::unknown(what, &part.id, known.iter().map(String::as_str))
}

fn refused(sources: &Sources, part: &Part, error: EditError) -> OfficeError {
    match error {
        EditError::Missing(part) => missing(sources, &part),
        EditError::There(part) => OfficeError::invalid("id", Invalid::InUse(part.id)),
        EditError::BadId(_) => OfficeError::invalid("id", Invalid::BadId),
        EditError::NotHere(key) => OfficeError::invalid("key", Invalid::NotHere(key)),
        EditError::StillNamed(by) => OfficeError::Refused(Refusal::StillNamed {
            id: part.id.clone(),
            by: by.iter().map(Part::name).collect::<Vec<_>>().join(", "),
        }),
        EditError::Odd(path) => OfficeError::Refused(Refusal::OddFile {
            file: path.display().to_string(),
        }),
    }
}

fn unsaved(why: Unsaved, before: &Sources, after: &Sources) -> OfficeError {
    match why {
        Unsaved::Moved(_) => OfficeError::Stale,
        Unsaved::ReadOnly { why, .. } => OfficeError::ReadOnly {
            files: differing(before, after),
            why: why.to_string(),
        },
        Unsaved::Disk { file, why } if crate::disk::is_full(&why) => {
            tracing::error!(%why, file = %file.display(), "the configuration is not written");
            OfficeError::NoRoom { free_mib: 0 }
        }
        Unsaved::Disk { .. } => OfficeError::Stopped(why.to_string()),
    }
}
