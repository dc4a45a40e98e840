//! The files → a [`Config`], or everything that is wrong with them.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use toml::Spanned;
use toml::de::DeTable;

use super::at::{At, Placed, Sink, Source};
use super::channel;
use super::env::{Env, Vault};
use super::files::{SCHEDULES, read_source, schedule_files, unreadable};
use super::keys::{
    CHANNEL, FEED, FETCH, FILE, GROUP, LANG, MISSED, NOTICES, OFFICE, SCHEDULE, TOPIC, WEB,
};
use super::known::{Known, Now, tell_renames};
use super::names::Names;
use super::problem::{Code, Problem, Problems};
use super::reader::Fields;
use super::values::{self, ANY};
use super::{Config, Fetch, Web, defaults, feed, fetch, notices, schedule, web};
use crate::model::{ChannelId, Office, ScheduleId, Topic, TopicId};

/// The files of a configuration, as they were read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sources {
    /// `raotin.toml`.
    pub main: Source,
    /// `schedules/*.toml`, by name.
    pub schedules: Vec<Source>,
    /// From where on the names of secret files are meant.
    pub folder: PathBuf,
    /// What could not be read.
    problems: Vec<Problem>,
}

/// A configuration that holds.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// What it says.
    pub config: Config,
    /// What is hardly meant.
    pub warnings: Problems,
    /// The files it was read from.
    pub sources: Sources,
}

/// What came of looking at a configuration.
pub(super) struct Examined {
    pub(super) result: Result<Loaded, Problems>,
    /// The secret files it names, there or not: when one changes, all is to be read again.
    pub(super) secret_files: Vec<PathBuf>,
}

/// Reads and checks a configuration against nothing but itself.
///
/// # Errors
/// Everything that is wrong with it, and the warnings.
pub fn load(path: &Path, env: &Env, now: Timestamp) -> Result<Loaded, Problems> {
    Sources::read(path).check(env, &Known::default(), now)
}

impl Sources {
    /// Texts that come from elsewhere. `folder`: from where on names of secret files are meant.
    pub fn of(main: Source, schedules: Vec<Source>, folder: PathBuf) -> Self {
        Self {
            main,
            schedules,
            folder,
            problems: Vec::new(),
        }
    }

    /// Reads `path` and the schedules beside it. What cannot be read is told by [`Sources::check`].
    pub fn read(path: &Path) -> Self {
        let mut problems = Vec::new();
        let main = read_source(path, &mut problems);
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        let mut schedules = Vec::new();
        match schedule_files(&folder.join(SCHEDULES)) {
            Ok(files) => {
                let files = files.iter();
                schedules.extend(files.map(|file| read_source(file, &mut problems)));
            }
            // an office that shares only by fixed times needs no schedules
            Err(e) if e.kind() == io::ErrorKind::NotFound => {}
            Err(e) => problems.push(unreadable(&folder.join(SCHEDULES), &e)),
        }
        Self {
            main,
            schedules,
            folder,
            problems,
        }
    }

    /// Checks everything as a whole. `known`: what was there before.
    ///
    /// # Errors
    /// Everything that is wrong with it, and the warnings.
    pub fn check(self, env: &Env, known: &Known, now: Timestamp) -> Result<Loaded, Problems> {
        self.examine(env, known, now).result
    }

    pub(super) fn examine(self, env: &Env, known: &Known, now: Timestamp) -> Examined {
        let sink: Sink = RefCell::new(self.problems.clone());
        let vault = Vault {
            env,
            folder: &self.folder,
            files: RefCell::default(),
        };
        let config = self.read_all(&sink, &vault, known, now);
        let secret_files = vault.files.into_inner();
        let problems = self.sorted(sink.into_inner());
        let result = match config {
            Some(config) if !problems.has_errors() => Ok(Loaded {
                config,
                warnings: problems,
                sources: self,
            }),
            _ => Err(problems),
        };
        Examined {
            result,
            secret_files,
        }
    }

