//! Shares of long ago, brought in from a list: each becomes a real share, with its real day, counted as
//! back-filled, and with the file and row that it comes from beside it in the ledger.
//!
//! - One article per link (by its key), or per headline where a row has no link; one that is there already
//!   is taken.
//! - The same row changes nothing the second time, in whatever file it stands.
//! - What may be counted already (the same article on the same channel within two days, or the same post)
//!   is told and waits for a person's word; nothing is guessed. A row's other channels do not wait for it.
//!
//! | file | what |
//! |---|---|
//! | [`names`] | channels and people as lists write them → those we know |
//! | [`judge`] | a row → its shares, or why not |
//! | [`clash`] | what may be counted already, here or in the same file |

mod clash;
mod judge;
mod names;

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::imports::BadRow;
use super::request::Work;
use super::{Office, OfficeError, permission};
use crate::intake::past::PastRow;
use crate::model::{Actor, ArticleId, ChannelId, Event, Origin, Receipt, State};

pub(super) use clash::Before;
pub(super) use judge::{Asked, Judged, PastShare};
pub(super) use names::Known;

/// The file that shares are brought in from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListFile {
    /// SHA-256 of its bytes, lower-case hex.
    pub sha256: String,
    /// Its name.
    pub name: String,
}

/// What came of some rows.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct BackFilled {
    /// Shares that were added.
    pub(super) added: u64,
    /// Shares that were there.
    pub(super) known: u64,
    /// Rows left out since they were looked at, with the code of why.
    pub(super) left: Vec<BadRow>,
}

impl Office {
    /// Adds these rows' shares on these channels of theirs, as one line of the ledger. `although`: a person
    /// wants them counted although something like them is known. `begins`: the first rows of a run, with
    /// how many it has.
    pub(super) async fn back_fill(
        &self,
        actor: &Actor,
        known: &Known,
        file: &ListFile,
        rows: &[(PastRow, Vec<ChannelId>)],
        although: bool,
        begins: Option<u64>,
    ) -> Result<BackFilled, OfficeError> {
        permission::back_fill(actor)?;
        self.perform(actor, None, &(), |work| {
            let mut done = BackFilled::default();
            let mut articles: HashMap<String, ArticleId> = HashMap::new();
            for (row, channels) in rows {
                let judged = match self.judge(known, Asked::Told(channels), row) {
                    Ok(judged) => judged,
                    Err(stop) if stop.is_of_the_house() => return Err(stop),
                    Err(bad) => {
                        done.left.push(BadRow::of(row.line, &bad));
                        continue;
                    }
                };
                for one in judged {
                    let share = match one {
                        Judged::Known => {
                            done.known += 1;
                            continue;
                        }
                        Judged::Clash(_, clash) if !although => {
                            let bad = clash.as_bad(row.line);
                            done.left.push(bad);
                            continue;
                        }
                        Judged::New(share) | Judged::Clash(share, _) => share,
                    };
                    if done.added == 0
                        && let Some(rows) = begins
                    {
                        work.event(Event::BackfillBegun {
                            file: file.sha256.clone(),
                            name: file.name.clone(),
                            rows,
                        });
                    }
                    self.put_past(work, actor, file, *share, &mut articles)?;
                    done.added += 1;
                }
            }
            Ok(done)
        })
        .await
    }

    fn put_past(
        &self,
        work: &mut Work<'_>,
        actor: &Actor,
        file: &ListFile,
        past: PastShare,
        articles: &mut HashMap<String, ArticleId>,
    ) -> Result<(), OfficeError> {
        let there = past.article.or(articles.get(&past.article_key).copied());
        let article = match there {
            Some(id) => id,
            None => {
                let id = self.chance.article(work.now);
                let title = work.text(&past.content.title);
                let text = work.text(&past.content.text);
                work.event(Event::ArticleAdded {
                    article: id,
                    title,
                    text,
                    link: past.content.link.clone(),
                    pictures: Vec::new(),
                    topic: past.count.topic.clone(),
                    priority: 0,
                    source: format!("back-fill:{}", file.name),
                    row: Some(past.article_key.clone()),
                    member: actor.member().cloned(),
                    unit: self.unit_of(actor)?,
                });
                articles.insert(past.article_key, id);
                id
            }
        };
        let share = self.chance.share(work.now);
        let who = past.who.as_deref().map(|who| work.text(who));
        work.event(Event::ShareAdded {
            share,
            article,
            channel: past.channel,
            state: State::Shared,
            spot: None,
            at: None,
            day: None,
            key: None,
            topic: past.count.topic.clone(),
            priority: 0,
            own_text: None,
            again: false,
            receipt: past.proof.map(|(link, post)| Receipt {
                post_id: post.unwrap_or_else(|| share.to_string()),
                permalink: Some(link),
                at: past.count.at,
            }),
            count: Some(past.count),
            origin: Some(Box::new(Origin {
                file: file.sha256.clone(),
                name: file.name.clone(),
                line: past.line,
                row: past.row,
                who,
                day_only: past.day_only,
            })),
        });
        Ok(())
    }
}
