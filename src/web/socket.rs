//! The unix socket: 0600 in the data folder, so that only its owner can speak to it; the peer's user
//! id comes from the kernel (SO_PEERCRED).

use std::future::Future;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use axum::Router;
use axum::extract::connect_info::Connected;
use axum::serve::IncomingStream;
use tokio::net::UnixListener;

/// Longest path of a socket: the kernel takes 107 bytes, some systems less (RULES 7).
pub const MOST_PATH_BYTES: usize = 100;

/// Who is on the other end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer {
    /// The peer's user id.
    pub uid: u32,
}

/// Nobody: the kernel did not tell. No user has this id.
const NOBODY: u32 = u32::MAX;

impl Connected<IncomingStream<'_, UnixListener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, UnixListener>) -> Self {
        let uid = stream.io().peer_cred().map_or(NOBODY, |cred| cred.uid());
        Peer { uid }
    }
}

/// Why there is no socket.
#[derive(Debug, thiserror::Error)]
pub enum SocketError {
    /// Over [`MOST_PATH_BYTES`].
    #[error("the socket's path is {len} bytes long, at most {MOST_PATH_BYTES} work everywhere: set a shorter one with --socket ({})", path.display())]
    TooLong {
        /// As asked for.
        path: PathBuf,
        /// Its bytes.
        len: usize,
    },
    /// It cannot be made.
    #[error("cannot listen on {}: {source}", path.display())]
    Io {
        /// As asked for.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Refuses a path that is too long.
///
/// # Errors
/// [`SocketError::TooLong`].
pub fn check_path(path: &Path) -> Result<(), SocketError> {
    let len = path.as_os_str().len();
    if len > MOST_PATH_BYTES {
        let path = path.to_owned();
        return Err(SocketError::TooLong { path, len });
    }
    Ok(())
}

/// Listens there. Whoever calls holds the data folder's lock, so a socket that is there is stale.
///
/// # Errors
/// [`SocketError`].
pub fn listen(path: &Path) -> Result<UnixListener, SocketError> {
    check_path(path)?;
    let failed = |source| SocketError::Io {
        path: path.to_owned(),
        source,
    };
    remove_stale(path).map_err(failed)?;
    // The folder is 0700; between bind and chmod nobody else can come in.
    let listener = UnixListener::bind(path).map_err(failed)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).map_err(failed)?;
    Ok(listener)
}

/// Removes a socket that nobody listens on any more; anything that is no socket is left alone.
///
/// # Errors
/// The disk's.
pub fn remove_stale(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::FileTypeExt;
    match std::fs::symlink_metadata(path) {
        Ok(there) if there.file_type().is_socket() => std::fs::remove_file(path),
        Ok(_) => Err(io::Error::new(
            io::ErrorKind::AlreadyExists,
            "something that is no socket stands there",
        )),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// Serves until `shutdown` ends; requests under way are answered.
///
/// # Errors
/// The listener's.
pub async fn serve(
    listener: UnixListener,
    router: Router,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    axum::serve(
        listener,
        router.into_make_service_with_connect_info::<Peer>(),
    )
    .with_graceful_shutdown(shutdown)
    .await
}
