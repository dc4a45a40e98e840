//! What a member says about being told: where, when not; finding her chat; trying it.

use jiff::{SignedDuration, Timestamp};
use url::Url;

use super::book::{Code, KeptAddress, KeptTrouble, Quiet, TOLD, ToldBook, WISHES, Wish, Wishes};
use super::letter::Paper;
use crate::config::Secret;
use crate::lang::Lang;
use crate::model::{Actor, MemberId};
use crate::office::{Invalid, Office, OfficeError, accounts, kept, permission};
use crate::platform::letter::{Address, Messenger};
use crate::platform::{SendError, public};

/// A code that finds a chat works so long: the way to the phone and back.
const CODE_LIVES: SignedDuration = SignedDuration::from_mins(30);
/// Bytes of such a code: whoever guesses it is told of another's tasks.
const CODE_BYTES: usize = 12;
/// Bytes of a webhook's key (Standard Webhooks: 24 to 64).
const KEY_BYTES: usize = 32;
/// Longest address kept.
const MOST_URL_CHARS: usize = 500;

/// Where a member wants to be told, as she says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chosen {
    /// Nowhere.
    Nowhere,
    /// In a chat with the office's bot.
    Telegram(String),
    /// By a webhook at this address.
    Webhook(String),
}

/// How it stands, for herself and for whoever looks after members.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shown {
    /// The chat with the bot. Empty for others than herself: it is there.
    pub telegram: Option<String>,
    /// The webhook's address. Empty for others than herself: it is there.
    pub webhook: Option<String>,
    /// When nothing is told.
    pub quiet: Option<Quiet>,
    /// What she is to write to the bot, while that works.
    pub code: Option<String>,
    /// When a letter last arrived.
    pub last: Option<Timestamp>,
    /// Why the last one did not.
    pub trouble: Option<Trouble>,
}

impl Shown {
    /// Whether she is told at all.
    pub fn is_told(&self) -> bool {
        self.telegram.is_some() || self.webhook.is_some()
    }
}

/// Why a letter did not arrive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// When.
    pub at: Timestamp,
    /// Stable; `notice-trouble.CODE` in the catalogues.
    pub code: String,
    /// Their own words, without secrets.
    pub reason: String,
}

/// What asking the bot, or trying, came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tried {
    /// It arrived; or the chat was found.
    Done,
    /// Nobody wrote the code to the bot yet.
    NothingYet,
    /// It did not arrive.
    Failed(Trouble),
}

impl Office {
    /// How it stands with a member's being told. Her addresses are hers alone to see.
    ///
    /// # Errors
    /// [`OfficeError::NotAllowed`].
    pub fn notices(&self, actor: &Actor, id: &MemberId) -> Result<Shown, OfficeError> {
        permission::notices_of(actor, id)?;
        let wishes: Wishes = kept::read(&*self.private, WISHES)?;
        let told: ToldBook = kept::read(&*self.private, TOLD)?;
        let hers = actor.member() == Some(id);
        let now = self.clock.now();
        let wish = wishes.members.get(id);
        let mut shown = Shown::default();
        if let Some(wish) = wish {
            let own = |text: &String| if hers { text.clone() } else { String::new() };
            match &wish.to {
                Some(KeptAddress::Telegram { chat }) => shown.telegram = Some(own(chat)),
                Some(KeptAddress::Webhook { url, .. }) => shown.webhook = Some(own(url)),
                None => {}
            }
            shown.quiet = wish.quiet;
            let code = wish.code.as_ref().filter(|c| c.until > now && hers);
            shown.code = code.map(|c| c.code.clone());
        }
        if let Some(told) = told.members.get(id) {
            shown.last = told.last;
            shown.trouble = told.trouble.clone().map(Trouble::from);
        }
        Ok(shown)
    }

