//! How a channel's place is reached: `[channels.webhook]` and its like.

use url::Url;

use super::env::Vault;
use super::keys::{
    BLUESKY, FACEBOOK_PAGE, MASTODON, MATRIX, SECRET, TELEGRAM, VISIBILITY, WEBHOOK, WORDPRESS,
};
use super::problem::{Code, Weight};
use super::reader::Fields;
use super::secret::Secret;
use super::{defaults, values};
use crate::model::{Mode, PlatformKind};

/// `[channels.webhook]`.
#[derive(Debug, Clone, PartialEq)]
pub struct WebhookTarget {
    /// Where to POST.
    pub url: Url,
    /// `whsec_…` (Standard Webhooks); the first signs, all are accepted (key rotation).
    pub secrets: Vec<Secret>,
}

/// `[channels.telegram]`.
#[derive(Debug, Clone, PartialEq)]
pub struct TelegramTarget {
    /// `@name` or a numeric chat id.
    pub chat: String,
    /// The bot's token.
    pub token: Secret,
    /// A forum topic.
    pub topic: Option<i64>,
    /// Whether messages arrive without sound.
    pub silent: bool,
    /// Whether link previews are shown.
    pub preview: bool,
    /// `https://api.telegram.org` unless a local Bot API server is used.
    pub base_url: Url,
}

/// `[channels.facebook-page]`.
#[derive(Debug, Clone, PartialEq)]
pub struct FacebookPageTarget {
    /// The Page's id.
    pub page: String,
    /// The Page access token.
    pub token: Secret,
    /// For `appsecret_proof` and debug_token.
    pub app_id: Option<String>,
    /// For `appsecret_proof` and debug_token.
    pub app_secret: Option<Secret>,
    /// `v25.0` unless configured.
    pub graph_version: String,
    /// `https://graph.facebook.com` unless configured.
    pub base_url: Url,
}

/// `[channels.bluesky]`.
#[derive(Debug, Clone, PartialEq)]
pub struct BlueskyTarget {
    /// A handle or a DID.
    pub handle: String,
    /// An app password.
    pub password: Secret,
    /// A language tag (BCP 47).
    pub lang: String,
    /// `https://bsky.social` unless configured.
    pub base_url: Url,
}

/// Who sees a post on Mastodon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visibility {
    /// Everybody, and it stands in public timelines.
    Public,
    /// Everybody who looks for it.
    Unlisted,
    /// Followers.
    Private,
}

/// `[channels.mastodon]`.
#[derive(Debug, Clone, PartialEq)]
pub struct MastodonTarget {
    /// The server.
    pub base_url: Url,
    /// An access token.
    pub token: Secret,
    /// Who sees the posts.
    pub visibility: Visibility,
    /// A language tag (ISO 639).
    pub lang: String,
    /// A content warning before every post.
    pub warning: Option<String>,
}

/// `[channels.matrix]`.
#[derive(Debug, Clone, PartialEq)]
pub struct MatrixTarget {
    /// The homeserver.
    pub server: Url,
    /// `#alias:server` or `!id:server`.
    pub room: String,
    /// The access token.
    pub token: Secret,
    /// Whether the account may join by itself.
    pub join: bool,
}

/// `[channels.wordpress]`.
#[derive(Debug, Clone, PartialEq)]
pub struct WordpressTarget {
    /// The website's front page.
    pub site: Url,
    /// Who publishes.
    pub user: String,
    /// An application password.
    pub password: Secret,
    /// By name.
    pub categories: Vec<String>,
    /// By name.
    pub tags: Vec<String>,
}

/// How a channel's place is reached.
///
/// It is there for other modes than `post` too, where the file gives it whole: what was sent before
/// the mode changed can still be settled and taken down. Whether anything is *sent* is the mode's
/// to say, never the target's.
#[derive(Debug, Clone, PartialEq)]
pub enum Target {
    /// Places without an API, and channels that need none.
    None,
    /// A signed webhook.
    Webhook(WebhookTarget),
    /// Telegram.
    Telegram(TelegramTarget),
    /// A Facebook Page.
    FacebookPage(FacebookPageTarget),
    /// Bluesky.
    Bluesky(BlueskyTarget),
    /// Mastodon.
    Mastodon(MastodonTarget),
    /// A Matrix room.
    Matrix(MatrixTarget),
    /// A WordPress site.
    Wordpress(WordpressTarget),
}

