//! How a post was received: reactions, comments, shares. How often it was seen is told only for Pages
//! with 100 likes or more, by metrics that Meta renames every year, and is not asked for.

use serde::Deserialize;

use super::client::{Fault, Graph};
use super::is_gone;
use crate::platform::Engagement;

/// Counts alone: nobody's name, nobody's words.
const FIELDS: &str = "shares,reactions.summary(true).limit(0),comments.summary(true).limit(0)";

#[derive(Deserialize)]
struct Seen {
    shares: Option<Shares>,
    reactions: Option<Edge>,
    comments: Option<Edge>,
}

#[derive(Deserialize)]
struct Shares {
    count: u64,
}

#[derive(Deserialize)]
struct Edge {
    summary: Option<Summary>,
}

#[derive(Deserialize)]
struct Summary {
    total_count: Option<u64>,
}

impl Edge {
    fn total(edge: Option<Edge>) -> Option<u64> {
        edge?.summary?.total_count
    }
}

/// What the Page's post counts now; none where it is gone.
pub(super) async fn ask(graph: &Graph, post_id: &str) -> Result<Option<Engagement>, Fault> {
    match graph.get::<Seen>(post_id, &[("fields", FIELDS)]).await {
        Ok(seen) => Ok(Some(Engagement {
            likes: Edge::total(seen.reactions),
            comments: Edge::total(seen.comments),
            // A post that nobody shared has no such field.
            shares: Some(seen.shares.map_or(0, |s| s.count)),
            views: None,
        })),
        Err(fault) if is_gone(&fault) => Ok(None),
        Err(fault) => Err(fault),
    }
}
