//! Markup → its tags and texts, one after another, as the HTML standard's tokenizer sees them.
//!
//! No tree is built: what a page says about itself and the text of an entry need none, memory stays
//! bounded by the input, and ten thousand nested or unclosed elements cost what ten thousand tags cost
//! (a tree builder's walks up the open elements make them quadratic).

use std::cell::{Cell, RefCell};
use std::ops::ControlFlow;

use html5ever::Attribute;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};

/// How much is handed to the tokenizer at a time, in bytes.
const PIECE: usize = 4096;

/// So many separators (spaces, quotes, slashes) inside one tag or comment, and the rest is not read.
/// The tokenizer compares each attribute with all before it, so that one tag of half a megabyte takes
/// many seconds. The largest honest ones are Word's comments, some thousand words long.
const MOST_SEPARATORS: usize = 20_000;

/// What stands in the markup.
#[derive(Debug, Clone, Copy)]
pub(super) enum Piece<'a> {
    /// A start tag; names are in lower case.
    Open(&'a str, Attributes<'a>),
    /// An end tag.
    Close(&'a str),
    /// Text between tags, character references resolved; also what stands in a script.
    Text(&'a str),
}

/// A start tag's attributes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Attributes<'a>(&'a [Attribute]);

impl<'a> Attributes<'a> {
    /// The value of one, trimmed; names are in lower case.
    pub(super) fn get(self, name: &str) -> Option<&'a str> {
        self.0
            .iter()
            .find(|a| &*a.name.local == name)
            .map(|a| a.value.trim())
    }
}

/// Elements without an end tag.
pub(super) const VOID: [&str; 14] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source",
    "track", "wbr",
];

/// The beginning of a text, at most so many bytes.
pub(super) fn beginning(text: &str, most: usize) -> &str {
    let mut end = most.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Where the reference that a text begins with (`&amp;`) has its semicolon, if it may be one. No name of
/// HTML that is met in practice is longer; looking further makes a text of nothing but `&` take for ever.
pub(super) fn reference_end(text: &str) -> Option<usize> {
    const LONGEST: usize = 12;
    text.bytes().take(LONGEST).position(|b| b == b';')
}

/// Goes through the markup until its end, or until `see` has seen enough.
pub(super) fn walk(markup: &str, see: impl FnMut(Piece<'_>) -> ControlFlow<()>) {
    let sink = Sink {
        see: RefCell::new(see),
        enough: Cell::new(false),
        separators: Cell::new(0),
        foreign: Cell::new(0),
    };
    let tokenizer = Tokenizer::new(sink, TokenizerOpts::default());
    let queue = BufferQueue::default();
    let mut rest = markup;
    while !rest.is_empty() {
        let piece = beginning(rest, PIECE);
        rest = &rest[piece.len()..];
        queue.push_back(StrTendril::from_slice(piece));
        // Scripts are not run and encodings are known by now: it only stops where the piece ends.
        let _ = tokenizer.feed(&queue);
        let within = tokenizer.sink.separators.get()
            + piece
                .bytes()
                .filter(|b| b" \t\n\r\x0c\"'/".contains(b))
                .count();
        tokenizer.sink.separators.set(within);
        if tokenizer.sink.enough.get() || within > MOST_SEPARATORS {
            return;
        }
    }
    tokenizer.end();
}

struct Sink<F> {
    see: RefCell<F>,
    /// Nothing more is wanted.
    enough: Cell<bool>,
    /// Those since the last token: they belong to a tag or comment that has not ended.
    separators: Cell<usize>,
    /// How many `svg` and `math` are open: in them `<style/>` and `<title/>` close themselves.
    foreign: Cell<usize>,
}

impl<F: FnMut(Piece<'_>) -> ControlFlow<()>> Sink<F> {
    fn show(&self, piece: Piece<'_>) {
        if !self.enough.get() && (self.see.borrow_mut())(piece).is_break() {
            self.enough.set(true);
        }
    }

    fn tag(&self, tag: &Tag) -> TokenSinkResult<()> {
        let is_foreign = matches!(&*tag.name, "svg" | "math");
        if tag.kind == TagKind::EndTag {
            if is_foreign {
                self.foreign.set(self.foreign.get().saturating_sub(1));
            }
            self.show(Piece::Close(&tag.name));
            return TokenSinkResult::Continue;
        }
        self.show(Piece::Open(&tag.name, Attributes(&tag.attrs)));
        if tag.self_closing && (is_foreign || self.foreign.get() > 0) {
            self.show(Piece::Close(&tag.name));
            return TokenSinkResult::Continue;
        }
        if is_foreign {
            self.foreign.set(self.foreign.get() + 1);
        }
        // https://html.spec.whatwg.org/multipage/parsing.html#parsing-html-fragments
        match &*tag.name {
            "title" | "textarea" => TokenSinkResult::RawData(RawKind::Rcdata),
            "style" | "xmp" | "iframe" | "noembed" | "noframes" => {
                TokenSinkResult::RawData(RawKind::Rawtext)
            }
            "script" => TokenSinkResult::RawData(RawKind::ScriptData),
            "plaintext" => TokenSinkResult::Plaintext,
            _ => TokenSinkResult::Continue,
        }
    }
}

impl<F: FnMut(Piece<'_>) -> ControlFlow<()>> TokenSink for Sink<F> {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        match token {
            // Told of inside a tag too.
            Token::ParseError(_) => return TokenSinkResult::Continue,
            Token::TagToken(tag) => {
                self.separators.set(0);
                return self.tag(&tag);
            }
            Token::CharacterTokens(text) => self.show(Piece::Text(&text)),
            _ => {}
        }
        self.separators.set(0);
        TokenSinkResult::Continue
    }
}
