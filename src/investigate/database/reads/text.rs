//! Statement texts without what they carry: literals and comments go, names
//! stay. A server replaces values by `$n` in most statements, not in all.

use crate::investigate::database::token::{find, skip_block_comment};

/// What stands in place of a literal.
const GONE: &str = "?";

/// The text on one line, its literals replaced and its comments gone. A
/// literal that the server cut off is gone to the end.
pub fn unvalued(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        let before = if at == 0 { ' ' } else { chars[at - 1] };
        at = match c {
            '\'' => {
                let escaped = matches!(before, 'e' | 'E')
                    && !at.checked_sub(2).is_some_and(|i| is_name(chars[i]));
                out.push_str(GONE);
                quoted(&chars, at, escaped)
            }
            '"' => {
                let end = name_end(&chars, at);
                out.extend(&chars[at..end]);
                end
            }
            '-' if chars.get(at + 1) == Some(&'-') => {
                out.push(' ');
                find(&chars, at, |c| c == '\n')
            }
            '/' if chars.get(at + 1) == Some(&'*') => {
                out.push(' ');
                skip_block_comment(&chars, at)
            }
            '$' if !is_name(before) => {
                if let Some(end) = dollar_end(&chars, at) {
                    out.push_str(GONE);
                    end
                } else {
                    let end = find(&chars, at + 1, |c| !is_name(c));
                    out.extend(&chars[at..end]);
                    end
                }
            }
            c if c.is_ascii_digit() && !is_name(before) => {
                out.push_str(GONE);
                find(&chars, at, |c| !(is_name(c) || c == '.'))
            }
            c if c.is_whitespace() => {
                out.push(' ');
                at + 1
            }
            c => {
                out.push(c);
                at + 1
            }
        };
    }
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

/// The end of a string; a doubled quote is part of it.
fn quoted(chars: &[char], from: usize, escaped: bool) -> usize {
    let mut at = from + 1;
    while at < chars.len() {
        match chars[at] {
            '\\' if escaped => at += 2,
            '\'' if chars.get(at + 1) == Some(&'\'') => at += 2,
            '\'' => return at + 1,
            _ => at += 1,
        }
    }
    chars.len()
}

fn name_end(chars: &[char], from: usize) -> usize {
    (find(chars, from + 1, |c| c == '"') + 1).min(chars.len())
}

/// The end of a dollar-quoted string that begins here, if one does.
fn dollar_end(chars: &[char], from: usize) -> Option<usize> {
    let close = find(chars, from + 1, |c| !(c.is_alphanumeric() || c == '_'));
    let starts =
        chars.get(close) == Some(&'$') && !chars.get(from + 1).is_some_and(char::is_ascii_digit);
    if !starts {
        return None;
    }
    let tag = &chars[from..=close];
    let end = (close + 1..chars.len()).find(|i| chars[*i..].starts_with(tag));
    Some(end.map_or(chars.len(), |end| end + tag.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_and_comments_go_and_names_stay() {
        for (text, want) in [
            (
                "select * from t1 where name = 'Ada' and id = 42 limit $1",
                "select * from t1 where name = ? and id = ? limit $1",
            ),
            (
                "alter role x password E'it\\'s' /* for ada */",
                "alter role x password E?",
            ),
            (
                "select 'it''s' -- ada\n, \"It's 7\"",
                "select ? , \"It's 7\"",
            ),
            ("do $x$ begin 'a' end $x$ ", "do ?"),
            (
                "copy (select * from t where a = 'cut of",
                "copy (select * from t where a = ?",
            ),
            ("select $$ada$$, a$b, 1.5e3", "select ?, a$b, ?"),
            ("select /* a /* b */ c */ 1", "select ?"),
        ] {
            assert_eq!(unvalued(text), want);
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_breaks_it_and_a_plain_literal_never_stays(text in ".{0,60}", value in "[a-z]{12}") {
            unvalued(&text);
            let told = unvalued(&format!("select '{value}'"));
            proptest::prop_assert!(!told.contains(&value));
        }
    }
}
