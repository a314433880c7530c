//! A named environment, once it was found.

use crate::domain::zone::Zone;
use crate::providers::postgres::ConnectSettings;
use chrono::{DateTime, Utc};
use std::path::PathBuf;

/// Roles that stand for the usual principals where they have other names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PrincipalNames {
    pub anonymous: Option<String>,
    pub signed_in: Option<String>,
    pub service: Option<String>,
}

/// A named environment.
#[derive(Debug, Clone)]
pub struct Target {
    /// What a person types to approve a change: the name in the file, or
    /// `database@host`.
    pub name: String,
    pub settings: ConnectSettings,
    /// Where it was found, as messages say it.
    pub source: String,
    /// What the person should know about how it was given.
    pub warnings: Vec<String>,
    /// Logins of applications, to be probed as such.
    pub app_roles: Vec<String>,
    pub tenant_column: Option<String>,
    /// Whether a person marked it as one where changes may be tried.
    pub staging: bool,
    pub principals: PrincipalNames,
    /// Where its logs are, when the file says so.
    pub logs: Option<TargetLogs>,
}

/// Where a target's logs are, and what is known besides them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TargetLogs {
    pub paths: Vec<PathBuf>,
    pub release_at: Option<DateTime<Utc>>,
    pub users: Option<PathBuf>,
    pub customers: Option<PathBuf>,
    pub routes: Option<PathBuf>,
    /// What times without a zone are taken as.
    pub zone: Option<Zone>,
}

impl Target {
    /// A target of which only the connection is known; without a name it is
    /// called `database@host`.
    pub(super) fn plain(name: Option<&str>, settings: ConnectSettings, source: String) -> Self {
        let derived = format!("{}@{}", settings.database, settings.host.shown());
        Self {
            name: name.map_or(derived, str::to_owned),
            settings,
            source,
            warnings: Vec::new(),
            app_roles: Vec::new(),
            tenant_column: None,
            staging: false,
            principals: PrincipalNames::default(),
            logs: None,
        }
    }
}
