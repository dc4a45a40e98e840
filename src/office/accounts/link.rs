//! One-time links: the first admin's, printed at the start; an invitation and a reset, made by an
//! admin. Each is 256 random bits, kept as a digest, and works once.

use jiff::{SignedDuration, Timestamp};

use super::super::{What, permission};
use super::book::{Book, KeptLink};
use super::password::check;
use super::{AccountError, Accounts, OfficeError, digest, opaque};
use crate::model::{Actor, MemberId, Role};

/// An invitation or a reset is open so long: handed over today, used tomorrow or after the weekend.
pub const LINK_LIVES: SignedDuration = SignedDuration::from_hours(3 * 24);
/// The first admin's link is open so long: she reads it off the terminal. Each start makes a new one.
pub const SETUP_LIVES: SignedDuration = SignedDuration::from_hours(24);

/// What a one-time link opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opened {
    /// Makes an admin.
    Setup,
    /// Lets this member choose a password.
    Password(MemberId),
}

impl Accounts {
    /// The secret of a link that makes an admin, if there is none who can log in, or if `anyway`.
    /// Whoever starts the program reads it; a former one works no more.
    ///
    /// # Errors
    /// The store's, the private file's.
    pub fn setup_link(&self, anyway: bool) -> Result<Option<String>, AccountError> {
        if !anyway && self.has_admin()? {
            return Ok(None);
        }
        let secret = opaque(&self.office);
        let link = self.kept_link(&secret, SETUP_LIVES);
        self.change_book(|book| {
            book.setup = Some(link.clone());
            Ok(())
        })?;
        Ok(Some(secret))
    }

    /// Whether an admin can log in.
    fn has_admin(&self) -> Result<bool, AccountError> {
        let book = self.book()?;
        let members = self.office.store.members()?;
        Ok(members.iter().any(|m| {
            let can = book
                .members
                .get(&m.id)
                .is_some_and(|a| a.password.is_some());
            !m.retired && m.roles.contains(&Role::Admin) && can
        }))
    }

    /// The secret of a link by which a member chooses a (new) password.
    ///
    /// # Errors
    /// [`OfficeError::NotAllowed`]; [`OfficeError::NotFound`].
    pub fn invite(&self, actor: &Actor, id: &MemberId) -> Result<String, AccountError> {
        permission::administer(actor)?;
        if self.active(id)?.is_none() {
            return Err(OfficeError::not_found(What::Member, id).into());
        }
        let secret = opaque(&self.office);
        let link = self.kept_link(&secret, LINK_LIVES);
        self.change_book(|book| {
            book.account(id).link = Some(link.clone());
            Ok(())
        })?;
        Ok(secret)
    }

    fn kept_link(&self, secret: &str, lives: SignedDuration) -> KeptLink {
        let until = self.office.clock.now().saturating_add(lives);
        KeptLink {
            digest: digest(secret),
            until: until.unwrap_or(Timestamp::MAX),
        }
    }

    /// What this link opens.
    ///
    /// # Errors
    /// [`AccountError::LinkGone`].
    pub fn opens(&self, secret: &str) -> Result<Opened, AccountError> {
        let book = self.book()?;
        let opened = opened(&book, secret, self.office.clock.now())?;
        match &opened {
            Opened::Password(id) if self.active(id)?.is_none() => Err(AccountError::LinkGone),
            _ => Ok(opened),
        }
    }

    /// Uses the first admin's link: she is a member with that role (and keeps any other), and logged in.
    ///
    /// # Errors
    /// [`AccountError::LinkGone`]; what is wrong with name or password.
    pub async fn first_admin(
        &self,
        secret: &str,
        name: &str,
        title: Option<String>,
        password: &str,
    ) -> Result<String, AccountError> {
        if self.opens(secret)? != Opened::Setup {
            return Err(AccountError::LinkGone);
        }
        let id = MemberId::new(name.trim()).map_err(|_| AccountError::BadName)?;
        check(&id, password)?;
        let before = self.office.store.member(&id)?;
        let mut roles = before.as_ref().map(|m| m.roles.clone()).unwrap_or_default();
        // A first admin alone in the office does everything until others are there.
        let first = [Role::Admin, Role::Approver, Role::Officer];
        let given = if before.is_some() {
            &first[..1]
        } else {
            &first[..]
        };
        roles.extend(
            given
                .iter()
                .filter(|r| !roles.contains(r))
                .copied()
                .collect::<Vec<_>>(),
        );
        // The link was read off the machine's own terminal.
        let operator = Actor::Local {
            uid: rustix::process::geteuid().as_raw(),
            on_behalf_of: None,
        };
        let unit = before.and_then(|m| m.unit);
        self.use_up(secret)?;
        let set = self
            .office
            .set_member(&operator, None, id.clone(), roles, unit, title);
        set.await?;
        self.set_password(&id, password).await?;
        self.begin_session(&id)
    }

    /// Uses an invitation or a reset: the password is set, every former session is over, she is logged
    /// in. A second factor that she had stays.
    ///
    /// # Errors
    /// [`AccountError::LinkGone`]; what is wrong with the password.
    pub async fn choose_password(
        &self,
        secret: &str,
        password: &str,
    ) -> Result<MemberId, AccountError> {
        let Opened::Password(id) = self.opens(secret)? else {
            return Err(AccountError::LinkGone);
        };
        check(&id, password)?;
        self.use_up(secret)?;
        self.set_password(&id, password).await?;
        Ok(id)
    }

    /// Takes the link away; of two who use it at once, one is refused.
    fn use_up(&self, secret: &str) -> Result<(), AccountError> {
        let now = self.office.clock.now();
        self.change_book(|book| {
            match opened(book, secret, now)? {
                Opened::Setup => book.setup = None,
                Opened::Password(id) => book.account(&id).link = None,
            }
            Ok(())
        })
    }
}

fn opened(book: &Book, secret: &str, now: Timestamp) -> Result<Opened, AccountError> {
    let digest = digest(secret);
    let fits = |link: &Option<KeptLink>| {
        let link = link.as_ref();
        link.is_some_and(|l| l.digest == digest && l.until > now)
    };
    if fits(&book.setup) {
        return Ok(Opened::Setup);
    }
    let found = book.members.iter().find(|(_, account)| fits(&account.link));
    found
        .map(|(id, _)| Opened::Password(id.clone()))
        .ok_or(AccountError::LinkGone)
}
