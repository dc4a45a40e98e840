//! Approval: of one version of what will be seen (RULES 1).

use super::articles::composed;
use super::request::{Done, Work};
use super::shares::needs;
use super::{Office, OfficeError, WhoMay, permission, serving};
use crate::config::{Config, ConfiguredChannel};
use crate::model::{
    Actor, Article, ArticleId, Cause, Event, Share, ShareId, Spot, State, Version, Why,
};

impl Office {
    /// Submits a draft. Where the channel asks for no approval it goes on at once.
    ///
    /// # Errors
    /// See [`OfficeError`].
    pub async fn submit(
        &self,
        actor: &Actor,
        key: Option<&str>,
        id: ShareId,
    ) -> Result<Done, OfficeError> {
        self.perform(actor, key, &("submit", id), |work| {
            let (share, article) = self.share_and_article(id)?;
            permission::change(actor, &article)?;
            needs(&share, &[State::Draft])?;
            let config = self.config();
            let place = serving(&config, &share)?;
            let post = composed(&config, &article, share.own_text.as_deref(), None, place)?;
            self.check_fits(place, &post)?;
            let mut done = Done::share(id);
            work.event(Event::ShareSubmitted { share: id });
            if place.rules.approval_required {
                done.note("waits-for-approval", &[("channel", &share.channel)]);
            } else {
                self.onward(work, &config, &share);
            }
            Ok(done)
        })
        .await
    }

    /// Approves one version of what will be seen: text, link, pictures, the channel's own text.
    /// `seen` is the version that was looked at; another one is refused as stale.
    ///
    /// # Errors
    /// [`WhoMay::OtherApprover`] for one's own text, unless `[office] approve_own`.
    pub async fn approve(
        &self,
        actor: &Actor,
        key: Option<&str>,
        id: ShareId,
        seen: Option<Version>,
    ) -> Result<Done, OfficeError> {
        self.perform(actor, key, &("approve", id, seen), |work| {
            permission::approve(actor)?;
            let (share, article) = self.share_and_article(id)?;
            let config = self.config();
            self.put_approval(work, &config, actor, &share, &article, seen)?;
            Ok(Done::share(id))
        })
        .await
    }

    /// Approves all of an article's shares that wait for it.
    ///
    /// # Errors
    /// As [`Office::approve`]; [`Refusal::NothingToDo`] if none waits.
    pub async fn approve_article(
        &self,
        actor: &Actor,
        key: Option<&str>,
        id: ArticleId,
        seen: Option<u32>,
    ) -> Result<Done, OfficeError> {
        self.perform(actor, key, &("approve-article", id, seen), |work| {
            permission::approve(actor)?;
            let article = self.article(id)?;
            if seen.is_some_and(|seen| seen != article.version) {
                return Err(OfficeError::Stale);
            }
            let config = self.config();
            self.each(id, &[State::Submitted], |share, done| {
                self.put_approval(work, &config, actor, share, &article, None)?;
                done.shares.push(share.id);
                Ok(())
            })
        })
        .await
    }

    fn put_approval(
        &self,
        work: &mut Work<'_>,
        config: &Config,
        actor: &Actor,
        share: &Share,
        article: &Article,
        seen: Option<Version>,
    ) -> Result<(), OfficeError> {
        needs(share, &[State::Submitted])?;
        if !config.office.approve_own && self.wrote(actor, share, article)? {
            return Err(OfficeError::NotAllowed {
                who_may: WhoMay::OtherApprover,
            });
        }
        let version = share.version(article.version);
        if seen.is_some_and(|seen| seen != version) {
            return Err(OfficeError::Stale);
        }
        let place = serving(config, share)?;
        composed(config, article, share.own_text.as_deref(), None, place)?;
        work.event(Event::ShareApproved {
            share: share.id,
            version,
        });
        self.onward(work, config, share);
        Ok(())
    }

    /// Whether the text is the actor's own: she added the article, or changed what is seen of it.
    fn wrote(&self, actor: &Actor, share: &Share, article: &Article) -> Result<bool, OfficeError> {
        if permission::owns(actor, article) {
            return Ok(true);
        }
        let me = actor.by();
        let mut stood = None;
        for told in self.store.story(share.id)? {
            let stands = match told.event {
                Event::ShareAdded {
                    topic, priority, ..
                }
                | Event::ShareEdited {
                    topic, priority, ..
                } => Some((topic, priority)),
                _ => continue,
            };
            // Where neither topic nor priority changed, the text did (`put_edit_of_share`).
            if stands == stood && told.by == me {
                return Ok(true);
            }
            stood = stands;
        }
        Ok(false)
    }

    /// From Submitted to its fixed time, or into the queue.
    pub(super) fn onward(&self, work: &mut Work<'_>, config: &Config, share: &Share) {
        match share.at {
            Some(at) => {
                let planned = self.planned_at(config, share.id, at, true, work.now);
                work.event(planned);
            }
            None => work.event(Event::ShareQueued {
                share: share.id,
                spot: Spot::End,
                why: None,
            }),
        }
    }

    /// Sends a submitted share back to its author, with a note; or she takes it back herself.
    ///
    /// # Errors
    /// See [`OfficeError`].
    pub async fn send_back(
        &self,
        actor: &Actor,
        key: Option<&str>,
        id: ShareId,
        note: Option<String>,
    ) -> Result<Done, OfficeError> {
        self.perform(actor, key, &("return", id, &note), |work| {
            let (share, article) = self.share_and_article(id)?;
            permission::change(actor, &article)?;
            needs(&share, &[State::Submitted])?;
            work.event(Event::ShareReturned {
                share: id,
                note: note.clone(),
            });
            Ok(Done::share(id))
        })
        .await
    }

    /// What comes back into play with a text that is not the approved one goes to the approver.
    pub(super) fn recheck_approval(
        &self,
        work: &mut Work<'_>,
        place: &ConfiguredChannel,
        share: &Share,
        article: &Article,
        done: &mut Done,
    ) {
        let approved = share.approved == Some(share.version(article.version));
        if place.rules.approval_required && !approved {
            work.event(Event::ShareUnapproved {
                share: share.id,
                why: Why::new(Cause::Edited),
            });
            done.note("back-to-approval", &[("channel", &share.channel)]);
        }
    }
}
