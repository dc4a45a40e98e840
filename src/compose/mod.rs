//! An article and a channel → exactly the post: for preview and for sending alike.

use crate::model::{Channel, Content, Post};

/// Why no post can be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unpostable {
    /// Neither text nor link nor picture is left.
    #[error("there is nothing to post: write a text, or give a link")]
    Empty,
    /// More pictures than the platform takes.
    #[error("{given} pictures, but this platform takes {most}: take some away")]
    TooManyPictures {
        /// How many there are.
        given: usize,
        /// How many may be.
        most: usize,
    },
    /// The link alone is longer than the platform takes.
    #[error("the link alone is longer than this platform takes")]
    LinkTooLong,
}

/// What a post is made from.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// The article's content.
    pub content: &'a Content,
    /// The topic's title.
    pub topic: Option<&'a str>,
    /// The share's own text instead of the article's.
    pub own_text: Option<&'a str>,
    /// The address that `after` put in place of the article's link.
    pub link_instead: Option<&'a str>,
}

/// Makes exactly what will be posted.
///
/// # Errors
/// [`Unpostable`].
pub fn compose(source: Source<'_>, channel: &Channel) -> Result<Post, Unpostable> {
    let _ = (source, channel);
    Err(Unpostable::Empty)
}

/// The key under which links count as the same (RULES 2 Repeat). `None` for what is no http(s) link.
pub fn link_key(link: &str) -> Option<String> {
    Some(link.to_owned())
}
