//! For the daemon: who is to be told of what now, and what became of it.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::SAME_TASK;
use super::book::{TOLD, ToldBook, ToldMember, WISHES, Wish, Wishes};
use super::due::{News, Task, due};
use super::letter::Paper;
use super::wishes::{is_telegram, trouble};
use crate::model::share::{Removal, TakenDownBy};
use crate::model::{Member, MemberId, Share, ShareId, State};
use crate::office::lookups::MOST_A_PAGE;
use crate::office::{Office, OfficeError, kept, permission};
use crate::platform::SendError;
use crate::platform::letter::{Address, Letter};

/// A letter to one member.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    /// To whom.
    pub member: MemberId,
    /// Where.
    pub to: Address,
    /// What.
    pub letter: Letter,
    /// Of which tasks it tells what.
    told: Vec<(String, News)>,
}

impl Office {
    /// What is to be told now, one letter a member, and when to look again if nothing happens until
    /// then. `base`: the address people open, if there is one. `not_now`: whose letter is on its way, or who is not to be tried there again yet.
    ///
    /// # Errors
    /// The store's, or the private files'.
    pub fn letters_due(
        &self,
        base: Option<&str>,
        not_now: impl Fn(&MemberId, &Address) -> bool,
    ) -> Result<(Vec<Delivery>, Option<Timestamp>), OfficeError> {
        let wishes: Wishes = kept::read(&*self.private, WISHES)?;
        let told_of = |wish: &Wish| wish.to.as_ref().and_then(|to| to.address());
        if !wishes.members.values().any(|wish| wish.to.is_some()) {
            return Ok((Vec::new(), None));
        }
        let (config, now) = (self.config(), self.clock.now());
        let open = self.open_tasks()?;
        let told: ToldBook = kept::read(&*self.private, TOLD)?;
        let nothing = BTreeMap::new();
        let (mut letters, mut next) = (Vec::new(), None::<Timestamp>);
        for member in self.store.members()? {
            let Some(wish) = wishes.members.get(&member.id) else {
                continue;
            };
            let Some(to) = told_of(wish) else { continue };
            if member.retired || not_now(&member.id, &to) {
                continue;
            }
            let hers: Vec<Task> = open
                .iter()
                .filter(|(share, _)| self.is_hers(&member, share))
                .map(|(_, task)| task.clone())
                .collect();
            let known = told.members.get(&member.id).map_or(&nothing, |t| &t.tasks);
            let zone = &config.office.zone;
            let due = due(now, zone, &member.id, wish.quiet, known, &hers);
            next = [next, due.next].into_iter().flatten().min();
            let news: Vec<(&Task, News)> = due
                .news
                .iter()
                .map(|(n, news)| (&hers[*n], *news))
                .collect();
            if news.is_empty() {
                continue;
            }
            let paper = Paper {
                lang: self.lang_of_member(&member.id)?,
                zone,
                now,
                base,
            };
            letters.push(Delivery {
                letter: paper.letter(&member.id, &news),
                told: news.iter().map(|(t, n)| (t.key(), *n)).collect(),
                member: member.id,
                to,
            });
        }
        Ok((letters, next))
    }

    /// Notes that a letter leaves; durable when it returns. What is long done is forgotten with it.
    ///
    /// # Errors
    /// The private file's: then it must not leave.
    pub fn letter_leaves(&self, delivery: &Delivery) -> Result<(), OfficeError> {
        let now = self.clock.now();
        kept::change(&*self.private, TOLD, |book: &mut ToldBook| {
            let told = book.members.entry(delivery.member.clone()).or_default();
            self.forget_done(told, now)?;
            for (task, news) in &delivery.told {
                let told = told.tasks.entry(task.clone()).or_default();
                match news {
                    News::Opened => told.opened = Some(now),
                    News::Ending => told.ending = Some(now),
                }
            }
            Ok(())
        })
    }

    /// Notes what became of it. Answers whether the same is to be told again: it certainly did not
    /// arrive.
    ///
    /// # Errors
    /// The private file's.
    pub fn letter_left(
        &self,
        delivery: &Delivery,
        result: &Result<(), SendError>,
    ) -> Result<bool, OfficeError> {
        let now = self.clock.now();
        let again = matches!(result, Err(error) if !matches!(error, SendError::Unsure { .. }));
        kept::change(&*self.private, TOLD, |book: &mut ToldBook| {
            let told = book.members.entry(delivery.member.clone()).or_default();
            match result {
                Ok(()) => (told.trouble, told.last) = (None, Some(now)),
                Err(error) => {
                    told.trouble = Some(trouble(now, is_telegram(&delivery.to), error).into());
                }
            }
            if again {
                for (task, news) in &delivery.told {
                    let Some(told) = told.tasks.get_mut(task) else {
                        continue;
                    };
                    match news {
                        News::Opened => told.opened = None,
                        News::Ending => told.ending = None,
                    }
                }
            }
            Ok(())
        })?;
        Ok(again)
    }

    /// Everything a person has to do, soonest missed first.
    fn open_tasks(&self) -> Result<Vec<(Share, Task)>, OfficeError> {
        let mut open = Vec::new();
        for id in self.store.hand_tasks_until(Timestamp::MAX, MOST_A_PAGE)? {
            open.extend(self.task(id, false)?);
        }
        for id in self.store.removals(TakenDownBy::Person, MOST_A_PAGE)? {
            open.extend(self.task(id, true)?);
        }
        Ok(open)
    }

    fn task(&self, id: ShareId, removal: bool) -> Result<Option<(Share, Task)>, OfficeError> {
        let Some(share) = self.store.share(id)? else {
            return Ok(None);
        };
        let is_open = match removal {
            true => share.removal == Some(Removal::ByHand),
            false => share.state == State::ByHand,
        };
        let Some(article) = self.store.article(share.article)?.filter(|_| is_open) else {
            return Ok(None);
        };
        let config = self.config();
        let channel = match config.channel(&share.channel) {
            Some(channel) => channel.rules.title.clone(),
            None => share.channel.to_string(),
        };
        let task = Task {
            share: id,
            title: article.headline(),
            channel,
            opened: share.due.unwrap_or(share.changed),
            until: share.until.filter(|_| !removal),
            taken: share.taken.clone(),
            removal,
        };
        Ok(Some((share, task)))
    }

    fn is_hers(&self, member: &Member, share: &Share) -> bool {
        let config = self.config();
        permission::is_told_of(member, config.channel(&share.channel).map(|c| &c.rules))
    }

    fn forget_done(&self, told: &mut ToldMember, now: Timestamp) -> Result<(), OfficeError> {
        let mut done = Vec::new();
        for key in told.tasks.keys() {
            let (id, removal) = match key.strip_suffix("/removal") {
                Some(id) => (id, true),
                None => (key.as_str(), false),
            };
            let share = match id.parse() {
                Ok(id) => self.store.share(id)?,
                Err(_) => None,
            };
            let stays = share.is_some_and(|share| {
                let is_open = match removal {
                    true => share.removal == Some(Removal::ByHand),
                    false => share.state == State::ByHand,
                };
                is_open || now.duration_since(share.changed) < SAME_TASK
            });
            if !stays {
                done.push(key.clone());
            }
        }
        for key in done {
            told.tasks.remove(&key);
        }
        Ok(())
    }
}