/// Reads the table named after the channel's platform. In mode `post` it must be there and whole; in
/// others a secret that cannot be had is a warning. Where the platform could not be read, every such
/// table is looked at, so that all problems are told at once.
pub(super) fn read(
    channel: &Fields<'_>,
    platform: Option<PlatformKind>,
    mode: Mode,
    vault: &Vault<'_>,
) -> Target {
    let apis = PlatformKind::ALL.into_iter().filter(|kind| kind.has_api());
    let Some(platform) = platform else {
        for kind in apis {
            read_table(channel, kind, Weight::Warning, vault);
        }
        return Target::None;
    };
    let name = platform.as_str();
    for other in channel.present(apis.map(PlatformKind::as_str)) {
        if other.value != name {
            let table = ("table", other.value.to_owned());
            let platform = ("platform", name.to_owned());
            other.place.error(Code::TargetOther, vec![table, platform]);
        }
    }
    let needed = mode == Mode::Post && platform.has_api();
    if needed && channel.present([name]).is_empty() {
        let platform = vec![("platform", name.to_owned())];
        channel.place.error(Code::TargetMissing, platform);
    }
    let weight = if needed {
        Weight::Error
    } else {
        Weight::Warning
    };
    read_table(channel, platform, weight, vault).unwrap_or(Target::None)
}

fn read_table(
    channel: &Fields<'_>,
    platform: PlatformKind,
    weight: Weight,
    vault: &Vault<'_>,
) -> Option<Target> {
    match platform {
        PlatformKind::Webhook => webhook(channel, weight, vault),
        PlatformKind::Telegram => telegram(channel, weight, vault),
        PlatformKind::FacebookPage => facebook_page(channel, weight, vault),
        PlatformKind::Bluesky => bluesky(channel, weight, vault),
        PlatformKind::Mastodon => mastodon(channel, weight, vault),
        PlatformKind::Matrix => matrix(channel, weight, vault),
        PlatformKind::Wordpress => wordpress(channel, weight, vault),
        PlatformKind::FacebookGroup
        | PlatformKind::FacebookProfile
        | PlatformKind::ZaloGroup
        | PlatformKind::Other => None,
    }
}

fn webhook(channel: &Fields<'_>, weight: Weight, vault: &Vault<'_>) -> Option<Target> {
    let table = channel.table(PlatformKind::Webhook.as_str(), WEBHOOK)?;
    let url = table.parsed("url", values::api_url);
    let references = table.secrets("secret", SECRET);
    let secrets: Vec<Secret> = references
        .iter()
        .filter_map(|reference| {
            vault.read(reference, weight, |value| {
                (!values::is_webhook_secret(value)).then_some(Code::WebhookSecret)
            })
        })
        .collect();
    let whole = !secrets.is_empty() && secrets.len() == references.len();
    let url = url?.value;
    whole.then_some(Target::Webhook(WebhookTarget { url, secrets }))
}

fn telegram(channel: &Fields<'_>, weight: Weight, vault: &Vault<'_>) -> Option<Target> {
    let table = channel.table(PlatformKind::Telegram.as_str(), TELEGRAM)?;
    let chat = checked(&table, "chat", values::is_telegram_chat, Code::TelegramChat);
    let token = secret(&table, "token", weight, vault, |value| {
        (!values::is_telegram_token(value)).then_some(Code::TelegramToken)
    });
    let topic = table.whole("topic").map(|number| number.value);
    let silent = table.flag("silent").unwrap_or(false);
    let preview = table.flag("preview").unwrap_or(true);
    let base_url = base_url(&table, defaults::TELEGRAM_URL);
    Some(Target::Telegram(TelegramTarget {
        chat: chat?,
        token: token?,
        topic,
        silent,
        preview,
        base_url: base_url?,
    }))
}

fn facebook_page(channel: &Fields<'_>, weight: Weight, vault: &Vault<'_>) -> Option<Target> {
    let table = channel.table(PlatformKind::FacebookPage.as_str(), FACEBOOK_PAGE)?;
    let page = checked(&table, "page", values::is_number, Code::FacebookPage);
    let token = secret(&table, "token", weight, vault, |_| None);
    let app_id = table.text_or_number("app_id").map(|id| id.value);
    let app_secret = secret(&table, "app_secret", weight, vault, |_| None);
    if let [app_id] = table.present(["app_id"]).as_slice()
        && table.present(["app_secret"]).is_empty()
    {
        app_id.place.warn(Code::FacebookApp, Vec::new());
    }
    let version = checked(
        &table,
        "graph_version",
        values::is_graph_version,
        Code::GraphVersion,
    );
    let base_url = base_url(&table, defaults::FACEBOOK_URL);
    Some(Target::FacebookPage(FacebookPageTarget {
        page: page?,
        token: token?,
        app_id,
        app_secret,
        graph_version: version.unwrap_or_else(|| defaults::GRAPH_VERSION.to_owned()),
        base_url: base_url?,
    }))
}

