//! What the message of a record tells, in whatever language. A leaf.

use super::words::{is_fetch, is_run, is_step};

/// What a message tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said<'a> {
    /// A statement ran, or begins to: then without a time.
    Ran {
        sql: &'a str,
        nanos: Option<u64>,
    },
    /// A step before it runs, or one portal read on: not counted.
    Step,
    /// How long the statement of the record before took.
    Took(u64),
    /// The plan of a statement that ran.
    Plan {
        text: &'a str,
    },
    /// What pgaudit wrote after `AUDIT: `.
    Audit(&'a str),
    /// The session begins or ends.
    Session,
    Other,
}

/// Reads a message.
pub fn read(message: &str) -> Said<'_> {
    let bytes = message.as_bytes();
    if let Some(rest) = message.strip_prefix("AUDIT: ") {
        return Said::Audit(rest);
    }
    let Some(colon) = memchr::memchr(b':', &bytes[..bytes.len().min(120)]) else {
        return Said::Other;
    };
    let label = message[..colon].trim_end();
    let rest = message[colon + 1..].trim_start_matches(' ');
    if rest.as_bytes().first().is_some_and(u8::is_ascii_digit)
        && let Some((nanos, tail)) = duration(rest)
    {
        return timed(nanos, tail);
    }
    if matches!(
        label,
        "disconnection" | "connection received" | "connection authenticated"
    ) {
        return Said::Session;
    }
    if is_run(label) {
        if is_fetch(label) {
            return Said::Step;
        }
        return Said::Ran {
            sql: rest,
            nanos: None,
        };
    }
    Said::Other
}

/// `0.738 ms` as nanoseconds, and what follows. The unit is a word of the
/// server's language.
fn duration(text: &str) -> Option<(u64, &str)> {
    let bytes = text.as_bytes();
    let mut micros = 0_u64;
    let mut at = 0;
    let mut decimals = None;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'0'..=b'9' => {
                micros = micros
                    .checked_mul(10)?
                    .checked_add(u64::from(byte - b'0'))?;
                decimals = decimals.map(|count: u32| count + 1);
            }
            b'.' if decimals.is_none() => decimals = Some(0),
            _ => break,
        }
        at += 1;
    }
    if decimals != Some(3) || bytes.get(at) != Some(&b' ') {
        return None;
    }
    let unit = &text[at + 1..];
    let end = unit.find([' ', ',']).unwrap_or(unit.len());
    Some((micros.checked_mul(1_000)?, &unit[end..]))
}

fn timed(nanos: u64, tail: &str) -> Said<'_> {
    let tail = tail.trim_start_matches([' ', ',']);
    if tail.is_empty() {
        return Said::Took(nanos);
    }
    let Some(colon) = memchr::memchr(b':', tail.as_bytes()) else {
        return Said::Other;
    };
    let label = tail[..colon].trim_end();
    let sql = tail[colon + 1..].trim_start_matches(' ');
    if label == "plan" {
        return Said::Plan {
            text: sql.trim_start_matches('\n'),
        };
    }
    if is_step(label) || is_fetch(label) {
        return Said::Step;
    }
    Said::Ran {
        sql,
        nanos: Some(nanos),
    }
}

/// The bound parameters in a DETAIL: `parameters: $1 = '3'`.
pub fn parameters(detail: &str) -> &str {
    let first = |at: &usize| detail[*at..].starts_with("$1 = ");
    let mut marks = memchr::memchr_iter(b'$', detail.as_bytes());
    marks.find(first).map_or("", |at| &detail[at..])
}

/// The statement in a DETAIL such as `prepare: prepare q as select ..`, and
/// the arguments of `execute q(1, 'x')` as parameters.
pub fn prepared<'a>(sql: &str, detail: &'a str) -> Option<(&'a str, String)> {
    let is_execute = sql
        .get(..8)
        .is_some_and(|word| word.eq_ignore_ascii_case("execute "));
    if !is_execute {
        return None;
    }
    let (_, prepare) = detail.split_once(':')?;
    let inner = unprepared(prepare.trim_start())?;
    let mut parameters = String::new();
    if let (Some(open), Some(close)) = (sql.find('('), sql.rfind(')'))
        && open < close
    {
        for (number, value) in arguments(&sql[open + 1..close]).enumerate() {
            let comma = if number > 0 { ", " } else { "" };
            parameters.push_str(&format!("{comma}${} = {value}", number + 1));
        }
    }
    Some((inner, parameters))
}

