//! Addresses of posts on Facebook, in the many ways its sites and apps spell them.

use url::{Url, form_urlencoded};

use super::{Cleaned, NotTheirs, Site, all_digits, host, parameter, segments};

/// A Facebook post's address, taken apart.
struct FacebookPost {
    /// Group, Page or profile, where the address names it.
    place: Option<Place>,
    id: String,
    link: String,
}

#[derive(Debug, PartialEq)]
enum Place {
    Group(String),
    /// A Page or a profile: from outside they look alike.
    Own(String),
    /// A video or reel: it stands by itself, never in a group.
    Video,
}

pub(super) fn check(url: &Url, channel: Option<&Url>, site: Site) -> Result<Cleaned, NotTheirs> {
    let given = host(url);
    match given {
        // Meta's own short links; fb.watch is always a video's.
        "fb.me" => {
            return Err(NotTheirs::Shortened {
                host: given.to_owned(),
            });
        }
        "fb.watch" if site == Site::FacebookGroup => {
            return Err(NotTheirs::OtherKind { in_group: false });
        }
        "fb.watch" => {
            let code = segments(url)
                .first()
                .ok_or(NotTheirs::NotAPost { site })?
                .to_string();
            return Ok(Cleaned {
                link: format!("https://fb.watch/{code}/"),
                post: Some(format!("fb.watch/{code}")),
            });
        }
        // Leads out of Facebook.
        "l.facebook.com" | "lm.facebook.com" => {
            return Err(NotTheirs::Shortened {
                host: given.to_owned(),
            });
        }
        "facebook.com" | "fb.com" => {}
        // web., mbasic., touch., vi-vn. and others show the same.
        other if other.ends_with(".facebook.com") => {}
        other => {
            return Err(NotTheirs::OtherSite {
                host: other.to_owned(),
                site,
            });
        }
    }
    let post = facebook_post(url).ok_or(NotTheirs::NotAPost { site })?;
    let expected = channel.and_then(facebook_place);
    match (&post.place, site) {
        (Some(Place::Group(_)), Site::Facebook) => {
            return Err(NotTheirs::OtherKind { in_group: true });
        }
        (Some(Place::Own(_) | Place::Video), Site::FacebookGroup) => {
            return Err(NotTheirs::OtherKind { in_group: false });
        }
        (Some(Place::Group(given)), _) => same_place(given, &expected, |place| match place {
            Place::Group(name) => Some(name),
            _ => None,
        })?,
        (Some(Place::Own(given)), _) => same_place(given, &expected, |place| match place {
            Place::Own(name) => Some(name),
            _ => None,
        })?,
        (Some(Place::Video) | None, _) => {}
    }
    Ok(Cleaned {
        link: post.link,
        post: Some(post.id),
    })
}

/// A place has a number and may have a name; only two of the same kind can be compared. Dots in
/// names do not count on Facebook.
fn same_place(
    given: &str,
    expected: &Option<Place>,
    name: impl Fn(&Place) -> Option<&String>,
) -> Result<(), NotTheirs> {
    let Some(expected) = expected.as_ref().and_then(name) else {
        return Ok(());
    };
    let plain = |name: &str| name.replace('.', "").to_ascii_lowercase();
    if all_digits(given) != all_digits(expected) || plain(given) == plain(expected) {
        return Ok(());
    }
    Err(NotTheirs::OtherPlace {
        given: given.to_owned(),
        expected: expected.clone(),
    })
}

