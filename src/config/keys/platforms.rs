//! What a channel needs to be told of its platform: the table named after it.

use super::{Key, Shape, VISIBILITY, may, must};

/// `[channels.webhook]`.
pub const WEBHOOK: &[Key] = &[
    must("url", Shape::Url, "Where to POST."),
    must(
        "secret",
        Shape::Secrets,
        "The signing secret, whsec_…; in a list the first signs and all are accepted, to change keys without a gap.",
    ),
];

/// `[channels.telegram]`.
pub const TELEGRAM: &[Key] = &[
    must(
        "chat",
        Shape::TextOrNumber,
        "\"@name\" or the chat's number.",
    ),
    must("token", Shape::Secret, "The bot's token, from @BotFather."),
    may("topic", Shape::Whole, "The forum topic's number."),
    may(
        "silent",
        Shape::Flag,
        "Whether messages arrive without sound. Default: false.",
    ),
    may(
        "preview",
        Shape::Flag,
        "Whether link previews are shown. Default: true.",
    ),
    may(
        "base_url",
        Shape::Url,
        "For a Bot API server of your own. Default: \"https://api.telegram.org\".",
    ),
];

/// `[channels.facebook-page]`.
pub const FACEBOOK_PAGE: &[Key] = &[
    must("page", Shape::TextOrNumber, "The Page's id, a number."),
    must("token", Shape::Secret, "The Page access token."),
    may(
        "app_id",
        Shape::TextOrNumber,
        "The app's id, to check the token.",
    ),
    may(
        "app_secret",
        Shape::Secret,
        "The app's secret, to sign requests and check the token.",
    ),
    may(
        "graph_version",
        Shape::Text,
        "Version of the Graph API. Default: \"v25.0\".",
    ),
    may(
        "base_url",
        Shape::Url,
        "Default: \"https://graph.facebook.com\".",
    ),
];

/// `[channels.bluesky]`.
pub const BLUESKY: &[Key] = &[
    must(
        "handle",
        Shape::Text,
        "The account's handle, such as \"chodon.bsky.social\", or its DID.",
    ),
    must(
        "password",
        Shape::Secret,
        "An app password, from Settings, Privacy and security; never the account's own.",
    ),
    may("lang", Shape::Text, "The posts' language. Default: \"vi\"."),
    may(
        "base_url",
        Shape::Url,
        "The account's server (PDS). Default: \"https://bsky.social\".",
    ),
];

/// `[channels.mastodon]`.
pub const MASTODON: &[Key] = &[
    must(
        "base_url",
        Shape::Url,
        "The server, such as \"https://mastodon.social\".",
    ),
    must(
        "token",
        Shape::Secret,
        "The access token, from Preferences, Development, with read and write.",
    ),
    may(
        "visibility",
        words!(VISIBILITY),
        "Who sees the posts. Default: \"public\".",
    ),
    may("lang", Shape::Text, "The posts' language. Default: \"vi\"."),
    may(
        "warning",
        Shape::Text,
        "A content warning before every post. Default: none.",
    ),
];

/// `[channels.matrix]`.
pub const MATRIX: &[Key] = &[
    must(
        "server",
        Shape::Url,
        "The homeserver's address, such as \"https://matrix.example.org\".",
    ),
    must(
        "room",
        Shape::Text,
        "\"#name:server\" or \"!id:server\". Only unencrypted rooms.",
    ),
    must(
        "token",
        Shape::Secret,
        "The account's access token. One and the same for good: a repeat is known as one only within its login.",
    ),
    may(
        "join",
        Shape::Flag,
        "Whether the account joins the room by itself. Default: false.",
    ),
];

/// `[channels.wordpress]`.
pub const WORDPRESS: &[Key] = &[
    must("site", Shape::Url, "The website's address."),
    must("user", Shape::Text, "Who publishes: a name of the website."),
    must(
        "password",
        Shape::Secret,
        "An application password of theirs, from Users, Profile.",
    ),
    may(
        "categories",
        Shape::Names,
        "Categories of every article, by name; those that are missing are made. Default: the website's.",
    ),
    may(
        "tags",
        Shape::Names,
        "Tags of every article, by name, beside the hashtags in its text.",
    ),
];
