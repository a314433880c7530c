//! HTTP as every provider here speaks it: TLS but for this machine itself, no
//! redirects, so that credentials go nowhere else, a time limit, and answers
//! with a bound.

use crate::domain::failure::Failure;
use reqwest::{Client, RequestBuilder, Response, Url, redirect};
use std::net::IpAddr;
use std::time::Duration;

/// Who we say we are.
const AGENT: &str = concat!("firsthour/", env!("CARGO_PKG_VERSION"));
/// To find and greet the server.
const CONNECT: Duration = Duration::from_secs(10);

/// What keeps an answer away.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    #[error("{0} is no address of HTTP")]
    NoUrl(String),
    #[error("{0} has a name or password in it")]
    Credentials(String),
    #[error("{0} is not encrypted, and is not this machine")]
    Plain(String),
    #[error("{text}")]
    Lost { how: Lost, text: String },
    #[error("it answered with {status}: {text}")]
    Status { status: u16, text: String },
    #[error("its answer is larger than {0} bytes")]
    Large(usize),
}

/// At which point nothing more came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    /// No connection, or no agreement on its encryption.
    Connect,
    /// It took longer than was waited for.
    Timeout,
    /// It broke.
    Broken,
}

impl From<HttpError> for Failure {
    fn from(error: HttpError) -> Self {
        let hint = match &error {
            HttpError::NoUrl(_) => "give an address such as https://clickhouse.example.org:8443",
            HttpError::Credentials(_) => {
                "take them out of the address and put them into the environment: what is typed is seen by others"
            }
            HttpError::Plain(_) => "give an https:// address",
            HttpError::Lost { .. } => "look whether the server can be reached from here",
            HttpError::Status { .. } => "look at the server's answer, and at the credentials",
            HttpError::Large(_) => "ask for a smaller window",
        };
        Self::new(
            "the server did not answer as it should",
            error.to_string(),
            hint,
        )
    }
}

/// An address that may be spoken to: TLS, or this machine; no credentials in
/// it.
///
/// # Errors
/// When it is none.
pub fn address(text: &str) -> Result<Url, HttpError> {
    let url = Url::parse(text).map_err(|_| HttpError::NoUrl(text.to_owned()))?;
    if !url.username().is_empty() || url.password().is_some() {
        let host = url.host_str().unwrap_or("the address").to_owned();
        return Err(HttpError::Credentials(host));
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_here(&url) => Ok(url),
        "http" => Err(HttpError::Plain(text.to_owned())),
        _ => Err(HttpError::NoUrl(text.to_owned())),
    }
}

fn is_here(url: &Url) -> bool {
    url.host_str().is_some_and(|host| {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        host == "localhost"
            || bare
                .parse()
                .is_ok_and(|address: IpAddr| address.is_loopback())
    })
}

/// A client that waits at most so long for a whole answer.
///
/// # Errors
/// When this machine's certificates can't be read.
pub fn client(patience: Duration) -> Result<Client, HttpError> {
    Client::builder()
        .user_agent(AGENT)
        .redirect(redirect::Policy::none())
        .connect_timeout(CONNECT)
        .timeout(patience)
        .build()
        .map_err(|error| transport(&error))
}

/// Sends and gives the answer's head.
///
/// # Errors
/// When none comes.
pub async fn send(request: RequestBuilder) -> Result<Response, HttpError> {
    request.send().await.map_err(|error| transport(&error))
}

/// The whole answer, up to a bound.
///
/// # Errors
/// When it is larger, or torn.
pub async fn body(mut response: Response, most: usize) -> Result<Vec<u8>, HttpError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = chunk(&mut response).await? {
        if bytes.len() + chunk.as_ref().len() > most {
            return Err(HttpError::Large(most));
        }
        bytes.extend_from_slice(chunk.as_ref());
    }
    Ok(bytes)
}

/// The next part of an answer, as it comes.
///
/// # Errors
/// When it is torn.
pub async fn chunk(response: &mut Response) -> Result<Option<impl AsRef<[u8]> + use<>>, HttpError> {
    response.chunk().await.map_err(|error| transport(&error))
}

/// The error with its causes, without the address: it may hold a query.
fn transport(error: &reqwest::Error) -> HttpError {
    use std::error::Error;
    let (how, said) = if error.is_timeout() {
        (Lost::Timeout, "it took too long")
    } else if error.is_connect() {
        (Lost::Connect, "no connection")
    } else {
        (Lost::Broken, "the connection broke")
    };
    let mut text = said.to_owned();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(&format!(": {cause}"));
        source = cause.source();
    }
    HttpError::Lost { how, text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_tls_or_this_machine_and_no_credentials() {
        for good in [
            "https://x.example.org:8443/",
            "http://127.0.0.1:8123",
            "http://[::1]:8123",
            "http://localhost:1/",
        ] {
            assert!(address(good).is_ok(), "{good}");
        }
        for bad in [
            "http://x.example.org",
            "http://127.0.0.1.example.org",
            "https://u:p@x.example.org",
            "ftp://x",
            "x",
        ] {
            assert!(address(bad).is_err(), "{bad}");
        }
        let told = address("https://ada:hunter2@x.example.org").unwrap_err();
        assert!(!told.to_string().contains("hunter2"));
    }
}
