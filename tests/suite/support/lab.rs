//! One real Postgres for the whole test process and a database of its own for
//! each test. The server ends with the process: its guard sees to that.

use firsthour::config::{Env, Paths};
use firsthour::drill::account::Account;
use firsthour::drill::fetch;
use firsthour::drill::postgres::{Look, PgBin};
use firsthour::drill::seed::fill;
use firsthour::drill::server::{Listen, Options, Server};
use firsthour::drill::shapes::{Shape, by_id};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use tokio_postgres::{Client, NoTls, SimpleQueryMessage};

/// The program that understands `__lab-guard`.
pub const GUARD: &str = env!("CARGO_BIN_EXE_firsthour");

/// Roles belong to the whole server: two labs must not make them at once.
pub static ROLES: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// A fresh, empty database on the shared server, or on one of its own.
#[derive(Debug, Clone)]
pub struct Lab {
    pub database: String,
    alone: Option<Arc<Server>>,
}

/// Creates a database for one test. Roles are shared by all databases of the
/// server: create them only where they are missing, while holding [`ROLES`].
pub async fn lab() -> Lab {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let database = format!("t{}", NEXT.fetch_add(1, Ordering::Relaxed));
    create(database, None).await
}

/// A fresh database on a server of its own, for what belongs to the whole
/// server: roles with powers, settings. It ends with the last clone.
pub fn lab_alone(settings: &[&str]) -> Lab {
    let own = Arc::new(start(settings));
    block_on(create("alone".to_owned(), Some(own)))
}

async fn create(database: String, alone: Option<Arc<Server>>) -> Lab {
    let admin = Lab {
        database: "postgres".to_owned(),
        alone: alone.clone(),
    };
    let lab = Lab { database, alone };
    // From template0 and copied file by file: quickest, and never blocked by
    // another test's connection to a template.
    admin
        .exec(&format!(
            "create database {} template template0",
            lab.database
        ))
        .await;
    lab
}

/// The same for tests that are not async.
pub fn lab_blocking() -> Lab {
    block_on(lab())
}

/// Runs a future to its end on a runtime of its own.
pub fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(future)
}

impl Lab {
    /// The folder of the server's unix socket.
    pub fn socket_dir(&self) -> &Path {
        self.server().socket_dir()
    }

    /// What its server has logged so far.
    pub fn log(&self) -> String {
        let bytes = std::fs::read(self.server().log()).expect("the server's log");
        String::from_utf8_lossy(&bytes).into_owned()
    }

    fn server(&self) -> &Server {
        self.alone.as_deref().unwrap_or_else(|| server())
    }

    /// The connection string of this database for a role; `postgres` is the
    /// superuser and needs no password.
    pub fn url(&self, role: &str) -> String {
        self.server().url(role, &self.database)
    }

    /// Connects as a role.
    pub async fn connect(&self, role: &str) -> Client {
        let config = self.server().config(role, &self.database);
        let (client, connection) = config.connect(NoTls).await.expect("a connection");
        tokio::spawn(connection);
        client
    }

    /// Runs statements as the superuser; rows come back as text.
    pub async fn exec(&self, sql: &str) -> Vec<Vec<Option<String>>> {
        let client = self.connect("postgres").await;
        rows(&client, sql).await
    }

    /// The same for tests that are not async.
    pub fn exec_blocking(&self, sql: &str) -> Vec<Vec<Option<String>>> {
        block_on(self.exec(sql))
    }
}

/// Runs statements on a connection; rows come back as text.
pub async fn rows(client: &Client, sql: &str) -> Vec<Vec<Option<String>>> {
    let answer = client.simple_query(sql).await;
    let messages = answer.map_err(|error| format!("{error:?}\nin: {sql}"));
    let messages = messages.expect("statements that work");
    messages
        .iter()
        .filter_map(|message| match message {
            SimpleQueryMessage::Row(row) => Some(
                (0..row.len())
                    .map(|i| row.get(i).map(str::to_owned))
                    .collect(),
            ),
            _ => None,
        })
        .collect()
}

/// The server shared by this test process.
pub fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    // For slots that decode changes; and so that the statements of one test do
    // not push those of another out of the statistics.
    SERVER.get_or_init(|| start(&["wal_level=logical", "pg_stat_statements.max=20000"]))
}

fn start(settings: &[&str]) -> Server {
    let cache = cache();
    let options = Options {
        cache: &cache,
        listen: Listen::Socket,
        guard: Some(Path::new(GUARD)),
        settings,
    };
    Server::start(&bin(), &options).expect("a server")
}

/// The lab's cache of whoever runs the tests.
pub fn cache() -> PathBuf {
    let env = Env::read();
    let paths = Paths::find(&env).expect("folders");
    Account::for_server().cache(&paths.cache).expect("a cache")
}

/// The Postgres the tests use: the one a drill would use, fetched if need be.
pub fn bin() -> PgBin {
    static BIN: OnceLock<PgBin> = OnceLock::new();
    let find = || {
        let env = Env::read();
        let cache = cache();
        let look = Look {
            named: env.get("FIRSTHOUR_PG_BIN"),
            cache: &cache,
            path: env.get("PATH"),
        };
        fetch::ready(&look, true, &mut |_| ()).expect("a Postgres")
    };
    BIN.get_or_init(find).clone()
}

/// A fresh database on the shared server that holds a whole lab with the
/// given leak, and the truth about it.
pub async fn leaky(shape: &str) -> (Lab, &'static Shape) {
    let shape = by_id(shape).expect("a shape of that id");
    let lab = lab().await;
    let client = lab.connect("postgres").await;
    let _alone = ROLES.lock().await;
    fill(&client, 7, shape).await.expect("a filled database");
    (lab, shape)
}
