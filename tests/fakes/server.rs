//! A small HTTP/1.1 server that can also misbehave below HTTP: close, hang, dribble, refuse.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use raotin::clock::Clock;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Longest request taken: ten pictures of Telegram's largest size, and some.
const MAX_REQUEST: usize = 128 * 1024 * 1024;

#[derive(Debug, Clone)]
pub struct Request {
    pub method: String,
    /// Without the query, percent-decoded.
    pub path: String,
    /// Its segments, split before they are percent-decoded.
    pub segments: Vec<String>,
    pub query: Vec<(String, String)>,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(n, _)| n == name);
        found.map(|(_, v)| v.as_str())
    }
}

#[derive(Debug, Clone)]
pub struct Response {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Response {
    pub fn json(status: u16, body: &serde_json::Value) -> Response {
        Response {
            status,
            headers: vec![("content-type".into(), "application/json".into())],
            body: body.to_string().into_bytes(),
        }
    }
    pub fn with(mut self, name: &str, value: impl ToString) -> Response {
        self.headers.push((name.to_owned(), value.to_string()));
        self
    }
}

/// What becomes of a request.
pub enum Reply {
    Answer(Response),
    /// The head, then one byte of the body at a time, for ever slower than anybody waits.
    Dribble(Response),
    /// The connection closes without a byte.
    Close,
    /// Nothing comes, until the client goes.
    Hang,
}

/// The second argument is the server's clock, skew and all.
pub type Handler = Arc<dyn Fn(Request, Timestamp) -> Reply + Send + Sync>;

pub struct Server {
    addr: SocketAddr,
    open: watch::Sender<bool>,
    done: mpsc::Receiver<()>,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
    state: Arc<State>,
}

struct State {
    handler: Handler,
    clock: Arc<dyn Clock>,
    /// Of the `Date` header, in seconds.
    skew: std::sync::atomic::AtomicI64,
    delay_ms: AtomicU64,
}

impl State {
    fn now(&self) -> Timestamp {
        self.clock.now() + SignedDuration::from_secs(self.skew.load(Ordering::Relaxed))
    }
}

impl Server {
    pub fn start(clock: Arc<dyn Clock>, handler: Handler) -> Server {
        let (open, opened) = watch::channel(true);
        let (tell, done) = mpsc::channel();
        let (addr_tx, addr_rx) = mpsc::channel();
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let state = Arc::new(State {
            handler,
            clock,
            skew: 0.into(),
            delay_ms: 0.into(),
        });
        let shared = state.clone();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime");
            runtime.block_on(async {
                // Never listens: while it stands, the port is nobody else's, refused or not.
                let keeper = bound(([127, 0, 0, 1], 0).into()).expect("a port");
                let addr = keeper.local_addr().expect("its address");
                let listener = listening(addr).expect("the port that is kept");
                addr_tx.send(addr).expect("the starter waits");
                tokio::select! {
                    () = serve(listener, addr, opened, tell, shared) => {}
                    _ = stopped => {}
                }
            });
        });
        Server {
            addr: addr_rx.recv().expect("the server starts"),
            open,
            done,
            stop: Some(stop),
            thread: Some(thread),
            state,
        }
    }

    pub fn base_url(&self) -> url::Url {
        url::Url::parse(&format!("http://{}/", self.addr)).expect("a URL")
    }

    /// Connections are refused from now on, and those that stand are cut.
    pub fn refuse(&self) {
        self.set_open(false);
    }

    /// Connections are taken again, on the same port.
    pub fn accept(&self) {
        self.set_open(true);
    }

    fn set_open(&self, open: bool) {
        if *self.open.borrow() != open {
            self.open.send_replace(open);
            self.done.recv().expect("the server runs");
        }
    }

    /// The `Date` header runs ahead by so much.
    pub fn set_skew(&self, seconds: i64) {
        self.state.skew.store(seconds, Ordering::Relaxed);
    }

    /// Every answer comes so much later.
    pub fn answers_after(&self, delay: Duration) {
        let ms = u64::try_from(delay.as_millis()).expect("short");
        self.state.delay_ms.store(ms, Ordering::Relaxed);
    }

    pub fn now(&self) -> Timestamp {
        self.state.now()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Several may be bound to a port where each says that it is to be shared and at most one listens.
fn bound(addr: SocketAddr) -> std::io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(addr)?;
    Ok(socket)
}

fn listening(addr: SocketAddr) -> std::io::Result<TcpListener> {
    bound(addr)?.listen(1024)
}

