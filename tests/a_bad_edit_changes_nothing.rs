//! A running daemon reads its files again when they change; a bad edit keeps the last good set
//! running, over a restart too, and says why.
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use raotin::config::{Env, Known, Live, Place, Problems, Redactor};
use raotin::disk::MachineDisk;

struct Office {
    folder: tempfile::TempDir,
}

const MAIN: &str = r#"
[office]
name = "Office"
[[channels]]
id = "group"
title = "Group"
platform = "facebook-group"
"#;
const DAILY: &str = "cron = \"0 7 * * *\"\nchannels = [\"group\"]\n";

impl Office {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("schedules")).unwrap();
        let office = Self { folder };
        office.write("raotin.toml", MAIN);
        office.write("schedules/daily.toml", DAILY);
        office
    }
    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
    /// As editors do it: a new file, renamed over the old one.
    fn write(&self, name: &str, text: &str) {
        let beside = self.path(&format!("{name}.new"));
        fs::write(&beside, text).unwrap();
        fs::rename(beside, self.path(name)).unwrap();
    }
    fn start_with(&self, known: &Known) -> Result<Live, Problems> {
        let exists = |path: &Path| path.exists();
        let place = Place::find(Some(&self.path("raotin.toml")), None, exists);
        let env = Env::of(&[("TOKEN", "123456:AAbbccdd")], 0, &Redactor::default());
        Live::start(place, env, Arc::new(MachineDisk), known, now())
    }
    fn start(&self) -> Result<Live, Problems> {
        self.start_with(&Known::default())
    }
}

fn now() -> jiff::Timestamp {
    "2026-11-23T00:00:00Z".parse().unwrap()
}

/// Two looks: a file counts once it stands still.
fn look_twice(live: &mut Live) -> Option<Result<(), Problems>> {
    let known = Known::of(live.config());
    let first = live.reload_if_changed(&known, now());
    assert!(first.is_none(), "read while it may still be written");
    live.reload_if_changed(&known, now())
        .map(|read| read.map(|_| ()))
}

#[test]
fn a_good_edit_is_taken_when_it_stands_still() {
    let office = Office::new();
    let mut live = office.start().unwrap();
    assert_eq!(look_twice(&mut live), None, "nothing changed");

    office.write("raotin.toml", &MAIN.replace("\"Group\"", "\"Nhóm\""));
    assert_eq!(look_twice(&mut live), Some(Ok(())));
    assert_eq!(live.config().channels[0].rules.title, "Nhóm");
    assert_eq!(look_twice(&mut live), None);

    office.write(
        "schedules/weekly.toml",
        "cron = \"0 8 * * 1\"\nchannels = [\"group\"]\n",
    );
    assert_eq!(look_twice(&mut live), Some(Ok(())));
    assert_eq!(live.config().schedules.len(), 2);

    fs::remove_file(office.path("schedules/daily.toml")).unwrap();
    assert_eq!(look_twice(&mut live), Some(Ok(())));
    assert_eq!(live.config().schedules.len(), 1);
}

#[test]
fn a_bad_edit_keeps_the_last_good_set_and_says_why() {
    let office = Office::new();
    let mut live = office.start().unwrap();
    let before = live.config().clone();

    office.write(
        "schedules/daily.toml",
        "cron = \"0 25 * * *\"\nchannels = [\"gruop\"]\n",
    );
    let problems = look_twice(&mut live).unwrap().unwrap_err();
    assert_eq!(problems.iter().count(), 2, "{problems}");
    assert!(Arc::ptr_eq(live.config(), &before), "what ran runs on");
    assert_eq!(live.refused(), Some(&problems));
    assert_eq!(look_twice(&mut live), None, "it is not read over and over");

    office.write("schedules/daily.toml", DAILY);
    assert_eq!(look_twice(&mut live), Some(Ok(())));
    assert_eq!(live.refused(), None);
}

