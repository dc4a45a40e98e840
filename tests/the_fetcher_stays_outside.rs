//! Nobody gets the fetcher to read the office's own network, to hold more than it was asked for, or to
//! wait for ever; what the operator allows by name is read.
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::collections::HashMap;
use std::io::Write as _;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::BoxFuture;
use raotin::intake::fetch::{Ask, Cut, FetchError, Fetched, Fetcher, Limits, Lookup, Validators};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

const MOST: usize = 64 * 1024;
/// Milliseconds for what never ends: such a test lasts so long. What is to come before it comes in time
/// on a busy machine too.
const SHORT: u64 = 3_000;
const KNOCK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ntin ";

/// A server of raw bytes: what it says to a path, and what it was asked.
struct Site {
    port: u16,
    heads: Arc<Mutex<Vec<String>>>,
    /// Requests under way now, and the most there ever were.
    at_once: Arc<(AtomicUsize, AtomicUsize)>,
}

type Say = Arc<dyn Fn(&str, u16) -> Saying + Send + Sync>;

enum Saying {
    Bytes(Vec<u8>),
    /// These first, then the same piece over and over, with a pause between.
    Endless(Vec<u8>, Vec<u8>, Duration),
    /// After so long.
    Late(Duration, Vec<u8>),
}

async fn site(say: impl Fn(&str, u16) -> Saying + Send + Sync + 'static) -> Site {
    let say: Say = Arc::new(say);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let heads = Arc::new(Mutex::new(Vec::new()));
    let at_once = Arc::new((AtomicUsize::new(0), AtomicUsize::new(0)));
    let (seen, busy) = (heads.clone(), at_once.clone());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let (say, seen, busy) = (say.clone(), seen.clone(), busy.clone());
            tokio::spawn(async move {
                let mut head = Vec::new();
                let mut chunk = [0; 4096];
                while !head.windows(4).any(|w| w == b"\r\n\r\n") {
                    match stream.read(&mut chunk).await {
                        Ok(n) if n > 0 => head.extend_from_slice(&chunk[..n]),
                        _ => return,
                    }
                }
                let now = busy.0.fetch_add(1, Ordering::SeqCst) + 1;
                busy.1.fetch_max(now, Ordering::SeqCst);
                let head = String::from_utf8(head).unwrap();
                let path = head.split(' ').nth(1).unwrap().to_owned();
                seen.lock().unwrap().push(head.to_ascii_lowercase());
                match say(&path, port) {
                    Saying::Bytes(bytes) => drop(stream.write_all(&bytes).await),
                    Saying::Late(by, bytes) => {
                        tokio::time::sleep(by).await;
                        drop(stream.write_all(&bytes).await);
                    }
                    Saying::Endless(first, piece, pause) => {
                        let _ = stream.write_all(&first).await;
                        while stream.write_all(&piece).await.is_ok() {
                            tokio::time::sleep(pause).await;
                        }
                    }
                }
                busy.0.fetch_sub(1, Ordering::SeqCst);
                let _ = stream.shutdown().await;
            });
        }
    });
    Site {
        port,
        heads,
        at_once,
    }
}

/// Every name answers as the table says, and how often it was asked is counted.
#[derive(Default)]
struct Names {
    table: HashMap<&'static str, Vec<IpAddr>>,
    asked: Arc<AtomicUsize>,
}

impl Names {
    fn of(table: &[(&'static str, &[&str])]) -> Self {
        let parsed = table
            .iter()
            .map(|(name, all)| (*name, all.iter().map(|a| a.parse().unwrap()).collect()));
        Names {
            table: parsed.collect(),
            ..Names::default()
        }
    }
}

impl Lookup for Names {
    fn lookup(&self, name: String) -> BoxFuture<'static, std::io::Result<Vec<IpAddr>>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let found = self.table.get(name.as_str()).cloned();
        Box::pin(async { found.ok_or_else(|| std::io::Error::other("no such name")) })
    }
}

fn fetcher(names: Names, allow: &'static [&'static str]) -> Fetcher {
    Fetcher::new(
        Arc::new(move |host| allow.contains(&host)),
        Arc::new(|| Some("https://raotin.example.vn".to_owned())),
        Arc::new(names),
        Limits::default(),
    )
}

