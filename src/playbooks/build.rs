//! Pieces of Markdown into a playbook: front matter, phases and steps.

mod fences;
pub mod values;

use super::diagnostic::{Code, Note};
use super::draft::{Draft, FrontPlaces, PhasePlaces, Places, StepPlaces};
use super::fence::{FORMAT, FrontMatter};
use super::outline::{Outline, Section};
use super::source::{Located, Source, Span};
use super::yaml::Block;
use crate::domain::digest::Digest;
use crate::domain::playbook::{Destination, Phase, Playbook, Step};
use chrono::NaiveDate;
use values::{date, minutes};

/// Most steps read; a longer playbook is never read through in an incident.
const MOST_STEPS: usize = 500;

/// Puts the pieces together; what could not be read is noted and left empty.
pub fn build(source: &Source<'_>, outline: &Outline, notes: &mut Vec<Note>) -> Draft {
    let mut draft = Draft {
        playbook: Playbook {
            id: String::new(),
            title: String::new(),
            reviewed: NaiveDate::default(),
            drilled: None,
            max_age_days: 0,
            phases: Vec::new(),
            source: source.text.to_owned(),
            sha256: Digest::of(source.text.as_bytes()),
        },
        budget_minutes: 0,
        places: Places::default(),
    };
    if let Some(span) = outline.front {
        front(source, span, &mut draft, notes);
    }
    let mut steps = 0;
    for section in &outline.sections {
        steps += usize::from(section.level == 3);
        if steps > MOST_STEPS {
            let message = format!("the playbook has more than {MOST_STEPS} steps");
            let note = Note::new(Code::Heading, section.text.span, message);
            notes.push(note.help("split it; what stands below was not read"));
            break;
        }
        match section.level {
            2 => phase(section, &mut draft, notes),
            3 => step(source, section, &mut draft, notes),
            _ => notes.push(
                Note::new(
                    Code::Heading,
                    section.text.span,
                    "only `##` (phase) and `###` (step) headings have a meaning",
                )
                .help("the title of the playbook stands in the front matter"),
            ),
        }
    }
    if draft.playbook.first().is_none() {
        let end = Span::new(source.text.len(), source.text.len());
        notes.push(
            Note::new(Code::Heading, end, "the playbook has no step")
                .help("add `## T1 Title {budget=5m}` and beneath it `### first-step Title`"),
        );
    }
    fall_through(&mut draft);
    draft
}

fn front(source: &Source<'_>, body: Span, draft: &mut Draft, notes: &mut Vec<Note>) {
    let block = Block {
        source,
        body,
        head: source.line_span(0),
        name: "front matter",
    };
    let Some(read) = block.mapping::<FrontMatter>(notes) else {
        return;
    };
    let format = block.locate(&read.format);
    if format.value != FORMAT {
        let message = format!("`{}` is not a format this program reads", format.value);
        let note = Note::new(Code::BadValue, format.span, message);
        notes.push(note.help(format!("write `format: {FORMAT}`")));
    }
    let (reviewed, budget) = (block.locate(&read.reviewed), block.locate(&read.budget));
    let drilled = read.drilled.as_ref().map(|drilled| block.locate(drilled));
    let playbook = &mut draft.playbook;
    playbook.id.clone_from(&read.id.value);
    playbook.title.clone_from(&read.title.value);
    playbook.max_age_days = read.max_age_days.value;
    let reviewed_on = date(&reviewed, notes);
    let drilled_on = drilled.as_ref().and_then(|at| date(at, notes));
    let limit = minutes(&budget, notes);
    playbook.reviewed = reviewed_on.unwrap_or_default();
    playbook.drilled = drilled_on;
    draft.budget_minutes = limit.unwrap_or_default();
    draft.places.front = Some(FrontPlaces {
        id: block.locate(&read.id).span,
        reviewed: reviewed_on.map(|_| reviewed.span),
        drilled: drilled_on.and(drilled).map(|at| at.span),
        budget: limit.map(|_| budget.span),
    });
}

