//! Promise: the configuration is changed in its files, comments and all; what would not hold is refused
//! before a byte is written; who changes what somebody else changed is told; what is written is in force.
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod office_kit;

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use office_kit::{CONFIG, Kit, hoa, lan, local, member, now};
use proptest::prelude::*;
use raotin::config::edit::{self, Edit, Entry, Kind, Part};
use raotin::config::{Env, Known, Live, Place, Redactor, Source, Sources};
use raotin::disk::MachineDisk;
use raotin::model::{Actor, Commit, Event, Role};
use raotin::office::{OfficeError, Refusal};
use raotin::store::Store;
use raotin::store::history::History;
use serde_json::{Value, json};

fn entry(value: Value) -> Entry {
    value.as_object().unwrap().clone()
}

fn channel(id: &str) -> Part {
    Part::new(Kind::Channel, id)
}

fn change(part: Part, keys: Value) -> Edit {
    Edit::Change(part, entry(keys))
}

fn main_of(kit: &Kit) -> String {
    fs::read_to_string(kit.folder().join("raotin.toml")).unwrap()
}

async fn done(kit: &Kit, actor: &Actor, edit: Edit) -> Result<(), OfficeError> {
    let done = kit.office.configure(actor, None, edit, None).await;
    done.map(drop)
}

/// Everything the ledger says about the configuration's files.
fn told(kit: &Kit) -> Vec<Event> {
    let mut told = Vec::new();
    let mut each = |commit: &Commit| {
        let events = commit.events.iter();
        told.extend(
            events
                .filter(|e| matches!(e, Event::ConfigChanged { .. }))
                .cloned(),
        );
    };
    kit.store.each_commit(&mut each).unwrap();
    told
}

#[tokio::test]
async fn a_channel_is_added_changed_and_retired_and_it_holds_at_once() {
    let kit = Kit::with(&format!("# của huyện\n{CONFIG}\n# cuối tệp\n")).await;
    let new = json!({ "title": "ATK Chợ Đồn", "platform": "facebook-group", "max_per_day": 3,
        "topics": ["y-te"], "utm": { "source": "facebook" }, "template": "{title}\n\n{link}" });
    done(&kit, &local(), Edit::Add(channel("atk"), entry(new)))
        .await
        .unwrap();
    let config = kit.office.config();
    let rules = &config.channel(&"atk".parse().unwrap()).unwrap().rules;
    assert_eq!(rules.max_per_day, Some(3));
    assert_eq!(rules.template.as_deref(), Some("{title}\n\n{link}"));
    assert_eq!(
        rules.link_tags,
        [("utm_source".to_owned(), "facebook".to_owned())]
    );
    // The store knows it without a daemon: an article can go there now.
    assert!(
        kit.store
            .channels()
            .unwrap()
            .iter()
            .any(|c| c.id.as_str() == "atk" && !c.gone)
    );
    let before = main_of(&kit);
    assert!(before.starts_with("# của huyện\n") && before.ends_with("# cuối tệp\n"));

    let keys = json!({ "approval": "required", "max_per_day": null, "utm": { "medium": "nhom" } });
    done(&kit, &local(), change(channel("atk"), keys))
        .await
        .unwrap();
    let config = kit.office.config();
    let rules = &config.channel(&"atk".parse().unwrap()).unwrap().rules;
    assert!(rules.approval_required && rules.max_per_day.is_none());
    assert_eq!(
        rules.link_tags,
        [("utm_medium".to_owned(), "nhom".to_owned())]
    );

    let retire = Edit::Retire {
        part: channel("atk"),
        mend: false,
    };
    done(&kit, &local(), retire).await.unwrap();
    assert!(
        kit.store
            .channels()
            .unwrap()
            .iter()
            .any(|c| c.id.as_str() == "atk" && c.gone)
    );
    assert_eq!(
        main_of(&kit),
        format!("# của huyện\n{CONFIG}\n# cuối tệp\n"),
        "as if nothing had been"
    );

    let told = told(&kit);
    let hows: Vec<&str> = told
        .iter()
        .map(|e| match e {
            Event::ConfigChanged { part, id, how, .. } => {
                assert_eq!((part.as_str(), id.as_str()), ("channel", "atk"));
                how.as_str()
            }
            _ => unreachable!(),
        })
        .collect();
    assert_eq!(hows, ["added", "changed", "retired"]);
    let Event::ConfigChanged { settings, .. } = &told[1] else {
        unreachable!()
    };
    let max = settings.iter().find(|s| s.key == "max_per_day").unwrap();
    assert_eq!((max.from.as_deref(), max.to.as_deref()), (Some("3"), None));
}

