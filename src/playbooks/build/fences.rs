//! The fences of one step.

use super::super::diagnostic::{Code, Note};
use super::super::draft::{RulePlaces, StepPlaces};
use super::super::expression::{self, Compared};
use super::super::fence::{
    ActionFence, AskFence, CheckFence, FENCES, MOST_FENCES, NextLine, StepFence,
};
use super::super::outline::{Fence, Section};
use super::super::source::{Located, Source, Span};
use super::super::suggest::hint;
use super::super::yaml::Block;
use super::values::{destination, minutes, owner};
use crate::domain::playbook::{ActionCall, Ask, CheckCall, NextRule, Step};
use serde_saphyr::Spanned;

/// Most branches of one step.
const MOST_BRANCHES: usize = 12;

/// Words that ask for a shell on a code host.
const SHELLS: [&str; 12] = [
    "sh",
    "bash",
    "zsh",
    "fish",
    "shell",
    "console",
    "shell-session",
    "terminal",
    "ksh",
    "dash",
    "powershell",
    "cmd",
];

/// Reads every fence of a section into the step.
pub fn fill(
    source: &Source<'_>,
    section: &Section,
    step: &mut Step,
    places: &mut StepPlaces,
    notes: &mut Vec<Note>,
) {
    let mut filling = Filling {
        step,
        places,
        notes,
    };
    // One more than allowed is refused below; the rest would only add noise.
    for fence in section.fences.iter().take(MOST_FENCES + 2) {
        let name = format!("`{}` fence", fence.name.value);
        let block = Block {
            source,
            body: fence.body,
            head: fence.name.span,
            name: &name,
        };
        filling.one(fence, &block);
    }
    filling.count(section);
}

struct Filling<'f> {
    step: &'f mut Step,
    places: &'f mut StepPlaces,
    notes: &'f mut Vec<Note>,
}

