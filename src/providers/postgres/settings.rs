//! Where and how to connect; filled by the configuration, never parsed here.

use crate::domain::secret::Secret;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

/// Where the server listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Host {
    /// A name or an address, resolved at connect time.
    Tcp(String),
    /// The folder that holds the socket.
    Socket(PathBuf),
}

impl Host {
    /// Reads a host as libpq does: a leading `/` is a socket folder.
    pub fn read(text: &str) -> Self {
        if text.starts_with('/') {
            Self::Socket(PathBuf::from(text))
        } else {
            Self::Tcp(text.trim_matches(['[', ']']).to_owned())
        }
    }

    /// Whether nothing leaves this machine on the way there.
    pub fn local(&self) -> bool {
        match self {
            Self::Socket(_) => true,
            Self::Tcp(name) => {
                name.eq_ignore_ascii_case("localhost")
                    || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
            }
        }
    }

    /// The host as messages write it.
    pub fn shown(&self) -> String {
        match self {
            Self::Tcp(name) => name.clone(),
            Self::Socket(folder) => format!("socket in {}", folder.display()),
        }
    }
}

/// How the way to the server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsMode {
    /// No TLS.
    Plain,
    /// The certificate must come from a trusted authority; its name is not
    /// compared with the host (`verify-ca`).
    Authority,
    /// Authority and name are verified (`verify-full`). `require` means this
    /// too: TLS without verification stops nobody who can answer in between.
    Full,
}

impl TlsMode {
    /// Maps an `sslmode`. `None` is an unset one: verified on the way to
    /// another machine, plain inside this one.
    ///
    /// # Errors
    /// Says why the mode is refused: unknown words, and modes that fall back
    /// to plain text on the way to another machine.
    pub fn read(mode: Option<&str>, host: &Host) -> Result<Self, String> {
        match (mode, host.local()) {
            (Some("disable"), _) | (None | Some("prefer" | "allow"), true) => Ok(Self::Plain),
            (None | Some("require" | "verify-full"), _) => Ok(Self::Full),
            (Some("verify-ca"), _) => Ok(Self::Authority),
            (Some(word @ ("prefer" | "allow")), false) => Err(format!(
                "sslmode={word} may send the password and the rows unprotected to {}",
                host.shown()
            )),
            (Some(word), _) => Err(format!("sslmode={word} is not a mode")),
        }
    }
}

/// Everything needed to open one connection.
#[derive(Debug, Clone)]
pub struct ConnectSettings {
    pub host: Host,
    pub port: u16,
    pub database: String,
    pub user: String,
    pub password: Option<Secret>,
    pub tls: TlsMode,
    /// A PEM file whose authorities are trusted instead of the system's.
    pub root_certificate: Option<PathBuf>,
    pub application_name: String,
    /// The whole attempt: name lookup, TLS and login.
    pub connect_timeout: Duration,
    /// One reading statement, as the server counts it.
    pub statement_timeout: Duration,
}

impl ConnectSettings {
    /// Settings with the usual deadlines: 5 s to connect, 15 s a statement.
    pub fn new(host: Host, database: &str, user: &str) -> Self {
        let tls = if host.local() {
            TlsMode::Plain
        } else {
            TlsMode::Full
        };
        Self {
            host,
            port: 5432,
            database: database.to_owned(),
            user: user.to_owned(),
            password: None,
            tls,
            root_certificate: None,
            application_name: "firsthour".to_owned(),
            connect_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(15),
        }
    }

    /// The server as messages write it: `database on host:port`.
    pub fn shown(&self) -> String {
        format!("{} on {}:{}", self.database, self.host.shown(), self.port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_machine_is_verified_unless_told_otherwise() {
        let remote = Host::read("db.example.com");
        assert_eq!(TlsMode::read(None, &remote), Ok(TlsMode::Full));
        assert_eq!(TlsMode::read(Some("require"), &remote), Ok(TlsMode::Full));
        assert_eq!(
            TlsMode::read(Some("verify-ca"), &remote),
            Ok(TlsMode::Authority)
        );
        assert_eq!(TlsMode::read(Some("disable"), &remote), Ok(TlsMode::Plain));
        assert!(TlsMode::read(Some("prefer"), &remote).is_err());
        assert!(TlsMode::read(Some("yes"), &remote).is_err());
    }

    #[test]
    fn this_machine_needs_no_tls() {
        for host in ["/run/postgresql", "localhost", "127.0.0.7", "::1", "[::1]"] {
            let host = Host::read(host);
            assert!(host.local(), "{host:?}");
            assert_eq!(TlsMode::read(None, &host), Ok(TlsMode::Plain));
            assert_eq!(TlsMode::read(Some("require"), &host), Ok(TlsMode::Full));
        }
        assert!(!Host::read("127.evil.example").local());
    }
}
