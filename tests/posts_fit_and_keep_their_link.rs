//! Whatever people write, a post is within its platform's limit by the platform's own count, its link
//! is whole, and what is cut is cut between letters.
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

use jiff::SignedDuration;
use proptest::prelude::*;
use proptest::sample::select;
use raotin::compose::{Preview, Source, Unpostable, compose, count, preview};
use raotin::model::{Channel, ChannelId, Content, MarkKind, Mode, Part, Picture, PlatformKind};
use unicode_normalization::is_nfc;
use unicode_segmentation::UnicodeSegmentation as _;

const LINK: &str = "https://chodon.example.vn/tin/Chợ_Đồn-2026?id=5";

fn channel(platform: PlatformKind) -> Channel {
    Channel {
        id: ChannelId::new("kenh").unwrap(),
        title: "Kênh".to_owned(),
        platform,
        mode: if platform.has_api() {
            Mode::Post
        } else {
            Mode::ByHand
        },
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

fn article(title: &str, text: &str, link: Option<&str>, pictures: usize) -> Content {
    Content {
        title: title.to_owned(),
        text: text.to_owned(),
        link: link.map(str::to_owned),
        pictures: (0..pictures)
            .map(|i| Picture {
                hash: format!("{i:064x}"),
                alt: String::new(),
            })
            .collect(),
    }
}

fn source(content: &Content) -> Source<'_> {
    Source {
        content,
        topic: None,
        hashtags: &[],
        own_text: None,
        link_instead: None,
        told: None,
    }
}

fn made(content: &Content, channel: &Channel) -> Preview {
    preview(source(content), channel).unwrap()
}

fn texts(preview: &Preview) -> Vec<&str> {
    preview.post.parts.iter().map(|part| &*part.text).collect()
}

/// Counted without the program's help: the platform's limit for a part, and what the part has.
fn limit_and_length(platform: PlatformKind, part: &Part) -> (usize, usize) {
    let utf16 = part.text.encode_utf16().count();
    match platform {
        PlatformKind::Telegram if part.pictures.is_empty() => (4096, utf16),
        PlatformKind::Telegram => (1024, utf16),
        PlatformKind::ZaloGroup => (2000, utf16),
        PlatformKind::Bluesky => {
            // Ten bytes are as much as a grapheme: 3,000 of them.
            let graphemes = part.text.graphemes(true).count();
            (300, graphemes.max(part.text.len().div_ceil(10)))
        }
        PlatformKind::Mastodon => (500, 0),
        PlatformKind::Other => (70_000, part.text.graphemes(true).count()),
        PlatformKind::Matrix => (14_000, part.text.chars().count()),
        PlatformKind::Wordpress => (70_000, part.text.chars().count()),
        PlatformKind::Webhook => (100_000, part.text.chars().count()),
        _ => (63_206, part.text.chars().count()),
    }
}

/// What people write here, and what breaks counters: composed and decomposed Vietnamese, lone marks,
/// families, flags, words without end, right-to-left, things that look like links and templates.
fn writing() -> impl Strategy<Value = String> {
    let token = select(vec![
        "Chợ Đồn ",
        "Cho\u{31b}\u{323} Đo\u{302}\u{300}n ",
        "bà con, ",
        "làm đường. ",
        "\n",
        "\n\n",
        " ",
        "\u{301}",
        "x\u{323}\u{302}",
        "👨‍👩‍👧‍👦",
        "🇻🇳",
        "🏴󠁧󠁢󠁥󠁮󠁧󠁿 ",
        "👍🏽",
        "ngoằnngoèongoằnngoèo",
        "ไม่มีช่องว่าง",
        "مرحبا بالعالم ",
        "\u{202e}",
        "\u{200d}",
        "\u{1112}\u{1161}\u{11ab}",
        "{link} ",
        "{{text}} ",
        "#ChợĐồn ",
        "https://khac.example.vn/a/b?c=d ",
        LINK,
        " 𝔘𝔫𝔦 ",
        "\r\n",
        "\u{7}",
        "\t",
    ]);
    (
        prop::collection::vec(token, 0..12),
        select(vec![1_usize, 1, 2, 40, 90, 200]),
    )
        .prop_map(|(tokens, times)| tokens.concat().repeat(times))
}

proptest! {
    #[test]
    fn every_post_fits_and_keeps_its_link(
        title in writing().prop_map(|t| t.chars().take(300).collect::<String>()),
        text in writing(),
        has_link in prop::bool::weighted(0.8),
        pictures in select(vec![0_usize, 0, 1, 3]),
        platform in select(PlatformKind::ALL.to_vec()),
        mode in select(vec![Mode::Post, Mode::ByHand, Mode::Log]),
        template in select(vec![None, Some("📣 {title}\n\n{text}\n\n👉 Xem thêm: {link}\n#{topic}"), Some("{text}\n{link}")]),
        tagged in any::<bool>(),
    ) {
        let mut channel = channel(platform);
        channel.mode = mode;
        channel.template = template.map(str::to_owned);
        if tagged {
            channel.link_tags = vec![("utm_source".to_owned(), "fb".to_owned())];
        }
        let link = if tagged { format!("{LINK}&utm_source=fb") } else { LINK.to_owned() };
        let content = article(&title, &text, has_link.then_some(LINK), pictures);
        let source = Source { topic: Some("Nông thôn mới"), ..source(&content) };
        let preview = match preview(source, &channel) {
            Ok(preview) => preview,
            Err(Unpostable::Empty) => {
                prop_assert!(pictures == 0 && !has_link);
                return Ok(());
            }
            Err(other) => return Err(TestCaseError::fail(other.to_string())),
        };
        prop_assert_eq!(&compose(source, &channel), &Ok(preview.post.clone()));
        prop_assert_eq!(preview.post.parts.len(), preview.uses.len());

        for (part, usage) in preview.post.parts.iter().zip(&preview.uses) {
            let (limit, length) = limit_and_length(platform, part);
            if platform == PlatformKind::Mastodon {
                // Where words and addresses are glued together nobody but Mastodon can say what is which;
                // the counter's own tests hold what is written as people write.
                prop_assert!(usage.used <= limit, "{} of {}", usage.used, limit);
                prop_assert_eq!(usage.limit, limit);
            } else {
                prop_assert!(length <= limit, "{} of {}", length, limit);
                prop_assert_eq!((usage.used, usage.limit), (length, limit));
            }
            prop_assert!(is_nfc(&part.text));
            prop_assert!(!part.text.contains(|c: char| c.is_control() && c != '\n'));
            prop_assert_eq!(part.text.trim(), &part.text);

            let wide: Vec<u16> = part.text.encode_utf16().collect();
            let mut before = 0;
            for mark in &part.marks {
                prop_assert!(mark.start >= before && mark.end > mark.start);
                before = mark.end;
                let marked = &part.text[mark.start..mark.end];
                let (from, to) = (count::utf16::offset(&part.text, mark.start), count::utf16::offset(&part.text, mark.end));
                prop_assert_eq!(String::from_utf16(&wide[from..to]).unwrap(), marked);
                match mark.kind {
                    MarkKind::Link => prop_assert!(marked.starts_with("http")),
                    MarkKind::Tag => prop_assert!(marked.starts_with('#')),
                    MarkKind::Bold => prop_assert!(!marked.contains('\n')),
                }
            }
        }
        if has_link {
            let as_text = preview.post.parts.iter().any(|part| part.text.contains(&link)
                && part.marks.iter().any(|m| part.text[m.start..m.end] == link || m.kind == MarkKind::Bold));
            let makes_cards = [PlatformKind::FacebookPage, PlatformKind::Bluesky].contains(&platform);
            let as_card = makes_cards && mode != Mode::ByHand
                && preview.post.parts.iter().any(|part| part.link.as_ref() == Some(&link));
            prop_assert!(as_text || as_card, "the link is gone or broken: {:?}", preview);
        }
        let pictures_out: usize = preview.post.parts.iter().map(|part| part.pictures.len()).sum();
        prop_assert_eq!(pictures_out, pictures);
    }

    #[test]
    fn a_cut_falls_between_letters(
        text in writing(),
        platform in select(vec![PlatformKind::Telegram, PlatformKind::ZaloGroup]),
    ) {
        let content = article("", &text, Some("https://x.vn/1"), 0);
        let Ok(cut) = preview(source(&content), &channel(platform)) else { return Ok(()) };
        let Some(place) = cut.cut else { return Ok(()) };
        // A webhook takes all of it, so it shows the text as it is before the cut.
        let mut whole = channel(PlatformKind::Webhook);
        whole.template = Some("{text}".to_owned());
        let whole = made(&content, &whole);
        let whole = &whole.post.parts[0].text;

        let part = &cut.post.parts[place.part].text;
        let Some(at) = place.at else { return Ok(()) };
        prop_assert!(part[at..].starts_with('…'));
        let kept = &part[..at];
        prop_assert!(whole.starts_with(kept));
        prop_assert!(
            whole.grapheme_indices(true).any(|(boundary, _)| boundary == kept.len()),
            "inside a grapheme: …{:?}", kept.chars().rev().take(5).collect::<Vec<_>>()
        );
        prop_assert!(place.over > 0);
    }
}

/// More text than a thread takes, and the link at its very end: what is cut there is put back where the
/// template has it.
#[test]
fn a_cut_thread_keeps_a_link_that_stood_at_its_end() {
    let text = format!("{}{LINK}", "Dài dòng văn tự. ".repeat(400));
    let bluesky = channel(PlatformKind::Bluesky);
    let cut = made(&article("Tựa", &text, Some(LINK), 3), &bluesky);
    assert!(cut.cut.is_some() && cut.post.parts.len() > 1);
    assert!(
        cut.post.parts[0].text.ends_with(LINK),
        "{:?}",
        cut.post.parts[0]
    );
    let whole = format!("{}{LINK}", "Dài dòng văn tự. ".repeat(40));
    let whole = made(&article("Tựa", &whole, Some(LINK), 3), &bluesky);
    let spelled = texts(&whole).iter().filter(|t| t.contains(LINK)).count();
    assert_eq!((spelled, whole.cut), (1, None), "once, where it stood");
}

#[test]
fn a_telegram_picture_has_its_text_beside_it_or_below_it() {
    let telegram = channel(PlatformKind::Telegram);
    let short = made(&article("Tựa", "Ngắn", Some(LINK), 1), &telegram);
    assert_eq!(texts(&short), [format!("Tựa\n\nNgắn\n\n{LINK}")]);
    assert_eq!(short.uses[0].limit, 1024);

    let long = made(
        &article("Tựa", &"Dài dòng. ".repeat(200), Some(LINK), 3),
        &telegram,
    );
    let [pictures, reply] = &long.post.parts[..] else {
        panic!("{long:?}")
    };
    assert_eq!(
        (
            pictures.text.as_str(),
            pictures.pictures.len(),
            &pictures.link
        ),
        ("", 3, &None)
    );
    assert!(reply.text.ends_with(LINK) && reply.pictures.is_empty());
    assert_eq!(reply.link.as_deref(), Some(LINK));
    assert_eq!(long.cut, None);

    let longer = made(
        &article("Tựa", &"Dài dòng. ".repeat(900), Some(LINK), 1),
        &telegram,
    );
    let cut = longer.cut.unwrap();
    assert_eq!(cut.part, 1);
    assert!(
        longer.post.parts[1]
            .text
            .ends_with(&format!("dòng…\n\n{LINK}"))
    );
    assert!(longer.uses[1].used > 4000);

    let album = article("", "", None, 11);
    assert_eq!(
        compose(source(&album), &telegram),
        Err(Unpostable::TooManyPictures {
            given: 11,
            most: 10
        })
    );
}

#[test]
fn a_facebook_page_gets_a_card_or_the_link_in_the_text() {
    let mut page = channel(PlatformKind::FacebookPage);
    let card = made(&article("Tựa", "Bài", Some(LINK), 0), &page);
    assert_eq!(texts(&card), ["Tựa\n\nBài"]);
    assert_eq!(card.post.parts[0].link.as_deref(), Some(LINK));

    let with_picture = made(&article("Tựa", "Bài", Some(LINK), 1), &page);
    assert_eq!(texts(&with_picture), [format!("Tựa\n\nBài\n\n{LINK}")]);
    assert_eq!(
        with_picture.post.parts[0].link, None,
        "no card beside pictures"
    );

    let bare = made(&article("", "", Some(LINK), 0), &page);
    assert_eq!(texts(&bare), [""]);

    // A person pastes a text and nothing else.
    page.mode = Mode::ByHand;
    let by_hand = made(&article("Tựa", "Bài", Some(LINK), 0), &page);
    assert_eq!(texts(&by_hand), [format!("Tựa\n\nBài\n\n{LINK}")]);

    let longest = made(&article("Tựa", &"đ".repeat(63_206), Some(LINK), 1), &page);
    assert_eq!(longest.uses[0].used, 63_206);
    assert!(
        longest.post.parts[0]
            .text
            .ends_with(&format!("đ…\n\n{LINK}"))
    );
}

#[test]
fn a_link_that_the_text_spells_is_not_repeated() {
    let mut group = channel(PlatformKind::FacebookGroup);
    let content = article(
        "",
        "Xem http://www.chodon.example.vn/tin/5/#a nhé.",
        Some("https://chodon.example.vn/tin/5"),
        0,
    );
    assert_eq!(
        texts(&made(&content, &group)),
        ["Xem https://chodon.example.vn/tin/5 nhé."]
    );
    group.link_tags = vec![("utm_source".to_owned(), "nhóm".to_owned())];
    assert_eq!(
        texts(&made(&content, &group)),
        ["Xem https://chodon.example.vn/tin/5?utm_source=nh%C3%B3m nhé."]
    );
    // Another page is another page.
    let other = article(
        "",
        "Xem https://chodon.example.vn/tin/50",
        Some("https://chodon.example.vn/tin/5"),
        0,
    );
    assert_eq!(
        texts(&made(&other, &channel(PlatformKind::FacebookGroup))),
        ["Xem https://chodon.example.vn/tin/50\n\nhttps://chodon.example.vn/tin/5"]
    );
    // Where the cut takes it away, it comes back at its place.
    let far = article("", &format!("{}{LINK}", "chữ ".repeat(2000)), Some(LINK), 0);
    let cut = made(&far, &channel(PlatformKind::Telegram));
    assert!(texts(&cut)[0].ends_with(&format!("chữ…\n\n{LINK}")));
    assert_eq!(texts(&cut)[0].matches(LINK).count(), 1);
}

#[test]
fn the_channels_own_text_and_another_link_take_their_place() {
    let mut group = channel(PlatformKind::FacebookGroup);
    group.link_tags = vec![("utm_source".to_owned(), "x".to_owned())];
    let content = article("Tựa", "Bài", Some(LINK), 0);
    let source = Source {
        own_text: Some("Riêng cho nhóm: {title}"),
        link_instead: Some("https://www.facebook.com/chodon/posts/1"),
        ..source(&content)
    };
    assert_eq!(
        compose(source, &group).unwrap().parts[0].text,
        "Tựa\n\nRiêng cho nhóm: {title}\n\nhttps://www.facebook.com/chodon/posts/1"
    );
    let blank = Source {
        own_text: Some(" \n"),
        ..source
    };
    assert!(
        compose(blank, &group).unwrap().parts[0]
            .text
            .contains("Bài")
    );
}

#[test]
fn hashtags_and_a_summary_stand_where_the_template_asks_for_them() {
    let long = "Huyện Chợ Đồn ra quân làm đường. ".repeat(40);
    let content = article("Tựa", &long, Some(LINK), 0);
    let tags = ["ChợĐồn".to_owned(), "#Bắc Kạn".to_owned()];
    let source = Source {
        hashtags: &tags,
        ..source(&content)
    };
    for platform in [
        PlatformKind::Bluesky,
        PlatformKind::Mastodon,
        PlatformKind::Telegram,
    ] {
        let mut place = channel(platform);
        // Without a template of its own nothing is added.
        let usual = compose(source, &place).unwrap();
        assert!(usual.parts.iter().all(|part| !part.text.contains('#')));
        for (summary, whole) in [("{summary 70}", true), ("{summary 2000}", false)] {
            place.template = Some(format!("{{title}}\n{summary}\n{{link}}\n\n{{hashtags}}"));
            let made = preview(source, &place).unwrap();
            let part = &made.post.parts[0];
            assert!(part.text.ends_with("#ChợĐồn #BắcKạn"), "{}", part.text);
            assert!(made.uses[0].used <= made.uses[0].limit);
            let marked = part.marks.iter().filter(|m| m.kind == MarkKind::Tag);
            let marked: Vec<&str> = marked.map(|m| &part.text[m.start..m.end]).collect();
            assert_eq!(marked, ["#ChợĐồn", "#BắcKạn"]);
            if whole {
                assert!(
                    part.text
                        .contains("làm đường. Huyện Chợ Đồn ra quân làm đường.\n")
                );
            } else if platform == PlatformKind::Bluesky {
                assert!(part.text.contains('…') && made.cut.is_some());
            }
        }
    }
}

#[test]
fn decomposed_text_counts_as_what_it_is_composed_to() {
    let zalo = channel(PlatformKind::ZaloGroup);
    let composed = made(&article("", "Chợ Đồn", None, 0), &zalo);
    let decomposed = made(
        &article("", "Cho\u{31b}\u{323} Đo\u{302}\u{300}n", None, 0),
        &zalo,
    );
    assert_eq!(composed, decomposed);
    assert_eq!(composed.uses[0].used, 7);
}

#[test]
fn the_title_is_bold_and_the_link_is_marked() {
    let post = made(
        &article("🇻🇳 Tựa", "Bài #tin", Some(LINK), 0),
        &channel(PlatformKind::Telegram),
    )
    .post;
    let part = &post.parts[0];
    let marked: Vec<(&str, &MarkKind)> = part
        .marks
        .iter()
        .map(|mark| (&part.text[mark.start..mark.end], &mark.kind))
        .collect();
    assert_eq!(
        marked,
        [
            ("🇻🇳 Tựa", &MarkKind::Bold),
            ("#tin", &MarkKind::Tag),
            (LINK, &MarkKind::Link)
        ]
    );
    // The flag is four UTF-16 units.
    assert_eq!(count::utf16::offset(&part.text, part.marks[0].end), 8);
}

#[test]
fn what_cannot_be_posted_says_why() {
    let mut zalo = channel(PlatformKind::ZaloGroup);
    let fails =
        |content: &Content, channel: &Channel| compose(source(content), channel).unwrap_err();
    assert_eq!(
        fails(&article(" ", "\u{7}\n", None, 0), &zalo),
        Unpostable::Empty
    );
    let endless = format!("https://x.vn/{}", "a".repeat(2000));
    assert_eq!(
        fails(&article("Tựa", "Bài", Some(&endless), 0), &zalo),
        Unpostable::LinkTooLong
    );
    zalo.template = Some(format!("{}\n{{text}}", "chữ ".repeat(600)));
    assert_eq!(
        fails(&article("", "Bài", None, 0), &zalo),
        Unpostable::TemplateTooLong
    );
    zalo.template = Some("{noidung}".to_owned());
    assert!(matches!(
        fails(&article("", "Bài", None, 0), &zalo),
        Unpostable::Template(_)
    ));
    // A template that shows nothing of what the article has: the link is what it is about.
    zalo.template = Some("Tin mới:\n{text}".to_owned());
    assert_eq!(texts(&made(&article("", "", Some(LINK), 0), &zalo)), [LINK]);
    assert_eq!(
        fails(&article("Tựa", "", None, 0), &zalo),
        Unpostable::Empty
    );
}

#[test]
fn a_long_text_becomes_a_thread_where_there_are_threads() {
    let sentence = "Huyện Chợ Đồn ra quân làm đường giao thông nông thôn. ";
    let text = sentence.repeat(12);
    for (platform, parts) in [(PlatformKind::Bluesky, 3), (PlatformKind::Mastodon, 2)] {
        let made = made(
            &article("Ra quân", &text, Some(LINK), 1),
            &channel(platform),
        );
        assert_eq!(made.post.parts.len(), parts, "{platform:?}");
        assert_eq!(made.cut, None);
        let first = &made.post.parts[0];
        assert!(first.text.starts_with("Ra quân\n\n"));
        assert_eq!(
            (first.link.as_deref(), first.pictures.len()),
            (Some(LINK), 1)
        );
        let words = texts(&made)
            .join(" ")
            .replace("Ra quân", "")
            .replace(LINK, "");
        let words: Vec<&str> = words.split_whitespace().collect();
        assert_eq!(words.join(" "), text.trim(), "no word is lost");
        for part in &made.post.parts[1..] {
            assert_eq!((&part.link, part.pictures.len()), (&None, 0));
        }
    }
    // Longer than a thread may be: the rest is behind the link.
    let made = made(
        &article("", &sentence.repeat(100), Some(LINK), 0),
        &channel(PlatformKind::Bluesky),
    );
    assert_eq!(
        made.post.parts.len(),
        raotin::compose::limits::MOST_IN_THREAD
    );
    assert_eq!(made.cut.map(|c| c.part), Some(9));
}

#[test]
fn a_bluesky_link_is_a_card_with_title_words_and_picture() {
    let sky = channel(PlatformKind::Bluesky);
    let one = made(&article("Tựa", "Lời", Some(LINK), 1), &sky);
    let part = &one.post.parts[0];
    assert_eq!(part.text, "Tựa\n\nLời");
    assert_eq!(part.link.as_deref(), Some(LINK));
    assert_eq!(part.title.as_deref(), Some("Tựa"));
    assert_eq!(part.summary.as_deref(), Some("Lời"));
    // Several pictures leave no room for a card: the link stands in the text.
    let several = made(&article("Tựa", "Lời", Some(LINK), 3), &sky);
    let part = &several.post.parts[0];
    assert_eq!(part.text, format!("Tựa\n\nLời\n\n{LINK}"));
    assert_eq!((&part.link, part.pictures.len()), (&None, 3));
}
