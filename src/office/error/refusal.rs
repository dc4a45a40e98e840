//! What the state of things does not allow.

use jiff::Timestamp;

use crate::model::{ArticleId, ChannelId, MemberId, ScheduleId, ShareId, State};

/// Why the state of things does not allow it now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The same article or link went there lately, or waits there.
    #[error(
        "the same went to {channel} on {earlier} (share {share}): add --again if it shall go once more"
    )]
    Repeat {
        /// Where.
        channel: ChannelId,
        /// The earlier share.
        share: ShareId,
        /// When it went, goes, or was added.
        earlier: Timestamp,
    },
    /// The share is not where this can be done.
    #[error("the share is {}: this can only be done while it is {}", state.as_str(), words(needs))]
    WrongState {
        /// Which.
        share: ShareId,
        /// Where it is.
        state: State,
        /// Where it would have to be.
        needs: &'static [State],
    },
    /// Nothing of the article is in a state that allows it.
    #[error("no share of this article can take this now")]
    NothingToDo {
        /// Which.
        article: ArticleId,
    },
    /// Everything of it is out; changing it would change nothing that is seen.
    #[error("all of it is out already: take it down, or add a new article")]
    AllOut {
        /// Which.
        article: ArticleId,
    },
    /// Somebody else is on the hand task.
    #[error("{} is on it until {until}", by.as_ref().map_or("the operator", |m| m.as_str()))]
    TakenByOther {
        /// Who; none for the local operator.
        by: Option<MemberId>,
        /// Until when.
        until: Timestamp,
    },
    /// The link is another share's proof.
    #[error("this link already stands for share {share}: look whether it is the right one")]
    LinkKnown {
        /// Whose.
        share: ShareId,
    },
    /// The confirmation is too old to be taken back, or not one by hand.
    #[error("only a confirmation by hand can be undone, within 60 seconds; take it down instead")]
    TooLateToUndo,
    /// The channel is no longer configured.
    #[error("channel {channel} is no longer configured: put it back, or cancel the share")]
    ChannelGone {
        /// Which.
        channel: ChannelId,
    },
    /// Approval comes first.
    #[error("the share waits for approval: a time or place comes after it")]
    NeedsApproval {
        /// Which.
        share: ShareId,
    },
    /// It stands behind no other channel.
    #[error("this share waits for no other")]
    NotHeld {
        /// Which.
        share: ShareId,
    },
    /// Shares of two channels' queues were named.
    #[error("the other share does not wait in the same queue")]
    OtherQueue {
        /// The other.
        share: ShareId,
    },
    /// Nothing is asked about this schedule.
    #[error("nothing is asked about schedule {schedule}")]
    NothingAsked {
        /// Which.
        schedule: ScheduleId,
    },
    /// A retired member may do nothing.
    #[error("member {member} is retired")]
    Retired {
        /// Who.
        member: MemberId,
    },
    /// No take-down is under way.
    #[error("nobody was asked to take this share down")]
    NoRemoval {
        /// Which.
        share: ShareId,
    },
    /// All texts of it are erased already.
    #[error("nothing of this article is left to be erased")]
    NothingKept {
        /// Which.
        article: ArticleId,
    },
    /// Rows with something wrong hold all back.
    #[error("{bad} rows are bad: mend them, or add the others without them")]
    BadRows {
        /// How many.
        bad: u64,
    },
    /// Something is being done with the file.
    #[error("the file is being worked on: wait until that is done")]
    UploadBusy,
    /// Too many files wait.
    #[error("too many files wait for a word: confirm or drop one of them first")]
    UploadsFull,
    /// The file cannot be read as it is.
    #[error("nothing of this file can be added as it is: explain its columns, or bring it again")]
    NothingToAdd,
    /// It is not paused.
    #[error("it is not paused")]
    NotPaused,
    /// What shall leave the configuration is still named in it.
    #[error("«{id}» is still named by {by}: take it out there first")]
    StillNamed {
        /// What shall leave.
        id: String,
        /// `channel ID`, `schedule ID`, with commas between.
        by: String,
    },
    /// The file is written in a way that only a person can change.
    #[error("{file}: what stands there is written in a way that only a person can change")]
    OddFile {
        /// Which.
        file: String,
    },
    /// The store's own words, where none of the above fits.
    #[error("{0}")]
    Other(String),
}

