//! Members are told of their tasks: once when one opens, once an hour before it is missed
//! ([`crate::office::notices`]). A letter that does not arrive holds up nothing else: each goes its own
//! way, and whoever cannot be reached is tried again with patience.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::heard;
use crate::clock::LONGEST_SLEEP;
use crate::model::{Event, MemberId, retry};
use crate::office::notices::Delivery;
use crate::office::{Office, OfficeError};
use crate::platform::SendError;
use crate::platform::letter::{Address, Messenger};

/// Wishes change without an event (they are private): looked at so often.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_secs(15);

/// How it stands with one member whose letter is on its way, or was tried in vain.
struct Standing {
    /// Where it goes. Another address has a fresh start.
    to: Address,
    /// Tried so often in vain.
    tries: u32,
    /// Not again before; none while a letter is on its way.
    not_before: Option<Timestamp>,
}

/// Tells until told to stop. `base`: the address people open, for the links. `trusted`: whether the
/// clock is known to be right; by a wrong one nothing ends within the hour.
pub async fn run(
    office: Arc<Office>,
    messenger: Arc<Messenger>,
    base: impl Fn() -> Option<String> + Send,
    trusted: impl Fn() -> bool + Send,
    mut stopping: watch::Receiver<bool>,
) {
    let mut commits = office.store.watch();
    let mut standing: HashMap<MemberId, Standing> = HashMap::new();
    let mut sending = JoinSet::new();
    let (mut look, mut next, mut looked) = (true, None::<Timestamp>, office.clock.since_boot());
    loop {
        look |= heard(&mut commits, concerns);
        let (now, boot) = (office.clock.now(), office.clock.since_boot());
        look |= next.is_some_and(|at| at <= now) || boot - looked >= LOOK_AGAIN;
        look |= standing
            .values()
            .any(|s| s.not_before.is_some_and(|at| at <= now));
        if look && trusted() {
            (look, looked) = (false, boot);
            match round(&office, &messenger, base(), &mut standing, &mut sending).await {
                Ok(at) => next = at,
                Err(error) => tracing::error!(%error, "members are not told; it is tried again"),
            }
        }
        tokio::select! {
            () = office.clock.sleep(LONGEST_SLEEP) => {}
            Some(Ok((delivery, result))) = sending.join_next() => {
                arrived(&office, &mut standing, delivery, result);
                look = true;
            }
            // An error means that nobody is left to stop us: the same.
            _ = stopping.wait_for(|stop| *stop) => return,
        }
    }
}

/// Whether a task may have opened, been taken, or changed its end.
fn concerns(event: &Event) -> bool {
    matches!(
        event,
        Event::ShareHanded { .. }
            | Event::ShareTaken { .. }
            | Event::ShareUndone { .. }
            | Event::RemovalChanged { .. }
            | Event::MemberSet { .. }
    )
}

type Sent = (Delivery, Result<(), SendError>);

/// Sends what is due. Answers when to look again.
async fn round(
    office: &Arc<Office>,
    messenger: &Arc<Messenger>,
    base: Option<String>,
    standing: &mut HashMap<MemberId, Standing>,
    sending: &mut JoinSet<Sent>,
) -> Result<Option<Timestamp>, OfficeError> {
    let now = office.clock.now();
    let held: HashMap<MemberId, (Address, bool)> = standing
        .iter()
        .map(|(id, s)| {
            let on_its_way = s.not_before.is_none();
            (id.clone(), (s.to.clone(), on_its_way))
        })
        .filter(|(id, _)| standing[id].not_before.is_none_or(|at| at > now))
        .collect();
    let reading = office.clone();
    let read = move || {
        let not_now = |id: &MemberId, to: &Address| {
            let one = held.get(id);
            one.is_some_and(|(held, on_its_way)| *on_its_way || held == to)
        };
        let (letters, next) = reading.letters_due(base.as_deref(), not_now)?;
        for letter in &letters {
            reading.letter_leaves(letter)?;
        }
        Ok::<_, OfficeError>((letters, next))
    };
    let read = tokio::task::spawn_blocking(read).await;
    let (letters, next) = read.map_err(|e| OfficeError::Stopped(e.to_string()))??;
    // Whoever waited and has nothing to be told any more waits for nothing.
    standing.retain(|id, s| {
        s.not_before.is_none_or(|at| at > now) || letters.iter().any(|l| l.member == *id)
    });
    for delivery in letters {
        let before = standing.get(&delivery.member);
        let tries = before
            .filter(|s| s.to == delivery.to)
            .map_or(0, |s| s.tries);
        tracing::debug!(member = %delivery.member, tries, "a member is told");
        let on_its_way = Standing {
            to: delivery.to.clone(),
            tries,
            not_before: None,
        };
        standing.insert(delivery.member.clone(), on_its_way);
        let (office, messenger) = (office.clone(), messenger.clone());
        sending.spawn(async move {
            let config = office.config();
            let to = &delivery.to;
            let result = messenger
                .deliver(&config.notices, to, &delivery.letter)
                .await;
            (delivery, result)
        });
    }
    Ok(next)
}

fn arrived(
    office: &Office,
    standing: &mut HashMap<MemberId, Standing>,
    delivery: Delivery,
    result: Result<(), SendError>,
) {
    let id = delivery.member.clone();
    if let Err(error) = &result {
        tracing::warn!(member = %id, %error, "a member was not told");
    }
    let again = match office.letter_left(&delivery, &result) {
        Ok(again) => again,
        Err(error) => {
            // What stands on the disk says that she was told: rather once too little.
            tracing::error!(%error, member = %id, "what became of a letter was not noted");
            false
        }
    };
    let tries = standing.remove(&id).map_or(0, |s| s.tries);
    if !again {
        return;
    }
    let now = office.clock.now();
    let wait = now + retry::wait(tries, office.chance.unit());
    let not_before = match &result {
        Err(SendError::Throttled { until, .. }) => (*until).max(wait),
        _ => wait,
    };
    let waits = Standing {
        to: delivery.to,
        tries: tries + 1,
        not_before: Some(not_before),
    };
    standing.insert(id, waits);
}
