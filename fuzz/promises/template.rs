//! Whatever is written as a template and whatever comes in: a template that is found right can be
//! filled, what comes in is never filled in again and changes nothing of what stands beside it, and a
//! post made by it keeps to its place's limit.

use jiff::SignedDuration;
use raotin::compose::{Source, Unpostable, check_template, fill_template, preview};
use raotin::model::{Channel, ChannelId, Content, Mode, PlatformKind};

/// Template, title, text and topic, apart by `---`.
pub(super) fn hold(bytes: &[u8]) {
    let given = String::from_utf8_lossy(bytes);
    let mut parts = given.splitn(4, "---");
    let mut next = || parts.next().unwrap_or_default();
    let (template, title, text, topic) = (next(), next(), next(), next());
    let link = "https://chodon.example.vn/tin/5";
    let tags = [topic.to_owned()];
    let fill = |title: &str, text: &str, link: &str| {
        fill_template(template, title, text, link, topic, &tags)
    };
    let filled = fill(title, text, link);
    assert_eq!(
        check_template(template).err(),
        filled.as_ref().err().cloned(),
        "found right, and filled"
    );
    let Ok(filled) = filled else { return };
    assert!(unicode_normalization::is_nfc(&filled));
    assert!(!filled.contains(|c: char| c != '\n' && c.is_control()));
    // What stands for a value holds its place, whatever the value is.
    let braces = "{title}{{x}}{/}{?text}";
    let (a, b, c) = ("\u{e000}", "\u{e001}", "\u{e002}");
    if !template.contains("summary")
        && ![template, title, text, topic]
            .iter()
            .any(|v| v.contains(['\u{e000}', '\u{e001}', '\u{e002}']))
    {
        let there = |value: &str, mark: &str| match value.is_empty() {
            true => String::new(),
            false => format!("{mark}{braces}"),
        };
        let marked = fill(&there(title, a), &there(text, b), c).expect("it was filled before");
        let plain = fill(
            if title.is_empty() { "" } else { a },
            if text.is_empty() { "" } else { b },
            c,
        );
        let plain = plain.expect("it was filled before");
        let plain = plain.replace(a, &format!("{a}{braces}"));
        assert_eq!(marked, plain.replace(b, &format!("{b}{braces}")));
    }
    fits(template, title, text, topic, link);
}

fn fits(template: &str, title: &str, text: &str, topic: &str, link: &str) {
    let content = Content {
        title: title.to_owned(),
        text: text.to_owned(),
        link: Some(link.to_owned()),
        pictures: Vec::new(),
    };
    let hashtags = [topic.to_owned()];
    let source = Source {
        content: &content,
        topic: Some(topic),
        hashtags: &hashtags,
        own_text: None,
        link_instead: None,
        told: None,
    };
    for platform in [PlatformKind::Bluesky, PlatformKind::Telegram] {
        let mut channel = channel(platform);
        channel.template = Some(template.to_owned());
        let preview = match preview(source, &channel) {
            Ok(preview) => preview,
            Err(Unpostable::TemplateTooLong | Unpostable::Empty) => continue,
            Err(other) => panic!("{other}"),
        };
        for (part, usage) in preview.post.parts.iter().zip(&preview.uses) {
            assert!(usage.used <= usage.limit, "{usage:?}");
            assert!(unicode_normalization::is_nfc(&part.text));
            for mark in &part.marks {
                assert!(part.text.get(mark.start..mark.end).is_some());
            }
        }
    }
}

fn channel(platform: PlatformKind) -> Channel {
    Channel {
        id: ChannelId::new("kenh").expect("an id"),
        title: "Kênh".to_owned(),
        platform,
        mode: Mode::Post,
        account: None,
        url: None,
        approval_required: false,
        max_per_day: None,
        min_gap: SignedDuration::ZERO,
        repeat_after: SignedDuration::ZERO,
        hours: None,
        after: None,
        own_link: false,
        hand_within: SignedDuration::ZERO,
        template: None,
        link_tags: Vec::new(),
        topics: Vec::new(),
        assignees: Vec::new(),
        settle_after: SignedDuration::ZERO,
        settle_gap: SignedDuration::ZERO,
    }
}
