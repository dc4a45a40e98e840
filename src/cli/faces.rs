//! The pages beside the daemon: opened at `raotin serve`, told on the terminal, closed with it.

use std::io::{IsTerminal, Write};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::open::Opened;
use crate::config::Web;
use crate::lang::Lang;
use crate::web::door::Remote;
use crate::web::door::address::{address, is_for_phones};
use crate::web::door::listen::Doors;
use crate::web::door::tls::Certified;
use crate::web::pages::{Faces, router};
use crate::web::{Site, qr};

/// How often the certificate's files are looked at: it is renewed every few weeks.
const LOOK_EVERY: Duration = Duration::from_secs(10);

/// Serves the pages until `stopping`. Where they cannot be served the daemon goes on without: what is
/// queued shall go out; it is told.
pub(super) async fn serve(
    opened: &Arc<Opened>,
    site: Site,
    admin_link: bool,
    lang: Lang,
    stopping: watch::Receiver<bool>,
) {
    let web = opened.office.config().web.clone();
    if !web.enabled {
        return;
    }
    let faces = Faces::new(site);
    let link = match faces.accounts.setup_link(admin_link) {
        Ok(link) => link,
        Err(error) => {
            tracing::error!(%error, "nobody can log in: the accounts cannot be read");
            return;
        }
    };
    let certified = match certified(&web) {
        Ok(certified) => certified,
        Err(error) => {
            tracing::error!(%error, "no pages: the certificate does not hold. Mend the files under [web], then start again");
            return;
        }
    };
    let doors = match Doors::open(web.listen, certified.clone()).await {
        Ok(doors) => doors,
        Err(error) => {
            tracing::error!(%error, listen = %web.listen, "no pages: it cannot be listened there. Set another [web] listen, then start again");
            return;
        }
    };
    tell(&web, &doors, link.as_deref(), lang);
    if let Some(certified) = certified {
        tokio::spawn(watch_certificate(certified, stopping.clone()));
    }
    let service = router(faces).into_make_service_with_connect_info::<Remote>();
    let mut until = stopping;
    tokio::spawn(async move {
        let stopped = async move {
            // An error means that nobody is left to stop us: the same.
            let _ = until.wait_for(|stop| *stop).await;
        };
        // Pages that wait for news would hold the end up: what is open then is cut.
        let served = axum::serve(doors, service);
        tokio::select! {
            _ = served => {}
            () = stopped => {}
        }
    });
}

fn certified(web: &Web) -> std::io::Result<Option<Arc<Certified>>> {
    let files = web.certificate.as_ref();
    files
        .map(|(certificate, key)| Certified::read(certificate, key))
        .transpose()
}

async fn watch_certificate(certified: Arc<Certified>, mut stopping: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            _ = stopping.wait_for(|stop| *stop) => return,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
        match certified.reload_if_changed() {
            Ok(false) => {}
            Ok(true) => tracing::info!("the certificate was read again"),
            Err(error) => {
                tracing::error!(%error, "the new certificate does not hold; the former one is shown");
            }
        }
    }
}

/// For people on a terminal, with a QR code for the phone beside it; else into the log.
fn tell(web: &Web, doors: &Doors, link: Option<&str>, lang: Lang) {
    let address = address(web, doors.local());
    let link = link.map(|secret| format!("{address}/link/{secret}"));
    if !std::io::stderr().is_terminal() {
        tracing::info!(%address, "pages");
        if let Some(link) = link {
            tracing::info!(%link, "open this link once, within a day, to make the first administrator");
        }
        return;
    }
    let mut out = std::io::stderr().lock();
    let _ = writeln!(
        out,
        "{}",
        lang.fill("serve.pages", &[("address", &address)])
    );
    if is_for_phones(web, doors.local())
        && let Some(code) = qr::lines(&address)
    {
        let _ = writeln!(out, "{code}");
    }
    if let Some(link) = link {
        let _ = writeln!(out, "{}", lang.fill("serve.admin", &[("link", &link)]));
    }
}
