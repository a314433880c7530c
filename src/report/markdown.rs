//! The report for people: facts in the order a reader asks for them, then
//! blank places for what only people know.
//!
//! Generated parts stand between machine markers, so a later export can
//! replace them and leave human text alone. A section is one function in the
//! fitting file of this folder and one row of `SECTIONS`.

mod board;
mod containments;
mod doc;
mod findings;
mod head;
mod integrity;
mod intervals;
mod people;
mod reads;
mod steps;
mod timeline;

use super::source::Source;
use doc::Doc;

/// Writes one section.
type Section = fn(&Source<'_>, &mut Doc);

/// The order of the report, with the name in each machine marker.
const SECTIONS: [(&str, Section); 14] = [
    ("title", head::title),
    ("summary", head::summary),
    ("intervals", intervals::intervals),
    ("findings", findings::findings),
    ("exposure", board::exposure),
    ("reads", reads::reads),
    ("causes", board::causes),
    ("containments", containments::standing),
    ("plans", containments::others),
    ("decisions", steps::decisions),
    ("not-looked-at", steps::not_looked_at),
    ("timeline", timeline::timeline),
    ("integrity", integrity::integrity),
    ("open-questions", steps::open_questions),
];

/// Writes the whole report. The same source gives the same bytes.
pub fn markdown(source: &Source<'_>) -> String {
    let mut doc = Doc::default();
    for (name, write) in SECTIONS {
        doc.open(name);
        write(source, &mut doc);
        doc.close(name);
    }
    people::sections(&mut doc);
    if source.drill() {
        doc.banner("DRILL.", "End of a practice report.");
    }
    doc.finish()
}
