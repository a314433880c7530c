//! Who got most up to now: what people watch while a scan runs.

use super::event::WhoKind;
use super::gather::aggregates::Aggregates;
use std::collections::BTreeMap;

/// One principal and what it got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Most {
    pub kind: WhoKind,
    pub id: String,
    pub rows: u64,
    pub objects: u64,
    pub requests: u64,
}

/// Those who got most, the first the most: by rows, then objects, then
/// requests. A principal that is unknown is left out.
pub fn most(tables: &Aggregates, count: usize) -> Vec<Most> {
    let mut sums: BTreeMap<(WhoKind, &str), (u64, u64, u64)> = BTreeMap::new();
    for (key, access) in &tables.access {
        if key.who.kind != WhoKind::Nobody {
            let sum = sums.entry((key.who.kind, key.who.id.as_str())).or_default();
            sum.0 += access.rows;
            sum.2 += access.requests();
        }
    }
    for (key, reach) in &tables.reach {
        if let Some(sum) = sums.get_mut(&(key.who.kind, key.who.id.as_str())) {
            sum.1 += reach.objects.count();
        }
    }
    let mut sums: Vec<_> = sums.into_iter().collect();
    sums.sort_by(|(one, mine), (other, theirs)| theirs.cmp(mine).then_with(|| one.cmp(other)));
    sums.truncate(count);
    let most = |((kind, id), (rows, objects, requests)): ((WhoKind, &str), _)| Most {
        kind,
        id: id.to_owned(),
        rows,
        objects,
        requests,
    };
    sums.into_iter().map(most).collect()
}
