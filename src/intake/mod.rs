//! What comes in from elsewhere → articles, and shares of long ago.
//!
//! | file | what |
//! |---|---|
//! | [`sheet`] | a spreadsheet's bytes → its rows |
//! | [`columns`], [`list`] | its headings → what each column holds; the rows below them |
//! | [`rows`], [`past`] | a row → an article to be; a share that was |
//! | [`when`], [`repeat`], [`fold`] | times, rules of coming round and words as people write them |
//! | [`fetch`] | the one guarded client for addresses from outside |
//! | [`feed`] | a feed → its entries, and by what they are known again |
//! | [`page`] | a web page → what it says of itself, and its feeds |
//! | [`charset`], [`text`] | bytes and HTML from the web → text |

pub mod charset;
pub mod columns;
pub mod feed;
pub mod fetch;
pub mod fold;
mod html;
pub mod list;
pub mod page;
pub mod past;
pub mod repeat;
pub mod rows;
pub mod sheet;
pub mod text;
pub mod when;
