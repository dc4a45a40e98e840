//! Who calls, in which language, under which key.

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::HeaderMap;
use axum::http::request::Parts;

use super::super::Site;
use super::super::socket::Peer;
use super::bearer::ByToken;
use super::problem::{Failed, Fault};
use super::{AS_HEADER, KEY_HEADER};
use crate::lang::Lang;
use crate::model::{Actor, MemberId};

/// Longest Idempotency-Key: a UUID or two; it stands in the ledger for ever.
pub(super) const MOST_KEY_CHARS: usize = 100;

/// Who asks, and how to answer.
pub(super) struct Caller {
    /// On whose behalf.
    pub(super) actor: Actor,
    /// The Idempotency-Key.
    key: Option<String>,
    /// The language of what people read.
    pub(super) lang: Lang,
}

impl Caller {
    /// The Idempotency-Key, if one was sent.
    pub(super) fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }
}

impl FromRequestParts<Site> for Caller {
    type Rejection = Failed;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Failed> {
        let lang = lang_of(&parts.headers);
        let fail = |fault: Fault| Failed::fault(lang, fault);
        let on_behalf_of = match text_of(&parts.headers, AS_HEADER) {
            None => None,
            Some(id) => Some(MemberId::new(id).map_err(|e| fail(Fault::Header(e.to_string())))?),
        };
        let key = text_of(&parts.headers, KEY_HEADER).map(str::to_owned);
        if key
            .as_ref()
            .is_some_and(|k| k.is_empty() || k.chars().count() > MOST_KEY_CHARS)
        {
            let words = format!("an Idempotency-Key has 1 to {MOST_KEY_CHARS} characters");
            return Err(fail(Fault::Header(words)));
        }
        let peer = parts.extensions.get::<ConnectInfo<Peer>>();
        let actor = match (parts.extensions.get::<ByToken>(), peer) {
            // A token is its member's: she acts for nobody else.
            (Some(ByToken(actor)), _) => actor.clone(),
            (None, Some(ConnectInfo(peer))) => site
                .office
                .local(peer.uid, on_behalf_of)
                .map_err(|e| Failed::office(site, lang, &e))?,
            // Without a peer nobody knows who asks; the router is never served so.
            (None, None) => return Err(fail(Fault::UnknownPeer)),
        };
        Ok(Self { actor, key, lang })
    }
}

fn text_of<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// The first of `Accept-Language` that there is; English where none is asked for.
pub(super) fn lang_of(headers: &HeaderMap) -> Lang {
    let asked = text_of(headers, "accept-language").unwrap_or_default();
    asked
        .split(',')
        .filter_map(|one| one.trim().get(..2)?.parse().ok())
        .next()
        .unwrap_or(Lang::En)
}
