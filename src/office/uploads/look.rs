//! A file → what each of its rows would become, and what is wrong with it. Nothing is added.

use std::collections::BTreeMap;
use std::collections::{HashMap, HashSet};
use std::io::Cursor;
use std::ops::ControlFlow;
use std::sync::Arc;

use tokio::task::JoinHandle;

use super::keep::FILE;
use super::{Busy, KeptRow, Looked, Recoded, RowKind, Stage, Total, Upload};
use crate::intake::fold::folded;
use crate::intake::list::{Ask, Head, ListFault};
use crate::intake::past::{self, PastRow};
use crate::intake::rows::{self, Fault, Here};
use crate::model::{Actor, ChannelId};
use crate::office::backfill::{Asked, Before, Judged, Known, PastShare};
use crate::office::imports::{self, BadRow, RowJudged};
use crate::office::{Office, OfficeError, What};
use crate::store::uploads::LinesTo;

/// Names that nobody knows, of channels and of people, that are told one by one: as many as a person goes
/// through at one sitting. Those that are left are told when these are explained.
const MOST_STRANGE: usize = 100;

impl Office {
    pub(super) fn start_looking(
        self: &Arc<Self>,
        actor: Actor,
        upload: Upload,
        busy: Busy,
    ) -> JoinHandle<()> {
        let office = self.clone();
        tokio::task::spawn_blocking(move || {
            let mut upload = upload;
            match office.look(&actor, &upload, &busy) {
                Ok(looked) => {
                    upload.stage = if looked.faults.is_empty() {
                        Stage::Ready
                    } else {
                        Stage::Unusable
                    };
                    upload.looked = looked;
                }
                Err(error) => {
                    upload.stage = Stage::Unusable;
                    upload.looked = Looked {
                        faults: vec![BadRow::of(0, &error)],
                        ..Looked::default()
                    };
                }
            }
            // What is not kept is looked at again.
            if let Err(error) = office.put_upload(&upload) {
                tracing::warn!("{}: {error}", upload.file.name);
            }
            drop(busy);
        })
    }

    fn look(&self, actor: &Actor, upload: &Upload, busy: &Busy) -> Result<Looked, OfficeError> {
        let folder = &self.uploads.folder;
        let bytes = folder.get(&upload.id, FILE)?.unwrap_or_default();
        let ask = Ask {
            purpose: upload.purpose,
            sheet: upload.sheet.as_deref(),
            explained: &upload.explained,
        };
        let mut looking = Looking {
            office: self,
            actor,
            busy,
            rows: 0,
            seen: Looked::default(),
            totals: BTreeMap::new(),
            bad: folder.write(&upload.id, RowKind::Bad.as_str())?,
            clash: folder.write(&upload.id, RowKind::Clash.as_str())?,
            good: folder.write(&upload.id, RowKind::Good.as_str())?,
            digests: HashSet::new(),
            before: Before::default(),
            places: upload
                .places
                .iter()
                .map(|(name, id)| (folded(name), id.clone()))
                .collect(),
            stopped: None,
        };
        let config = self.config();
        let read = if upload.purpose.is_past() {
            let known = self.known_places(actor, &upload.places)?;
            past::read(
                Cursor::new(bytes),
                &ask,
                &config.office.zone,
                &mut |line, row| {
                    looking.flow(line, |looking| match row {
                        Ok(row) => looking.past(&known, row),
                        Err(fault) => looking.fault(line, &fault),
                    })
                },
            )
        } else {
            let here = Here {
                zone: config.office.zone.clone(),
                now: self.clock.now(),
            };
            rows::read(Cursor::new(bytes), &ask, &here, &mut |line, row| {
                looking.flow(line, |looking| match row {
                    Ok(row) => looking.article(row),
                    Err(fault) => looking.fault(line, &fault),
                })
            })
        };
        looking.end(read)
    }
}

struct Looking<'a> {
    office: &'a Office,
    actor: &'a Actor,
    busy: &'a Busy,
    rows: u64,
    seen: Looked,
    totals: BTreeMap<(i16, ChannelId), u64>,
    bad: LinesTo,
    clash: LinesTo,
    good: LinesTo,
    digests: HashSet<String>,
    before: Before,
    /// Names of channels that a person explained, folded.
    places: HashMap<String, ChannelId>,
    stopped: Option<OfficeError>,
}

