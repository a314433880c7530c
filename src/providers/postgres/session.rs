//! One connection, and the one shape in which it reads.

use super::error::PgError;
use super::principal::Assumed;
use super::quiet::{decode, enclosed, last_cell, plain, way_refused};
use super::settings::{ConnectSettings, Host, TlsMode};
use super::tls;
use serde::de::DeserializeOwned;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::Mutex;
use tokio_postgres::config::SslMode;
use tokio_postgres::{Client, Config, NoTls, SimpleQueryMessage};

/// How much longer than the server's own limit a reply is waited for: a
/// pooler may queue the message first.
pub(super) const GRACE: Duration = Duration::from_secs(10);

/// One connection. It can be shared: messages take turns, since each is a
/// whole transaction.
#[derive(Debug)]
pub struct Session {
    settings: ConnectSettings,
    opened: Instant,
    turn: Mutex<Turn>,
}

pub(super) struct Turn {
    client: Client,
    /// A message was sent whose end was not seen: an error, or a caller that
    /// stopped waiting. The next message is preceded by `ROLLBACK`.
    open: bool,
    /// No reply came in time; what the server does with it is unknown, so
    /// nothing more may be sent.
    lost: AtomicBool,
}

impl std::fmt::Debug for Turn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Turn")
            .field("open", &self.open)
            .field("lost", &self.lost)
            .finish_non_exhaustive()
    }
}

impl Session {
    /// Connects within [`ConnectSettings::connect_timeout`], all steps
    /// together. Must be called inside a tokio runtime, which then also
    /// drives the connection until the session is dropped.
    pub async fn connect(settings: &ConnectSettings) -> Result<Self, PgError> {
        let opened = Instant::now();
        let client = tokio::time::timeout(settings.connect_timeout, open(settings))
            .await
            .map_err(|_| PgError::Unanswered(settings.shown(), settings.connect_timeout))??;
        Ok(Self {
            settings: settings.clone(),
            opened,
            turn: Mutex::new(Turn {
                client,
                open: false,
                lost: AtomicBool::new(false),
            }),
        })
    }

    /// Where this session is connected to.
    pub const fn settings(&self) -> &ConnectSettings {
        &self.settings
    }

    /// How long ago connecting began.
    pub(super) fn age(&self) -> Duration {
        self.opened.elapsed()
    }

    /// Runs one query in a read-only transaction of its own, with the login's
    /// own power: system catalogs only, never a relation or function of the
    /// database's users. `sql` is one SELECT without a semicolon; its rows
    /// come back as JSON objects.
    pub async fn read<T: DeserializeOwned>(&self, sql: &str) -> Result<Vec<T>, PgError> {
        match self.rows(&enclosed(sql)).await {
            Err(error) if way_refused(&error) => self.rows(&plain(sql)).await,
            asked => asked,
        }
    }

    /// Like [`Session::read`], as a principal. Each query leaves a row in the
    /// statement statistics; [`Session::look_as`] does not.
    pub async fn read_as<T: DeserializeOwned>(
        &self,
        who: &Assumed,
        sql: &str,
    ) -> Result<Vec<T>, PgError> {
        self.admit(who).await?;
        self.rows(&format!("{}{}", who.statements().concat(), plain(sql)))
            .await
    }

    /// Sends what reads in a transaction of its own.
    pub(super) async fn rows<T: DeserializeOwned>(&self, reading: &str) -> Result<Vec<T>, PgError> {
        let limit = self.settings.statement_timeout;
        let message = format!(
            "{}{reading};ROLLBACK",
            preamble(limit, Duration::from_millis(500)),
        );
        decode(&self.exchange(&message, limit).await?)
    }

    /// Refuses a principal whose values would be composed from anything but
    /// plain tables. See [`super::Value::Sql`].
    pub(super) async fn admit(&self, who: &Assumed) -> Result<(), PgError> {
        #[derive(serde::Deserialize)]
        struct Refusal {
            name: String,
            why: String,
        }
        let Some(sql) = who.refusals() else {
            return Ok(());
        };
        match self.read::<Refusal>(&sql).await?.into_iter().next() {
            Some(Refusal { name, why }) => Err(PgError::Source { name, why }),
            None => Ok(()),
        }
    }

    /// Sends one whole transaction as one message and takes the first column
    /// of the last row. After an error the transaction is closed at once, so
    /// that a pooled server connection is not held.
    pub(super) async fn exchange(&self, message: &str, limit: Duration) -> Result<String, PgError> {
        let mut turn = self.turn.lock().await;
        let sent = turn.send(message, limit + GRACE).await;
        if matches!(sent, Err(PgError::Server { .. })) {
            turn.close().await?;
        }
        let answer = sent?;
        turn.open = false;
        last_cell(&answer).ok_or_else(|| PgError::Shape("no row came back".to_owned()))
    }

