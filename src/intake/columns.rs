//! Which column of a list holds what: by its heading, in Vietnamese or English, or as a person says.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::fold::folded;
use crate::config::nearest;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the words say it")]
pub enum Field {
    Title,
    Text,
    Link,
    Topic,
    Channels,
    At,
    Time,
    Priority,
    /// Whether it is a draft; other states a list does not give.
    State,
    /// How it comes round again.
    Repeat,
    Member,
    Permalink,
    Id,
    /// Nothing that is looked at.
    Nothing,
}

/// For what a list is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// Articles, to go out.
    Articles,
    /// Shares that went out long ago.
    Shares,
}

impl Purpose {
    /// The word in the API and in the catalogues' keys.
    pub fn as_str(self) -> &'static str {
        match self {
            Purpose::Articles => "articles",
            Purpose::Shares => "shares",
        }
    }

    /// What its lists may hold.
    pub fn fields(self) -> &'static [Field] {
        use Field::*;
        match self {
            Purpose::Articles => &[
                Title, Text, Link, Topic, Channels, At, Time, Priority, State, Repeat, Id, Nothing,
            ],
            Purpose::Shares => &[
                At, Time, Channels, Title, Link, Text, Topic, Member, Permalink, Id, Nothing,
            ],
        }
    }
}

impl Field {
    /// The word on the command line, in the API and in the catalogues' keys.
    pub fn as_str(self) -> &'static str {
        match self {
            Field::Title => "title",
            Field::Text => "text",
            Field::Link => "link",
            Field::Topic => "topic",
            Field::Channels => "channels",
            Field::At => "at",
            Field::Time => "time",
            Field::Priority => "priority",
            Field::State => "state",
            Field::Repeat => "repeat",
            Field::Member => "member",
            Field::Permalink => "permalink",
            Field::Id => "id",
            Field::Nothing => "nothing",
        }
    }

    /// The field of a heading, if it is known.
    pub fn of_heading(heading: &str) -> Option<Self> {
        let plain = plain(heading);
        let named = HEADINGS.iter().find(|(name, _)| *name == plain);
        named.map(|(_, field)| *field)
    }
}

/// Every heading that is known, folded. One that could mean two things is not among them.
const HEADINGS: &[(&str, Field)] = {
    use Field::*;
    &[
        ("title", Title),
        ("tieu de", Title),
        ("tieu de bai", Title),
        ("tieu de bai viet", Title),
        ("tieu de tin bai", Title),
        ("ten bai", Title),
        ("ten bai viet", Title),
        ("ten tin", Title),
        ("ten tin bai", Title),
        ("tin bai", Title),
        ("headline", Title),
        ("text", Text),
        ("noi dung", Text),
        ("noi dung bai", Text),
        ("noi dung bai dang", Text),
        ("noi dung bai viet", Text),
        ("noi dung dang", Text),
        ("tom tat", Text),
        ("body", Text),
        ("content", Text),
        ("link", Link),
        ("url", Link),
        ("lien ket", Link),
        ("lien ket bai", Link),
        ("lien ket bai viet", Link),
        ("lien ket goc", Link),
        ("duong dan", Link),
        ("duong dan bai viet", Link),
        ("duong link", Link),
        ("dia chi", Link),
        ("link bai", Link),
        ("link bai goc", Link),
        ("link bai viet", Link),
        ("link goc", Link),
        ("link tin bai", Link),
        ("topic", Topic),
        ("chu de", Topic),
        ("chuyen muc", Topic),
        ("linh vuc", Topic),
        ("channel", Channels),
        ("channels", Channels),
        ("kenh", Channels),
        ("cac kenh", Channels),
        ("kenh chia se", Channels),
        ("kenh dang", Channels),
        ("nhom", Channels),
        ("ten nhom", Channels),
        ("nhom chia se", Channels),
        ("nhom trang", Channels),
        ("trang nhom", Channels),
        ("trang", Channels),
        ("fanpage", Channels),
        ("noi chia se", Channels),
        ("noi dang", Channels),
        ("group", Channels),
        ("page", Channels),
        ("at", At),
        ("date", At),
        ("day", At),
        ("when", At),
        ("datetime", At),
        ("ngay", At),
        ("ngay chia se", At),
        ("ngay dang", At),
        ("ngay dang tai", At),
        ("ngay gio", At),
        ("ngay gio dang", At),
        ("ngay thang", At),
        ("ngay thang nam", At),
        ("thoi diem", At),
        ("thoi gian", At),
        ("thoi gian chia se", At),
        ("thoi gian dang", At),
        ("time", Time),
        ("gio", Time),
        ("gio chia se", Time),
        ("gio dang", Time),
        ("priority", Priority),
        ("uu tien", Priority),
        ("muc uu tien", Priority),
        ("do uu tien", Priority),
        ("state", State),
        ("status", State),
        ("trang thai", State),
        ("tinh trang", State),
        ("repeat", Repeat),
        ("dang lai", Repeat),
        ("dang lai dinh ky", Repeat),
        ("member", Member),
        ("who", Member),
        ("by", Member),
        ("shared by", Member),
        ("can bo", Member),
        ("ho ten", Member),
        ("ho va ten", Member),
        ("nguoi", Member),
        ("nguoi chia se", Member),
        ("nguoi dang", Member),
        ("nguoi thuc hien", Member),
        ("thanh vien", Member),
        ("permalink", Permalink),
        ("post link", Permalink),
        ("post url", Permalink),
        ("link bai da dang", Permalink),
        ("link bai dang", Permalink),
        ("link chia se", Permalink),
        ("link da chia se", Permalink),
        ("link da dang", Permalink),
        ("link facebook", Permalink),
        ("link fb", Permalink),
        ("link minh chung", Permalink),
        ("lien ket bai da dang", Permalink),
        ("lien ket bai dang", Permalink),
        ("lien ket chia se", Permalink),
        ("duong dan bai dang", Permalink),
        ("minh chung", Permalink),
        ("id", Id),
        ("ma", Id),
        ("ma bai", Id),
        ("ma luot", Id),
        ("cach chia se", Nothing),
        ("how", Nothing),
        ("anh", Nothing),
        ("so anh", Nothing),
        ("pictures", Nothing),
        ("stt", Nothing),
        ("tt", Nothing),
        ("so tt", Nothing),
        ("so thu tu", Nothing),
        ("no", Nothing),
        ("ghi chu", Nothing),
        ("note", Nothing),
        ("notes", Nothing),
    ]
};

