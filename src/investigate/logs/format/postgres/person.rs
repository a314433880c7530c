//! Who a session acts for: the claims an app sets before it reads, by
//! `set_config(..)` or `SET`, as Supabase's gateway and apps with row
//! security do. A leaf.

use crate::investigate::logs::sql::parameters::{literal, value};
use memchr::memmem::Finder;
use serde_json::Value;
use std::borrow::Cow;
use std::sync::LazyLock;

/// Somebody a session acts for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Person {
    pub user: String,
    pub email: String,
    /// The role the claims name.
    pub role: String,
    /// The role that was set, where claims name none.
    pub set_role: String,
    pub tenant: String,
}

impl Person {
    /// The role in the app.
    pub fn role(&self) -> &str {
        if self.role.is_empty() {
            &self.set_role
        } else {
            &self.role
        }
    }

    /// Takes one setting; says whether it tells anything about a person.
    pub fn set(&mut self, name: &str, value: &str) -> bool {
        match name {
            "role" => value_into(&mut self.set_role, value),
            "request.jwt.claims" => self.claims(value),
            "request.jwt.claim.sub" => value_into(&mut self.user, value),
            "request.jwt.claim.email" => value_into(&mut self.email, value),
            "request.jwt.claim.role" => value_into(&mut self.role, value),
            _ => {
                let Some((_, last)) = name.rsplit_once('.') else {
                    return false;
                };
                if is_user(last) {
                    value_into(&mut self.user, value);
                } else if is_tenant(last) {
                    value_into(&mut self.tenant, value);
                } else if matches!(last, "user_role" | "current_role" | "role") {
                    value_into(&mut self.role, value);
                } else if matches!(last, "user_email" | "email") {
                    value_into(&mut self.email, value);
                } else {
                    return false;
                }
            }
        }
        true
    }

    /// Claims of a token: they replace what was known but for the role set.
    fn claims(&mut self, text: &str) {
        *self = Self {
            set_role: std::mem::take(&mut self.set_role),
            ..Self::default()
        };
        let Ok(Value::Object(claims)) = serde_json::from_str::<Value>(text) else {
            return;
        };
        let empty = Value::Null;
        let app = claims.get("app_metadata").unwrap_or(&empty);
        self.user = word(claims.get("sub"))
            .or_else(|| word(claims.get("user_id")))
            .unwrap_or_default();
        self.email = word(claims.get("email")).unwrap_or_default();
        self.role = word(claims.get("user_role"))
            .or_else(|| word(app.get("role")))
            .or_else(|| word(claims.get("role")))
            .unwrap_or_default();
        let tenant = |of: &dyn Fn(&str) -> Option<String>| TENANTS.iter().find_map(|key| of(key));
        self.tenant = tenant(&|key| word(claims.get(key)))
            .or_else(|| tenant(&|key| word(app.get(key))))
            .unwrap_or_default();
    }
}

const TENANTS: [&str; 11] = [
    "org_id",
    "tenant_id",
    "organization_id",
    "organisation_id",
    "workspace_id",
    "account_id",
    "orgId",
    "tenantId",
    "tenant",
    "org",
    "company_id",
];

fn is_user(name: &str) -> bool {
    const NAMES: [&str; 10] = [
        "user_id",
        "userid",
        "user",
        "current_user",
        "current_user_id",
        "uid",
        "sub",
        "actor",
        "actor_id",
        "person_id",
    ];
    NAMES.contains(&name)
}

fn is_tenant(name: &str) -> bool {
    TENANTS.contains(&name)
        || name
            .strip_prefix("current_")
            .is_some_and(|rest| TENANTS.contains(&rest))
}

fn word(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn value_into(text: &mut String, value: &str) {
    text.clear();
    if !matches!(value, "none" | "default") {
        text.push_str(value);
    }
}

/// Something a statement does to its session.
#[derive(Debug, PartialEq, Eq)]
pub enum Change<'a> {
    /// A setting, and whether it ends with the transaction.
    Set {
        name: Cow<'a, str>,
        value: Cow<'a, str>,
        local: bool,
    },
    /// A transaction begins or ends.
    Turn,
    /// All settings, or the role, are as at the start.
    Reset,
}

/// Whether the statement may hold a [`Change`]; cheap.
pub fn may_change(sql: &str) -> bool {
    static CALL: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"set_config"));
    starts_control(sql) || CALL.find(sql.as_bytes()).is_some()
}

/// Whether the statement begins or ends a transaction and does nothing else,
/// as half of a log may do.
pub fn is_turn(sql: &str) -> bool {
    const WORDS: [&str; 3] = ["begin", "commit", "rollback"];
    sql.len() <= 8 && WORDS.iter().any(|word| sql.eq_ignore_ascii_case(word))
}

/// Whether all the text does is the session's own business, such as `SET`.
pub fn is_control(sql: &str) -> bool {
    if !starts_control(sql) {
        return false;
    }
    let body = sql.trim_end_matches([';', ' ', '\n', '\t']);
    !body.contains(';') || statements(body).all(starts_control)
}

