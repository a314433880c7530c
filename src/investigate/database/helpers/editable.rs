//! Whether a text reads what callers may write about themselves:
//! `user_metadata` of a token, or the column it is made from.

use super::super::expression::{Token, plain};

/// The claim, and the setting of older gateways that holds it alone.
const CLAIM: &str = "user_metadata";
const SETTING: &str = "request.jwt.claim.user_metadata";

/// The column behind the claim.
pub const COLUMN: &str = "raw_user_meta_data";

/// Whether the text reads the claim. The same name further down, such as
/// below `app_metadata`, is another thing.
pub fn reads_claim(text: &[Token]) -> bool {
    let text = &plain(text)[..];
    text.iter().enumerate().any(|(at, token)| match token {
        Token::Text(name) if name == SETTING => true,
        Token::Text(name) if name == CLAIM => outermost(text, at),
        Token::Text(path) => {
            let first = path
                .strip_prefix('{')
                .and_then(|p| p.split([',', '}']).next());
            first.is_some_and(|first| first.trim() == CLAIM)
        }
        _ => false,
    })
}

/// Whether the key at this place is read, and not from within another one.
fn outermost(text: &[Token], at: usize) -> bool {
    let Some(before) = at.checked_sub(1).map(|i| &text[i]) else {
        return false;
    };
    let reads = ["->", "->>", ",", "["]
        .iter()
        .any(|sign| before.is_sign(sign));
    let mut above = text[..at.saturating_sub(1)].iter().rev();
    let above = above.find(|t| !t.is_sign(")") && !t.is_sign("("));
    reads && !above.is_some_and(|t| matches!(t, Token::Text(_)) || t.is_sign("]"))
}

/// Whether a function's body gives away what callers wrote: in what it
/// selects, or anywhere if it reads no table.
pub fn gives_edited(body: &[Token]) -> bool {
    let column = |text: &[Token]| text.iter().any(|t| t.is_word(COLUMN));
    let mut parts = body.split(|t| t.is_word("select"));
    let before = parts.next().unwrap_or_default();
    let tables = body.iter().any(|t| t.is_word("from"));
    (!tables && reads_claim(before))
        || parts.any(|part| {
            let from = part.iter().position(|t| t.is_word("from"));
            let listed = &part[..from.unwrap_or(part.len())];
            reads_claim(listed) || column(listed)
        })
}

#[cfg(test)]
mod tests {
    use super::super::super::expression::tokens;
    use super::*;

    #[test]
    fn the_claim_is_told_by_where_its_name_stands() {
        for text in [
            "auth.jwt() -> 'user_metadata'",
            "(auth.jwt())['user_metadata'::text]['org'::text]",
            "auth.jwt() #>> '{user_metadata,org}'::text[]",
            "jsonb_extract_path_text(auth.jwt(), 'user_metadata', 'org')",
            "current_setting('request.jwt.claim.user_metadata', true)",
        ] {
            assert!(reads_claim(&tokens(text)), "{text}");
        }
        for text in [
            "(auth.jwt() -> 'app_metadata') -> 'user_metadata'",
            "auth.jwt() -> 'app_metadata' -> 'user_metadata'",
            "(auth.jwt())['app_metadata'::text]['user_metadata'::text]",
            "auth.jwt() #>> '{app_metadata,user_metadata}'::text[]",
            "jsonb_extract_path_text(auth.jwt(), 'app_metadata', 'user_metadata')",
            "scope = 'user_metadata'",
            "user_metadata ->> 'org'",
        ] {
            assert!(!reads_claim(&tokens(text)), "{text}");
        }
    }

    #[test]
    fn a_body_gives_away_what_it_selects() {
        assert!(gives_edited(&tokens(
            "SELECT raw_user_meta_data ->> 'org' FROM auth.users WHERE id = auth.uid()"
        )));
        assert!(!gives_edited(&tokens(
            "SELECT org FROM members WHERE hue = (auth.jwt() -> 'user_metadata' ->> 'hue')"
        )));
    }
}
