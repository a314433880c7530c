//! Code whose effects nothing takes back runs only when a person said so, and
//! the record says that they did.

use super::{job, leak_report, with_leak};
use crate::support::desk::Desk;
use firsthour::app::effect::Effect;
use firsthour::app::key::Key;
use firsthour::app::message::Message;
use firsthour::app::model::JobKind;
use firsthour::domain::stance::Mode;

#[test]
fn helpers_run_only_on_a_persons_recorded_word() {
    let mut desk = with_leak(Mode::Drill);
    desk.keys(&[Key::Char('H')]);
    assert!(desk.model.overlay.is_none(), "nothing waits for a word");
    let check = "database.reach".to_owned();
    let mut report = leak_report(&check, Vec::new());
    report.fields.insert("unasked".into(), 3);
    desk.keys(&[Key::Char('r')]);
    let done = Message::CheckDone {
        job: job(&desk, &JobKind::Check(check.clone())),
        report: Box::new(report),
        check,
        ms: 5,
    };
    desk.send(done);
    let orders = |desk: &Desk| -> Vec<String> {
        let of = |effect: &Effect| match effect {
            Effect::RunCheck { with, .. } => with.get("helpers").cloned(),
            _ => None,
        };
        desk.effects.iter().filter_map(of).collect()
    };
    let before = orders(&desk);
    assert!(before.iter().all(|allowed| allowed == "false"));
    desk.keys(&[Key::Char('H'), Key::Char('1')]);
    assert_eq!(orders(&desk), before, "no means no");
    desk.keys(&[Key::Char('H'), Key::Char('2')]);
    assert_eq!(orders(&desk).last().map(String::as_str), Some("true"));
    let incident = desk.model.incident().unwrap();
    assert!(incident.helpers, "the word is remembered for further runs");
    let recorded = incident.timeline.iter().any(|entry| {
        entry
            .fact
            .summary()
            .contains("helper functions with effects allowed")
    });
    assert!(recorded);
}
