//! A server that says what it is told to, and the client of `ClickHouse` that
//! has to cope with it: held to reading, no login carried elsewhere, no half
//! answer taken for a whole.

use firsthour::domain::secret::Secret;
use firsthour::providers::clickhouse::{ClickHouse, Hold, Limits, Login, Refused, failure};
use firsthour::providers::http::{self, HttpError, Lost};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What came in: the head with its request line, and the body.
#[derive(Debug, Clone)]
pub struct Seen {
    pub head: String,
    pub body: String,
}

/// Answers each connection as it is told, until nobody listens to it any more.
pub struct Door {
    pub url: String,
    pub seen: Arc<Mutex<Vec<Seen>>>,
}

impl Door {
    /// Opens one; `say` gets the request and its number, and gives the whole
    /// answer. Nothing at all leaves the connection open without an answer.
    pub fn new(say: impl Fn(&Seen, usize) -> Vec<u8> + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&seen);
        std::thread::spawn(move || {
            let mut silent = Vec::new();
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { return };
                let Some(request) = read(&stream) else {
                    continue;
                };
                let number = {
                    let mut kept = kept.lock().unwrap();
                    kept.push(request.clone());
                    kept.len() - 1
                };
                let answer = say(&request, number);
                if answer.is_empty() {
                    silent.push(stream);
                } else {
                    drop(stream.write_all(&answer));
                }
            }
        });
        Self { url, seen }
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

fn read(stream: &TcpStream) -> Option<Seen> {
    let mut reader = BufReader::new(stream);
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if line == "\r\n" {
            break;
        }
        if let Some(size) = line.to_lowercase().strip_prefix("content-length:") {
            length = size.trim().parse().ok()?;
        }
        head.push_str(&line);
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let body = String::from_utf8(body).ok()?;
    Some(Seen { head, body })
}

/// An answer with a status, headers of its own and a body.
pub fn answer(status: &str, headers: &[&str], body: &str) -> Vec<u8> {
    let mut text = format!("HTTP/1.1 {status}\r\n");
    for header in headers {
        text.push_str(header);
        text.push_str("\r\n");
    }
    text.push_str(&format!(
        "Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    ));
    text.into_bytes()
}

const SECRET: &str = "hunter-22";
const EXCEPTION: &str = "X-ClickHouse-Exception-Code: ";

fn client(url: &str) -> ClickHouse {
    let limits = Limits {
        seconds: 7,
        rows: 11,
        bytes_read: 13,
    };
    let login = Login {
        user: Some("ada".to_owned()),
        password: Some(Secret::new(SECRET.to_owned())),
        database: Some("logs".to_owned()),
    };
    ClickHouse::new(url, login, limits).unwrap()
}

fn ask(server: &ClickHouse) -> Result<Vec<Vec<Value>>, Refused> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(server.rows("SELECT 1"))
}

fn lines(refused: &Refused) -> String {
    failure(refused, "Q1", "here").lines().join("\n")
}

#[test]
fn each_query_is_held_to_reading_and_its_login_is_no_part_of_the_address() {
    let door = Door::new(|_, _| answer("200 OK", &[], "[1,\"a\"]\n[2,\"b\"]\n"));
    let server = client(&format!("{}/?database=x", door.url));
    assert_eq!(ask(&server).unwrap().len(), 2);
    assert_eq!(server.hold(), Hold::ReadOnly);
    let seen = &door.seen()[0];
    let first = seen.head.lines().next().unwrap();
    for part in [
        "POST /?database=x&",
        "readonly=1",
        "wait_end_of_query=1",
        "max_execution_time=7",
        "max_result_rows=11",
        "result_overflow_mode=throw",
        "max_bytes_to_read=13",
        "read_overflow_mode=throw",
        "cancel_http_readonly_queries_on_client_close=1",
    ] {
        assert!(first.contains(part), "{part}: {first}");
    }
    assert!(!first.contains("ada") && !first.contains(SECRET), "{first}");
    let head = seen.head.to_lowercase();
    assert!(head.contains("x-clickhouse-user: ada"), "{head}");
    assert!(head.contains(&format!("x-clickhouse-key: {SECRET}")));
    assert_eq!(seen.body, "SELECT 1");
    assert!(!format!("{server:?}").contains(SECRET));
}

#[test]
fn a_fault_after_the_answer_began_is_no_answer() {
    let header = format!("{EXCEPTION}241");
    let door = Door::new(move |_, number| match number {
        0 => answer(
            "200 OK",
            &[&header],
            "[1]\nCode: 241. DB::Exception: Memory limit\n",
        ),
        1 => answer(
            "200 OK",
            &[],
            "[1]\nCode: 159. DB::Exception: Timeout exceeded\n",
        ),
        2 => answer("200 OK", &[], "[1]\n[2"),
        3 => answer("200 OK", &[], "Code: 60. DB::Exception: Unknown table"),
        _ => {
            let mut torn = answer("200 OK", &[], "[1]\n[2]\n[3]\n");
            torn.truncate(torn.len() - 4);
            torn
        }
    });
    let server = client(&door.url);
    let header = ask(&server).unwrap_err();
    assert!(
        matches!(header, Refused::Server { code: 241, .. }),
        "{header:?}"
    );
    assert!(lines(&header).contains("--max-read"), "{}", lines(&header));
    let late = ask(&server).unwrap_err();
    assert!(
        matches!(&late, Refused::Late(text) if text.contains("Timeout")),
        "{late:?}"
    );
    assert!(matches!(ask(&server).unwrap_err(), Refused::Late(_)));
    let early = ask(&server).unwrap_err();
    assert!(
        matches!(early, Refused::Server { code: 60, .. }),
        "{early:?}"
    );
    let torn = ask(&server).unwrap_err();
    let Refused::Http(HttpError::Lost { how, .. }) = &torn else {
        panic!("{torn:?}");
    };
    assert_eq!(*how, Lost::Broken);
}

#[test]
fn a_login_is_not_carried_to_another_address() {
    let other = Door::new(|_, _| answer("200 OK", &[], "[1]\n"));
    for status in ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"] {
        let to = format!("Location: {}/elsewhere", other.url);
        let door = Door::new(move |_, _| answer(status, &[&to], ""));
        let refused = ask(&client(&door.url)).unwrap_err();
        assert!(matches!(refused, Refused::Elsewhere(_)), "{refused:?}");
        let told = lines(&refused);
        assert!(
            told.contains("/elsewhere") && told.contains("--url"),
            "{told}"
        );
    }
    assert!(other.seen().is_empty(), "{:?}", other.seen());
}

