//! Sites whose links have forms of their own: those that lead on, videos, posts.

use url::{Host, Url};

use super::{page_host, parameter, web_address};

/// The address that a redirecting one carries within itself.
pub(super) fn wrapped(url: &Url) -> Option<Url> {
    let host = page_host(url.host_str()?);
    let named = |name: &str| parameter(url, name).and_then(|value| web_address(&value));
    let google = host.starts_with("google.") && host.split('.').count() <= 3;
    match (host, url.path()) {
        (
            "l.facebook.com" | "lm.facebook.com" | "l.messenger.com" | "l.instagram.com"
            | "l.threads.net" | "l.threads.com",
            "/" | "/l.php",
        ) => named("u"),
        ("youtube.com", "/redirect") => named("q"),
        (_, "/url") if google => named("q").or_else(|| named("url")),
        (_, path) if google => within_path(path.strip_prefix("/amp/")?, url),
        (cache, path)
            if [".cdn.ampproject.org", ".bing-amp.com"]
                .iter()
                .any(|end| cache.ends_with(end))
                || cache == "cdn.ampproject.org" =>
        {
            // A document, or one with its viewer.
            let rest = path
                .strip_prefix("/c/")
                .or_else(|| path.strip_prefix("/v/"))?;
            within_path(rest, url)
        }
        _ => None,
    }
}

/// Whether a key is of a site whose addresses have forms of their own.
pub(super) fn is_known(key: &str) -> bool {
    const HOSTS: [&str; 8] = [
        "google.",
        "youtu",
        "facebook.",
        "messenger.",
        "instagram.",
        "threads.",
        "ampproject.",
        "bing-amp.",
    ];
    let host = key.split('/').next().unwrap_or_default();
    HOSTS.iter().any(|known| host.contains(known))
}

/// `s/HOST/PATH`, or without `s/` where it is not over https.
fn within_path(rest: &str, url: &Url) -> Option<Url> {
    let rest = rest.strip_prefix("s/").unwrap_or(rest);
    let query = url
        .query()
        .map_or(String::new(), |query| format!("?{query}"));
    let inner = web_address(&format!("https://{rest}{query}"))?;
    matches!(inner.host(), Some(Host::Domain(name)) if name.contains('.')).then_some(inner)
}

/// A video on YouTube: `youtube.com/watch?v=ID`. Where in it and in which list it was watched is left
/// out: it is the same video.
pub(super) fn video(host: &str, path: &[String], url: &Url) -> Option<String> {
    let parts: Vec<&str> = path.iter().map(String::as_str).collect();
    let id = match (host, parts.as_slice()) {
        ("youtu.be", [id]) => (*id).to_owned(),
        ("youtube.com" | "music.youtube.com", ["watch"]) => parameter(url, "v")?,
        ("youtube.com" | "youtube-nocookie.com", ["shorts" | "live" | "embed" | "v", id]) => {
            (*id).to_owned()
        }
        _ => return None,
    };
    // YouTube's ids are 64 bits in the base64 of addresses.
    let whole = id.len() == 11
        && id
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
    whole.then(|| format!("youtube.com/watch?v={id}"))
}

/// What Facebook shows: a post as `PLACE/posts/ID`, a video as `watch?v=ID`, a picture as
/// `photo?fbid=ID`, in whatever of its sites and however it is spelled. A Page's name and its number
/// cannot be told to be the same: their posts have two keys.
pub(super) fn facebook(host: &str, path: &[String], url: &Url) -> Option<String> {
    const HOST: &str = "facebook.com";
    let site = match host {
        "facebook.com" | "fb.com" => "",
        _ => host.strip_suffix(".facebook.com")?,
    };
    // `vi-vn.` and other languages; what developers., business. and others show is something else.
    let language = site.len() == 5 && site.as_bytes()[2] == b'-';
    if !(matches!(site, "" | "web" | "mbasic" | "touch") || language) {
        return None;
    }
    let number = |id: &str| !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit());
    let id_in = |rest: &[&str]| {
        let mut ids = rest.iter().rev();
        let id = ids.find(|part| number(part) || part.starts_with("pfbid"));
        id.map(|id| (*id).to_owned())
    };
    let asked =
        |name: &str| parameter(url, name).filter(|id| number(id) || id.starts_with("pfbid"));
    // Neither dots nor capitals count in names.
    let plain = |name: &str| name.replace('.', "").to_ascii_lowercase();
    let post = |place: &str, id: String| format!("{HOST}/{}/posts/{id}", plain(place));
    let group = |place: &str, id: String| format!("{HOST}/groups/{}/posts/{id}", plain(place));
    let video = |id: String| format!("{HOST}/watch?v={id}");
    let photo = |id: String| format!("{HOST}/photo?fbid={id}");
    let parts: Vec<&str> = path.iter().map(String::as_str).collect();
    let found = match parts.as_slice() {
        ["groups", place, "posts" | "permalink", rest @ ..] => {
            id_in(rest).map(|id| group(place, id))
        }
        // As notices and the old site for phones spell it.
        ["groups", place] => asked("multi_permalinks")
            .or_else(|| {
                asked("id").filter(|_| parameter(url, "view").as_deref() == Some("permalink"))
            })
            .map(|id| group(place, id)),
        ["groups", ..] | ["events", ..] => None,
        ["permalink.php" | "story.php"] => Some(post(&asked("id")?, asked("story_fbid")?)),
        ["photo" | "photo.php"] => asked("fbid").map(photo),
        ["watch" | "video.php", ..] => asked("v").map(video),
        ["reel", id, ..] if number(id) => Some(video((*id).to_owned())),
        [_, "videos", rest @ ..] => id_in(rest).map(video),
        [_, "photos", rest @ ..] => id_in(rest).map(photo),
        [place, "posts", rest @ ..] => id_in(rest).map(|id| post(place, id)),
        // The Graph API's own id.
        [both] => both
            .split_once('_')
            .filter(|(page, id)| number(page) && number(id))
            .map(|(page, id)| post(page, id.to_owned())),
        _ => None,
    };
    // What has no form of its own is at least on one site.
    found.or_else(|| {
        let known = matches!(parts.first(), Some(&("share" | "events")));
        known.then(|| format!("{HOST}/{}", parts.join("/")))
    })
}
