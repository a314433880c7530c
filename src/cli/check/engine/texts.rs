//! The queries as a person reads them before they are sent. A leaf.

use crate::domain::untrusted::visible_lines;
use crate::investigate::logs::questions::ask::{Question, Render};
use crate::investigate::logs::questions::relation::events;
use crate::investigate::logs::questions::whom::Whom;
use std::collections::BTreeSet;

/// Every question in the order it is asked.
pub fn questions(render: &Render<'_>) -> Vec<Question> {
    let nobody = Whom::These(BTreeSet::new());
    let mut all = vec![render.probe()];
    all.extend(render.first());
    all.extend(render.second(&nobody, &nobody));
    all
}

/// Every query whole, ready to be run by hand.
pub fn whole(render: &Render<'_>) -> String {
    let mut out = String::new();
    for question in questions(render) {
        let (_, text) = question.page(render.sql, 0);
        put(&mut out, &question, &text, ";\n");
    }
    out
}

/// Every query, with what they have in common once.
pub fn brief(render: &Render<'_>) -> String {
    let common = events(render.sql, render.mapping, &render.bounds);
    let mut out = String::from("-- events, with which most queries below begin:\n");
    for line in visible_lines(&common) {
        out.push_str(&line);
        out.push('\n');
    }
    out.push('\n');
    for question in questions(render) {
        let (_, text) = question.page(render.sql, 0);
        match text.strip_prefix(&common) {
            Some(rest) => put(&mut out, &question, &format!("WITH .. events{rest}"), "\n"),
            None => put(&mut out, &question, &text, "\n"),
        }
    }
    out
}

fn put(out: &mut String, question: &Question, text: &str, end: &str) {
    let text = text.replace(
        " AND (ev_kind, ev_who) IN ()",
        " /* where not all fit: AND (ev_kind, ev_who) IN (those who reached most, by the answer to Q2) */",
    );
    out.push_str(&format!("-- {}: {}\n", question.id, question.about));
    for line in visible_lines(&text) {
        out.push_str(&line);
        out.push('\n');
    }
    out.push_str(end);
    out.push('\n');
}
