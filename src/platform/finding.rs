//! What asking a platform found: a code with words in the catalogues, and what they are filled with.

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// For information.
    Note,
    /// Works, but a person should act.
    Warning,
    /// Nothing can be posted.
    Problem,
}

/// One thing `check` found: what, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How bad.
    pub weight: Weight,
    /// Stable; one of [`FINDING_CODES`]. The words are `finding.CODE` in the catalogues.
    pub code: &'static str,
    /// What the words are filled with. An instant is `at`, in RFC 3339.
    pub values: Vec<(&'static str, String)>,
}

/// Every code a [`Finding`] may have.
pub const FINDING_CODES: [&str; 69] = [
    "webhook-no-secret",
    "webhook-untried",
    "webhook-bad-secret",
    "webhook-plain-http",
    "telegram-unauthorized",
    "telegram-chat",
    "telegram-moved",
    "telegram-bot",
    "telegram-no-topics",
    "telegram-no-right",
    "telegram-admins-only",
    "telegram-members-silent",
    "telegram-restricted",
    "telegram-no-photos",
    "telegram-not-there",
    "facebook-development-mode",
    "facebook-unauthorized",
    "facebook-refused",
    "facebook-blocked",
    "facebook-page",
    "facebook-unpublished",
    "facebook-no-app",
    "facebook-token-invalid",
    "facebook-token-type",
    "facebook-other-page",
    "facebook-token-lasting",
    "facebook-token-ends",
    "facebook-token-end-unknown",
    "facebook-data-access-ends",
    "facebook-scope-missing",
    "facebook-scopes-unknown",
    "matrix-unauthorized",
    "matrix-room",
    "matrix-account",
    "matrix-member",
    "matrix-not-there",
    "matrix-encrypted",
    "matrix-no-right",
    "matrix-replaced",
    "matrix-uploads",
    "wordpress-unauthorized",
    "wordpress-no-api",
    "wordpress-site",
    "wordpress-plain",
    "wordpress-no-passwords",
    "wordpress-account",
    "wordpress-no-right",
    "wordpress-no-uploads",
    "wordpress-no-categories",
    "wordpress-header-stripped",
    "wordpress-wrong-password",
    "wordpress-not-logged-in",
    "bluesky-unauthorized",
    "bluesky-refused",
    "bluesky-blocked",
    "bluesky-account",
    "bluesky-inactive",
    "bluesky-handle-invalid",
    "bluesky-handle-changed",
    "bluesky-own-password",
    "mastodon-unauthorized",
    "mastodon-refused",
    "mastodon-account",
    "mastodon-suspended",
    "mastodon-limited",
    "mastodon-server",
    "mastodon-short",
    "mastodon-addresses",
    "mastodon-scope-missing",
];

impl Finding {
    /// With nothing to fill in.
    pub fn new(weight: Weight, code: &'static str) -> Self {
        debug_assert!(FINDING_CODES.contains(&code), "{code} is not listed");
        Self {
            weight,
            code,
            values: Vec::new(),
        }
    }

    /// With one more value for its words.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.values.push((name, value.to_string()));
        self
    }

    /// Every value goes through `clean`: what a platform said may hold a secret.
    pub(super) fn cleaned(&mut self, clean: impl Fn(&str) -> String) {
        for (_, value) in &mut self.values {
            *value = clean(value);
        }
    }
}
