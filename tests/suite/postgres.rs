//! The Postgres client, the prober and the restrictions on a real server.

mod connect;
mod nologin;
pub mod pooler;
mod probe;
mod reading;
mod revoke;
mod targets;
mod tls;
mod walls;

use crate::support::lab::Lab;
use firsthour::providers::postgres::{ConnectSettings, Host, Session};

/// Settings for a role on a test's own database.
fn settings(lab: &Lab, role: &str) -> ConnectSettings {
    let host = Host::Socket(lab.socket_dir().to_owned());
    ConnectSettings::new(host, &lab.database, role)
}

/// A session as the superuser.
async fn admin(lab: &Lab) -> Session {
    Session::connect(&settings(lab, "postgres"))
        .await
        .expect("a session")
}

/// Creates a role that is this test's own: the server is shared, so the name
/// starts with that of the test's database.
async fn role(lab: &Lab, name: &str, options: &str) -> String {
    let role = format!("{}_{name}", lab.database);
    lab.exec(&format!("create role {role} {options}")).await;
    role
}