/// Rows above the headings that may hold an office's name and the list's title.
pub const HEADINGS_WITHIN: usize = 15;

/// Headings that a person explained: as they stand in the file, whatever their case and marks.
pub type Explained = BTreeMap<String, Field>;

/// Why the headings of a list cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum HeadingFault {
    /// Nobody knows it.
    Unknown {
        /// As it stands there.
        given: String,
        /// What it was most likely meant to hold.
        nearest: Option<Field>,
    },
    /// Two columns hold the same.
    Twice {
        /// The second one.
        given: String,
        /// What both hold.
        field: Field,
    },
    /// What such lists must hold is not among them.
    Missing {
        /// One of these.
        needs: Vec<Field>,
    },
    /// There are no headings at all.
    None,
}

/// The columns of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Columns {
    /// The headings, as they stand there.
    pub headings: Vec<String>,
    /// What each column holds; none where its heading is blank or not known.
    pub fields: Vec<Option<Field>>,
}

impl Columns {
    /// The columns by a row of headings.
    pub fn of(headings: &[String], explained: &Explained, purpose: Purpose) -> Self {
        let by_hand: BTreeMap<String, Field> = explained
            .iter()
            .map(|(heading, field)| (plain(heading), *field))
            .collect();
        let field = |heading: &String| {
            let known = || {
                let field = Field::of_heading(heading)?;
                // What the other kind of list holds beside is passed over in this one.
                let taken = purpose.fields().contains(&field);
                Some(if taken { field } else { Field::Nothing })
            };
            by_hand.get(&plain(heading)).copied().or_else(known)
        };
        Self {
            headings: headings.to_vec(),
            fields: headings.iter().map(field).collect(),
        }
    }

    /// How many headings are known.
    pub fn known(&self) -> usize {
        self.fields.iter().flatten().count()
    }

    /// What is wrong with them, all of it.
    pub fn faults(&self, purpose: Purpose) -> Vec<HeadingFault> {
        let mut faults = Vec::new();
        let mut seen: Vec<Field> = Vec::new();
        for (heading, field) in self.headings.iter().zip(&self.fields) {
            match field {
                None if heading.is_empty() => {}
                None => {
                    let known = HEADINGS.iter().map(|(name, _)| *name);
                    let nearest = nearest(&plain(heading), known);
                    faults.push(HeadingFault::Unknown {
                        given: heading.clone(),
                        nearest: nearest.and_then(Field::of_heading),
                    });
                }
                Some(Field::Nothing) => {}
                Some(field) if seen.contains(field) => faults.push(HeadingFault::Twice {
                    given: heading.clone(),
                    field: *field,
                }),
                Some(field) => seen.push(*field),
            }
        }
        let needs: &[&[Field]] = match purpose {
            Purpose::Articles => &[&[Field::Title, Field::Text, Field::Link]],
            Purpose::Shares => &[
                &[Field::At],
                &[Field::Channels],
                &[Field::Title, Field::Link],
            ],
        };
        for any in needs {
            if !any.iter().any(|field| seen.contains(field)) {
                faults.push(HeadingFault::Missing {
                    needs: any.to_vec(),
                });
            }
        }
        faults
    }

