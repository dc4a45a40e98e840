//! Links that a person pastes as proof of a share: which are of that place, and what of them stays.
//!
//! No request is made. What the address itself shows is checked; what it does not (a share link of
//! Facebook names no place) is taken at her word, as the share itself is.

mod facebook;

use url::{Url, form_urlencoded};

use crate::compose::{addresses, bare_host, is_tracking, link_key};
use crate::model::PlatformKind;

/// A pasted link, clean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cleaned {
    /// Where people see the post.
    pub link: String,
    /// What tells this post from the others of its channel, by the platform's own id where the
    /// address shows it. None where the address is of no single post: in Zalo groups none has one.
    pub post: Option<String>,
}

/// A site that a platform's posts are on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Site {
    /// A group on Facebook.
    FacebookGroup,
    /// A Page or a profile on Facebook.
    Facebook,
    /// Telegram.
    Telegram,
    /// Zalo.
    Zalo,
}

impl std::fmt::Display for Site {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Site::FacebookGroup | Site::Facebook => "Facebook",
            Site::Telegram => "Telegram",
            Site::Zalo => "Zalo",
        })
    }
}

/// Why a pasted link is not taken as a post of that channel.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotTheirs {
    /// No web address in it.
    #[error("that is no link: paste the post's address, which begins with https://")]
    NotALink,
    /// An address of another site.
    #[error("{host} is not {site}: open the post there, copy its link and paste that")]
    OtherSite {
        /// Whose was given.
        host: String,
        /// Whose is wanted.
        site: Site,
    },
    /// The right site, but no single post.
    #[error(
        "that is not one post on {site}: tap the time above the post, copy that address and paste it"
    )]
    NotAPost {
        /// Where.
        site: Site,
    },
    /// A post of another group, page or channel.
    #[error("that post is in «{given}», this channel is «{expected}»: paste the post shared here")]
    OtherPlace {
        /// As the pasted address names it.
        given: String,
        /// As the channel's address names it.
        expected: String,
    },
    /// A Facebook post, but in a group where a Page or profile is meant, or the other way round.
    #[error("that post is {}: paste the post shared here", if *.in_group { "in a group" } else { "not in a group" })]
    OtherKind {
        /// What was given.
        in_group: bool,
    },
    /// A short link hides where it leads.
    #[error("{host} hides where it leads: open it, then copy the address shown and paste that")]
    Shortened {
        /// Whose.
        host: String,
    },
}

/// Checks and cleans what a person pasted for a share on a channel. `pasted` may be a link with words
/// around it, as phones share it. `channel_url` is the channel's own address: where it names the place
/// and the link names another, the link is refused.
///
/// # Errors
/// [`NotTheirs`].
pub fn clean_link(
    kind: PlatformKind,
    channel_url: Option<&str>,
    pasted: &str,
) -> Result<Cleaned, NotTheirs> {
    let url = find_url(pasted).ok_or(NotTheirs::NotALink)?;
    let place = channel_url.and_then(find_url);
    match kind {
        PlatformKind::FacebookGroup => facebook::check(&url, place.as_ref(), Site::FacebookGroup),
        PlatformKind::FacebookPage | PlatformKind::FacebookProfile => {
            facebook::check(&url, place.as_ref(), Site::Facebook)
        }
        PlatformKind::Telegram => telegram(&url, place.as_ref()),
        PlatformKind::ZaloGroup => zalo(url, place.as_ref()),
        PlatformKind::Webhook
        | PlatformKind::Bluesky
        | PlatformKind::Mastodon
        | PlatformKind::Matrix
        | PlatformKind::Wordpress
        | PlatformKind::Other => Ok(anywhere(url)),
    }
}

/// The address that a text is, with or without its scheme, or else the first one in it.
fn find_url(text: &str) -> Option<Url> {
    let text = text.trim();
    let url = if text.contains(char::is_whitespace) {
        let first = addresses(text).into_iter().next()?;
        Url::parse(&text[first])
    } else if text.contains("://") {
        Url::parse(text)
    } else {
        Url::parse(&format!("https://{text}"))
    }
    .ok()?;
    let host = url.host_str()?;
    let of_the_web = matches!(url.scheme(), "http" | "https");
    // A name before the host only serves to deceive whoever reads it.
    let plain = url.username().is_empty() && url.password().is_none();
    (of_the_web && plain && host.contains('.') && !host.ends_with('.')).then_some(url)
}

