//! The words for the model's own names. The same word everywhere.

use crate::model::evergreen::Over;
use crate::model::share::Removal;
use crate::model::{By, Cause, How, Mode, PlatformKind, Role, State, Why};

use super::Lang;

impl Lang {
    /// Where a share is. `how`: of a Shared one, how it went out, since by hand it is called otherwise.
    pub fn state(self, state: State, how: Option<How>) -> &'static str {
        match (state, how) {
            (State::Shared, Some(how)) => self.word("shared", how.as_str()),
            _ => self.word("state", state.as_str()),
        }
    }

    /// Why a share is where it is, without the detail.
    pub fn cause(self, cause: Cause) -> &'static str {
        self.word("cause", cause_name(cause))
    }

    /// Why a share is where it is, with the platform's or the person's words.
    pub fn why(self, why: &Why) -> String {
        match &why.detail {
            Some(detail) => self.fill(
                "why.with-detail",
                &[
                    ("cause", &self.cause(why.cause)),
                    ("detail", &self.detail(why.cause, detail)),
                ],
            ),
            None => self.cause(why.cause).to_owned(),
        }
    }

    /// What a person wrote stays as she wrote it; a sender's English is told in the reader's words.
    fn detail(self, cause: Cause, detail: &str) -> String {
        match cause {
            Cause::Person | Cause::SentBack | Cause::Paused | Cause::NotDone => detail.to_owned(),
            _ => self.sender(detail),
        }
    }

    /// Who does the sharing on a channel.
    pub fn mode(self, mode: Mode) -> &'static str {
        self.word("mode", mode.as_str())
    }

    /// A kind of place.
    pub fn platform(self, platform: PlatformKind) -> &'static str {
        self.word("platform", platform.as_str())
    }

    /// What a member may do.
    pub fn role(self, role: Role) -> &'static str {
        self.word("role", role.as_str())
    }

    /// How a counted share went out.
    pub fn how(self, how: How) -> &'static str {
        self.word("how", how.as_str())
    }

    /// Why an article comes round no more.
    pub fn over(self, over: Over) -> &'static str {
        self.text(match over {
            Over::TakenDown => "evergreen.taken-down",
            Over::AtMost => "evergreen.at-most",
            Over::Until => "evergreen.until-over",
        })
    }

    /// Where a take-down is.
    pub fn removal(self, removal: Removal) -> &'static str {
        let name = match removal {
            Removal::Asked => "asked",
            Removal::Deleting => "deleting",
            Removal::ByHand => "by-hand",
        };
        self.word("removal", name)
    }

    /// Who did it. Members by their id, since their names are private.
    pub fn by(self, by: &By) -> String {
        match by {
            By::Member(id) | By::Local(_, Some(id)) => id.to_string(),
            By::Local(_, None) => self.text("by.operator").to_owned(),
            By::Daemon => self.text("by.daemon").to_owned(),
        }
    }
}

/// As the ledger and the API spell it.
fn cause_name(cause: Cause) -> &'static str {
    match cause {
        Cause::DayFull => "day-full",
        Cause::Gap => "gap",
        Cause::Repeat => "repeat",
        Cause::Paused => "paused",
        Cause::Hours => "hours",
        Cause::TimePassed => "time-passed",
        Cause::NotDone => "not-done",
        Cause::Unreachable => "unreachable",
        Cause::Throttled => "throttled",
        Cause::Blocked => "blocked",
        Cause::Unauthorized => "unauthorized",
        Cause::Refused => "refused",
        Cause::GaveUp => "gave-up",
        Cause::NoAnswer => "no-answer",
        Cause::NotPosted => "not-posted",
        Cause::CannotTell => "cannot-tell",
        Cause::Edited => "edited",
        Cause::SentBack => "sent-back",
        Cause::Person => "person",
        Cause::Held => "held",
        Cause::ChannelGone => "channel-gone",
        Cause::ModeChanged => "mode-changed",
        Cause::Unpostable => "unpostable",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every variant, by reading the catalogue's keys back through serde: a new variant without a
    /// word fails to compile in `cause_name`, a word without a variant fails here.
    #[test]
    fn the_catalogue_has_just_the_models_words() {
        for lang in Lang::ALL {
            let names = |family: &str| -> Vec<String> {
                lang.catalogue()
                    .entries()
                    .filter_map(|(key, _)| {
                        Some(key.strip_prefix(&format!("{family}."))?.to_owned())
                    })
                    .collect()
            };
            let known = |family: &str, is_one: &dyn Fn(serde_json::Value) -> bool| {
                for name in names(family) {
                    assert!(
                        is_one(name.clone().into()),
                        "{lang}: {family}.{name} names nothing"
                    );
                }
            };
            fn is<T: serde::de::DeserializeOwned>(name: serde_json::Value) -> bool {
                serde_json::from_value::<T>(name).is_ok()
            }
            known("state", &is::<State>);
            known("shared", &is::<How>);
            known("cause", &is::<Cause>);
            known("mode", &is::<Mode>);
            known("platform", &is::<PlatformKind>);
            known("role", &is::<Role>);
            known("how", &is::<How>);
            known("removal", &is::<Removal>);

            assert_eq!(names("state").len(), State::ALL.len());
            assert_eq!(names("platform").len(), PlatformKind::ALL.len());
            assert_eq!(names("role").len(), Role::ALL.len());
            assert_eq!(names("cause").len(), 23);
            for (family, len) in [("how", 4), ("shared", 4), ("mode", 3), ("removal", 3)] {
                assert_eq!(names(family).len(), len, "{lang}: {family}");
            }
        }
    }

    #[test]
    fn a_cause_is_named_as_the_ledger_names_it() {
        for (key, _) in Lang::En.catalogue().entries() {
            if let Some(name) = key.strip_prefix("cause.") {
                let cause: Cause = serde_json::from_value(name.into()).unwrap();
                assert_eq!(cause_name(cause), name);
            }
        }
    }

    #[test]
    fn shared_by_hand_is_called_otherwise() {
        assert_eq!(Lang::Vi.state(State::Shared, Some(How::Auto)), "đã đăng");
        assert_eq!(
            Lang::Vi.state(State::Shared, Some(How::ByHand)),
            "đã chia sẻ"
        );
        assert_eq!(Lang::Vi.state(State::Planned, None), "sẽ đăng");
    }

    #[test]
    fn a_detail_follows_the_cause() {
        let why = Why::with(Cause::SentBack, "thiếu ảnh");
        assert_eq!(Lang::Vi.why(&why), "người duyệt trả lại: thiếu ảnh");
        assert_eq!(
            Lang::En.why(&Why::new(Cause::Gap)),
            "keeping its distance from the one before"
        );
    }
}
