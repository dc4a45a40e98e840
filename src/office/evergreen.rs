//! Articles that are shared again and again by a rule: a person sets it, the daemon follows it.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::request::{Done, Work};
use super::{Invalid, Office, OfficeError, permission};
use crate::model::evergreen::{Turn, turn};
use crate::model::{Actor, Article, ArticleId, ChannelId, Event, Evergreen, Every};

/// The rule as it is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Rule {
    /// So long after it was last shared on a channel: `30d`, `4w`. Empty ends it.
    pub every: String,
    /// No turn after this day (`2027-12-31`).
    #[schema(value_type = Option<String>, format = "date")]
    pub until: Option<Date>,
    /// So often on each channel at most, the first time included.
    pub at_most: Option<u32>,
}

impl From<Evergreen> for Rule {
    fn from(rule: Evergreen) -> Self {
        Self {
            every: rule.every.to_string(),
            until: rule.until,
            at_most: rule.at_most,
        }
    }
}

impl Office {
    /// Sets, changes or ends the rule by which an article is shared again and again.
    ///
    /// # Errors
    /// See [`OfficeError`].
    pub async fn set_evergreen(
        &self,
        actor: &Actor,
        key: Option<&str>,
        id: ArticleId,
        rule: Rule,
    ) -> Result<Done, OfficeError> {
        self.perform(actor, key, &("evergreen", id, &rule), |work| {
            let article = self.article(id)?;
            permission::change(actor, &article)?;
            let mut done = Done {
                article: Some(id),
                ..Done::default()
            };
            if !self.put_rule(work, &article, &rule)? {
                done.note("nothing-changed", &[]);
            }
            Ok(done)
        })
        .await
    }

    /// The rule, into a commit; whether it is another than before.
    pub(super) fn put_rule(
        &self,
        work: &mut Work<'_>,
        article: &Article,
        rule: &Rule,
    ) -> Result<bool, OfficeError> {
        let rule = self.checked_rule(rule, work)?;
        let changed = rule != article.evergreen;
        if changed {
            work.event(Event::ArticleEvergreen {
                article: article.id,
                rule,
            });
        }
        Ok(changed)
    }

    fn checked_rule(&self, rule: &Rule, work: &Work<'_>) -> Result<Option<Evergreen>, OfficeError> {
        if rule.every.trim().is_empty() {
            return Ok(None);
        }
        let bad = || Invalid::Every {
            given: rule.every.clone(),
            most: Every::MOST_DAYS,
        };
        let every = rule.every.parse();
        let every = every.map_err(|_| OfficeError::invalid("every", bad()))?;
        let today = super::local_day(&self.config(), work.now);
        if let Some(until) = rule.until.filter(|until| *until < today) {
            return Err(OfficeError::invalid("until", Invalid::DayPassed(until)));
        }
        // Once is no rule: that is what happens without one.
        if let Some(given) = rule.at_most.filter(|n| *n < 2) {
            return Err(OfficeError::invalid(
                "at_most",
                Invalid::AtMost(given.to_string()),
            ));
        }
        Ok(Some(Evergreen {
            every,
            until: rule.until,
            at_most: rule.at_most,
        }))
    }

    /// On each channel the article went to: when it comes round next.
    ///
    /// # Errors
    /// See [`OfficeError`].
    pub fn turns(
        &self,
        actor: &Actor,
        article: &Article,
    ) -> Result<Vec<(ChannelId, Turn)>, OfficeError> {
        permission::read(actor)?;
        let Some(rule) = &article.evergreen else {
            return Ok(Vec::new());
        };
        let zone = &self.config().office.zone;
        let mut turns = Vec::new();
        let shares = self.store.shares_of(article.id, None)?;
        for share in &shares {
            let channel = &share.channel;
            if turns.iter().any(|(known, _)| known == channel) {
                continue;
            }
            let there = shares.iter().filter(|s| s.channel == *channel).cloned();
            let there: Vec<_> = there.collect();
            turns.push((channel.clone(), turn(rule, &there, zone)));
        }
        Ok(turns)
    }
}
