//! What says nearly the same, as pages show it.

use super::Faces;
use crate::lang::Lang;
use crate::office::similar::Similar;

/// An article that says nearly the same.
pub(super) struct Alike {
    pub(super) article: String,
    pub(super) title: String,
    pub(super) where_and_when: String,
}

pub(super) fn alike(faces: &Faces, lang: Lang, similar: &[Similar]) -> Vec<Alike> {
    let alike = similar.iter().map(|s| Alike {
        article: s.article.to_string(),
        title: s.title.clone(),
        where_and_when: faces.site.office.tell_similar(lang, s),
    });
    alike.collect()
}
