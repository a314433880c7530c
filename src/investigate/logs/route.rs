//! The template of a path, and the id in it: `/api/customers/417` is
//! `/api/customers/:id` with the object `417` of the kind `customers`. A leaf.

/// What stands for an id in every template, whatever the log or the app calls
/// the parameter.
pub const PARAMETER: &str = ":id";

/// What a template was made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Found<'a> {
    /// The segment before the last id, such as `customers`.
    pub kind: &'a str,
    /// The last id of the path.
    pub id: &'a str,
}

/// A path around the ids in it. Paths of the same words have the same
/// template, so that it is made once for all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut<'a> {
    /// What stands before the first id, between the ids, after the last.
    pub words: [&'a str; IDS + 1],
    /// How many ids there are.
    pub ids: usize,
    /// The last id of the path.
    pub id: &'a str,
}

/// Ids of a path that is cut; those with more are rare.
pub const IDS: usize = 2;

/// The shortest id of letters and digits alone.
const SHORTEST: usize = 16;

const DIGIT: u8 = 1;
const MARK: u8 = 2;
const DOT: u8 = 4;
const LINE: u8 = 8;
const OTHER: u8 = 16;

/// What a byte says of the segment it stands in.
const CLASSES: [u8; 256] = {
    let mut classes = [OTHER; 256];
    let mut byte = b'0';
    while byte <= b'9' {
        classes[byte as usize] = DIGIT;
        byte += 1;
    }
    classes[b'@' as usize] = MARK;
    classes[b'%' as usize] = MARK;
    classes[b'.' as usize] = DOT;
    classes[b'_' as usize] = LINE;
    classes
};

/// Cuts a path at its ids; `None` for one that [`template`] has to read: with
/// empty segments or many ids.
#[inline]
pub fn cut(path: &str) -> Option<Cut<'_>> {
    let whole = |words| Cut {
        words: [words, "", ""],
        ids: 0,
        id: "",
    };
    if path.len() < 2 {
        return (path.is_empty() || path == "/").then(|| whole("/"));
    }
    if path.starts_with("/_next/")
        && let Some(name) = bundle(path)
    {
        return Some(whole(name));
    }
    let bytes = path.strip_suffix('/').unwrap_or(path).as_bytes();
    let mut cut = whole("");
    let (mut word, mut at) = (0, 0);
    while at < bytes.len() {
        if bytes[at] != b'/' {
            return None;
        }
        let from = at + 1;
        let (mut class, mut length) = (0, 0);
        for byte in &bytes[from..] {
            if *byte == b'/' {
                break;
            }
            class |= CLASSES[usize::from(*byte)];
            length += 1;
        }
        at = from + length;
        if class & DOT != 0
            && at == path.len()
            && let Some(name) = bundle(path)
        {
            return Some(whole(name));
        }
        let is_id = match class {
            0 => return None,
            DIGIT => true,
            _ if class & (DIGIT | MARK) == 0 => false,
            // Too short for all but what begins with a word and a line.
            _ if class & (LINE | MARK) == 0 && at - from < SHORTEST => false,
            _ => is_id(path.get(from..at)?),
        };
        if is_id {
            if cut.ids == IDS {
                return None;
            }
            cut.words[cut.ids] = path.get(word..from)?;
            cut.id = path.get(from..at)?;
            cut.ids += 1;
            word = at;
        }
    }
    cut.words[cut.ids] = path.get(word..bytes.len())?;
    Some(cut)
}

/// Writes the template of a concrete path and says which id it held.
///
/// `template` is cleared first. Static files share one template, since who
/// fetched which piece of a bundle tells nothing.
pub fn template<'a>(path: &'a str, template: &mut String) -> Found<'a> {
    template.clear();
    let mut found = Found::default();
    if let Some(name) = bundle(path) {
        template.push_str(name);
        return found;
    }
    let mut before = "";
    for segment in path.split('/').filter(|segment| !segment.is_empty()) {
        template.push('/');
        if is_id(segment) {
            template.push_str(PARAMETER);
            found = Found {
                kind: before,
                id: segment,
            };
        } else {
            template.push_str(segment);
            before = segment;
        }
    }
    if template.is_empty() {
        template.push('/');
    }
    found
}

