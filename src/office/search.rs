//! Finding shares by words, without marks where the searcher typed none: `cho don` finds `Chợ Đồn`.
//!
//! There is no index of words yet: rows are looked at newest first, a bounded number at a time, and
//! whoever asks goes on from there.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::{Office, OfficeError, permission};
use crate::model::{Actor, Article, Share, ShareId};
use crate::store::ShareAsk;

/// So many rows are looked at in one go: about 100 ms on an old PC.
const LOOKED_AT: usize = 2_000;
/// Rows read at a time.
const A_STRETCH: usize = 200;

/// What was found.
#[derive(Debug)]
pub struct FoundShares {
    /// Newest first.
    pub rows: Vec<(Share, Article)>,
    /// To go on behind this one: there may be more.
    pub next: Option<ShareId>,
}

impl Office {
    /// Shares as asked for whose title, text or link holds every one of these words.
    ///
    /// # Errors
    /// See [`OfficeError`].
    pub fn find_shares(
        &self,
        actor: &Actor,
        words: &str,
        ask: &ShareAsk,
    ) -> Result<FoundShares, OfficeError> {
        permission::read(actor)?;
        let words = Words::of(words);
        let mut after = ask.after;
        let (mut rows, mut looked_at) = (Vec::new(), 0);
        loop {
            let limit = if words.0.is_empty() {
                ask.limit + 1
            } else {
                A_STRETCH
            };
            let stretch = self.store.shares(&ShareAsk {
                after,
                limit,
                ..ask.clone()
            })?;
            let ended = stretch.len() < limit;
            looked_at += stretch.len();
            for (share, article) in self.with_articles(stretch)? {
                if rows.len() == ask.limit {
                    let next = rows.last().map(|(s, _): &(Share, Article)| s.id);
                    return Ok(FoundShares { rows, next });
                }
                after = Some(share.id);
                if words.fit(&article) {
                    rows.push((share, article));
                }
            }
            if ended {
                return Ok(FoundShares { rows, next: None });
            }
            if looked_at >= LOOKED_AT {
                return Ok(FoundShares { rows, next: after });
            }
        }
    }
}

/// What is looked for: each word, and whether its marks count.
struct Words(Vec<(String, bool)>);

impl Words {
    fn of(text: &str) -> Self {
        let lower = text.nfc().collect::<String>().to_lowercase();
        let words = lower.split_whitespace();
        Self(
            words
                .map(|word| (word.to_owned(), folded(word) != word))
                .collect(),
        )
    }

    fn fit(&self, article: &Article) -> bool {
        if self.0.is_empty() {
            return true;
        }
        let c = &article.content;
        let all = [&c.title, &c.text, c.link.as_ref().unwrap_or(&String::new())]
            .map(|t| t.nfc().collect::<String>().to_lowercase())
            .join("\n");
        let plain = folded(&all);
        self.0.iter().all(|(word, marked)| {
            let text = if *marked { &all } else { &plain };
            text.contains(word.as_str())
        })
    }
}

/// Without marks: `chợ đồn` → `cho don`. Of a text in lower case.
fn folded(text: &str) -> String {
    text.nfd()
        .filter(|c| !is_combining_mark(*c))
        .map(|c| if c == 'đ' { 'd' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_count_where_they_were_typed() {
        assert_eq!(
            folded("huyện chợ đồn, tỉnh bắc kạn"),
            "huyen cho don, tinh bac kan"
        );
        let words = |text: &str| Words::of(text).0;
        assert_eq!(
            words("Cho DON"),
            [("cho".to_owned(), false), ("don".to_owned(), false)]
        );
        assert_eq!(words("Đồn"), [("đồn".to_owned(), true)]);
        assert!(words("  ").is_empty());
    }
}
