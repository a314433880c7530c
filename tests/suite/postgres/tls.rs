//! TLS against a server whose certificate comes from an authority of its own.

use crate::support::lab::{GUARD, bin, cache};
use firsthour::domain::failure::Failure;
use firsthour::domain::secret::Secret;
use firsthour::drill::account::Account;
use firsthour::drill::server::{Listen, Options, Server};
use firsthour::providers::postgres::{ConnectSettings, Host, PgError, Session, TlsMode};
use serde_json::Value;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

struct Secured {
    server: Server,
    folder: TempDir,
}

fn openssl(folder: &Path, args: &str) {
    let made = Command::new("openssl")
        .args(args.split(' '))
        .current_dir(folder)
        .output()
        .expect("the openssl program");
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
}

/// An authority, and a server whose certificate names `localhost` only.
fn secured() -> Secured {
    let folder = tempfile::Builder::new()
        .prefix("fht")
        .tempdir_in("/tmp")
        .expect("a folder");
    let at = folder.path();
    let new = "req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
    for ca in ["ca", "other"] {
        openssl(
            at,
            &format!("{new} -x509 -days 2 -subj /CN={ca} -keyout {ca}.key -out {ca}.pem"),
        );
    }
    openssl(
        at,
        &format!("{new} -subj /CN=server -keyout server.key -out server.csr"),
    );
    std::fs::write(at.join("san"), "subjectAltName=DNS:localhost").expect("a name");
    openssl(
        at,
        "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile san -out server.pem",
    );
    let account = Account::for_server();
    for name in ["", "server.key", "server.pem"] {
        account.own(&at.join(name)).expect("an owner");
    }
    let files = ["cert_file", "key_file"].map(|what| {
        let name = what
            .replace("cert_file", "server.pem")
            .replace("key_file", "server.key");
        format!("ssl_{what}={}", at.join(name).display())
    });
    let options = Options {
        cache: &cache(),
        listen: Listen::Loopback,
        guard: Some(Path::new(GUARD)),
        settings: &["ssl=on", &files[0], &files[1]],
    };
    Secured {
        server: Server::start(&bin(), &options).expect("a server"),
        folder,
    }
}

impl Secured {
    fn settings(&self, host: &str, tls: TlsMode, root: Option<&str>) -> ConnectSettings {
        let mut settings = ConnectSettings::new(Host::read(host), "postgres", "postgres");
        settings.port = self.server.port().expect("a port");
        settings.password = Some(self.server.password().clone());
        settings.tls = tls;
        settings.root_certificate = root.map(|name| self.folder.path().join(name));
        settings
    }

    async fn refused(&self, host: &str, tls: TlsMode, root: Option<&str>) -> PgError {
        Session::connect(&self.settings(host, tls, root))
            .await
            .expect_err("a refusal")
    }
}

#[tokio::test]
async fn chain_and_name_are_verified() {
    let at = secured();
    let full = at.settings("localhost", TlsMode::Full, Some("ca.pem"));
    let session = Session::connect(&full).await.unwrap();
    let sql = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    let rows: Vec<Value> = session.read(sql).await.unwrap();
    assert_eq!(rows[0]["ssl"], true);

    let authority = at.settings("127.0.0.1", TlsMode::Authority, Some("ca.pem"));
    Session::connect(&authority).await.unwrap();

    let told = |error: PgError| match error {
        PgError::Tls(why) => why,
        other => format!("another error: {other:?}"),
    };
    let name = told(at.refused("127.0.0.1", TlsMode::Full, Some("ca.pem")).await);
    assert!(name.contains("not valid for name"), "{name}");
    for tls in [TlsMode::Full, TlsMode::Authority] {
        for root in [Some("other.pem"), None] {
            let unknown = told(at.refused("localhost", tls, root).await);
            assert!(unknown.contains("UnknownIssuer"), "{unknown}");
        }
    }
}

#[tokio::test]
async fn a_missing_or_empty_authority_file_is_named() {
    let at = secured();
    std::fs::write(at.folder.path().join("empty.pem"), "").unwrap();
    for name in ["missing.pem", "empty.pem"] {
        let error = at.refused("localhost", TlsMode::Full, Some(name)).await;
        assert!(
            matches!(&error, PgError::Roots(why) if why.contains(name)),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn a_wrong_password_is_told_from_a_wrong_certificate() {
    let at = secured();
    let mut wrong = at.settings("localhost", TlsMode::Full, Some("ca.pem"));
    wrong.password = Some(Secret::new("wrong".to_owned()));
    let error = Session::connect(&wrong).await.expect_err("a refusal");
    assert!(matches!(error, PgError::Password(_)), "{error:?}");
    wrong.password = None;
    let error = Session::connect(&wrong).await.expect_err("a refusal");
    assert!(matches!(error, PgError::Password(_)), "{error:?}");
    assert!(Failure::from(error).hint.contains("PGPASSWORD"));
}

#[tokio::test]
async fn a_server_without_tls_is_refused() {
    let lab = crate::support::lab::lab().await;
    let mut settings = super::settings(&lab, "postgres");
    settings.tls = TlsMode::Full;
    let error = Session::connect(&settings).await.expect_err("a refusal");
    assert!(matches!(error, PgError::NoTls), "{error:?}");
}
