//! The exposure matrix as data: what it says can be seen again by hand.

use super::{api_roles, asked};
use crate::support::lab::{Lab, lab_blocking};
use firsthour::cli::check::{Database, Layout};
use serde_json::Value;

const SCHEMA: &str = include_str!("../../fixtures/supabase.sql");

fn matrix(lab: &Lab, layout: Layout) -> String {
    let (code, out, _) = asked(Database {
        place: Some(lab.url("postgres")),
        matrix: Some(layout),
        ..Database::default()
    });
    assert_eq!(code, 1);
    out
}

/// The statements of a cell, as the screen shows them.
fn script(exposure: &Value, cell: &Value) -> Option<String> {
    let basis = cell["basis"].as_str()?;
    let principals = exposure["principals"].as_array()?;
    let acting = principals.iter().find(|p| p["name"] == cell["principal"])?;
    let assume: Vec<&str> = acting["assume"]
        .as_array()?
        .iter()
        .filter_map(Value::as_str)
        .collect();
    basis.starts_with("SELECT ").then(|| {
        format!(
            "BEGIN TRANSACTION READ ONLY;{}{basis};ROLLBACK;",
            assume.join("\n")
        )
    })
}

#[test]
pub fn the_statements_of_a_cell_show_it_again() {
    let lab = lab_blocking();
    api_roles(&lab);
    lab.exec_blocking(SCHEMA);
    let exposure: Value = serde_json::from_str(&matrix(&lab, Layout::Json)).expect("an object");
    let cells = exposure["cells"].as_array().expect("cells");
    let (mut shown, mut hidden) = (0, 0);
    for cell in cells {
        let (Some(script), Some(verdict)) = (script(&exposure, cell), cell["verdict"].as_str())
        else {
            continue;
        };
        let seen = lab.exec_blocking(&script);
        let seen = seen.last().and_then(|row| row[0].clone());
        // `own` says that rows are seen and none of them is somebody else's.
        match verdict {
            "foreign" | "all" => {
                shown += 1;
                assert_eq!(seen.as_deref(), Some("t"), "{script}");
            }
            "none" => {
                hidden += 1;
                assert_eq!(seen.as_deref(), Some("f"), "{script}");
            }
            _ => {}
        }
    }
    assert!(shown > 20 && hidden > 20, "{shown} shown, {hidden} hidden");
}

#[test]
pub fn the_table_has_a_line_for_each_cell() {
    let lab = lab_blocking();
    api_roles(&lab);
    lab.exec_blocking(SCHEMA);
    let exposure: Value = serde_json::from_str(&matrix(&lab, Layout::Json)).expect("an object");
    let table = matrix(&lab, Layout::Csv);
    let cells = exposure["cells"].as_array().expect("cells").len();
    assert_eq!(table.lines().count(), cells + 1);
    assert!(table.starts_with("relation,kind,holds,"), "{table}");
    assert!(!table.contains('@'), "no value of a customer");
}
