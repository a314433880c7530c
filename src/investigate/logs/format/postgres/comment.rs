//! What an app wrote into a comment of its statement: `sqlcommenter` with
//! `key='url%20encoded'`, and the older `key:value`. A leaf.

use std::borrow::Cow;

/// What a comment tells; empty where it does not.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Comment<'a> {
    pub user: Cow<'a, str>,
    pub email: Cow<'a, str>,
    pub tenant: Cow<'a, str>,
    pub route: Cow<'a, str>,
    /// The trace's id out of `traceparent`.
    pub trace: Cow<'a, str>,
}

/// The last comment of a statement.
pub fn read(statement: &str) -> Option<Comment<'_>> {
    let open = memchr::memmem::rfind(statement.as_bytes(), b"/*")?;
    let inner = &statement[open + 2..];
    let inner = &inner[..inner.find("*/")?];
    let mut comment = Comment::default();
    for pair in inner.trim().split(',') {
        let Some((key, value)) = pair.split_once(['=', ':']) else {
            continue;
        };
        let value = value.trim().trim_matches('\'');
        let place = match key.trim() {
            "user" | "user_id" | "userId" | "uid" | "sub" | "actor" => &mut comment.user,
            "email" | "user_email" => &mut comment.email,
            "org_id" | "tenant_id" | "tenant" | "orgId" => &mut comment.tenant,
            "route" | "path" => &mut comment.route,
            "traceparent" => {
                comment.trace = Cow::Borrowed(value.split('-').nth(1).unwrap_or_default());
                continue;
            }
            "trace_id" | "traceId" => &mut comment.trace,
            _ => continue,
        };
        *place = decoded(value);
    }
    (comment != Comment::default()).then_some(comment)
}

/// Takes `%2F` and `\'` back.
fn decoded(text: &str) -> Cow<'_, str> {
    if !text.contains(['%', '\\']) {
        return Cow::Borrowed(text);
    }
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = text
            .get(at + 1..at + 3)
            .filter(|_| bytes[at] == b'%')
            .and_then(|two| u8::from_str_radix(two, 16).ok());
        if let Some(byte) = hex {
            out.push(byte);
            at += 3;
        } else {
            if bytes[at] != b'\\' {
                out.push(bytes[at]);
            }
            at += 1;
        }
    }
    Cow::Owned(String::from_utf8_lossy(&out).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_to_write_a_comment_are_read() {
        let comment =
            read("select 1 /*route='%2Fapi%2Forders',traceparent='00-5bd6-ab-01',user='u%201'*/")
                .unwrap();
        assert_eq!(comment.route, "/api/orders");
        assert_eq!((comment.trace, comment.user), ("5bd6".into(), "u 1".into()));
        let comment = read("/*application:App,user_id:7*/ select 1").unwrap();
        assert_eq!(comment.user, "7");
        assert_eq!(read("select /* fast */ 1"), None);
        assert_eq!(read("select 1 /* torn user='x'"), None);
    }
}