fn ask(url: impl Into<String>) -> Ask {
    let mut ask = Ask::new(url, "text/html", MOST);
    ask.within = Duration::from_secs(20);
    ask
}

fn body(fetched: &Fetched) -> &str {
    std::str::from_utf8(&fetched.body).unwrap()
}

#[tokio::test]
async fn addresses_of_the_own_network_are_refused_in_every_spelling() {
    let here = site(|_, _| Saying::Bytes(KNOCK.to_vec())).await;
    let port = here.port;
    let names = Names::of(&[
        ("local.example", &["127.0.0.1"]),
        (
            "mapped.example",
            &["::ffff:127.0.0.1", "::1", "fd00::1", "fe80::1"],
        ),
        ("localhost", &["127.0.0.1"]),
        ("localhost.", &["127.0.0.1"]),
        ("tenant", &["10.0.0.5"]),
        ("127.0.0.1.nip.example", &["127.0.0.1"]),
        (
            "nat64.example",
            &["64:ff9b::7f00:1", "2002:7f00:1::", "::127.0.0.1"],
        ),
    ]);
    let asked = names.asked.clone();
    let fetcher = fetcher(names, &[]);
    for host in [
        "127.0.0.1",
        "127.1",
        "127.0.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "017700000001",
        "0",
        "0.0.0.0",
        "127.0.0.1.",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[0:0:0:0:0:0:0:1]",
        "169.254.169.254",
        "10.0.0.1",
        "100.64.0.1",
        "192.168.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "１２７.０.０.１",
        "127。0。0。1",
        "①②⑦.⓪.⓪.①",
        "%31%32%37.0.0.1",
        "localhost",
        "LOCALHOST",
        "localhost.",
        "any.localhost",
        "local.example",
        "mapped.example",
        "tenant",
        "127.0.0.1.nip.example",
        "nat64.example",
    ] {
        let got = fetcher.get(ask(format!("http://{host}:{port}/"))).await;
        assert!(
            matches!(got, Err(FetchError::Inside { .. })),
            "{host}: {got:?}"
        );
    }
    assert_eq!(here.heads.lock().unwrap().len(), 0, "somebody was asked");
    // Names that were asked for, each once: what was checked is what would have been spoken to.
    assert_eq!(asked.load(Ordering::SeqCst), 5);
}

#[tokio::test]
async fn only_web_addresses_without_a_name_in_them_are_asked() {
    let fetcher = fetcher(Names::default(), &[]);
    for url in [
        "file:///etc/passwd",
        "ftp://example.vn/",
        "gopher://example.vn/",
        "data:text/html,a",
        "javascript:alert(1)",
        "unix:/run/x.sock",
        "//example.vn/",
        "example.vn",
        "",
        "http://",
        "http:// example.vn/",
        "https://[::1",
        "http://256.256.256.256/",
        "http://0x7f.0.0.0.1/",
    ] {
        let got = fetcher.get(ask(url)).await;
        assert_eq!(got.unwrap_err(), FetchError::NoAddress, "{url}");
    }
    for url in [
        "http://example.vn@127.0.0.1/",
        "http://127.0.0.1@example.vn/",
        "http://a:b@example.vn/",
        "http://:b@example.vn/",
    ] {
        let got = fetcher.get(ask(url)).await;
        assert_eq!(got.unwrap_err(), FetchError::Userinfo, "{url}");
    }
    // The parser of browsers takes what stands before a backslash for the host, and so do we.
    let got = fetcher.get(ask("http://127.0.0.1\\@example.vn/")).await;
    assert!(matches!(got, Err(FetchError::Inside { .. })), "{got:?}");
    for port in [0, 22, 25, 6667] {
        let got = fetcher.get(ask(format!("http://example.vn:{port}/"))).await;
        assert_eq!(got.unwrap_err(), FetchError::Port { port });
    }
    let got = fetcher.get(ask("http://nobody.example/")).await;
    assert!(
        matches!(got, Err(FetchError::UnknownHost { .. })),
        "{got:?}"
    );
}

