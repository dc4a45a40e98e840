//! The account's session: made with the app password, kept over restarts (a server allows few logins a
//! day), renewed when it ends. A new pair is on disk before it is used.

use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::Bluesky;
use super::client::{Body, Fault, Xrpc};
use crate::config::Secret;
use crate::platform::outcome::Class;
use crate::platform::vault::{self, Drawer};

/// What stands in the vault.
#[derive(Serialize, Deserialize, Clone)]
struct Kept {
    did: String,
    access: String,
    refresh: String,
    /// Of the app password it was made with: a session outlives no change of the password.
    made_with: String,
}

/// Who is logged in.
#[derive(Clone, Debug)]
pub(super) struct Session {
    pub(super) did: String,
    pub(super) access: Secret,
}

/// The answer to a login and to a renewal.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Made {
    did: String,
    access_jwt: String,
    refresh_jwt: String,
}

/// The file of an account's session.
pub(super) fn file(place: &Bluesky) -> String {
    vault::name("bluesky", &[place.base.as_str(), &place.handle])
}

impl Bluesky {
    /// The session there is, or a new one.
    pub(super) async fn session(&self) -> Result<Session, Fault> {
        let drawer = self.vault.open(&self.file).await;
        match self.kept(&drawer).await? {
            Some(kept) => Ok(kept.session()),
            None => self.log_in(&drawer).await,
        }
    }

    /// After `old` was found expired: another, unless somebody renewed it meanwhile.
    pub(super) async fn renewed(&self, old: &Session) -> Result<Session, Fault> {
        let drawer = self.vault.open(&self.file).await;
        let Some(kept) = self.kept(&drawer).await? else {
            return self.log_in(&drawer).await;
        };
        if kept.access != old.access.reveal() {
            return Ok(kept.session());
        }
        let refresh = Secret::new(kept.refresh);
        let method = "com.atproto.server.refreshSession";
        match self
            .ask_for(&drawer, method, Some(&refresh), Body::None)
            .await
        {
            // Unused for too long, or used once already: the app password makes another.
            Err(fault) if fault.is(Class::AuthExpired) || fault.is(Class::AuthRevoked) => {
                self.log_in(&drawer).await
            }
            done => done,
        }
    }

    /// After `old` was refused for good: the next to come logs in anew.
    pub(super) async fn forget(&self, old: &Session) {
        let drawer = self.vault.open(&self.file).await;
        if let Ok(Some(kept)) = drawer.read::<Kept>().await
            && kept.access == old.access.reveal()
        {
            // One that stays is found refused once more: nothing is lost.
            let _ = drawer.clear().await;
        }
    }

    async fn kept(&self, drawer: &Drawer) -> Result<Option<Kept>, Fault> {
        let kept: Option<Kept> = drawer.read().await.map_err(Fault::Known)?;
        Ok(kept.filter(|k| k.made_with == fingerprint(&self.password)))
    }

    async fn log_in(&self, drawer: &Drawer) -> Result<Session, Fault> {
        let method = "com.atproto.server.createSession";
        let body = json!({"identifier": self.handle, "password": self.password.reveal()});
        self.ask_for(drawer, method, None, Body::Json(&body)).await
    }

    async fn ask_for(
        &self,
        drawer: &Drawer,
        method: &'static str,
        token: Option<&Secret>,
        body: Body<'_>,
    ) -> Result<Session, Fault> {
        let xrpc: &Xrpc = &self.xrpc;
        let within = xrpc.wire.limits().read;
        let (made, _): (Made, _) = xrpc.procedure(method, token, body, within).await?;
        let kept = Kept {
            did: made.did,
            access: made.access_jwt,
            refresh: made.refresh_jwt,
            made_with: fingerprint(&self.password),
        };
        drawer.keep(&kept).await.map_err(Fault::Known)?;
        Ok(kept.session())
    }
}

impl Kept {
    fn session(&self) -> Session {
        Session {
            did: self.did.clone(),
            access: Secret::new(&*self.access),
        }
    }
}

/// Tells one password from another, and nothing else.
fn fingerprint(password: &Secret) -> String {
    let digest = Sha256::digest(password.reveal().as_bytes());
    digest[..8].iter().map(|b| format!("{b:02x}")).collect()
}
