//! Which database is meant: every source, and every way to get it wrong.

use super::role;
use crate::support::lab::lab;
use firsthour::config::targets::Target;
use firsthour::config::{Env, Paths};
use firsthour::domain::failure::Failure;
use firsthour::domain::secret::Secret;
use firsthour::providers::postgres::{Host, Session, TlsMode};
use std::os::unix::fs::PermissionsExt;
use tempfile::TempDir;

struct Home(TempDir);

impl Home {
    fn with(config: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("firsthour.toml"), config).expect("a file");
        Self(folder)
    }

    fn paths(&self) -> Paths {
        Paths::under(self.0.path())
    }

    fn put(&self, name: &str, text: &str, mode: u32) -> String {
        let file = self.0.path().join(name);
        std::fs::write(&file, text).expect("a file");
        std::fs::set_permissions(&file, PermissionsExt::from_mode(mode)).expect("a mode");
        file.display().to_string()
    }

    fn find(&self, asked: Option<&str>, env: &Env) -> Target {
        Target::resolve(asked, env, &self.paths()).expect("a target")
    }

    fn fault(&self, asked: Option<&str>, env: &Env) -> Failure {
        Target::resolve(asked, env, &self.paths()).expect_err("no target")
    }
}

fn password(target: &Target) -> Option<&str> {
    target.settings.password.as_ref().map(Secret::expose)
}

#[test]
fn a_url_is_completed_by_the_environment() {
    let env = Env::of([
        ("PGUSER", "me"),
        ("PGPASSWORD", "pw"),
        ("PGHOST", "elsewhere"),
    ]);
    let home = Home::with("");
    let target = home.find(Some("postgres://db.example.com/app"), &env);
    assert_eq!(target.name, "app@db.example.com");
    assert_eq!(target.settings.host, Host::read("db.example.com"));
    assert_eq!(target.settings.tls, TlsMode::Full);
    assert_eq!(password(&target), Some("pw"));
    assert_eq!(target.warnings, Vec::<String>::new());
}

#[test]
fn a_password_in_an_argument_works_and_is_warned_about() {
    let home = Home::with("");
    for asked in [
        "postgres://me:pw@localhost/app",
        "host=localhost user=me password=pw",
    ] {
        let target = home.find(Some(asked), &Env::default());
        assert_eq!(password(&target), Some("pw"));
        assert!(target.warnings[0].contains("visible to other users"));
        assert!(!format!("{target:?}").contains("pw\""));
    }
}

#[test]
fn an_unprotected_way_to_another_machine_is_refused_or_told() {
    let home = Home::with("");
    let env = Env::of([("PGUSER", "me")]);
    let told = home.fault(Some("postgres://db/app?sslmode=prefer"), &env);
    assert!(told.hint.contains("verify-full"), "{told:?}");
    let plain = home.find(Some("postgres://db/app?sslmode=disable"), &env);
    assert!(plain.warnings[0].contains("unprotected"));
    let odd = home.fault(Some("postgres://db/app?sslmode=no-verify"), &env);
    assert!(odd.why.contains("not a mode"), "{odd:?}");
}

const CONFIG: &str = r#"
[targets.production]
url_env = "PROD_URL"
app_roles = ["app_user", "worker"]
tenant_column = "org_id"
[targets.production.principals]
anonymous = "web_anon"

[targets.staging]
host = "staging.example.com"
port = 6543
dbname = "app"
user = "auditor"
password_env = "STAGING_PASSWORD"
sslmode = "verify-ca"
sslrootcert = "/etc/ca.pem"
"#;

#[test]
fn a_named_target_takes_its_secrets_from_the_environment() {
    let home = Home::with(CONFIG);
    let env = Env::of([
        ("PROD_URL", "postgres://me:one@prod.example.com/app"),
        ("STAGING_PASSWORD", "two"),
        ("PGHOST", "wrong.example.com"),
        ("PGSSLMODE", "disable"),
    ]);
    let production = home.find(Some("production"), &env);
    assert_eq!(production.name, "production");
    assert_eq!(production.app_roles, ["app_user", "worker"]);
    assert_eq!(production.tenant_column.as_deref(), Some("org_id"));
    assert_eq!(production.principals.anonymous.as_deref(), Some("web_anon"));
    assert_eq!(production.settings.host, Host::read("prod.example.com"));
    assert_eq!(production.settings.tls, TlsMode::Full);
    assert_eq!(password(&production), Some("one"));
    assert_eq!(production.warnings, Vec::<String>::new());

    let staging = home.find(Some("staging"), &env);
    assert_eq!(staging.settings.port, 6543);
    assert_eq!(staging.settings.tls, TlsMode::Authority);
    assert_eq!(password(&staging), Some("two"));
}