#[tokio::test]
async fn nobody_but_an_administrator_changes_anything() {
    let kit = Kit::new().await;
    let before = main_of(&kit);
    let supervisor = member("thanh", &[Role::Supervisor]);
    for actor in [lan(), hoa(), supervisor, Actor::Daemon] {
        let refused = done(
            &kit,
            &actor,
            change(channel("nhom"), json!({ "title": "X" })),
        )
        .await;
        assert!(
            matches!(refused, Err(OfficeError::NotAllowed { .. })),
            "{actor:?}"
        );
    }
    assert_eq!(main_of(&kit), before);
    let admin = member("quan-tri", &[Role::Admin]);
    done(
        &kit,
        &admin,
        change(channel("nhom"), json!({ "title": "X" })),
    )
    .await
    .unwrap();
}

#[tokio::test]
async fn what_would_not_hold_is_told_at_its_field_and_nothing_is_written() {
    let kit = Kit::new().await;
    let before = main_of(&kit);
    let keys = json!({ "max_per_day": "ba", "hours": "6-7", "after": "trnag", "title": "" });
    let Err(OfficeError::Misconfigured(problems)) =
        done(&kit, &local(), change(channel("nhom"), keys)).await
    else {
        panic!("it holds");
    };
    let fields: BTreeSet<&str> = problems.iter().filter_map(|(f, _)| f.as_deref()).collect();
    assert_eq!(
        fields,
        BTreeSet::from(["after", "hours", "max_per_day", "title"])
    );
    assert!(
        problems
            .iter()
            .all(|(_, p)| p.line > 1 && p.file.ends_with("raotin.toml"))
    );
    assert_eq!(main_of(&kit), before);
    // A schedule that names it is told at its own file.
    let retire = |mend| Edit::Retire {
        part: channel("nhom"),
        mend,
    };
    let Err(OfficeError::Refused(Refusal::StillNamed { by, .. })) =
        done(&kit, &local(), retire(false)).await
    else {
        panic!("it is still named");
    };
    assert_eq!(by, "topic y-te, group cac-nhom, schedule sang");
    done(&kit, &local(), retire(true)).await.unwrap();
    let config = kit.office.config();
    assert_eq!(config.schedules[0].channels, ["trang".parse().unwrap()]);
    assert_eq!(config.groups["cac-nhom"], ["giao".parse().unwrap()]);
    // The last channel of a schedule, and a list that would come to mean "all", are a person's to decide.
    let last = Edit::Retire {
        part: channel("trang"),
        mend: true,
    };
    let refused = done(&kit, &local(), last).await;
    assert!(matches!(
        refused,
        Err(OfficeError::Refused(Refusal::StillNamed { .. }))
    ));
    let keys = json!({ "topics": ["van-hoa"] });
    done(&kit, &local(), change(channel("giao"), keys))
        .await
        .unwrap();
    let topic = Edit::Retire {
        part: Part::new(Kind::Topic, "van-hoa"),
        mend: true,
    };
    let refused = done(&kit, &local(), topic).await;
    assert!(matches!(
        refused,
        Err(OfficeError::Refused(Refusal::StillNamed { .. }))
    ));
}