fn facebook_post(url: &Url) -> Option<FacebookPost> {
    const WWW: &str = "https://www.facebook.com";
    let in_group = |group: &str, id: &str| FacebookPost {
        place: Some(Place::Group(group.to_owned())),
        id: id.to_owned(),
        link: format!("{WWW}/groups/{group}/posts/{id}/"),
    };
    let nowhere = |id: String, link: String| FacebookPost {
        place: None,
        id,
        link,
    };
    match segments(url).as_slice() {
        ["groups", group, "posts" | "permalink", rest @ ..] => {
            Some(in_group(group, post_id(rest)?))
        }
        ["groups", group] => {
            let several = parameter(url, "multi_permalinks");
            let single = parameter(url, "view")
                .filter(|view| view == "permalink")
                .and_then(|_| parameter(url, "id"));
            let id = several.or(single)?;
            let id = id.split(',').next()?;
            all_digits(id).then(|| in_group(group, id))
        }
        ["groups", ..] | ["events", ..] => None,
        ["share", kind @ ("p" | "v" | "r"), code] => Some(nowhere(
            format!("share/{kind}/{code}"),
            format!("{WWW}/share/{kind}/{code}/"),
        )),
        ["share", code] => Some(nowhere(
            format!("share/{code}"),
            format!("{WWW}/share/{code}/"),
        )),
        // A group's posts have this form too, with the group's number as `id`.
        ["permalink.php" | "story.php"] => {
            let (story, of) = (parameter(url, "story_fbid")?, parameter(url, "id")?);
            let query = form_urlencoded::Serializer::new(String::new())
                .append_pair("story_fbid", &story)
                .append_pair("id", &of)
                .finish();
            Some(nowhere(story, format!("{WWW}/permalink.php?{query}")))
        }
        ["photo" | "photo.php"] => {
            let photo = parameter(url, "fbid")?;
            let mut query = form_urlencoded::Serializer::new(String::new());
            query.append_pair("fbid", &photo);
            if let Some(set) = parameter(url, "set") {
                query.append_pair("set", &set);
            }
            Some(nowhere(photo, format!("{WWW}/photo/?{}", query.finish())))
        }
        ["watch", ..] => {
            let id = parameter(url, "v").filter(|id| all_digits(id))?;
            let link = format!("{WWW}/watch/?v={id}");
            Some(FacebookPost {
                place: Some(Place::Video),
                id,
                link,
            })
        }
        ["reel", id, ..] => Some(FacebookPost {
            place: Some(Place::Video),
            id: (*id).to_owned(),
            link: format!("{WWW}/reel/{id}/"),
        }),
        [name, kind @ ("posts" | "videos" | "photos"), rest @ ..] => {
            let id = post_id(rest)?;
            Some(FacebookPost {
                place: Some(Place::Own((*name).to_owned())),
                id: id.to_owned(),
                link: format!("{WWW}/{name}/{kind}/{id}/"),
            })
        }
        // The Graph API's own id.
        [both] => {
            let (page, id) = both.split_once('_')?;
            (all_digits(page) && all_digits(id)).then(|| FacebookPost {
                place: Some(Place::Own(page.to_owned())),
                id: id.to_owned(),
                link: format!("{WWW}/{page}/posts/{id}/"),
            })
        }
        _ => None,
    }
}

/// The id at the end of `posts/…`: a number or `pfbid…`, perhaps after words of the post.
fn post_id<'a>(rest: &[&'a str]) -> Option<&'a str> {
    rest.iter()
        .rev()
        .find(|segment| all_digits(segment) || segment.starts_with("pfbid"))
        .copied()
}