    /// Says where a member is told, and when not; what is not given stays. A webhook that is new gets a
    /// key, which is answered once.
    ///
    /// # Errors
    /// [`Invalid`] where it is no address, or none that may be asked.
    pub fn set_notices(
        &self,
        actor: &Actor,
        id: &MemberId,
        to: Option<Chosen>,
        quiet: Option<Option<Quiet>>,
    ) -> Result<Option<String>, OfficeError> {
        permission::notices_of(actor, id)?;
        self.known_member(id)?;
        let to = to.map(|to| self.checked(to)).transpose()?;
        let key = new_key(&self.chance.secret());
        let made = kept::change(&*self.private, WISHES, |wishes: &mut Wishes| {
            let wish = wishes.members.entry(id.clone()).or_default();
            let mut made = None;
            match &to {
                None => {}
                Some(Chosen::Nowhere) => wish.to = None,
                Some(Chosen::Telegram(chat)) => {
                    wish.to = Some(KeptAddress::Telegram { chat: chat.clone() });
                }
                Some(Chosen::Webhook(url)) => {
                    let same = matches!(&wish.to, Some(KeptAddress::Webhook { url: old, .. }) if old == url);
                    if !same {
                        made = Some(key.clone());
                        wish.to = Some(KeptAddress::Webhook {
                            url: url.clone(),
                            secret: key.clone(),
                        });
                    }
                }
            }
            if let Some(quiet) = quiet {
                wish.quiet = quiet;
            }
            if *wish == Wish::default() {
                wishes.members.remove(id);
            }
            Ok(made)
        })?;
        if to.is_some() {
            // What was wrong with the former address says nothing about this one.
            kept::change(&*self.private, TOLD, |told: &mut ToldBook| {
                if let Some(told) = told.members.get_mut(id) {
                    (told.trouble, told.last) = (None, None);
                }
                Ok(())
            })?;
        }
        Ok(made)
    }

    /// Makes a code that she writes to the bot, so that her chat is found, and says what the bot is
    /// called.
    ///
    /// # Errors
    /// The private file's.
    pub async fn begin_chat(
        &self,
        actor: &Actor,
        id: &MemberId,
        messenger: &Messenger,
    ) -> Result<Result<(String, String), Trouble>, OfficeError> {
        permission::notices_of(actor, id)?;
        self.known_member(id)?;
        let now = self.clock.now();
        let config = self.config();
        let name = match messenger.bot_name(&config.notices).await {
            Ok(name) => name,
            Err(error) => return Ok(Err(trouble(now, true, &error))),
        };
        let code = super::super::request::hex(&self.chance.secret()[..CODE_BYTES]);
        let until = super::super::by_hand::later(now, CODE_LIVES);
        kept::change(&*self.private, WISHES, |wishes: &mut Wishes| {
            let code = code.clone();
            wishes.members.entry(id.clone()).or_default().code = Some(Code { code, until });
            Ok(())
        })?;
        Ok(Ok((name, code)))
    }

    /// Looks whether she wrote the code to the bot; if so, that chat is where she is told.
    ///
    /// # Errors
    /// [`Invalid::NoAddressNamed`] where no code is open.
    pub async fn find_chat(
        &self,
        actor: &Actor,
        id: &MemberId,
        messenger: &Messenger,
    ) -> Result<Tried, OfficeError> {
        permission::notices_of(actor, id)?;
        let now = self.clock.now();
        let wishes: Wishes = kept::read(&*self.private, WISHES)?;
        let code = wishes.members.get(id).and_then(|w| w.code.clone());
        let code = code.filter(|c| c.until > now).ok_or_else(nowhere)?;
        let config = self.config();
        let chat = match messenger.chat_with(&config.notices, &code.code).await {
            Ok(Some(chat)) => chat.to_string(),
            Ok(None) => return Ok(Tried::NothingYet),
            Err(error) => return Ok(Tried::Failed(trouble(now, true, &error))),
        };
        self.set_notices(actor, id, Some(Chosen::Telegram(chat)), None)?;
        kept::change(&*self.private, WISHES, |wishes: &mut Wishes| {
            wishes.members.entry(id.clone()).or_default().code = None;
            Ok(())
        })?;
        Ok(Tried::Done)
    }

    /// Sends a letter that says only that letters arrive.
    ///
    /// # Errors
    /// [`Invalid::NoAddressNamed`].
    pub async fn try_notice(
        &self,
        actor: &Actor,
        id: &MemberId,
        messenger: &Messenger,
    ) -> Result<Tried, OfficeError> {
        permission::notices_of(actor, id)?;
        let wishes: Wishes = kept::read(&*self.private, WISHES)?;
        let kept = wishes.members.get(id).and_then(|w| w.to.as_ref());
        let to = kept.and_then(KeptAddress::address).ok_or_else(nowhere)?;
        let (config, now) = (self.config(), self.clock.now());
        let paper = Paper {
            lang: self.lang_of_member(id)?,
            zone: &config.office.zone,
            now,
            base: None,
        };
        let letter = paper.trial(&config.office.name, self.chance.key(now));
        let result = messenger.deliver(&config.notices, &to, &letter).await;
        let tried = match &result {
            Ok(()) => Tried::Done,
            Err(error) => Tried::Failed(trouble(now, is_telegram(&to), error)),
        };
        kept::change(&*self.private, TOLD, |told: &mut ToldBook| {
            let told = told.members.entry(id.clone()).or_default();
            match &tried {
                Tried::Failed(trouble) => told.trouble = Some(trouble.clone().into()),
                _ => (told.trouble, told.last) = (None, Some(now)),
            }
            Ok(())
        })?;
        Ok(tried)
    }