fn host(url: &Url) -> &str {
    bare_host(url.host_str().unwrap_or_default())
}

fn segments(url: &Url) -> Vec<&str> {
    url.path_segments()
        .into_iter()
        .flatten()
        .filter(|segment| !segment.is_empty())
        .collect()
}

fn parameter(url: &Url, name: &str) -> Option<String> {
    url.query_pairs()
        .find(|(n, value)| n == name && !value.is_empty())
        .map(|(_, value)| value.into_owned())
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

// ---- Telegram ----

fn telegram(url: &Url, channel: Option<&Url>) -> Result<Cleaned, NotTheirs> {
    let site = Site::Telegram;
    if !matches!(host(url), "t.me" | "telegram.me" | "telegram.dog") {
        return Err(NotTheirs::OtherSite {
            host: host(url).to_owned(),
            site,
        });
    }
    let path = telegram_path(url);
    let (place, ids) = match path.as_slice() {
        ["c", chat, ids @ ..] if all_digits(chat) => (format!("c/{chat}"), ids),
        [name, ids @ ..] => ((*name).to_owned(), ids),
        [] => return Err(NotTheirs::NotAPost { site }),
    };
    // A message, perhaps within a forum topic.
    let is_post = matches!(ids.len(), 1 | 2) && ids.iter().all(|id| all_digits(id));
    let post = ids
        .last()
        .filter(|_| is_post)
        .ok_or(NotTheirs::NotAPost { site })?;
    let expected = channel.and_then(|url| match telegram_path(url).as_slice() {
        ["c", chat, ..] => Some(format!("c/{chat}")),
        [name, ..] if !name.starts_with('+') && *name != "joinchat" => Some((*name).to_owned()),
        _ => None,
    });
    if let Some(expected) = expected
        && place.starts_with("c/") == expected.starts_with("c/")
        && !place.eq_ignore_ascii_case(&expected)
    {
        return Err(NotTheirs::OtherPlace {
            given: place,
            expected,
        });
    }
    Ok(Cleaned {
        link: format!("https://t.me/{place}/{}", ids.join("/")),
        post: Some((*post).to_owned()),
    })
}

/// Without the `s/` of the page for people without the app.
fn telegram_path(url: &Url) -> Vec<&str> {
    let mut path = segments(url);
    if path.first() == Some(&"s") {
        path.remove(0);
    }
    path
}

// ---- Zalo and everything else ----

fn zalo(url: Url, channel: Option<&Url>) -> Result<Cleaned, NotTheirs> {
    let site = Site::Zalo;
    let given = host(&url);
    if given != "zalo.me" && !given.ends_with(".zalo.me") {
        return Err(NotTheirs::OtherSite {
            host: given.to_owned(),
            site,
        });
    }
    let group = match segments(&url).as_slice() {
        ["g", code] => Some((*code).to_owned()),
        // The way to a person, by her telephone number.
        [] | ["g", ..] => return Err(NotTheirs::NotAPost { site }),
        [number] if all_digits(number) => return Err(NotTheirs::NotAPost { site }),
        _ => None,
    };
    let expected = channel.and_then(|url| match segments(url).as_slice() {
        ["g", code] => Some((*code).to_owned()),
        _ => None,
    });
    match (group, expected) {
        (Some(given), Some(expected)) if given != expected => {
            Err(NotTheirs::OtherPlace { given, expected })
        }
        (Some(group), _) => Ok(Cleaned {
            link: format!("https://zalo.me/g/{group}"),
            post: None,
        }),
        (None, _) => Ok(anywhere(url)),
    }
}

/// Any address, without what only tells how somebody came there.
fn anywhere(mut url: Url) -> Cleaned {
    /// Beside what the link key passes over: what Meta's apps add when something is shared.
    const META: [&str; 5] = ["mibextid", "igsh", "igshid", "__tn__", "rdid"];
    let kept: Vec<&str> = url
        .query()
        .unwrap_or_default()
        .split('&')
        .filter(|pair| {
            let name = form_urlencoded::parse(pair.as_bytes())
                .next()
                .map(|(name, _)| name.into_owned())
                .unwrap_or_default();
            !(name.is_empty()
                || name.starts_with("__cft__")
                || is_tracking(&name)
                || META.contains(&&*name))
        })
        .collect();
    let kept = kept.join("&");
    url.set_query((!kept.is_empty()).then_some(&kept));
    Cleaned {
        post: link_key(url.as_str()),
        link: url.into(),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;
    use PlatformKind::{Other, Telegram, ZaloGroup};

    pub(super) fn taken(kind: PlatformKind, place: &str, pasted: &str) -> (String, Option<String>) {
        let cleaned = clean_link(kind, Some(place), pasted)
            .unwrap_or_else(|error| panic!("{pasted}: {error}"));
        // What is clean stays as it is.
        assert_eq!(
            clean_link(kind, Some(place), &cleaned.link),
            Ok(cleaned.clone())
        );
        (cleaned.link, cleaned.post)
    }

    #[test]
    fn a_telegram_post_is_known() {
        let place = "https://t.me/chodon";
        for (pasted, link, post) in [
            (
                "https://t.me/chodon/45?single&comment=3",
                "https://t.me/chodon/45",
                "45",
            ),
            ("t.me/s/ChoDon/45", "https://t.me/ChoDon/45", "45"),
            (
                "https://telegram.me/chodon/7/45",
                "https://t.me/chodon/7/45",
                "45",
            ),
            (
                "https://t.me/c/1234567/45",
                "https://t.me/c/1234567/45",
                "45",
            ),
        ] {
            assert_eq!(
                taken(Telegram, place, pasted),
                (link.to_owned(), Some(post.to_owned()))
            );
        }
        let refused = |pasted| clean_link(Telegram, Some(place), pasted).unwrap_err();
        for pasted in [
            "https://t.me/chodon",
            "https://t.me/+AbC",
            "https://t.me/joinchat/AbC",
            "https://t.me/",
        ] {
            assert_eq!(
                refused(pasted),
                NotTheirs::NotAPost {
                    site: Site::Telegram
                },
                "{pasted}"
            );
        }
        assert!(matches!(
            refused("https://t.me/backan/45"),
            NotTheirs::OtherPlace { .. }
        ));
        assert!(matches!(
            refused("https://t.me.vn/chodon/45"),
            NotTheirs::OtherSite { .. }
        ));
    }

    #[test]
    fn a_zalo_group_has_an_address_but_its_posts_have_none() {
        let place = "https://zalo.me/g/abc123";
        assert_eq!(
            taken(
                ZaloGroup,
                place,
                "Mời vào nhóm https://zalo.me/g/abc123?utm_source=x"
            ),
            (place.to_owned(), None)
        );
        let refused = |pasted| clean_link(ZaloGroup, Some(place), pasted).unwrap_err();
        assert!(matches!(
            refused("https://zalo.me/g/khac"),
            NotTheirs::OtherPlace { .. }
        ));
        assert!(matches!(
            refused("https://zalo.me/0912345678"),
            NotTheirs::NotAPost { .. }
        ));
        assert!(matches!(
            refused("https://zalo.me.vn/g/abc123"),
            NotTheirs::OtherSite { .. }
        ));
    }

    #[test]
    fn anywhere_else_any_address_will_do() {
        let (link, post) = taken(
            Other,
            "https://x.vn",
            "https://www.Chodon.vn/a?fbclid=1&id=5&utm_source=b&__cft__%5B0%5D=c#d",
        );
        assert_eq!(link, "https://www.chodon.vn/a?id=5#d");
        assert_eq!(post.as_deref(), Some("chodon.vn/a?id=5"));
        assert_eq!(
            taken(Other, "", "chodon.vn/a?fbclid=1").0,
            "https://chodon.vn/a"
        );
        assert_eq!(
            clean_link(Other, None, "mailto:a@b.vn"),
            Err(NotTheirs::NotALink)
        );
    }

    proptest! {
        #[test]
        fn nothing_panics_and_what_is_clean_stays(
            pasted in "(https?://)?(www\\.|m\\.)?(facebook\\.com|t\\.me|zalo\\.me|x\\.vn|fb\\.watch)(/(groups|posts|permalink|share|p|g|c|s|a_1|[0-9]{1,3}|\\PC{0,3})){0,5}(\\?\\PC{0,12})?|\\PC{0,30}",
            kind in proptest::sample::select(PlatformKind::ALL.to_vec()),
        ) {
            if let Ok(cleaned) = clean_link(kind, None, &pasted) {
                prop_assert_eq!(clean_link(kind, None, &cleaned.link), Ok(cleaned.clone()), "{}", pasted);
            }
        }
    }
}
