//! `/articles` and `/imports`.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::Site;
use super::caller::Caller;
use super::document::{Routes, get, patch, post};
use super::extract::{Ask, At, Body};
use super::look::beside;
use super::page::{Page, PageAsk, cursor};
use super::problem::Failed;
use super::shares::{Reason, about, act, done};
use super::views::{
    ArticleView, DoneView, FittingView, Preview, ShareView, SimilarView, Story, TurnView, parts,
};
use crate::model::words::Sought;
use crate::model::{ArticleId, ShareId};
use crate::office::articles::{Edit, NewArticle, WhereTo};
use crate::office::evergreen::Rule;
use crate::office::imports::{Import, Imported};
use crate::store::ArticleAsk;

type Answer<T> = Result<Json<T>, Failed>;

pub(super) fn add(to: &mut Routes) {
    to.add(
        get("/api/v1/articles", "listArticles", "Articles, newest first")
            .query(
                "words",
                "Only those with words that begin so, in title or link; marks count where given",
            )
            .answers_page::<ArticleView>(),
        list,
    );
    to.add(
        post(
            "/api/v1/articles",
            "addArticle",
            "Add an article: one share per channel",
        )
        .body::<NewArticle>()
        .answers::<DoneView>(),
        new,
    );
    to.add(
        get(
            "/api/v1/articles/{id}",
            "getArticle",
            "An article with its shares",
        )
        .answers::<Story>(),
        show,
    );
    about!(
        ArticleId,
        to,
        patch("/api/v1/articles/{id}", "editArticle", "Change an article").answers::<DoneView>(),
        Edit,
        |office, actor, key, id, edit| office.edit(actor, key, id, edit)
    );
    about!(
        ArticleId,
        to,
        act(
            "/api/v1/articles/{id}/queue",
            "queueArticle",
            "Queue an article on further channels, or once more",
        ),
        WhereTo,
        |office, actor, key, id, to| office.queue(actor, key, id, to)
    );
    about!(
        ArticleId,
        to,
        act(
            "/api/v1/articles/{id}/evergreen",
            "setEvergreen",
            "Share an article again and again by a rule, or no longer",
        ),
        Rule,
        |office, actor, key, id, rule| office.set_evergreen(actor, key, id, rule)
    );
    to.add(
        get(
            "/api/v1/articles/{id}/similar",
            "similarArticles",
            "What says nearly the same and went out before, the most alike first",
        )
        .answers_list::<SimilarView>(),
        similar,
    );
    about!(
        ArticleId,
        to,
        act(
            "/api/v1/articles/{id}/approve",
            "approveArticle",
            "Approve all shares of an article that wait for it",
        ),
        SeenArticle,
        |office, actor, key, id, seen| office.approve_article(actor, key, id, seen.version)
    );
    about!(
        ArticleId,
        to,
        act(
            "/api/v1/articles/{id}/cancel",
            "cancelArticle",
            "Cancel all shares of an article that have not gone out",
        ),
        Reason,
        |office, actor, key, id, why| office.cancel_article(actor, key, id, why.reason)
    );
    about!(
        ArticleId,
        to,
        act(
            "/api/v1/articles/{id}/remove",
            "removeArticle",
            "Take down all shares of an article that are out",
        ),
        Reason,
        |office, actor, key, id, why| office.remove_article(actor, key, id, why.reason)
    );
    about!(
        ArticleId,
        to,
        act(
            "/api/v1/articles/{id}/erase",
            "eraseArticle",
            "Erase every text of an article for good",
        ),
        Law,
        |office, actor, key, id, law| office.erase(actor, key, id, &law.reason)
    );
    to.add(
        get(
            "/api/v1/articles/{id}/preview",
            "previewArticle",
            "Exactly what would be posted on each channel",
        )
        .answers_list::<Preview>(),
        preview,
    );
    to.add(
        post(
            "/api/v1/imports",
            "importRows",
            "Import rows of a list as articles",
        )
        .body::<Import>()
        .answers::<ImportedView>(),
        import,
    );
}

/// Which articles are asked for.
#[derive(Debug, Deserialize)]
struct Which {
    words: Option<String>,
    after: Option<String>,
    limit: Option<usize>,
}

impl Which {
    fn page(&self) -> PageAsk {
        PageAsk {
            after: self.after.clone(),
            limit: self.limit,
        }
    }
}

/// Which version of an article was looked at.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
struct SeenArticle {
    /// Another one is refused as stale.
    version: Option<u32>,
}

/// Why texts are erased.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Law {
    /// The law or request that asks for it. It is kept for ever, so it names nobody.
    reason: String,
}

