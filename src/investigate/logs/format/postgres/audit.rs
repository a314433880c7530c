//! What pgaudit writes after `AUDIT: `: fields between commas, texts in
//! quotes, and the parameters a list of their own within one field. A leaf.

use std::borrow::Cow;

/// One record of pgaudit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Audit<'a> {
    /// Statement and sub-statement: equal for each relation of one statement.
    pub key: (u64, u64),
    pub class: Cow<'a, str>,
    pub command: Cow<'a, str>,
    pub object: Cow<'a, str>,
    /// Empty where it was logged with an earlier record.
    pub statement: Cow<'a, str>,
    /// As `$1 = '3', $2 = NULL`.
    pub parameters: String,
    /// Rows of the answer, where they are logged.
    pub rows: Option<u64>,
}

impl Audit<'_> {
    /// Whether rows of tables are read or written.
    pub fn is_access(&self) -> bool {
        matches!(self.class.as_ref(), "READ" | "WRITE")
    }
}

/// Reads a record.
pub fn read(text: &str) -> Option<Audit<'_>> {
    let mut fields = Fields(Some(text));
    let kind = fields.next()?;
    if !matches!(kind.text.as_ref(), "SESSION" | "OBJECT") {
        return None;
    }
    let key = (
        fields.next()?.text.parse().ok()?,
        fields.next()?.text.parse().ok()?,
    );
    let (class, command) = (fields.next()?.text, fields.next()?.text);
    let _kind = fields.next()?;
    let object = fields.next()?.text;
    let statement = placed(fields.next().map(|field| field.text).unwrap_or_default());
    let parameters = fields
        .next()
        .map(|field| listed(&field.text))
        .unwrap_or_default();
    // COPY tells no rows: it says 0 whatever went out.
    let is_copy = command == "COPY"
        || statement
            .get(..4)
            .is_some_and(|word| word.eq_ignore_ascii_case("copy"));
    let rows = fields
        .next()
        .and_then(|field| field.text.trim().parse().ok())
        .filter(|_| !is_copy);
    Some(Audit {
        key,
        class,
        command,
        object,
        statement,
        parameters,
        rows,
    })
}

/// What stands for a text that is not there is no text.
pub fn placed(text: Cow<'_, str>) -> Cow<'_, str> {
    if matches!(
        text.as_ref(),
        "<not logged>" | "<previously logged>" | "<none>" | "[not logged]" | "[previously logged]"
    ) {
        Cow::Borrowed("")
    } else {
        text
    }
}

/// The list of parameters, which is a line of CSV itself, as `$1 = '3'`.
pub fn listed(list: &str) -> String {
    let mut out = String::new();
    if list.is_empty() || list.starts_with(['<', '[']) && list.ends_with(['>', ']']) {
        return out;
    }
    for (at, field) in Fields(Some(list)).enumerate() {
        let comma = if at > 0 { ", " } else { "" };
        let number = at + 1;
        if field.quoted || !field.text.is_empty() {
            let value = field.text.replace('\'', "''");
            out.push_str(&format!("{comma}${number} = '{value}'"));
        } else {
            out.push_str(&format!("{comma}${number} = NULL"));
        }
    }
    out
}

struct Field<'a> {
    text: Cow<'a, str>,
    quoted: bool,
}

/// The fields of a line of CSV; a torn last one is taken as it is.
struct Fields<'a>(Option<&'a str>);

impl<'a> Iterator for Fields<'a> {
    type Item = Field<'a>;

    fn next(&mut self) -> Option<Field<'a>> {
        let text = self.0?;
        let Some(inner) = text.strip_prefix('"') else {
            let (field, rest) = match text.split_once(',') {
                Some((field, rest)) => (field, Some(rest)),
                None => (text, None),
            };
            self.0 = rest;
            return Some(Field {
                text: Cow::Borrowed(field),
                quoted: false,
            });
        };
        let bytes = inner.as_bytes();
        let (mut at, mut doubled) = (0, false);
        while let Some(found) = memchr::memchr(b'"', &bytes[at..]) {
            at += found;
            if bytes.get(at + 1) != Some(&b'"') {
                break;
            }
            doubled = true;
            at += 2;
        }
        let end = if bytes.get(at) == Some(&b'"') {
            at
        } else {
            bytes.len()
        };
        self.0 = inner.get(end + 1..).and_then(|rest| rest.strip_prefix(','));
        let text = if doubled {
            Cow::Owned(inner[..end].replace("\"\"", "\""))
        } else {
            Cow::Borrowed(&inner[..end])
        };
        Some(Field { text, quoted: true })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_layers_of_quotes_come_off() {
        let audit = read("SESSION,4,1,READ,SELECT,TABLE,public.customers,\"select *\n from \"\"customers\"\"\",\"3,\"\"a,b's\"\",,\"\"\"\"\",10").unwrap();
        assert_eq!(audit.key, (4, 1));
        assert_eq!(audit.statement, "select *\n from \"customers\"");
        assert_eq!(
            audit.parameters,
            "$1 = '3', $2 = 'a,b''s', $3 = NULL, $4 = ''"
        );
        assert_eq!(audit.rows, Some(10));
        assert!(audit.is_access());
    }

    #[test]
    fn what_is_not_logged_is_not_said() {
        let audit =
            read("OBJECT,1,1,READ,SELECT,TABLE,public.t,<previously logged>,<previously logged>")
                .unwrap();
        assert_eq!(
            (
                audit.statement.as_ref(),
                audit.parameters.as_str(),
                audit.rows
            ),
            ("", "", None)
        );
        let audit =
            read("SESSION,9,1,READ,SELECT,TABLE,public.t,COPY t TO STDOUT,<none>,0").unwrap();
        assert_eq!(audit.rows, None);
        assert_eq!(read("SESSION,x,1"), None);
        assert_eq!(read("what else"), None);
        assert!(read("SESSION,1,1,READ,SELECT,TABLE,public.t,\"torn").is_some());
    }
}
