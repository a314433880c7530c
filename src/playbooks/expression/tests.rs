//! What the expression language takes and how it refuses the rest.

use super::*;
use proptest::prelude::*;

fn word(text: &str) -> Term {
    Term::Word(text.into())
}

fn mistake(text: &str) -> Mistake {
    parse(text).expect_err("must be refused")
}

#[test]
fn every_term_is_read() {
    let parsed = parse(
        "answer(active) == yes and check(database.reach).foreign > 0 \
         and cause(R2) != ruled_out and findings(confirmed) >= 2",
    )
    .unwrap();
    let terms: Vec<_> = parsed.compared.iter().map(|c| c.left.0.clone()).collect();
    assert_eq!(
        terms,
        [
            Term::Answer("active".into()),
            Term::CheckField {
                check: "database.reach".into(),
                field: "foreign".into()
            },
            Term::Cause(RootCause::R2),
            Term::Findings("confirmed".into()),
        ]
    );
    assert_eq!(parsed.compared[3].right.0, Term::Number(2));
}

#[test]
fn and_binds_tighter_than_or_and_not_tightest() {
    let a = || Condition::Compare(word("a"), Comparison::Equal, word("a"));
    let parsed = parse("a == a or not a == a and a == a").unwrap();
    let right = Condition::And(Box::new(Condition::Not(Box::new(a()))), Box::new(a()));
    assert_eq!(
        parsed.condition,
        Condition::Or(Box::new(a()), Box::new(right))
    );
    let grouped = parse("(a == a or a == a) and a == a").unwrap();
    assert!(matches!(grouped.condition, Condition::And(..)));
}

#[test]
fn mistakes_point_at_the_word_and_say_what_to_write() {
    let one = mistake("answer(active) = yes");
    assert_eq!((one.span.start, one.help.as_str()), (15, "write `==`"));
    let two = mistake("anwser(active) == yes");
    assert_eq!(two.span, Span::new(0, 6));
    assert_eq!(two.help, "did you mean `answer(..)`?");
    let three = mistake("cause(R7) == confirmed");
    assert_eq!(three.span, Span::new(6, 8));
    let four = mistake("answer(active) ==");
    assert_eq!(four.span.start, 17);
    assert!(four.message.contains("ends here"));
    assert!(
        mistake("answer(a) == \"yes\"")
            .help
            .contains("without quotes")
    );
    assert!(mistake("check(database.reach) > 0").message.contains("`.`"));
    assert!(mistake("a == b c == d").message.contains("`and`, `or`"));
    assert!(mistake("").message.contains("ends here"));
}

#[test]
fn depth_and_length_are_bounded() {
    assert!(mistake(&"(".repeat(400)).help.contains("at most"));
    assert!(mistake(&"not ".repeat(200)).help.contains("at most"));
    assert!(mistake(&"a ".repeat(600)).message.contains("longer than"));
    assert!(
        mistake("1 == 99999999999999999999")
            .message
            .contains("too large")
    );
}

fn expression() -> impl Strategy<Value = String> {
    let term = prop_oneof![
        "[a-z][a-z-]{0,6}x".prop_map(|id| format!("answer({id})")),
        Just("check(database.reach).foreign".to_owned()),
        (1_u8..7).prop_map(|n| format!("cause(R{n})")),
        Just("findings(confirmed)".to_owned()),
        any::<u32>().prop_map(|n| n.to_string()),
    ];
    let sign = prop_oneof![
        Just("=="),
        Just("!="),
        Just("<"),
        Just("<="),
        Just(">"),
        Just(">=")
    ];
    let leaf = (term.clone(), sign, term).prop_map(|(a, how, b)| format!("{a} {how} {b}"));
    leaf.prop_recursive(4, 24, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} and {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} or {b})")),
            inner.prop_map(|a| format!("not ({a})")),
        ]
    })
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused_inside_its_bounds(text in ".{0,200}") {
        if let Err(mistake) = parse(&text) {
            prop_assert!(mistake.span.start <= text.len());
            prop_assert!(!mistake.message.is_empty());
        }
    }

    #[test]
    fn any_shuffle_of_our_own_words_is_read_or_refused(
        words in prop::collection::vec(prop::sample::select(vec![
            "answer(", "check(", "cause(", "R2", ")", "(", ".", "==", "<", "and", "or", "not", "yes", "7", "a.b", "-",
        ]), 0..40)
    ) {
        let _ = parse(&words.join(" "));
        let _ = parse(&words.concat());
    }

    #[test]
    fn what_is_well_formed_is_always_read(text in expression()) {
        prop_assume!(text.len() <= LONGEST);
        prop_assert!(parse(&text).is_ok(), "{}", text);
    }
}
