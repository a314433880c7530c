//! Blank places for what the record can't know. They are never written again.

use super::doc::Doc;

/// What people are asked to add: the marker's name, the heading, the question.
const ASKED: [(&str, &str, &str); 8] = [
    (
        "impact",
        "Impact",
        "Who was affected, and how do they notice?",
    ),
    (
        "detection",
        "Detection",
        "How did it come to light, and what could have shown it sooner?",
    ),
    (
        "conditions",
        "Contributing conditions, in words",
        "Which conditions had to meet? Name conditions, not persons.",
    ),
    (
        "notices",
        "Awareness and notices",
        "Who decided when you were aware, who was told, and when?",
    ),
    ("well", "What went well", "What helped?"),
    ("wrong", "What went wrong", "What got in the way?"),
    (
        "lucky",
        "Where we were lucky",
        "What else could have happened?",
    ),
    (
        "actions",
        "What we will do",
        "Each with an owner and a date.",
    ),
];

/// Writes every blank place, each with its own author line.
pub fn sections(doc: &mut Doc) {
    for (name, title, question) in ASKED {
        doc.heading(2, title);
        doc.say(question);
        doc.open_for_people(name);
        doc.say("Author:");
        doc.close(name);
    }
}