#[tokio::test]
async fn neither_id_nor_platform_nor_target_can_be_changed() {
    let kit = Kit::new().await;
    for keys in [
        json!({ "id": "khac" }),
        json!({ "platform": "zalo-group" }),
        json!({ "telegram": {} }),
    ] {
        let refused = done(&kit, &local(), change(channel("nhom"), keys)).await;
        assert!(
            matches!(refused, Err(OfficeError::Invalid { .. })),
            "{refused:?}"
        );
    }
    let bad = Edit::Add(
        Part::new(Kind::Schedule, "../ra-ngoai"),
        entry(json!({ "cron": "@daily" })),
    );
    assert!(matches!(
        done(&kit, &local(), bad).await,
        Err(OfficeError::Invalid { .. })
    ));
    assert!(!kit.folder().join("ra-ngoai.toml").exists());
}

#[tokio::test]
async fn of_two_who_edit_the_second_is_told_and_others_are_not_in_the_way() {
    let kit = Kit::new().await;
    let seen = |id: &str| {
        let found = kit.office.setting(&local(), channel(id)).unwrap();
        Some(found.seen)
    };
    let (nhom, giao) = (seen("nhom"), seen("giao"));
    let edit = |id: &str, title: &str| change(channel(id), json!({ "title": title }));
    let office = &kit.office;
    office
        .configure(&local(), None, edit("nhom", "Một"), nhom.clone())
        .await
        .unwrap();
    let stale = office
        .configure(&local(), None, edit("nhom", "Hai"), nhom.clone())
        .await;
    assert!(matches!(stale, Err(OfficeError::Stale)));
    assert!(main_of(&kit).contains("\"Một\""));
    // Another table of the same file is nobody else's.
    office
        .configure(&local(), None, edit("giao", "Ba"), giao)
        .await
        .unwrap();
    // Sent again after a crash, what is there already is no conflict.
    let done = office
        .configure(&local(), None, edit("nhom", "Một"), nhom)
        .await
        .unwrap();
    assert_eq!(done.notes[0].code, "nothing-changed");
}

#[tokio::test]
async fn the_same_request_twice_is_done_once() {
    let kit = Kit::new().await;
    let add = || {
        let keys = entry(json!({ "title": "Nông nghiệp" }));
        Edit::Add(Part::new(Kind::Topic, "nong-nghiep"), keys)
    };
    let first = kit
        .office
        .configure(&local(), Some("k"), add(), None)
        .await
        .unwrap();
    let text = main_of(&kit);
    let again = kit
        .office
        .configure(&local(), Some("k"), add(), None)
        .await
        .unwrap();
    assert_eq!((first, text), (again, main_of(&kit)));
    assert_eq!(told(&kit).len(), 1);
    let other = change(
        Part::new(Kind::Topic, "nong-nghiep"),
        json!({ "title": "Khác" }),
    );
    let reused = kit.office.configure(&local(), Some("k"), other, None).await;
    assert!(matches!(reused, Err(OfficeError::KeyReused)));
}

#[tokio::test]
async fn files_that_may_not_be_written_are_left_and_the_text_is_shown() {
    let kit = Kit::new().await;
    let file = kit.folder().join("raotin.toml");
    let before = main_of(&kit);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o444)).unwrap();
    assert!(kit.office.settings(&local()).unwrap().read_only.is_some());
    let Err(OfficeError::ReadOnly { files, .. }) = done(
        &kit,
        &local(),
        change(channel("nhom"), json!({ "title": "Mới" })),
    )
    .await
    else {
        panic!("it was written");
    };
    assert_eq!(main_of(&kit), before);
    assert_eq!(files.len(), 1);
    assert_eq!(files[0].0, file);
    // Pasted by a person, it holds.
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    fs::write(&file, &files[0].1).unwrap();
    let known = Known::default();
    kit.office.desk.reload(true, &known, now()).unwrap();
    let config = kit.office.config();
    assert_eq!(
        config
            .channel(&"nhom".parse().unwrap())
            .unwrap()
            .rules
            .title,
        "Mới"
    );
}

