//! A witness between a client and the lab's server: after each message of the
//! client, before the answer goes back, the server's process is looked at.
//!
//! A message that ends in `ROLLBACK` is cut in two, so that what its
//! transaction held is seen. Pipelined messages go on one at a time.

use super::lab::{Lab, rows};
use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::thread::JoinHandle;
use tempfile::TempDir;
use tokio_postgres::Client;

/// What is asked of the server at each stop; `{pid}` is the client's process.
pub type Row = Vec<Option<String>>;

/// One connection that is watched.
#[derive(Debug)]
pub struct Proxy {
    folder: TempDir,
    seen: JoinHandle<Vec<Row>>,
}

/// Watches the one connection that will be made.
///
/// # Panics
/// When the folder or its socket cannot be made.
pub fn watch(lab: &Lab, sql: &str) -> Proxy {
    let folder = tempfile::Builder::new()
        .prefix("fhw")
        .tempdir_in("/tmp")
        .unwrap();
    let listener = UnixListener::bind(folder.path().join(".s.PGSQL.5432")).unwrap();
    let (lab, sql) = (lab.clone(), sql.to_owned());
    let seen = std::thread::spawn(move || {
        let (client, _) = listener.accept().unwrap();
        let server = UnixStream::connect(lab.socket_dir().join(".s.PGSQL.5432")).unwrap();
        witness(client, server, &lab, &sql)
    });
    Proxy { folder, seen }
}

impl Proxy {
    /// The connection string through the witness.
    pub fn url(&self, lab: &Lab, user: &str) -> String {
        let folder = self.folder.path().display();
        format!(
            "host={folder} port=5432 user={user} dbname={}",
            lab.database
        )
    }

    /// The rows of every stop, once the client is gone.
    ///
    /// # Panics
    /// When the witness failed.
    pub fn seen(self) -> Vec<Row> {
        self.seen.join().unwrap()
    }
}

fn witness(mut client: UnixStream, mut server: UnixStream, lab: &Lab, sql: &str) -> Vec<Row> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let own: Client = runtime.block_on(lab.connect("postgres"));
    let mut length = [0; 4];
    client.read_exact(&mut length).unwrap();
    let mut greeting = vec![0; u32::from_be_bytes(length) as usize - 4];
    client.read_exact(&mut greeting).unwrap();
    server.write_all(&length).unwrap();
    server.write_all(&greeting).unwrap();
    let (greeted, pid) = answer(&mut server);
    client.write_all(&greeted.concat()).unwrap();
    let sql = sql.replace("{pid}", &pid.unwrap().to_string());
    let mut seen = Vec::new();
    // A client that hangs up ends the loop.
    while let Some((kind, body)) = message(&mut client) {
        let text = body.strip_suffix(b"ROLLBACK\0").filter(|t| !t.is_empty());
        let Some(text) = text.filter(|_| kind == b'Q') else {
            send(&mut server, kind, &body);
            if kind == b'X' {
                break;
            }
            let (parts, _) = answer(&mut server);
            seen.extend(runtime.block_on(rows(&own, &sql)));
            client.write_all(&parts.concat()).unwrap();
            continue;
        };
        send(&mut server, b'Q', &[text, b"\0"].concat());
        let (mut parts, _) = answer(&mut server);
        seen.extend(runtime.block_on(rows(&own, &sql)));
        // In a transaction that goes on; a failed one is the client's to end.
        if parts.last().is_some_and(|ready| ready.ends_with(b"T")) {
            parts.pop();
            send(&mut server, b'Q', b"ROLLBACK\0");
            parts.extend(answer(&mut server).0);
        }
        client.write_all(&parts.concat()).unwrap();
    }
    seen
}

fn send(to: &mut UnixStream, kind: u8, body: &[u8]) {
    to.write_all(&whole(kind, body)).unwrap();
}

fn whole(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).unwrap();
    [&[kind][..], &length.to_be_bytes(), body].concat()
}

/// One message; `None` at the end of the stream.
fn message(from: &mut UnixStream) -> Option<(u8, Vec<u8>)> {
    let mut head = [0; 5];
    from.read_exact(&mut head).ok()?;
    let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]);
    let mut body = vec![0; length as usize - 4];
    from.read_exact(&mut body).ok()?;
    Some((head[0], body))
}

/// The server's messages up to `ReadyForQuery`, and its process if told.
fn answer(server: &mut UnixStream) -> (Vec<Vec<u8>>, Option<i32>) {
    let (mut parts, mut pid) = (Vec::new(), None);
    loop {
        let (kind, body) = message(server).expect("an answer");
        if kind == b'K' {
            pid = Some(i32::from_be_bytes([body[0], body[1], body[2], body[3]]));
        }
        parts.push(whole(kind, &body));
        if kind == b'Z' {
            return (parts, pid);
        }
    }
}