#[test]
fn a_login_that_can_only_read_is_asked_by_its_own_profile() {
    let header = format!("{EXCEPTION}164");
    let door = Door::new(move |_, number| match number {
        0 | 1 => answer(
            "500 Error",
            &[&header],
            "Code: 164. DB::Exception: Cannot modify",
        ),
        _ => answer("200 OK", &[], "[1]\n"),
    });
    let server = client(&door.url);
    assert_eq!(ask(&server).unwrap().len(), 1);
    assert_eq!(server.hold(), Hold::Profile);
    assert_eq!(ask(&server).unwrap().len(), 1);
    let seen = door.seen();
    assert_eq!(seen.len(), 4, "what was learnt is kept");
    assert!(seen[1].head.contains("max_execution_time") && !seen[1].head.contains("readonly=1"));
    assert!(!seen[3].head.contains("max_execution_time"));
    assert!(
        seen.iter()
            .all(|seen| seen.head.contains("wait_end_of_query=1"))
    );
}

#[test]
fn what_does_not_speak_clickhouse_is_told_with_the_ports_that_do() {
    let door = Door::new(|_, number| match number {
        0 => answer("200 OK", &[], "<!doctype html><title>Dashboards</title>"),
        1 => answer("404 Not Found", &[], "<html>no such page</html>"),
        2 => answer("400 Bad", &[], "Port 9000 is for clickhouse-client program"),
        _ => answer("502 Bad Gateway", &[], ""),
    });
    let server = client(&door.url);
    for _ in 0..4 {
        let refused = ask(&server).unwrap_err();
        assert!(matches!(refused, Refused::Stranger { .. }), "{refused:?}");
        assert!(lines(&refused).contains("8123"), "{}", lines(&refused));
    }
}

#[test]
fn an_endless_row_is_not_kept() {
    let door = Door::new(|_, _| answer("200 OK", &[], &"[1,".repeat(1 << 20)));
    let refused = ask(&client(&door.url)).unwrap_err();
    let large = matches!(refused, Refused::Http(HttpError::Large(_)));
    assert!(large, "{refused:?}");
}

#[test]
fn no_connection_and_no_answer_say_what_to_look_at() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", closed.local_addr().unwrap());
    drop(closed);
    let refused = ask(&client(&url)).unwrap_err();
    assert!(lines(&refused).contains("8443"), "{}", lines(&refused));
    let silent = Door::new(|_, _| Vec::new());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let lost = runtime.block_on(async {
        let client = http::client(Duration::from_millis(200)).unwrap();
        http::send(client.get(&silent.url)).await.unwrap_err()
    });
    let HttpError::Lost { how, .. } = &lost else {
        panic!("{lost:?}");
    };
    assert_eq!(*how, Lost::Timeout);
    let told = lines(&Refused::Http(lost));
    assert!(told.contains("--max-seconds"), "{told}");
}

#[test]
fn the_server_s_own_refusals_say_what_next() {
    for (code, next) in [
        (516, "CLICKHOUSE_PASSWORD"),
        (497, "right to SELECT"),
        (60, "CLICKHOUSE_DATABASE"),
        (47, "copy the mapping"),
        (53, "does not fit"),
        (159, "--max-seconds"),
        (307, "--max-read"),
        (999_999, "--show-queries"),
    ] {
        let text = format!("Code: {code}. DB::Exception: words\u{1b}[2J of the server");
        let told = lines(&Refused::Server { code, text });
        assert!(told.contains(next), "{code}: {told}");
        assert!(told.contains("words"), "{told}");
        assert!(!told.contains('\u{1b}'), "{told}");
    }
}
