//! The exposure matrix as data: who can read whose rows, for a spreadsheet or
//! for another program. Shapes and counts; no value of a customer.

use crate::domain::exposure::{Acting, Cell, RelationShape};
use crate::domain::incident::Incident;
use serde::Serialize;

const COLUMNS: [&str; 13] = [
    "relation",
    "kind",
    "holds",
    "tenant_column",
    "estimated_rows",
    "principal",
    "principal_kind",
    "role",
    "verdict",
    "leaks",
    "rows",
    "rows_are_at_least",
    "basis",
];

/// One line a cell, relations in their order by name, under a line of column
/// names. An empty `rows` was not counted; it is not zero.
///
/// # Panics
/// Never: a vector takes every line, and all have the same length.
pub fn csv(incident: &Incident) -> Vec<u8> {
    let mut out = csv::Writer::from_writer(Vec::new());
    let lines = cells(incident).map(|cell| line(incident, cell));
    let all = std::iter::once(COLUMNS.map(str::to_owned)).chain(lines);
    for line in all {
        out.write_record(line.map(|field| inert(&field)))
            .expect("a vector takes every line of the same length");
    }
    out.into_inner().expect("a vector takes every line")
}

fn line(incident: &Incident, cell: &Cell) -> [String; 13] {
    let shape = incident.relations.get(&cell.relation);
    let acting = incident.acting.get(&cell.principal);
    let of_shape = |part: fn(&RelationShape) -> String| shape.map_or_else(String::new, part);
    let of_acting = |part: fn(&Acting) -> String| acting.map_or_else(String::new, part);
    [
        cell.relation.clone(),
        of_shape(|shape| shape.kind.word().to_owned()),
        of_shape(|shape| {
            shape
                .classes
                .iter()
                .map(|c| c.word())
                .collect::<Vec<_>>()
                .join(", ")
        }),
        of_shape(|shape| shape.tenant_column.clone().unwrap_or_default()),
        of_shape(|shape| shape.rows.map_or_else(String::new, |rows| rows.to_string())),
        cell.principal.clone(),
        of_acting(|acting| acting.principal.kind.word().to_owned()),
        of_acting(|acting| acting.principal.role.clone()),
        cell.verdict.word().to_owned(),
        incident.leaks(cell).to_string(),
        cell.rows.map_or_else(String::new, |rows| rows.to_string()),
        cell.bounded.to_string(),
        cell.basis.clone(),
    ]
}

/// A field that a spreadsheet would run as a formula is made plain text: the
/// names in it were chosen by whoever made the database.
fn inert(field: &str) -> String {
    if field.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{field}")
    } else {
        field.to_owned()
    }
}

#[derive(Serialize)]
struct Exposure<'a> {
    principals: Vec<&'a Acting>,
    relations: Vec<&'a RelationShape>,
    cells: Vec<Told<'a>>,
}

#[derive(Serialize)]
struct Told<'a> {
    #[serde(flatten)]
    cell: &'a Cell,
    leaks: bool,
}

/// One object: `principals` with the statements that assume each, `relations`
/// with what they hold, and `cells`, each with whether it leaks.
///
/// # Panics
/// Never: plain data has a JSON form.
pub fn json(incident: &Incident) -> Vec<u8> {
    let told = |cell| Told {
        cell,
        leaks: incident.leaks(cell),
    };
    let exposure = Exposure {
        principals: incident.acting.values().collect(),
        relations: incident.relations.values().collect(),
        cells: cells(incident).map(told).collect(),
    };
    let mut out = serde_json::to_vec_pretty(&exposure).expect("plain data has a JSON form");
    out.push(b'\n');
    out
}

fn cells(incident: &Incident) -> impl Iterator<Item = &Cell> {
    let rows = incident.cells.values();
    rows.flat_map(std::collections::BTreeMap::values)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::exposure::{ColumnClass, Principal, PrincipalKind, Verdict};
    use crate::domain::fact::Mapped;
    use crate::domain::finding::SubjectKind;

    fn incident() -> Incident {
        let mut incident = Incident::default();
        incident.take_map(&Mapped {
            relations: vec![RelationShape {
                name: "=cmd.\"a, b\"".to_owned(),
                kind: SubjectKind::View,
                rows: Some(12),
                tenant_column: None,
                classes: vec![ColumnClass::Email, ColumnClass::Name],
            }],
            cells: vec![Cell {
                relation: "=cmd.\"a, b\"".to_owned(),
                principal: "ghost".to_owned(),
                verdict: Verdict::Foreign,
                rows: Some(7),
                bounded: false,
                basis: "SELECT 1".to_owned(),
            }],
            by_design: Vec::new(),
            acting: vec![Acting {
                principal: Principal {
                    name: "ghost".to_owned(),
                    kind: PrincipalKind::Ghost,
                    role: "authenticated".to_owned(),
                },
                assume: vec!["SET LOCAL ROLE authenticated;".to_owned()],
            }],
        });
        incident
    }

    #[test]
    fn a_name_is_quoted_and_runs_as_no_formula() {
        let text = String::from_utf8(csv(&incident())).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], COLUMNS.join(","));
        assert_eq!(
            lines[1],
            "\"'=cmd.\"\"a, b\"\"\",view,\"email, name\",,12,ghost,ghost,authenticated,foreign,true,7,false,SELECT 1"
        );
        assert_eq!(lines.len(), 2);
    }

    #[test]
    fn the_object_holds_what_it_takes_to_look_again() {
        let value: serde_json::Value = serde_json::from_slice(&json(&incident())).unwrap();
        assert_eq!(value["cells"][0]["leaks"], true);
        assert_eq!(value["cells"][0]["verdict"], "foreign");
        assert_eq!(value["principals"][0]["role"], "authenticated");
        assert_eq!(value["relations"][0]["kind"], "view");
        let empty = String::from_utf8(csv(&Incident::default())).unwrap();
        assert_eq!(empty.lines().count(), 1);
    }
}