#[tokio::test]
async fn a_link_is_followed_and_owner_and_permissions_stay() {
    let kit = Kit::new().await;
    let (file, real) = (
        kit.folder().join("raotin.toml"),
        kit.folder().join("that.toml"),
    );
    fs::rename(&file, &real).unwrap();
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
    symlink(&real, &file).unwrap();
    let owner = |path: &Path| {
        fs::metadata(path)
            .map(|m| (m.uid(), m.gid(), m.mode()))
            .unwrap()
    };
    let before = owner(&real);
    done(
        &kit,
        &local(),
        change(channel("nhom"), json!({ "title": "Mới" })),
    )
    .await
    .unwrap();
    assert!(fs::symlink_metadata(&file).unwrap().is_symlink());
    assert_eq!(owner(&real), before);
    assert!(fs::read_to_string(&real).unwrap().contains("\"Mới\""));
}

#[tokio::test]
async fn a_schedule_is_made_rests_and_is_kept_aside() {
    let kit = Kit::new().await;
    let toi = || Part::new(Kind::Schedule, "toi");
    let keys = json!({ "cron": "0 19 * * 6,7", "channels": ["trang", "cac-nhom"] });
    done(&kit, &local(), Edit::Add(toi(), entry(keys)))
        .await
        .unwrap();
    let schedules = kit.store.schedules().unwrap();
    assert!(
        schedules
            .iter()
            .any(|s| s.id.as_str() == "toi" && s.cron == "0 19 * * 6,7")
    );
    done(&kit, &local(), change(toi(), json!({ "enabled": false })))
        .await
        .unwrap();
    assert!(
        kit.office
            .config()
            .schedules
            .iter()
            .any(|s| s.id.as_str() == "toi" && !s.enabled)
    );
    let retire = Edit::Retire {
        part: toi(),
        mend: false,
    };
    done(&kit, &local(), retire).await.unwrap();
    assert!(kit.folder().join("schedules/toi.retired").exists());
    assert_eq!(kit.office.config().schedules.len(), 1);
}

/// Between the files and the ledger the machine dies: the next start runs on the files.
#[test]
fn a_kill_between_writing_and_putting_in_force_harms_nothing() {
    let (_, folder) = office_kit::configured(CONFIG);
    let place = Place {
        config: folder.path().join("raotin.toml"),
        data: folder.path().join("data"),
    };
    let env = || Env::of(&[], 0, &Redactor::default());
    let start = || {
        let disk = Arc::new(MachineDisk);
        Live::start(place.clone(), env(), disk, &Known::default(), now()).unwrap()
    };
    let desk = raotin::config::Desk::open(
        place.clone(),
        env(),
        Arc::new(MachineDisk),
        &Known::default(),
        now(),
    );
    let desk = desk.unwrap();
    // Two files are to be written; the machine dies behind the first.
    let before = desk.read();
    let retire = Edit::Retire {
        part: channel("nhom"),
        mend: true,
    };
    let after = edit::apply(&before, &retire).unwrap();
    let half = Sources::of(
        before.main.clone(),
        after.schedules.clone(),
        before.folder.clone(),
    );
    desk.save(&before, &half).unwrap();
    assert!(start().refused().is_none());
    desk.save(&desk.read(), &after).unwrap();
    let live = start();
    assert!(live.refused().is_none());
    assert!(live.config().channel(&"nhom".parse().unwrap()).is_none());
}

// ---- random edits on the sample files ----

fn samples() -> Sources {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: PathBuf| {
        let text = fs::read_to_string(root.join(&path)).unwrap();
        Source { path, text }
    };
    let mut schedules: Vec<PathBuf> = fs::read_dir(root.join("schedules"))
        .unwrap()
        .map(|e| Path::new("schedules").join(e.unwrap().file_name()))
        .collect();
    schedules.sort();
    let main = read("examples/district-office.toml".into());
    let main = Source {
        path: "raotin.toml".into(),
        ..main
    };
    Sources::of(
        main,
        schedules.into_iter().map(read).collect(),
        root.to_owned(),
    )
}

fn kinds() -> impl Strategy<Value = Kind> {
    prop::sample::select(vec![
        Kind::Office,
        Kind::Channel,
        Kind::Topic,
        Kind::Group,
        Kind::Schedule,
    ])
}

