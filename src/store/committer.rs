//! The one thread that changes anything: it tries commits on the state, appends them to the ledger,
//! syncs once for the whole group, writes the index, and only then answers (RULES 7, SLED.md R1).
//!
//! Nothing is applied before its sync, nothing answered before it is applied. A refusal is answered
//! with its group too, for it may rest on a commit of the same group.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;

use tokio::sync::{broadcast, mpsc, oneshot};

use super::StoreError;
use super::apply::Fail;
use super::ledger::{AppendError, Ledger, is_new_work};
use super::sled::{Index, Overlay};
use crate::clock::Clock;
use crate::model::{Commit, Event};

/// Commits of one group at most: one sync for all of them. More would make the first wait for the last.
const GROUP: usize = 256;

/// Requests that may wait for the thread; who comes then waits to be let in.
pub(super) const WAITING: usize = 1024;

/// What is asked of the thread.
pub(super) enum Request {
    /// Make this true.
    Commit(Commit, Answer),
    /// Look after HEAD.
    Tick,
    /// End, and say when it is done.
    Close(oneshot::Sender<()>),
}

type Answer = oneshot::Sender<Result<(), StoreError>>;

/// What the thread owns.
pub(super) struct Committer {
    pub(super) ledger: Ledger,
    pub(super) index: Arc<Index>,
    pub(super) overlay: Overlay,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) watchers: broadcast::Sender<Arc<Commit>>,
    /// Called when the index has much to carry down.
    pub(super) carrier: SyncSender<()>,
    /// Why nothing is taken any more.
    pub(super) stopped: Option<String>,
}

impl Committer {
    /// Serves until it is closed or nobody can ask any more.
    pub(super) fn run(mut self, mut requests: mpsc::Receiver<Request>) {
        let mut taken = Vec::with_capacity(GROUP);
        let mut group = Vec::with_capacity(GROUP);
        let mut closing = None;
        while closing.is_none() && requests.blocking_recv_many(&mut taken, GROUP) > 0 {
            for request in taken.drain(..) {
                match request {
                    Request::Commit(commit, answer) => group.push((commit, answer)),
                    Request::Tick => self.look_after_head(),
                    Request::Close(done) => closing = Some(done),
                }
            }
            if !group.is_empty() {
                self.serve(&mut group);
            }
        }
        // Whoever asks from now on finds nobody; who came in between is told so.
        requests.close();
        self.close();
        if let Some(done) = closing {
            let _ = done.send(());
        }
    }

    /// One commit while no thread runs yet.
    pub(super) fn commit_now(&mut self, commit: Commit) -> Result<(), StoreError> {
        let (answer, mut told) = oneshot::channel();
        self.serve(&mut vec![(commit, answer)]);
        told.try_recv()
            .unwrap_or_else(|_| Err(StoreError::Stopped("no answer".into())))
    }

    fn serve(&mut self, group: &mut Vec<(Commit, Answer)>) {
        let mut accepted = Vec::with_capacity(group.len());
        let mut refused = Vec::new();
        // Where the disk cannot be asked, the append will tell.
        let short = self.ledger.short_of_room().ok().flatten();
        for (commit, answer) in group.drain(..) {
            match self.consider(&commit, short) {
                Ok(()) => accepted.push((Arc::new(commit), answer)),
                Err(error) => refused.push((answer, error)),
            }
        }
        let outcome = match accepted.is_empty() {
            true => Ok(()),
            false => self.write(&accepted),
        };
        // Somebody who no longer waits for the answer is no error; nor that nobody watches.
        if outcome.is_ok() {
            for (commit, answer) in accepted {
                let _ = self.watchers.send(commit);
                let _ = answer.send(Ok(()));
            }
            for (answer, error) in refused {
                let _ = answer.send(Err(error));
            }
        } else {
            let answers = accepted.into_iter().map(|(_, answer)| answer);
            for answer in answers.chain(refused.into_iter().map(|(answer, _)| answer)) {
                let _ = answer.send(outcome_again(&outcome));
            }
        }
    }

