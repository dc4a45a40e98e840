//! What is asked for each platform, and what comes of it.

use toml::Value;
use url::Url;

use super::ask::Ask;
use super::{Answers, Desk, Keys};
use crate::cli::CliError;
use crate::config::{
    BlueskyTarget, FacebookPageTarget, MastodonTarget, MatrixTarget, Secret, Target,
    TelegramTarget, Visibility, WordpressTarget, defaults,
};
use crate::platform::{facebook_page, mastodon, matrix, telegram};

fn text(value: impl Into<String>) -> Value {
    Value::String(value.into())
}

/// A secret, unknown to no message from here on.
fn secret(ask: &Ask, desk: &Desk, question: &str) -> Result<Secret, CliError> {
    let secret = ask.secret(question)?;
    desk.redactor.learn(&secret);
    Ok(secret)
}

/// The server of a platform that has many.
fn server(ask: &Ask, desk: &Desk, question: &str) -> Result<Url, CliError> {
    if let Some(given) = &desk.server {
        return Ok(given.clone());
    }
    loop {
        let answer = ask.line(question, None)?;
        let whole = match answer.contains("://") {
            true => answer,
            false => format!("https://{answer}"),
        };
        if let Ok(url) = Url::parse(&whole) {
            return Ok(url);
        }
    }
}

/// The platform's one address, unless another was named.
fn usual(desk: &Desk, address: &str) -> Result<(Url, Keys), CliError> {
    match &desk.server {
        Some(given) => Ok((given.clone(), vec![("base_url", text(given.as_str()))])),
        None => {
            let url = Url::parse(address).map_err(|e| CliError::Usage(e.to_string()))?;
            Ok((url, Vec::new()))
        }
    }
}

pub(super) async fn bluesky(ask: &Ask, desk: &Desk) -> Result<Answers, CliError> {
    let handle = ask.line(ask.lang.text("connect.bluesky-handle"), None)?;
    let handle = handle.trim_start_matches('@').to_owned();
    let password = secret(ask, desk, ask.lang.text("connect.app-password"))?;
    let (base_url, mut keys) = usual(desk, defaults::BLUESKY_URL)?;
    keys.insert(0, ("handle", text(&*handle)));
    Ok(Answers {
        title: format!("Bluesky @{handle}"),
        keys,
        secrets: vec![("password", password.clone())],
        target: Target::Bluesky(BlueskyTarget {
            handle,
            password,
            lang: defaults::LANG.to_owned(),
            base_url,
        }),
    })
}

pub(super) async fn mastodon(ask: &Ask, desk: &Desk) -> Result<Answers, CliError> {
    let base_url = server(ask, desk, ask.lang.text("connect.mastodon-server"))?;
    let app = mastodon::discover::register(&base_url, desk.deps()).await;
    let app = app.map_err(|e| desk.refused(&e))?;
    ask.say(
        &ask.lang
            .fill("connect.open", &[("address", &app.address())]),
    )?;
    let code = secret(ask, desk, ask.lang.text("connect.code"))?;
    let token = app.token(&code).await.map_err(|e| desk.refused(&e))?;
    desk.redactor.learn(&token);
    Ok(Answers {
        title: format!("Mastodon {}", base_url.host_str().unwrap_or_default()),
        keys: vec![("base_url", text(base_url.as_str()))],
        secrets: vec![("token", token.clone())],
        target: Target::Mastodon(MastodonTarget {
            base_url,
            token,
            visibility: Visibility::Public,
            lang: defaults::LANG.to_owned(),
            warning: None,
        }),
    })
}

pub(super) async fn telegram(ask: &Ask, desk: &Desk) -> Result<Answers, CliError> {
    let token = secret(ask, desk, ask.lang.text("connect.bot-token"))?;
    let (base_url, mut keys) = usual(desk, defaults::TELEGRAM_URL)?;
    ask.say(ask.lang.text("connect.telegram-add"))?;
    let found = telegram::discover::chats(&token, &base_url, desk.deps()).await;
    let found = found.map_err(|e| desk.refused(&e))?;
    let (chat, title) = if found.is_empty() {
        ask.say(ask.lang.text("connect.telegram-none"))?;
        let chat = ask.line(ask.lang.text("connect.telegram-chat"), None)?;
        (chat.clone(), chat)
    } else {
        let n = ask.choose(ask.lang.text("connect.choose"), &found)?;
        (found[n].id.clone(), found[n].title.clone())
    };
    keys.insert(0, ("chat", text(&*chat)));
    Ok(Answers {
        title,
        keys,
        secrets: vec![("token", token.clone())],
        target: Target::Telegram(TelegramTarget {
            chat,
            token,
            topic: None,
            silent: false,
            preview: true,
            base_url,
        }),
    })
}

