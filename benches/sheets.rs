//! Lists of 100,000 rows: `cargo bench --bench sheets [ROWS]`.
//!
//! - `written`: such a list written as XLSX, as an export is;
//! - `read`: its rows read and let go, as the reading side alone;
//! - `looked at`: brought to an office with its store on a disk, every row judged (channels, topic, repeat
//!   rule, what is known), nothing added;
//! - `imported`: the word is given: articles and shares, 100 a commit, each synced; with progress;
//! - `looked at` and `counted`: the same with as many shares of long ago, in an office of their own.
//!
//! Told of each: the time, and the most memory that the process held during it.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a benchmark stops where something is wrong, and reads the machine's clock"
)]

#[path = "office/mod.rs"]
mod office;

use std::io::Cursor;
use std::ops::ControlFlow;
use std::os::unix::process::CommandExt as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use raotin::clock::MachineClock;
use raotin::disk::MachineDisk;
use raotin::intake::columns::{Explained, Purpose};
use raotin::intake::list::Ask;
use raotin::intake::rows::{self, Here};
use raotin::intake::sheet::{Form, Value, Written};
use raotin::model::Actor;
use raotin::office::Office;
use raotin::office::uploads::{HowToRead, Stage};
use raotin::store::sled::{OpenOptions, SledStore};

/// As the program has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const CONFIG: &str = "[office]\nname = \"Huyện\"\nzone = \"Asia/Ho_Chi_Minh\"\n\
    [[channels]]\nid = \"nhom\"\ntitle = \"Tin Bắc Kạn\"\nplatform = \"facebook-group\"\n\
    [[topics]]\nid = \"y-te\"\ntitle = \"Y tế\"\n";

/// As the daemon has it (`main.rs`): what is freed is given back.
fn sparing() {
    let (name, value) = ("MIMALLOC_PURGE_DELAY", "0");
    if std::env::var_os(name).is_none() {
        let mut again = std::process::Command::new(std::env::current_exe().unwrap());
        panic!(
            "{}",
            again.args(std::env::args().skip(1)).env(name, value).exec()
        );
    }
}

fn articles(n: usize) -> Vec<u8> {
    let headings = [
        "Tiêu đề",
        "Nội dung",
        "Liên kết",
        "Chủ đề",
        "Kênh",
        "Ưu tiên",
    ];
    let mut list = Written::begin(Form::Xlsx, "Tin", &headings).unwrap();
    let words = "Ủy ban nhân dân huyện thông báo lịch tiêm phòng tại các trạm y tế xã. ".repeat(4);
    for i in 0..n {
        let text = |text: String| Value::Text(text);
        list.row(&[
            text(format!("Bài số {i}: tiêm phòng đợt {}", i % 12)),
            text(format!("{words}({i})")),
            text(format!("https://chodon.example.vn/tin/{i}")),
            text("Y tế".to_owned()),
            text("Tin Bắc Kạn".to_owned()),
            Value::Number((i % 10) as u64),
        ])
        .unwrap();
    }
    list.end().unwrap()
}

/// Each article of long ago on four channels within the month.
fn shares(n: usize) -> Vec<u8> {
    let headings = [
        "Ngày",
        "Kênh",
        "Tiêu đề",
        "Liên kết",
        "Người đăng",
        "Link bài đăng",
    ];
    let mut list = Written::begin(Form::Xlsx, "Tin", &headings).unwrap();
    let first = jiff::civil::date(2012, 1, 1);
    for i in 0..n {
        let text = |text: String| Value::Text(text);
        let day = first + jiff::Span::new().days((i % 5_000) as i64);
        list.row(&[
            Value::When(day.at(7, 30, 0, 0)),
            text("Tin Bắc Kạn".to_owned()),
            text(format!("Bài số {}: tiêm phòng", i / 4)),
            text(format!("https://chodon.example.vn/tin/{}", i / 4)),
            text("Nguyễn Thị Lan".to_owned()),
            text(format!(
                "https://www.facebook.com/groups/tinbackan/posts/{}/",
                1_000_000 + i
            )),
        ])
        .unwrap();
    }
    list.end().unwrap()
}

/// The most memory since it was last forgotten, in MiB, as the kernel counts it.
fn most_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    line.and_then(|l| l.trim().trim_end_matches(" kB").parse::<u64>().ok())
        .map_or(0, |kib| kib / 1024)
}

fn measured<T>(what: &str, rows: usize, work: impl FnOnce() -> T) -> T {
    // 5: forget the most memory so far.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    let begun = Instant::now();
    let result = work();
    let took = begun.elapsed();
    println!(
        "sheets, {what:<10} {rows:>7} rows  {:>7.2} s  {:>8.0} rows/s  {:>4} MiB at most",
        took.as_secs_f64(),
        rows as f64 / took.as_secs_f64(),
        most_memory()
    );
    result
}

fn opened(folder: &std::path::Path) -> Arc<Office> {
    std::fs::write(folder.join("raotin.toml"), CONFIG).unwrap();
    std::fs::create_dir(folder.join("schedules")).unwrap();
    let store = SledStore::open(OpenOptions {
        data_dir: folder.join("data"),
        disk: Arc::new(MachineDisk),
        clock: Arc::new(MachineClock),
        progress: None,
    });
    office::office(folder, Arc::new(store.unwrap()))
}

/// Brings a list to an office of its own, looks at it, and says the word.
fn brought(n: usize, purpose: Purpose, bytes: Vec<u8>, done: &str) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let office = opened(folder.path());
    let local = Actor::Local {
        uid: 0,
        on_behalf_of: None,
    };
    runtime.block_on(office.configured(&Actor::Daemon)).unwrap();
    let wait = async |id: &str| loop {
        let upload = office.upload_of(&local, id).unwrap();
        if !matches!(upload.stage, Stage::Looking | Stage::Running) {
            return upload;
        }
        if let Some((done, total)) = office.uploads.progress(id) {
            eprint!("\r{done}/{total}   \r");
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    let upload = measured("looked at", n, || {
        runtime.block_on(async {
            let how = HowToRead::default();
            let brought = office.upload(&local, purpose, "tin.xlsx", bytes, how);
            let brought = brought.await.unwrap();
            wait(&brought.id).await
        })
    });
    assert_eq!(upload.looked.good, n as u64);
    let done = measured(done, n, || {
        runtime.block_on(async {
            office.confirm(&local, &upload.id, false).await.unwrap();
            wait(&upload.id).await
        })
    });
    assert_eq!(done.outcome.unwrap().added, n as u64);
}

fn main() {
    sparing();
    let named = std::env::args().find_map(|a| a.parse::<usize>().ok());
    let n = named.unwrap_or(100_000);
    let bytes = measured("written", n, || articles(n));
    println!("sheets, the file has {:.1} MB", bytes.len() as f64 / 1e6);
    let read = measured("read", n, || {
        let ask = Ask {
            purpose: Purpose::Articles,
            sheet: None,
            explained: &Explained::new(),
        };
        let here = Here {
            zone: jiff::tz::TimeZone::get("Asia/Ho_Chi_Minh").unwrap(),
            now: jiff::Timestamp::now(),
        };
        let mut read = 0;
        rows::read(Cursor::new(&bytes), &ask, &here, &mut |_, row| {
            read += usize::from(row.is_ok());
            ControlFlow::Continue(())
        })
        .unwrap();
        read
    });
    assert_eq!(read, n);
    brought(n, Purpose::Articles, bytes, "imported");
    brought(n, Purpose::Shares, shares(n), "counted");
}
