//! `[notices]` → by which bot members are told of their tasks, and where webhooks of theirs may go.

use url::Url;

use super::env::Vault;
use super::problem::{Code, Weight};
use super::reader::Fields;
use super::secret::Secret;
use super::target::{self, Target, TelegramTarget};
use super::{ConfiguredChannel, defaults, values};

/// `[notices]`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Notices {
    /// The bot that writes to members: one of its own, else that of the first Telegram channel.
    pub bot: Option<Bot>,
    /// Whether a member's webhook may lie on this machine or in the office's own network.
    pub private_addresses: bool,
}

/// A Telegram bot.
#[derive(Debug, Clone, PartialEq)]
pub struct Bot {
    /// Its token.
    pub token: Secret,
    /// `https://api.telegram.org` unless a local Bot API server is used.
    pub base_url: Url,
}

/// Reads `[notices]`. A token that cannot be had is a warning: notices stop, posting does not.
pub(super) fn read<'c>(
    fields: Option<&Fields<'_>>,
    channels: impl Iterator<Item = &'c ConfiguredChannel>,
    vault: &Vault<'_>,
) -> Notices {
    let named = fields.is_some_and(|f| !f.present(["telegram"]).is_empty());
    let bot = match fields.filter(|_| named) {
        Some(fields) => {
            let token = target::secret(fields, "telegram", Weight::Warning, vault, |value| {
                (!values::is_telegram_token(value)).then_some(Code::TelegramToken)
            });
            let base_url = match fields.present(["telegram_url"]).is_empty() {
                true => Url::parse(defaults::TELEGRAM_URL).ok(),
                false => fields
                    .parsed("telegram_url", values::api_url)
                    .map(|url| url.value),
            };
            token
                .zip(base_url)
                .map(|(token, base_url)| Bot { token, base_url })
        }
        None => first_bot(channels),
    };
    Notices {
        bot,
        private_addresses: fields
            .and_then(|f| f.flag("private_addresses"))
            .unwrap_or(false),
    }
}

fn first_bot<'c>(mut channels: impl Iterator<Item = &'c ConfiguredChannel>) -> Option<Bot> {
    channels.find_map(|channel| match &channel.target {
        Target::Telegram(TelegramTarget {
            token, base_url, ..
        }) => Some(Bot {
            token: token.clone(),
            base_url: base_url.clone(),
        }),
        _ => None,
    })
}
