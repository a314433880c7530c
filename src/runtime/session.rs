//! One session, from the first frame to the last line on disk.

use super::clock::now;
use super::engine::Engine;
use super::lines::{self, Ended};
use super::setup::Setup;
use super::tui;
use crate::app::effect::Effect;
use crate::app::model::{Model, Notice};
use crate::domain::failure::Failure;
use std::io::{IsTerminal, Write};

/// Runs a session until the person leaves, the input ends, or a signal asks.
///
/// # Errors
/// When there is no terminal to draw on, or nothing could be opened at all.
pub fn run(
    setup: Setup,
    out: &mut dyn Write,
    first: impl FnOnce(&mut Model) -> Vec<Effect>,
) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|e| {
            Failure::new(
                "the program could not start",
                e.to_string(),
                "close other programs, or raise the limit of open files",
            )
        })?;
    let ended = runtime.block_on(session(setup, out, first));
    // Tasks that wait for a dead peer must not hold the exit up.
    runtime.shutdown_background();
    ended
}

async fn session(
    setup: Setup,
    out: &mut dyn Write,
    first: impl FnOnce(&mut Model) -> Vec<Effect>,
) -> Result<(), Failure> {
    let plain = setup.plain;
    let mut model = Model::new(now(), Setup::abilities());
    model.colour = !setup.env.no_color();
    model.person = std::io::stdin().is_terminal();
    let (outbox, mut inbox) = tokio::sync::mpsc::unbounded_channel();
    let mut engine = Engine::new(setup, outbox);
    let effects = first(&mut model);
    let opens_one = effects
        .iter()
        .any(|effect| !matches!(effect, Effect::ListHome));
    let ended = if plain {
        lines::run(&mut model, &mut engine, &mut inbox, out, effects).await
    } else {
        tui::run(&mut model, &mut engine, &mut inbox, effects)
            .await
            .map(|()| Ended::Left)
    };
    let folder = engine.folder();
    // Lines still on their way reach the disk here, before anything is told.
    tokio::task::spawn_blocking(move || engine.shut_down())
        .await
        .map_err(|_| {
            Failure::new(
                "the end was not clean",
                "a part of the program failed while it ended",
                "run firsthour verify on the incident",
            )
        })?;
    let ended = ended?;
    if let (true, None, Some(Notice::Failed(failure))) =
        (opens_one, &model.case, model.notice.take())
    {
        return Err(failure);
    }
    if let Some(folder) = folder {
        farewell(&model, ended, &folder, out);
    }
    Ok(())
}

/// Says what is on disk and how to come back.
fn farewell(model: &Model, ended: Ended, folder: &std::path::Path, out: &mut dyn Write) {
    let Some(incident) = model.incident() else {
        return;
    };
    let folder = crate::domain::untrusted::visible(&folder.display().to_string());
    let mut lines = Vec::new();
    if ended == Ended::InputEnded {
        lines.push("The input ended.".to_owned());
    }
    lines.push(match incident.timeline.len() {
        1 => format!("1 entry is on disk in {folder}"),
        n => format!("{n} entries are on disk in {folder}"),
    });
    let standing = incident.ledger().count();
    if standing > 0 {
        let stand = if standing == 1 {
            "containment stands"
        } else {
            "containments stand"
        };
        lines.push(format!("{standing} {stand} until somebody lifts it"));
    }
    if incident.closed.is_none() && model.stance != crate::domain::stance::Stance::ReadOnly {
        lines.push(format!("Go on with:    firsthour resume {}", incident.id));
    }
    lines.push(format!("Check it with: firsthour verify {}", incident.id));
    for line in lines {
        // With the output closed there is nobody to tell; the disk has it.
        drop(writeln!(out, "{line}"));
    }
}
