//! A `log_line_prefix`, and how a line is read by it. A leaf.

use super::words::{Word, head};

/// What a `%x` of a prefix stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Escape {
    Time,
    /// When the session began.
    Start,
    Epoch,
    Process,
    Line,
    Session,
    User,
    Database,
    App,
    Client,
    State,
    Transaction,
    /// Something that is not looked at.
    Other,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Literal(String),
    Escape(Escape),
    /// `%q`: processes that are no session stop here.
    Stop,
}

/// A prefix as it was set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prefix {
    parts: Vec<Part>,
    /// Its text, to tell one from another.
    pub text: String,
    stops: bool,
}

/// What the prefix of one line says; empty where it does not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Read<'a> {
    /// The time as written.
    pub time: &'a str,
    /// Seconds with decimals since 1970.
    pub epoch: &'a str,
    pub process: &'a str,
    pub line: &'a str,
    pub session: &'a str,
    pub user: &'a str,
    pub app: &'a str,
    pub client: &'a str,
    pub state: &'a str,
    pub vxid: &'a str,
}

impl Read<'_> {
    /// How much of it is told.
    pub fn filled(&self) -> usize {
        [
            self.time,
            self.epoch,
            self.process,
            self.line,
            self.session,
            self.user,
            self.app,
            self.client,
            self.state,
            self.vxid,
        ]
        .iter()
        .filter(|text| !text.is_empty())
        .count()
    }
}

impl Prefix {
    /// Reads a setting such as `%m [%p] %q%u@%d `.
    pub fn new(text: &str) -> Self {
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut letters = text.chars();
        while let Some(letter) = letters.next() {
            if letter != '%' {
                literal.push(letter);
                continue;
            }
            let mut escape = letters.next();
            while escape.is_some_and(|letter| letter == '-' || letter.is_ascii_digit()) {
                escape = letters.next();
            }
            let part = match escape {
                Some('%') => {
                    literal.push('%');
                    continue;
                }
                Some('q') => Part::Stop,
                Some(letter) => Part::Escape(meaning(letter)),
                None => break,
            };
            if !literal.is_empty() {
                parts.push(Part::Literal(std::mem::take(&mut literal)));
            }
            parts.push(part);
        }
        if !literal.is_empty() {
            parts.push(Part::Literal(literal));
        }
        Self {
            stops: parts.contains(&Part::Stop),
            parts,
            text: text.to_owned(),
        }
    }

    /// How much a line read by it tells.
    pub fn tells(&self) -> usize {
        self.parts
            .iter()
            .filter(|part| matches!(part, Part::Escape(escape) if !matches!(escape, Escape::Other | Escape::Start)))
            .count()
    }

    /// Whether processes that are no session stop early.
    pub const fn stops(&self) -> bool {
        self.stops
    }

    /// Reads a line: its prefix, the word after it, and the text.
    pub fn read<'a>(&self, line: &'a str) -> Option<(Read<'a>, Word, &'a str)> {
        let mut read = Read::default();
        let mut rest = line;
        let mut stopped = false;
        for (at, part) in self.parts.iter().enumerate() {
            let next = match part {
                Part::Stop => {
                    stopped = true;
                    Some(rest)
                }
                Part::Literal(literal) => rest.strip_prefix(literal.as_str()),
                Part::Escape(escape) => {
                    let end = self.parts.get(at + 1..).map_or(End::Blank, end);
                    take(*escape, rest, &end, &mut read)
                }
            };
            match next {
                Some(next) => rest = next,
                None if stopped || self.stops => break,
                None => return None,
            }
        }
        // A tag may stand before the word, such as that of a wrapper.
        let (word, text) = head(rest).or_else(|| head(rest.trim_start()))?;
        Some((read, word, text))
    }
}

/// What ends a text of no fixed form.
enum End<'a> {
    Literal(&'a str),
    Blank,
}

fn end(rest: &[Part]) -> End<'_> {
    match rest.iter().find(|part| **part != Part::Stop) {
        Some(Part::Literal(literal)) => End::Literal(literal),
        _ => End::Blank,
    }
}

fn meaning(letter: char) -> Escape {
    match letter {
        't' | 'm' => Escape::Time,
        's' => Escape::Start,
        'n' => Escape::Epoch,
        'p' => Escape::Process,
        'l' => Escape::Line,
        'c' => Escape::Session,
        'u' => Escape::User,
        'd' => Escape::Database,
        'a' => Escape::App,
        'r' | 'h' => Escape::Client,
        'e' => Escape::State,
        'v' => Escape::Transaction,
        _ => Escape::Other,
    }
}

