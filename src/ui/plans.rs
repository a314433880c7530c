//! Every plan, the containments that stand first: the ledger.

use super::list::position;
use super::sheet::{self, Sheet, columns};
use super::style::Palette;
use super::text::{Row, clip};
use super::words::{counted, plan_word, proof_word, since_start};
use crate::app::rows;
use crate::app::screen::ListView;
use crate::domain::incident::{Incident, PlanRecord, PlanState};
use ratatui::layout::Rect;
use ratatui::style::Style;

/// Columns before the subject.
const BEFORE: usize = 17 + 15 + 17;

/// Columns after the subject: when, and by whom.
const AFTER: usize = 10;

/// Draws the plans screen.
pub fn draw(incident: &Incident, list: &ListView, sheet: &mut Sheet<'_>, area: Rect) {
    let palette = sheet.palette;
    let plans = rows::plans(incident, &list.filter);
    let standing = incident.ledger().count();
    let (head, body) = sheet::top(area, 3);
    let text = match standing {
        0 => "no containment stands".to_owned(),
        1 => "1 containment stands".to_owned(),
        n => format!("{n} containments stand"),
    };
    let text = format!("{text}, {} in all", counted(incident.plans.len(), "plan"));
    sheet.row(head, 0, Row::of(&text, palette.strong()));
    if plans.is_empty() {
        let text = if incident.plans.is_empty() {
            "Nothing was planned yet: p plans the containment of a proven leak.".to_owned()
        } else {
            format!("No plan fits the filter {}; / changes it.", list.filter)
        };
        sheet.row(head, 1, Row::of(&text, palette.plain()));
        return;
    }
    sheet.row(
        head,
        1,
        position(list, plans.len(), incident.plans.len(), palette),
    );
    let wide = columns(area);
    let subject = wide.saturating_sub(sheet::MARK + BEFORE + AFTER);
    let titles = Row::new()
        .gap(sheet::MARK)
        .cell("state", 17, palette.dim())
        .cell("last probe", 15, palette.dim())
        .cell("action", 17, palette.dim())
        .cell("on", subject, palette.dim())
        .put("since", palette.dim());
    sheet.row(head, 2, titles);
    sheet.list(body, plans.len(), list.cursor, |at| {
        plan(incident, plans[at], palette, subject)
    });
}

fn plan(incident: &Incident, record: &PlanRecord, palette: Palette, subject: usize) -> Row {
    let action = if record.plan.undoes.is_some() {
        format!("undo {}", record.plan.action)
    } else {
        record.plan.action.clone()
    };
    Row::new()
        .cell(plan_word(record), 17, state_style(record, palette))
        .cell(proof_word(record), 15, proof_style(record, palette))
        .cell(&action, 16, palette.plain())
        .gap(1)
        .cell(
            &record.plan.subject.name,
            subject.saturating_sub(1),
            palette.plain(),
        )
        .gap(1)
        .put(
            &clip(&since_start(incident, record.since), AFTER),
            palette.dim(),
        )
}

/// How the state of a plan is told.
pub fn state_style(record: &PlanRecord, palette: Palette) -> Style {
    match &record.state {
        PlanState::Applied if record.lifted_by.is_some() => palette.dim(),
        PlanState::Applied => palette.good(),
        PlanState::Failed { .. } | PlanState::Unknown { .. } => palette.bad(),
        PlanState::Shown | PlanState::Approved | PlanState::Intended => palette.warn(),
        PlanState::Refused { .. } => palette.dim(),
    }
}

/// How the last proof is told.
pub fn proof_style(record: &PlanRecord, palette: Palette) -> Style {
    match record.proof.as_ref().and_then(|proof| proof.holds) {
        Some(true) => palette.good(),
        Some(false) => palette.bad(),
        None => palette.warn(),
    }
}
