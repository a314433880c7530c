//! The one line each fact is told in: plain words, no values.
//!
//! The wording is what responders and reviewers read; it is written into the
//! journal once and never computed again for an entry read back.

use super::{CheckDone, DoneHow, Fact, Mapped, Reads, Resumed};

impl Fact {
    /// One line for the timeline: plain words, no values.
    pub fn summary(&self) -> String {
        match self {
            Self::IncidentOpened(o) => {
                format!("{} opened: {} ({})", o.mode.word(), o.title, o.codename)
            }
            Self::IncidentClosed(c) => format!("closed: {}", c.sentence),
            Self::IncidentResumed(r) => resumed(r),
            Self::StepStarted(s) => format!("started: {}", s.title),
            Self::StepDone(d) => match d.how {
                DoneHow::Tool => "done with the tool".to_owned(),
                DoneHow::Manual => "done by hand (manual)".to_owned(),
                DoneHow::Answered => "done: answered".to_owned(),
            },
            Self::StepSkipped(s) => format!("skipped: {}", s.reason),
            Self::Answered(a) => format!("{} = {}", a.ask, a.answer),
            Self::Noted(n) | Self::Observed(n) => n.text.clone(),
            Self::CauseJudged(c) => {
                format!("{} judged {}: {}", c.cause.id(), c.state.word(), c.reason)
            }
            Self::CheckStarted(c) if c.helpers => format!(
                "{} started on {}, helper functions with effects allowed",
                c.check, c.target
            ),
            Self::CheckStarted(c) => format!("{} started on {}", c.check, c.target),
            Self::CheckDone(c) => check_done(c),
            Self::CheckFailed(c) => format!("{} could not run: {}", c.check, c.failure),
            Self::FindingRaised(f) => format!(
                "{} {} {}: {} ({})",
                f.finding.check,
                f.finding.severity.word(),
                f.finding.confidence.word(),
                f.finding.title,
                f.finding.subject.name
            ),
            Self::Mapped(m) => mapped(m),
            Self::ReadsSeen(r) => reads(r),
            Self::WatchStarted(w) => format!("watching {}: {}", w.target, w.reads),
            Self::WatchSeen(w) => w.summary(),
            Self::WatchEnded(w) => w.summary(),
            Self::EvidenceAdded(e) => format!("evidence kept: {}", e.what),
            _ => self.summary_of_deeds(),
        }
    }

    /// The second half of [`Fact::summary`]: actions and the journal's own.
    fn summary_of_deeds(&self) -> String {
        match self {
            Self::Planned(p) => format!(
                "plan {} for {} on {}",
                p.digest.short(),
                p.plan.subject.name,
                p.plan.target
            ),
            Self::Approved(a) => format!("plan {} approved", a.plan.short()),
            Self::Refused(r) => format!("plan {} refused: {}", r.plan.short(), r.reason),
            Self::Intended(i) => format!("{} about to change {}", i.action, i.target),
            Self::Applied(a) => format!("plan {} applied", a.plan.short()),
            Self::ActionFailed(f) => format!("plan {} failed: {}", f.plan.short(), f.failure),
            Self::ActionUnknown(f) => {
                format!("plan {} outcome unknown: {}", f.plan.short(), f.failure)
            }
            Self::Proved(p) => p.proof.text.clone(),
            Self::RehearsalStarted(r) => format!("fix of {} tried on {}", r.finding, r.target),
            Self::Rehearsed(r) => {
                format!("fix of {} rehearsed: {}", r.finding, r.rehearsal.summary())
            }
            Self::RehearsalFailed(r) => {
                format!("fix of {} could not be rehearsed: {}", r.finding, r.failure)
            }
            Self::Corrected(c) => format!("correction: {}", c.text),
            Self::Exported(e) => format!("exported as {} ({} bytes)", e.format, e.bytes),
            Self::Recovered(r) => format!(
                "journal recovered, {} bytes set aside: {}",
                r.bytes, r.reason
            ),
            Self::Degraded(d) => format!("journal degraded: {}", d.reason),
            Self::ClockStepped(c) => format!("wall clock moved by {} ms", c.delta_ms),
            Self::HeadNoted(h) => format!("head {} at entry {}", h.head.short(), h.seq),
            Self::Unknown(u) => format!("entry of unknown kind {}", u.kind),
            _ => String::new(),
        }
    }
}

fn resumed(r: &Resumed) -> String {
    let drift = if r.playbook_drift {
        "; the playbook file has changed since it was pinned"
    } else {
        ""
    };
    let lab = r
        .lab
        .as_ref()
        .map(|lab| format!("; {lab}"))
        .unwrap_or_default();
    format!("resumed{drift}{lab}")
}

fn check_done(c: &CheckDone) -> String {
    let gaps = match c.coverage.could_not.len() {
        0 => "everything was looked at".to_owned(),
        1 => "1 thing could not be looked at".to_owned(),
        n => format!("{n} things could not be looked at"),
    };
    format!(
        "{} done: {} findings, {} looked at, {gaps}",
        c.coverage.check,
        c.findings.len(),
        c.coverage.looked_at
    )
}

fn mapped(m: &Mapped) -> String {
    match (m.relations.len(), m.cells.len()) {
        (0, 0) => format!("how {} principals were assumed", m.acting.len()),
        (r, 0) => format!("{r} relations mapped"),
        (0, c) => format!("{c} cells probed"),
        (r, c) => format!("{r} relations mapped, {c} cells probed"),
    }
}

fn reads(r: &Reads) -> String {
    let wide = r.read.iter().filter(|read| read.wide).count();
    let told = format!("{} reads seen, {wide} of them wide", r.read.len());
    match (&r.horizon, r.live.len()) {
        (Some(horizon), 0) => format!("{told} ({})", horizon.line()),
        (Some(horizon), live) => format!("{told}, {live} running now ({})", horizon.line()),
        (None, _) => told,
    }
}
