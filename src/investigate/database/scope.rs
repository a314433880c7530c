//! Whether a query or a function body keeps to what is its caller's: asks who
//! is calling for more than "did somebody sign in".
//!
//! Judged by text and in favour of the code: what cannot be read counts as
//! narrowed and is left to the prober.

use super::atom::null_test;
use super::expression::{Node, Token, closing, comparison, parse, plain, split_on};
use super::helpers::{Helper, Helpers, asks_identity, calls};

/// How many helpers deep a test is followed.
const DEPTH: usize = 3;

/// Whether every part of a view's query is tied to the caller.
pub fn query_narrows(helpers: &Helpers, text: &[Token]) -> bool {
    let text = text
        .strip_suffix(&[Token::Sign(";".to_owned())])
        .unwrap_or(text);
    if text.first().is_some_and(|t| t.is_word("with")) {
        return helpers.identity_in(text);
    }
    split_on(text, "union")
        .into_iter()
        .all(|part| part_narrows(helpers, part))
}

fn part_narrows(helpers: &Helpers, part: &[Token]) -> bool {
    let selected = split_on(part, "from")[0].len();
    let Some(from) = part.get(selected + 1..) else {
        return helpers.identity_in(part);
    };
    let mut halves = split_on(from, "where").into_iter();
    let tables = halves.next().unwrap_or_default();
    if helpers.identity_in(tables) {
        return true;
    }
    halves.next().is_some_and(|condition| {
        let end = ["group", "order", "limit", "having", "window"]
            .iter()
            .map(|word| split_on(condition, word)[0].len())
            .min()
            .unwrap_or(condition.len());
        narrows(helpers, &parse(&condition[..end]), DEPTH)
    })
}

/// Whether a condition ties rows to the caller: each side of an OR must, one
/// side of an AND is enough.
fn narrows(helpers: &Helpers, node: &Node, depth: usize) -> bool {
    match node {
        Node::Or(parts) => parts.iter().all(|part| narrows(helpers, part, depth)),
        Node::And(parts) => parts.iter().any(|part| narrows(helpers, part, depth)),
        Node::Not(inner) => narrows(helpers, inner, depth),
        Node::Atom(atom) => {
            let atom = plain(atom);
            helpers.identity_in(&atom) && !tests_sign_in(helpers, &atom, depth)
        }
    }
}

/// Whether the condition only asks if somebody signed in.
fn tests_sign_in(helpers: &Helpers, atom: &[Token], depth: usize) -> bool {
    if null_test(atom).is_some_and(|(tested, _)| helpers.identity_in(tested)) {
        return true;
    }
    if let Some((left, _, right)) = comparison(atom) {
        let plain_word = |side: &[Token]| matches!(side, [Token::Text(text)] if matches!(text.as_str(), "" | "anon" | "authenticated"));
        return plain_word(left) || plain_word(right);
    }
    let Some((name, open)) = calls(atom).into_iter().next() else {
        return false;
    };
    let whole = closing(atom, open) == Some(atom.len() - 1);
    let helper = helpers
        .named(&name)
        .first()
        .and_then(|oid| helpers.get(*oid));
    match helper.filter(|_| whole && depth > 0) {
        Some(helper) => helper
            .result
            .as_ref()
            .is_some_and(|result| helper.identity && !narrows(helpers, &parse(result), depth - 1)),
        None => false,
    }
}

/// Whether a function's body uses who is calling for anything but a sign-in
/// test or a note of who it was.
pub fn body_narrows(helpers: &Helpers, helper: &Helper) -> bool {
    helper.identity && telling(helpers, &helper.body, DEPTH)
}

fn telling(helpers: &Helpers, body: &[Token], depth: usize) -> bool {
    let mut sites: Vec<(usize, usize)> = Vec::new();
    for (name, open) in calls(body) {
        let Some(end) = closing(body, open) else {
            continue;
        };
        let start = if name.contains('.') && open >= 3 {
            open - 3
        } else {
            open - 1
        };
        if asks_identity(&body[start..=end]) {
            sites.push((start, end));
        } else {
            let known = helpers
                .named(&name)
                .iter()
                .filter_map(|oid| helpers.get(*oid));
            let asks = known
                .filter(|inner| inner.identity)
                .any(|inner| depth == 0 || strong_result(helpers, inner, depth - 1));
            if asks {
                return true;
            }
        }
    }
    for (i, token) in body.iter().enumerate() {
        if ["current_user", "session_user", "current_role"]
            .iter()
            .any(|w| token.is_word(w))
        {
            sites.push((i, i));
        }
    }
    sites
        .into_iter()
        .any(|(start, end)| strong(body, start, end, true))
}

/// Whether a helper's answer says more than that somebody signed in.
fn strong_result(helpers: &Helpers, helper: &Helper, depth: usize) -> bool {
    match &helper.result {
        // A value such as the caller's id is as good as the claim itself.
        Some(result) => {
            let node = parse(result);
            let whole = matches!(&node, Node::Atom(atom) if null_test(atom).is_none() && comparison(atom).is_none());
            whole || narrows(helpers, &node, depth)
        }
        None => telling(helpers, &helper.body, depth),
    }
}

