//! Own certificate files, read again when they change: a renewed certificate is shown to the next
//! visitor, without a restart; a bad pair of files changes nothing and is told.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert, ServerConfig};
use rustls::sign::CertifiedKey;
use tokio_rustls::TlsAcceptor;

/// A certificate and its key, as their files say now.
#[derive(Debug)]
pub struct Certified {
    certificate: PathBuf,
    key: PathBuf,
    current: RwLock<(Arc<CertifiedKey>, Stamp)>,
}

/// When each file was written last, and which file it is.
type Stamp = [Option<(i64, i64, u64)>; 2];

impl Certified {
    /// Reads both files.
    ///
    /// # Errors
    /// They cannot be read, hold no certificate or key, or do not belong together.
    pub fn read(certificate: &Path, key: &Path) -> io::Result<Arc<Self>> {
        let stamp = stamp(certificate, key);
        let current = RwLock::new((pair(certificate, key)?, stamp));
        Ok(Arc::new(Self {
            certificate: certificate.to_owned(),
            key: key.to_owned(),
            current,
        }))
    }

    /// Reads them again if they changed. A pair that does not hold is told once; what was goes on.
    ///
    /// # Errors
    /// As [`Certified::read`].
    pub fn reload_if_changed(&self) -> io::Result<bool> {
        let now = stamp(&self.certificate, &self.key);
        if self.locked().1 == now {
            return Ok(false);
        }
        let read = pair(&self.certificate, &self.key);
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        // Bad or good, these files were looked at.
        current.1 = now;
        current.0 = read?;
        Ok(true)
    }

    fn locked(&self) -> std::sync::RwLockReadGuard<'_, (Arc<CertifiedKey>, Stamp)> {
        self.current.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// What shakes hands with it.
    pub(super) fn acceptor(self: Arc<Self>) -> io::Result<TlsAcceptor> {
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(Shown(self)));
        Ok(TlsAcceptor::from(Arc::new(config)))
    }
}

/// Shows whatever is current.
#[derive(Debug)]
struct Shown(Arc<Certified>);

impl ResolvesServerCert for Shown {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.locked().0.clone())
    }
}

fn pair(certificate: &Path, key: &Path) -> io::Result<Arc<CertifiedKey>> {
    let bad = |file: &Path, why: &dyn std::fmt::Display| {
        io::Error::new(
            io::ErrorKind::InvalidData,
            format!("{}: {why}", file.display()),
        )
    };
    let chain: Vec<_> = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect)
        .map_err(|e| bad(certificate, &e))?;
    if chain.is_empty() {
        return Err(bad(certificate, &"no certificate in it"));
    }
    let secret = PrivateKeyDer::from_pem_file(key).map_err(|e| bad(key, &e))?;
    let pair = CertifiedKey::from_der(chain, secret, &ring::default_provider());
    Ok(Arc::new(pair.map_err(|e| bad(certificate, &e))?))
}

fn stamp(certificate: &Path, key: &Path) -> Stamp {
    [certificate, key].map(|path| {
        let about = fs::metadata(path).ok()?;
        Some((about.mtime(), about.mtime_nsec(), about.ino()))
    })
}
