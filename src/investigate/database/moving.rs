//! Moves a policy's condition from one table to another: every mention of the
//! row's one column is written anew, all else stays as the server wrote it.

use super::snapshot::Relation;
use crate::providers::postgres::ident;
use std::collections::BTreeSet;

/// One piece of SQL text with its exact spelling.
#[derive(Debug, PartialEq, Eq)]
enum Piece {
    /// A name: as it is called, and as it was written.
    Name(String, String),
    Other(String),
}

impl Piece {
    fn is(&self, sign: &str) -> bool {
        matches!(self, Self::Other(own) if own == sign)
    }

    fn named(&self) -> Option<&str> {
        match self {
            Self::Name(name, _) => Some(name),
            Self::Other(_) => None,
        }
    }
}

/// A condition with its row's column left open.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Form {
    parts: Vec<Part>,
    /// Names inside sub-selects that would hide a table of that name.
    inner: BTreeSet<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Written(String),
    /// The row's column, by its own name.
    Own,
    /// The row's column, by its table's name.
    Row,
}

impl Form {
    /// Takes the condition from its table; `None` when it speaks of that table
    /// in another way than by the one column. Inside a sub-select the server
    /// writes the row's column with its table's name, so a bare name there is
    /// never the row's.
    pub fn of(text: &str, source: &Relation, column: &str) -> Option<Self> {
        let pieces = pieces(text);
        let mut form = Self {
            parts: Vec::new(),
            inner: BTreeSet::new(),
        };
        let mut selects: Vec<bool> = Vec::new();
        let mut at = 0;
        while let Some(piece) = pieces.get(at) {
            let before = at.checked_sub(1).and_then(|i| pieces.get(i));
            let after = pieces.get(at + 1);
            let dotted = before.is_some_and(|p| p.is("."));
            let inside = selects.contains(&true);
            match piece {
                Piece::Name(name, _)
                    if *name == source.name && !dotted && after.is_some_and(|p| p.is(".")) =>
                {
                    let theirs = pieces.get(at + 2).and_then(Piece::named)?;
                    if theirs != column {
                        return None;
                    }
                    form.parts.push(Part::Row);
                    at += 3;
                    continue;
                }
                // The table itself, read in a sub-select: its name means two things.
                Piece::Name(name, _) if *name == source.name && dotted => return None,
                Piece::Name(name, _)
                    if name == column
                        && !dotted
                        && !inside
                        && !after.is_some_and(|p| p.is(".") || p.is("(")) =>
                {
                    form.parts.push(Part::Own);
                }
                Piece::Name(name, written) => {
                    if inside && !dotted {
                        form.inner.insert(name.clone());
                    }
                    if name == "select"
                        && let Some(last) = selects.last_mut()
                    {
                        *last = true;
                    }
                    form.write(written);
                }
                Piece::Other(text) => {
                    match text.as_str() {
                        "(" => selects.push(false),
                        ")" => drop(selects.pop()),
                        _ => {}
                    }
                    form.write(text);
                }
            }
            at += 1;
        }
        Some(form)
    }

    fn write(&mut self, text: &str) {
        match self.parts.last_mut() {
            Some(Part::Written(last)) => last.push_str(text),
            _ => self.parts.push(Part::Written(text.to_owned())),
        }
    }

    /// The condition as it reads on another table; `None` when a name in it
    /// could be taken for something else there.
    pub fn on(&self, target: &Relation, column: &str) -> Option<String> {
        if self.inner.contains(&target.name) {
            return None;
        }
        let (table, own) = (ident(&target.name), ident(column));
        let parts = self.parts.iter().map(|part| match part {
            Part::Written(text) => text.clone(),
            Part::Own => own.clone(),
            Part::Row => format!("{table}.{own}"),
        });
        Some(parts.collect())
    }
}

/// The text on one line; what stands in quotes is left alone.
pub fn one_line(text: &str) -> String {
    let written = pieces(text).into_iter().map(|piece| match piece {
        Piece::Name(_, text) | Piece::Other(text) => text,
    });
    written.collect()
}

/// The text in pieces; white space outside of quotes becomes one space.
fn pieces(text: &str) -> Vec<Piece> {
    let chars: Vec<char> = text.chars().collect();
    let mut out: Vec<Piece> = Vec::new();
    let mut at = 0;
    while let Some(c) = chars.get(at).copied() {
        let mut end = at + 1;
        let piece = if c.is_whitespace() {
            end = run(&chars, at, char::is_whitespace);
            Piece::Other(" ".to_owned())
        } else if c == '"' || c == '\'' {
            end = quoted(&chars, at, c);
            let written: String = chars[at..end].iter().collect();
            if c == '"' {
                let inner: String = chars[at + 1..end.max(at + 2) - 1].iter().collect();
                Piece::Name(inner.replace("\"\"", "\""), written)
            } else {
                Piece::Other(written)
            }
        } else if c.is_alphabetic() || c == '_' {
            end = run(&chars, at, |c| c.is_alphanumeric() || c == '_' || c == '$');
            let written: String = chars[at..end].iter().collect();
            Piece::Name(written.to_lowercase(), written)
        } else if c.is_ascii_digit() {
            end = run(&chars, at, |c| c.is_ascii_alphanumeric() || c == '.');
            Piece::Other(chars[at..end].iter().collect())
        } else {
            Piece::Other(c.to_string())
        };
        out.push(piece);
        at = end;
    }
    out
}

fn run(chars: &[char], from: usize, goes_on: impl Fn(char) -> bool) -> usize {
    let stop = (from + 1..chars.len()).find(|i| !goes_on(chars[*i]));
    stop.unwrap_or(chars.len())
}

/// The end of a quoted piece. A backslash that escapes is written only in
/// E'..' strings, where the server doubles it; a quote is doubled everywhere.
fn quoted(chars: &[char], from: usize, quote: char) -> usize {
    let mut at = from + 1;
    while at < chars.len() {
        if chars[at] == quote {
            if chars.get(at + 1) != Some(&quote) {
                return at + 1;
            }
            at += 1;
        }
        at += 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(name: &str) -> Relation {
        Relation {
            schema: "public".into(),
            name: name.into(),
            ..Relation::default()
        }
    }

    fn go(text: &str) -> Option<String> {
        Form::of(text, &table("orders"), "org_id")?.on(&table("Odd \"one"), "OrgId")
    }

    #[test]
    fn the_rows_column_is_written_anew_and_nothing_else() {
        assert_eq!(
            go("(org_id IN ( SELECT m.org_id\n   FROM public.members m\n  WHERE (m.user_id = 'org_id''s'::text)))").unwrap(),
            "(\"OrgId\" IN ( SELECT m.org_id FROM public.members m WHERE (m.user_id = 'org_id''s'::text)))"
        );
        assert_eq!(
            go("(EXISTS ( SELECT 1 FROM public.m WHERE (m.org_id = orders.org_id)))").unwrap(),
            "(EXISTS ( SELECT 1 FROM public.m WHERE (m.org_id = \"Odd \"\"one\".\"OrgId\")))"
        );
    }

    #[test]
    fn what_could_mean_something_else_there_is_not_moved() {
        assert_eq!(go("(id IN ( SELECT o.id FROM public.orders o))"), None);
        assert_eq!(
            go("(EXISTS ( SELECT 1 FROM m WHERE (m.x = orders.id)))"),
            None
        );
        let onto = |text| Form::of(text, &table("orders"), "org_id")?.on(&table("m"), "org_id");
        assert_eq!(
            onto("(EXISTS ( SELECT 1 FROM public.members m WHERE (m.org_id = orders.org_id)))"),
            None
        );
    }
}
