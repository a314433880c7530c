//! The published JSON Schema, generated from the structs of `fence.rs`.

use super::fence::{ActionFence, AskFence, CheckFence, FrontMatter, NextLine, StepFence};
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Value, json};

/// Renders the schema of front matter and fences as pretty JSON with a final
/// newline, byte for byte what `assets/playbook.schema.json` holds.
pub fn schema() -> String {
    let value = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "firsthour playbook, format firsthour/1",
        "description": "The YAML parts of a playbook. `front_matter` is the block at the top; the others are fences named alike. `hand` is plain text and has no schema.",
        "$defs": {
            "front_matter": of::<FrontMatter>(),
            "step": of::<StepFence>(),
            "ask": of::<AskFence>(),
            "check": of::<CheckFence>(),
            "action": of::<ActionFence>(),
            "next": of::<Vec<NextLine>>(),
        },
    });
    format!("{value:#}\n")
}

/// The keys a mapping takes and those it must have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keys {
    pub known: Vec<String>,
    pub required: Vec<String>,
}

/// Reads the keys of one struct out of its schema.
pub fn keys<T: JsonSchema>() -> Keys {
    let schema = of::<T>();
    let known = schema["properties"]
        .as_object()
        .map(|map| map.keys().cloned().collect())
        .unwrap_or_default();
    let required = schema["required"]
        .as_array()
        .map(|list| {
            list.iter()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect()
        })
        .unwrap_or_default();
    Keys { known, required }
}

fn of<T: JsonSchema>() -> Value {
    let settings = schemars::generate::SchemaSettings::draft2020_12().with(|s| {
        s.inline_subschemas = true;
        s.meta_schema = None;
    });
    SchemaGenerator::new(settings)
        .into_root_schema_for::<T>()
        .to_value()
}
