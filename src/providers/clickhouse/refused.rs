//! What keeps an answer of `ClickHouse` away, and what a person can do then.

use crate::domain::failure::Failure;
use crate::domain::untrusted::visible;
use crate::providers::http::{HttpError, Lost};

/// Why no rows came.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    #[error(transparent)]
    Http(#[from] HttpError),
    /// The server's own exception, by its number.
    #[error("ClickHouse says: {text} (code {code})")]
    Server { code: u32, text: String },
    /// After it had begun to answer.
    #[error("it began to answer and then failed: {0}")]
    Late(String),
    /// It sends us to another address, with our login.
    #[error("it sends us on to {0}, and a login is not carried to another address")]
    Elsewhere(String),
    /// What answers there is something else.
    #[error("what answers there does not speak ClickHouse's HTTP: status {status}, {text}")]
    Stranger { status: u16, text: String },
}

/// An error without the header: by the words that `ClickHouse` begins its own
/// with, otherwise it is something else that answers.
pub(super) fn by_body(status: u16, text: &str) -> Refused {
    if let Some((_, rest)) = text.split_once("Code: ")
        && text.contains("DB::")
        && let Some(code) = rest.split(['.', ',', ' ']).next()
        && let Ok(code) = code.parse()
    {
        let text = text.to_owned();
        return Refused::Server { code, text };
    }
    let text = if text.is_empty() {
        "nothing in it".to_owned()
    } else {
        text.chars().take(120).collect()
    };
    Refused::Stranger { status, text }
}

/// What the server said, for a person.
pub fn failure(refused: &Refused, doing: &str, place: &str) -> Failure {
    let what = format!("{doing}: no answer from {place}");
    match refused {
        Refused::Server { code, text } => {
            // Its words begin with the number, which is told once.
            let own = text.split_once("DB::Exception: ");
            let own = own.map_or(text.as_str(), |(_, own)| own);
            Failure::new(
                format!("{doing}: {place} refused it"),
                format!("ClickHouse says: {own} (code {code})"),
                hint(*code),
            )
        }
        Refused::Late(_) => Failure::new(
            format!("{doing}: the answer of {place} broke off"),
            refused.to_string(),
            "nothing is judged by half an answer: ask again, or for a shorter --window",
        ),
        Refused::Elsewhere(to) => Failure::new(
            what,
            refused.to_string(),
            format!(
                "if that is your server, give its own address to --url: {}",
                visible(to)
            ),
        ),
        Refused::Stranger { .. } => Failure::new(
            what,
            refused.to_string(),
            "give --url the address of ClickHouse's HTTP interface: port 8123, or 8443 with https; 9000 and 9440 are for its own client",
        ),
        Refused::Http(error) => Failure::new(what, error.to_string(), error_hint(error)),
    }
}

fn error_hint(error: &HttpError) -> &'static str {
    match error {
        HttpError::Lost {
            how: Lost::Connect, ..
        } => {
            "look at host and port of --url: ClickHouse answers HTTP on 8123, and on 8443 with https; is a VPN or an allow-list in the way?"
        }
        HttpError::Lost {
            how: Lost::Timeout, ..
        } => "ask for a shorter --window, or allow more with --max-seconds",
        HttpError::Lost {
            how: Lost::Broken, ..
        } => "ask again; if it goes on, look at the server and at what stands before it",
        HttpError::NoUrl(_) => "give an address such as https://clickhouse.example.org:8443",
        HttpError::Credentials(_) => {
            "take them out of --url and set CLICKHOUSE_USER and CLICKHOUSE_PASSWORD: what is typed is seen by others"
        }
        HttpError::Plain(_) => {
            "give an https:// address, or a tunnel's end on this machine: http://127.0.0.1:8123"
        }
        HttpError::Status { .. } | HttpError::Large(_) => "ask for a shorter --window",
    }
}

/// The next step by the number of the exception.
const fn hint(code: u32) -> &'static str {
    match code {
        516 | 192..=194 => {
            "set CLICKHOUSE_USER and CLICKHOUSE_PASSWORD to a login that may read the table"
        }
        497 => "give the login the right to SELECT from that table, or take one that has it",
        60 | 81 => {
            "set CLICKHOUSE_DATABASE to the database that has the table, or name it in `from` of a mapping of your own"
        }
        47 | 46 | 16 | 8 => {
            "the mapping names something that this table or server has not: copy the mapping, correct it, and give the file to --mapping; --show-queries prints what is sent"
        }
        43 | 53 | 70 | 6 | 41 | 42 | 386 => {
            "an expression of the mapping does not fit its column's type: correct it in a file of your own, with toString(..) where a text is meant; the time's `form` must fit too"
        }
        159 | 160 | 209 => "ask for a shorter --window, or allow more with --max-seconds",
        307 | 158 | 396 | 241 | 173 => {
            "ask for a shorter --window, or allow more with --max-read (GiB)"
        }
        202 | 203 => "the server has too much to do: ask again in a minute",
        164 => "take a login that may read and whose profile sets its own limits",
        291 | 499 | 36 => {
            "look at `from` of the mapping: the bucket, the path and the server's own rights to it"
        }
        _ => "look at the server's words; --show-queries prints what is sent",
    }
}
