//! `[[channels]]` → a checked channel.

use std::sync::Arc;

use super::at::Placed;
use super::env::Vault;
use super::keys::{APPROVAL, LINK, MODE, PLATFORM, UTM};
use super::names::Names;
use super::problem::Code;
use super::reader::Fields;
use super::values::{self, ANY, SOME};
use super::{ConfiguredChannel, defaults, target};
use crate::model::channel::Hours;
use crate::model::{Channel, ChannelId, Mode, PlatformKind};

/// Reads one channel, to its end whatever is wrong with it. `None` if it lacks what a channel cannot
/// be without; that was told.
pub(super) fn read(
    fields: &Fields<'_>,
    names: &Names<'_>,
    vault: &Vault<'_>,
) -> Option<Arc<ConfiguredChannel>> {
    let id = fields
        .text("id")
        .and_then(|id| ChannelId::new(id.value).ok());
    let platform = fields.one_of("platform", PLATFORM).map(|word| word.value);
    let mode = mode(fields, platform);
    let text = |key| fields.text(key).map(|text| text.value.to_owned());
    let time = |key, default| duration(fields, key, ANY).unwrap_or(default);
    let hours = fields
        .parsed("hours", values::hours)
        .map(|hours| hours.value);
    let min_gap = time(
        "min_gap",
        match platform {
            Some(platform) if platform.is_group() => defaults::MIN_GAP_IN_GROUPS,
            _ => defaults::MIN_GAP,
        },
    );
    let max_per_day = fields.count("max_per_day", 0, u32::MAX);
    if let Some(max) = &max_per_day {
        check_cap(max, min_gap, hours, id.as_ref());
    }
    let mut topics = fields.ids("topics").unwrap_or_default();
    topics.extend(fields.ids("topic").unwrap_or_default());
    let tags = fields.table("utm", UTM).map(|utm| utm.texts(UTM));

    let target = target::read(fields, platform, mode, vault);
    let rules = Channel {
        title: text("title").unwrap_or_default(),
        account: text("account"),
        url: fields
            .parsed("url", values::page_url)
            .map(|url| url.value.into()),
        approval_required: fields
            .one_of("approval", APPROVAL)
            .is_some_and(|word| word.value),
        max_per_day: max_per_day.map(|max| max.value),
        min_gap,
        repeat_after: time("repeat_after", defaults::REPEAT_AFTER),
        hours,
        after: fields.text("after").and_then(|name| names.channel(&name)),
        own_link: fields.one_of("link", LINK).is_some(),
        hand_within: duration(fields, "hand_within", SOME).unwrap_or(defaults::HAND_WITHIN),
        template: fields.parsed("template", values::template).map(|t| t.value),
        link_tags: tags
            .unwrap_or_default()
            .into_iter()
            .map(|(key, value)| (format!("utm_{key}"), value.to_owned()))
            .collect(),
        topics: names.topics(&topics),
        assignees: names.members(&fields.ids("assignees").unwrap_or_default()),
        settle_after: time("settle_after", defaults::SETTLE_AFTER),
        settle_gap: time("settle_gap", defaults::SETTLE_GAP),
        // last, so that all the rest was looked at
        id: id?,
        platform: platform?,
        mode,
    };
    Some(Arc::new(ConfiguredChannel { rules, target }))
}

/// Who shares there: the daemon where it can, unless the file says otherwise.
fn mode(fields: &Fields<'_>, platform: Option<PlatformKind>) -> Mode {
    let word = fields.one_of("mode", MODE);
    let has_api = platform.is_none_or(PlatformKind::has_api);
    let natural = if has_api { Mode::Post } else { Mode::ByHand };
    match (word, platform) {
        (Some(word), Some(platform)) if word.value == Mode::Post && !has_api => {
            let platform = vec![("platform", platform.as_str().to_owned())];
            word.place.error(Code::ModeImpossible, platform);
            natural
        }
        (Some(word), _) => word.value,
        (None, _) => natural,
    }
}

/// A cap that lets nothing out, or that the gaps leave no room for, is not what was meant.
fn check_cap(
    max: &Placed<'_, u32>,
    gap: jiff::SignedDuration,
    hours: Option<Hours>,
    channel: Option<&ChannelId>,
) {
    if max.value == 0 {
        let channel = channel.map_or("ID", ChannelId::as_str);
        let channel = vec![("channel", channel.to_owned())];
        max.place.error(Code::CapZero, channel);
        return;
    }
    let open = values::open_for(hours);
    let needed = gap.as_secs().saturating_mul(i64::from(max.value) - 1);
    if needed > open.as_secs() {
        max.place.error(
            Code::CapGap,
            vec![
                ("max", max.value.to_string()),
                ("gap", values::duration_text(gap)),
                ("open", values::duration_text(open)),
            ],
        );
    }
}

pub(super) fn duration(
    fields: &Fields<'_>,
    key: &'static str,
    (least, most): (jiff::SignedDuration, jiff::SignedDuration),
) -> Option<jiff::SignedDuration> {
    fields
        .duration(key, least, most)
        .map(|duration| duration.value)
}

/// Channels that wait for each other for ever: told once a ring, at its first channel in the file.
pub(super) fn check_after(channels: &[(Fields<'_>, Arc<ConfiguredChannel>)]) {
    let next = |id: &ChannelId| {
        let channel = channels.iter().find(|(_, c)| c.rules.id == *id);
        channel.and_then(|(_, c)| c.rules.after.clone())
    };
    let mut told: Vec<ChannelId> = Vec::new();
    for (fields, channel) in channels {
        let start = &channel.rules.id;
        let mut path = vec![start.clone()];
        let mut at = next(start);
        while let Some(id) = at.filter(|id| !path.contains(id)) {
            at = next(&id);
            path.push(id);
        }
        let last = path.last().and_then(next);
        // a ring that this channel only leads into is told at one of its own
        if last.as_ref() != Some(start) || told.contains(start) {
            continue;
        }
        let place = fields
            .text("after")
            .map_or(fields.place, |after| after.place);
        if path.len() == 1 {
            place.error(Code::AfterSelf, vec![("channel", start.to_string())]);
        } else {
            let ring: Vec<&str> = path.iter().chain([start]).map(ChannelId::as_str).collect();
            place.error(Code::AfterCycle, vec![("path", ring.join(" → "))]);
        }
        told.extend(path);
    }
}
