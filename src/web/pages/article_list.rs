//! Articles: the last added first, or found by words.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;

use super::Faces;
use super::fields::Asked;
use super::frame::{Answer, Frame, show};
use super::share_list::{ROWS, said};
use super::show::{Show, When};
use super::visitor::Visitor;
use crate::model::words::Sought;
use crate::model::{Article, ArticleId, ShareId, State as Life};
use crate::office::OfficeError;
use crate::store::ArticleAsk;

#[derive(Template)]
#[template(path = "articles.html")]
struct List {
    f: Frame,
    words: String,
    rows: Vec<Row>,
    next: Option<String>,
    reached: Option<String>,
}

struct Row {
    id: String,
    title: String,
    topic: Option<String>,
    by: String,
    added: When,
    /// How many of its shares are where.
    stands: String,
}

pub(super) async fn list(
    State(faces): State<Faces>,
    visitor: Visitor,
    Asked(asked): Asked,
) -> Answer {
    let lang = visitor.lang;
    let words = asked.text("q").trim().to_owned();
    let sought = Sought::of(&words);
    let after = asked.text("after").to_owned();
    let (rows, next, reached) = faces
        .beside(&visitor, move |f, v| found(f, v, sought, &after))
        .await?;
    let next = next.map(|after| {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("q", &words).append_pair("after", &after);
        format!("/articles?{}", query.finish())
    });
    let page = List {
        f: Frame::of(&faces, &visitor, "articles", lang.text("nav.articles"))?,
        words: asked.text("q").trim().to_owned(),
        rows,
        next,
        reached,
    };
    show(&page, lang)
}

type Found = (Vec<Row>, Option<String>, Option<String>);

fn found(
    faces: &Faces,
    visitor: &Visitor,
    words: Sought,
    after: &str,
) -> Result<Found, OfficeError> {
    let (office, actor) = (&faces.site.office, visitor.actor());
    let show = Show::new(faces, visitor)?;
    let row = |article: &Article| row(&show, article);
    if words.is_empty() {
        let after = after.parse::<ArticleId>().ok();
        let mut articles = office.articles(actor, after, ROWS + 1)?;
        let more = articles.len() > ROWS;
        articles.truncate(ROWS);
        let next = articles.last().filter(|_| more).map(|a| a.id.to_string());
        let rows = articles.iter().map(row).collect::<Result<_, _>>()?;
        return Ok((rows, next, None));
    }
    let found = office.find_articles(
        actor,
        ArticleAsk {
            words,
            after: after.parse::<ShareId>().ok(),
            limit: ROWS,
            enough: None,
        },
    )?;
    let rows = found.rows.iter().map(row).collect::<Result<_, _>>()?;
    let next = found.next.map(|share| share.to_string());
    let reached = found.reached.map(|reached| said(&show, reached));
    Ok((rows, next, reached))
}

fn row(show: &Show<'_>, article: &Article) -> Result<Row, OfficeError> {
    let office = show.office();
    let mut stands: BTreeMap<Life, u64> = BTreeMap::new();
    for share in office.store.shares_of(article.id, None)? {
        *stands.entry(share.state).or_default() += 1;
    }
    let stands = stands.into_iter().map(|(state, n)| {
        let state = show.lang.state(state, None);
        format!("{} {state}", show.lang.number(n))
    });
    let config = office.config();
    let topic = article.topic.as_ref();
    Ok(Row {
        id: article.id.to_string(),
        title: show.title(article),
        topic: topic.map(|t| config.topic(t).map_or(t.to_string(), |t| t.title.clone())),
        by: show.from(article),
        added: show.when(article.added),
        stands: stands.collect::<Vec<_>>().join(", "),
    })
}