/// What came of an import.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct ImportedView {
    /// Articles that were added (would be, on a dry run).
    pub added: u32,
    /// Rows that had been imported before.
    pub known: u32,
    /// Rows that cannot be articles.
    pub bad: Vec<BadRowView>,
}

/// A row that cannot be an article.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BadRowView {
    /// Its line in the file.
    pub line: u64,
    /// Stable.
    pub code: String,
    /// What is wrong and what to do, for people.
    pub text: String,
}

async fn list(
    State(site): State<Site>,
    caller: Caller,
    Ask(which): Ask<Which>,
) -> Answer<Page<ArticleView>> {
    let ask = which.page();
    let after = ask.after().map_err(|f| Failed::fault(caller.lang, f))?;
    let words = Sought::of(which.words.as_deref().unwrap_or_default());
    if !words.is_empty() {
        let sought = ArticleAsk {
            words,
            after: after.map(ShareId),
            limit: ask.limit(),
            enough: None,
        };
        let actor = caller.actor.clone();
        let read = move |site: Site| site.office.find_articles(&actor, sought);
        let found = beside(&site, &caller, read).await?;
        let items = found.rows.iter().map(ArticleView::from).collect();
        let next = found.next.map(|share| cursor(share.0));
        return Ok(Json(Page::found(items, next, found.reached)));
    }
    let articles = site
        .office
        .articles(&caller.actor, after.map(ArticleId), ask.limit())
        .map_err(|e| Failed::office(&site, caller.lang, &e))?;
    let last = articles.last().map(|a| a.id.0);
    let items = articles.iter().map(ArticleView::from).collect();
    Ok(Json(Page::new(items, ask.limit(), last)))
}

async fn show(State(site): State<Site>, caller: Caller, At(id): At<ArticleId>) -> Answer<Story> {
    let shown = site
        .office
        .show(&caller.actor, id)
        .map_err(|e| Failed::office(&site, caller.lang, &e))?;
    let view = |s| ShareView::new(&site.office, caller.lang, s, &shown.article);
    let turns = site
        .office
        .turns(&caller.actor, &shown.article)
        .map_err(|e| Failed::office(&site, caller.lang, &e))?;
    let turn = |turn| TurnView::new(&site.office, caller.lang, turn);
    Ok(Json(Story {
        turns: turns.iter().map(turn).collect(),
        article: (&shown.article).into(),
        shares: shown.shares.iter().map(view).collect(),
    }))
}

async fn similar(
    State(site): State<Site>,
    caller: Caller,
    At(id): At<ArticleId>,
) -> Answer<Vec<SimilarView>> {
    let similar = site
        .office
        .similar(&caller.actor, id)
        .map_err(|e| Failed::office(&site, caller.lang, &e))?;
    let view = |similar| SimilarView::new(&site.office, caller.lang, similar);
    Ok(Json(similar.into_iter().map(view).collect()))
}

async fn preview(
    State(site): State<Site>,
    caller: Caller,
    At(id): At<ArticleId>,
) -> Answer<Vec<Preview>> {
    let posts = site
        .office
        .preview(&caller.actor, id, None)
        .map_err(|e| Failed::office(&site, caller.lang, &e))?;
    let config = site.office.config();
    let mut previews = Vec::new();
    for (channel, share, post) in &posts {
        let place = config.channel(channel);
        let fittings = place.map_or(Ok(Vec::new()), |place| site.office.fittings(place, post));
        let fittings = fittings.map_err(|e| Failed::office(&site, caller.lang, &e))?;
        previews.push(Preview {
            channel: channel.to_string(),
            share: share.map(|s| s.to_string()),
            parts: parts(post),
            pictures: fittings
                .iter()
                .map(|f| FittingView::new(f, site.office.tell_fitting(caller.lang, f)))
                .collect(),
        });
    }
    Ok(Json(previews))
}

async fn new(
    State(site): State<Site>,
    caller: Caller,
    Body(new): Body<NewArticle>,
) -> Answer<DoneView> {
    let result = site.office.add(&caller.actor, caller.key(), new).await;
    done(&site, &caller, result)
}

async fn import(
    State(site): State<Site>,
    caller: Caller,
    Body(rows): Body<Import>,
) -> Answer<ImportedView> {
    let Imported { added, known, bad } = site
        .office
        .import(&caller.actor, caller.key(), rows)
        .await
        .map_err(|e| Failed::office(&site, caller.lang, &e))?;
    let bad = bad.into_iter().map(|row| BadRowView {
        text: site.office.tell_row(caller.lang, &row),
        line: row.line,
        code: row.code,
    });
    Ok(Json(ImportedView {
        added,
        known,
        bad: bad.collect(),
    }))
}
