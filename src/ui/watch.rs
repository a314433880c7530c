//! What a watch of the statistics sees: how the last look went, who sends rows
//! now, what grew.

use super::page::Page;
use super::style::Palette;
use super::text::{Row, clip};
use super::words::count;
use crate::app::model::Model;
use crate::domain::incident::blast::Blast;

/// The lines above the list: one of the watch itself, and at most so many of
/// what moves. None while nobody watches.
pub fn rows(model: &Model, palette: Palette, wide: usize, most: usize) -> Vec<Row> {
    let Some(watch) = &model.watch else {
        return Vec::new();
    };
    let style = if watch.troubled() {
        palette.warn()
    } else {
        palette.dim()
    };
    let movers = watch.movers();
    let mut rows = vec![Row::of(&clip(&watch.status(model.now), wide), style)];
    // The last line says how many are not shown.
    let shown = if movers.len() > most {
        most.saturating_sub(1)
    } else {
        movers.len()
    };
    for (alarming, text) in &movers[..shown] {
        let style = if *alarming {
            palette.bad()
        } else {
            palette.plain()
        };
        rows.push(
            Row::new()
                .gap(2)
                .put(&clip(text, wide.saturating_sub(2)), style),
        );
    }
    if shown < movers.len() {
        let text = format!("{} more moved", count(movers.len() - shown));
        rows.push(Row::new().gap(2).put(&text, palette.dim()));
    }
    rows
}

/// How each statement of a line grew while it was watched.
pub fn grown(model: &Model, row: &Blast<'_>, page: &mut Page, term: usize) {
    let palette = page.palette;
    let Some(watch) = &model.watch else {
        return;
    };
    for sending in watch.tally().live() {
        if sending
            .live
            .relations
            .iter()
            .any(|name| name == row.relation)
        {
            let when = if watch.troubled() { "then" } else { "now" };
            page.term(when, term, &sending.live.line(), palette.bad());
        }
    }
    for (growth, (calls, rows)) in watch.tally().grown() {
        if growth.read.relation == row.relation && growth.read.role == row.role {
            let fresh = growth.step(calls, rows);
            let text = format!(
                "{} while watched, {fresh} since the last look",
                growth.amount()
            );
            let style = if growth.wide {
                palette.bad()
            } else {
                palette.strong()
            };
            page.term("grew", term, &text, style);
            page.term("by", term, &growth.read.statement, palette.dim());
        }
    }
}