/// Brings a template as apps and logs write it to our form: `[id]`,
/// `[[...rest]]`, `:userId`, `{id}` and `<id>` are all `:id`.
pub fn canonical(route: &str, template: &mut String) {
    template.clear();
    for segment in route.split('/').filter(|segment| !segment.is_empty()) {
        // A route group of Next.js is no part of the address.
        if segment.starts_with('(') && segment.ends_with(')') {
            continue;
        }
        template.push('/');
        let is_parameter = matches!(
            segment.as_bytes(),
            [b'[', .., b']'] | [b'{', .., b'}'] | [b'<', .., b'>'] | [b':', _, ..]
        );
        template.push_str(if is_parameter || is_id(segment) {
            PARAMETER
        } else {
            segment
        });
    }
    if template.is_empty() {
        template.push('/');
    }
}

/// Endings of files that hold nobody's data.
const FILES: [&str; 14] = [
    "js", "css", "png", "svg", "ico", "woff", "woff2", "jpg", "jpeg", "webp", "gif", "map", "ttf",
    "avif",
];

/// Where the parts of a bundle lie.
pub const BUNDLE: &str = "/_next/static/";

/// The shared template of files that hold no data of anybody's.
pub fn bundle(path: &str) -> Option<&'static str> {
    if path.starts_with(BUNDLE) {
        return Some("/_next/static/*");
    }
    if path.starts_with("/_next/image") {
        return Some("/_next/image");
    }
    let name = path.rsplit('/').next()?;
    let ending = name.rsplit_once('.')?.1;
    FILES.contains(&ending).then_some("/*.static")
}

/// Whether a segment is an id and not a word: a number, a UUID, a ULID, a
/// prefixed id such as `cus_9s6X`, hex of 16 or more, or an e-mail address.
pub fn is_id(segment: &str) -> bool {
    let bytes = segment.as_bytes();
    match bytes.len() {
        0 => return false,
        _ if bytes[0].is_ascii_digit() && bytes.iter().all(u8::is_ascii_digit) => return true,
        _ => {}
    }
    if bytes.contains(&b'@') || segment.contains("%40") {
        return true;
    }
    is_prefixed(bytes) || is_hexish(bytes) || is_ulid(bytes)
}

/// `cus_`, `in_`, `sub_`: up to eight letters, `_`, and a tail with a digit.
fn is_prefixed(bytes: &[u8]) -> bool {
    let Some(at) = bytes.iter().rposition(|byte| *byte == b'_') else {
        return false;
    };
    let (prefix, tail) = (&bytes[..at], &bytes[at + 1..]);
    (2..=16).contains(&prefix.len())
        && tail.len() >= 3
        && prefix
            .iter()
            .all(|byte| byte.is_ascii_lowercase() || *byte == b'_')
        && tail.iter().all(u8::is_ascii_alphanumeric)
        && tail.iter().any(u8::is_ascii_digit)
}

/// A UUID, or hex of 16 digits and more.
fn is_hexish(bytes: &[u8]) -> bool {
    if bytes.len() < SHORTEST {
        return false;
    }
    let is_uuid = bytes.len() == 36 && [8, 13, 18, 23].iter().all(|at| bytes[*at] == b'-');
    bytes
        .iter()
        .all(|byte| byte.is_ascii_hexdigit() || (is_uuid && *byte == b'-'))
        && bytes.iter().any(u8::is_ascii_digit)
}

/// Crockford's base 32, 26 digits, the first below 8.
fn is_ulid(bytes: &[u8]) -> bool {
    bytes.len() == 26
        && matches!(bytes[0], b'0'..=b'7')
        && bytes.iter().all(|byte| {
            byte.is_ascii_digit() || (byte.is_ascii_uppercase() && !b"ILOU".contains(byte))
        })
}

