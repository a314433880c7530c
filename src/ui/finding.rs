//! One finding in full: how sure it is, what supports it, what to do.

use super::page::Page;
use super::sheet::{Sheet, columns};
use super::text::Row;
use super::words::since_start;
use crate::domain::fact::Fact;
use crate::domain::finding::{Confidence, Finding};
use crate::domain::fix::{Fix, Rehearsal};
use crate::domain::incident::{Incident, Raised};
use crate::domain::trail::Trail;
use crate::investigate::page::WEIGHING;
use crate::investigate::pages;
use ratatui::layout::Rect;

/// The column values start in.
const TERM: usize = 12;

/// The column the text of a check's page starts in.
const ABOUT: usize = 17;

/// Places of lines shown of a trail.
const PLACES: usize = 6;

/// Draws one finding.
pub fn draw(incident: &Incident, key: &str, scroll: usize, sheet: &mut Sheet<'_>, area: Rect) {
    let palette = sheet.palette;
    let Some(raised) = incident
        .findings
        .iter()
        .find(|raised| names(key, &raised.finding))
    else {
        let text = "This finding is not in the record.";
        sheet.row(area, 0, Row::of(text, palette.plain()));
        return;
    };
    let mut page = Page::new(palette, columns(area));
    claim(&mut page, raised);
    support(&mut page, raised);
    history(&mut page, incident, raised);
    explained(&mut page, &raised.finding);
    sheet.page(area, page.rows, scroll, "Down");
}

/// Whether a finding has this key, without building the key of each.
fn names(key: &str, finding: &Finding) -> bool {
    key.starts_with(&finding.check) && key.ends_with(&finding.subject.name) && key == finding.key()
}

fn claim(page: &mut Page, raised: &Raised) {
    let palette = page.palette;
    let finding = &raised.finding;
    page.text(&finding.title, palette.strong());
    page.rows.push(Row::new());
    let sure = match finding.confidence {
        Confidence::Confirmed => "confirmed: it was seen to behave wrongly",
        Confidence::Suspected => "suspected: it looks wrong, and nothing has shown it yet",
        Confidence::Unknown => "unknown: it could not be decided",
        Confidence::RuledOut => "ruled out: it was shown to behave rightly",
    };
    if let Some(seq) = raised.cleared {
        let text = format!("no longer stands since entry {seq}");
        page.term("now", TERM, &text, palette.good());
    }
    page.term("proof", TERM, sure, palette.confidence(finding.confidence));
    page.term(
        "severity",
        TERM,
        finding.severity.word(),
        palette.severity(finding.severity),
    );
    let subject = format!("{} {}", finding.subject.kind.word(), finding.subject.name);
    page.term("where", TERM, &subject, palette.plain());
    if let Some(principal) = &finding.principal {
        page.term("reached by", TERM, principal, palette.plain());
    }
    for cause in &finding.causes {
        let text = format!("{} {}", cause.id(), cause.title());
        page.term("points to", TERM, &text, palette.plain());
    }
}

/// Who read how much, since when, and where that is written.
fn left(page: &mut Page, trail: &Trail) {
    let palette = page.palette;
    page.heading("Trail in the logs");
    let who = match trail.principal_kind.as_str() {
        "database role" => "a database role, not a person",
        "address" => "an address, not a person",
        kind => kind,
    };
    page.term("who", TERM, who, palette.plain());
    page.term("how much", TERM, &trail.amount(), palette.plain());
    if let Some(since) = trail.since() {
        page.term("first", TERM, &since, palette.plain());
    }
    if let Some(until) = trail.until() {
        let style = if trail.going() == Some(true) {
            palette.warn()
        } else {
            palette.plain()
        };
        page.term("last", TERM, &until, style);
    }
    for place in trail.places.iter().take(PLACES) {
        let text = format!("{}:{}", place.file, place.offset);
        page.term("line", TERM, &text, palette.plain());
    }
    if trail.places.len() > PLACES {
        let more = format!("and {} more places", trail.places.len() - PLACES);
        page.term("", TERM, &more, palette.plain());
    }
}

fn support(page: &mut Page, raised: &Raised) {
    let palette = page.palette;
    let finding = &raised.finding;
    if let Some(trail) = &finding.trail {
        left(page, trail);
    }
    page.heading("Evidence");
    if finding.evidence.is_empty() {
        page.indented("none was recorded", palette.warn());
    }
    for evidence in &finding.evidence {
        page.pair(&evidence.what, &evidence.value);
    }
    page.heading("What to do");
    page.indented(&finding.hint, palette.plain());
    if let Some(fix) = &finding.fix {
        drafted(page, fix);
    }
    if let Some(rehearsal) = &raised.rehearsed {
        rehearsed(page, rehearsal);
    }
}

/// The drafted statements, what they cost and what they leave to a person.
fn drafted(page: &mut Page, fix: &Fix) {
    let palette = page.palette;
    page.heading("Drafted fix, not run");
    for statement in &fix.statements {
        page.indented(&format!("{statement};"), palette.strong());
    }
    page.term("why", TERM, &fix.why, palette.plain());
    for line in &fix.loses {
        page.term("loses", TERM, line, palette.plain());
    }
    for line in &fix.decide {
        page.term("decide", TERM, line, palette.warn());
    }
}

/// What trying the draft showed: closing is said only of what was seen to close.
fn rehearsed(page: &mut Page, rehearsal: &Rehearsal) {
    let palette = page.palette;
    page.heading("Rehearsed, rolled back");
    let style = if rehearsal.closed() {
        palette.good()
    } else {
        palette.warn()
    };
    page.indented(&rehearsal.summary(), style);
    for line in &rehearsal.open {
        page.term("open", TERM, line, palette.warn());
    }
    for line in &rehearsal.told {
        page.term("seen", TERM, line, palette.plain());
    }
}

fn history(page: &mut Page, incident: &Incident, raised: &Raised) {
    let palette = page.palette;
    page.heading("History");
    for entry in &incident.timeline {
        let Fact::FindingRaised(told) = &entry.fact else {
            continue;
        };
        let same = told.finding.check == raised.finding.check
            && told.finding.subject == raised.finding.subject;
        if same {
            let text = format!(
                "{}  entry {}  {} by {}",
                since_start(incident, entry.ts),
                entry.seq,
                told.finding.confidence.word(),
                told.by
            );
            page.indented(&text, palette.plain());
        }
    }
    if let Some(seq) = raised.cleared {
        let cleared = incident.timeline.iter().find(|entry| entry.seq == seq);
        let when = cleared.map_or_else(String::new, |entry| since_start(incident, entry.ts));
        let text = format!(
            "{when}  entry {seq}  a whole run of {} no longer shows it",
            raised.by
        );
        page.indented(text.trim_start(), palette.plain());
    }
}

/// The check's own page, as far as it helps to weigh the finding.
fn explained(page: &mut Page, finding: &Finding) {
    let Some(told) = pages::page(&finding.check) else {
        return;
    };
    let style = page.palette.plain();
    page.heading(&format!("About {} {}", told.id, told.name));
    for heading in WEIGHING {
        page.term(&heading.to_lowercase(), ABOUT, &told.prose(heading), style);
    }
}