/// The statement in `prepare q (int) as select ..`.
pub fn unprepared(text: &str) -> Option<&str> {
    if !text.get(..8)?.eq_ignore_ascii_case("prepare ") {
        return None;
    }
    let bytes = text.as_bytes();
    let at = bytes.windows(4).position(|four| {
        four[0].is_ascii_whitespace()
            && four[1..3].eq_ignore_ascii_case(b"as")
            && four[3].is_ascii_whitespace()
    })?;
    Some(text[at + 4..].trim_start())
}

/// Arguments between commas that stand in no quotes.
fn arguments(text: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    text.split(move |letter| {
        quoted ^= letter == '\'';
        letter == ',' && !quoted
    })
    .map(str::trim)
    .filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_record_of_a_statement_is_told_apart() {
        let ran = |sql, nanos| Said::Ran { sql, nanos };
        for (message, want) in [
            (
                "duration: 0.738 ms  statement: select 1",
                ran("select 1", Some(738_000)),
            ),
            (
                "duration: 1200.001 ms  execute <unnamed>: select $1",
                ran("select $1", Some(1_200_001_000)),
            ),
            (
                "duration: 0.100 ms  execute S_1/C_2: select",
                ran("select", Some(100_000)),
            ),
            ("duration: 0.100 ms  parse <unnamed>: select 1", Said::Step),
            ("duration: 0.100 ms  bind S_1/C_2: select 1", Said::Step),
            (
                "duration: 0.100 ms  execute fetch from <unnamed>/C_1: select 1",
                Said::Step,
            ),
            ("duration: 0.100 ms", Said::Took(100_000)),
            ("duration: 0.023 ms  plan:\n{}", Said::Plan { text: "{}" }),
            ("statement: select a: b", ran("select a: b", None)),
            ("execute a1: select 1", ran("select 1", None)),
            (
                "Dauer: 0.738 ms  Anweisung: select 1",
                ran("select 1", Some(738_000)),
            ),
            ("Dauer: 0.738 ms  Parsen <unnamed>: select 1", Said::Step),
            (
                "durée : 0.738 ms, instruction : select 1",
                ran("select 1", Some(738_000)),
            ),
            ("durée : 0.738 ms, lien <unnamed> : select 1", Said::Step),
            (
                "продолжительность: 0.738 мс, оператор: select 1",
                ran("select 1", Some(738_000)),
            ),
            (
                "期間: 0.738 ミリ秒  文: select 1",
                ran("select 1", Some(738_000)),
            ),
            (
                "执行时间: 0.738 ms 语句: select 1",
                ran("select 1", Some(738_000)),
            ),
            ("checkpoint starting: time", Said::Other),
            ("checkpoint complete: wrote 3 buffers", Said::Other),
            (
                "listening on IPv4 address \"0.0.0.0\", port 5432",
                Said::Other,
            ),
            ("AUDIT: SESSION,1", Said::Audit("SESSION,1")),
        ] {
            assert_eq!(read(message), want, "{message}");
        }
    }

    #[test]
    fn an_execute_is_what_was_prepared() {
        let found = prepared(
            "EXECUTE q(7, 'a,b')",
            "prepare: PREPARE q (int, text) AS\nselect * from t where id = $1",
        );
        let want = (
            "select * from t where id = $1",
            "$1 = 7, $2 = 'a,b'".to_owned(),
        );
        assert_eq!(found, Some(want));
        assert_eq!(prepared("select 1", "prepare: prepare q as select 2"), None);
        assert_eq!(
            parameters("Parameters: $1 = '3', $2 = NULL"),
            "$1 = '3', $2 = NULL"
        );
    }
}
