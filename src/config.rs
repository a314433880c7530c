//! What the person set: environment, folders and `firsthour.toml`.
//!
//! The process environment is read once, here, and handed down as a value;
//! nothing else in the crate asks for it, so tests can say what is set.

pub mod targets;

use crate::domain::failure::Failure;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The environment as it was when the program started. Values that are not
/// UTF-8 are left out.
#[derive(Debug, Clone, Default)]
pub struct Env {
    vars: BTreeMap<String, String>,
}

impl Env {
    /// Reads the process environment.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads it")]
    pub fn read() -> Self {
        let vars = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        Self { vars }
    }

    /// An environment for tests.
    pub fn of<const N: usize>(pairs: [(&str, &str); N]) -> Self {
        let vars = pairs
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        Self { vars }
    }

    /// A variable, if it is set and not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.vars
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// Whether colour is unwelcome (`NO_COLOR`, any value).
    pub fn no_color(&self) -> bool {
        self.get("NO_COLOR").is_some()
    }
}

/// Where things are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    /// Incident folders, one each.
    pub incidents: PathBuf,
    /// What can be fetched or built again.
    pub cache: PathBuf,
    /// `firsthour.toml` of this user.
    pub config_file: PathBuf,
}

impl Paths {
    /// The platform's folders; `FIRSTHOUR_HOME` puts all of them under one.
    pub fn find(env: &Env) -> Result<Self, Failure> {
        if let Some(home) = env.get("FIRSTHOUR_HOME") {
            return Ok(Self::under(Path::new(home)));
        }
        let dirs = directories::ProjectDirs::from("", "", "firsthour").ok_or_else(|| {
            Failure::new(
                "no folder for incidents was found",
                "the home folder of this user is not known",
                "set FIRSTHOUR_HOME to a folder you own",
            )
        })?;
        Ok(Self {
            incidents: dirs.data_dir().join("incidents"),
            cache: dirs.cache_dir().to_owned(),
            config_file: dirs.config_dir().join("firsthour.toml"),
        })
    }

    /// All folders under one root.
    pub fn under(root: &Path) -> Self {
        Self {
            incidents: root.join("incidents"),
            cache: root.join("cache"),
            config_file: root.join("firsthour.toml"),
        }
    }
}
