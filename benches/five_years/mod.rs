//! Five years of an office, made up: its configuration, its articles with their shares, the same each
//! time.
#![allow(
    clippy::disallowed_methods,
    reason = "a benchmark reads the machine's clock"
)]

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use futures_util::future::join_all;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};
use raotin::clock::{Clock, MachineClock};
use raotin::disk::MachineDisk;
use raotin::model::*;
use raotin::store::Store;
use raotin::store::sled::{OpenOptions, SledStore};

pub(crate) const CHANNELS: usize = 12;
pub(crate) const TOPICS: usize = 8;
pub(crate) const MEMBERS: usize = 20;
pub(crate) const YEARS: i64 = 5;

/// What people of a district office write about.
const SYLLABLES: &str = "thông báo tiêm chủng mở rộng tháng lịch tại trạm y tế xã hội nghị tổng kết công tác \
    dân vận chợ đồn bắc kạn ngọc phái nghĩa tá bằng lũng đồng lạc xuân nông thôn mới giảm nghèo bền vững chuyển \
    đổi số cải cách hành chính đại biểu nhân dân tuyên truyền phòng chống cháy rừng mưa lũ sạt lở an toàn giao \
    thông trường học sinh khai giảng năm học kỳ thi tuyển quân nhập ngũ ngày truyền thống đoàn thanh niên phụ nữ \
    hội cựu chiến binh văn hóa thể thao du lịch lễ hội lồng tồng sản phẩm ocop gạo bao thai cam quýt hồng không \
    hạt giá điện nước sạch đường bê tông khánh thành cầu treo bản tày nao dao mông tập huấn khuyến nông vay vốn \
    chính sách ưu đãi người có công bảo hiểm xã hội căn cước điện tử dịch vụ trực tuyến họp giao ban ủy ban";

pub(crate) fn configure(dir: &Path) {
    let mut text = String::from(
        "[office]\nname = \"Phòng Văn hóa\"\nzone = \"Asia/Ho_Chi_Minh\"\nlang = \"vi\"\ndefault_channels = [\"kenh-0\"]\n",
    );
    for n in 0..CHANNELS {
        let platform = match n {
            0..4 => "platform = \"facebook-page\"\nmode = \"log\"",
            _ => "platform = \"facebook-group\"",
        };
        text.push_str(&format!(
            "[[channels]]\nid = \"kenh-{n}\"\ntitle = \"Kênh số {n}\"\n{platform}\n"
        ));
    }
    for n in 0..TOPICS {
        text.push_str(&format!(
            "[[topics]]\nid = \"chu-de-{n}\"\ntitle = \"Chủ đề {n}\"\n"
        ));
    }
    std::fs::write(dir.join("raotin.toml"), text).unwrap();
    std::fs::create_dir_all(dir.join("schedules")).unwrap();
    for (id, cron) in [("sang", "30 7 * * *"), ("chieu", "0 14 * * 1-5")] {
        let schedule = format!(
            "cron = \"{cron}\"\nchannels = [{}]\n",
            (0..CHANNELS)
                .map(|n| format!("\"kenh-{n}\""))
                .collect::<Vec<_>>()
                .join(", ")
        );
        std::fs::write(dir.join("schedules").join(format!("{id}.toml")), schedule).unwrap();
    }
}

pub(crate) fn store(dir: &Path) -> SledStore {
    let options = OpenOptions {
        data_dir: dir.to_owned(),
        disk: Arc::new(MachineDisk),
        clock: Arc::new(MachineClock),
        progress: None,
    };
    SledStore::open(options).unwrap()
}

/// Numbers without chance: the same each time.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 16
    }
    fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }
    fn random(&mut self) -> [u8; 10] {
        let mut out = [0; 10];
        out[..8].copy_from_slice(&self.next().to_be_bytes());
        out
    }
}

fn channel(n: usize) -> ChannelId {
    ChannelId::new(&format!("kenh-{n}")).unwrap()
}
fn topic(n: usize) -> TopicId {
    TopicId::new(&format!("chu-de-{n}")).unwrap()
}
pub(crate) fn member(n: usize) -> MemberId {
    MemberId::new(&format!("can-bo-{n}")).unwrap()
}

