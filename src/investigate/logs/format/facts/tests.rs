//! How names of different ranks and routes with methods become one event.

use super::*;

#[test]
fn a_better_name_wins_and_a_later_equal_one() {
    let mut copied = String::new();
    let mut facts = Facts::new(&mut copied);
    facts.put(Slot::User, 2, "", Value::Borrowed("second"));
    facts.put(Slot::User, 1, "", Value::Whole(7));
    facts.put(Slot::User, 2, "", Value::Borrowed("third"));
    assert_eq!(facts.event().user, "7");
    facts.put(Slot::User, 1, "", Value::Copied("eight"));
    facts.put(Slot::User, 1, "", Value::Borrowed(""));
    assert_eq!(facts.event().user, "eight");
}

#[test]
fn a_route_may_hold_its_method() {
    let mut copied = String::new();
    let mut facts = Facts::new(&mut copied);
    facts.put(Slot::Route, 1, "", Value::Borrowed("GET /api/c/[id]"));
    facts.put(Slot::Status, 1, "", Value::Borrowed("200"));
    let event = facts.event();
    assert_eq!((event.method, event.route), ("GET", "/api/c/[id]"));
    assert_eq!((event.layer, event.status), (Layer::Http, 200));
}