fn starts_control(sql: &str) -> bool {
    const WORDS: [&str; 11] = [
        "set",
        "begin",
        "commit",
        "rollback",
        "end",
        "abort",
        "start",
        "reset",
        "discard",
        "savepoint",
        "release",
    ];
    let first = first_word(sql);
    first.len() <= 9 && WORDS.iter().any(|word| first.eq_ignore_ascii_case(word))
}

fn first_word(sql: &str) -> &str {
    let sql = sql.trim_start();
    let end = sql
        .bytes()
        .position(|byte| !byte.is_ascii_alphabetic())
        .unwrap_or(sql.len());
    &sql[..end]
}

/// Finds the changes of a statement, in order.
pub fn changes<'a>(sql: &'a str, parameters: &'a str, each: &mut dyn FnMut(Change<'a>)) {
    if !starts_control(sql) {
        configured(sql, parameters, each);
        return;
    }
    for part in statements(sql) {
        let first = first_word(part).to_ascii_lowercase();
        match first.as_str() {
            "set" => assigned(part, each),
            "begin" | "commit" | "end" | "abort" | "start" => each(Change::Turn),
            "rollback" if !part.to_ascii_lowercase().contains(" to ") => each(Change::Turn),
            "reset" | "discard" => each(Change::Reset),
            _ => configured(part, parameters, each),
        }
    }
}

/// Splits at `;` outside of quotes.
fn statements(sql: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    sql.split(move |letter| {
        quoted ^= letter == '\'';
        letter == ';' && !quoted
    })
    .map(str::trim)
    .filter(|part| !part.is_empty())
}

/// `SET [LOCAL] name = 'value'`, `SET ROLE name`.
fn assigned<'a>(part: &'a str, each: &mut dyn FnMut(Change<'a>)) {
    let mut rest = part[3..].trim_start();
    let mut local = false;
    for scope in ["local", "session"] {
        if first_word(rest).eq_ignore_ascii_case(scope) {
            local = scope == "local";
            rest = rest[scope.len()..].trim_start();
        }
    }
    let (name, value) = if first_word(rest).eq_ignore_ascii_case("role") {
        ("role", rest[4..].trim_start())
    } else {
        let end = rest.find(['=', ' ', '\t', '\n']).unwrap_or(rest.len());
        let value = rest[end..].trim_start();
        let value = value
            .strip_prefix('=')
            .or_else(|| value.strip_prefix("to "))
            .or_else(|| value.strip_prefix("TO "))
            .unwrap_or(value);
        (rest[..end].trim_matches('"'), value.trim_start())
    };
    let value = value
        .strip_prefix('=')
        .or_else(|| value.strip_prefix("to "))
        .or_else(|| value.strip_prefix("TO "))
        .unwrap_or(value)
        .trim();
    let value = value.trim_end_matches(';').trim_end();
    let value = if value.starts_with('"') {
        Cow::Borrowed(value.trim_matches('"'))
    } else {
        literal(value).unwrap_or_default()
    };
    each(Change::Set {
        name: Cow::Borrowed(name),
        value,
        local,
    });
}

/// Every `set_config(name, value, local)` of a statement.
fn configured<'a>(sql: &'a str, parameters: &'a str, each: &mut dyn FnMut(Change<'a>)) {
    static CALL: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"set_config("));
    let mut from = 0;
    while let Some(found) = CALL.find(&sql.as_bytes()[from..]) {
        let open = from + found + CALL.needle().len();
        let (arguments, end) = arguments(sql, open);
        from = end;
        let [name, value, local] = arguments;
        let (Some(name), Some(value)) = (argument(name, parameters), argument(value, parameters))
        else {
            continue;
        };
        let local = argument(local, parameters).unwrap_or_default();
        each(Change::Set {
            name,
            value,
            local: !matches!(local.as_ref(), "false" | "f" | "off" | "0"),
        });
    }
}

/// The first three arguments of a call, and where it ends.
fn arguments(sql: &str, open: usize) -> ([&str; 3], usize) {
    let bytes = sql.as_bytes();
    let mut found = [""; 3];
    let (mut count, mut start, mut depth, mut quoted) = (0, open, 0_usize, false);
    for (at, byte) in bytes.iter().enumerate().skip(open) {
        match byte {
            b'\'' => quoted = !quoted,
            _ if quoted => {}
            b'(' => depth += 1,
            b')' if depth > 0 => depth -= 1,
            b',' | b')' if depth == 0 => {
                if count < 3 {
                    found[count] = sql[start..at].trim();
                }
                count += 1;
                start = at + 1;
                if *byte == b')' {
                    return (found, at + 1);
                }
            }
            _ => {}
        }
    }
    (found, bytes.len())
}

/// An argument's value: a literal or a parameter, casts aside.
fn argument<'a>(written: &'a str, parameters: &'a str) -> Option<Cow<'a, str>> {
    // Most arguments have no cast.
    let cast = memchr::memchr(b':', written.as_bytes()).and_then(|_| written.rfind("::"));
    let bare = match cast {
        Some(at) if !written[at..].contains('\'') => written[..at].trim_end(),
        _ => written,
    };
    match bare.strip_prefix('$').map(str::parse::<u16>) {
        Some(Ok(number)) => value(parameters, number),
        _ => literal(bare),
    }
}

#[cfg(test)]
mod tests;
