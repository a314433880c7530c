//! Pieces that lie in a store, by their addresses.

use super::dated::Dated;
use super::piece::{Opener, Piece};
use super::walk::{self, Found, Gaps};
use crate::investigate::logs::event::Stamp;
use crate::providers::s3::{Address, Ahead, Listed, S3Error, Store};
use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;

/// The pieces of paths and of addresses such as `s3://bucket/prefix`. What is
/// stored is listed here and fetched when it is read, on the runtime this is
/// called on; names that tell a time outside of the window are passed by.
pub async fn gathered(paths: &[PathBuf], window: Option<(Stamp, Stamp)>) -> Found {
    let mut here = Vec::new();
    let mut addresses = Vec::new();
    for path in paths {
        match path.to_str().and_then(Address::of) {
            None => here.push(path.clone()),
            Some(address) => addresses.push((path.display().to_string(), address)),
        }
    }
    let (mut pieces, mut failed) = walk::pieces(&here);
    if addresses.is_empty() {
        return (pieces, failed);
    }
    let lists = listed(addresses, window, &mut failed).await;
    let ahead = Ahead::new(lists);
    let stored = ahead
        .objects()
        .enumerate()
        .map(|(at, object)| Piece::Stored {
            name: format!("s3://{}/{}", object.bucket, object.key),
            size: object.size,
            opener: Arc::new(Stored {
                ahead: Arc::clone(&ahead),
                at,
            }),
        });
    pieces.extend(stored);
    (pieces, failed)
}

async fn listed(
    addresses: Vec<(String, Result<Address, S3Error>)>,
    window: Option<(Stamp, Stamp)>,
    failed: &mut Gaps,
) -> Vec<Listed> {
    let store = Store::open().await;
    let dated = Dated::new();
    let wanted = |key: &str| window.is_none_or(|window| dated.may_hold(key, window));
    let mut lists = Vec::new();
    for (name, address) in addresses {
        let list = match (&store, address) {
            (_, Err(error)) => Err(error),
            (Err(error), _) => Err(error.clone()),
            (Ok(store), Ok(address)) => store.list(&address, &wanted).await,
        };
        match list {
            Err(error) => failed.push((name, error.to_string())),
            Ok(list) => {
                if let Some(why) = lacking(&list) {
                    failed.push((name, why));
                }
                lists.push(list);
            }
        }
    }
    lists
}

/// What of a list is not looked at, if it is not nothing.
fn lacking(list: &Listed) -> Option<String> {
    let seen = list.objects.len() + list.passed;
    match (list.objects.len(), list.cut) {
        (_, true) => Some(format!(
            "only its first {seen} keys were looked at: name a longer prefix, such as that of a day"
        )),
        (0, false) if list.passed > 0 => Some(format!(
            "by their names none of its {seen} objects is of this window: give a wider --window"
        )),
        (0, false) => Some("nothing is there: look at the prefix".to_owned()),
        _ => None,
    }
}

#[derive(Debug)]
struct Stored {
    ahead: Arc<Ahead>,
    at: usize,
}

impl Opener for Stored {
    fn open(&self) -> std::io::Result<Box<dyn Read + Send>> {
        Ok(self.ahead.open(self.at))
    }
}
