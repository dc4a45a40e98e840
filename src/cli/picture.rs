//! Pictures of an article: kept first, then named by their hash.

use std::path::{Path, PathBuf};

use axum::http::Method;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use url::Url;

use super::CliError;
use super::context::Context;
use crate::web::api::views::KeptView;

/// Keeps these files, or what lies at these addresses, and names them as an article does. What a picture shows is said by `alts`,
/// in the same order; where that says nothing, by its file's name.
pub(super) async fn put_all(
    ctx: &Context,
    files: &[PathBuf],
    alts: &[String],
) -> Result<Value, CliError> {
    if alts.len() > files.len() {
        let words = ctx.lang.text("cli.alt-of-nothing").to_owned();
        return Err(CliError::Usage(words));
    }
    let mut pictures = Vec::new();
    for (n, file) in files.iter().enumerate() {
        let (body, name) = match address(file) {
            Some(url) => (json!({ "url": url.as_str() }), PathBuf::from(url.path())),
            None => (json!({ "data": encoded(ctx, file)? }), file.clone()),
        };
        let kept: KeptView = ctx.send(Method::POST, "/api/v1/pictures", &body).await?;
        let alt = alts.get(n).cloned().unwrap_or_else(|| alt(&name));
        pictures.push(json!({ "hash": kept.hash, "alt": alt }));
    }
    Ok(Value::Array(pictures))
}

/// Where a picture lies on the web, if that is what was given.
fn address(given: &Path) -> Option<Url> {
    let url = Url::parse(given.to_str()?).ok()?;
    matches!(url.scheme(), "http" | "https").then_some(url)
}

fn encoded(ctx: &Context, file: &Path) -> Result<String, CliError> {
    let bytes = std::fs::read(file).map_err(|e| {
        let file = file.display();
        let why = ctx.lang.foreign(&e.to_string());
        CliError::Usage(
            ctx.lang
                .fill("cli.unreadable", &[("file", &file), ("why", &why)]),
        )
    })?;
    Ok(STANDARD.encode(bytes))
}

fn alt(file: &Path) -> String {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    stem.replace(['-', '_'], " ")
}
