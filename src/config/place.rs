//! Where the files are: `--config`, `--data`, and what holds without them.

use std::path::{Path, PathBuf};

/// Looked for where nothing is named: first here, then for the whole machine.
pub const HERE: &str = "raotin.toml";
/// Where a service finds its configuration (FHS 3.0, `/etc`).
pub const MACHINE: &str = "/etc/raotin/raotin.toml";
/// The data folder beside the configuration.
pub const DATA: &str = "data";

/// Where an office's files are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// `raotin.toml`; `schedules/` lies beside it.
    pub config: PathBuf,
    /// The data folder.
    pub data: PathBuf,
}

impl Place {
    /// From what was named (`--config` or RAOTIN_CONFIG, `--data` or RAOTIN_DATA). `exists` asks the
    /// machine. Where no file is found, `./raotin.toml` is the one that is missing.
    pub fn find(
        config: Option<&Path>,
        data: Option<&Path>,
        exists: impl Fn(&Path) -> bool,
    ) -> Self {
        let config = config.map(Path::to_owned).unwrap_or_else(|| {
            let machine = !exists(Path::new(HERE)) && exists(Path::new(MACHINE));
            PathBuf::from(if machine { MACHINE } else { HERE })
        });
        let beside = || config.parent().unwrap_or(Path::new("")).join(DATA);
        let data = data.map(Path::to_owned).unwrap_or_else(beside);
        Self { config, data }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(config: Option<&str>, data: Option<&str>, there: &[&str]) -> (String, String) {
        let there = |path: &Path| there.iter().any(|p| Path::new(p) == path);
        let place = Place::find(config.map(Path::new), data.map(Path::new), there);
        let text = |path: PathBuf| path.display().to_string();
        (text(place.config), text(place.data))
    }

    #[test]
    fn what_is_named_holds_then_here_then_the_machine() {
        let pair = |config: &str, data: &str| (config.to_owned(), data.to_owned());
        let both = [HERE, MACHINE];
        assert_eq!(found(None, None, &both), pair("raotin.toml", "data"));
        assert_eq!(
            found(None, None, &[MACHINE]),
            pair(MACHINE, "/etc/raotin/data")
        );
        assert_eq!(found(None, None, &[]), pair("raotin.toml", "data"));
        assert_eq!(
            found(Some("office/x.toml"), None, &both),
            pair("office/x.toml", "office/data")
        );
        assert_eq!(
            found(None, Some("/srv/d"), &both),
            pair("raotin.toml", "/srv/d")
        );
    }
}
