//! From connection parameters to settings: defaults, the password file, TLS.

use super::files;
use super::params::Params;
use crate::config::Env;
use crate::domain::failure::Failure;
use crate::domain::secret::Secret;
use crate::providers::postgres::{ConnectSettings, Host, TlsMode};
use std::path::{Path, PathBuf};

/// Socket folders tried when no host is named.
const SOCKETS: [&str; 2] = ["/var/run/postgresql", "/tmp"];

fn bad(why: impl Into<String>, hint: &str) -> Failure {
    Failure::new("the database cannot be reached as described", why, hint)
}

/// Completes the parameters, and says what the person should know.
pub fn settings(params: &Params, env: &Env) -> Result<(ConnectSettings, Vec<String>), Failure> {
    let mut notes = Vec::new();
    let port = port(params)?;
    let host = params
        .value("host")
        .or_else(|| params.value("hostaddr"))
        .map_or_else(|| here(port), Host::read);
    let user = params
        .value("user")
        .or_else(|| env.get("USER"))
        .or_else(|| env.get("LOGNAME"))
        .ok_or_else(|| {
            bad(
                "no user is named",
                "set PGUSER, or put the user into the address",
            )
        })?;
    let database = params.value("dbname").unwrap_or(user);
    let mut settings = ConnectSettings::new(host, database, user);
    settings.port = port;
    settings.tls = TlsMode::read(params.value("sslmode"), &settings.host).map_err(|why| {
        bad(
            why,
            "use sslmode=verify-full, with sslrootcert for an authority of your own; \
             sslmode=disable only on a network you own and trust",
        )
    })?;
    if settings.tls == TlsMode::Plain && !settings.host.local() {
        notes.push(format!(
            "sslmode=disable: password and rows travel unprotected to {}",
            settings.host.shown()
        ));
    }
    settings.root_certificate = root_certificate(params, env);
    settings.password = match params.value("password") {
        Some(password) => Some(Secret::new(password.to_owned())),
        None => files::password(&settings, params.value("passfile"), env, &mut notes),
    };
    Ok((settings, notes))
}

fn port(params: &Params) -> Result<u16, Failure> {
    match params.value("port") {
        None => Ok(5432),
        Some(text) => text
            .parse()
            .ok()
            .filter(|&port| port > 0)
            .ok_or_else(|| bad("the port is not a number from 1 to 65535", "check the port")),
    }
}

/// The server of this machine: its socket where there is one.
fn here(port: u16) -> Host {
    SOCKETS
        .iter()
        .find(|folder| Path::new(folder).join(format!(".s.PGSQL.{port}")).exists())
        .map_or_else(|| Host::read("localhost"), |folder| Host::read(folder))
}

/// The file that is named, or the one every PostgreSQL program would use.
/// `system` is libpq's word for the system's own authorities.
fn root_certificate(params: &Params, env: &Env) -> Option<PathBuf> {
    match params.value("sslrootcert") {
        Some("system") => None,
        Some(file) => Some(PathBuf::from(file)),
        None => env
            .get("HOME")
            .map(|home| Path::new(home).join(".postgresql/root.crt"))
            .filter(|file| file.exists()),
    }
}
