//! The laws of JSON in a stream.

use super::kept::Kept;
use crate::investigate::logs::format::parser::Framing;

fn of_json(text: &str) -> (Vec<String>, usize) {
    let kept = Kept::of(text, Framing::Json);
    let texts = kept.texts().iter().map(|text| (*text).to_owned()).collect();
    (texts, kept.lost.len())
}

pub fn objects(count: usize) -> Vec<String> {
    let inner = r#"{"p":"} , {","q":[{"r":null},{}]}"#;
    (0..count)
        .map(|at| format!("{{\"id\":{at},\"s\":\"\\\"{{\\\\\",\"t\":{inner}}}"))
        .collect()
}

/// Every way objects are strung together.
pub fn strung(objects: &[String]) -> Vec<(&'static str, String)> {
    let pretty: Vec<String> = objects
        .iter()
        .map(|object| {
            let value: serde_json::Value = serde_json::from_str(object).unwrap();
            serde_json::to_string_pretty(&value).unwrap()
        })
        .collect();
    let (line, list) = (objects.join(","), pretty.join(",\n"));
    let (one, two) = objects.split_at(objects.len() / 2);
    let halves = [one.join(","), two.join(",")];
    let mut all = held(objects);
    all.extend([
        ("lines", objects.join("\n")),
        ("lines with carriage returns", objects.join("\r\n") + "\r\n"),
        ("one line", objects.join("")),
        ("one line, blanks", objects.join(" ")),
        ("text sequences", format!("\x1e{}", objects.join("\n\x1e"))),
        ("list", format!("[{line}]")),
        (
            "list over lines",
            format!("[\n{}\n]\n", objects.join(",\n")),
        ),
        ("commas first", format!("[\n {}\n]\n", objects.join("\n,"))),
        ("lists", format!("[{}][{}]", halves[0], halves[1])),
        (
            "lists a line",
            format!("[{}]\n[{}]\n", halves[0], halves[1]),
        ),
        (
            "list of lists",
            format!("[[{}],[{}]]", halves[0], halves[1]),
        ),
        ("with a mark", format!("\u{feff}{}", objects.join("\n"))),
        ("pretty", pretty.join("\n")),
        ("pretty list", format!("[\n{list}\n]\n")),
        (
            "pretty records",
            format!("{{\n  \"result\": [\n{list}\n  ],\n  \"error\": null\n}}\n"),
        ),
    ]);
    all
}

/// Objects in others that only hold lists of them.
fn held(objects: &[String]) -> Vec<(&'static str, String)> {
    let all = objects.join(",");
    let (one, two) = objects.split_at(objects.len() / 2);
    let halves = [one.join(","), two.join(",")];
    vec![
        ("records", format!("{{\"Records\":[{all}]}}")),
        (
            "records twice",
            format!(
                "{{\"Records\":[{}]}}\n{{\"Records\":[{}]}}",
                halves[0], halves[1]
            ),
        ),
        (
            "two lists",
            format!(
                "{{\"logs\":[{}],\"n\":[1],\"events\":[{}],\"meta\":{{\"a\":[{{}}]}}}}",
                halves[0], halves[1]
            ),
        ),
        (
            "deep",
            format!(
                "{{\"took\":1,\"hits\":{{\"total\":{{\"v\":1}},\"hits\":[{all}]}},\"x\":\"y\"}}\n"
            ),
        ),
        (
            "lists of holders",
            format!(
                "[{{\"logs\":[{}]}},{{\"logs\":[{}]}}]",
                halves[0], halves[1]
            ),
        ),
    ]
}

#[test]
fn objects_are_found_however_they_are_strung() {
    for (name, text) in strung(&objects(60)) {
        let (texts, lost) = of_json(&text);
        let plain: Vec<serde_json::Value> = texts
            .iter()
            .map(|text| serde_json::from_str(text).unwrap_or_else(|_| panic!("{name}: {text}")))
            .collect();
        let ids: Vec<_> = plain.iter().map(|value| value["id"].as_u64()).collect();
        let want: Vec<_> = (0..60).map(Some).collect();
        assert_eq!((ids, lost), (want, 0), "{name}");
    }
}

#[test]
fn text_among_objects_is_handed_over_as_lines() {
    let text = "   Next.js 15\n{\"a\":1}\n[info] ready\n - Local: x\n{\"a\":2}\n[1, 2]\n\"words\"\n{ id: 1,\n  b: 2 }\n";
    let want = [
        "   Next.js 15",
        "{\"a\":1}",
        "[info] ready",
        " - Local: x",
        "{\"a\":2}",
        "[1, 2]",
        "\"words\"",
        "{ id: 1,",
        "  b: 2 }",
    ];
    assert_eq!(of_json(text), (want.map(str::to_owned).into(), 0));
}

#[test]
fn a_torn_object_costs_its_own_line() {
    for torn in [
        "{\"a\":\"x",
        "{\"a\":",
        "{\"a\":[",
        "{\"a\":1,",
        "{\"a\"",
        "{",
        "{\"a\":{\"b\":[{\"c\":1}",
    ] {
        let text = format!("{{\"a\":1}}\n{torn}\n{{\"a\":2}}\n{{\"a\":3}}\n");
        let want = ["{\"a\":1}", torn, "{\"a\":2}", "{\"a\":3}"];
        assert_eq!(
            of_json(&text),
            (want.map(str::to_owned).into(), 0),
            "{torn}"
        );
        let trusted = "{\"a\":0}\n".repeat(40) + &text;
        assert_eq!(of_json(&trusted).0.len(), 44, "{torn}");
    }
}

#[test]
fn a_torn_object_over_lines_costs_one_record() {
    let text = "{\n  \"a\": 1,\n  \"b\": {\n    \"c\": 2\n  },\n{\n  \"a\": 2\n}\n{\n  \"a\": 3\n}";
    let want = ["{", "{\n  \"a\": 2\n}", "{\n  \"a\": 3\n}"];
    assert_eq!(of_json(text), (want.map(str::to_owned).into(), 0));
}

#[test]
fn garbage_between_objects_is_counted() {
    let (texts, lost) = of_json("{\"a\":1} garbage {\"a\":2}};{\"a\":3}\n{\"a\":4}");
    assert_eq!((texts.len(), lost), (4, 2));
    let (texts, lost) = of_json("{\"Records\":[{\"a\":1},{\"a\":oh no},{\"a\":2},{\"a\":3}");
    assert_eq!((texts.len(), lost), (3, 2));
    let (texts, lost) = of_json("{\"Records\":[{\"a\":1},{\"a\":");
    assert_eq!((texts.len(), lost), (1, 1));
}

#[test]
fn trusted_lines_still_show_a_second_object() {
    let mut text = objects(40).join("\n");
    text.push_str("\n{\"id\":40}{\"id\":41}\n{\"id\":42}, {\"id\":43}\n");
    assert_eq!(of_json(&text).0.len(), 44);
}
