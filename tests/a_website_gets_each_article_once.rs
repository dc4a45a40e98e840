//! Promise: on the office's website an article is written and published once, with its categories,
//! tags and pictures, and what keeps it from that is told in words.
#![allow(
    clippy::unwrap_used,
    reason = "what fails here fails the test, and says where"
)]

mod fakes;

use std::sync::Arc;

use fakes::Failure;
use fakes::desk::{PATIENT, attempt, clock, platform, post};
use fakes::place::Place as _;
use fakes::wordpress::FakeWordpress;
use raotin::clock::{Clock as _, ManualClock};
use raotin::config::{Secret, Target, WordpressTarget};
use raotin::model::share::Attempt;
use raotin::model::{Mark, MarkKind, Post, Receipt};
use raotin::platform::{Doubt, Engagement, Look, Platform, SendError, Weight};

const KEY: &str = "0199a0c0-0000-7000-8000-0000abcdef01";

struct Site {
    clock: ManualClock,
    fake: FakeWordpress,
    platform: Arc<dyn Platform>,
}

impl Site {
    fn open() -> Site {
        Site::with(|target| target)
    }

    fn with(change: impl FnOnce(WordpressTarget) -> WordpressTarget) -> Site {
        let clock = clock();
        let fake = FakeWordpress::start(Arc::new(clock.clone()));
        let target = Target::Wordpress(change(fake.target()));
        Site {
            platform: platform(&target, PATIENT, &clock),
            clock,
            fake,
        }
    }

    async fn attempt(&self, content: &Post) -> Attempt {
        let prepared = self.platform.prepare(KEY, content).await.expect("prepared");
        attempt(KEY, self.clock.now(), prepared, 0)
    }

    async fn share(&self, content: &Post) -> Receipt {
        let attempt = self.attempt(content).await;
        let sent = self.platform.send(&attempt, content, 0, &[]).await;
        sent.expect("published")
    }

    async fn settle(&self, attempt: &Attempt, content: &Post) -> Result<Look, SendError> {
        let doubt = Doubt {
            attempt,
            post: content,
            part: 0,
            receipts: &[],
        };
        self.platform.settle(doubt, &|_| false).await
    }

    async fn problems(&self) -> Vec<String> {
        let found = self.platform.check().await.expect("an answer");
        let found = found.into_iter().filter(|f| f.weight > Weight::Note);
        found.map(|f| f.code.to_owned()).collect()
    }
}

fn notice() -> Post {
    let text = "Lịch tiêm chủng\n\nSáng thứ hai tại trạm y tế. #tiêmchủng\n\nXem https://chodon.gov.vn/tin/1";
    let mut content = post(text, Some("https://chodon.gov.vn/tin/1"), 2);
    let mark = |word: &str, kind| {
        let start = text.find(word).unwrap();
        Mark {
            start,
            end: start + word.len(),
            kind,
        }
    };
    content.parts[0].marks = vec![
        mark("Lịch tiêm chủng", MarkKind::Bold),
        mark("#tiêmchủng", MarkKind::Tag),
        mark("https://chodon.gov.vn/tin/1", MarkKind::Link),
    ];
    content
}

#[tokio::test]
async fn an_article_has_its_title_categories_tags_excerpt_and_pictures() {
    let site = Site::with(|target| WordpressTarget {
        categories: vec!["Tin & bài".into(), "uncategorized".into()],
        tags: vec!["Chợ Đồn".into(), "tiêmchủng".into()],
        ..target
    });
    let receipt = site.share(&notice()).await;
    let (_, status, slug, fields) = site.fake.all().remove(0);
    assert_eq!(status, "publish");
    assert_eq!(slug, "lich-tiem-chung-00abcdef01");
    assert!(
        receipt
            .permalink
            .unwrap()
            .ends_with("/lich-tiem-chung-00abcdef01/")
    );
    assert_eq!(fields["title"], "Lịch tiêm chủng");
    assert_eq!(fields["excerpt"], "Sáng thứ hai tại trạm y tế. #tiêmchủng");
    let categories = site.fake.terms("categories");
    assert_eq!(categories[0].1, "Uncategorized");
    assert_eq!(categories[1].1, "Tin & bài");
    let ids: Vec<u64> = categories.iter().map(|(id, _)| *id).rev().collect();
    assert_eq!(fields["categories"], serde_json::json!(ids));
    let tags: Vec<String> = site
        .fake
        .terms("tags")
        .into_iter()
        .map(|(_, t)| t)
        .collect();
    assert_eq!(tags, ["Chợ Đồn", "tiêmchủng"]);
    assert_eq!(site.fake.media(), 2);
    assert_eq!(site.fake.posts()[0].pictures, 2);
    assert_eq!(site.fake.complaints(), Vec::<String>::new());
}