fn bluesky(channel: &Fields<'_>, weight: Weight, vault: &Vault<'_>) -> Option<Target> {
    let table = channel.table(PlatformKind::Bluesky.as_str(), BLUESKY)?;
    let handle = checked(
        &table,
        "handle",
        values::is_at_identifier,
        Code::BlueskyHandle,
    );
    let password = secret(&table, "password", weight, vault, |_| None);
    let lang = lang(&table);
    let base_url = base_url(&table, defaults::BLUESKY_URL);
    Some(Target::Bluesky(BlueskyTarget {
        handle: handle?,
        password: password?,
        lang: lang?,
        base_url: base_url?,
    }))
}

fn mastodon(channel: &Fields<'_>, weight: Weight, vault: &Vault<'_>) -> Option<Target> {
    let table = channel.table(PlatformKind::Mastodon.as_str(), MASTODON)?;
    let base_url = table.parsed("base_url", values::api_url);
    let token = secret(&table, "token", weight, vault, |_| None);
    let visibility = table.one_of("visibility", VISIBILITY);
    let lang = lang(&table);
    let warning = table.text("warning").map(|text| text.value.to_owned());
    Some(Target::Mastodon(MastodonTarget {
        base_url: base_url?.value,
        token: token?,
        visibility: visibility.map_or(Visibility::Public, |word| word.value),
        lang: lang?,
        warning,
    }))
}

/// The language of a channel's posts.
fn lang(table: &Fields<'_>) -> Option<String> {
    if table.present(["lang"]).is_empty() {
        return Some(defaults::LANG.to_owned());
    }
    checked(table, "lang", values::is_language, Code::PostLang)
}

fn matrix(channel: &Fields<'_>, weight: Weight, vault: &Vault<'_>) -> Option<Target> {
    let table = channel.table(PlatformKind::Matrix.as_str(), MATRIX)?;
    let server = table.parsed("server", values::api_url);
    let room = table.text("room");
    let token = secret(&table, "token", weight, vault, |_| None);
    let join = table.flag("join").unwrap_or(false);
    let room = room?;
    if !values::is_matrix_room(room.value) {
        room.place.error(Code::MatrixRoom, Vec::new());
        return None;
    }
    Some(Target::Matrix(MatrixTarget {
        server: server?.value,
        room: room.value.to_owned(),
        token: token?,
        join,
    }))
}

fn wordpress(channel: &Fields<'_>, weight: Weight, vault: &Vault<'_>) -> Option<Target> {
    let table = channel.table(PlatformKind::Wordpress.as_str(), WORDPRESS)?;
    let site = table.parsed("site", values::api_url);
    let user = table.text("user");
    let password = secret(&table, "password", weight, vault, |_| None);
    let categories = table.names("categories").unwrap_or_default();
    let tags = table.names("tags").unwrap_or_default();
    Some(Target::Wordpress(WordpressTarget {
        site: site?.value,
        user: user?.value.to_owned(),
        password: password?,
        categories,
        tags,
    }))
}

/// A text or number of a form that the platform knows. One that has not is not repeated: it may be a
/// token on the wrong line.
fn checked(
    table: &Fields<'_>,
    key: &'static str,
    fits: fn(&str) -> bool,
    code: Code,
) -> Option<String> {
    let text = table.text_or_number(key)?;
    if fits(&text.value) {
        return Some(text.value);
    }
    text.place.error(code, Vec::new());
    None
}

pub(super) fn secret(
    table: &Fields<'_>,
    key: &'static str,
    weight: Weight,
    vault: &Vault<'_>,
    fits: impl FnOnce(&str) -> Option<Code>,
) -> Option<Secret> {
    let reference = table.secret(key, SECRET)?;
    vault.read(&reference, weight, fits)
}

fn base_url(table: &Fields<'_>, default: &str) -> Option<Url> {
    if table.present(["base_url"]).is_empty() {
        return Url::parse(default).ok();
    }
    table
        .parsed("base_url", values::api_url)
        .map(|url| url.value)
}
