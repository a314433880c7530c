//! Named environments: which database is meant, and how to reach it.
//!
//! A target comes from a connection string, a name in `firsthour.toml`, a
//! service file or the `PG*` variables, in that order. The file holds no
//! secret: it names the variable that does.

mod connection;
mod file;
mod files;
mod logs;
mod params;
mod target;

pub use target::{PrincipalNames, Target, TargetLogs};

use super::{Env, Paths};
use crate::domain::failure::Failure;
use params::Params;

impl Target {
    /// Finds the database that is meant. `asked` is what stood on the command
    /// line: a URL, `key=value` pairs, or the name of a target in the file;
    /// without it the environment decides.
    ///
    /// # Errors
    /// Says what is wrong with the string, the file or the environment, and
    /// never repeats a password.
    pub fn resolve(asked: Option<&str>, env: &Env, paths: &Paths) -> Result<Self, Failure> {
        match asked {
            Some(text) if params::is_url(text) || text.contains('=') => given(text, env),
            Some(text) if text.contains("://") => Err(Failure::new(
                "this is not the address of a PostgreSQL server",
                "it does not start with postgres:// or postgresql://",
                "give a postgres:// URL, key=value pairs, or the name of a target",
            )),
            Some(name) => file::named(name, env, paths),
            None => from_environment(env, paths),
        }
    }
}

/// A connection string on the command line; `PG*` variables and a service
/// fill what it leaves out, as in other PostgreSQL programs.
fn given(text: &str, env: &Env) -> Result<Target, Failure> {
    let mut params = Params::read(text)?;
    let mut warnings = params.ignored_notes();
    if params.value("password").is_some() {
        warnings.push(
            "the password on the command line is visible to other users of this machine; \
             prefer PGPASSWORD or a service file"
                .to_owned(),
        );
    }
    files::add_service(&mut params, env)?;
    params.fill(&Params::of_environment(env));
    let (settings, noted) = connection::settings(&params, env)?;
    warnings.extend(noted);
    Ok(Target {
        warnings,
        ..Target::plain(None, settings, "the command line".to_owned())
    })
}

fn from_environment(env: &Env, paths: &Paths) -> Result<Target, Failure> {
    let mut params = Params::of_environment(env);
    let source = match env.get("PGSERVICE") {
        Some(service) => {
            params.set("service", service);
            format!("service {service}")
        }
        None => "the PG* variables".to_owned(),
    };
    if ["service", "host", "dbname"]
        .iter()
        .all(|key| params.value(key).is_none())
    {
        return Err(nothing_named(&file::names(paths)?));
    }
    files::add_service(&mut params, env)?;
    let (settings, warnings) = connection::settings(&params, env)?;
    Ok(Target {
        warnings,
        ..Target::plain(None, settings, source)
    })
}

fn nothing_named(names: &[String]) -> Failure {
    let hint = match names {
        [] => {
            "give a postgres:// URL, set PGHOST and PGDATABASE, or add a target to firsthour.toml"
                .to_owned()
        }
        names => format!("say --target with one of: {}", names.join(", ")),
    };
    Failure::new(
        "no database was named",
        "there is neither an argument, nor PGSERVICE, PGHOST or PGDATABASE",
        hint,
    )
}