impl Refusal {
    /// The stable code.
    pub(super) fn code(&self) -> &'static str {
        match self {
            Refusal::Repeat { .. } => "repeat",
            Refusal::WrongState { .. } => "wrong-state",
            Refusal::NothingToDo { .. } => "nothing-to-do",
            Refusal::AllOut { .. } => "all-out",
            Refusal::TakenByOther { .. } => "taken-by-other",
            Refusal::LinkKnown { .. } => "link-known",
            Refusal::TooLateToUndo => "too-late-to-undo",
            Refusal::ChannelGone { .. } => "channel-gone",
            Refusal::NeedsApproval { .. } => "needs-approval",
            Refusal::NotHeld { .. } => "not-held",
            Refusal::OtherQueue { .. } => "other-queue",
            Refusal::NothingAsked { .. } => "nothing-asked",
            Refusal::Retired { .. } => "retired",
            Refusal::NoRemoval { .. } => "no-removal",
            Refusal::NothingKept { .. } => "nothing-kept",
            Refusal::BadRows { .. } => "bad-rows",
            Refusal::UploadBusy => "upload-busy",
            Refusal::UploadsFull => "uploads-full",
            Refusal::NothingToAdd => "nothing-to-add",
            Refusal::NotPaused => "not-paused",
            Refusal::StillNamed { .. } => "still-named",
            Refusal::OddFile { .. } => "odd-file",
            Refusal::Other(_) => "refused",
        }
    }

    /// What its words are filled with.
    pub(super) fn fields(&self) -> Vec<(&'static str, String)> {
        match self {
            Refusal::Repeat {
                channel,
                share,
                earlier,
            } => vec![
                ("channel", channel.to_string()),
                ("share", share.to_string()),
                ("at", earlier.to_string()),
            ],
            Refusal::WrongState {
                share,
                state,
                needs,
            } => vec![
                ("share", share.to_string()),
                ("state", state.as_str().to_owned()),
                ("needs", words(needs)),
            ],
            Refusal::NothingToDo { article }
            | Refusal::AllOut { article }
            | Refusal::NothingKept { article } => {
                vec![("article", article.to_string())]
            }
            Refusal::TakenByOther { by, until } => vec![
                (
                    "by",
                    by.as_ref().map(ToString::to_string).unwrap_or_default(),
                ),
                ("at", until.to_string()),
            ],
            Refusal::LinkKnown { share }
            | Refusal::NeedsApproval { share }
            | Refusal::NotHeld { share }
            | Refusal::NoRemoval { share }
            | Refusal::OtherQueue { share } => vec![("share", share.to_string())],
            Refusal::ChannelGone { channel } => vec![("channel", channel.to_string())],
            Refusal::NothingAsked { schedule } => vec![("schedule", schedule.to_string())],
            Refusal::Retired { member } => vec![("member", member.to_string())],
            Refusal::StillNamed { id, by } => vec![("id", id.clone()), ("named_by", by.clone())],
            Refusal::OddFile { file } => vec![("file", file.clone())],
            Refusal::Other(words) => vec![("why", words.clone())],
            Refusal::BadRows { bad } => vec![("n", bad.to_string())],
            Refusal::TooLateToUndo
            | Refusal::NotPaused
            | Refusal::UploadBusy
            | Refusal::UploadsFull
            | Refusal::NothingToAdd => vec![],
        }
    }
}

/// The states' words, for the log.
fn words(states: &[State]) -> String {
    let words: Vec<_> = states.iter().map(|s| s.as_str()).collect();
    words.join(", ")
}
