//! `ClickHouse` over HTTP: one statement that only reads, with the server's own
//! limits on time, rows and bytes.
//!
//! The server may fail after it has said 200, so each answer is waited for
//! whole and its exception header and last rows are looked at.

use super::http::{self, HttpError};
use crate::domain::failure::Failure;
use crate::domain::secret::Secret;
use reqwest::{Client, Url};
use serde_json::Value;
use std::time::Duration;

/// The largest answer that is taken.
const LARGEST: usize = 512 << 20;
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

/// A server, spoken to one query after the other.
#[derive(Debug)]
pub struct ClickHouse {
    client: Client,
    url: Url,
    login: Login,
    limits: Limits,
}

impl ClickHouse {
    /// A server at an address.
    ///
    /// # Errors
    /// When the address is not one that may be spoken to.
    pub fn new(url: &str, login: Login, limits: Limits) -> Result<Self, HttpError> {
        Ok(Self {
            client: http::client(Duration::from_secs(limits.seconds + 15))?,
            url: http::address(url)?,
            login,
            limits,
        })
    }

    /// Where it is, without credentials.
    pub fn place(&self) -> String {
        self.url.host_str().unwrap_or_default().to_owned()
    }

    /// Sends one query and gives its rows.
    ///
    /// # Errors
    /// When the server refuses it, breaks off, or answers something else.
    pub async fn rows(&self, sql: &str) -> Result<Vec<Vec<Value>>, HttpError> {
        let mut response = self.sent(sql, Hold::ReadOnly).await?;
        // A login whose profile is read-only already may not be told so again,
        // or may not be told any limit: then those of its profile stand.
        for hold in [Hold::Limits, Hold::Profile] {
            if !is_settled(&response) {
                response = self.sent(sql, hold).await?;
            }
        }
        let status = response.status().as_u16();
        let failed = status != 200 || response.headers().contains_key(EXCEPTION);
        let body = http::body(response, LARGEST).await?;
        if failed {
            return Err(HttpError::Status {
                status,
                text: told(&body),
            });
        }
        rows(&body)
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
                    .append_pair("max_query_size", "4194304");
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

/// How a query is held to reading and to its limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hold {
    ReadOnly,
    Limits,
    Profile,
}

/// Whether the server took the settings; 164 is "Cannot modify .. setting in
/// readonly mode".
fn is_settled(response: &reqwest::Response) -> bool {
    let code = response.headers().get(EXCEPTION);
    code.is_none_or(|code| code.as_bytes() != b"164")
}

/// The first sentence of an answer that is an error.
fn told(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    text.lines()
        .next()
        .unwrap_or("")
        .chars()
        .take(400)
        .collect()
}

/// One row a line; a line that is none is an error that came late.
fn rows(body: &[u8]) -> Result<Vec<Vec<Value>>, HttpError> {
    let lines = body.split(|byte| *byte == b'\n');
    let lines = lines.filter(|line| !line.is_empty());
    lines
        .map(|line| {
            serde_json::from_slice(line).map_err(|_| HttpError::Status {
                status: 200,
                text: format!("and then failed: {}", told(line)),
            })
        })
        .collect()
}

/// What the server said, for a person.
pub fn failure(error: HttpError, doing: &str) -> Failure {
    if let HttpError::Status { status, text } = &error {
        let hint = match status {
            401 | 403 | 516 => {
                "set CLICKHOUSE_USER and CLICKHOUSE_PASSWORD to a login that may read the table"
            }
            _ if text.contains("Limit") || text.contains("Timeout") => {
                "ask for a shorter --window, or raise --max-seconds or --max-read"
            }
            _ => "look at the server's words; --show-queries shows what is sent",
        };
        return Failure::new(
            format!("{doing} failed"),
            format!("HTTP {status}: {text}"),
            hint,
        );
    }
    error.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_after_the_first_rows_is_no_answer() {
        assert_eq!(rows(b"[1,\"a\"]\n[2,\"b\"]\n").unwrap().len(), 2);
        let late = rows(b"[1,\"a\"]\nCode: 241. DB::Exception: Memory limit exceeded\n");
        assert!(late.unwrap_err().to_string().contains("Memory limit"));
        assert!(rows(b"[1,\"a\"]\n[2,").is_err());
    }
}
