//! Credentials that a platform renews: sessions, rotated tokens. The new pair is on disk before it is
//! used, and one renews at a time: some platforms take a refresh token once, and a lost answer to
//! that is a lost login.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};
use tokio::sync::OwnedMutexGuard;

use super::SendError;

/// Private files by name; durable when a swap returns. May block.
pub trait Shelf: Send + Sync {
    /// What stands there.
    ///
    /// # Errors
    /// The disk's.
    fn get(&self, name: &str) -> io::Result<Option<Vec<u8>>>;
    /// Puts `new` there (or nothing) if `expected` (or nothing) stands there now.
    ///
    /// # Errors
    /// The disk's, or that something else stands there.
    fn swap(&self, name: &str, expected: Option<&[u8]>, new: Option<&[u8]>) -> io::Result<()>;
}

/// One for the whole process: channels with the same account share its file and its lock.
#[derive(Clone)]
pub struct Vault(Arc<Inner>);

struct Inner {
    shelf: Arc<dyn Shelf>,
    locks: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
}

impl Vault {
    /// Over private files.
    pub fn new(shelf: Arc<dyn Shelf>) -> Vault {
        Vault(Arc::new(Inner {
            shelf,
            locks: Mutex::default(),
        }))
    }

    /// One that forgets when it goes: for a trial of credentials that are not configured yet.
    pub fn in_memory() -> Vault {
        Vault::new(Arc::new(InMemory::default()))
    }

    /// The file of one account, locked until it is dropped.
    pub async fn open(&self, name: &str) -> Drawer {
        let lock = {
            let mut locks = self.0.locks.lock().unwrap_or_else(PoisonError::into_inner);
            locks.entry(name.to_owned()).or_default().clone()
        };
        Drawer {
            shelf: self.0.shelf.clone(),
            name: name.to_owned(),
            _lock: lock.lock_owned().await,
        }
    }
}

/// The name of an account's file: `what` and a digest of what makes the account, so that no account's
/// name stands in a file's name.
pub fn name(what: &str, account: &[&str]) -> String {
    let mut digest = Sha256::new();
    for piece in account {
        digest.update(piece.len().to_le_bytes());
        digest.update(piece);
    }
    let digest = digest.finalize();
    let short: String = digest[..8].iter().map(|b| format!("{b:02x}")).collect();
    format!("{what}-{short}")
}

/// One account's file, locked.
pub struct Drawer {
    shelf: Arc<dyn Shelf>,
    name: String,
    _lock: OwnedMutexGuard<()>,
}

impl Drawer {
    /// What was kept last; none if nothing was, or if it cannot be read any more.
    ///
    /// # Errors
    /// The disk's, as NotSent: nothing left the machine.
    pub async fn read<T: DeserializeOwned>(&self) -> Result<Option<T>, SendError> {
        let bytes = self.on_shelf(|shelf, name| shelf.get(name)).await?;
        Ok(bytes.and_then(|b| serde_json::from_slice(&b).ok()))
    }

    /// Keeps `value` in place of what is there; durable when it returns.
    ///
    /// # Errors
    /// The disk's, as NotSent: use none of what was to be kept.
    pub async fn keep<T: Serialize>(&self, value: &T) -> Result<(), SendError> {
        let bytes = serde_json::to_vec(value).map_err(|e| lost(&e))?;
        self.put(Some(bytes)).await
    }

    /// Keeps nothing any more.
    ///
    /// # Errors
    /// The disk's.
    pub async fn clear(&self) -> Result<(), SendError> {
        self.put(None).await
    }

    async fn put(&self, new: Option<Vec<u8>>) -> Result<(), SendError> {
        self.on_shelf(move |shelf, name| {
            let old = shelf.get(name)?;
            shelf.swap(name, old.as_deref(), new.as_deref())
        })
        .await
    }

    async fn on_shelf<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn Shelf, &str) -> io::Result<T> + Send + 'static,
    ) -> Result<T, SendError> {
        let (shelf, name) = (self.shelf.clone(), self.name.clone());
        let done = tokio::task::spawn_blocking(move || work(&*shelf, &name)).await;
        let done = done.unwrap_or_else(|_| Err(io::Error::other("the writing thread died")));
        done.map_err(|e| lost(&e))
    }
}

fn lost(error: &dyn std::fmt::Display) -> SendError {
    SendError::NotSent {
        reason: format!("the platform's credentials cannot be kept: {error}"),
    }
}

#[derive(Default)]
struct InMemory(Mutex<HashMap<String, Vec<u8>>>);

impl Shelf for InMemory {
    fn get(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(kept.get(name).cloned())
    }
    fn swap(&self, name: &str, expected: Option<&[u8]>, new: Option<&[u8]>) -> io::Result<()> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.get(name).map(Vec::as_slice) != expected {
            return Err(io::Error::other("it was changed meanwhile"));
        }
        match new {
            Some(bytes) => kept.insert(name.to_owned(), bytes.to_owned()),
            None => kept.remove(name),
        };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn one_account_is_open_once_and_keeps_what_it_was_given() {
        let vault = Vault::in_memory();
        let file = name("x", &["https://a", "b"]);
        assert_ne!(file, name("x", &["https://ab", ""]));
        let drawer = vault.open(&file).await;
        assert_eq!(drawer.read::<String>().await, Ok(None));
        drawer.keep(&"pair").await.expect("kept");
        assert!(vault.open(&file).now_or_never().is_none());
        // Another account does not wait.
        vault.open(&name("x", &["c"])).await;
        drop(drawer);
        let drawer = vault.open(&file).await;
        assert_eq!(drawer.read().await, Ok(Some("pair".to_owned())));
        drawer.clear().await.expect("cleared");
        assert_eq!(drawer.read::<String>().await, Ok(None));
    }
}
