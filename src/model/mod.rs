//! The nouns (DESIGN 2), the share's life, what a schedule takes: no I/O, no clock, no async.

pub mod actor;
pub mod article;
mod called;
pub mod channel;
pub mod event;
pub mod evergreen;
pub mod gate;
pub mod id;
pub mod origin;
pub mod plan;
pub mod post;
pub mod retry;
pub mod share;
mod slots;
mod state;
mod stretch;
pub mod upcoming;
pub mod why;
pub mod words;

pub use actor::{Actor, By, Member, Role};
pub use article::{Article, Content, Picture};
pub use channel::{Channel, Mode, Office, PlatformKind, Schedule, Topic};
pub use event::{Commit, Event, SettingChanged, Spot};
pub use evergreen::{Evergreen, Every};
pub use id::{
    ArticleId, ChannelId, FeedId, MemberId, ScheduleId, ShareId, TextId, TopicId, UnitId,
};
pub use origin::Origin;
pub use post::{Mark, MarkKind, Part, Post, Receipt};
pub use share::{Cause, Count, Firing, How, Share, State, Version, Why};