    /// Forgets where somebody was told: she is retired.
    pub(in crate::office) fn forget_notices(&self, id: &MemberId) -> Result<(), OfficeError> {
        kept::change(&*self.private, WISHES, |wishes: &mut Wishes| {
            wishes.members.remove(id);
            Ok(())
        })?;
        kept::change(&*self.private, TOLD, |told: &mut ToldBook| {
            told.members.remove(id);
            Ok(())
        })
    }

    /// The language she chose, else the office's.
    pub(super) fn lang_of_member(&self, id: &MemberId) -> Result<Lang, OfficeError> {
        let chosen = accounts::chosen_lang(&*self.private, id)?;
        let office = || self.config().office.lang.parse().ok();
        Ok(chosen.or_else(office).unwrap_or(Lang::Vi))
    }

    fn checked(&self, to: Chosen) -> Result<Chosen, OfficeError> {
        match to {
            Chosen::Nowhere => Ok(Chosen::Nowhere),
            Chosen::Telegram(chat) => {
                let chat = chat.trim();
                let named = chat.strip_prefix('@').is_some_and(|name| {
                    (5..=32).contains(&name.len())
                        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
                });
                if named || chat.parse::<i64>().is_ok() {
                    return Ok(Chosen::Telegram(chat.to_owned()));
                }
                Err(OfficeError::invalid("telegram", Invalid::BadChat))
            }
            Chosen::Webhook(text) => {
                let text = text.trim();
                let bad = |what| OfficeError::invalid("webhook", what);
                let no_address = || bad(Invalid::NoAddress(text.to_owned()));
                let url = Url::parse(text).map_err(|_| no_address())?;
                let plain = url.username().is_empty() && url.password().is_none();
                let long = text.chars().count() > MOST_URL_CHARS;
                if !matches!(url.scheme(), "http" | "https") || !url.has_host() || !plain || long {
                    return Err(no_address());
                }
                if !self.config().notices.private_addresses {
                    if !public::may_be_asked(&url) {
                        return Err(bad(Invalid::NotPublic));
                    }
                    if url.scheme() != "https" {
                        return Err(bad(Invalid::NotHttps));
                    }
                }
                Ok(Chosen::Webhook(url.to_string()))
            }
        }
    }
}

fn nowhere() -> OfficeError {
    OfficeError::invalid("telegram", Invalid::NoAddressNamed)
}

fn new_key(secret: &[u8; KEY_BYTES]) -> String {
    use base64::Engine;
    let key = base64::engine::general_purpose::STANDARD.encode(secret);
    Secret::new(format!("whsec_{key}")).reveal().to_owned()
}

pub(super) fn is_telegram(to: &Address) -> bool {
    matches!(to, Address::Telegram { .. })
}

/// What an error means for her.
pub(super) fn trouble(at: Timestamp, telegram: bool, error: &SendError) -> Trouble {
    let (code, reason) = match error {
        SendError::NotSent { reason } => ("unreachable", reason.as_str()),
        SendError::Throttled { reason, .. } => ("throttled", reason.as_str()),
        SendError::Unsure { reason, .. } => ("unsure", reason.as_str()),
        SendError::Moved { target } => ("refused", target.as_str()),
        // Telegram refuses in both ways who never wrote to the bot, or stopped it.
        SendError::Unauthorized { reason }
        | SendError::Blocked { reason, .. }
        | SendError::Refused { reason } => match telegram {
            true => ("bot-refused", reason.as_str()),
            false => ("refused", reason.as_str()),
        },
    };
    Trouble {
        at,
        code: code.to_owned(),
        reason: reason.to_owned(),
    }
}

impl From<KeptTrouble> for Trouble {
    fn from(kept: KeptTrouble) -> Self {
        let KeptTrouble { at, code, reason } = kept;
        Self { at, code, reason }
    }
}

impl From<Trouble> for KeptTrouble {
    fn from(told: Trouble) -> Self {
        let Trouble { at, code, reason } = told;
        Self { at, code, reason }
    }
}
