//! What a session was started with: the environment, the folders, and what
//! was asked for on the command line.

use super::actor::actor;
use super::clock::now;
use super::readiness;
use crate::app::model::Abilities;
use crate::config::{Env, Paths};
use crate::contain;
use crate::domain::entry::Actor;
use crate::investigate;
use crate::playbooks;
use std::path::PathBuf;

/// A drill, as asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DrillOrder {
    pub playbook: String,
    /// The id of a leak to practise; without one the seed chooses.
    pub leak: Option<String>,
    pub seed: Option<u64>,
    /// An empty database on this machine, instead of a server of our own.
    pub target: Option<String>,
    /// Whether a Postgres may be fetched when none is installed.
    pub fetch: bool,
}

/// A live incident, as asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveOrder {
    pub playbook: String,
    pub target: Option<String>,
    pub title: Option<String>,
}

/// Everything a session was started with.
#[derive(Debug, Clone)]
pub struct Setup {
    pub env: Env,
    pub paths: Paths,
    pub drill: DrillOrder,
    pub live: LiveOrder,
    pub read_only: bool,
    pub plain: bool,
    /// This program, for the lab's guard.
    pub program: Option<PathBuf>,
}

impl Setup {
    /// The defaults: the first shipped playbook, the configured target.
    pub fn new(env: &Env, paths: &Paths) -> Self {
        let playbook = playbooks::shipped()
            .first()
            .map_or_else(String::new, |shipped| shipped.name.to_owned());
        Self {
            env: env.clone(),
            paths: paths.clone(),
            drill: DrillOrder {
                playbook: playbook.clone(),
                leak: None,
                seed: None,
                target: None,
                fetch: true,
            },
            live: LiveOrder {
                playbook,
                target: None,
                title: None,
            },
            read_only: false,
            plain: false,
            program: std::env::current_exe().ok(),
        }
    }

    /// Who writes into the journal.
    pub fn actor(&self) -> Actor {
        actor(&self.env, if self.plain { "plain" } else { "tui" })
    }

    /// What this build can do by itself, for the model.
    pub fn abilities() -> Abilities {
        Abilities {
            checks: investigate::specs(),
            actions: contain::ACTIONS
                .iter()
                .map(|action| *action.spec())
                .collect(),
        }
    }

    /// The same, for the playbook lint.
    pub fn playbook_abilities() -> playbooks::Abilities {
        let abilities = Self::abilities();
        playbooks::Abilities {
            checks: abilities.checks,
            actions: abilities.actions,
        }
    }

    /// What is ready and what is missing, as lines.
    pub fn doctor(&self) -> Vec<String> {
        let report = readiness::examine(&self.env, &self.paths, now());
        readiness::text(&report)
            .lines()
            .map(str::to_owned)
            .collect()
    }
}