async fn serve(
    first: TcpListener,
    addr: SocketAddr,
    mut open: watch::Receiver<bool>,
    tell: mpsc::Sender<()>,
    state: Arc<State>,
) {
    let mut listener = Some(first);
    let mut connections = JoinSet::new();
    loop {
        let Some(current) = &listener else {
            if open.changed().await.is_err() {
                return;
            }
            listener = Some(listening(addr).expect("the port that is kept"));
            let _ = tell.send(());
            continue;
        };
        tokio::select! {
            accepted = current.accept() => {
                if let Ok((stream, _)) = accepted {
                    connections.spawn(connection(stream, state.clone()));
                }
            }
            changed = open.changed() => {
                if changed.is_err() {
                    return;
                }
                listener = None;
                connections.shutdown().await;
                let _ = tell.send(());
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection(mut stream: TcpStream, state: Arc<State>) {
    let _ = stream.set_nodelay(true);
    let mut buffer = Vec::new();
    while let Some(request) = read_request(&mut stream, &mut buffer).await {
        let delay = state.delay_ms.load(Ordering::Relaxed);
        if delay > 0 {
            tokio::time::sleep(Duration::from_millis(delay)).await;
        }
        let written = match (state.handler)(request, state.now()) {
            Reply::Answer(response) => {
                let mut bytes = head(&response, state.now());
                bytes.extend_from_slice(&response.body);
                stream.write_all(&bytes).await
            }
            Reply::Dribble(response) => dribble(&mut stream, &response, state.now()).await,
            Reply::Close => return,
            Reply::Hang => {
                let _ = stream.read(&mut [0; 64]).await;
                return;
            }
        };
        if written.is_err() {
            return;
        }
    }
}

async fn dribble(
    stream: &mut TcpStream,
    response: &Response,
    now: Timestamp,
) -> std::io::Result<()> {
    stream.write_all(&head(response, now)).await?;
    for byte in &response.body {
        stream.write_all(&[*byte]).await?;
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    Ok(())
}

fn head(response: &Response, now: Timestamp) -> Vec<u8> {
    let date = jiff::fmt::rfc2822::DateTimePrinter::new()
        .timestamp_to_rfc9110_string(&now)
        .expect("a date");
    let mut head = format!("HTTP/1.1 {} fake\r\ndate: {date}\r\n", response.status);
    for (name, value) in &response.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(&format!("content-length: {}\r\n\r\n", response.body.len()));
    head.into_bytes()
}

/// The next whole request; none when the client is gone or speaks no HTTP.
async fn read_request(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<Request> {
    let head_end = loop {
        if let Some(at) = buffer.windows(4).position(|w| w == b"\r\n\r\n") {
            break at;
        }
        read_more(stream, buffer).await?;
    };
    let head = String::from_utf8(buffer[..head_end].to_vec()).ok()?;
    let mut lines = head.split("\r\n");
    let mut first = lines.next()?.split(' ');
    let (method, target) = (first.next()?.to_owned(), first.next()?.to_owned());
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(n, v)| (n.to_ascii_lowercase(), v.trim().to_owned()))
        .collect();
    let value = |name: &str| {
        headers
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, v)| v.clone())
    };
    buffer.drain(..head_end + 4);
    let body = if value("transfer-encoding").is_some_and(|v| v.contains("chunked")) {
        read_chunked(stream, buffer).await?
    } else {
        let length = value("content-length").map_or(Some(0), |v| v.parse().ok())?;
        read_exactly(stream, buffer, length).await?
    };
    let url = url::Url::parse(&format!("http://fake{target}")).ok()?;
    let path = percent_decoded(url.path());
    let segments = url.path().trim_start_matches('/').split('/');
    let segments = segments.map(percent_decoded).collect();
    let query = url.query_pairs().into_owned().collect();
    Some(Request {
        method,
        path,
        segments,
        query,
        headers,
        body,
    })
}

async fn read_more(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<()> {
    let mut chunk = vec![0; 64 * 1024];
    let n = stream.read(&mut chunk).await.ok()?;
    buffer.extend_from_slice(&chunk[..n]);
    (n > 0 && buffer.len() <= MAX_REQUEST).then_some(())
}

async fn read_exactly(stream: &mut TcpStream, buffer: &mut Vec<u8>, n: usize) -> Option<Vec<u8>> {
    while buffer.len() < n {
        read_more(stream, buffer).await?;
    }
    Some(buffer.drain(..n).collect())
}

async fn read_chunked(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let line_end = loop {
            if let Some(at) = buffer.windows(2).position(|w| w == b"\r\n") {
                break at;
            }
            read_more(stream, buffer).await?;
        };
        let size = std::str::from_utf8(&buffer[..line_end]).ok()?;
        let size = usize::from_str_radix(size.trim(), 16).ok()?;
        buffer.drain(..line_end + 2);
        let chunk = read_exactly(stream, buffer, size + 2).await?;
        body.extend_from_slice(&chunk[..size]);
        if size == 0 {
            return Some(body);
        }
    }
}

fn percent_decoded(path: &str) -> String {
    let mut out = Vec::new();
    let mut bytes = path.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let hex: String = bytes.by_ref().take(2).map(char::from).collect();
        out.push(u8::from_str_radix(&hex, 16).unwrap_or(b'%'));
    }
    String::from_utf8_lossy(&out).into_owned()
}