#[tokio::test]
async fn a_redirect_is_checked_like_an_address() {
    let inner = site(|_, _| Saying::Bytes(KNOCK.to_vec())).await;
    let inner_port = inner.port;
    let outer = site(move |path, port| {
        let moved = |status: u16, to: &str| {
            Saying::Bytes(
                format!("HTTP/1.1 {status} Moved\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n")
                    .into_bytes(),
            )
        };
        match path {
            "/ip" => moved(302, &format!("http://127.0.0.1:{inner_port}/")),
            "/name" => moved(307, &format!("http://inner.example:{inner_port}/")),
            "/decimal" => moved(301, &format!("http://2130706433:{inner_port}/")),
            "/scheme" => moved(302, "file:///etc/passwd"),
            "/userinfo" => moved(302, &format!("http://a:b@outer.example:{port}/")),
            "/round" => moved(302, "/round"),
            "/nowhere" => moved(302, "http://[::1"),
            "/silent" => Saying::Bytes(b"HTTP/1.1 302 Found\r\ncontent-length: 0\r\n\r\n".to_vec()),
            "/old" => moved(
                301,
                "//outer.example:{port}/x/../older"
                    .replace("{port}", &port.to_string())
                    .as_str(),
            ),
            "/older" => moved(308, "new?a=b#c"),
            "/new?a=b" => moved(302, "/today"),
            "/today" => moved(301, "/now"),
            _ => Saying::Bytes(KNOCK.to_vec()),
        }
    })
    .await;
    let base = format!("http://outer.example:{}", outer.port);
    let names = Names::of(&[
        ("outer.example", &["127.0.0.1"]),
        ("inner.example", &["127.0.0.1"]),
    ]);
    let fetcher = fetcher(names, &["outer.example"]);
    let go = |path: &'static str| fetcher.get(ask(format!("{base}{path}")));
    for path in ["/ip", "/name", "/decimal"] {
        let got = go(path).await;
        assert!(
            matches!(got, Err(FetchError::Inside { .. })),
            "{path}: {got:?}"
        );
    }
    assert_eq!(inner.heads.lock().unwrap().len(), 0);
    assert_eq!(go("/scheme").await.unwrap_err(), FetchError::NoAddress);
    assert_eq!(go("/userinfo").await.unwrap_err(), FetchError::Userinfo);
    let host = || "outer.example".to_owned();
    assert_eq!(
        go("/round").await.unwrap_err(),
        FetchError::TooManyRedirects {
            host: host(),
            most: 8
        }
    );
    for path in ["/nowhere", "/silent"] {
        let got = go(path).await.unwrap_err();
        assert_eq!(got, FetchError::BadRedirect { host: host() }, "{path}");
    }
    let got = go("/old").await.unwrap();
    assert_eq!(got.url.as_str(), format!("{base}/now"));
    // For good only as far as every step said so.
    assert_eq!(
        got.moved_for_good.unwrap().as_str(),
        format!("{base}/new?a=b")
    );
}

