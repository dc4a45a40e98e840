//! Pictures of an article: kept first, then named by their hash.

use std::path::{Path, PathBuf};

use axum::http::Method;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::CliError;
use super::context::Context;
use crate::web::api::views::KeptView;

/// Keeps these files, and names them as an article does. What a picture shows is its file's name
/// until somebody says better.
pub(super) async fn put_all(ctx: &Context, files: &[PathBuf]) -> Result<Value, CliError> {
    let mut pictures = Vec::new();
    for file in files {
        let bytes = std::fs::read(file).map_err(|e| {
            let file = file.display();
            let why = ctx.lang.foreign(&e.to_string());
            CliError::Usage(
                ctx.lang
                    .fill("cli.unreadable", &[("file", &file), ("why", &why)]),
            )
        })?;
        let body = json!({ "data": STANDARD.encode(bytes) });
        let kept: KeptView = ctx.send(Method::POST, "/api/v1/pictures", &body).await?;
        pictures.push(json!({ "hash": kept.hash, "alt": alt(file) }));
    }
    Ok(Value::Array(pictures))
}

fn alt(file: &Path) -> String {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    stem.replace(['-', '_'], " ")
}