fn values() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        "[a-zà-ỹ \"\\\\\n{}#=\\[\\]-]{0,20}".prop_map(Value::from),
        (0i64..100).prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        prop::collection::vec("[a-z-]{1,12}", 0..3).prop_map(Value::from),
        prop::sample::select(vec![
            "30m",
            "2h",
            "06:00-22:00",
            "fanpage",
            "required",
            "@daily"
        ])
        .prop_map(Value::from),
        Just(json!({ "source": "x", "medium": "y" })),
    ]
}

fn edits(sources: &Sources) -> impl Strategy<Value = Edit> + use<> {
    let sources = sources.clone();
    (
        kinds(),
        any::<prop::sample::Index>(),
        any::<u8>(),
        prop::collection::vec((any::<prop::sample::Index>(), values()), 1..4),
    )
        .prop_map(move |(kind, which, what, keys)| {
            let ids = edit::ids(&sources, kind);
            let id = if ids.is_empty() {
                String::new()
            } else {
                which.get(&ids).clone()
            };
            let part = Part::new(kind, id);
            let all: Vec<&str> = kind
                .keys()
                .map(|k| k.name)
                .filter(|k| *k != "platform")
                .collect();
            let set: Entry = keys
                .into_iter()
                .map(|(i, v)| ((*i.get(&all)).to_owned(), v))
                .collect();
            match what % 6 {
                0 => Edit::Add(Part::new(kind, "moi-them"), set),
                1 => Edit::Retire {
                    part,
                    mend: what % 2 == 0,
                },
                _ => Edit::Change(part, set),
            }
        })
}

fn comments(text: &str) -> Vec<String> {
    let mut found: Vec<String> = text
        .lines()
        .filter(|l| l.trim_start().starts_with('#'))
        .map(str::to_owned)
        .collect();
    found.sort();
    found
}

/// Each table as plain values, by its name; the edited one apart.
fn others(sources: &Sources, edited: &Part) -> Vec<(String, Option<String>)> {
    let mut all = Vec::new();
    for kind in [
        Kind::Office,
        Kind::Channel,
        Kind::Topic,
        Kind::Group,
        Kind::Schedule,
    ] {
        let ids = match kind {
            Kind::Office => vec![String::new()],
            kind => edit::ids(sources, kind),
        };
        let parts = ids.into_iter().map(|id| Part::new(kind, id));
        all.extend(
            parts
                .filter(|p| p != edited)
                .map(|p| (p.name(), edit::seen(sources, &p))),
        );
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Whatever is asked: it is refused, or every comment of its own line, every other table and every
    /// other key stand as they stood, the asked-for keys say what was asked, and it is TOML.
    #[test]
    fn random_edits_lose_nothing(crlf in any::<bool>(), edit in edits(&samples())) {
        let mut before = samples();
        if crlf {
            before.main.text = before.main.text.replace('\n', "\r\n");
        }
        let part = edit.part();
        let Ok(after) = edit::apply(&before, &edit) else { return Ok(()) };
        for source in std::iter::once(&after.main).chain(&after.schedules) {
            prop_assert!(source.text.parse::<toml::Table>().is_ok(), "{}", source.text);
        }
        let mend = matches!(edit, Edit::Retire { mend: true, .. });
        if !mend {
            prop_assert_eq!(others(&before, part), others(&after, part));
        }
        // What a text of several lines holds may look like a comment; those of the file are all there.
        let left = comments(&after.main.text);
        for comment in comments(&before.main.text) {
            prop_assert!(left.contains(&comment), "{comment:?} is gone from\n{}", after.main.text);
        }
        if let Edit::Change(part, keys) = &edit {
            let (old, new) = (edit::read(&before, part).unwrap(), edit::read(&after, part).unwrap());
            for (key, value) in &old {
                prop_assert!(keys.contains_key(key) || new.get(key) == Some(value), "{key} was lost");
            }
        }
        // Loaded, or refused with a sentence: never a panic.
        let env = Env::of(&[], 0, &Redactor::default());
        let _ = after.check(&env, &Known::default(), now());
    }
}