    /// Whether the state takes a commit, after those before it.
    fn consider(&mut self, commit: &Commit, short: Option<u64>) -> Result<(), StoreError> {
        if let Some(why) = &self.stopped {
            return Err(StoreError::Stopped(why.clone()));
        }
        if let Some(free) = short.filter(|_| is_new_work(commit)) {
            let free_mib = free >> 20;
            return Err(StoreError::NoRoom { free_mib });
        }
        self.overlay.apply(commit).map_err(|fail| match fail {
            Fail::Refused(refused) => StoreError::Refused(refused),
            Fail::Damaged(what) => {
                self.index.distrust(&what);
                self.stop(format!("the index is damaged: {what}"));
                StoreError::Index(what)
            }
        })
    }

    /// Ledger, then index.
    fn write(&mut self, accepted: &[(Arc<Commit>, Answer)]) -> Result<(), Failed> {
        if let Some(why) = &self.stopped {
            // The index broke under the group: nothing of it was written.
            self.overlay.undo();
            return Err(Failed::Stopped(why.clone()));
        }
        let commits: Vec<_> = accepted.iter().map(|(commit, _)| commit.clone()).collect();
        let placed = match self.ledger.append(&commits) {
            Ok(placed) => placed,
            Err(AppendError::Refused(why)) => {
                self.overlay.undo();
                return Err(Failed::Refused(why));
            }
            Err(AppendError::Stopped(why)) => {
                self.overlay.undo();
                return Err(self.stop(why));
            }
        };
        for (commit, placed) in commits.iter().zip(&placed) {
            self.overlay.tell(commit, (placed.segment, placed.offset));
        }
        // Before the index knows of it: after a crash in between, the replay erases again.
        let texts = erased(commits.iter().map(|c| &**c));
        if !texts.is_empty()
            && let Err(e) = self.ledger.erase(&texts)
        {
            return Err(self.stop(e.to_string()));
        }
        if let Some(last) = placed.last() {
            match self.overlay.write(last.mark) {
                // Where a call waits already, it is for this too.
                Ok(full) => drop(full.then(|| self.carrier.try_send(()))),
                Err(e) => {
                    self.index.distrust(&e);
                    return Err(self.stop(format!("the index could not be written: {e}")));
                }
            }
        }
        self.look_after_head();
        Ok(())
    }

    fn stop(&mut self, why: String) -> Failed {
        tracing::error!(why, "the store has stopped");
        self.stopped = Some(why.clone());
        Failed::Stopped(why)
    }

    fn look_after_head(&mut self) {
        if self.stopped.is_some() {
            return;
        }
        match self.ledger.renew_head(self.clock.since_boot()) {
            Ok(()) => {}
            Err(AppendError::Refused(why)) => tracing::warn!(why, "HEAD was not renewed"),
            // What was committed is safe; what comes next is not taken.
            Err(AppendError::Stopped(why)) => drop(self.stop(why)),
        }
    }

    fn close(&mut self) {
        if self.stopped.is_none()
            && let Err(why) = self.ledger.write_head()
        {
            tracing::warn!(%why, "HEAD was not renewed");
        }
        if let Err(why) = self.index.settle() {
            tracing::warn!(
                why,
                "the index was not made durable; the ledger has everything"
            );
        }
    }
}

/// Why a whole group was not taken.
enum Failed {
    /// Others may be.
    Refused(String),
    /// Nothing more is.
    Stopped(String),
}

fn outcome_again(outcome: &Result<(), Failed>) -> Result<(), StoreError> {
    match outcome {
        Ok(()) => Ok(()),
        Err(Failed::Refused(why)) => Err(StoreError::NotWritten(why.clone())),
        Err(Failed::Stopped(why)) => Err(StoreError::Stopped(why.clone())),
    }
}

/// The texts that these commits erase.
pub(super) fn erased<'a>(
    commits: impl Iterator<Item = &'a Commit>,
) -> BTreeSet<crate::model::TextId> {
    let events = commits.flat_map(|commit| &commit.events);
    events
        .filter_map(|event| match event {
            Event::Erased { texts, .. } => Some(texts),
            _ => None,
        })
        .flatten()
        .copied()
        .collect()
}
