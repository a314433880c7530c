//! Counts a statement that ran: its shape is the route, its table the kind of
//! object.

use super::shapes::Shapes;
use crate::investigate::logs::event::Event;
use crate::investigate::logs::format::parser::PlanSeen;
use crate::investigate::logs::gather::{Gather, Target};

/// Counts one execution, unless it asks for no rows of the app.
pub fn count(gather: &mut Gather, shapes: &mut Shapes, event: &Event<'_>) {
    let run = shapes.run(event.statement, event.parameters);
    if !run.facts.is_access {
        return;
    }
    let (kind, object) = match &run.facts.object {
        _ if !event.object.is_empty() => (event.object_kind, event.object),
        Some((table, _)) if !run.object.is_empty() => (table.as_str(), run.object),
        _ => ("", ""),
    };
    let tenant = if event.tenant.is_empty() {
        run.tenant
    } else {
        event.tenant
    };
    if !gather.holds(event.at) {
        return;
    }
    let target = Target {
        route: gather.route(event.layer, &run.facts.label),
        kind: gather.word(kind),
        object,
        is_static: false,
    };
    if gather.count(&Event { tenant, ..*event }, &target)
        && let Some(known) = gather.shape(&run.facts.label, &run.facts.statement)
    {
        known.limit = known.limit.max(run.facts.statement.limit);
    }
}

/// Notes what a plan tells of the shape of its statement.
pub fn plan(gather: &mut Gather, shapes: &mut Shapes, plan: &PlanSeen<'_>) {
    let run = shapes.run(plan.statement, "");
    if !run.facts.is_access {
        return;
    }
    let Some(known) = gather.shape(&run.facts.label, &run.facts.statement) else {
        return;
    };
    known.plans += 1;
    for column in plan.columns {
        if known.filtered.len() < 64 && !known.filtered.contains(column) {
            known.filtered.insert(column.clone());
        }
    }
    if plan.closed {
        known.filtered.insert(CLOSED.to_owned());
    }
}

/// Stands among the filtered columns where a plan let nothing through.
pub const CLOSED: &str = "false";