#[test]
fn half_a_file_is_never_taken() {
    let office = Office::new();
    let mut live = office.start().unwrap();
    let known = Known::of(live.config());
    let two = format!("{MAIN}[[channels]]\nid = \"b\"\ntitle = \"B\"\nplatform = \"other\"\n");
    // the writer goes on between two looks
    for end in [60, 80, 100, two.len()] {
        fs::write(office.path("raotin.toml"), &two[..end]).unwrap();
        assert!(live.reload_if_changed(&known, now()).is_none());
    }
    assert!(live.reload_if_changed(&known, now()).unwrap().is_ok());
    assert_eq!(live.config().channels.len(), 2);
}

#[test]
fn a_signal_reads_at_once() {
    let office = Office::new();
    let mut live = office.start().unwrap();
    let known = Known::of(live.config());
    office.write("raotin.toml", &MAIN.replace("\"Office\"", "\"Văn phòng\""));
    assert_eq!(live.reload(&known, now()).unwrap().office.name, "Văn phòng");
    assert!(live.reload_if_changed(&known, now()).is_none());
}

#[test]
fn a_start_upon_a_bad_edit_runs_the_last_good_set() {
    let office = Office::new();
    drop(office.start().unwrap());
    office.write("raotin.toml", "[office\nname = 3");
    office.write(
        "schedules/second.toml",
        "cron = \"@dialy\"\nchannels = [\"group\"]\n",
    );

    let mut live = office.start().unwrap();
    assert!(live.refused().unwrap().has_errors());
    assert_eq!(live.config().office.name, "Office");
    assert_eq!(
        live.config().schedules.len(),
        1,
        "the bad set's schedule does not run"
    );
    assert_eq!(look_twice(&mut live), None);

    office.write("raotin.toml", MAIN);
    office.write(
        "schedules/second.toml",
        "cron = \"@daily\"\nchannels = [\"group\"]\n",
    );
    assert_eq!(look_twice(&mut live), Some(Ok(())));
    assert_eq!(live.config().schedules.len(), 2);
    assert_eq!(live.refused(), None);
}

#[test]
fn without_a_good_set_a_bad_one_does_not_start() {
    let office = Office::new();
    office.write("raotin.toml", "[office]\n");
    let problems = office.start().err().unwrap();
    assert!(problems.has_errors());
    assert!(!office.path("data/good").exists());
}

#[test]
fn the_good_set_is_what_last_ran() {
    let office = Office::new();
    let mut live = office.start().unwrap();
    let good = |name: &str| fs::read_to_string(office.path("data/good").join(name)).ok();
    assert_eq!(good("raotin.toml").as_deref(), Some(MAIN));
    assert_eq!(good("schedules/daily.toml").as_deref(), Some(DAILY));

    office.write("schedules/weekly.toml", DAILY);
    fs::remove_file(office.path("schedules/daily.toml")).unwrap();
    // one goes while another with the same times comes: refused, nothing is copied
    assert!(look_twice(&mut live).unwrap().is_err());
    assert_eq!(good("schedules/weekly.toml"), None);

    fs::remove_file(office.path("schedules/weekly.toml")).unwrap();
    assert_eq!(look_twice(&mut live), Some(Ok(())));
    assert_eq!(
        good("schedules/daily.toml"),
        None,
        "a schedule that was taken away stays away"
    );
    assert_eq!(live.uncopied(), None);
}

#[test]
fn a_secret_file_that_changes_is_read_again() {
    let office = Office::new();
    let token = |text: &str| {
        use std::os::unix::fs::PermissionsExt;
        office.write("token", text);
        let private = fs::Permissions::from_mode(0o600);
        fs::set_permissions(office.path("token"), private).unwrap();
    };
    let main = format!(
        "{MAIN}[[channels]]\nid = \"t\"\ntitle = \"T\"\nplatform = \"telegram\"\n\
         [channels.telegram]\nchat = \"@office\"\ntoken = {{ file = \"token\" }}\n"
    );
    token("123456:AAAAAAAA");
    office.write("raotin.toml", &main);
    let mut live = office.start().unwrap();
    token("123456:BBBBBBBB");
    assert_eq!(look_twice(&mut live), Some(Ok(())));
    fs::remove_file(office.path("token")).unwrap();
    assert!(look_twice(&mut live).unwrap().is_err());
    // what was missing comes: that too is a change
    token("123456:CCCCCCCC");
    assert_eq!(look_twice(&mut live), Some(Ok(())));
}
