//! `firsthour __lab-guard`: the hidden process that ends a lab's server when
//! the drill is gone. See `drill::guard`; people never call it.

use crate::domain::failure::Failure;
use crate::drill::guard;
use futures_util::future::select_all;
use std::io::{BufReader, Read};
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

/// Runs the guard on this process's standard streams until its parent is
/// gone or it is told to stop.
pub fn run() -> ExitCode {
    let input = BufReader::new(std::io::stdin());
    match guard::serve(input, &mut std::io::stdout(), stay) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => told(&failure),
    }
}

#[expect(clippy::print_stderr, reason = "the guard has no screen to report to")]
fn told(failure: &Failure) -> ExitCode {
    for line in failure.lines() {
        eprintln!("{line}");
    }
    ExitCode::FAILURE
}

/// Returns when the input has ended or a signal asks for the end.
fn stay(mut input: BufReader<std::io::Stdin>) {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()
    else {
        // Without signals the input's end still ends the lab.
        drain(&mut input);
        return;
    };
    let (tell, gone) = oneshot::channel::<()>();
    std::thread::spawn(move || {
        drain(&mut input);
        drop(tell);
    });
    runtime.block_on(async {
        let kinds = [
            SignalKind::terminate(),
            SignalKind::interrupt(),
            SignalKind::hangup(),
        ];
        let mut ends: Vec<futures_util::future::BoxFuture<'_, ()>> = kinds
            .into_iter()
            .filter_map(|kind| signal(kind).ok())
            .map(|mut told| -> futures_util::future::BoxFuture<'_, ()> {
                Box::pin(async move {
                    told.recv().await;
                })
            })
            .collect();
        ends.push(Box::pin(async {
            // The sender is only ever dropped: that is the message.
            let _ = gone.await;
        }));
        select_all(ends).await;
    });
}

fn drain(input: &mut impl Read) {
    let mut scrap = [0_u8; 256];
    while input.read(&mut scrap).is_ok_and(|n| n > 0) {}
}
