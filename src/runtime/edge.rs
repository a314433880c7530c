//! The way to the target: a lab of ours in a drill, the configured database
//! when live. The two are built from different parts, so a drill has no road
//! to anything live, nor a live incident one to a lab.

use super::desk::Desk;
use super::setup::Setup;
use crate::config::Env;
use crate::config::targets::Target;
use crate::domain::failure::Failure;
use crate::domain::secret::Secret;
use crate::drill::account::Account;
use crate::drill::fetch;
use crate::drill::lab::{Lab, Recipe, Site};
use crate::drill::postgres::{Look, PgBin};
use crate::investigate::check::{LogReach, Naming, Practice, Reach};
use crate::investigate::database::reads::Watcher;
use crate::providers::postgres::Session;
use chrono::DateTime;
use std::sync::Arc;

/// The name a drill's target goes by, and what is typed to approve there.
const LAB: &str = "lab";

/// What a target is called while it is not known which database is meant.
pub const UNKNOWN_TARGET: &str = "unknown";

/// A target with what is known about the way there.
#[derive(Debug)]
pub struct Edge {
    target: String,
    reach: Reach,
    warnings: Vec<String>,
    /// Leave to try drafts; a live target that is not staging gives none.
    practice: Option<Practice>,
    /// The connection of a watch. Looks take turns at it.
    watcher: tokio::sync::Mutex<Option<Watcher>>,
    /// Held so that the lab goes down with the edge.
    _lab: Option<Lab>,
}

impl Edge {
    /// Builds the lab of a drill and the way into it.
    pub fn lab(setup: &Setup, desk: &Desk, recipe: &Recipe<'_>) -> Result<Arc<Self>, Failure> {
        let lab = if let Some(url) = &setup.drill.target {
            wait(Lab::on_target(recipe, &Secret::new(url.clone())))?
        } else {
            let cache = Account::for_server().cache(&setup.paths.cache)?;
            let bin = server(setup, desk, &cache)?;
            desk.progress(0, 0, "building the lab");
            let site = Site {
                bin: &bin,
                cache: &cache,
                guard: setup.program.as_deref(),
            };
            wait(Lab::start(recipe, &site))?
        };
        for line in lab.cleaned() {
            desk.progress(0, 0, line);
        }
        let settings =
            Target::resolve(Some(lab.url().expose()), &Env::default(), &setup.paths)?.settings;
        let mut reach = Reach::new(settings);
        reach.logs = logs_of(&lab);
        Ok(Arc::new(Self {
            target: LAB.to_owned(),
            reach,
            warnings: Vec::new(),
            practice: Some(Practice::in_lab(LAB)),
            watcher: tokio::sync::Mutex::default(),
            _lab: Some(lab),
        }))
    }

    /// Resolves the live target and looks at what its login could do, before
    /// the first query of any check. A target that does not answer now may do
    /// so later: that is a warning, and each job tries again.
    ///
    /// # Errors
    /// When it is not known which database is meant.
    pub fn live(setup: &Setup, desk: &Desk, asked: Option<&str>) -> Result<Arc<Self>, Failure> {
        let target = Target::resolve(asked, &setup.env, &setup.paths)?;
        desk.progress(0, 0, &format!("connecting to {}", target.settings.shown()));
        let guard = wait(async {
            let session = Session::connect(&target.settings).await?;
            session.guard().await
        });
        let mut warnings = target.warnings.clone();
        match guard.map_err(Failure::from) {
            Ok(guard) => warnings.extend(guard.warnings()),
            Err(failure) => warnings.push(format!(
                "{} does not answer now: {failure}. {}",
                target.name, failure.hint
            )),
        }
        Ok(Arc::new(Self {
            practice: Practice::on(&target.name, target.staging).ok(),
            target: target.name.clone(),
            reach: reach_of(target),
            warnings,
            watcher: tokio::sync::Mutex::default(),
            _lab: None,
        }))
    }

    /// The way back to the target an incident was opened on. The environment
    /// may name another one by now; then there is no way, and it is said.
    ///
    /// # Errors
    /// When it is not known which database is meant, or it is another one.
    pub fn live_again(setup: &Setup, desk: &Desk, opened_on: &str) -> Result<Arc<Self>, Failure> {
        let named = !opened_on.contains('@') && opened_on != UNKNOWN_TARGET;
        let asked = setup.live.target.as_deref();
        let edge = Self::live(setup, desk, asked.or(named.then_some(opened_on)))?;
        if opened_on == UNKNOWN_TARGET || edge.target == opened_on {
            return Ok(edge);
        }
        Err(Failure::new(
            "nothing can be run on the target",
            format!(
                "this incident was opened on {opened_on}, and what is configured now is {}",
                edge.target
            ),
            "resume it with --target and the name or address it was opened with",
        ))
    }

    /// The target's name, as typed to approve a plan.
    pub fn target(&self) -> &str {
        &self.target
    }

    /// What checks may reach.
    pub const fn reach(&self) -> &Reach {
        &self.reach
    }

    /// What everyone must know about the connection.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// The leave to try drafted fixes, if there is one.
    pub const fn practice(&self) -> Option<&Practice> {
        self.practice.as_ref()
    }

    /// The place of the watch's connection.
    pub const fn watcher(&self) -> &tokio::sync::Mutex<Option<Watcher>> {
        &self.watcher
    }

    /// A fresh connection: a pooled one could be dead without saying so.
    pub async fn connect(&self) -> Result<Session, Failure> {
        Ok(Session::connect(&self.reach.database).await?)
    }
}

/// What the app of a lab logged; a lab on somebody's server has no logs.
fn logs_of(lab: &Lab) -> Option<LogReach> {
    let folder = lab.logs()?;
    Some(LogReach {
        paths: vec![folder.join("logs")],
        release_at: lab
            .story()
            .map(|story| DateTime::from_timestamp_nanos(story.release)),
        users: Some(folder.join("users.csv")),
        customers: Some(folder.join("customers.csv")),
        routes: Some(folder.join("routes.json")),
        zone: None,
        now: Some(super::clock::now()),
    })
}

/// What checks may reach on a configured target, under the names it gives.
pub fn reach_of(target: Target) -> Reach {
    let mut reach = Reach::new(target.settings);
    reach.naming = Naming {
        anonymous: target.principals.anonymous,
        signed_in: target.principals.signed_in,
        service: target.principals.service,
        applications: target.app_roles,
        tenant_column: target.tenant_column,
    };
    reach.logs = target.logs.map(|logs| LogReach {
        paths: logs.paths,
        release_at: logs.release_at,
        users: logs.users,
        customers: logs.customers,
        routes: logs.routes,
        zone: logs.zone,
        now: Some(super::clock::now()),
    });
    reach
}

/// The Postgres a lab runs on; fetched only in a drill, and only if allowed.
fn server(setup: &Setup, desk: &Desk, cache: &std::path::Path) -> Result<PgBin, Failure> {
    let look = Look {
        named: setup.env.get("FIRSTHOUR_PG_BIN"),
        cache,
        path: setup.env.get("PATH"),
    };
    fetch::ready(&look, setup.drill.fetch, &mut |line| {
        desk.progress(0, 0, line);
    })
}

/// Waits on the thread of a blocking job.
fn wait<F: Future>(work: F) -> F::Output {
    tokio::runtime::Handle::current().block_on(work)
}