    /// Takes the connection for several messages in a row.
    pub(super) async fn take(&self) -> tokio::sync::MutexGuard<'_, Turn> {
        self.turn.lock().await
    }
}

impl Turn {
    /// Sends one message. The turn counts as open until the caller says that
    /// the transaction ended.
    pub(super) async fn send(
        &mut self,
        message: &str,
        limit: Duration,
    ) -> Result<Vec<SimpleQueryMessage>, PgError> {
        if self.gone() {
            return Err(PgError::Lost(String::new()));
        }
        if self.open {
            self.close().await?;
        }
        self.open = true;
        self.wait(message, limit).await
    }

    /// Whether nothing more may be sent.
    fn gone(&self) -> bool {
        self.lost.load(Ordering::Relaxed) || self.client.is_closed()
    }

    /// Sends a further message of the transaction that is open. Calls that
    /// are polled together do not wait for each other's replies.
    pub(super) async fn wait(
        &self,
        message: &str,
        limit: Duration,
    ) -> Result<Vec<SimpleQueryMessage>, PgError> {
        let reply = tokio::time::timeout(limit, self.client.simple_query(message)).await;
        let Ok(reply) = reply else {
            self.lost.store(true, Ordering::Relaxed);
            return Err(PgError::NoReply(limit));
        };
        reply.map_err(|error| {
            let error = PgError::from(error);
            self.lost.fetch_or(error.fatal(), Ordering::Relaxed);
            error
        })
    }

    /// Ends whatever transaction is open.
    pub(super) async fn close(&mut self) -> Result<(), PgError> {
        self.wait("ROLLBACK", GRACE).await?;
        self.open = false;
        Ok(())
    }

    /// Notes that the transaction ended by itself.
    pub(super) const fn ended(&mut self) {
        self.open = false;
    }
}

/// Opens a read-only transaction, always by the same words. Its first
/// statement is a SELECT: after that the server refuses `SET TRANSACTION READ
/// WRITE`.
pub(super) fn preamble(statement: Duration, lock: Duration) -> String {
    format!(
        "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY;{}",
        settled(statement, lock)
    )
}

/// The settings of every reading transaction, for its time alone: limits, and
/// those that another client of the same pooled connection may have left
/// behind and that would change what is read. Where the server can (14 and
/// later, on Linux) it looks every second whether we are still there, so that
/// a killed program leaves no query running.
pub(super) fn settled(statement: Duration, lock: Duration) -> String {
    format!(
        "SELECT /* firsthour */ pg_catalog.set_config('statement_timeout', '{}', true),\
         pg_catalog.set_config('lock_timeout', '{}', true),\
         pg_catalog.set_config('idle_in_transaction_session_timeout', '10000', true),\
         pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true),\
         pg_catalog.set_config('row_security', 'on', true),\
         pg_catalog.set_config('quote_all_identifiers', 'off', true),\
         pg_catalog.set_config('jit', 'off', true),\
         pg_catalog.set_config('max_parallel_workers_per_gather', '0', true),\
         pg_catalog.set_config(CASE WHEN pg_catalog.current_setting('server_version_num')::pg_catalog.int4 \
         OPERATOR(pg_catalog.>=) 140000 AND pg_catalog.strpos(pg_catalog.version(), 'linux') \
         OPERATOR(pg_catalog.>) 0 THEN 'client_connection_check_interval' \
         ELSE 'firsthour.unchecked' END, '1000', true);",
        statement.as_millis(),
        lock.as_millis()
    )
}

async fn open(settings: &ConnectSettings) -> Result<Client, PgError> {
    let config = config(settings);
    let told = |error: tokio_postgres::Error| PgError::connecting(&error, settings);
    // The connection ends when the client is dropped; its error reaches the
    // caller through the client.
    if settings.tls == TlsMode::Plain {
        let (client, connection) = config.connect(NoTls).await.map_err(told)?;
        drop(tokio::spawn(connection));
        Ok(client)
    } else {
        let connector = tls::connector(settings)?;
        let (client, connection) = config.connect(connector).await.map_err(told)?;
        drop(tokio::spawn(connection));
        Ok(client)
    }
}

fn config(settings: &ConnectSettings) -> Config {
    let mut config = Config::new();
    match &settings.host {
        Host::Tcp(name) => config.host(name),
        Host::Socket(folder) => config.host_path(folder),
    };
    config
        .port(settings.port)
        .user(&settings.user)
        .dbname(&settings.database)
        .application_name(&settings.application_name)
        .connect_timeout(settings.connect_timeout)
        .tcp_user_timeout(Duration::from_secs(30))
        .keepalives_idle(Duration::from_secs(15))
        .keepalives_interval(Duration::from_secs(5))
        .keepalives_retries(3)
        .ssl_mode(match settings.tls {
            TlsMode::Plain => SslMode::Disable,
            TlsMode::Authority | TlsMode::Full => SslMode::Require,
        });
    if let Some(password) = &settings.password {
        config.password(password.expose());
    }
    config
}
