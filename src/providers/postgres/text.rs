//! Quoting: the one place where a name or a value becomes SQL text.

/// A quoted identifier; always quoted, so keywords and capitals are safe.
pub fn ident(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// `"schema"."name"`.
pub fn qualified(schema: &str, name: &str) -> String {
    format!("{}.{}", ident(schema), ident(name))
}

/// A string literal that means the same whatever `standard_conforming_strings`
/// is. A whole message is read before its first statement runs, so setting
/// that parameter in the message would come too late.
pub fn literal(text: &str) -> String {
    let doubled = text.replace('\'', "''");
    if doubled.contains('\\') {
        format!("E'{}'", doubled.replace('\\', "\\\\"))
    } else {
        format!("'{doubled}'")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_values_cannot_end_their_quotes() {
        assert_eq!(ident("a\"b"), "\"a\"\"b\"");
        assert_eq!(qualified("Public", "t.x"), "\"Public\".\"t.x\"");
        assert_eq!(literal("it's"), "'it''s'");
        assert_eq!(literal("a\\' or 1"), "E'a\\\\'' or 1'");
    }
}