#[tokio::test]
async fn what_is_allowed_by_name_is_read_and_says_who_asks() {
    let here = site(|path, _| match path {
        "/304" => Saying::Bytes(b"HTTP/1.1 304 Not Modified\r\netag: \"b\"\r\n\r\n".to_vec()),
        "/404" => Saying::Bytes(b"HTTP/1.1 404 No\r\ncontent-length: 2\r\n\r\nno".to_vec()),
        _ => Saying::Bytes(
            b"HTTP/1.1 200 OK\r\nETag: W/\"a\"\r\nset-cookie: a=b\r\ncontent-length: 2\r\n\r\nok"
                .to_vec(),
        ),
    })
    .await;
    let names = Names::of(&[
        ("intranet.example.vn", &["127.0.0.1"]),
        ("intranet.example.vn.", &["127.0.0.1"]),
    ]);
    let fetcher = fetcher(names, &["intranet.example.vn"]);
    let at = |path: &str| format!("http://Intranet.Example.VN:{}{path}", here.port);
    let got = fetcher.get(ask(at("/#part"))).await.unwrap();
    assert_eq!((got.status, body(&got), got.cut), (200, "ok", None));
    let known = got.validators();
    assert_eq!(
        known,
        Validators {
            etag: Some("W/\"a\"".into()),
            last_modified: None
        }
    );
    let mut again = ask(at("/304"));
    again.known = known;
    assert_eq!(fetcher.get(again).await.unwrap().status, 304);
    let got = fetcher.get(ask(at("/404"))).await.unwrap();
    assert_eq!((got.status, body(&got)), (404, "no"));
    let dotted = format!("http://intranet.example.vn.:{}/", here.port);
    assert!(fetcher.get(ask(dotted)).await.is_ok());
    let heads = here.heads.lock().unwrap();
    let agent = format!(
        "user-agent: raotin/{} (+https://raotin.example.vn)",
        env!("CARGO_PKG_VERSION")
    );
    for head in heads.iter() {
        assert!(head.contains(&agent), "{head}");
        for never in ["cookie", "referer", "authorization"] {
            assert!(!head.contains(never), "{head}");
        }
    }
    assert!(heads[1].contains("if-none-match: w/\"a\""), "{}", heads[1]);
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

#[tokio::test]
async fn size_is_capped_after_decompression_and_time_for_the_whole() {
    let bomb = gzip(&vec![b' '; 64 * 1024 * 1024]);
    let half = gzip("Chợ Đồn ".repeat(4000).as_bytes());
    assert!(bomb.len() < 2 * MOST, "{}", bomb.len());
    let zipped = |bytes: &[u8], length: usize| {
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {length}\r\n\r\n"
        );
        [head.as_bytes(), bytes].concat()
    };
    let bomb = zipped(&bomb, bomb.len());
    let half = zipped(&half[..half.len() / 2], half.len());
    let chunked = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
    let here = site(move |path, _| match path {
        "/bomb" => Saying::Bytes(bomb.clone()),
        "/half" => Saying::Bytes(half.clone()),
        "/endless" => {
            let piece = [b"1000\r\n".as_slice(), &[b'a'; 4096], b"\r\n"].concat();
            Saying::Endless(chunked.clone(), piece, Duration::ZERO)
        }
        "/slow" => Saying::Endless(
            chunked.clone(),
            b"1\r\na\r\n".to_vec(),
            Duration::from_millis(20),
        ),
        "/never" => Saying::Endless(Vec::new(), Vec::new(), Duration::from_millis(20)),
        "/headers" => Saying::Endless(
            b"HTTP/1.1 200 OK\r\n".to_vec(),
            format!("x-a: {}\r\n", "a".repeat(8000)).into_bytes(),
            Duration::ZERO,
        ),
        "/many" => {
            let headers: String = (0..200).map(|n| format!("x-{n}: a\r\n")).collect();
            Saying::Bytes(format!("HTTP/1.1 200 OK\r\n{headers}\r\n").into_bytes())
        }
        "/smtp" => Saying::Bytes(b"220 mail.example.vn ESMTP\r\n".to_vec()),
        _ => Saying::Bytes(KNOCK.to_vec()),
    })
    .await;
    let fetcher = fetcher(
        Names::of(&[("here.example", &["127.0.0.1"])]),
        &["here.example"],
    );
    let go = |path: &str, ms: u64| {
        let mut ask = ask(format!("http://here.example:{}{path}", here.port));
        ask.within = Duration::from_millis(ms);
        fetcher.get(ask)
    };
    for path in ["/bomb", "/endless"] {
        let got = go(path, 20_000).await.unwrap();
        assert_eq!(
            (got.body.len(), got.cut),
            (MOST, Some(Cut::TooLong)),
            "{path}"
        );
    }
    let got = go("/half", 20_000).await.unwrap();
    assert_eq!(got.cut, Some(Cut::BrokeOff));
    assert!(String::from_utf8_lossy(&got.body).starts_with("Chợ Đồn Chợ"));
    let got = go("/slow", SHORT).await.unwrap();
    assert_eq!(got.cut, Some(Cut::TooSlow));
    assert!(got.body.starts_with(b"a"));
    let got = go("/never", SHORT).await.unwrap_err();
    assert!(matches!(got, FetchError::TooSlow { .. }), "{got:?}");
    for path in ["/headers", "/many", "/smtp"] {
        let got = go(path, 20_000).await.unwrap_err();
        assert!(matches!(got, FetchError::Broken { .. }), "{path}: {got:?}");
    }
}

