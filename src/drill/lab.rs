//! The lab a drill is played in: a filled database, and the truth about it.
//!
//! Either on a server of our own or, if the person names one, in an empty
//! database on this machine. The truth is for the debrief and is shown
//! nowhere before.

use super::account::Account;
use super::corpus::{self, options::Options as Story, truth::Truth};
use super::error::LabError;
use super::postgres::PgBin;
use super::run_folder;
use super::seed;
use super::server::{Listen, Options, Server};
use super::shapes::{SHAPES, Shape, by_id, by_seed};
use crate::domain::failure::Failure;
use crate::domain::secret::Secret;
use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use tokio_postgres::config::Host;
use tokio_postgres::{Client, Config, NoTls};

/// The database of our own server that holds the lab.
const DATABASE: &str = "postgres";

/// The superuser of our own server.
const SUPERUSER: &str = "postgres";

/// Every statement is logged: the log is evidence in a drill.
const SETTINGS: [&str; 2] = ["log_statement=all", "log_line_prefix=%m [%p] %u@%d %a "];

/// What a lab is made from. The same seed and name make the same lab.
#[derive(Debug, Clone, Copy)]
pub struct Recipe<'a> {
    pub seed: u64,
    /// The id of a shape to practise; `None` lets the seed choose.
    pub name: Option<&'a str>,
    /// What was applied in the drill so far, to be applied again in order: one
    /// transaction each.
    pub replay: &'a [String],
}

/// Where a lab of our own is built.
#[derive(Debug, Clone, Copy)]
pub struct Site<'a> {
    pub bin: &'a PgBin,
    /// The lab's cache, see [`Account::cache`].
    pub cache: &'a Path,
    /// The program that understands `__lab-guard`: this one.
    pub guard: Option<&'a Path>,
}

/// A lab that is up. Dropping it ends what it started; a database that the
/// person named stays as it is.
#[derive(Debug)]
pub struct Lab {
    place: Place,
    shape: &'static Shape,
    cleaned: Vec<String>,
    /// What the logs hold.
    story: Option<Box<Truth>>,
}

#[derive(Debug)]
enum Place {
    Own(Server),
    Named { config: Config, url: Secret },
}

impl Lab {
    /// Builds a lab on a server of its own, after ending what earlier labs
    /// left behind.
    pub async fn start(recipe: &Recipe<'_>, site: &Site<'_>) -> Result<Self, Failure> {
        let shape = chosen(recipe)?;
        let cleaned = run_folder::sweep(site.cache, Account::for_server())?;
        let options = Options {
            cache: site.cache,
            listen: Listen::Socket,
            guard: site.guard,
            settings: &SETTINGS,
        };
        let mut lab = Self {
            place: Place::Own(Server::start(site.bin, &options)?),
            shape,
            cleaned,
            story: None,
        };
        lab.fill(recipe).await?;
        if let Some(folder) = lab.logs() {
            let fault = LabError::file("write", &folder);
            let story = corpus::write(&folder, recipe.seed, &story(), &["vercel", "pg-csv"]);
            lab.story = Some(Box::new(story.map_err(fault)?));
        }
        Ok(lab)
    }

    /// Builds a lab in an empty database that the person named. Only this
    /// machine is accepted.
    pub async fn on_target(recipe: &Recipe<'_>, url: &Secret) -> Result<Self, Failure> {
        let shape = chosen(recipe)?;
        let lab = Self {
            place: Place::Named {
                config: local_only(url)?,
                url: url.clone(),
            },
            shape,
            cleaned: Vec::new(),
            story: None,
        };
        lab.fill(recipe).await?;
        Ok(lab)
    }

    async fn fill(&self, recipe: &Recipe<'_>) -> Result<(), Failure> {
        let (client, connection) = self.admin().connect(NoTls).await.map_err(LabError::from)?;
        let work = async {
            let outcome = build(&client, recipe, self.shape).await;
            // Closing the client lets the connection's side of the join end.
            drop(client);
            outcome
        };
        let (outcome, _closed) = futures_util::future::join(work, connection).await;
        outcome
    }

    /// How the responder's tool reaches the lab: as a superuser, which is
    /// often all a responder has.
    pub fn admin(&self) -> Config {
        match &self.place {
            Place::Own(server) => server.config(SUPERUSER, DATABASE),
            Place::Named { config, .. } => config.clone(),
        }
    }

    /// The same as a connection string.
    pub fn url(&self) -> Secret {
        match &self.place {
            Place::Own(server) => Secret::new(server.url(SUPERUSER, DATABASE)),
            Place::Named { url, .. } => url.clone(),
        }
    }

