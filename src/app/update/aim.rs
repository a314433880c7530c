//! From what a screen points at to the order for a plan: which containment
//! fits, and, when several do, which one a person chooses.

use super::prompt;
use crate::app::effect::Effect;
use crate::app::model::{JobKind, Model};
use crate::app::offers::{self, Aim, Offer, Share};
use crate::app::rows;
use crate::app::screen::{Purpose, Screen};
use crate::domain::finding::SubjectKind;
use crate::domain::incident::Incident;

/// The action offered on the map when the step names none.
const DEFAULT_ACTION: &str = "restrict.revoke";

/// Plans the containment for what the screen points at; asks which one, when
/// several fit. On the map the step says which are meant.
pub fn plan(model: &mut Model) -> Vec<Effect> {
    let named = named_by_step(model);
    let Some(aim) = pointed_at(model) else {
        return Vec::new();
    };
    if let [only] = named.as_slice() {
        return plan_named(model, only.clone(), aim);
    }
    let mut offers = model
        .incident()
        .map_or_else(Vec::new, |incident| offers::fitting(incident, &aim));
    let known = &model.abilities.actions;
    offers.retain(|offer| known.iter().any(|spec| spec.id == offer.action));
    offers.retain(|offer| named.is_empty() || named.iter().any(|id| id == offer.action));
    match offers.as_slice() {
        [] => {
            model.tell(format!(
                "no containment is built in for {}; do it by hand and note it",
                aim.name
            ));
            Vec::new()
        }
        [only] => {
            let (action, share) = (only.action.to_owned(), only.share);
            order(model, action, aim, share)
        }
        several => {
            let choices = several.iter().map(|o| o.label.to_owned()).collect();
            let label = format!(
                "Which containment for {}? It is planned, not done; Enter takes 1",
                aim.name
            );
            prompt::with_choices(model, Purpose::Contain { aim }, &label, choices);
            Vec::new()
        }
    }
}

/// The choice was made.
pub fn chosen(model: &mut Model, aim: Aim, label: &str) -> Vec<Effect> {
    let offers = model
        .incident()
        .map_or_else(Vec::new, |incident| offers::fitting(incident, &aim));
    match offers.into_iter().find(|offer| offer.label == label) {
        Some(Offer { action, share, .. }) => order(model, action.to_owned(), aim, share),
        None => Vec::new(),
    }
}

/// On the map, the actions that the step in hand names, or the one that is
/// offered when it names none. Other screens leave it to what they point at.
fn named_by_step(model: &Model) -> Vec<String> {
    if !matches!(model.screen, Screen::Map(_)) {
        return Vec::new();
    }
    let calls = model.step_in_hand().map_or(&[][..], |step| &step.actions);
    if calls.is_empty() {
        return vec![DEFAULT_ACTION.to_owned()];
    }
    calls.iter().map(|call| call.uses.clone()).collect()
}

fn plan_named(model: &mut Model, action: String, aim: Aim) -> Vec<Effect> {
    if !model.abilities.actions.iter().any(|spec| spec.id == action) {
        model.tell(format!(
            "{action} is not built in; do it by hand and press d"
        ));
        return Vec::new();
    }
    order(model, action, aim, Share::Whole)
}

fn order(model: &mut Model, action: String, aim: Aim, share: Share) -> Vec<Effect> {
    let job = model.start_job(JobKind::Plan(action.clone()));
    vec![Effect::MakePlan {
        job,
        action,
        aim,
        share,
    }]
}

/// What is under the cursor: a function, schema or role as it stands, a
/// relation with the principals that leak there; on the map, the widest leak.
/// Says why when there is none.
fn pointed_at(model: &mut Model) -> Option<Aim> {
    let incident = model.incident()?;
    let filter = rows::filter_of(model);
    let cursor = model.screen.list().map_or(0, |list| list.cursor);
    let finding = match &model.screen {
        Screen::Findings(_) => rows::findings(incident, filter)
            .get(cursor)
            .map(|raised| &raised.finding),
        Screen::Finding { key, .. } => incident
            .findings
            .iter()
            .map(|raised| &raised.finding)
            .find(|finding| finding.key() == *key),
        _ => None,
    };
    if let Some(aim) = finding.and_then(offers::direct) {
        return Some(aim);
    }
    let name = match &model.screen {
        Screen::Cell { relation, .. } => Some(relation.clone()),
        Screen::Matrix(_) => rows::relations(incident, filter)
            .get(cursor)
            .map(|name| (*name).to_owned()),
        _ => finding.map(|finding| finding.subject.name.clone()),
    };
    let leaking = rows::leaking(incident);
    let found = match &name {
        None => leaking.first(),
        Some(name) => leaking
            .iter()
            .find(|(relation, _)| name == relation || name.ends_with(&format!(" {relation}"))),
    };
    if let Some((relation, principals)) = found {
        return Some(Aim {
            kind: kind_of(incident, relation),
            name: relation.clone(),
            principals: principals.clone(),
        });
    }
    let told_by_logs = finding.is_some_and(|finding| finding.trail.is_some());
    let text = match name {
        Some(_) if told_by_logs => {
            "what logs tell is stopped by hand: Enter opens what to do".to_owned()
        }
        Some(name) => format!("no principal is shown to read foreign rows through {name}"),
        None => "no leak is proven yet; run the reach check first".to_owned(),
    };
    model.tell(text);
    None
}

fn kind_of(incident: &Incident, relation: &str) -> SubjectKind {
    let shape = incident.relations.get(relation);
    shape.map_or(SubjectKind::Table, |shape| shape.kind)
}