/// The last word of a path: what a bare `id` in its query is an id of.
pub fn last_word(path: &str) -> &str {
    let last = path.trim_end_matches('/').rsplit('/').next();
    last.filter(|word| !is_id(word)).unwrap_or("")
}

/// The id a query names, by the usual keys: `id`, `customer_id`, `userId`,
/// and the filters of `PostgREST` such as `id=eq.417`.
pub fn in_query(query: &str) -> Option<Found<'_>> {
    for pair in query.split('&') {
        let Some((key, value)) = pair.split_once('=') else {
            continue;
        };
        let value = value.strip_prefix("eq.").unwrap_or(value);
        let kind = if key == "id" || key == "uuid" {
            Some("")
        } else {
            key.strip_suffix("_id").or_else(|| key.strip_suffix("Id"))
        };
        if let Some(kind) = kind
            && is_id(value)
        {
            return Some(Found { kind, id: value });
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(path: &str) -> (String, String, String) {
        let mut text = String::new();
        let found = template(path, &mut text);
        (text, found.kind.to_owned(), found.id.to_owned())
    }

    #[test]
    fn ids_become_a_parameter_and_words_stay() {
        let want =
            |route: &str, kind: &str, id: &str| (route.to_owned(), kind.to_owned(), id.to_owned());
        assert_eq!(
            made("/api/customers/417/invoices"),
            want("/api/customers/:id/invoices", "customers", "417")
        );
        assert_eq!(
            made("/api/customers/cus_9s6XKzkNRiz8i3"),
            want("/api/customers/:id", "customers", "cus_9s6XKzkNRiz8i3")
        );
        assert_eq!(made("/api/v2/health"), want("/api/v2/health", "", ""));
        assert_eq!(made("/feedback"), want("/feedback", "", ""));
        assert_eq!(
            made("/_next/static/ab/x.js"),
            want("/_next/static/*", "", "")
        );
        assert_eq!(made("//"), want("/", "", ""));
    }

    #[test]
    fn a_cut_path_makes_the_same_template() {
        for path in [
            "",
            "/",
            "//",
            "/a",
            "/a/",
            "/a//b",
            "a/b",
            "/api/customers/417/invoices",
            "/api/customers/417/invoices/",
            "/api/orgs/12/users/cus_9s6XKzkNRiz8i3",
            "/1/2",
            "/api/1/2/3",
            "/api/v2/health",
            "/u/a@b.de/x%40y",
            "/_next/static/ab/x.js",
            "/_next/static/12/",
            "/_next/image/12",
            "/files/12/logo.svg",
            "/files/12/logo.svg/",
            "/a.b/c",
        ] {
            let mut want = String::new();
            let found = template(path, &mut want);
            let Some(cut) = cut(path) else {
                assert!(
                    path.contains("//")
                        || path.matches(char::is_numeric).count() > 2
                        || !path.starts_with('/'),
                    "{path}"
                );
                continue;
            };
            assert_eq!(cut.words[..=cut.ids].join(PARAMETER), want, "{path}");
            assert_eq!(cut.id, found.id, "{path}");
        }
    }

    #[test]
    fn every_way_to_write_a_parameter_is_one() {
        let mut text = String::new();
        for route in [
            "/api/c/[id]",
            "/api/c/:userId",
            "/api/c/{id}",
            "/(admin)/api/c/[...rest]",
        ] {
            canonical(route, &mut text);
            assert_eq!(text, "/api/c/:id", "{route}");
        }
    }

    #[test]
    fn a_query_names_an_object() {
        assert_eq!(in_query("select=*&id=eq.417").unwrap().id, "417");
        assert_eq!(in_query("customerId=12").unwrap().kind, "customer");
        assert_eq!(in_query("page=3"), None);
        assert_eq!(last_word("/rest/v1/customers/"), "customers");
        assert_eq!((last_word("/"), last_word("/a/417")), ("", ""));
    }
}