    fn read_all(
        &self,
        sink: &Sink,
        vault: &Vault<'_>,
        known: &Known,
        now: Timestamp,
    ) -> Option<Config> {
        let document = parse(&self.main, sink);
        let start = At::start_of(&self.main, sink);
        let file = Fields::open(document.get_ref(), start, FILE);
        let channels = file.tables("channels", CHANNEL);
        let topics = file.tables("topics", TOPIC);
        let groups = file.tables("groups", GROUP);
        let names = Names::gather(&channels, &topics, &groups, known.members.as_deref());

        let office = file
            .table("office", OFFICE)
            .map(|fields| office(&fields, &names));
        let office = office.unwrap_or_else(fallback_office);
        let notices = file.table("notices", NOTICES);
        let web = file.table("web", WEB);
        let web = web.map_or_else(Web::default, |fields| web::read(&fields, &self.folder));
        let fetch = file.table("fetch", FETCH);
        let fetch = fetch.map_or_else(Fetch::default, |fields| fetch::read(&fields));
        let read: Vec<_> = channels
            .into_iter()
            .filter_map(|fields| Some((fields, channel::read(&fields, &names, vault)?)))
            .collect();
        channel::check_after(&read);
        if file.present(["channels"]).is_empty() {
            start.warn(Code::NothingConfigured, Vec::new());
        }
        let topics: Vec<Topic> = topics.iter().filter_map(|t| topic(t, &names)).collect();

        let feeds = file.tables("feeds", FEED);
        Names::check_feeds(&feeds);
        let read_feed = |f| feed::read(f, &names, &topics, &office.default_channels);
        let mut feeds: Vec<_> = feeds.iter().filter_map(read_feed).collect();
        // Of doubles, which were told, the first.
        let mut seen = BTreeSet::new();
        feeds.retain(|f| seen.insert(f.id.clone()));

        let documents: Vec<_> = self.schedules.iter().map(|s| (s, parse(s, sink))).collect();
        let channels: Vec<_> = read.iter().map(|(_, channel)| channel.clone()).collect();
        let mut schedules = Vec::new();
        let mut schedule_ids = Vec::new();
        for (source, document) in &documents {
            let start = At::start_of(source, sink);
            let id = schedule::id_of(source, start);
            let fields = Fields::open(document.get_ref(), start, SCHEDULE);
            let schedule = schedule::read(id.clone(), &fields, &names, &office, &channels, now);
            if let Some(value) = id {
                let like = schedule.as_ref().map(|s| s.cron.to_string());
                let id = Placed {
                    value,
                    place: start,
                };
                schedule_ids.push(Now { id, like });
            }
            schedules.extend(schedule);
        }
        let placed = read.iter().map(|(_, channel)| &**channel);
        let notices = notices::read(notices.as_ref(), placed, vault);
        tell_all_renames(known, &names, &channels, &schedule_ids);
        Some(Config {
            office,
            channels,
            topics,
            groups: names.groups,
            schedules,
            feeds,
            web,
            fetch,
            notices,
            file: self.main.path.clone(),
        })
    }

    /// In the order of the files and lines, without what only follows from a file that could not be
    /// read whole: keys that seem missing, names that seem unknown, the rest of a broken line.
    fn sorted(&self, mut problems: Vec<Problem>) -> Problems {
        let broken: BTreeSet<(PathBuf, usize)> = problems
            .iter()
            .filter(|p| is_damage(p.code))
            .map(|p| (p.file.clone(), p.line))
            .collect();
        let damaged = |file: &Path| broken.iter().any(|(broken, _)| broken == file);
        let main_damaged = damaged(&self.main.path);
        problems.retain(|p| {
            let follows = match p.code {
                code if is_damage(code) => false,
                Code::MissingKey | Code::NothingConfigured => damaged(&p.file),
                Code::UnknownChannel
                | Code::UnknownChannelNear
                | Code::UnknownTopic
                | Code::UnknownTopicNear
                | Code::RenamedChannel
                | Code::RenamedTopic
                | Code::TargetMissing
                | Code::FeedNowhere
                | Code::NoChannels => main_damaged,
                _ => false,
            };
            !follows && (is_damage(p.code) || !broken.contains(&(p.file.clone(), p.line)))
        });
        problems.sort_by_key(|p| (p.file != self.main.path, p.file.clone(), p.line, p.weight));
        problems.dedup_by(|b, a| {
            let same_line = a.file == b.file && a.line == b.line;
            same_line && (a.code == Code::Syntax && b.code == Code::Syntax || a == b)
        });
        problems.into()
    }
}