    /// A row's cell that holds this.
    pub fn cell<'a>(&self, cells: &'a [String], field: Field) -> &'a str {
        let at = self.fields.iter().position(|f| *f == Some(field));
        at.and_then(|at| cells.get(at)).map_or("", String::as_str)
    }
}

/// A heading without what may be written differently: `Ngày đăng (dd/mm/yyyy):` → `ngay dang`.
fn plain(heading: &str) -> String {
    let outside = heading.split(['(', '[']).next().unwrap_or_default();
    let outside = if outside.trim().is_empty() {
        heading
    } else {
        outside
    };
    let words: String = folded(outside)
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { ' ' })
        .collect();
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(text: &str) -> Vec<String> {
        text.split('|').map(str::to_owned).collect()
    }

    #[test]
    fn headings_are_known_in_both_languages_however_they_are_written() {
        let columns = Columns::of(
            &row(
                "STT|Ngày đăng (dd/mm/yyyy)|KENH|Tiêu đề:|Liên kết|Link bài đăng|Người đăng|Chủ_đề",
            ),
            &Explained::new(),
            Purpose::Shares,
        );
        let found: Vec<&str> = columns
            .fields
            .iter()
            .flatten()
            .map(|f| f.as_str())
            .collect();
        assert_eq!(
            found,
            [
                "nothing",
                "at",
                "channels",
                "title",
                "link",
                "permalink",
                "member",
                "topic"
            ]
        );
        assert_eq!(columns.faults(Purpose::Shares), []);
        assert_eq!(columns.cell(&row("1|28/8/2019"), Field::At), "28/8/2019");
        assert_eq!(columns.cell(&row("1|28/8/2019"), Field::Title), "");
    }

    #[test]
    fn an_unknown_heading_is_told_with_the_nearest_and_can_be_explained() {
        let headings = row("Ngày|Kênk|Tiêu đề|Tình hình");
        let columns = Columns::of(&headings, &Explained::new(), Purpose::Shares);
        let unknown = |given: &str, nearest| HeadingFault::Unknown {
            given: given.to_owned(),
            nearest,
        };
        assert_eq!(
            columns.faults(Purpose::Shares),
            [
                unknown("Kênk", Some(Field::Channels)),
                unknown("Tình hình", None),
                HeadingFault::Missing {
                    needs: vec![Field::Channels]
                }
            ]
        );
        let explained = Explained::from([
            ("kênk".to_owned(), Field::Channels),
            ("TÌNH HÌNH".to_owned(), Field::Nothing),
        ]);
        let columns = Columns::of(&headings, &explained, Purpose::Shares);
        assert_eq!(columns.faults(Purpose::Shares), []);
    }

    #[test]
    fn two_columns_for_the_same_are_told() {
        let columns = Columns::of(&row("Tiêu đề|Title"), &Explained::new(), Purpose::Articles);
        assert_eq!(
            columns.faults(Purpose::Articles),
            [HeadingFault::Twice {
                given: "Title".to_owned(),
                field: Field::Title
            }]
        );
    }

    #[test]
    fn the_documents_name_every_heading() {
        let document = include_str!("../../docs/lists.md");
        let told = document.lines().filter_map(|line| {
            let mut cells = line.split('|').map(str::trim).skip(1);
            Some((cells.next()?, cells.next()?))
        });
        let told =
            told.flat_map(|(field, headings)| headings.split(", ").map(move |h| (plain(h), field)));
        let told: Vec<(String, &str)> = told.collect();
        for (name, field) in HEADINGS {
            let named = (name.to_string(), field.as_str());
            assert!(told.contains(&named), "{named:?}");
        }
        let fields = Purpose::Shares.fields();
        let headings = told.iter().filter(|(_, f)| {
            let field = |known: &Field| known.as_str() == *f;
            fields.iter().any(field) || Purpose::Articles.fields().iter().any(field)
        });
        assert_eq!(headings.count(), HEADINGS.len());
    }

    #[test]
    fn no_heading_is_listed_twice() {
        let mut names: Vec<&str> = HEADINGS.iter().map(|(name, _)| *name).collect();
        assert!(names.iter().all(|name| plain(name) == **name));
        names.sort_unstable();
        let all = names.len();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}
