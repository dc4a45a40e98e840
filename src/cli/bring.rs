//! What `import` and `backfill` share: a file goes to the API, is looked at there, and is added when that
//! is said; how far it is is asked now and then.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::http::Method;
use serde_json::json;

use super::CliError;
use super::context::Context;
use super::progress::Progress;
use crate::clock::{Clock, MachineClock};
use crate::web::api::views::{ChannelView, KeptRowView, OutcomeView, UploadView};

/// Between two looks at how far it is: a bar that moves four times a second is smooth enough.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// Bad rows that are told one by one.
const MOST_TOLD: usize = 1_000;

/// How a file is read.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct File {
    /// The file: CSV, XLSX or JSON Lines
    pub(super) file: PathBuf,
    /// Which sheet of a workbook [default: the first]
    #[arg(long, value_name = "NAME")]
    sheet: Option<String>,
    /// What a column holds: "HEADING=FIELD", where FIELD is title, text, link, topic, channels, at,
    /// time, priority, state, repeat, member, permalink, id or nothing
    #[arg(long = "map", value_name = "HEADING=FIELD", value_parser = pair)]
    map: Vec<(String, String)>,
    /// Which channel a name means: "NAME=ID"
    #[arg(long, value_name = "NAME=ID", value_parser = pair)]
    channel_map: Vec<(String, String)>,
    /// Only look: nothing is added
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Add the good rows although others are bad
    #[arg(long)]
    pub(super) skip_bad: bool,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.rsplit_once('=').ok_or("write NAME=VALUE")?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

impl File {
    /// The file's name, without where it lies.
    pub(super) fn name(&self) -> String {
        let name = self.file.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    }

    /// Brings the file and waits until it was looked at.
    pub(super) async fn bring(&self, ctx: &Context, purpose: &str) -> Result<UploadView, CliError> {
        let bytes = read(ctx, &self.file)?;
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("purpose", purpose);
        query.append_pair("name", &self.name());
        if let Some(sheet) = &self.sheet {
            query.append_pair("sheet", sheet);
        }
        let path = format!("/api/v1/uploads?{}", query.finish());
        let mut upload: UploadView = ctx.send_file(&path, bytes).await?;
        upload = wait(ctx, upload).await?;
        if !self.map.is_empty() || !self.channel_map.is_empty() {
            let columns: BTreeMap<_, _> = self.map.iter().cloned().collect();
            let channels: BTreeMap<_, _> = self.channel_map.iter().cloned().collect();
            let body = json!({
                "sheet": self.sheet,
                "columns": columns,
                "channels": channels,
            });
            let path = format!("/api/v1/uploads/{}/explain", upload.id);
            upload = ctx.send(Method::POST, &path, &body).await?;
            upload = wait(ctx, upload).await?;
        }
        for recoded in &upload.recoded {
            eprintln!("{}", line(ctx, &self.name(), 0, &recoded.text));
        }
        if upload.stage != "unusable" {
            return Ok(upload);
        }
        // Nothing of it will be asked for again.
        let _ = let_go(ctx, &upload).await;
        let file = self.name();
        let told: Vec<String> = upload
            .faults
            .iter()
            .map(|f| line(ctx, &file, f.line, &f.text))
            .collect();
        Err(CliError::Found(told.join("\n")))
    }
}

fn read(ctx: &Context, file: &Path) -> Result<Vec<u8>, CliError> {
    std::fs::read(file).map_err(|e| {
        let why = ctx.lang.foreign(&e.to_string());
        let file = file.display();
        CliError::Usage(
            ctx.lang
                .fill("cli.unreadable", &[("file", &file), ("why", &why)]),
        )
    })
}

/// A row with what is to be said of it; row 0 is the file.
pub(super) fn line(ctx: &Context, file: &str, line: u64, text: &str) -> String {
    if line == 0 {
        return format!("{file}: {text}");
    }
    ctx.lang.fill(
        "import.bad",
        &[("file", &file), ("line", &line), ("text", &text)],
    )
}

/// Waits while something is being done with a file.
async fn wait(ctx: &Context, upload: UploadView) -> Result<UploadView, CliError> {
    let mut upload = upload;
    let mut shown: Option<Progress> = None;
    while matches!(upload.stage.as_str(), "looking" | "running") {
        let what = if upload.stage == "looking" {
            ctx.lang.text("import.looking")
        } else {
            ctx.lang.text("import.working")
        };
        let total = Some(upload.total).filter(|n| *n > 0);
        shown
            .get_or_insert_with(|| Progress::begin(ctx.lang, what, total, Arc::new(MachineClock)))
            .at(upload.done);
        MachineClock.sleep(LOOK_EVERY).await;
        upload = ctx.get(&format!("/api/v1/uploads/{}", upload.id)).await?;
    }
    if let Some(progress) = shown {
        progress.end();
    }
    Ok(upload)
}

/// Names of channels that nobody knows: what to do about all of their rows at once.
pub(super) async fn tell_strange_channels(
    ctx: &Context,
    upload: &UploadView,
) -> Result<(), CliError> {
    if upload.strange_channels.is_empty() {
        return Ok(());
    }
    let quoted = |name: &String| ctx.lang.fill("import.quoted", &[("name", name)]);
    let names: Vec<String> = upload.strange_channels.keys().map(quoted).collect();
    let known: Vec<ChannelView> = ctx.get("/api/v1/channels").await?;
    let known: Vec<String> = known.into_iter().map(|c| c.id).collect();
    let words = [("names", names.join(", ")), ("known", known.join(", "))];
    let words = words
        .each_ref()
        .map(|(name, value)| (*name, value as &dyn std::fmt::Display));
    eprintln!("{}", ctx.lang.fill("import.strange-channels", &words));
    Ok(())
}

/// All rows of a kind, up to what is told one by one.
pub(super) async fn rows(
    ctx: &Context,
    upload: &UploadView,
    kind: &str,
) -> Result<Vec<KeptRowView>, CliError> {
    let path = format!("/api/v1/uploads/{}/rows?kind={kind}", upload.id);
    ctx.pages(&path, MOST_TOLD).await
}

/// Says the word, and waits until all of it is done.
pub(super) async fn confirm(
    ctx: &Context,
    upload: &UploadView,
    skip_bad: bool,
) -> Result<OutcomeView, CliError> {
    let path = format!("/api/v1/uploads/{}/confirm", upload.id);
    let body = json!({ "skip_bad": skip_bad });
    let upload: UploadView = ctx.send(Method::POST, &path, &body).await?;
    let done = wait(ctx, upload).await?;
    if done.stage == "interrupted" {
        return Err(CliError::Found(
            ctx.lang.text("import.interrupted").to_owned(),
        ));
    }
    let outcome = done.outcome.clone().unwrap_or_default();
    if let Some(why) = &outcome.stopped {
        return Err(CliError::Found(why.clone()));
    }
    let _ = let_go(ctx, &done).await;
    Ok(outcome)
}

/// Lets a file go.
pub(super) async fn let_go(ctx: &Context, upload: &UploadView) -> Result<(), CliError> {
    let path = format!("/api/v1/uploads/{}/drop", upload.id);
    let _: serde_json::Value = ctx.send(Method::POST, &path, &json!({})).await?;
    Ok(())
}
