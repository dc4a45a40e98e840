//! Listens, and shakes hands where there is a certificate: a slow hand holds nobody else up.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::serve::Listener;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::Remote;
use super::tls::Certified;

/// Connections at a time: a browser opens six, an office has thirty people; each costs some kB.
const MOST_CONNECTIONS: usize = 512;
/// A handshake takes two round trips; on a bad line some seconds.
const HANDSHAKE_WITHIN: Duration = Duration::from_secs(10);
/// Connections that are open and not yet taken up.
const WAITING: usize = 16;
/// After an accept that failed (too many open files) it is tried again then.
const AGAIN_AFTER: Duration = Duration::from_millis(500);

/// A connection.
pub struct Conn {
    stream: Stream,
    _one_of: OwnedSemaphorePermit,
}

enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// Where connections come from.
pub struct Doors {
    open: mpsc::Receiver<(Conn, Remote)>,
    local: SocketAddr,
}

impl Doors {
    /// Listens there; with a certificate, for TLS alone.
    ///
    /// # Errors
    /// The address is taken, or not this machine's.
    pub async fn open(at: SocketAddr, tls: Option<Arc<Certified>>) -> io::Result<Self> {
        let listener = TcpListener::bind(at).await?;
        let local = listener.local_addr()?;
        let acceptor = tls.map(|certified| certified.acceptor()).transpose()?;
        let (to, open) = mpsc::channel(WAITING);
        tokio::spawn(accept_all(listener, acceptor, to));
        Ok(Self { open, local })
    }

    /// Where it listens.
    pub fn local(&self) -> SocketAddr {
        self.local
    }
}

/// Until nobody takes what comes.
async fn accept_all(
    listener: TcpListener,
    acceptor: Option<TlsAcceptor>,
    to: mpsc::Sender<(Conn, Remote)>,
) {
    let places = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    loop {
        let Ok(place) = places.clone().acquire_owned().await else {
            return;
        };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = to.closed() => return,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection was not taken");
                tokio::time::sleep(AGAIN_AFTER).await;
                continue;
            }
        };
        // Answers are small and asked for one by one.
        let _ = stream.set_nodelay(true);
        let remote = Remote {
            ip: peer.ip().to_canonical(),
            tls: acceptor.is_some(),
        };
        match &acceptor {
            None => {
                let stream = Stream::Plain(stream);
                let conn = Conn {
                    stream,
                    _one_of: place,
                };
                if to.send((conn, remote)).await.is_err() {
                    return;
                }
            }
            Some(acceptor) => {
                let (hand, to) = (acceptor.accept(stream), to.clone());
                tokio::spawn(async move {
                    // Port scanners and plain HTTP end here; they are told nothing.
                    if let Ok(Ok(stream)) = tokio::time::timeout(HANDSHAKE_WITHIN, hand).await {
                        let stream = Stream::Tls(Box::new(stream));
                        let conn = Conn {
                            stream,
                            _one_of: place,
                        };
                        let _ = to.send((conn, remote)).await;
                    }
                });
            }
        }
    }
}

impl Listener for Doors {
    type Io = Conn;
    type Addr = Remote;

    async fn accept(&mut self) -> (Conn, Remote) {
        match self.open.recv().await {
            Some(open) => open,
            // The task above ends only after this end is dropped.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<Remote> {
        Ok(Remote {
            ip: self.local.ip(),
            tls: false,
        })
    }
}

impl AsyncRead for Conn {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_read(cx, buf),
            Stream::Tls(stream) => Pin::new(stream).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Conn {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_write(cx, buf),
            Stream::Tls(stream) => Pin::new(stream).poll_write(cx, buf),
        }
    }
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Stream::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Stream::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