/// Whatever is lost while nothing shows yet, one draft is left, and files and terms are there once.
#[tokio::test]
async fn what_was_prepared_is_found_again() {
    for calls in 0..16 {
        for failure in [
            Failure::DieBefore,
            Failure::DieAfter,
            Failure::ErrorAfter(500),
            Failure::Garbage,
        ] {
            let site = Site::open();
            site.fake.pass_quietly(calls);
            site.fake.fail_next_quiet(failure.clone());
            let content = notice();
            let mut failed = 0;
            for _ in 0..3 {
                match site.platform.prepare(KEY, &content).await {
                    Ok(_) => {}
                    Err(SendError::NotSent { .. }) => failed += 1,
                    Err(error) => panic!("{calls} {failure:?}: {error}"),
                }
            }
            assert!(failed <= 1, "{calls} {failure:?}: {failed} times");
            assert!(site.fake.posts().is_empty(), "a draft is not seen");
            site.share(&content).await;
            assert_eq!(site.fake.all().len(), 1, "{calls} {failure:?}");
            assert_eq!(site.fake.media(), 2, "{calls} {failure:?}");
            assert_eq!(site.fake.terms("tags").len(), 1, "{calls} {failure:?}");
            assert_eq!(site.fake.complaints(), Vec::<String>::new());
        }
    }
}

/// The website was slow: it still said «draft» when asked, and published a moment later. The next try
/// finds the article itself, not a place for a second one.
#[tokio::test]
async fn a_late_publication_is_found_by_the_next_try() {
    let site = Site::open();
    let content = notice();
    let first = site.attempt(&content).await;
    site.fake.fail_next(Failure::DieBefore);
    let sent = site.platform.send(&first, &content, 0, &[]).await;
    sent.expect_err("a doubt");
    assert_eq!(site.settle(&first, &content).await, Ok(Look::NotThere));
    let late = site.platform.send(&first, &content, 0, &[]).await;
    let late = late.expect("the first request comes through after all");
    let again = site.share(&content).await;
    assert_eq!(
        (&again.post_id, &again.permalink),
        (&late.post_id, &late.permalink)
    );
    assert_eq!(site.fake.posts().len(), 1);
    assert_eq!(site.fake.all().len(), 1);
}

#[tokio::test]
async fn what_an_editor_did_with_it_meanwhile_is_a_persons_to_judge() {
    for status in [Some("trash"), Some("pending"), Some("private"), None] {
        let site = Site::open();
        let content = notice();
        let attempt = site.attempt(&content).await;
        site.fake.fail_next(Failure::DieAfter);
        let sent = site.platform.send(&attempt, &content, 0, &[]).await;
        sent.expect_err("a doubt");
        let id = site.fake.all()[0].0.to_string();
        site.fake.set_status(&id, status);
        let look = site.settle(&attempt, &content).await;
        assert!(
            matches!(look, Ok(Look::CannotTell { .. })),
            "{status:?}: {look:?}"
        );
    }
}

#[tokio::test]
async fn plain_addresses_will_do() {
    let site = Site::open();
    site.fake.be_plain();
    assert_eq!(site.problems().await, Vec::<String>::new());
    let receipt = site.share(&notice()).await;
    assert_eq!(site.fake.posts()[0].id, receipt.post_id);
    assert_eq!(site.platform.delete(&receipt).await, Ok(()));
    assert!(site.fake.posts().is_empty());
    assert_eq!(site.fake.complaints(), Vec::<String>::new());
}

#[tokio::test]
async fn why_nobody_is_let_in_is_told_apart() {
    let site = Site::open();
    site.fake.strip_authorization();
    assert_eq!(site.problems().await, ["wordpress-header-stripped"]);
    site.fake.close_xmlrpc();
    assert_eq!(site.problems().await, ["wordpress-not-logged-in"]);
    let site = Site::with(|target| WordpressTarget {
        password: Secret::new("some other word"),
        ..target
    });
    assert_eq!(site.problems().await, ["wordpress-wrong-password"]);
    let site = Site::open();
    site.fake.take_no_passwords();
    assert_eq!(site.problems().await, ["wordpress-no-passwords"]);
}

#[tokio::test]
async fn what_the_account_may_not_do_is_told() {
    for (right, code) in [
        ("publish_posts", "wordpress-no-right"),
        ("upload_files", "wordpress-no-uploads"),
        ("manage_categories", "wordpress-no-categories"),
    ] {
        let site = Site::with(|target| WordpressTarget {
            categories: vec!["Tin".into()],
            ..target
        });
        site.fake.take_right(right);
        assert_eq!(site.problems().await, [code]);
    }
}

#[tokio::test]
async fn a_site_without_a_bin_deletes_at_once() {
    let site = Site::open();
    site.fake.have_no_bin();
    let receipt = site.share(&notice()).await;
    for _ in 0..2 {
        assert_eq!(site.platform.delete(&receipt).await, Ok(()));
    }
    assert!(site.fake.all().is_empty());
}

#[tokio::test]
async fn comments_are_counted() {
    let site = Site::open();
    let receipt = site.share(&notice()).await;
    site.fake.comment(&receipt.post_id, 12);
    let counted = site.platform.engagement(&receipt).await;
    let expected = Engagement {
        comments: Some(12),
        ..Engagement::default()
    };
    assert_eq!(counted, Ok(Some(expected)));
}