pub(super) async fn facebook_page(ask: &Ask, desk: &Desk) -> Result<Answers, CliError> {
    let app_id = ask.line(ask.lang.text("connect.facebook-app-id"), None)?;
    let app_secret = secret(ask, desk, ask.lang.text("connect.facebook-app-secret"))?;
    let person = secret(ask, desk, ask.lang.text("connect.facebook-token"))?;
    let (base_url, mut keys) = usual(desk, defaults::FACEBOOK_URL)?;
    let version = defaults::GRAPH_VERSION;
    let pages =
        facebook_page::discover::pages(&person, Some(&app_secret), &base_url, version, desk.deps());
    let pages = pages.await.map_err(|e| desk.refused(&e))?;
    if pages.is_empty() {
        let words = ask.lang.text("connect.facebook-none").to_owned();
        return Err(CliError::Found(words));
    }
    let n = ask.choose(ask.lang.text("connect.choose"), &pages)?;
    let page = pages[n].clone();
    let token = page.token.unwrap_or(person);
    desk.redactor.learn(&token);
    keys.insert(0, ("page", text(&*page.id)));
    keys.insert(1, ("app_id", text(&*app_id)));
    Ok(Answers {
        title: page.title,
        keys,
        secrets: vec![("token", token.clone()), ("app_secret", app_secret.clone())],
        target: Target::FacebookPage(FacebookPageTarget {
            page: page.id,
            token,
            app_id: Some(app_id),
            app_secret: Some(app_secret),
            graph_version: version.to_owned(),
            base_url,
        }),
    })
}

pub(super) async fn matrix(ask: &Ask, desk: &Desk) -> Result<Answers, CliError> {
    let server = server(ask, desk, ask.lang.text("connect.matrix-server"))?;
    let user = ask.line(ask.lang.text("connect.matrix-user"), None)?;
    let password = secret(ask, desk, ask.lang.text("connect.password"))?;
    let token = matrix::discover::log_in(&server, &user, &password, desk.deps()).await;
    let token = token.map_err(|e| desk.refused(&e))?;
    desk.redactor.learn(&token);
    let rooms = matrix::discover::rooms(&server, &token, desk.deps()).await;
    let rooms = rooms.map_err(|e| desk.refused(&e))?;
    let (room, title, join) = if rooms.is_empty() {
        let room = ask.line(ask.lang.text("connect.matrix-room"), None)?;
        (room.clone(), room, true)
    } else {
        let n = ask.choose(ask.lang.text("connect.choose"), &rooms)?;
        (rooms[n].id.clone(), rooms[n].title.clone(), false)
    };
    let mut keys = vec![("server", text(server.as_str())), ("room", text(&*room))];
    if join {
        keys.push(("join", Value::Boolean(true)));
    }
    Ok(Answers {
        title: if title.is_empty() {
            room.clone()
        } else {
            title
        },
        keys,
        secrets: vec![("token", token.clone())],
        target: Target::Matrix(MatrixTarget {
            server,
            room,
            token,
            join,
        }),
    })
}

pub(super) async fn wordpress(ask: &Ask, desk: &Desk) -> Result<Answers, CliError> {
    let site = server(ask, desk, ask.lang.text("connect.wordpress-site"))?;
    let mut address = site.clone();
    address.set_path("wp-admin/authorize-application.php");
    address.set_query(Some("app_name=raotin"));
    ask.say(&ask.lang.fill("connect.open", &[("address", &address)]))?;
    let user = ask.line(ask.lang.text("connect.wordpress-user"), None)?;
    let password = secret(ask, desk, ask.lang.text("connect.app-password"))?;
    Ok(Answers {
        title: site.host_str().unwrap_or_default().to_owned(),
        keys: vec![("site", text(site.as_str())), ("user", text(&*user))],
        secrets: vec![("password", password.clone())],
        target: Target::Wordpress(WordpressTarget {
            site,
            user,
            password,
            categories: Vec::new(),
            tags: Vec::new(),
        }),
    })
}
