//! Asked before something is offered: a page shows no button that would be refused. The use cases ask
//! again themselves.

use super::{Office, OfficeError, permission};
use crate::model::{Actor, Article, Share};

/// What somebody wishes to do.
#[derive(Debug, Clone, Copy)]
pub enum Wish<'a> {
    /// Add articles and shares.
    Compose,
    /// Edit, move, cancel, retry what comes of this article.
    Change(&'a Article),
    /// Approve, send back, take down.
    Approve,
    /// Pause and resume.
    Pause,
    /// Members.
    Administer,
    /// Look at a feed now.
    Poll,
    /// Do this hand task.
    HandTask(&'a Share),
    /// Bring shares of long ago in.
    BackFill,
}

impl Office {
    /// Whether the actor may.
    ///
    /// # Errors
    /// [`OfficeError::NotAllowed`], which says who may.
    pub fn may(&self, actor: &Actor, wish: Wish<'_>) -> Result<(), OfficeError> {
        match wish {
            Wish::Compose => permission::compose(actor),
            Wish::Change(article) => permission::change(actor, article),
            Wish::Approve => permission::approve(actor),
            Wish::Poll => permission::poll(actor),
            Wish::Pause => permission::pause(actor),
            Wish::Administer => permission::administer(actor),
            Wish::BackFill => permission::back_fill(actor),
            Wish::HandTask(share) => {
                let config = self.config();
                let rules = config.channel(&share.channel).map(|c| &c.rules);
                permission::do_hand_task(actor, rules)
            }
        }
    }
}
