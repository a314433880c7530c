//! Every way a connection can fail has its own words and next step.

use super::{admin, role, settings};
use crate::support::lab::{Lab, lab};
use firsthour::domain::failure::Failure;
use firsthour::domain::secret::Secret;
use firsthour::providers::postgres::{ConnectSettings, Host, PgError, Session};
use std::time::Duration;
use tokio::net::TcpListener;

async fn refused(settings: &ConnectSettings) -> PgError {
    Session::connect(settings).await.expect_err("no connection")
}

fn tcp(port: u16) -> ConnectSettings {
    let mut settings = ConnectSettings::new(Host::read("127.0.0.1"), "app", "me");
    settings.port = port;
    settings
}

#[tokio::test]
async fn a_port_where_nothing_listens() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let error = refused(&tcp(port)).await;
    assert!(matches!(error, PgError::Refused(_)), "{error:?}");
    let told = Failure::from(error);
    assert!(told.why.contains(&format!("127.0.0.1:{port}")), "{told:?}");
    assert!(told.hint.contains("host and port"), "{told:?}");
}

#[tokio::test]
async fn a_host_that_never_answers_ends_the_whole_attempt() {
    let mute = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut settings = tcp(mute.local_addr().unwrap().port());
    settings.connect_timeout = Duration::from_millis(300);
    let error = refused(&settings).await;
    assert!(matches!(error, PgError::Unanswered(..)), "{error:?}");
}

#[tokio::test]
async fn a_name_that_does_not_resolve() {
    let mut settings = ConnectSettings::new(Host::read("no-such-host.invalid"), "app", "me");
    settings.connect_timeout = Duration::from_secs(30);
    let error = refused(&settings).await;
    assert!(matches!(error, PgError::Unresolved(_)), "{error:?}");
}

#[tokio::test]
async fn a_socket_folder_without_a_server() {
    let folder = tempfile::tempdir().unwrap();
    let settings = ConnectSettings::new(Host::Socket(folder.path().to_owned()), "app", "me");
    let error = refused(&settings).await;
    assert!(matches!(error, PgError::NoSocket(_)), "{error:?}");
}

#[tokio::test]
async fn a_database_that_is_not_there() {
    let mut settings = settings(&lab().await, "postgres");
    settings.database = "nowhere".to_owned();
    let error = refused(&settings).await;
    assert!(matches!(error, PgError::NoDatabase(_)), "{error:?}");
    assert!(Failure::from(error).hint.contains("psql -l"));
}

#[tokio::test]
async fn a_role_that_is_full_or_may_not_log_in() {
    let lab = lab().await;
    let full = role(&lab, "full", "login connection limit 0").await;
    let error = refused(&settings(&lab, &full)).await;
    assert!(matches!(error, PgError::Full(_)), "{error:?}");
    let barred = role(&lab, "barred", "nologin").await;
    let error = refused(&settings(&lab, &barred)).await;
    assert!(matches!(error, PgError::NotAdmitted(_)), "{error:?}");
}

#[tokio::test]
async fn a_server_that_speaks_something_else() {
    use tokio::io::AsyncWriteExt;
    let odd = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let settings = tcp(odd.local_addr().unwrap().port());
    let talk = tokio::spawn(async move {
        let (mut peer, _) = odd.accept().await.unwrap();
        let _ = peer.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
    });
    let error = refused(&settings).await;
    assert!(matches!(error, PgError::Unreachable(..)), "{error:?}");
    talk.await.unwrap();
}

#[tokio::test]
async fn the_password_is_never_told() {
    let mut settings = settings(&lab().await, "postgres");
    settings.password = Some(Secret::new("s3cret-word".to_owned()));
    settings.database = "nowhere".to_owned();
    let error = refused(&settings).await;
    let all = format!("{error:?} {settings:?} {}", Failure::from(error.clone()));
    assert!(!all.contains("s3cret-word"), "{all}");
}

#[tokio::test]
async fn the_guard_tells_what_the_login_could_do() {
    let lab: Lab = lab().await;
    let guard = admin(&lab).await.guard().await.unwrap();
    assert!(guard.superuser && !guard.pooled && !guard.recovering);
    assert!(guard.version >= 140_000, "{guard:?}");
    assert!(guard.warnings()[0].contains("superuser"), "{guard:?}");

    let bare = role(&lab, "bare", "login").await;
    let session = Session::connect(&settings(&lab, &bare)).await.unwrap();
    let guard = session.guard().await.unwrap();
    assert_eq!(guard.warnings(), Vec::<String>::new());

    let strong = role(
        &lab,
        "strong",
        "login bypassrls createrole in role pg_write_all_data",
    )
    .await;
    lab.exec(&format!(
        "grant create on schema public to {strong}; set role {strong}; create table public.mine()"
    ))
    .await;
    let session = Session::connect(&settings(&lab, &strong)).await.unwrap();
    let guard = session.guard().await.unwrap();
    assert!(guard.bypass && guard.create_role, "{guard:?}");
    assert_eq!(guard.owned, 1);
    assert_eq!(guard.powers, ["pg_write_all_data"]);
    assert_eq!(guard.warnings().len(), 4);
}
