//! One element of a feed, and what it says of its entry or of the feed.

use crate::intake::feed::raw::{Found, Link, Markup, Raw, looks_like_markup};

/// An element that is being read.
pub(super) struct Open {
    pub(super) name: String,
    pub(super) own: bool,
    /// It stands in Atom.
    pub(super) atom: bool,
    pub(super) attrs: Vec<(String, String)>,
    /// Others of its name within it.
    pub(super) nested: usize,
    /// Its text.
    pub(super) text: String,
    /// Its text with the elements within it, which makes it markup.
    pub(super) markup: String,
    pub(super) has_elements: bool,
}

impl Open {
    pub(super) fn is_wanted(&self) -> bool {
        matches!(
            (self.own, self.name.as_str()),
            (
                true,
                "title" | "link" | "guid" | "id" | "identifier" | "origlink" | "loc"
            ) | (
                true,
                "description" | "summary" | "encoded" | "content" | "body" | "abstract"
            ) | (
                true,
                "pubdate" | "published" | "issued" | "date" | "created"
            ) | (
                true,
                "publication_date" | "updated" | "modified" | "lastmod" | "available"
            ) | (true, "category" | "subject" | "keywords" | "tag")
                | (
                    true,
                    "enclosure" | "image" | "thumb" | "thumbnail" | "ttl" | "hour" | "day"
                )
                | (false, "loc")
        )
    }

    /// Whether other elements may stand in it.
    pub(super) fn is_markup(&self) -> bool {
        self.own
            && matches!(
                self.name.as_str(),
                "description" | "summary" | "encoded" | "content" | "body" | "title"
            )
    }

    /// Whether an element of this name can only come behind this one: it was never closed.
    pub(super) fn ends_before(&self, name: &str) -> bool {
        let begins = matches!(
            name,
            "guid" | "pubdate" | "published" | "updated" | "enclosure" | "category"
        );
        let plain = !self.is_markup() && matches!(name, "title" | "link" | "description");
        begins || plain || (self.name == "title" && matches!(name, "link" | "description"))
    }

    fn attr(&self, name: &str) -> Option<&str> {
        let found = self.attrs.iter().find(|(key, _)| key == name);
        found.map(|(_, v)| v.as_str()).filter(|v| !v.is_empty())
    }

    /// What it says, as text or as markup. RSS leaves open which of the two, and nearly all of it is
    /// markup; Atom says that it is text where it does not say `html`.
    fn said(&self) -> Option<Markup> {
        let text = self.text.trim();
        let said = match self.attr("type") {
            _ if self.has_elements => Markup::Html(self.markup.trim().to_owned()),
            Some("text" | "text/plain") => Markup::Plain(text.to_owned()),
            None if self.atom && !looks_like_markup(text) => Markup::Plain(text.to_owned()),
            _ => Markup::Html(text.to_owned()),
        };
        Some(said).filter(|s| !s.as_str().is_empty())
    }

    fn word(&self) -> Option<String> {
        let word = self.text.trim();
        (!word.is_empty()).then(|| word.to_owned())
    }

    pub(super) fn into_entry(self, entry: &mut Raw) {
        fn first<T>(place: &mut Option<T>, value: Option<T>) {
            if place.is_none() {
                *place = value;
            }
        }
        let name = self.name.as_str();
        if !self.own {
            // `image:loc`
            entry.pictures.extend(self.word());
            return;
        }
        match name {
            "title" => first(&mut entry.title, self.said()),
            "link" => {
                let rel = self.attr("rel").unwrap_or("alternate");
                let href = self.attr("href").map(str::to_owned).or_else(|| self.word());
                let Some(href) = href else { return };
                let link = Link {
                    href,
                    rel: rel.to_ascii_lowercase(),
                    kind: self.attr("type").unwrap_or_default().to_ascii_lowercase(),
                };
                entry.links.push(link);
            }
            "loc" => first(&mut entry.original, self.word()),
            "origlink" => entry.original = self.word(),
            "guid" => {
                entry.guid_is_link = self.attr("ispermalink") != Some("false");
                first(&mut entry.id, self.word());
            }
            "id" => first(&mut entry.id, self.word()),
            "identifier" => first(&mut entry.about, self.word()),
            "description" | "summary" | "abstract" => first(&mut entry.summary, self.said()),
            "encoded" | "content" | "body" => {
                // Atom's content elsewhere: a picture, or nothing that can be read.
                match self.attr("src") {
                    Some(src) if self.attr("type").is_some_and(|t| t.starts_with("image/")) => {
                        entry.pictures.push(src.to_owned());
                    }
                    Some(_) => {}
                    None => first(&mut entry.content, self.said()),
                }
            }
            "pubdate" | "published" | "issued" | "date" | "publication_date" => {
                first(&mut entry.published, self.word());
            }
            "updated" | "modified" | "lastmod" | "created" | "available" => {
                first(&mut entry.updated, self.word());
            }
            "category" | "subject" | "keywords" | "tag" => {
                let label = self.attr("label").or(self.attr("term")).map(str::to_owned);
                let said = label.or_else(|| self.said().map(Markup::into_line));
                let several = name == "keywords";
                for word in said.iter().flat_map(|all| all.split([',', ';'])) {
                    if several {
                        entry.categories.push(word.trim().to_owned());
                    }
                }
                entry.categories.extend(said.filter(|_| !several));
            }
            "enclosure" => {
                let kind = self.attr("type").unwrap_or_default();
                let url = self.attr("url").or(self.attr("href"));
                if let Some(url) = url.filter(|u| kind.starts_with("image/") || is_picture(u)) {
                    entry.pictures.push(url.to_owned());
                }
            }
            "image" | "thumb" | "thumbnail" => {
                let url = self.attr("url").or(self.attr("href")).map(str::to_owned);
                let url = url.or_else(|| self.word());
                let nested = || address_within(&self.markup);
                entry
                    .pictures
                    .extend(url.filter(|u| u.contains('/')).or_else(nested));
            }
            _ => {}
        }
    }

    pub(super) fn into_feed(self, found: &mut Found) {
        match self.name.as_str() {
            "title" if self.own && found.title.is_none() => found.title = self.said(),
            "ttl" => found.wishes.ttl(&self.text),
            "hour" => found.wishes.skip_hour(&self.text),
            "day" => found.wishes.skip_day(&self.text),
            _ => {}
        }
    }
}

/// The picture that an element of Media RSS or iTunes names in its attributes.
pub(super) fn shown_by(name: &str, attrs: &[(String, String)]) -> Option<String> {
    let attr = |key: &str| {
        attrs
            .iter()
            .find(|(k, _)| k == key)
            .map(|(_, v)| v.as_str())
    };
    let url = attr("url").or(attr("href")).filter(|u| !u.is_empty())?;
    let kind = attr("type").or(attr("medium"));
    let shows = match name {
        "thumbnail" | "image" => true,
        "content" => kind.map_or_else(|| is_picture(url), |k| k.starts_with("image")),
        _ => false,
    };
    shows.then(|| url.to_owned())
}

/// Some write `<image><url>…</url></image>` into an item.
fn address_within(markup: &str) -> Option<String> {
    let (_, rest) = markup.split_once("<url>")?;
    let (url, _) = rest.split_once("</url>")?;
    Some(url.trim().to_owned()).filter(|u| !u.is_empty())
}

/// By its name's end; what it is is known when it is fetched.
fn is_picture(url: &str) -> bool {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let path = path.to_ascii_lowercase();
    [".jpg", ".jpeg", ".png", ".webp", ".gif"]
        .iter()
        .any(|end| path.ends_with(end))
}
