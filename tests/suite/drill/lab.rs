//! A whole lab from seed to shutdown: same seed, replay, targets, leftovers.

use crate::support::lab::{GUARD, ROLES, bin, cache, lab, rows};
use firsthour::domain::secret::Secret;
use firsthour::drill::lab::{Lab, Recipe, Site};
use std::path::Path;
use tokio_postgres::NoTls;

async fn start(seed: u64, name: Option<&str>, replay: &[String]) -> Lab {
    let cache = cache();
    let bin = bin();
    let site = Site {
        bin: &bin,
        cache: &cache,
        guard: Some(Path::new(GUARD)),
    };
    let recipe = Recipe { seed, name, replay };
    Lab::start(&recipe, &site).await.expect("a lab")
}

async fn ask(lab: &Lab, sql: &str) -> Vec<Vec<Option<String>>> {
    let (client, connection) = lab.admin().connect(NoTls).await.expect("a connection");
    tokio::spawn(connection);
    rows(&client, sql).await
}

const PRINT: &str = "select md5(string_agg(c::text, '' order by id)) from public.customers c";

#[tokio::test]
async fn the_same_seed_makes_the_same_lab() {
    let one = start(11, None, &[]).await;
    let two = start(11, None, &[]).await;
    let other = start(12, Some(one.truth().id), &[]).await;
    assert_eq!(one.truth().id, two.truth().id);
    assert_eq!(ask(&one, PRINT).await, ask(&two, PRINT).await);
    assert_ne!(ask(&one, PRINT).await, ask(&other, PRINT).await);
}

#[tokio::test]
async fn a_resumed_drill_stands_where_it_stood() {
    let applied = ["revoke select on public.customers from authenticated".to_owned()];
    let lab = start(1, Some("select-true"), &applied).await;
    let held = ask(
        &lab,
        "select has_table_privilege('authenticated', 'public.customers', 'select')",
    )
    .await;
    assert_eq!(held, [[Some("f".to_owned())]]);
}

#[tokio::test]
async fn logins_other_than_the_superuser_work() {
    let lab = start(1, None, &[]).await;
    for login in ["authenticator", "app_backend"] {
        let url = lab.url_as(login).unwrap();
        let (client, connection) = tokio_postgres::connect(url.expose(), NoTls).await.unwrap();
        tokio::spawn(connection);
        let who = rows(&client, "select current_user").await;
        assert_eq!(who, [[Some(login.to_owned())]]);
    }
}

#[tokio::test]
async fn an_unknown_drill_is_refused_with_the_names_there_are() {
    let cache = cache();
    let bin = bin();
    let site = Site {
        bin: &bin,
        cache: &cache,
        guard: None,
    };
    let recipe = Recipe {
        seed: 1,
        name: Some("rls-of"),
        replay: &[],
    };
    let failure = Lab::start(&recipe, &site).await.unwrap_err();
    assert!(failure.hint.contains("rls-off"), "{failure:?}");
}

#[tokio::test]
async fn a_named_database_is_filled_once_and_only_if_empty() {
    let scratch = lab().await;
    let url = Secret::new(scratch.url("postgres"));
    let recipe = Recipe {
        seed: 3,
        name: None,
        replay: &[],
    };
    scratch.exec("create view public.mine as select 1").await;
    let failure = Lab::on_target(&recipe, &url).await.unwrap_err();
    assert!(failure.why.contains("not empty"), "{failure:?}");
    scratch.exec("drop view public.mine").await;
    let _alone = ROLES.lock().await;
    let filled = Lab::on_target(&recipe, &url).await.unwrap();
    assert_eq!(
        ask(&filled, "select count(*) from public.customers").await,
        [[Some("2000".to_owned())]]
    );
    drop(filled);
    let kept = scratch.exec("select count(*) from public.invoices").await;
    assert_eq!(kept, [[Some("6000".to_owned())]]);
}

#[tokio::test]
async fn a_lab_has_logs_to_check() {
    let lab = start(11, None, &[]).await;
    let folder = lab.logs().unwrap();
    for file in [
        "logs/vercel.ndjson",
        "logs/postgresql.csv",
        "users.csv",
        "customers.csv",
        "routes.json",
    ] {
        assert!(folder.join(file).is_file(), "{file}");
    }
    assert!(!folder.join("truth.json").exists(), "it tells nothing");
    assert_eq!(lab.story().unwrap().seed, 11);
    drop(lab);
    assert!(!folder.exists());
}