/// The place that a channel's own address names.
fn facebook_place(url: &Url) -> Option<Place> {
    match segments(url).as_slice() {
        ["groups", group, ..] => Some(Place::Group((*group).to_owned())),
        ["profile.php"] => parameter(url, "id").map(Place::Own),
        // New profiles and Pages: the name is decoration, the number at the end counts.
        ["people" | "pages" | "p", .., last] => {
            let number = last.rsplit('-').next()?;
            all_digits(number).then(|| Place::Own(number.to_owned()))
        }
        [name] => Some(Place::Own((*name).to_owned())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::clean_link;
    use super::super::tests::taken;
    use super::*;
    use crate::model::PlatformKind::{FacebookGroup, FacebookPage, FacebookProfile};

    const GROUP: &str = "https://www.facebook.com/groups/atkchodon/";
    const PAGE: &str = "https://facebook.com/huyen.chodon";

    #[test]
    fn a_groups_post_is_known_in_all_its_spellings() {
        for pasted in [
            "https://www.facebook.com/groups/atkchodon/posts/123456/",
            "https://m.facebook.com/groups/atkchodon/permalink/123456/?mibextid=Nif5oz",
            "https://web.facebook.com/groups/atkchodon/?multi_permalinks=123456&hoisted_section_header_type=x",
            "http://mbasic.facebook.com/groups/ATKChoDon?view=permalink&id=123456&refid=18",
            "facebook.com/groups/atkchodon/posts/123456?__cft__[0]=AZX&__tn__=%2CO",
            "https://fb.com/groups/atkchodon/posts/123456",
            "Chợ Đồn đổi mới https://www.facebook.com/groups/atkchodon/posts/lam-duong/123456/?rdid=1#x",
        ] {
            let (link, post) = taken(FacebookGroup, GROUP, pasted);
            assert_eq!(
                link.to_lowercase(),
                "https://www.facebook.com/groups/atkchodon/posts/123456/"
            );
            assert_eq!(post.as_deref(), Some("123456"));
        }
        // The group by its number, or only a share link: taken at her word.
        for pasted in [
            "https://www.facebook.com/groups/998877/posts/123456/",
            "https://www.facebook.com/share/p/1AbCdEfG/?mibextid=oFDknk",
            "https://www.facebook.com/share/1AbCdEfG/",
            "https://m.facebook.com/story.php?story_fbid=pfbid0abc&id=998877&mibextid=x",
            "https://www.facebook.com/photo/?fbid=55&set=gm.66&__tn__=x",
        ] {
            let (link, _) = taken(FacebookGroup, GROUP, pasted);
            assert!(
                !link.contains("mibextid") && !link.contains("__tn__"),
                "{link}"
            );
        }
        assert_eq!(
            taken(
                FacebookGroup,
                GROUP,
                "https://www.facebook.com/share/p/1AbC/?x=y"
            ),
            (
                "https://www.facebook.com/share/p/1AbC/".to_owned(),
                Some("share/p/1AbC".to_owned())
            )
        );
    }

    #[test]
    fn what_is_no_post_of_the_group_is_refused_with_the_way_out() {
        let site = Site::FacebookGroup;
        let refused = |pasted| clean_link(FacebookGroup, Some(GROUP), pasted).unwrap_err();
        for pasted in [
            "",
            "đã đăng",
            "xem nhóm nhé",
            "https://",
            "localhost",
            "ftp://facebook.com/groups/a",
        ] {
            assert_eq!(refused(pasted), NotTheirs::NotALink, "{pasted}");
        }
        for pasted in [
            GROUP,
            "https://www.facebook.com/",
            "https://www.facebook.com/groups/",
            "https://www.facebook.com/groups/atkchodon/user/5/",
            "https://www.facebook.com/groups/atkchodon/posts/",
            "https://www.facebook.com/chodon",
        ] {
            assert_eq!(refused(pasted), NotTheirs::NotAPost { site }, "{pasted}");
        }
        assert_eq!(
            refused("https://www.facebook.com/groups/tinbackan/posts/1/"),
            NotTheirs::OtherPlace {
                given: "tinbackan".to_owned(),
                expected: "atkchodon".to_owned()
            }
        );
        for pasted in [
            "https://www.facebook.com/chodon/posts/1",
            "https://fb.watch/abc/",
            "https://www.facebook.com/reel/5",
            "https://www.facebook.com/watch/?v=5",
        ] {
            assert_eq!(
                refused(pasted),
                NotTheirs::OtherKind { in_group: false },
                "{pasted}"
            );
        }
        for pasted in [
            "https://fb.me/abc",
            "https://l.facebook.com/l.php?u=https%3A%2F%2Fx.vn",
        ] {
            assert!(
                matches!(refused(pasted), NotTheirs::Shortened { .. }),
                "{pasted}"
            );
        }
        for pasted in [
            "https://facebook.com.evil.vn/groups/a/posts/1",
            "https://zalo.me/g/a",
            "https://notfacebook.com/groups/a/posts/1",
        ] {
            assert!(
                matches!(refused(pasted), NotTheirs::OtherSite { .. }),
                "{pasted}"
            );
        }
    }

    #[test]
    fn a_pages_or_profiles_post_is_known() {
        for (pasted, link) in [
            (
                "https://m.facebook.com/huyenchodon/posts/pfbid02abc?locale=vi_VN",
                "https://www.facebook.com/huyenchodon/posts/pfbid02abc/",
            ),
            (
                "https://www.facebook.com/huyen.chodon/posts/lam-duong/123",
                "https://www.facebook.com/huyen.chodon/posts/123/",
            ),
            (
                "https://www.facebook.com/111_222",
                "https://www.facebook.com/111/posts/222/",
            ),
            (
                "https://www.facebook.com/permalink.php?story_fbid=222&id=111&ref=x",
                "https://www.facebook.com/permalink.php?story_fbid=222&id=111",
            ),
            (
                "https://www.facebook.com/huyenchodon/photos/a.1/222/",
                "https://www.facebook.com/huyenchodon/photos/222/",
            ),
            (
                "https://www.facebook.com/reel/5/?s=x",
                "https://www.facebook.com/reel/5/",
            ),
            (
                "https://fb.watch/aB-c/?mibextid=x",
                "https://fb.watch/aB-c/",
            ),
        ] {
            assert_eq!(taken(FacebookPage, PAGE, pasted).0, link);
            assert_eq!(taken(FacebookProfile, PAGE, pasted).0, link);
        }
        assert_eq!(
            clean_link(
                FacebookPage,
                Some(PAGE),
                "https://www.facebook.com/groups/a/posts/1/"
            ),
            Err(NotTheirs::OtherKind { in_group: true })
        );
        assert!(matches!(
            clean_link(
                FacebookProfile,
                Some("https://www.facebook.com/profile.php?id=5"),
                "https://www.facebook.com/6/posts/1"
            ),
            Err(NotTheirs::OtherPlace { .. })
        ));
    }
}
