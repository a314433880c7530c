//! What was seen, in the order a claim asks for it: cells by relation and
//! role, and the most telling leak among some. It accuses nobody.

use crate::domain::exposure::PrincipalKind;
use crate::investigate::database::cells::{Matrix, Probed};
use crate::investigate::database::idiom::Idioms;
use crate::investigate::database::principals::Actor;
use crate::investigate::database::snapshot::Oid;
use crate::investigate::database::survey::Survey;
use std::collections::{BTreeMap, HashMap};

/// Cells by relation and role.
#[derive(Debug)]
pub(super) struct Index<'a> {
    pub(super) survey: &'a Survey,
    pub(super) idioms: Idioms<'a>,
    pub(super) matrix: &'a Matrix,
    pub(super) actors: &'a [Actor],
    cells: HashMap<(Oid, Oid), Vec<&'a Probed>>,
    pub(super) by_relation: BTreeMap<Oid, Vec<&'a Probed>>,
}

impl<'a> Index<'a> {
    pub(super) fn new(survey: &'a Survey, matrix: &'a Matrix, actors: &'a [Actor]) -> Self {
        let mut cells: HashMap<(Oid, Oid), Vec<&Probed>> = HashMap::new();
        let mut by_relation: BTreeMap<Oid, Vec<&Probed>> = BTreeMap::new();
        for probed in &matrix.probed {
            let role = actors[probed.actor].role;
            cells
                .entry((probed.relation, role))
                .or_default()
                .push(probed);
            if survey.sensitive(probed.relation) {
                by_relation.entry(probed.relation).or_default().push(probed);
            }
        }
        Self {
            survey,
            idioms: Idioms::new(survey, matrix, actors),
            matrix,
            actors,
            cells,
            by_relation,
        }
    }

    pub(super) fn of(&self, relation: Oid, role: Oid) -> &[&'a Probed] {
        self.cells.get(&(relation, role)).map_or(&[], Vec::as_slice)
    }

    /// Whether this cell can be the doing of that policy: of all that were seen
    /// to admit its rows, or of any where that was not decided.
    pub(super) fn blames(&self, policy: Option<Oid>, probed: &Probed) -> bool {
        let key = (probed.actor, probed.relation);
        match (policy, self.matrix.culprits.get(&key)) {
            (Some(policy), Some(seen)) => seen.contains(&policy),
            _ => true,
        }
    }

    /// The most telling leak among the cells: those outside come first.
    pub(super) fn worst(&self, cells: impl Iterator<Item = &'a Probed>) -> Option<&'a Probed> {
        cells
            .filter(|probed| probed.cell.verdict.leaks())
            .min_by_key(|probed| {
                let rank = match self.actors[probed.actor].principal.kind {
                    PrincipalKind::Anonymous => 0,
                    PrincipalKind::Ghost => 1,
                    PrincipalKind::Member => 2,
                    PrincipalKind::AppRole => 3,
                    PrincipalKind::Service => 4,
                };
                (rank, probed.actor)
            })
    }
}