/// Splits `ID Title` at the first blank.
fn id_and_title(text: &Located<String>) -> (Located<String>, String) {
    let (id, title) = text
        .value
        .split_once(char::is_whitespace)
        .unwrap_or((&text.value, ""));
    let id = Located {
        value: id.to_owned(),
        span: Span::new(text.span.start, text.span.start + id.len()),
    };
    (id, title.trim().to_owned())
}

fn phase(section: &Section, draft: &mut Draft, notes: &mut Vec<Note>) {
    let (name, budget) = if let Some((name, rest)) = section.text.value.split_once('{') {
        let start = section.text.span.start + name.len() + 1;
        (name.trim_end(), phase_budget(rest, start, notes))
    } else {
        notes.push(
            Note::new(Code::Heading, section.text.span, "the phase has no budget")
                .help("end the heading with its minutes, such as `{budget=12m}`"),
        );
        (section.text.value.as_str(), None)
    };
    let (id, title) = id_and_title(&Located {
        value: name.to_owned(),
        span: section.text.span,
    });
    if title.is_empty() {
        notes.push(
            Note::new(
                Code::Heading,
                section.text.span,
                "the phase needs an id and a title",
            )
            .help("write `## T1 See what is exposed {budget=12m}`"),
        );
    }
    draft.places.phases.push(PhasePlaces {
        id: id.span,
        budget: budget.as_ref().map(|at| at.span),
        steps: Vec::new(),
    });
    draft.playbook.phases.push(Phase {
        id: id.value,
        title,
        budget_minutes: budget.map_or(0, |at| at.value),
        steps: Vec::new(),
    });
}

/// Reads `budget=12m}` at the end of a phase heading.
fn phase_budget(rest: &str, start: usize, notes: &mut Vec<Note>) -> Option<Located<u32>> {
    let inside = rest.trim_end().strip_suffix('}').map(str::trim);
    let Some(value) = inside.and_then(|inside| inside.strip_prefix("budget=")) else {
        let span = Span::new(start, start + rest.trim_end().len());
        notes.push(
            Note::new(
                Code::Heading,
                span,
                "only the budget may stand in these brackets",
            )
            .help("write `{budget=12m}` at the end of the heading"),
        );
        return None;
    };
    let at = start + rest.find(value).unwrap_or_default();
    let text = Located {
        value: value.to_owned(),
        span: Span::new(at, at + value.len()),
    };
    minutes(&text, notes).map(|value| Located {
        value,
        span: text.span,
    })
}

fn step(source: &Source<'_>, section: &Section, draft: &mut Draft, notes: &mut Vec<Note>) {
    let (id, title) = id_and_title(&section.text);
    if title.is_empty() {
        notes.push(
            Note::new(
                Code::Heading,
                section.text.span,
                "the step needs an id and a title",
            )
            .help("write `### read-logs Read the edge logs`"),
        );
    }
    let mut places = StepPlaces {
        id: id.span,
        prose: section.prose_at,
        ..StepPlaces::default()
    };
    let line = source.line_index(id.span.start) + 1;
    let mut step = Step {
        prose: section.prose.clone(),
        ..values::empty_step(id.value, title, line)
    };
    fences::fill(source, section, &mut step, &mut places, notes);
    let (Some(phase), Some(phase_places)) = (
        draft.playbook.phases.last_mut(),
        draft.places.phases.last_mut(),
    ) else {
        notes.push(
            Note::new(
                Code::Heading,
                section.text.span,
                "the step stands before the first phase",
            )
            .help("write a `## T1 Title {budget=12m}` heading above it"),
        );
        return;
    };
    phase.steps.push(step);
    phase_places.steps.push(places);
}

/// A step without `next` leads to the one below it, the last to the end.
fn fall_through(draft: &mut Draft) {
    let ids: Vec<String> = draft.playbook.steps().map(|(_, s)| s.id.clone()).collect();
    let mut below = ids.into_iter().skip(1);
    let steps = draft.playbook.phases.iter_mut().flat_map(|p| &mut p.steps);
    let places = draft.places.phases.iter().flat_map(|p| &p.steps);
    for (step, places) in steps.zip(places) {
        let following = below.next().map_or(Destination::End, Destination::Step);
        if places.next.otherwise.is_none() {
            step.next.otherwise = following;
        }
    }
}
