//! Channels and people as lists write them → those we know.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::config::Config;
use crate::intake::fold::folded;
use crate::intake::rows::names;
use crate::model::{Actor, ChannelId, MemberId, PlatformKind, UnitId};
use crate::office::{Invalid, Office, OfficeError, What};

/// What a row was judged by, and would be again: looked up once for a whole file.
pub(in crate::office) struct Known {
    pub(super) config: Arc<Config>,
    /// Every channel there is or was.
    channels: Vec<Place>,
    /// Names that a person explained, folded.
    explained: HashMap<String, ChannelId>,
    /// Id → unit.
    members: BTreeMap<MemberId, Option<UnitId>>,
    /// Folded name → id; none where two have it.
    names: HashMap<String, Option<MemberId>>,
}

pub(super) struct Place {
    pub(super) id: ChannelId,
    title: String,
    folded: String,
    pub(super) platform: PlatformKind,
    pub(super) url: Option<String>,
}

impl Office {
    /// What rows are judged by. `explained`: names of channels as written, with what they mean.
    pub(in crate::office) fn known_places(
        &self,
        actor: &Actor,
        explained: &BTreeMap<String, ChannelId>,
    ) -> Result<Known, OfficeError> {
        let config = self.config();
        let channels = self.store.channels()?.into_iter().map(|state| {
            let rules = config.channel(&state.id).map(|c| &c.rules);
            let title = rules.map_or(state.title, |r| r.title.clone());
            Place {
                folded: folded(&title),
                title,
                platform: rules.map_or(state.platform, |r| r.platform),
                url: rules.and_then(|r| r.url.clone()),
                id: state.id,
            }
        });
        let channels = channels.collect();
        let (mut members, mut names) = (BTreeMap::new(), HashMap::new());
        for (member, name) in self.members(actor)? {
            if let Some(name) = name.map(|n| folded(&n)).filter(|n| !n.is_empty()) {
                let id = member.id.clone();
                names
                    .entry(name)
                    .and_modify(|first| *first = None)
                    .or_insert(Some(id));
            }
            members.insert(member.id, member.unit);
        }
        let explained = explained.iter();
        Ok(Known {
            channels,
            explained: explained.map(|(k, id)| (folded(k), id.clone())).collect(),
            members,
            names,
            config,
        })
    }
}

impl Known {
    /// The channels that a cell names: one whose title is all of it, else several with `,` or `;` between.
    pub(super) fn places(&self, cell: &str) -> Result<Vec<&Place>, OfficeError> {
        if let Some(place) = self.place(cell) {
            return Ok(vec![place]);
        }
        let mut places: Vec<&Place> = Vec::new();
        for name in names(cell) {
            let place = self.place(&name).ok_or_else(|| {
                let ids = self.channels.iter().map(|c| c.id.as_str());
                let titles = self.channels.iter().map(|c| c.title.as_str());
                OfficeError::unknown(What::Channel, &name, ids.chain(titles))
            })?;
            if !places.iter().any(|p| p.id == place.id) {
                places.push(place);
            }
        }
        if places.is_empty() {
            return Err(OfficeError::invalid("channels", Invalid::NoChannel));
        }
        Ok(places)
    }

    fn place(&self, name: &str) -> Option<&Place> {
        let plain = folded(name);
        if let Some(id) = self.explained.get(&plain) {
            return self.channels.iter().find(|c| c.id == *id);
        }
        if let Some(place) = self.channels.iter().find(|c| c.id.as_str() == name) {
            return Some(place);
        }
        let mut titled = self.channels.iter().filter(|c| c.folded == plain);
        // A title that two have names neither.
        titled.next().filter(|_| titled.next().is_none())
    }

    /// Whose share it counts as, her unit, and the name as written where it is nobody's.
    pub(super) fn who(
        &self,
        written: Option<&str>,
    ) -> (Option<MemberId>, Option<UnitId>, Option<String>) {
        let Some(written) = written else {
            return (None, None, None);
        };
        let by_id = MemberId::new(written)
            .ok()
            .filter(|id| self.members.contains_key(id));
        let member = by_id.or_else(|| self.names.get(&folded(written)).cloned().flatten());
        match member {
            Some(id) => {
                let unit = self.members.get(&id).cloned().flatten();
                (Some(id), unit, None)
            }
            None => (None, None, Some(written.to_owned())),
        }
    }
}
