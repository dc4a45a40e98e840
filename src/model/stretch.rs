//! A channel's queue as a schedule reads it.

use std::collections::VecDeque;

use super::channel::{Channel, Order, Schedule};
use super::id::{ChannelId, TopicId};
use super::plan::{Outlook, QueueAsk, Queued};

/// The queue of a channel as a schedule reads it, stretch by stretch.
pub(super) struct Stretch<'a> {
    channel: &'a ChannelId,
    order: Order,
    lines: Vec<Line<'a>>,
}

/// One range read: the whole queue, or one topic's part of it.
struct Line<'a> {
    topic: Option<&'a TopicId>,
    ahead: VecDeque<Queued>,
    last: Option<Queued>,
    ended: bool,
}

/// So many are read at once; most firings take one.
const READ_AHEAD: usize = 8;

impl<'a> Stretch<'a> {
    pub(super) fn new(schedule: &'a Schedule, channel: &'a Channel) -> Self {
        // A schedule's topics and a channel's both hold; where both name some, those in both.
        let topics: Vec<&TopicId> = match (schedule.topics.is_empty(), channel.topics.is_empty()) {
            (true, true) => Vec::new(),
            (true, false) => channel.topics.iter().collect(),
            (false, _) => schedule
                .topics
                .iter()
                .filter(|t| channel.takes_topic(Some(t)))
                .collect(),
        };
        let line = |topic| Line {
            topic,
            ahead: VecDeque::new(),
            last: None,
            ended: false,
        };
        let lines = if topics.is_empty() && schedule.topics.is_empty() {
            vec![line(None)]
        } else {
            topics.into_iter().map(|t| line(Some(t))).collect()
        };
        Self {
            channel: &channel.id,
            order: schedule.order,
            lines,
        }
    }

    pub(super) fn next<O: Outlook>(&mut self, outlook: &O) -> Result<Option<Queued>, O::Error> {
        for line in &mut self.lines {
            if line.ahead.is_empty() && !line.ended {
                let ask = QueueAsk {
                    channel: self.channel,
                    order: self.order,
                    topic: line.topic,
                    after: line.last.as_ref(),
                    limit: READ_AHEAD,
                };
                let read = outlook.queue(&ask)?;
                line.ended = read.len() < READ_AHEAD;
                line.last = read.last().cloned().or(line.last.take());
                line.ahead.extend(read);
            }
        }
        let rank = |q: &Queued| q.rank(self.order);
        let first = self
            .lines
            .iter_mut()
            .filter(|l| !l.ahead.is_empty())
            .min_by_key(|l| l.ahead.front().map(rank));
        Ok(first.and_then(|l| l.ahead.pop_front()))
    }
}
