//! HTTPS with own certificate files: they are read again when they change, and a bad pair changes
//! nothing.
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod faces_kit;
mod office_kit;

use std::fs;
use std::path::{Path, PathBuf};

use faces_kit::House;
use raotin::web::door::Remote;
use raotin::web::door::listen::Doors;
use raotin::web::door::tls::Certified;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/tls")
        .join(name)
}

/// A client that trusts just this certificate; a new one each time, so that it shakes hands anew.
async fn opens(address: &str, trusted: &str) -> bool {
    let pem = fs::read(fixture(trusted)).unwrap();
    let client = reqwest::Client::builder()
        .tls_certs_only([reqwest::Certificate::from_pem(&pem).unwrap()])
        .no_proxy()
        .build()
        .unwrap();
    match client.get(address).send().await {
        Ok(answer) => answer.status().is_success(),
        Err(_) => false,
    }
}

#[tokio::test]
async fn a_new_certificate_is_shown_at_once() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let folder = tempfile::tempdir().unwrap();
    let (cert, key) = (
        folder.path().join("cert.pem"),
        folder.path().join("key.pem"),
    );
    let put = |name: &str| {
        for (from, to) in [
            (format!("{name}.pem"), &cert),
            (format!("{name}.key"), &key),
        ] {
            // As renewing programs do: beside, then over it.
            let beside = to.with_extension("new");
            fs::copy(fixture(&from), &beside).unwrap();
            fs::rename(&beside, to).unwrap();
        }
    };
    put("one");
    let certified = Certified::read(&cert, &key).unwrap();
    let doors = Doors::open("127.0.0.1:0".parse().unwrap(), Some(certified.clone()))
        .await
        .unwrap();
    let at = format!("https://localhost:{}/login", doors.local().port());
    let plain = format!("http://localhost:{}/login", doors.local().port());
    let house = House::new().await;
    let service = house
        .router
        .clone()
        .into_make_service_with_connect_info::<Remote>();
    tokio::spawn(async move { axum::serve(doors, service).await });

    assert!(opens(&at, "one.pem").await);
    assert!(!opens(&at, "two.pem").await);
    assert!(
        !opens(&plain, "one.pem").await,
        "plain HTTP is answered where TLS is spoken"
    );
    assert!(!certified.reload_if_changed().unwrap());

    put("two");
    assert!(certified.reload_if_changed().unwrap());
    assert!(opens(&at, "two.pem").await);
    assert!(!opens(&at, "one.pem").await);

    // A key that does not belong to it, and half a file.
    fs::copy(fixture("one.key"), &key).unwrap();
    assert!(certified.reload_if_changed().is_err());
    assert!(opens(&at, "two.pem").await);
    assert!(!certified.reload_if_changed().unwrap(), "told once");
    fs::write(&cert, "-----BEGIN CERTIFICATE-----").unwrap();
    assert!(certified.reload_if_changed().is_err());
    assert!(opens(&at, "two.pem").await);
}