    /// The connection string of another login, `authenticator` or
    /// `app_backend`. In a database the person named they have no password,
    /// so there is none.
    pub fn url_as(&self, login: &str) -> Option<Secret> {
        match &self.place {
            Place::Own(server) => Some(Secret::new(server.url(login, DATABASE))),
            Place::Named { .. } => None,
        }
    }

    /// The server's log, if the server is ours.
    pub fn log(&self) -> Option<std::path::PathBuf> {
        match &self.place {
            Place::Own(server) => Some(server.log()),
            Place::Named { .. } => None,
        }
    }

    /// The folder of what the app's host logged around the release, if the
    /// server is ours: logs in `logs`, and beside it `users.csv`,
    /// `customers.csv` and `routes.json`. It goes with the lab.
    pub fn logs(&self) -> Option<std::path::PathBuf> {
        self.log().map(|log| log.with_file_name("app"))
    }

    /// What those logs hold. For the debrief; of it only the time of the
    /// release is told before.
    pub fn story(&self) -> Option<&Truth> {
        self.story.as_deref()
    }

    /// What was left by earlier labs and has been cleaned, one sentence each.
    pub fn cleaned(&self) -> &[String] {
        &self.cleaned
    }

    /// The leak that was planted. For the debrief; never shown before.
    pub const fn truth(&self) -> &'static Shape {
        self.shape
    }
}

/// A morning at a small company.
fn story() -> Story {
    Story {
        requests: 4_000,
        orgs: 16,
        people: 120,
        customers: 1_500,
        ..Story::default()
    }
}

async fn build(client: &Client, recipe: &Recipe<'_>, shape: &Shape) -> Result<(), Failure> {
    seed::fill(client, recipe.seed, shape).await?;
    for statement in recipe.replay {
        client.batch_execute(statement).await.map_err(|error| {
            Failure::new(
                "the lab could not be brought back to where the drill was",
                format!("{}: {statement}", LabError::from(error)),
                "review the timeline with `firsthour review`, or start a new drill",
            )
        })?;
    }
    Ok(())
}

fn chosen(recipe: &Recipe<'_>) -> Result<&'static Shape, Failure> {
    let Some(name) = recipe.name else {
        return Ok(by_seed(recipe.seed));
    };
    by_id(name).ok_or_else(|| {
        let names: Vec<&str> = SHAPES.iter().map(|shape| shape.id).collect();
        Failure::new(
            "the drill did not start",
            format!("there is no drill named {name}"),
            format!(
                "leave the name out to be surprised, or use one of: {}",
                names.join(", ")
            ),
        )
    })
}

/// Reads a connection string and refuses every address that is not this
/// machine's own.
fn local_only(url: &Secret) -> Result<Config, Failure> {
    let config: Config = url
        .expose()
        .parse()
        .map_err(|error: tokio_postgres::Error| {
            LabError::UnfitTarget(format!(
                "the connection string could not be read ({})",
                LabError::from(error)
            ))
        })?;
    let addresses_local = config.get_hostaddrs().iter().all(IpAddr::is_loopback);
    let mut config = config;
    // What is called localhost is decided here, not by a resolver.
    let named: Vec<Host> = config.get_hosts().to_vec();
    let hosts_local = named.iter().all(|host| match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => {
            name == "localhost" || name.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
        }
    });
    let stated = !named.is_empty() || !config.get_hostaddrs().is_empty();
    if !(addresses_local && hosts_local && stated) {
        return Err(LabError::UnfitTarget(
            "a drill writes to loopback addresses and unix sockets of this machine only".to_owned(),
        )
        .into());
    }
    if config.get_hostaddrs().is_empty() && named == [Host::Tcp("localhost".to_owned())] {
        config.hostaddr(Ipv4Addr::LOCALHOST.into());
    }
    Ok(config)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted(url: &str) -> bool {
        local_only(&Secret::new(url.to_owned())).is_ok()
    }

    #[test]
    fn only_this_machine_is_a_target() {
        assert!(accepted("postgresql://me@localhost/scratch"));
        assert!(accepted("postgresql://me@127.0.0.1:5433/scratch"));
        assert!(accepted("postgresql://me@[::1]/scratch"));
        assert!(accepted("postgresql:///scratch?host=/run/postgresql"));
        assert!(!accepted("postgresql://me@db.example.com/scratch"));
        assert!(!accepted("postgresql://me@10.0.0.5/scratch"));
        assert!(!accepted("host=localhost,db.example.com user=me"));
        assert!(!accepted("host=localhost hostaddr=10.0.0.5 user=me"));
        assert!(!accepted("dbname=scratch"));
        assert!(!accepted("not a connection string"));
    }
}
