//! `check logs --lines`: the lines at one place, for people or as JSON.

use crate::domain::failure::Failure;
use crate::domain::number::thousands;
use crate::domain::untrusted::quiet_json;
use crate::investigate::logs::lines;
use serde_json::json;

/// The lines at `FILE:OFFSET`.
///
/// # Errors
/// When they can't be read any more.
pub fn shown(place: &str, as_json: bool) -> Result<String, Failure> {
    let found = lines::at(place)?;
    let mut out = String::new();
    if as_json {
        for line in &found.lines {
            let object = json!({
                "kind": "line",
                "file": found.place.file,
                "offset": line.offset,
                "here": line.here,
                "text": line.text,
            });
            out.push_str(&quiet_json(object.to_string()));
            out.push('\n');
        }
        for note in &found.notes {
            out.push_str(&json!({"kind": "note", "text": note}).to_string());
            out.push('\n');
        }
        return Ok(out);
    }
    out.push_str(&format!(
        "{} at byte {}\n\n",
        found.place.file,
        thousands(found.place.offset)
    ));
    for line in &found.lines {
        let mark = if line.here { '>' } else { ' ' };
        out.push_str(&format!("{mark} {}\n", line.text));
    }
    out.push_str("\nWhat looks secret or personal is covered.\n");
    for note in &found.notes {
        out.push_str(&format!("{note}\n"));
    }
    Ok(out)
}
