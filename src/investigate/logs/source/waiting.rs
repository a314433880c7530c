//! What may let its reader wait, such as a pipe or a store, read on a thread
//! of its own: so whoever ends the scan is answered, even if nothing comes. A
//! leaf.

use std::io::{Error, ErrorKind, Read};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

/// Bytes asked for at once.
const PART: usize = 64 << 10;
/// Parts that wait to be taken.
const PARTS: usize = 4;
/// Between two looks whether the scan was ended.
const LOOK: Duration = Duration::from_millis(100);

type Part = std::io::Result<Vec<u8>>;
/// What is opened, on the thread that reads it: to open may wait, too.
type Opened = std::io::Result<Box<dyn Read + Send>>;

/// A stream whose bytes come from another thread.
pub struct Waiting<'s> {
    parts: Receiver<Part>,
    part: Vec<u8>,
    taken: usize,
    over: bool,
    stop: &'s AtomicBool,
}

impl<'s> Waiting<'s> {
    /// Begins to read what is opened so. The thread ends with the stream, or at the next
    /// bytes that nobody takes.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn on(
        open: impl FnOnce() -> Opened + Send + 'static,
        stop: &'s AtomicBool,
    ) -> std::io::Result<Self> {
        let (give, parts) = sync_channel(PARTS);
        let reading = move || poured(open(), &give);
        thread::Builder::new().spawn(reading)?;
        Ok(Self {
            parts,
            part: Vec::new(),
            taken: 0,
            over: false,
            stop,
        })
    }

    /// The next part; an empty one is the end.
    fn next(&self) -> Part {
        loop {
            match self.parts.recv_timeout(LOOK) {
                Ok(part) => return part,
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(Error::new(ErrorKind::UnexpectedEof, "reading broke off"));
                }
                Err(RecvTimeoutError::Timeout) if self.stop.load(Ordering::Relaxed) => {
                    return Err(Error::other("reading was ended while it waited for more"));
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }
}

impl Read for Waiting<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        if self.taken == self.part.len() && !self.over && !into.is_empty() {
            let part = self.next();
            self.over = !part.as_ref().is_ok_and(|part| !part.is_empty());
            (self.part, self.taken) = (part?, 0);
        }
        let most = into.len().min(self.part.len() - self.taken);
        into[..most].copy_from_slice(&self.part[self.taken..self.taken + most]);
        self.taken += most;
        Ok(most)
    }
}

/// Gives all of a stream, then its end or why there is no more.
fn poured(opened: Opened, give: &SyncSender<Part>) -> Option<()> {
    let mut stream = match opened {
        Ok(stream) => stream,
        Err(error) => return give.send(Err(error)).ok(),
    };
    loop {
        let mut part = vec![0; PART];
        let read = match stream.read(&mut part) {
            Ok(read) => Ok(read),
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => Err(error),
        };
        let goes_on = read.as_ref().is_ok_and(|read| *read > 0);
        let part = read.map(|read| {
            part.truncate(read);
            part
        });
        give.send(part).ok()?;
        if !goes_on {
            return Some(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives some bytes, then nothing for ever, or fails, or ends.
    #[derive(Debug, Clone, Copy)]
    enum Store {
        Hangs,
        Fails,
        Ends,
    }

    impl Store {
        fn open(self) -> Box<dyn Read + Send> {
            Box::new((&b"some"[..]).chain(Rest(self)))
        }
    }

    struct Rest(Store);

    impl Read for Rest {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            match self.0 {
                Store::Hangs => loop {
                    thread::park();
                },
                Store::Fails => Err(Error::other("torn")),
                Store::Ends => Ok(0),
            }
        }
    }

    fn read(store: Store, stop: &AtomicBool) -> (String, Option<String>) {
        let mut text = String::new();
        let ended = Waiting::on(move || Ok(store.open()), stop).and_then(|mut stream| {
            let ended = stream.read_to_string(&mut text);
            assert_eq!(stream.read(&mut [0; 9]).unwrap(), 0, "it is over");
            ended
        });
        (text, ended.err().map(|error| error.to_string()))
    }

    #[test]
    fn all_bytes_come_and_how_it_ended() {
        let goes_on = AtomicBool::new(false);
        assert_eq!(read(Store::Ends, &goes_on), ("some".to_owned(), None));
        let (text, why) = read(Store::Fails, &goes_on);
        assert_eq!((text.as_str(), why.as_deref()), ("some", Some("torn")));
        let (text, why) = read(Store::Hangs, &AtomicBool::new(true));
        assert!(text == "some" && why.unwrap().contains("was ended"));
    }
}
