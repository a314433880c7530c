//! Answers of the runtime: a job went on, ended, or failed.

use super::append::{append, append_here};
use super::{lines, plans, rehearse, watch};
use crate::app::chunks::chunked;
use crate::app::effect::Effect;
use crate::app::message::Message;
use crate::app::model::{JobId, JobKind, Model};
use crate::app::screen::LinesSeen;
use crate::domain::check::CheckReport;
use crate::domain::entry::Draft;
use crate::domain::exposure::{Acting, Cell, RelationShape};
use crate::domain::fact::{
    CheckDone, CheckFailed, Exported, Fact, FindingRaised, Mapped, RehearsalFailed,
};
use crate::domain::failure::Failure;
use crate::domain::finding::{Confidence, Evidence, Finding, Severity};
use crate::domain::stance::Stance;

/// The longest evidence value kept inside a finding, in characters.
const EVIDENCE_CHARS: usize = 700;

/// Bytes of JSON a drafted fix may take inside a finding.
const FIX_BYTES: usize = 4 * 1024;

/// Pieces of evidence kept inside a finding.
const EVIDENCE_PIECES: usize = 10;

/// Places of log lines kept inside a finding.
const TRAIL_PLACES: usize = 20;

/// Takes an answer of the runtime in.
pub fn answered(model: &mut Model, message: Message) -> Vec<Effect> {
    match message {
        going @ (Message::JobProgress { .. }
        | Message::LogsSeen { .. }
        | Message::LinesRead { .. }) => {
            went_on(model, going);
            Vec::new()
        }
        Message::JobFailed { job, failure } => job_failed(model, job, failure),
        Message::CheckDone {
            job,
            check,
            report,
            ms,
        } => {
            model.end_job(job, None);
            check_done(model, &check, *report, ms)
        }
        done @ Message::Rehearsed { .. } => rehearse::done(model, done),
        seen @ Message::Looked { .. } => watch::looked(model, seen),
        Message::PlanMade { job, plan } => {
            model.end_job(job, None);
            plans::made(model, *plan)
        }
        Message::ActionDone {
            job,
            plan,
            outcome,
            ms,
        } => {
            model.end_job(job, None);
            plans::acted(model, plan, outcome, ms)
        }
        Message::Proved { job, plan, proof } => {
            model.end_job(job, None);
            plans::proved(model, plan, proof)
        }
        Message::Exported {
            job,
            format,
            file,
            sha256,
            bytes,
        } => {
            model.end_job(job, None);
            model.tell(format!("exported to {file}"));
            let fact = Fact::Exported(Exported {
                format,
                sha256,
                bytes,
            });
            append(model, vec![Draft::new(fact)])
        }
        Message::DoctorDone { job, lines } => {
            model.end_job(job, None);
            model.doctor = lines;
            Vec::new()
        }
        _ => Vec::new(),
    }
}

/// A job tells how far it is, or what a person looks at; one that has ended
/// has nothing to tell.
fn went_on(model: &mut Model, message: Message) {
    match message {
        Message::JobProgress { job, progress } => {
            if let Some(job) = model.jobs.get_mut(&job) {
                job.progress = Some(progress);
            }
        }
        Message::LogsSeen { job, picture } if model.jobs.contains_key(&job) => {
            model.logs = Some(*picture);
        }
        Message::LinesRead { job, lines } => {
            model.jobs.remove(&job);
            let place = lines.place.clone();
            lines::seen(model, &place, &LinesSeen::Read(lines));
        }
        _ => {}
    }
}

/// A job ended badly. A failed check or rehearsal is recorded: the next reader must know
/// that nobody looked.
fn job_failed(model: &mut Model, job: JobId, failure: Failure) -> Vec<Effect> {
    let what = model.jobs.get(&job).map(|job| job.what.clone());
    if let Some(JobKind::Lines(place)) = what {
        // Its own screen tells; a look at a file is no work to remember.
        model.jobs.remove(&job);
        lines::seen(model, &place, &LinesSeen::Failed(failure));
        return Vec::new();
    }
    model.end_job(job, Some(failure.clone()));
    model.fail(failure.clone());
    let fact = match what {
        Some(JobKind::Check(check)) => Fact::CheckFailed(CheckFailed { check, failure }),
        Some(JobKind::Rehearse(finding)) => {
            Fact::RehearsalFailed(RehearsalFailed { finding, failure })
        }
        _ => return Vec::new(),
    };
    append_here(model, vec![Draft::new(fact)])
}

