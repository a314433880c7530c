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

/// The shared template of files that hold no data of anybody's.
fn bundle(path: &str) -> Option<&'static str> {
    if path.starts_with("/_next/static/") {
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
    if bytes.len() < 16 {
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
    }
}
