//! Objects fetched ahead of whoever reads them, so that the next ones travel
//! while one is read. Held in memory alone, and little of each.

use super::error::S3Error;
use super::store::{Listed, Object, PATIENCE};
use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream;
use bytes::Bytes;
use std::io::{Error, ErrorKind, Read};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::runtime::Handle;
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// Objects that travel at once.
const AT_ONCE: usize = 8;
/// Pieces of one object that wait to be read; each is what one read of the
/// connection gave, some 16 KiB.
const WAITING: usize = 32;
/// How often a body that broke off is taken up again where it ended.
const RESUMED: u32 = 2;

type Chunk = std::io::Result<Bytes>;

/// Objects in the order in which they will be read.
#[derive(Debug)]
pub struct Ahead {
    stock: Vec<(Client, Object)>,
    slots: Mutex<Vec<Slot>>,
    runtime: Handle,
}

#[derive(Debug)]
enum Slot {
    Idle,
    Coming(Receiver<Chunk>),
    Taken,
}

impl Ahead {
    /// Objects of some lists, the largest first; fetched on the runtime this
    /// is called on, which must run as long as anything is read.
    pub fn new(lists: Vec<Listed>) -> Arc<Self> {
        let mut stock: Vec<(Client, Object)> = Vec::new();
        for list in lists {
            let client = list.client;
            let objects = list.objects.into_iter();
            stock.extend(objects.map(|object| (client.clone(), object)));
        }
        stock.sort_by_key(|(_, object)| std::cmp::Reverse(object.size));
        let slots = stock.iter().map(|_| Slot::Idle).collect();
        Arc::new(Self {
            stock,
            slots: Mutex::new(slots),
            runtime: Handle::current(),
        })
    }

    /// The objects in their order.
    pub fn objects(&self) -> impl Iterator<Item = &Object> {
        self.stock.iter().map(|(_, object)| object)
    }

    /// The bytes of one object, which begins to travel now if it did not; the
    /// next ones begin too. To be read outside of the runtime's own threads.
    pub fn open(&self, at: usize) -> Box<dyn Read + Send> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let rest = match std::mem::replace(&mut slots[at], Slot::Taken) {
            Slot::Coming(rest) => rest,
            Slot::Idle | Slot::Taken => self.begin(at),
        };
        let mut coming = slots
            .iter()
            .filter(|slot| matches!(slot, Slot::Coming(_)))
            .count();
        for next in at + 1..slots.len() {
            if coming + 1 >= AT_ONCE {
                break;
            }
            if matches!(slots[next], Slot::Idle) {
                slots[next] = Slot::Coming(self.begin(next));
                coming += 1;
            }
        }
        Box::new(Body {
            rest,
            chunk: Bytes::new(),
        })
    }

    fn begin(&self, at: usize) -> Receiver<Chunk> {
        let (give, rest) = channel(WAITING);
        let (client, object) = self.stock[at].clone();
        self.runtime.spawn(pump(client, object, give));
        rest
    }
}

/// Sends an object piece by piece. One that breaks off is taken up where it
/// ended, if it is still the same.
async fn pump(client: Client, object: Object, give: Sender<Chunk>) {
    let mut sent = 0;
    for _ in 0..=RESUMED {
        let mut body = match get(&client, &object, sent).await {
            Ok(body) => body,
            Err(error) => return drop(give.send(Err(Error::other(error))).await),
        };
        while let Ok(Some(Ok(bytes))) = tokio::time::timeout(PATIENCE, body.next()).await {
            sent += bytes.len() as u64;
            if give.send(Ok(bytes)).await.is_err() {
                return;
            }
        }
        if sent >= object.size {
            return;
        }
    }
    let why = format!(
        "the store broke off after {sent} of {} bytes, {} times: run the check again",
        object.size,
        RESUMED + 1
    );
    drop(
        give.send(Err(Error::new(ErrorKind::UnexpectedEof, why)))
            .await,
    );
}

async fn get(client: &Client, object: &Object, from: u64) -> Result<ByteStream, S3Error> {
    let range = (from > 0).then(|| format!("bytes={from}-"));
    let asked = client
        .get_object()
        .bucket(&object.bucket)
        .key(&object.key)
        .set_if_match(object.tag.clone())
        .set_range(range);
    match asked.send().await {
        // What was read already would be counted once more.
        Ok(got) if !begins_at(got.content_range(), from) => Err(S3Error::Other(
            "with another part of it than was asked for".to_owned(),
        )),
        Ok(got) => Ok(got.body),
        Err(error) => Err(S3Error::of(&object.bucket, &error)),
    }
}

/// Whether an answer begins at that byte, by its `bytes 7-99/100`.
fn begins_at(range: Option<&str>, from: u64) -> bool {
    let first = range
        .and_then(|range| range.strip_prefix("bytes ")?.split_once('-'))
        .and_then(|(first, _)| first.parse().ok());
    first.unwrap_or(0) == from
}

/// An object as a reader that waits.
struct Body {
    rest: Receiver<Chunk>,
    chunk: Bytes,
}

impl Read for Body {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        while self.chunk.is_empty() {
            match self.rest.blocking_recv() {
                Some(chunk) => self.chunk = chunk?,
                None => return Ok(0),
            }
        }
        let most = into.len().min(self.chunk.len());
        into[..most].copy_from_slice(&self.chunk.split_to(most));
        Ok(most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_says_where_it_begins() {
        assert!(begins_at(None, 0) && begins_at(Some("bytes 0-9/10"), 0));
        assert!(begins_at(Some("bytes 7-9/10"), 7));
        for other in [None, Some("bytes 6-9/10"), Some("bytes */10"), Some("x")] {
            assert!(!begins_at(other, 7), "{other:?}");
        }
    }
}
