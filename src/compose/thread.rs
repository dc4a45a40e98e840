//! A text that is too long for one part, as several in reply to one another.

use super::limits::Limits;
use super::template::{Rendered, Values};
use super::{Cut, Fitted, Layout, Part, Post, Preview, cut, link};

/// The parts of a thread, each within the limit.
pub(super) struct Thread {
    parts: Vec<Fitted>,
}

impl Layout<'_> {
    /// The words as a thread; `None` where one part is enough, or where the template leaves the text
    /// no room beside title and link (then it is cut as anywhere).
    pub(super) fn thread(&self, limits: Limits) -> Option<Thread> {
        let link = self.words.link.as_str();
        if !self.link_in_text {
            return self.thread_with("", limits);
        }
        if self.words.spelled {
            // It stands in the text already; only if the cut takes it away is it put where it belongs.
            let thread = self.thread_with("", limits)?;
            if thread.is_whole() || thread.spells(link) {
                return Some(thread);
            }
        }
        self.thread_with(link, limits)
    }

    fn thread_with(&self, link: &str, limits: Limits) -> Option<Thread> {
        let values = self.values(link);
        let with = |text: &str| self.template.fill(Values { text, ..values }, values);
        let (unit, limit) = (self.unit, limits.text);
        let count = |text: &str| unit.count(text);
        let all = self.words.text.as_str();
        if count(&with(all).text) <= limit {
            return None;
        }
        // What the template itself needs is more or less a word; the loop finds the exact room.
        let frame = count(&with("x").text).saturating_sub(1);
        let mut room = limit.saturating_sub(frame);
        let (first, mut rest) = loop {
            let (head, rest) = cut::split(all, unit, room);
            if head.is_empty() || rest.is_empty() {
                return None;
            }
            let rendered = with(head);
            let over = count(&rendered.text).saturating_sub(limit);
            if over == 0 && rendered.says_something() && rendered.text.contains(head) {
                break (rendered, rest);
            }
            room = room.checked_sub(over.max(1))?;
        };
        let whole = |rendered| Fitted { rendered, over: 0 };
        let mut parts = vec![whole(first)];
        while !rest.is_empty() {
            let last = parts.len() + 1 >= limits.thread;
            if last && count(rest) > limit {
                let over = count(rest) - limit;
                let text = cut::cut(rest, unit, limit);
                let rendered = Rendered::of_text(&text);
                parts.push(Fitted { rendered, over });
                break;
            }
            let (head, after) = cut::split(rest, unit, limit);
            if head.is_empty() {
                return None;
            }
            parts.push(whole(Rendered::of_text(head)));
            rest = after;
        }
        Some(Thread { parts })
    }
}

impl Thread {
    /// Whether nothing was left out.
    fn is_whole(&self) -> bool {
        self.parts.iter().all(|part| part.over == 0)
    }

    fn spells(&self, link: &str) -> bool {
        let mut texts = self.parts.iter().map(|part| &part.rendered.text);
        texts.any(|text| link::is_spelled(text, link))
    }

    pub(super) fn preview(&self, limits: Limits, part: impl Fn(&Fitted, usize) -> Part) -> Preview {
        let parts = self.parts.iter().enumerate();
        let uses = self.parts.iter();
        Preview {
            uses: uses
                .map(|f| limits.usage(&f.rendered.text, limits.text))
                .collect(),
            cut: parts
                .clone()
                .find_map(|(n, fitted)| -> Option<Cut> { fitted.cut(n) }),
            post: Post {
                parts: parts.map(|(n, fitted)| part(fitted, n)).collect(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::count::Unit;
    use super::*;

    #[test]
    fn a_thread_loses_no_word() {
        let text =
            "Một hai ba. Bốn năm sáu, bảy tám.\n\nChín mười https://chodon.gov.vn/tin/1 hết.";
        let mut rest = text;
        let mut parts = Vec::new();
        while !rest.is_empty() {
            let (head, after) = cut::split(rest, Unit::Graphemes, 30);
            assert!(
                !head.is_empty() && Unit::Graphemes.count(head) <= 30,
                "{head}"
            );
            parts.push(head);
            rest = after;
        }
        assert_eq!(
            parts,
            [
                "Một hai ba. Bốn năm sáu, bảy",
                "tám.\n\nChín mười",
                "https://chodon.gov.vn/tin/1",
                "hết."
            ]
        );
    }
}
