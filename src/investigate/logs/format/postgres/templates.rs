//! Which `log_line_prefix` a log was written with: the one of those in use,
//! or one made from the lines themselves, that reads the most lines of a
//! sample. A leaf.

use super::prefix::{Prefix, time};
use super::words::head;
use std::cmp::Reverse;

/// Prefixes that services, packages and guides set.
const KNOWN: [&str; 24] = [
    "%m [%p] ",
    "%m [%p] %q%u@%d ",
    "%m [%p] %q[user=%u,db=%d,app=%a] ",
    "%t [%p]: user=%u,db=%d,app=%a,client=%h ",
    "%t [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ",
    "%t [%p]: [%l] user=%u,db=%d,app=%a,client=%h ",
    "%m [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ",
    "%t [%p]: [%l-1] user=%u,db=%d ",
    "%t:%r:%u@%d:[%p]:",
    "%m:%r:%u@%d:[%p]:%l:%e:%s:%v:%x:%c:%q%a:",
    "%m [%p]: [%l-1] db=%d,user=%u ",
    "%m [%p]: db=%d,user=%u ",
    "%m [%p]: [%l-1] db=%d,user=%u,host=%h ",
    "%m %u@%d %h [%p] %c %x %a ",
    "%t %u %r %d [%p] ",
    "%t-%c-",
    "%m [%p] %u@%d/%a ",
    "%m [%p] %r %u@%d ",
    "%m %c %l %u@%d ",
    "%n [%p] ",
    "%t ",
    "%m ",
    "[%p] ",
    "",
];

/// Lines looked at, and lines prefixes are made from.
const LOOKED_AT: usize = 400;
const MADE_FROM: usize = 40;

/// The prefix of a sample, and how many of its lines it reads.
pub fn infer(sample: &str) -> (Prefix, usize) {
    let lines: Vec<&str> = sample
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('\t'))
        .take(LOOKED_AT)
        .collect();
    let mut candidates: Vec<Prefix> = KNOWN.iter().map(|text| Prefix::new(text)).collect();
    for line in lines.iter().take(MADE_FROM) {
        for text in made(line) {
            if candidates.len() < 120 && !candidates.iter().any(|known| known.text == text) {
                candidates.push(Prefix::new(&text));
            }
        }
    }
    let mut best = ((0, 0, Reverse(0), false, false), Prefix::new(KNOWN[0]));
    for candidate in candidates {
        let (mut count, mut filled, mut most) = (0, 0, 0);
        for (read, _, _) in lines.iter().filter_map(|line| candidate.read(line)) {
            count += 1;
            filled += read.filled();
            most = most.max(read.filled());
        }
        // More lines first; then the prefix that tells more of them; then
        // the one with less that no line has; then one in common use.
        let unused = candidate.tells().saturating_sub(most);
        let known = KNOWN.contains(&candidate.text.as_str());
        let rank = (count, filled, Reverse(unused), known, candidate.stops());
        if rank > best.0 {
            best = (rank, candidate);
        }
    }
    let count = best.0.0;
    (best.1, count)
}

/// Prefixes that fit one line.
fn made(line: &str) -> Vec<String> {
    let Some(end) = word_at(line) else {
        return Vec::new();
    };
    let text = escaped(&line[..end]);
    let mut all = vec![text.clone()];
    if let Some(at) = text.find("[%p]") {
        let rest = &text[at + 4..];
        let bare = rest.trim_start_matches([' ', ':']);
        if !bare.is_empty() {
            let after = text.len() - bare.len();
            all.push(format!("{}%q{bare}", &text[..after]));
        }
    }
    all
}

/// Where the word of the log begins, `LOG:  `.
fn word_at(line: &str) -> Option<usize> {
    let mut limit = line.len().min(400);
    while !line.is_char_boundary(limit) {
        limit -= 1;
    }
    let mut from = 0;
    while let Some(found) = line[from..limit].find(":  ") {
        let colon = from + found;
        let start = line[..colon]
            .rfind(|letter: char| !letter.is_alphanumeric())
            .map_or(0, |at| {
                at + line[at..].chars().next().map_or(1, char::len_utf8)
            });
        if head(&line[start..]).is_some() {
            return Some(start);
        }
        from = colon + 1;
    }
    None
}

/// Puts escapes where their values stand.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    let (mut at, mut has_time, mut has_process) = (0, false, false);
    while at < text.len() {
        let rest = &text[at..];
        if let Some(length) = time(rest) {
            out.push_str(if has_time { "%s" } else { "%m" });
            has_time = true;
            at += length;
        } else if let Some((length, escape)) = bracket(rest, has_process) {
            has_process |= escape == "[%p]";
            out.push_str(&escape);
            at += length;
        } else if let Some((length, escape)) = pair(rest) {
            has_process |= escape.ends_with("%p");
            out.push_str(&escape);
            at += length;
        } else if let Some((length, escape)) = token(rest) {
            out.push_str(escape);
            at += length;
        } else {
            let letter = rest.chars().next().unwrap_or(' ');
            if letter == '%' {
                out.push('%');
            }
            out.push(letter);
            at += letter.len_utf8();
        }
    }
    out
}