/// A file, why it is refused, and the next step.
const FAULTS: &[(&str, &str, &str)] = &[
    (
        "[targets.production]\npassword = \"s3cret\"",
        "holds a password",
        "password_env",
    ),
    (
        "[targets.production]\nurl = \"postgres://a:s3cret@h/d\"",
        "holds a password",
        "url_env",
    ),
    (
        "[targets.production]\nhots = \"h\"",
        "unknown key hots",
        "did you mean host?",
    ),
    (
        "[targets.production]\nport = 5432",
        "which server",
        "url_env, service or host",
    ),
    ("[targets.production]\nhost = 5", "not a text", "host = "),
    (
        "[targets.production]\nhost = \"h\"\nport = 99999",
        "65535",
        "port",
    ),
    (
        "[targets.production]\nurl_env = \"NOT_SET\"",
        "NOT_SET is not set",
        "set that variable",
    ),
    (
        "[targets.production]\napp_roles = \"x\"\nhost = \"h\"",
        "not a list",
        "app_roles = [",
    ),
    (
        "[targets.production]\nhost = \"h\"\nprincipals.anonymos = \"x\"",
        "unknown key anonymos",
        "did you mean anonymous?",
    ),
    (
        "# 1\n\n[targets.production\nhost = \"s3cret\"",
        "line 3",
        "correct that line",
    ),
    (
        "[target.production]\nhost = \"h\"",
        "unknown key target",
        "did you mean targets?",
    ),
    ("targets = 1", "not a table", "[targets.NAME]"),
    (
        "[targets.prodution]\nhost = \"h\"",
        "no target production",
        "did you mean prodution?",
    ),
    ("", "no target production", "[targets.production]"),
];

#[test]
fn faults_of_the_file_say_what_and_where() {
    for (config, why, hint) in FAULTS {
        let told = Home::with(config).fault(Some("production"), &Env::of([("USER", "me")]));
        let all = told.lines().join("\n");
        assert!(told.why.contains(why), "{config}\n{all}");
        assert!(told.hint.contains(hint), "{config}\n{all}");
        assert!(!all.contains("s3cret"), "{all}");
    }
}

#[test]
fn a_service_file_and_a_password_file_are_read() {
    let home = Home::with("[targets.live]\nservice = \"live\"");
    let services = home.put(
        "services",
        "[live]\nhost=db.example.com\nport=6000\nuser=me\ndbname=app\n",
        0o644,
    );
    let passwords = home.put("passwords", "db.example.com:6000:app:me:kept\n", 0o600);
    let env = Env::of([
        ("PGSERVICEFILE", &services),
        ("PGPASSFILE", &passwords),
        ("PGSERVICE", "live"),
    ]);
    for asked in [None, Some("live"), Some("service=live")] {
        let target = home.find(asked, &env);
        assert_eq!(target.settings.port, 6000);
        assert_eq!(password(&target), Some("kept"), "{asked:?}");
    }
    let told = home.fault(Some("service=lvie"), &env);
    assert_eq!(told.hint, "did you mean live?");

    home.put("passwords", "*:*:*:*:kept\n", 0o644);
    let target = home.find(None, &env);
    assert_eq!(password(&target), None);
    assert!(
        target.warnings[0].contains("chmod 600"),
        "{:?}",
        target.warnings
    );
}

#[test]
fn nothing_named_is_told_with_what_there_is() {
    let told = Home::with(CONFIG).fault(None, &Env::of([("USER", "me")]));
    assert!(told.hint.contains("production, staging"), "{told:?}");
    let told = Home::with("").fault(None, &Env::default());
    assert!(told.hint.contains("postgres://"), "{told:?}");
    let told = Home::with("").fault(Some("mysql://db/app"), &Env::default());
    assert!(told.why.contains("postgres://"), "{told:?}");
}

#[tokio::test]
async fn a_resolved_target_connects() {
    let lab = lab().await;
    let me = role(&lab, "me", "login").await;
    let home = Home::with("");
    let target = home.find(Some(&lab.url(&me)), &Env::default());
    let session = Session::connect(&target.settings).await.unwrap();
    assert_eq!(session.guard().await.unwrap().user, me);
    let socket = lab.socket_dir().display().to_string();
    let env = Env::of([
        ("PGHOST", &socket),
        ("PGDATABASE", &lab.database),
        ("PGUSER", &me),
    ]);
    let target = home.find(None, &env);
    assert_eq!(target.source, "the PG* variables");
    Session::connect(&target.settings).await.unwrap();
}
