//! `ClickHouse` over HTTP: one statement that only reads, with the server's own
//! limits on time, rows and bytes.
//!
//! The server may fail after it has said 200: each answer is asked for whole,
//! its exception header is looked at, and a line that is no row is an error.
//! What went wrong, for a person, is in `clickhouse/refused.rs`.

mod refused;

use super::http::{self, HttpError};
use crate::domain::secret::Secret;
pub use refused::{Refused, failure};
use reqwest::{Client, Url};
use serde_json::Value;
use std::cell::Cell;
use std::time::Duration;

/// The largest answer that is read, all of it.
const LARGEST: usize = 1 << 30;
/// The longest row, and the longest error.
const LONGEST: usize = 1 << 20;
/// Rows of an answer that is to be short.
const FEW: usize = 10_000;
const EXCEPTION: &str = "X-ClickHouse-Exception-Code";

/// Who we are to the server; never part of an address.
#[derive(Debug, Default)]
pub struct Login {
    pub user: Option<String>,
    pub password: Option<Secret>,
    pub database: Option<String>,
}

/// What one query may cost the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    pub seconds: u64,
    pub rows: u64,
    /// Bytes it may read from its disks.
    pub bytes_read: u64,
}

/// How a query is held to reading and to its limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// By our settings.
    ReadOnly,
    /// The login is read-only already; the limits are ours.
    Limits,
    /// By the login's profile alone, which lets nobody set anything.
    Profile,
}

/// Takes a row; `false` wants no more.
pub type Take<'a> = &'a mut dyn FnMut(Vec<Value>) -> bool;

/// A server, spoken to one query after the other.
#[derive(Debug)]
pub struct ClickHouse {
    client: Client,
    url: Url,
    login: Login,
    limits: Limits,
    hold: Cell<Hold>,
}

impl ClickHouse {
    /// A server at an address.
    ///
    /// # Errors
    /// When the address is not one that may be spoken to.
    pub fn new(url: &str, login: Login, limits: Limits) -> Result<Self, HttpError> {
        Ok(Self {
            client: http::client(Duration::from_secs(limits.seconds.saturating_add(15)))?,
            url: http::address(url)?,
            login,
            limits,
            hold: Cell::new(Hold::ReadOnly),
        })
    }

    /// Where it is, without credentials and parameters.
    pub fn place(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        match self.url.port_or_known_default() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        }
    }

    /// How queries are held, as the server let us; known after the first.
    pub const fn hold(&self) -> Hold {
        self.hold.get()
    }

    /// Sends one query and gives its rows, of which there are few.
    ///
    /// # Errors
    /// When the server refuses it, breaks off, or answers something else.
    pub async fn rows(&self, sql: &str) -> Result<Vec<Vec<Value>>, Refused> {
        let mut rows = Vec::new();
        self.each(sql, &mut |row| {
            rows.push(row);
            rows.len() < FEW
        })
        .await?;
        Ok(rows)
    }

    /// Sends one query and hands its rows over one by one; says how many came.
    ///
    /// # Errors
    /// When the server refuses it, breaks off, or answers something else.
    pub async fn each(&self, sql: &str, take: Take<'_>) -> Result<u64, Refused> {
        let mut response = self.sent(sql, self.hold.get()).await?;
        // A login whose profile is read-only already may not be told so again,
        // or may not be told any limit: then those of its profile stand.
        while code(&response) == Some(READONLY)
            && let Some(less) = less(self.hold.get())
        {
            self.hold.set(less);
            response = self.sent(sql, less).await?;
        }
        let status = response.status().as_u16();
        if status == 200 && code(&response).is_none() {
            return read(response, take).await;
        }
        let code = code(&response);
        let to = response.headers().get("location").cloned();
        let body = http::body(response, LONGEST).await.unwrap_or_default();
        let text = told(&body);
        Err(match (code, to) {
            (Some(code), _) => Refused::Server { code, text },
            (None, Some(to)) if (300..400).contains(&status) => {
                Refused::Elsewhere(String::from_utf8_lossy(to.as_bytes()).into_owned())
            }
            _ => refused::by_body(status, &text),
        })
    }

    async fn sent(&self, sql: &str, hold: Hold) -> Result<reqwest::Response, HttpError> {
        let limits = self.limits;
        let mut url = self.url.clone();
        {
            let mut pairs = url.query_pairs_mut();
            pairs
                .append_pair("default_format", "JSONCompactEachRow")
                .append_pair("wait_end_of_query", "1");
            if hold == Hold::ReadOnly {
                pairs.append_pair("readonly", "1");
            }
            if hold != Hold::Profile {
                pairs
                    .append_pair("max_execution_time", &limits.seconds.to_string())
                    .append_pair("max_result_rows", &limits.rows.to_string())
                    .append_pair("result_overflow_mode", "throw")
                    .append_pair("max_bytes_to_read", &limits.bytes_read.to_string())
                    .append_pair("read_overflow_mode", "throw")
                    .append_pair("max_query_size", "4194304")
                    // A killed program leaves no query running.
                    .append_pair("cancel_http_readonly_queries_on_client_close", "1");
            }
        }
        http::send(self.signed(url, sql)).await
    }

    fn signed(&self, url: Url, sql: &str) -> reqwest::RequestBuilder {
        let mut request = self.client.post(url).body(sql.to_owned());
        if let Some(user) = &self.login.user {
            request = request.header("X-ClickHouse-User", user);
        }
        if let Some(password) = &self.login.password {
            request = request.header("X-ClickHouse-Key", password.expose());
        }
        if let Some(database) = &self.login.database {
            request = request.header("X-ClickHouse-Database", database);
        }
        request
    }
}

