//! `docs/corpus.md`: the outcome as a page.

use super::kinds::{Corpus, Kind};
use super::outcome::{Outcome, Score};

const HEAD: &str = "# An adversary's corpus, and what the audit says of it

Made by `just readme` from a real run over `tests/fixtures/corpus`: all kinds in one database, read by the program as the
superuser. Each kind has its leak and, beside it, objects that look alike and are safe. A leak is *named* when a finding of
medium or more is about it under one of the checks that may report it; *proven* when one was confirmed on live rows. A false
alarm is a finding of medium or more about anything else. Functions are never called and logins never used, so those kinds
can't be proven by a read.
";

pub fn page(corpus: &Corpus, outcome: &Outcome) -> String {
    let kinds = &corpus.kinds;
    let named = kinds.iter().filter(|k| outcome.named(k)).count();
    let shown: Vec<&Kind> = kinds
        .iter()
        .filter(|k| k.proven || k.unproven.is_some())
        .collect();
    let proven = shown.iter().filter(|k| outcome.proven(k)).count();
    let mut text = HEAD.to_owned();
    text.push_str(&format!(
        "\n| | |\n| --- | --- |\n| kinds of leak | {} |\n| of these named | {named} |\n\
         | rows that a read can show | {} |\n| of these proven | {proven} |\n\
         | safe look-alikes | {} |\n| false alarms | {} |\n",
        kinds.len(),
        shown.len(),
        corpus.look_alikes(),
        outcome.alarms.len(),
    ));
    text.push_str(
        "\n## By check\n\nA leak counts for the first check of its header, named by any that may, and perhaps by that check itself. \
         Precision is over all findings of the check.\n\n\
         | check | leaks | named | by itself | recall | findings | about leaks | precision |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    text.extend(outcome.scores.iter().map(|(id, score)| row(id, score)));
    text.push_str(&misses(kinds));
    text.push_str("\n## All kinds\n");
    let mut file = "";
    for kind in kinds {
        if kind.file != file {
            file = &kind.file;
            text.push_str(&format!(
                "\n### {file}.sql\n\n| kind | the leak | reported by | proven |\n| --- | --- | --- | --- |\n"
            ));
        }
        text.push_str(&line(kind, outcome));
    }
    text
}

fn row(id: &str, score: &Score) -> String {
    let findings = score.right + score.wrong;
    format!(
        "| {id} | {} | {} | {} | {} | {findings} | {} | {} |\n",
        score.leaks,
        score.named,
        score.itself,
        share(score.named, score.leaks),
        score.right,
        share(score.right, findings),
    )
}

fn share(part: usize, whole: usize) -> String {
    if whole == 0 {
        return "-".to_owned();
    }
    let percent = part * 100 / whole;
    format!("{percent} %")
}

fn misses(kinds: &[Kind]) -> String {
    let mut text = String::from("\n## Known misses\n\n");
    let before = text.len();
    for kind in kinds {
        let known = [("not named", &kind.missed), ("not proven", &kind.unproven)];
        for (what, why) in known {
            if let Some(why) = why {
                text.push_str(&format!("- `{}` is {what}: {why}\n", kind.name));
            }
        }
    }
    if text.len() == before {
        text.push_str("None.\n");
    }
    text
}

fn line(kind: &Kind, outcome: &Outcome) -> String {
    let checks: Vec<&str> = outcome.checks(kind).into_iter().collect();
    let checks = if checks.is_empty() {
        "nothing".to_owned()
    } else {
        checks.join(" ")
    };
    let proven = match (outcome.proven(kind), kind.proven || kind.unproven.is_some()) {
        (true, _) => "yes",
        (false, true) => "no",
        (false, false) => "-",
    };
    format!("| {} | {} | {checks} | {proven} |\n", kind.name, kind.leak)
}
