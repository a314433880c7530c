//! How parts of the exposure matrix are folded in. A leaf: it decides nothing.

use super::Incident;
use crate::domain::exposure::{Cell, RelationShape};
use crate::domain::fact::Mapped;

impl Incident {
    /// Takes a part of the exposure matrix in.
    pub fn take_map(&mut self, mapped: &Mapped) {
        self.map(&mapped.relations, &mapped.cells);
        self.by_design.extend(mapped.by_design.iter().cloned());
        let acting = mapped.acting.iter();
        self.acting
            .extend(acting.map(|a| (a.principal.name.clone(), a.clone())));
    }

    pub(super) fn map(&mut self, relations: &[RelationShape], cells: &[Cell]) {
        for relation in relations {
            self.relations
                .insert(relation.name.clone(), relation.clone());
        }
        for cell in cells {
            if !self.principals.contains(&cell.principal) {
                self.principals.push(cell.principal.clone());
            }
            self.cells
                .entry(cell.relation.clone())
                .or_default()
                .insert(cell.principal.clone(), cell.clone());
        }
    }
}
