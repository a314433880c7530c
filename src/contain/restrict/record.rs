//! What a plan keeps of the before-state so that later steps, perhaps after a
//! restart, can read it back.

use crate::domain::action::Plan;
use crate::domain::failure::Failure;
use crate::domain::finding::Evidence;

/// Names of the evidence that later steps read back.
pub const RELATION: &str = "relation";
pub const THING: &str = "object";
pub const COLUMN: &str = "column";
/// Who holds locks at the moment of planning; an undo looks again.
pub const IN_THE_WAY: &str = "in the way now";
pub const PRINCIPAL: &str = "principal";
pub const BEFORE: &str = "rights before, digest";
pub const AFTER: &str = "rights afterwards, digest";

/// The failure of planning.
pub fn no_plan(why: impl Into<String>, hint: &str) -> Failure {
    Failure::new("no plan was made", why, hint)
}

/// The most bytes of a plan: an entry of the timeline, less its envelope and
/// the escaping that may be added.
const LONGEST: usize = 14 * 1024;

/// A plan must fit into one record of the timeline, or it cannot be approved.
pub fn recordable(plan: Plan) -> Result<Plan, Failure> {
    let bytes = serde_json::to_vec(&plan).map_or(usize::MAX, |json| json.len());
    if bytes > LONGEST {
        return Err(no_plan(
            format!("it would take {bytes} bytes, and one record holds {LONGEST}"),
            "name fewer roles, or plan the partitions one by one",
        ));
    }
    Ok(plan)
}

/// Evidence a later step reads back: JSON in ASCII, so that making it
/// printable leaves it as it is.
pub fn kept<T: serde::Serialize>(what: &str, value: &T) -> Evidence {
    // Serialising plain strings cannot fail; an empty one is not read back.
    let json = serde_json::to_string(value).unwrap_or_default();
    let mut ascii = String::with_capacity(json.len());
    for c in json.chars() {
        if c.is_ascii() && !c.is_control() {
            ascii.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                ascii.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    Evidence::new(what, &ascii)
}

/// Every piece of evidence of one name that [`kept`] wrote.
pub fn read_back<T: serde::de::DeserializeOwned>(plan: &Plan, what: &str) -> Vec<T> {
    plan.before
        .iter()
        .filter(|evidence| evidence.what == what)
        .filter_map(|evidence| serde_json::from_str(&evidence.value).ok())
        .collect()
}

/// The value of the first piece of evidence of one name.
pub fn noted<'a>(plan: &'a Plan, what: &str) -> Option<&'a str> {
    plan.before
        .iter()
        .find(|evidence| evidence.what == what)
        .map(|evidence| evidence.value.as_str())
}