/// `[4310]`, `[5-1]`.
fn bracket(text: &str, has_process: bool) -> Option<(usize, String)> {
    let inner = text.strip_prefix('[')?;
    let close = inner.find(']')?;
    let inner = &inner[..close];
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let escape = if is_number(inner) {
        if has_process { "[%l]" } else { "[%p]" }
    } else if inner.strip_suffix("-1").is_some_and(is_number) {
        "[%l-1]"
    } else {
        return None;
    };
    Some((close + 2, escape.to_owned()))
}

/// `user=app`, `client=10.0.0.1`.
fn pair(text: &str) -> Option<(usize, String)> {
    let equals = text.find('=').filter(|at| *at > 0)?;
    let key = &text[..equals];
    let value = &text[equals + 1..];
    let length = value
        .find([',', ' ', ';', '|', ']', ')'])
        .unwrap_or(value.len());
    let escape = match key.to_ascii_lowercase().as_str() {
        "user" | "u" | "usr" => "%u",
        "db" | "d" | "database" => "%d",
        "app" | "a" | "application" => "%a",
        "client" | "host" | "h" | "r" | "remote" => "%r",
        "pid" | "p" => "%p",
        "sid" | "session" | "s" => "%c",
        "line" | "l" => "%l",
        "tx" | "txid" | "xid" => "%x",
        "vxid" | "v" => "%v",
        "e" | "state" | "sqlstate" => "%e",
        "tag" | "cmd" => "%i",
        "qid" | "query_id" => "%Q",
        _ => return None,
    };
    Some((equals + 1 + length, format!("{key}={escape}")))
}

/// `app@db`, `10.0.4.7(41017)`, `66a0b1c2.1f4`.
fn token(text: &str) -> Option<(usize, &'static str)> {
    let length = text
        .find([' ', ',', ';', '|', '[', ']'])
        .unwrap_or(text.len());
    let token = text[..length].trim_end_matches(':');
    let is_name = |text: &str| {
        !text.is_empty()
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
    };
    if let Some((user, database)) = token.split_once('@')
        && is_name(user)
        && is_name(database)
    {
        return Some((token.len(), "%u@%d"));
    }
    if let Some((host, port)) = token
        .strip_suffix(')')
        .and_then(|text| text.split_once('('))
        && is_name(&host.replace(':', "."))
        && port.bytes().all(|byte| byte.is_ascii_digit())
    {
        return Some((token.len(), "%r"));
    }
    let is_session = super::zone::epoch(token).is_some() && token.len() >= 10;
    is_session.then_some((token.len(), "%c"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inferred(line: &str) -> String {
        infer(&format!("{line}\n\tcontinued\n{line}\n")).0.text
    }

    #[test]
    fn prefixes_in_use_are_recognised() {
        for (line, want) in [
            ("2026-11-23 02:50:42.415 UTC [11750] LOG:  x", "%m [%p] "),
            (
                "2026-11-23 02:50:42.415 UTC [11750] app@db LOG:  x",
                "%m [%p] %q%u@%d ",
            ),
            (
                "2026-03-10 08:00:00 UTC:10.0.4.7(41017):app@db:[4310]:LOG:  x",
                "%t:%r:%u@%d:[%p]:",
            ),
            (
                "2026-03-10 08:00:00 UTC [7]: user=a,db=d,app=psql,client=1.2.3.4 LOG:  x",
                "%t [%p]: user=%u,db=%d,app=%a,client=%h ",
            ),
            (
                "2026-03-10 08:00:00 UTC [7]: [3-1] user=a,db=d,app=x y,client=1.2.3.4 LOG:  x",
                "%t [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ",
            ),
            (
                "2026-03-10 08:00:00.123 UTC:10.0.4.7(41017):app@db:[4310]:5:00000:2026-03-10 07:00:00 UTC:3/14:0:69afb123.10d6:node:LOG:  x",
                "%m:%r:%u@%d:[%p]:%l:%e:%s:%v:%x:%c:%q%a:",
            ),
            (
                "2026-03-10 08:00:00.123 UTC [7]: [2-1] db=d,user=u LOG:  x",
                "%m [%p]: [%l-1] db=%d,user=%u ",
            ),
        ] {
            assert_eq!(inferred(line), want, "{line}");
        }
    }

    #[test]
    fn unknown_prefixes_are_made_from_their_lines() {
        let (prefix, count) = infer(
            "<2026-03-10 08:00:00.123 UTC> pid=7 sid=69afb123.10d6 usr=app remote=10.0.0.1 DETAIL:  x\n",
        );
        assert_eq!(count, 1);
        let line = "<2026-03-10 08:00:01.123 UTC> pid=8 sid=69afb123.10d7 usr=app2 remote=10.0.0.2 LOG:  y";
        let (read, _, text) = prefix.read(line).unwrap();
        assert_eq!(
            (read.process, read.user, read.client, text),
            ("8", "app2", "10.0.0.2", "y")
        );
        assert_eq!(infer("no log at all\n{}\n").1, 0);
    }
}
