//! The answered cells of the exposure matrix, and what could not be asked. A
//! leaf: who fills it, settles it and reads it import it.

use super::snapshot::Oid;
use crate::domain::exposure::Cell;
use std::collections::{BTreeMap, BTreeSet};

/// Why a cell stays open when rows are seen that nothing tells apart.
pub const NOBODY_KNOWS: &str = "it sees rows, but no column tells whose they are";

/// The rule id of a leak that was seen and that no rule explains.
pub const UNEXPLAINED: &str = "REACH";

/// One answered cell.
#[derive(Debug, Clone)]
pub struct Probed {
    pub actor: usize,
    pub relation: Oid,
    pub cell: Cell,
    /// The look ended in an error: no row came back, but nothing was decided
    /// about the condition either.
    pub failed: bool,
    /// The SQLSTATE that ended the look.
    pub code: Option<String>,
    /// The error says that an empty text is no value of a type.
    pub blank: bool,
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
    /// By actor and relation, the policies that were seen to admit the rows
    /// that leak there.
    pub culprits: BTreeMap<(usize, Oid), Vec<Oid>>,
}
