//! What the probes answered, cell by cell: the shape only. `matrix` fills
//! it; what settles or contradicts cells afterwards reads it from here.

use super::snapshot::Oid;
use crate::domain::exposure::Cell;
use std::collections::BTreeSet;

/// Why a cell stays open when rows are seen that nothing tells apart.
pub(super) const NOBODY_KNOWS: &str = "it sees rows, but no column tells whose they are";

/// One answered cell.
#[derive(Debug, Clone)]
pub struct Probed {
    pub actor: usize,
    pub relation: Oid,
    pub cell: Cell,
    /// The look ended in an error: no row came back, but nothing was decided
    /// about the condition either.
    pub failed: bool,
}

/// All cells, and what could not be asked.
#[derive(Debug, Default)]
pub struct Matrix {
    pub probed: Vec<Probed>,
    /// What was left out, and why.
    pub gaps: Vec<(String, String)>,
    /// Members, by index, who see rows of a relation at all.
    pub own_seen: BTreeSet<(usize, Oid)>,
    /// Actors who could not be asked at all; each is one gap already.
    pub refused: BTreeSet<usize>,
}
