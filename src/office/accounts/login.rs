//! Log in, log out, another password.

use std::net::IpAddr;

use super::password::check;
use super::{AccountError, Accounts, Session, lock};
use crate::model::MemberId;

/// What somebody brings who wants in.
#[derive(Clone, Copy)]
pub struct Credentials<'a> {
    /// Her id.
    pub name: &'a str,
    /// Her password.
    pub password: &'a str,
    /// Her second factor's code, if she has one.
    pub code: &'a str,
    /// Where she comes from.
    pub from: IpAddr,
}

impl Accounts {
    /// Lets her in: the id of a new session.
    ///
    /// # Errors
    /// [`AccountError::Wrong`], [`AccountError::Wait`]; [`AccountError::NeedsCode`] where the password
    /// is right.
    pub async fn log_in(&self, given: Credentials<'_>) -> Result<String, AccountError> {
        let name = given.name.trim().to_lowercase();
        let now = self.office.clock.now();
        if let Some(wait) = lock(&self.throttle).wait(&name, given.from, now) {
            return Err(AccountError::Wait(wait));
        }
        let wrong = |error| {
            lock(&self.throttle).wrong(&name, given.from, now);
            Err(error)
        };
        let id = MemberId::new(&name).ok();
        let member = match &id {
            Some(id) => self.active(id)?,
            None => None,
        };
        let book = self.book()?;
        let account = member.as_ref().and_then(|m| book.members.get(&m.id));
        let hash = account.and_then(|a| a.password.clone());
        let right = self.verified(hash, given.password).await?;
        let (Some(member), true) = (member, right) else {
            return wrong(AccountError::Wrong);
        };
        if account.is_some_and(|a| a.second.is_some()) {
            if given.code.trim().is_empty() {
                return Err(AccountError::NeedsCode);
            }
            if !self.code_fits(&member.id, given.code)? {
                return wrong(AccountError::WrongCode);
            }
        }
        lock(&self.throttle).right(&name, given.from);
        self.begin_session(&member.id)
    }

    /// Another password: who knows the old one may. All other sessions end; the answer is a new one.
    ///
    /// # Errors
    /// [`AccountError::Wrong`]; what is wrong with the new one.
    pub async fn change_password(
        &self,
        session: &Session,
        old: &str,
        new: &str,
        from: IpAddr,
    ) -> Result<String, AccountError> {
        let id = &session.member;
        let now = self.office.clock.now();
        if let Some(wait) = lock(&self.throttle).wait(id.as_str(), from, now) {
            return Err(AccountError::Wait(wait));
        }
        check(id, new)?;
        let hash = self
            .book()?
            .members
            .get(id)
            .and_then(|a| a.password.clone());
        if !self.verified(hash, old).await? {
            lock(&self.throttle).wrong(id.as_str(), from, now);
            return Err(AccountError::Wrong);
        }
        self.set_password(id, new).await?;
        self.begin_session(id)
    }

    /// Sets it, and ends whatever the former one let in.
    pub(super) async fn set_password(&self, id: &MemberId, new: &str) -> Result<(), AccountError> {
        check(id, new)?;
        let hash = self.hashed(new).await?;
        self.change_book(|book| {
            let account = book.account(id);
            account.password = Some(hash.clone());
            account.link = None;
            Ok(())
        })?;
        self.end_all_sessions(id)
    }
}