/// "Cannot modify .. setting in readonly mode".
const READONLY: u32 = 164;

/// What to fall back to when the server lets us set less.
const fn less(hold: Hold) -> Option<Hold> {
    match hold {
        Hold::ReadOnly => Some(Hold::Limits),
        Hold::Limits => Some(Hold::Profile),
        Hold::Profile => None,
    }
}

/// The number of the server's exception, whatever the status.
fn code(response: &reqwest::Response) -> Option<u32> {
    let header = response.headers().get(EXCEPTION)?;
    // A header that holds no number still says that it failed.
    Some(header.to_str().ok()?.parse().unwrap_or(1))
}

/// The first sentence of an answer that is an error.
fn told(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let line = text.lines().find(|line| !line.trim().is_empty());
    line.unwrap_or("").trim().chars().take(400).collect()
}

/// One row a line, as they come; a line that is none is an error that came
/// late.
async fn read(mut response: reqwest::Response, take: Take<'_>) -> Result<u64, Refused> {
    let (mut held, mut bytes, mut count) = (Vec::new(), 0, 0);
    while let Some(chunk) = http::chunk(&mut response).await? {
        let chunk = chunk.as_ref();
        bytes += chunk.len();
        if bytes > LARGEST {
            return Err(HttpError::Large(LARGEST).into());
        }
        let end = memchr::memrchr(b'\n', chunk).map_or(0, |at| held.len() + at + 1);
        held.extend_from_slice(chunk);
        for line in held[..end].split(|byte| *byte == b'\n') {
            if !one(line, &mut count, take)? {
                return Ok(count);
            }
        }
        held.drain(..end);
        if held.len() > LONGEST {
            return Err(HttpError::Large(LONGEST).into());
        }
    }
    one(&held, &mut count, take)?;
    Ok(count)
}

fn one(line: &[u8], count: &mut u64, take: Take<'_>) -> Result<bool, Refused> {
    if line.is_empty() {
        return Ok(true);
    }
    let row = serde_json::from_slice(line).map_err(|_| match *count {
        0 => refused::by_body(200, &told(line)),
        // What is left of a row is some customer's.
        _ if line.starts_with(b"[") => Refused::Late("a row that breaks off".to_owned()),
        _ => Refused::Late(told(line)),
    })?;
    *count += 1;
    Ok(take(row))
}