#[tokio::test]
async fn a_host_is_asked_for_one_thing_at_a_time() {
    let late = |_: &str, _: u16| Saying::Late(Duration::from_millis(30), KNOCK.to_vec());
    let (one, other) = (site(late).await, site(late).await);
    let names = Names::of(&[
        ("one.example", &["127.0.0.1"]),
        ("other.example", &["127.0.0.1"]),
    ]);
    let fetcher = fetcher(names, &["one.example", "other.example"]);
    let urls = (0..6).map(|n| {
        if n % 2 == 0 {
            format!("http://one.example:{}/{n}", one.port)
        } else {
            format!("http://other.example:{}/{n}", other.port)
        }
    });
    let all = futures_util::future::join_all(urls.map(|url| fetcher.get(ask(url)))).await;
    assert!(all.iter().all(Result::is_ok), "{all:?}");
    for site in [one, other] {
        assert_eq!(site.at_once.1.load(Ordering::SeqCst), 1);
        assert_eq!(site.heads.lock().unwrap().len(), 3);
    }
}

#[tokio::test]
async fn nobody_who_waits_stands_behind_all_others() {
    let slow = site(|path, _| match path {
        "/feed" => Saying::Late(Duration::from_secs(600), KNOCK.to_vec()),
        _ => Saying::Bytes(KNOCK.to_vec()),
    })
    .await;
    let names = Names::of(&[("slow.example", &["127.0.0.1"])]);
    let fetcher = fetcher(names, &["slow.example"]);
    let of = |path: &str, millis: u64, awaited: bool| {
        let mut ask = ask(format!("http://slow.example:{}{path}", slow.port));
        ask.within = Duration::from_millis(millis);
        ask.awaited = awaited;
        fetcher.get(ask)
    };
    // Polled in this order: the first has the host.
    let (feed, person, other_feed) = tokio::join!(
        of("/feed", SHORT, false),
        of("/page", SHORT / 4, true),
        of("/page", 20_000, false)
    );
    assert!(matches!(feed, Err(FetchError::TooSlow { .. })), "{feed:?}");
    assert!(matches!(person, Err(FetchError::Busy { .. })), "{person:?}");
    // Where nobody sits and waits, its turn comes.
    assert!(other_feed.unwrap().is_success());
}

/// Asks itself again, with the environment of a machine behind a proxy: whoever sets that would else
/// choose where the address is found.
#[test]
fn no_proxy_of_the_environment_is_asked() {
    const BEHIND_A_PROXY: &str = "RAOTIN_TEST_BEHIND_A_PROXY";
    if std::env::var_os(BEHIND_A_PROXY).is_none() {
        let proxy = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", proxy.local_addr().unwrap());
        let mut again = std::process::Command::new(std::env::current_exe().unwrap());
        again.args(["--exact", "no_proxy_of_the_environment_is_asked"]);
        again.env(BEHIND_A_PROXY, "1");
        for name in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"] {
            again.env(name, &address);
        }
        let told = again.output().unwrap();
        assert!(told.status.success(), "{told:?}");
        proxy.set_nonblocking(true).unwrap();
        assert!(proxy.accept().is_err(), "the proxy was asked");
        return;
    }
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let got = runtime.block_on(async {
        let here = site(|_, _| Saying::Bytes(KNOCK.to_vec())).await;
        let names = Names::of(&[("here.example", &["127.0.0.1"])]);
        let url = format!("http://here.example:{}/", here.port);
        fetcher(names, &["here.example"]).get(ask(url)).await
    });
    assert_eq!(body(&got.unwrap()), "tin ");
}