/// Takes what an escape stands for from the start of a text.
fn take<'a>(escape: Escape, text: &'a str, end: &End<'_>, read: &mut Read<'a>) -> Option<&'a str> {
    let bytes = text.as_bytes();
    let run = |is: fn(&u8) -> bool| bytes.iter().take_while(|byte| is(byte)).count();
    let length = match escape {
        Escape::Time | Escape::Start => time(text)?,
        Escape::Epoch => run(|byte| byte.is_ascii_digit() || *byte == b'.'),
        Escape::Process | Escape::Line => run(u8::is_ascii_digit),
        Escape::Session => run(|byte| byte.is_ascii_hexdigit() || *byte == b'.'),
        Escape::State => run(u8::is_ascii_alphanumeric),
        Escape::Transaction => run(|byte| byte.is_ascii_digit() || matches!(byte, b'/' | b'-')),
        _ => match end {
            End::Literal(literal) => text.find(literal)?,
            End::Blank => text.find(' ').unwrap_or(text.len()),
        },
    };
    let is_empty_fine = matches!(
        escape,
        Escape::User
            | Escape::Database
            | Escape::App
            | Escape::Client
            | Escape::Transaction
            | Escape::Other
    );
    if length == 0 && !is_empty_fine {
        return None;
    }
    let (found, rest) = text.split_at(length);
    let place = match escape {
        Escape::Time => &mut read.time,
        Escape::Epoch => &mut read.epoch,
        Escape::Process => &mut read.process,
        Escape::Line => &mut read.line,
        Escape::Session => &mut read.session,
        Escape::User => &mut read.user,
        Escape::App => &mut read.app,
        Escape::Client => &mut read.client,
        Escape::State => &mut read.state,
        Escape::Transaction => &mut read.vxid,
        Escape::Start | Escape::Database | Escape::Other => return Some(rest),
    };
    *place = found;
    Some(rest)
}

/// The length of `2026-11-23 02:50:42.415 CET`.
pub fn time(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let form = b"0000-00-00 00:00:00";
    let head = bytes.get(..form.len())?;
    let fits = head.iter().zip(form).all(|(byte, form)| match form {
        b'0' => byte.is_ascii_digit(),
        b' ' => matches!(byte, b' ' | b'T'),
        _ => byte == form,
    });
    if !fits {
        return None;
    }
    let mut at = form.len();
    let digits = |at: usize| {
        bytes[at..]
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count()
    };
    if bytes.get(at) == Some(&b'.') {
        at += 1 + digits(at + 1);
    }
    if bytes.get(at) == Some(&b'Z') {
        return Some(at + 1);
    }
    let zone = &bytes[at..];
    let [b' ', zone @ ..] = zone else {
        return Some(at);
    };
    let length = match zone.first() {
        Some(b'+' | b'-') => {
            1 + zone[1..]
                .iter()
                .take_while(|byte| byte.is_ascii_digit() || **byte == b':')
                .count()
                .min(5)
        }
        _ => zone
            .iter()
            .take_while(|byte| byte.is_ascii_uppercase())
            .count(),
    };
    // `LOG:` right behind a time without a zone is no zone.
    let is_word = zone.get(length) == Some(&b':') && zone.get(length + 1) == Some(&b' ');
    Some(if length == 0 || is_word {
        at
    } else {
        at + 1 + length
    })
}

#[cfg(test)]
mod tests {
    use super::super::record::Level;
    use super::*;

    #[test]
    fn a_line_is_read_by_its_prefix() {
        let prefix = Prefix::new("%m [%p] %q%u@%d ");
        let line = "2026-11-23 02:50:42.415 UTC [11750] app@db LOG:  duration: 0.738 ms";
        let (read, word, text) = prefix.read(line).unwrap();
        assert_eq!(read.time, "2026-11-23 02:50:42.415 UTC");
        assert_eq!((read.process, read.user), ("11750", "app"));
        assert_eq!((word, text), (Word::Head(Level::Log), "duration: 0.738 ms"));
        let other = "2026-11-23 02:50:42.415 UTC [1] LOG:  checkpoint starting: time";
        assert!(prefix.read(other).is_some());
        assert_eq!(prefix.read("garbage"), None);
        assert_eq!(
            prefix.read("2026-11-23 02:50:42.415 UTC [1] app@db select"),
            None
        );
    }

    #[test]
    fn an_app_may_be_called_anything() {
        let prefix = Prefix::new("%t [%p]: user=%u,db=%d,app=%a,client=%h ");
        let line =
            "2026-11-23 02:50:42 UTC [7]: user=app,db=d,app=psql, now [x],client=10.0.0.1 LOG:  x";
        let (read, _, _) = prefix.read(line).unwrap();
        assert_eq!((read.app, read.client), ("psql, now [x]", "10.0.0.1"));
    }
}
