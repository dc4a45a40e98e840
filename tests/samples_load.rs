//! What we hand to people as samples holds as it stands: the starter of `init` in both languages,
//! `examples/*.toml`, `schedules/*.toml`.
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::fs;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use raotin::cli::{check, init};
use raotin::config::{Env, Known, Redactor, load};
use raotin::lang::Lang;

const WEBHOOK: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn now() -> jiff::Timestamp {
    "2026-11-23T00:00:00Z".parse().unwrap()
}

/// An office's folder, with every secret the samples name.
fn office(sample: &str, with_schedules: bool) -> (tempfile::TempDir, Env) {
    let folder = tempfile::tempdir().unwrap();
    let at = |path: &str| folder.path().join(path);
    fs::copy(repository(sample), at("raotin.toml")).unwrap();
    for name in ["schedules", "secrets", "credentials"] {
        fs::create_dir(at(name)).unwrap();
    }
    for (file, secret) in [
        ("secrets/telegram-token", "123456:AAbbccddee"),
        ("credentials/fanpage-token", "EAAB-page-token"),
        ("credentials/fanpage-app-secret", "0123456789abcdef"),
    ] {
        let mut options = fs::OpenOptions::new();
        let mut file = options
            .write(true)
            .create(true)
            .mode(0o600)
            .open(at(file))
            .unwrap();
        std::io::Write::write_all(&mut file, secret.as_bytes()).unwrap();
    }
    if with_schedules {
        for entry in fs::read_dir(repository("schedules")).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            fs::copy(path, at("schedules").join(name)).unwrap();
        }
    }
    let credentials = at("credentials");
    let vars = [
        ("RAOTIN_WEBSITE_SECRET", WEBHOOK),
        ("CREDENTIALS_DIRECTORY", credentials.to_str().unwrap()),
    ];
    let uid = fs::metadata(folder.path()).unwrap().uid();
    let env = Env::of(&vars, uid, &Redactor::default());
    (folder, env)
}

#[test]
fn the_district_office_and_all_sample_schedules() {
    let (folder, env) = office("examples/district-office.toml", true);
    let loaded = load(&folder.path().join("raotin.toml"), &env, now()).unwrap();
    assert!(loaded.warnings.is_empty(), "{}", loaded.warnings);
    assert_eq!(loaded.config.channels.len(), 7);
    let files = fs::read_dir(repository("schedules")).unwrap().count();
    assert_eq!(loaded.config.schedules.len(), files);
    assert!(files >= 4);
}

#[test]
fn the_minimal_office() {
    let (folder, env) = office("examples/minimal.toml", false);
    let loaded = load(&folder.path().join("raotin.toml"), &env, now()).unwrap();
    assert!(loaded.warnings.is_empty(), "{}", loaded.warnings);
    assert_eq!(loaded.config.channels.len(), 1);
}

#[test]
fn no_sample_is_forgotten() {
    let names: Vec<String> = fs::read_dir(repository("examples"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".toml"))
        .collect();
    for name in names {
        let tested = ["district-office.toml", "minimal.toml"].contains(&name.as_str());
        assert!(tested, "examples/{name} is loaded by no test");
    }
}

/// Runs `init` and gives what it said, and how it ended.
fn run_init(dir: &Path, lang: Lang) -> (String, String, bool) {
    let args = init::Args {
        dir: dir.to_owned(),
    };
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let code = init::run(&args, lang, &mut out, &mut err);
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let good = format!("{code:?}") == format!("{:?}", std::process::ExitCode::SUCCESS);
    (text(out), text(err), good)
}

#[test]
fn the_starter_passes_check_without_any_secret() {
    for lang in Lang::ALL {
        let folder = tempfile::tempdir().unwrap();
        let office = folder.path().join("office");
        let (out, err, good) = run_init(&office, lang);
        assert!(good, "{err}");
        assert!(out.contains("raotin check"), "{out}");

        let env = Env::of(&[], 0, &Redactor::default());
        let checked = check::look(&office.join("raotin.toml"), &env, &Known::default(), now());
        assert!(checked.problems.is_empty(), "{}", checked.problems);
        let config = checked.loaded.unwrap().config;
        assert_eq!(config.office.lang, lang.as_str());
        assert_eq!(config.schedules.len(), 2);
        // what the first lines tell editors is there
        assert!(office.join("schema/raotin.schema.json").exists());
        assert!(
            office
                .join("schedules/../schema/schedule.schema.json")
                .exists()
        );
    }
}

#[test]
fn the_starter_writes_over_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mine = folder.path().join("raotin.toml");
    fs::write(&mine, "# mine").unwrap();
    let (out, err, good) = run_init(folder.path(), Lang::En);
    assert!(!good);
    assert!(out.is_empty(), "{out}");
    assert!(
        err.contains("raotin.toml") && err.contains("another folder"),
        "{err}"
    );
    assert_eq!(fs::read_to_string(&mine).unwrap(), "# mine");
    assert!(
        !folder.path().join("schedules").exists(),
        "nothing else was written"
    );

    // twice the same changes nothing, and is no harm
    let again = tempfile::tempdir().unwrap();
    assert!(run_init(again.path(), Lang::Vi).2);
    assert!(run_init(again.path(), Lang::Vi).2);
}

/// The lines that are commented out in the starter are configuration too: with secrets there, they hold.
#[test]
fn what_the_starter_comments_out_can_be_switched_on() {
    for lang in Lang::ALL {
        let folder = tempfile::tempdir().unwrap();
        run_init(folder.path(), lang);
        let path = folder.path().join("raotin.toml");
        let on: String = fs::read_to_string(&path)
            .unwrap()
            .lines()
            .map(|line| {
                let bare = line.strip_prefix("# ").unwrap_or(line);
                let key = bare.split([' ', '=', '[']).next().unwrap_or_default();
                let is_word =
                    !key.is_empty() && key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
                let is_key = bare.starts_with('[') || (is_word && bare.contains(" = "));
                if is_key {
                    bare.to_owned() + "\n"
                } else {
                    line.to_owned() + "\n"
                }
            })
            .collect();
        let on = on.replace("mode = \"log\"", "mode = \"post\"");
        fs::write(&path, &on).unwrap();
        fs::create_dir(folder.path().join("secrets")).unwrap();
        for (name, secret) in [
            ("fanpage-token", "EAAB-page-token"),
            ("telegram-token", "123456:AAbbccddee"),
            ("webhook-secret", WEBHOOK),
            ("website-password", "abcd efgh ijkl mnop qrst uvwx"),
            ("matrix-token", "syt_a-matrix-token"),
        ] {
            let path = folder.path().join("secrets").join(name);
            let mut options = fs::OpenOptions::new();
            let mut file = options
                .write(true)
                .create(true)
                .mode(0o600)
                .open(path)
                .unwrap();
            std::io::Write::write_all(&mut file, secret.as_bytes()).unwrap();
        }
        let uid = fs::metadata(folder.path()).unwrap().uid();
        let loaded = load(&path, &Env::of(&[], uid, &Redactor::default()), now())
            .unwrap_or_else(|problems| panic!("{problems}\n{on}"));
        assert_eq!(loaded.config.channels.len(), 7);
    }
}