/// Writes down what a check brought back: shapes, cells, findings, and last
/// the coverage, which makes the run count.
fn check_done(model: &mut Model, check: &str, report: CheckReport, ms: u64) -> Vec<Effect> {
    // What a lab's own login could do endangers nobody; the entry keeps it.
    let lab = model.stance == Stance::Drill;
    if let Some(case) = model.case.as_mut().filter(|_| !lab) {
        for warning in &report.warnings {
            if !case.warnings.contains(warning) {
                case.warnings.push(warning.clone());
            }
        }
    }
    tell_result(model, check, &report);
    let parts = mapped(
        report.relations,
        report.cells,
        report.by_design,
        report.acting,
    );
    let mut drafts: Vec<Draft> = parts
        .into_iter()
        .map(|part| Draft::new(Fact::Mapped(part)))
        .collect();
    let keys = report.findings.iter().map(Finding::key).collect();
    drafts.extend(report.findings.into_iter().map(|finding| {
        Draft::new(Fact::FindingRaised(FindingRaised {
            by: check.to_owned(),
            finding: trimmed(finding),
        }))
    }));
    drafts.push(Draft::new(Fact::CheckDone(CheckDone {
        coverage: report.coverage,
        fields: report.fields,
        warnings: report.warnings,
        findings: keys,
        ms,
    })));
    append_here(model, drafts)
}

fn tell_result(model: &mut Model, check: &str, report: &CheckReport) {
    let confirmed = report
        .findings
        .iter()
        .filter(|finding| finding.confidence == Confidence::Confirmed)
        .count();
    let grave = report
        .findings
        .iter()
        .filter(|finding| finding.severity >= Severity::Medium)
        .count();
    let grave = match grave {
        0 => "none above low".to_owned(),
        n => format!("{n} above low"),
    };
    let gaps = report.coverage.could_not.len();
    let tail = if gaps == 0 {
        "everything was looked at".to_owned()
    } else {
        format!("{gaps} could not be looked at")
    };
    let tail = match report.fields.get("unasked") {
        Some(open) if *open > 0 => format!("{tail}; H lets {open} cells run helper functions"),
        _ => tail,
    };
    model.tell(format!(
        "{check}: {} findings, {grave}, {confirmed} confirmed; {tail}",
        report.findings.len()
    ));
}

/// Splits shapes, cells and principals into parts that each fit one line.
fn mapped(
    relations: Vec<RelationShape>,
    cells: Vec<Cell>,
    by_design: Vec<String>,
    acting: Vec<Acting>,
) -> Vec<Mapped> {
    let relations = chunked(relations).into_iter().map(|relations| Mapped {
        relations,
        ..Mapped::default()
    });
    let cells = chunked(cells).into_iter().map(|cells| Mapped {
        cells,
        ..Mapped::default()
    });
    let acting = chunked(acting).into_iter().map(|acting| Mapped {
        acting,
        ..Mapped::default()
    });
    let mut parts: Vec<Mapped> = relations.chain(cells).chain(acting).collect();
    if let Some(first) = parts.first_mut() {
        first.by_design = by_design;
    }
    parts
}

/// Keeps a finding within one line; what is cut is said.
fn trimmed(mut finding: Finding) -> Finding {
    let dropped = finding.evidence.len().saturating_sub(EVIDENCE_PIECES);
    finding.evidence.truncate(EVIDENCE_PIECES);
    for evidence in &mut finding.evidence {
        if let Some((at, _)) = evidence.value.char_indices().nth(EVIDENCE_CHARS) {
            evidence.value.truncate(at);
            evidence.value.push_str(" (cut)");
        }
    }
    let size = serde_json::to_vec(&finding.fix).map_or(usize::MAX, |json| json.len());
    if size > FIX_BYTES {
        finding.fix = None;
        finding.evidence.push(Evidence::new(
            "drafted fix",
            "too long for one entry; run the check by itself to see it",
        ));
    }
    if let Some(trail) = &mut finding.trail {
        trail.places.truncate(TRAIL_PLACES);
    }
    if dropped > 0 {
        finding.evidence.push(Evidence::new(
            "further evidence not shown",
            &dropped.to_string(),
        ));
    }
    finding
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::chunks::CHUNK_BYTES;
    use crate::domain::exposure::Verdict;

    #[test]
    fn a_draft_too_long_for_a_line_is_left_out_and_said() {
        use crate::domain::finding::{Subject, SubjectKind};
        use crate::domain::fix::Fix;
        let of = |statement: String| {
            trimmed(Finding {
                check: "P01".into(),
                title: String::new(),
                severity: Severity::High,
                confidence: Confidence::Confirmed,
                subject: Subject::new(SubjectKind::Table, "public.t"),
                principal: None,
                causes: Vec::new(),
                evidence: Vec::new(),
                hint: String::new(),
                fix: Fix::new(vec![statement], "w"),
                trail: None,
            })
        };
        assert!(of("DROP POLICY p ON t".into()).fix.is_some());
        let long = of("x".repeat(4090));
        assert!(long.fix.is_none() && long.evidence[0].value.contains("too long"));
    }

    #[test]
    fn a_large_matrix_is_split_into_lines_that_fit() {
        let cells: Vec<Cell> = (0..500)
            .map(|n| Cell {
                relation: format!("public.table_{n}"),
                principal: "ghost".into(),
                verdict: Verdict::None,
                rows: None,
                bounded: false,
                basis: "x".repeat(100),
            })
            .collect();
        let parts = mapped(Vec::new(), cells, Vec::new(), Vec::new());
        assert_eq!(
            parts.iter().map(|part| part.cells.len()).sum::<usize>(),
            500
        );
        for part in parts {
            assert!(serde_json::to_vec(&part).unwrap().len() < CHUNK_BYTES + 100);
        }
    }
}