/// Whether identity at this place decides something: not a null test, not a
/// comparison with a general role, not a line in a log. What it is assigned
/// to is followed once.
fn strong(body: &[Token], start: usize, end: usize, follow: bool) -> bool {
    let statement = statement_start(body, start);
    if body
        .get(statement)
        .is_some_and(|t| t.is_word("insert") || t.is_word("raise"))
    {
        return false;
    }
    let mut at = end + 1;
    while let Some(token) = body.get(at) {
        let passes = match token {
            Token::Sign(sign) => matches!(sign.as_str(), ")" | "->" | "->>" | "::"),
            Token::Text(_) => body[at - 1].is_sign("->") || body[at - 1].is_sign("->>"),
            Token::Word(_) => body[at - 1].is_sign("::"),
            Token::Number(_) => false,
        };
        if !passes {
            break;
        }
        at += 1;
    }
    let rest = &body[at.min(body.len())..];
    let null = rest.first().is_some_and(|t| t.is_word("is"))
        && rest.iter().skip(1).take(2).any(|t| t.is_word("null"));
    let general = matches!(rest, [Token::Sign(op), Token::Text(text), ..]
        if matches!(op.as_str(), "=" | "<>" | "!=") && matches!(text.as_str(), "" | "anon" | "authenticated"));
    if null || general {
        return false;
    }
    match assigned(body, statement, start, at).filter(|_| follow) {
        Some(variable) => body
            .iter()
            .enumerate()
            .skip(at)
            .any(|(i, token)| token.is_word(&variable) && strong(body, i, i, false)),
        None => true,
    }
}

fn statement_start(body: &[Token], from: usize) -> usize {
    let opens = |t: &Token| {
        t.is_sign(";")
            || ["begin", "then", "else", "loop", "declare"]
                .iter()
                .any(|word| t.is_word(word))
    };
    body[..from].iter().rposition(opens).map_or(0, |at| at + 1)
}

/// The variable that `x := identity` or `SELECT identity INTO x` fills.
fn assigned(body: &[Token], statement: usize, start: usize, after: usize) -> Option<String> {
    let word = |token: Option<&Token>| match token {
        Some(Token::Word(word)) => Some(word.clone()),
        _ => None,
    };
    let opening = body.get(statement..start).unwrap_or_default();
    if opening
        .iter()
        .any(|t| t.is_sign(":=") || t.is_word("default"))
    {
        return word(opening.first());
    }
    let into = body.get(after).is_some_and(|t| t.is_word("into"));
    (into && opening.first().is_some_and(|t| t.is_word("select")))
        .then(|| word(body.get(after + 1)))
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::super::expression::tokens;
    use super::super::snapshot::Function;
    use super::*;

    fn helpers() -> Helpers {
        let function = |oid, name: &str, source: &str| Function {
            oid,
            schema: "core".into(),
            name: name.into(),
            language: "plpgsql".into(),
            source: Some(source.into()),
            ..Function::default()
        };
        Helpers::new(&[
            function(1, "signed_in", "begin return auth.uid() is not null; end"),
            function(
                2,
                "mine",
                "begin return (select id from m where u = auth.uid()); end",
            ),
        ])
    }

    #[test]
    fn each_part_of_a_union_has_to_ask() {
        let narrow = |text: &str| query_narrows(&helpers(), &tokens(text));
        assert!(narrow("SELECT a FROM t WHERE (o = auth.uid());"));
        assert!(narrow("SELECT a FROM t JOIN m ON ((m.u = auth.uid()))"));
        assert!(narrow(
            "SELECT a FROM t WHERE (o = core.mine()) UNION SELECT b FROM u WHERE (x AND (o = auth.uid())) ORDER BY 1"
        ));
        assert!(!narrow(
            "SELECT a FROM t WHERE (o = auth.uid()) UNION ALL SELECT b FROM u"
        ));
        assert!(!narrow("SELECT a, auth.uid() AS me FROM t"));
        assert!(!narrow("SELECT a FROM t WHERE (auth.uid() IS NOT NULL)"));
        assert!(!narrow("SELECT a FROM t WHERE core.signed_in()"));
        assert!(!narrow(
            "SELECT a FROM t WHERE ((o = auth.uid()) OR (b = 1))"
        ));
    }

    #[test]
    fn a_body_that_only_tests_sign_in_does_not_narrow() {
        let narrow = |source: &str| {
            let function = Function {
                oid: 9,
                schema: "x".into(),
                name: "f".into(),
                language: "plpgsql".into(),
                source: Some(source.into()),
                ..Function::default()
            };
            let all = helpers();
            let one = Helpers::new(&[function]);
            let mut helper = one.get(9).cloned().unwrap();
            helper.identity = all.identity_in(&helper.body);
            body_narrows(&all, &helper)
        };
        for open in [
            "begin if auth.uid() is null then raise exception 'no'; end if; return query select * from t; end",
            "begin if (auth.jwt() ->> 'sub') is null then return; end if; return query select * from t; end",
            "begin if not core.signed_in() then raise exception 'no'; end if; return query select * from t; end",
            "begin insert into log values (auth.uid()); return query select * from t; end",
            "declare me uuid := auth.uid(); begin if me is null then return; end if; return query select * from t; end",
            "begin if auth.role() <> 'authenticated' then return; end if; return query select * from t; end",
        ] {
            assert!(!narrow(open), "{open}");
        }
        for closed in [
            "begin return query select * from t where u = auth.uid(); end",
            "declare me uuid := auth.uid(); begin if me is null then return; end if; return query select * from t where u = me; end",
            "declare o uuid; begin select core.mine() into o; return query select * from t where org = o; end",
            "begin if auth.role() <> 'service_role' then return; end if; return query select * from t; end",
        ] {
            assert!(narrow(closed), "{closed}");
        }
    }
}
