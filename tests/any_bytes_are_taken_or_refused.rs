//! Whatever comes in from outside keeps the promises of `fuzz/promises`: here those files that fuzzing
//! found to go furthest, or that broke a promise once.

use std::path::Path;

#[path = "../fuzz/promises/charset.rs"]
mod charset;
#[path = "../fuzz/promises/csv.rs"]
mod csv;
#[path = "../fuzz/promises/feed.rs"]
mod feed;
#[path = "../fuzz/promises/html.rs"]
mod html;
#[path = "../fuzz/promises/link.rs"]
mod link;
#[path = "../fuzz/promises/picture.rs"]
mod picture;
#[path = "../fuzz/promises/template.rs"]
mod template;
#[path = "../fuzz/promises/xlsx.rs"]
mod xlsx;

/// How a target's promises are held; falls over where one is broken.
type Hold = fn(&[u8]);

/// Every target.
const TARGETS: [(&str, Hold); 8] = [
    ("charset", charset::hold),
    ("csv", csv::hold),
    ("feed", feed::hold),
    ("html", html::hold),
    ("link", link::hold),
    ("picture", picture::hold),
    ("template", template::hold),
    ("xlsx", xlsx::hold),
];

/// What a target's files may weigh together: they are read by everybody who clones the repository.
const MOST_BYTES: u64 = 256 << 10;

#[test]
fn every_kept_file_holds_its_promises() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    for (target, hold) in TARGETS {
        let (mut files, mut bytes) = (0, 0);
        for file in std::fs::read_dir(corpus.join(target)).expect(target) {
            let path = file.expect(target).path();
            let content = std::fs::read(&path).expect(target);
            bytes += content.len() as u64;
            files += 1;
            let held = std::panic::catch_unwind(|| hold(&content));
            assert!(held.is_ok(), "{}", path.display());
        }
        assert!(files > 0, "{target}: nothing was read");
        assert!(bytes <= MOST_BYTES, "{target}: {bytes} bytes");
    }
}

#[test]
fn every_target_is_known_here() {
    let mut kept: Vec<String> =
        std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/fuzz_targets"))
            .expect("targets")
            .map(|file| file.expect("a target").path())
            .map(|path| {
                path.file_stem()
                    .expect("a name")
                    .to_string_lossy()
                    .into_owned()
            })
            .collect();
    kept.sort();
    assert_eq!(kept, TARGETS.map(|(name, _)| name));
}