/// Makes the store, the members and their passwords.
pub(crate) fn made(dir: &Path, articles: usize) {
    let begun = Instant::now();
    configure(dir);
    let zone = jiff::tz::TimeZone::get("Asia/Ho_Chi_Minh").unwrap();
    let now = MachineClock.now();
    let today = now.to_zoned_datetime(zone).date();
    let store = store(dir);
    let mut opening = Commit::new(now, By::Daemon);
    for n in 0..CHANNELS {
        opening.events.push(Event::ChannelSeen {
            channel: channel(n),
            title: format!("Kênh số {n}"),
            platform: if n < 4 {
                PlatformKind::FacebookPage
            } else {
                PlatformKind::FacebookGroup
            },
            mode: if n < 4 { Mode::Log } else { Mode::ByHand },
        });
    }
    for n in 0..TOPICS {
        let (topic, title) = (topic(n), format!("Chủ đề {n}"));
        opening.events.push(Event::TopicSeen { topic, title });
    }
    for n in 0..MEMBERS {
        opening.events.push(Event::MemberSet {
            member: member(n),
            roles: vec![Role::Officer],
            unit: None,
        });
    }
    let mut dice = Dice(7);
    let words: Vec<&str> = SYLLABLES.split_whitespace().collect();
    let commits = (0..articles).map(|n| article(n, articles, &mut dice, &words, now, today));
    let mut commits = std::iter::once(opening).chain(commits).peekable();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    while commits.peek().is_some() {
        let group = commits.by_ref().take(512).map(|c| store.commit(c));
        for outcome in runtime.block_on(join_all(group.collect::<Vec<_>>())) {
            outcome.unwrap();
        }
    }
    drop(store);
    let size = |name: &str| {
        let files = std::fs::read_dir(dir.join(name)).unwrap();
        files
            .map(|f| f.unwrap().metadata().unwrap().len())
            .sum::<u64>()
            >> 20
    };
    println!(
        "made: {articles} articles in {:.1?}; index {} MB, ledger {} MB",
        begun.elapsed(),
        size("sled"),
        size("ledger")
    );
    std::fs::write(dir.join("made"), "").unwrap();
}

/// The n-th article with its shares, from the oldest to today's. The last ones wait, are late, or
/// stand open in people's hands, a few of each.
fn article(
    n: usize,
    of: usize,
    dice: &mut Dice,
    words: &[&str],
    now: Timestamp,
    today: Date,
) -> Commit {
    let back = (of - n) as i64 * YEARS * 365 / of as i64;
    let at = now - SignedDuration::from_hours(24 * back) - SignedDuration::from_mins(30);
    let day = today.saturating_sub(back.days());
    let ms = at.as_millisecond().cast_unsigned();
    let mut commit = Commit::new(at, By::Member(member(n % MEMBERS)));
    // Common words are common: the first of the list come most.
    let title: Vec<&str> = (0..8 + dice.below(8))
        .map(|_| {
            let among = 1 + dice.below(words.len());
            words[dice.below(among)]
        })
        .collect();
    let title = format!("{} số {}", capital(&title.join(" ")), n % 997);
    let body = "Trạm y tế xã thông báo lịch tiêm chủng cho trẻ dưới 2 tuổi. Đề nghị gia đình mang theo sổ tiêm chủng và đến đúng giờ.";
    let [title_id, text_id] = [title, body.to_owned()].map(|text| {
        let id = TextId::new(ms, dice.random());
        commit.texts.insert(id, Some(text));
        id
    });
    let article = ArticleId::new(ms, dice.random());
    let (topic, owner) = (dice.below(TOPICS), member(dice.below(MEMBERS)));
    let topic = Some(self::topic(topic));
    commit.events.push(Event::ArticleAdded {
        article,
        title: title_id,
        text: text_id,
        link: Some(format!(
            "https://chodon.backan.gov.vn/tin-tuc/{}/bai-{n}.html",
            day.year()
        )),
        pictures: Vec::new(),
        topic: topic.clone(),
        priority: 0,
        source: "typed".into(),
        row: None,
        member: Some(owner.clone()),
        unit: None,
    });
    let shares = 2 + dice.below(3) + usize::from(n.is_multiple_of(3));
    let first = dice.below(CHANNELS);
    for k in 0..shares {
        let share = ShareId::new(ms + k as u64, dice.random());
        let left = of - n;
        // One in twelve of the last twentieth waits; a few are elsewhere.
        let state = match (left * 20 < of, dice.below(400)) {
            (true, 0..130) => State::Waiting,
            (true, 130..134) => State::Draft,
            (true, 134..136) => State::Submitted,
            (_, 399) => State::Planned,
            _ => State::Shared,
        };
        let waits = matches!(state, State::Waiting);
        let counted = state == State::Shared;
        let count = Count {
            at,
            day,
            topic: topic.clone(),
            unit: None,
            member: Some(owner.clone()),
            how: How::BackFilled,
        };
        commit.events.push(Event::ShareAdded {
            share,
            article,
            channel: channel((first + k) % CHANNELS),
            state,
            spot: waits.then_some(Spot::End),
            at: (state == State::Planned).then_some(at),
            day: Some(day),
            key: Some(share.to_string()),
            topic: topic.clone(),
            priority: 0,
            own_text: None,
            again: false,
            receipt: counted.then(|| Receipt {
                post_id: format!("{n}-{k}"),
                permalink: None,
                at,
            }),
            count: counted.then_some(count),
            origin: None,
        });
        if state == State::Planned {
            let why = Why::new(Cause::TimePassed);
            // Late ones were missed; the last few lie in people's hands.
            commit.events.push(match left < 2_000.min(of / 2) {
                false => Event::ShareMissed { share, why },
                true => {
                    let post = TextId::new(ms, dice.random());
                    let json = serde_json::to_string(&Post {
                        parts: vec![Part {
                            text: body.to_owned(),
                            ..Part::default()
                        }],
                    });
                    commit.texts.insert(post, Some(json.unwrap()));
                    Event::ShareHanded {
                        share,
                        due: at,
                        day,
                        until: now + SignedDuration::from_hours(24 * 30),
                        post,
                        why: None,
                    }
                }
            });
        }
    }
    commit
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_uppercase().collect::<String>());
    first.unwrap_or_default() + chars.as_str()
}
