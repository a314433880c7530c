//! The commands that open a session: home, start, drill, resume, review.

use super::world::World;
use crate::app::effect::Effect;
use crate::app::model::{JobKind, Model};
use crate::domain::failure::Failure;
use crate::runtime::session;
use crate::runtime::setup::{DrillOrder, LiveOrder, Setup};
use std::path::Path;

/// Open a live incident.
#[derive(Debug, clap::Args)]
pub struct StartArgs {
    /// A shipped playbook by name, or a file
    #[arg(default_value = "data-leak")]
    playbook: String,
    /// The named environment of firsthour.toml, or a connection URL
    #[arg(long, value_name = "NAME|URL")]
    target: Option<String>,
    /// What the incident is about, one line, no customer values
    #[arg(long)]
    title: Option<String>,
}

/// Practise on a lab.
#[derive(Debug, clap::Args)]
pub struct DrillArgs {
    /// The id of a leak to practise; without one the seed chooses
    name: Option<String>,
    /// A shipped playbook by name, or a file
    #[arg(long, default_value = "data-leak")]
    playbook: String,
    /// The seed that chooses the leak; the same seed gives the same lab
    #[arg(long)]
    seed: Option<u64>,
    /// Seed an empty database on this machine instead of starting one
    #[arg(long, value_name = "URL")]
    target: Option<String>,
    /// Never fetch a Postgres; fail if none is installed
    #[arg(long)]
    no_fetch: bool,
}

/// Go on with an incident.
#[derive(Debug, clap::Args)]
pub struct ResumeArgs {
    /// Its id, a unique beginning of it, its codename, or its folder; without
    /// one, the newest that is not closed
    incident: Option<String>,
    /// The named environment or connection URL to go on with
    #[arg(long, value_name = "NAME|URL")]
    target: Option<String>,
    /// Never fetch a Postgres for a drill's lab
    #[arg(long)]
    no_fetch: bool,
}

/// Look through an incident.
#[derive(Debug, clap::Args)]
pub struct ReviewArgs {
    /// Its id, a unique beginning of it, its codename, or its folder
    incident: String,
}

/// The home screen.
pub fn home(plain: bool, world: &mut World<'_>) -> Result<u8, Failure> {
    let setup = Setup::new(world.env, world.paths);
    run(setup, plain, world, |_| vec![Effect::ListHome])
}

/// `firsthour start`.
pub fn start(args: &StartArgs, plain: bool, world: &mut World<'_>) -> Result<u8, Failure> {
    let mut setup = Setup::new(world.env, world.paths);
    setup.live = LiveOrder {
        playbook: args.playbook.clone(),
        target: args.target.clone(),
        title: args.title.clone(),
    };
    run(setup, plain, world, |model| {
        let job = model.start_job(JobKind::Open);
        vec![Effect::OpenLive { job }]
    })
}

/// `firsthour drill`.
pub fn drill(args: &DrillArgs, plain: bool, world: &mut World<'_>) -> Result<u8, Failure> {
    let mut setup = Setup::new(world.env, world.paths);
    setup.drill = DrillOrder {
        playbook: args.playbook.clone(),
        leak: args.name.clone(),
        seed: args.seed,
        target: args.target.clone(),
        fetch: !args.no_fetch,
    };
    run(setup, plain, world, |model| {
        let job = model.start_job(JobKind::Open);
        vec![Effect::OpenDrill { job }]
    })
}

/// `firsthour resume`.
pub fn resume(args: &ResumeArgs, plain: bool, world: &mut World<'_>) -> Result<u8, Failure> {
    let folder = match &args.incident {
        Some(name) => super::incident::find(world.paths, name)?,
        None => super::incident::newest_open(world.paths)?,
    };
    let mut setup = Setup::new(world.env, world.paths);
    setup.live.target.clone_from(&args.target);
    setup.drill.fetch = !args.no_fetch;
    open_folder(setup, &folder, plain, world)
}

/// `firsthour review`.
pub fn review(args: &ReviewArgs, plain: bool, world: &mut World<'_>) -> Result<u8, Failure> {
    let folder = super::incident::find(world.paths, &args.incident)?;
    let mut setup = Setup::new(world.env, world.paths);
    setup.read_only = true;
    open_folder(setup, &folder, plain, world)
}

fn open_folder(
    setup: Setup,
    folder: &Path,
    plain: bool,
    world: &mut World<'_>,
) -> Result<u8, Failure> {
    let id = folder.to_string_lossy().into_owned();
    run(setup, plain, world, move |model| {
        let job = model.start_job(JobKind::Open);
        vec![Effect::OpenIncident { job, id }]
    })
}

fn run(
    mut setup: Setup,
    plain: bool,
    world: &mut World<'_>,
    first: impl FnOnce(&mut Model) -> Vec<Effect>,
) -> Result<u8, Failure> {
    setup.plain = plain;
    session::run(setup, world.out, first)?;
    Ok(0)
}
