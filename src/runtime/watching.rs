//! Carries the looks of a watch out: one connection, one look at a time, each
//! within its time, and exactly one message for each.

use super::edge::Edge;
use crate::app::message::Message;
use crate::domain::failure::Failure;
use crate::domain::watch::Glance;
use crate::investigate::database::reads::Watcher;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::UnboundedSender;

/// How long connecting and reading the catalogs may take.
const OPENING: Duration = Duration::from_secs(30);

/// How long one look may take.
const LOOKING: Duration = Duration::from_secs(5);

/// Takes one look and tells of it.
pub fn look(edge: Result<Arc<Edge>, Failure>, outbox: UnboundedSender<Message>, watch: u64) {
    let task = tokio::spawn(async move {
        let edge = edge?;
        Box::pin(glance(&edge)).await
    });
    tokio::spawn(async move {
        let seen = task.await.unwrap_or_else(|_| Err(broke())).map(Box::new);
        // The loop is gone only when the program is ending.
        drop(outbox.send(Message::Looked { watch, seen }));
    });
}

/// Gives the watch's connection up, once no look uses it.
pub fn end(edge: Result<Arc<Edge>, Failure>) {
    if let Ok(edge) = edge {
        tokio::spawn(async move { drop(edge.watcher().lock().await.take()) });
    }
}

async fn glance(edge: &Edge) -> Result<Glance, Failure> {
    let mut place = edge.watcher().lock().await;
    // A connection that failed is not put back: the next look makes another.
    let watcher = match place.take() {
        Some(watcher) => watcher,
        None => within(OPENING, Box::pin(Watcher::open(edge.reach()))).await?,
    };
    let seen = within(LOOKING, watcher.look()).await?;
    *place = Some(watcher);
    Ok(seen)
}

async fn within<T>(
    limit: Duration,
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    let timed_out = |_| {
        Err(Failure::new(
            "the statistics were not looked at",
            format!("timed out after {} s", limit.as_secs()),
            "it is tried again by itself; look at the target's load",
        ))
    };
    tokio::time::timeout(limit, work)
        .await
        .unwrap_or_else(timed_out)
}

fn broke() -> Failure {
    Failure::new(
        "the look broke off",
        "a part of the program failed; what was recorded is safe",
        "leave the screen and come back; if it happens again, look by hand",
    )
}