/// Whether a file with this problem cannot be trusted to say all it was meant to say.
fn is_damage(code: Code) -> bool {
    matches!(
        code,
        Code::Syntax | Code::NoConfiguration | Code::Unreadable | Code::NotUtf8
    )
}

/// Reads as much as can be read; each broken line is told.
fn parse<'a>(source: &'a Source, sink: &Sink) -> Spanned<DeTable<'a>> {
    let (document, errors) = DeTable::parse_recoverable(&source.text);
    let start = At::start_of(source, sink);
    for error in errors {
        let span = error.span().unwrap_or_default();
        let why = vec![("why", error.message().to_owned())];
        start.at(&span).error(Code::Syntax, why);
    }
    document
}

fn office(fields: &Fields<'_>, names: &Names<'_>) -> Office {
    let name = fields.text("name");
    let zone = fields.parsed("zone", values::zone);
    let fallback = fallback_office();
    Office {
        name: name.map(|name| name.value.to_owned()).unwrap_or_default(),
        zone: zone.map_or(fallback.zone, |zone| zone.value),
        lang: fields
            .one_of("lang", LANG)
            .map_or(fallback.lang, |word| word.value.to_owned()),
        missed: fields
            .one_of("missed", MISSED)
            .map_or(fallback.missed, |word| word.value),
        grace: channel::duration(fields, "grace", ANY).unwrap_or(fallback.grace),
        default_channels: names.channels(&fields.ids("default_channels").unwrap_or_default()),
        approve_own: fields.flag("approve_own").unwrap_or(fallback.approve_own),
    }
}

/// An office about which nothing is said.
fn fallback_office() -> Office {
    Office {
        name: String::new(),
        zone: TimeZone::get(defaults::ZONE).unwrap_or(TimeZone::UTC),
        lang: defaults::LANG.to_owned(),
        missed: defaults::MISSED,
        grace: defaults::GRACE,
        default_channels: Vec::new(),
        approve_own: false,
    }
}

fn topic(fields: &Fields<'_>, names: &Names<'_>) -> Option<Topic> {
    let title = fields.text("title");
    let channels = names.channels(&fields.ids("channels").unwrap_or_default());
    Some(Topic {
        id: TopicId::new(fields.text("id")?.value).ok()?,
        title: title?.value.to_owned(),
        channels,
        hashtags: fields.list_of("hashtags", values::hashtag),
    })
}

fn tell_all_renames(
    known: &Known,
    names: &Names<'_>,
    channels: &[Arc<super::ConfiguredChannel>],
    schedules: &[Now<'_, ScheduleId, String>],
) {
    let platform_of = |id: &ChannelId| {
        let channel = channels.iter().find(|c| c.rules.id == *id);
        channel.map(|c| c.rules.platform)
    };
    let now: Vec<_> = names
        .channels
        .iter()
        .map(|id| Now {
            like: platform_of(&id.value),
            id: id.clone(),
        })
        .collect();
    let before = known.channels.iter().map(|(id, platform)| (id, *platform));
    tell_renames(before, &now, Code::RenamedChannel);

    let now: Vec<_> = names
        .topics
        .iter()
        .map(|id| Now {
            like: Some(()),
            id: id.clone(),
        })
        .collect();
    tell_renames(
        known.topics.iter().map(|id| (id, ())),
        &now,
        Code::RenamedTopic,
    );

    let before = known.schedules.iter().map(|(id, cron)| (id, cron.clone()));
    tell_renames(before, schedules, Code::RenamedSchedule);
}