impl Filling<'_> {
    fn one(&mut self, fence: &Fence, block: &Block<'_>) {
        match fence.name.value.as_str() {
            "step" => self.head(block),
            "ask" => self.ask(block),
            "check" => self.check(block),
            "action" => self.action(block),
            "hand" => self.hand(block),
            "next" => self.next(fence, block),
            other => self.stranger(other, fence),
        }
    }

    /// The rules about how many fences of which kind a step holds.
    fn count(&mut self, section: &Section) {
        let named = |name: &str| {
            let name = name.to_owned();
            section.fences.iter().filter(move |f| f.name.value == name)
        };
        for single in ["step", "hand", "next"] {
            for extra in named(single).skip(1) {
                let message = format!("a second `{single}` fence in one step");
                let note = Note::new(Code::FencePlace, extra.name.span, message);
                self.notes.push(note.help("keep one, or start a new step"));
            }
        }
        if named("step").next().is_none() {
            let note = Note::new(
                Code::MissingKey,
                self.places.id,
                "the step has no `step` fence",
            );
            self.notes
                .push(note.help("add a fence named step with goal, owner and budget"));
        }
        let others = section.fences.iter().filter(|f| f.name.value != "step");
        if let Some(extra) = others.clone().nth(MOST_FENCES) {
            let message = format!("{} fences are too many to take in at once", others.count());
            let note = Note::new(Code::FencePlace, extra.name.span, message);
            self.notes.push(note.help(format!(
                "a step holds at most {MOST_FENCES} besides `step`; split it in two"
            )));
        }
    }

    fn stranger(&mut self, name: &str, fence: &Fence) {
        let word = name.split_whitespace().next().unwrap_or_default();
        let span = fence.name.span;
        let note = if SHELLS.contains(&word.to_lowercase().as_str()) {
            Note::new(
                Code::ShellFence,
                span,
                "playbooks do not run shell commands",
            )
            .help("name a registered `check` or `action`, or put the words into the `hand` fence")
        } else if word.is_empty() {
            Note::new(Code::UnknownFence, span, "this fence has no name")
                .help(format!("the fences are {}", FENCES.join(", ")))
        } else {
            Note::new(
                Code::UnknownFence,
                span,
                format!("there is no fence named `{name}`"),
            )
            .label(hint(word, "fences", &FENCES))
            .help("text that a person reads or pastes belongs in the `hand` fence")
        };
        self.notes.push(note);
    }

    fn head(&mut self, block: &Block<'_>) {
        let Some(read) = block.mapping::<StepFence>(self.notes) else {
            return;
        };
        self.step.goal = filled(block, &read.goal, "goal", self.notes);
        if let Some(owner) = owner(&block.locate(&read.owner), self.notes) {
            self.step.owner = owner;
        }
        let budget = block.locate(&read.budget);
        if let Some(count) = minutes(&budget, self.notes) {
            self.step.budget_minutes = count;
            self.places.budget = Some(budget.span);
        }
    }

    fn ask(&mut self, block: &Block<'_>) {
        let Some(read) = block.mapping::<AskFence>(self.notes) else {
            return;
        };
        let text = filled(block, &read.text, "text", self.notes);
        let mut options = Vec::new();
        for option in read.options.iter().flatten() {
            let at = block.locate(option);
            if let Some(help) = refused_option(&at.value, &options) {
                let message = format!("`{}` cannot be offered as an answer", at.value);
                let note = Note::new(Code::BadValue, at.span, message);
                self.notes.push(note.help(help));
            }
            options.push(at.value);
        }
        if read.options.is_none() {
            options = vec!["yes".to_owned(), "no".to_owned()];
        }
        self.places.asks.push(block.locate(&read.id).span);
        self.step.asks.push(Ask {
            id: read.id.value,
            text,
            options,
        });
    }

    fn check(&mut self, block: &Block<'_>) {
        if let Some(read) = block.mapping::<CheckFence>(self.notes) {
            self.places.checks.push(block.locate(&read.uses).span);
            self.step.checks.push(CheckCall {
                uses: read.uses.value,
                with: read.with,
            });
        }
    }

    fn action(&mut self, block: &Block<'_>) {
        let Some(read) = block.mapping::<ActionFence>(self.notes) else {
            return;
        };
        let review = minutes(&block.locate(&read.review_by), self.notes);
        self.places.actions.push(block.locate(&read.uses).span);
        self.step.actions.push(ActionCall {
            uses: read.uses.value,
            with: read.with,
            review_by_hours: review.map_or(1, |count| count.div_ceil(60)),
        });
    }

    fn hand(&mut self, block: &Block<'_>) {
        let text = &block.source.text[block.body.start..block.body.end];
        let lines = || text.lines().filter(|line| !line.trim().is_empty());
        let indent = lines()
            .map(|l| l.len() - l.trim_start().len())
            .min()
            .unwrap_or(0);
        self.step.hand = text
            .lines()
            .map(|line| line.get(indent..).unwrap_or_default().trim_end().to_owned())
            .collect();
        if lines().next().is_none() {
            let note = Note::new(Code::BadValue, block.head, "the way by hand is empty");
            self.notes
                .push(note.help("say where to click, what to paste and what to write down"));
        }
    }

    fn next(&mut self, fence: &Fence, block: &Block<'_>) {
        self.places.next.fence = Some(fence.name.span);
        let before = self.notes.len();
        let lines = block.list::<NextLine>(self.notes).unwrap_or_default();
        for line in lines.iter().take(MOST_BRANCHES) {
            self.branch(line, block);
        }
        if lines.len() > MOST_BRANCHES {
            let message = format!("more than {MOST_BRANCHES} branches in one step");
            let note = Note::new(Code::BadValue, fence.name.span, message);
            self.notes
                .push(note.help("ask a question that sorts them, in a step before"));
        }
        self.places.next.unreadable = self.notes.len() > before;
    }

    fn branch(&mut self, line: &NextLine, block: &Block<'_>) {
        match (&line.when, &line.to, &line.unknown, &line.otherwise) {
            (Some(when), Some(to), None, None) => {
                let (when, to) = (block.locate(when), block.locate(to));
                self.rule(&when, &to);
            }
            (None, None, Some(to), None) => {
                let at = block.locate(to);
                let twice = self.step.next.unknown.replace(destination(&at.value));
                self.places.next.unknown = Some(at.span);
                if twice.is_some() {
                    self.misplaced(at.span, "a second `unknown` in one `next` fence");
                }
            }
            (None, None, None, Some(to)) => {
                let at = block.locate(to);
                self.step.next.otherwise = destination(&at.value);
                if self.places.next.otherwise.replace(at.span).is_some() {
                    self.misplaced(at.span, "a second `else` in one `next` fence");
                }
            }
            (when, to, unknown, otherwise) => {
                let any = [when, to, unknown, otherwise].into_iter().flatten().next();
                let span = any.map_or(block.head, |one| {
                    block.source.line_span(block.at(one.referenced))
                });
                self.misplaced(span, "this branch is not one of the three kinds");
            }
        }
    }

    fn misplaced(&mut self, span: Span, message: &str) {
        let note = Note::new(Code::BadValue, span, message);
        self.notes.push(note.help(
            "a branch is `- when: CONDITION` with `to: STEP` beneath, `- unknown: STEP` or `- else: STEP`",
        ));
    }

    fn rule(&mut self, when: &Located<String>, to: &Located<String>) {
        match expression::parse(&when.value) {
            Ok(parsed) => {
                self.step.next.rules.push(NextRule {
                    when: parsed.condition,
                    text: when.value.clone(),
                    to: destination(&to.value),
                });
                let start = when.span.start;
                self.places.next.rules.push(RulePlaces {
                    to: to.span,
                    compared: parsed
                        .compared
                        .into_iter()
                        .map(|c| shift(c, start))
                        .collect(),
                });
            }
            Err(mistake) => {
                let span = moved(mistake.span, when.span.start);
                let note = Note::new(Code::Expression, span, mistake.message);
                self.notes.push(note.help(mistake.help));
            }
        }
    }
}

/// A text value that must not be empty.
fn filled(block: &Block<'_>, text: &Spanned<String>, key: &str, notes: &mut Vec<Note>) -> String {
    if text.value.trim().is_empty() {
        let span = block.source.line_span(block.at(text.referenced));
        let note = Note::new(Code::BadValue, span, format!("`{key}` is empty"));
        notes.push(note.help("write one plain sentence"));
    }
    text.value.trim().to_owned()
}

/// Why an answer cannot be offered, if it cannot.
fn refused_option(option: &str, before: &[String]) -> Option<&'static str> {
    let plain = option
        .bytes()
        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if crate::domain::playbook::ALWAYS_ANSWERS.contains(&option) {
        Some("`unknown` and `not-applicable` are always offered; leave them out")
    } else if before.iter().any(|known| known == option) {
        Some("it stands here twice")
    } else if option.is_empty() || !plain {
        Some("use lower-case letters, digits and hyphens")
    } else {
        None
    }
}

const fn moved(span: Span, by: usize) -> Span {
    Span::new(span.start + by, span.end + by)
}

fn shift(compared: Compared, by: usize) -> Compared {
    Compared {
        left: (compared.left.0, moved(compared.left.1, by)),
        how: compared.how,
        right: (compared.right.0, moved(compared.right.1, by)),
    }
}