impl Looking<'_> {
    /// One row: what is wrong with it alone goes on, what is wrong with the house does not.
    fn flow(
        &mut self,
        line: u64,
        each: impl FnOnce(&mut Self) -> Result<(), OfficeError>,
    ) -> ControlFlow<()> {
        self.rows += 1;
        self.busy.at(self.rows);
        let result = each(self).or_else(|error| {
            if error.is_of_the_house() {
                return Err(error);
            }
            self.wrong(KeptRow {
                line,
                wrong: Some(BadRow::of(line, &error)),
                ..KeptRow::default()
            })
        });
        match result {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                self.stopped = Some(error);
                ControlFlow::Break(())
            }
        }
    }

    fn fault(&mut self, line: u64, fault: &Fault) -> Result<(), OfficeError> {
        let fields = BTreeMap::from([("text".to_owned(), fault.given().to_owned())]);
        self.wrong(KeptRow {
            line,
            wrong: Some(BadRow {
                line,
                code: format!("row:{}", fault.code()),
                fields,
            }),
            ..KeptRow::default()
        })
    }

    fn article(&mut self, mut row: rows::Row) -> Result<(), OfficeError> {
        let line = row.line;
        for name in &mut row.article.channels {
            if let Some(id) = self.places.get(&folded(name)) {
                *name = id.to_string();
            }
        }
        let (when, channels) = (row.article.at, row.article.channels.clone());
        let (row, named) = imports::Row::of(&self.office.config(), row);
        let judged =
            named.and_then(|()| self.office.judge_row(self.actor, &row, &mut self.digests));
        let kept = KeptRow {
            line,
            article: Some(row),
            when,
            ..KeptRow::default()
        };
        match judged {
            Ok(RowJudged::Known) => {
                self.seen.known += 1;
                Ok(())
            }
            Ok(RowJudged::New(part)) => {
                let channels = part.channels();
                write(&mut self.good, &KeptRow { channels, ..kept })?;
                self.seen.good += 1;
                Ok(())
            }
            Err(error) if error.is_of_the_house() => Err(error),
            Err(error) => {
                for name in channels {
                    self.strange(&error, &name);
                }
                self.wrong(KeptRow {
                    wrong: Some(BadRow::of(line, &error)),
                    ..kept
                })
            }
        }
    }

    fn past(&mut self, known: &Known, row: PastRow) -> Result<(), OfficeError> {
        let line = row.line;
        let zone = self.office.config().office.zone.clone();
        let mut kept = KeptRow {
            line,
            when: row.at(&zone),
            who: row.member.clone(),
            ..KeptRow::default()
        };
        let asked = Asked::Looking(&mut self.before);
        let judged = self.office.judge(known, asked, &row);
        let day_only = row.time.is_none();
        kept.past = Some(row);
        let judged = match judged {
            Ok(judged) => judged,
            Err(error) if error.is_of_the_house() => return Err(error),
            Err(error) => {
                if let OfficeError::NotFound { id, .. } = &error {
                    self.strange(&error, &id.clone());
                }
                kept.wrong = Some(BadRow::of(line, &error));
                return self.wrong(kept);
            }
        };
        let (mut new, mut held, mut clash) = (Vec::new(), Vec::new(), None);
        for one in judged {
            match one {
                Judged::Known => self.seen.known += 1,
                Judged::New(share) => new.push(share),
                Judged::Clash(share, why) => {
                    clash = clash.or(Some(why));
                    held.push(share);
                }
            }
        }
        let channels = |shares: &[Box<PastShare>]| -> Vec<ChannelId> {
            shares.iter().map(|s| s.channel.clone()).collect()
        };
        if let (Some(first), Some(why)) = (held.first(), clash) {
            let row = KeptRow {
                who: first.who(),
                channels: channels(&held),
                wrong: Some(why.as_bad(line)),
                ..kept.clone()
            };
            write(&mut self.clash, &row)?;
            self.seen.clashes += 1;
            if !new.is_empty() {
                self.seen.both.insert(line);
            }
        }
        let Some(first) = new.first() else {
            return Ok(());
        };
        kept.who = first.who();
        kept.channels = channels(&new);
        if first.is_unknown_member()
            && let Some(name) = first.who()
        {
            count(&mut self.seen.strange_members, name);
        }
        self.seen.day_only += u64::from(day_only);
        for share in &new {
            let key = (share.day().year(), share.channel.clone());
            *self.totals.entry(key).or_default() += 1;
        }
        write(&mut self.good, &kept)?;
        self.seen.good += 1;
        Ok(())
    }

    /// A channel that nobody knows, to be explained once for all its rows.
    fn strange(&mut self, error: &OfficeError, name: &str) {
        if let OfficeError::NotFound {
            what: What::Channel,
            id,
            ..
        } = error
            && id == name
        {
            count(&mut self.seen.strange_channels, id.clone());
        }
    }

    fn wrong(&mut self, row: KeptRow) -> Result<(), OfficeError> {
        self.seen.bad += 1;
        write(&mut self.bad, &row)
    }

    fn end(self, read: Result<Head, ListFault>) -> Result<Looked, OfficeError> {
        if let Some(stopped) = self.stopped {
            return Err(stopped);
        }
        for lines in [self.bad, self.clash, self.good] {
            lines.end()?;
        }
        let mut seen = self.seen;
        let totals = self.totals.into_iter();
        seen.totals = totals
            .map(|((year, channel), shares)| Total {
                year,
                channel,
                shares,
            })
            .collect();
        let head = match read {
            Ok(head) => head,
            Err(ListFault::Headings { head, faults }) => {
                seen.faults = faults
                    .iter()
                    .map(|f| BadRow::of_heading(head.row, f))
                    .collect();
                *head
            }
            Err(ListFault::Sheet(fault)) => {
                seen.faults = vec![BadRow::of_file(&fault)];
                return Ok(seen);
            }
        };
        seen.sheets = head.opened.sheets;
        seen.sheet = head.opened.sheet;
        let headings = &head.columns.headings;
        let named = |at: &usize| headings.get(*at).filter(|h| !h.is_empty()).cloned();
        let recoded = head.opened.recoded.iter().map(|r| Recoded {
            from: r.from.name().to_owned(),
            columns: r.columns.iter().filter_map(named).collect(),
            cells: r.cells,
        });
        seen.recoded = recoded.collect();
        let fields = head.columns.fields.into_iter();
        seen.columns = head.columns.headings.into_iter().zip(fields).collect();
        Ok(seen)
    }
}

fn count(names: &mut BTreeMap<String, u64>, name: String) {
    if names.len() < MOST_STRANGE || names.contains_key(&name) {
        *names.entry(name).or_default() += 1;
    }
}

fn write(to: &mut LinesTo, row: &KeptRow) -> Result<(), OfficeError> {
    let line = serde_json::to_vec(row).map_err(|e| OfficeError::Stopped(e.to_string()))?;
    Ok(to.line(&line)?)
}
