//! Connection strings: URLs and `key=value` pairs, in libpq's own words.

use crate::config::Env;
use crate::domain::failure::Failure;
use crate::domain::secret::Secret;
use crate::domain::suggest::nearest;
use crate::domain::untrusted::visible;
use std::collections::BTreeMap;

/// Parameters that are used.
const USED: [&str; 10] = [
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
    "passfile",
    "sslmode",
    "sslrootcert",
    "service",
];

/// Parameters that change nothing here: deadlines and names are our own, and
/// the rest asks for less than is done anyway.
const HARMLESS: [&str; 17] = [
    "application_name",
    "channel_binding",
    "client_encoding",
    "connect_timeout",
    "fallback_application_name",
    "gssencmode",
    "keepalives",
    "keepalives_count",
    "keepalives_idle",
    "keepalives_interval",
    "load_balance_hosts",
    "require_auth",
    "ssl_min_protocol_version",
    "sslnegotiation",
    "sslsni",
    "target_session_attrs",
    "tcp_user_timeout",
];

/// Parameters that cannot be honoured, and why.
const REFUSED: [(&str, &str); 4] = [
    (
        "options",
        "start-up options do not pass through a pooler, so none are sent",
    ),
    ("sslcert", "client certificates are not supported"),
    ("sslkey", "client certificates are not supported"),
    ("sslcrl", "revocation lists are not supported"),
];

/// Connection parameters by libpq's names.
#[derive(Clone, Default)]
pub struct Params {
    values: BTreeMap<String, Secret>,
    ignored: Vec<String>,
}

impl std::fmt::Debug for Params {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.values.keys()).finish()
    }
}

/// Whether the text is the URL of a server.
pub fn is_url(text: &str) -> bool {
    text.starts_with("postgres://") || text.starts_with("postgresql://")
}

fn bad(why: impl Into<String>, hint: &str) -> Failure {
    Failure::new("the connection string cannot be used", why, hint)
}

impl Params {
    /// Reads a URL or `key=value` pairs. Errors never repeat a value, since
    /// a misplaced sign may have made a password of it.
    pub fn read(text: &str) -> Result<Self, Failure> {
        text.strip_prefix("postgres://")
            .or_else(|| text.strip_prefix("postgresql://"))
            .map_or_else(|| Self::pairs(text), Self::url)
    }

    /// What the `PG*` variables say, without the service.
    pub fn of_environment(env: &Env) -> Self {
        let mut params = Self::default();
        for (key, variable) in [
            ("host", "PGHOST"),
            ("hostaddr", "PGHOSTADDR"),
            ("port", "PGPORT"),
            ("dbname", "PGDATABASE"),
            ("user", "PGUSER"),
            ("password", "PGPASSWORD"),
            ("passfile", "PGPASSFILE"),
            ("sslmode", "PGSSLMODE"),
            ("sslrootcert", "PGSSLROOTCERT"),
        ] {
            if let Some(value) = env.get(variable) {
                params.set(key, value);
            }
        }
        params
    }

    /// A parameter that is set and not empty.
    pub fn value(&self, key: &str) -> Option<&str> {
        self.values
            .get(key)
            .map(Secret::expose)
            .filter(|value| !value.is_empty())
    }

    pub fn set(&mut self, key: &str, value: &str) {
        self.values
            .insert(key.to_owned(), Secret::new(value.to_owned()));
    }

    /// Takes from another source what this one does not say.
    pub fn fill(&mut self, other: &Self) {
        for (key, value) in &other.values {
            if self.value(key).is_none() {
                self.values.insert(key.clone(), value.clone());
            }
        }
    }

    /// Says which parameters were passed over.
    pub fn ignored_notes(&self) -> Vec<String> {
        self.ignored
            .iter()
            .map(|key| format!("the connection parameter {} is not used here", visible(key)))
            .collect()
    }

    /// Sets a parameter by a name from outside.
    pub fn take(&mut self, key: &str, value: &str, lenient: bool) -> Result<(), Failure> {
        if USED.contains(&key) {
            self.set(key, value);
        } else if let Some((_, why)) = REFUSED.iter().find(|(refused, _)| *refused == key) {
            return Err(bad(format!("{key}: {why}"), "remove that parameter"));
        } else if lenient {
            if !HARMLESS.contains(&key) {
                self.ignored.push(key.to_owned());
            }
        } else if !HARMLESS.contains(&key) {
            let hint = match nearest(key, USED) {
                Some(near) => format!("did you mean {near}?"),
                None => format!("known parameters are {}", USED.join(", ")),
            };
            return Err(bad(format!("{key} is not a connection parameter"), &hint));
        }
        Ok(())
    }

    fn url(rest: &str) -> Result<Self, Failure> {
        const ENCODE: &str =
            "write @ : / ? # % in a user name or password as %40 %3A %2F %3F %23 %25";
        let mut params = Self::default();
        let (before, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = before.split_once('/').unwrap_or((before, ""));
        if path.contains('@') {
            return Err(bad("there is an @ behind the first /", ENCODE));
        }
        let (login, place) = authority.rsplit_once('@').unwrap_or(("", authority));
        let (user, password) = login.split_once(':').unwrap_or((login, ""));
        if place.contains(',') {
            return Err(bad(
                "it names several hosts",
                "name the one server to look at",
            ));
        }
        let (host, port) = host_and_port(place)
            .ok_or_else(|| bad("what stands behind the last : is not a port", ENCODE))?;
        for (key, value) in [
            ("user", user),
            ("password", password),
            ("host", host),
            ("port", port),
            ("dbname", path),
        ] {
            if !value.is_empty() {
                params.set(key, &decode(value)?);
            }
        }
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (key, value) = pair
                .split_once('=')
                .ok_or_else(|| bad("a parameter behind the ? has no value", ENCODE))?;
            // Frameworks put settings of their own into the URL.
            params.take(&decode(key)?, &decode(value)?, true)?;
        }
        Ok(params)
    }

    fn pairs(text: &str) -> Result<Self, Failure> {
        const HINT: &str =
            "write key=value pairs with spaces between; put a value with spaces in single quotes";
        let mut params = Self::default();
        let mut rest = text.trim_start();
        while !rest.is_empty() {
            let (key, after) = rest
                .split_once('=')
                .ok_or_else(|| bad("a word has no = behind it", HINT))?;
            let (value, left) =
                value(after.trim_start()).ok_or_else(|| bad("a quote is not closed", HINT))?;
            params.take(key.trim(), &value, false)?;
            rest = left.trim_start();
        }
        Ok(params)
    }
}

/// One value of a `key=value` pair, and what follows it. A backslash takes
/// the next character as it is.
fn value(text: &str) -> Option<(String, &str)> {
    let (quoted, body) = match text.strip_prefix('\'') {
        Some(body) => (true, body),
        None => (false, text),
    };
    let mut out = String::new();
    let mut chars = body.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => out.push(chars.next()?.1),
            '\'' if quoted => return Some((out, &body[at + 1..])),
            c if c.is_whitespace() && !quoted => return Some((out, &body[at..])),
            c => out.push(c),
        }
    }
    (!quoted).then_some((out, ""))
}

/// Splits `host:port`, where the host may be an address in brackets.
fn host_and_port(place: &str) -> Option<(&str, &str)> {
    let (host, port) = if let Some(inner) = place.strip_prefix('[') {
        let (host, after) = inner.split_once(']')?;
        (host, after.strip_prefix(':').unwrap_or(after))
    } else {
        place.split_once(':').unwrap_or((place, ""))
    };
    port.bytes()
        .all(|b| b.is_ascii_digit())
        .then_some((host, port))
}

fn decode(text: &str) -> Result<String, Failure> {
    let fault = || {
        bad(
            "a % is not followed by two hexadecimal digits of a UTF-8 text",
            "write a % itself as %25",
        )
    };
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let mut digit = || bytes.next().and_then(|b| char::from(b).to_digit(16));
            let (high, low) = (digit().ok_or_else(fault)?, digit().ok_or_else(fault)?);
            out.push(u8::try_from(high * 16 + low).map_err(|_| fault())?);
        } else {
            out.push(byte);
        }
    }
    String::from_utf8(out).map_err(|_| fault())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Vec<String> {
        let params = Params::read(text).unwrap();
        USED.iter()
            .filter_map(|key| params.value(key).map(|value| format!("{key}={value}")))
            .collect()
    }

    #[test]
    fn urls_of_all_shapes_are_read() {
        for (text, want) in [
            (
                "postgres://me:p%40ss@db.example.com:6543/app?sslmode=require",
                "host=db.example.com port=6543 dbname=app user=me password=p@ss sslmode=require",
            ),
            ("postgresql://[::1]:5433/x", "host=::1 port=5433 dbname=x"),
            (
                "postgresql:///app?host=/run/postgresql",
                "host=/run/postgresql dbname=app",
            ),
            ("postgres://u@%2Frun%2Fpg/x", "host=/run/pg dbname=x user=u"),
            ("postgres://me@x@host", "host=host user=me@x"),
        ] {
            assert_eq!(all(text).join(" "), want);
        }
    }

    #[test]
    fn pairs_are_read_with_quotes_and_backslashes() {
        assert_eq!(
            all(r"  host = /run/x  password='a b\'c\\' dbname=d\ e"),
            ["host=/run/x", "dbname=d e", r"password=a b'c\"]
        );
    }

    #[test]
    fn settings_of_frameworks_are_noted_and_passed_over() {
        let params = Params::read("postgres://h/d?pgbouncer=true&connect_timeout=3").unwrap();
        assert_eq!(
            params.ignored_notes(),
            ["the connection parameter pgbouncer is not used here"]
        );
    }

    #[test]
    fn faults_are_told_without_the_password() {
        for text in [
            "postgres://me:hunter2/x@db/app",
            "postgres://me:12/hunter2@db/app",
            "postgres://me:%zzhunter2@db/app",
            "postgres://me:hunter2@db:port/app",
            "postgres://me:hunter2@a,b/app",
            "postgres://me:hunter2@db/app?options=-cx",
            "host=db pasword=hunter2",
            "host=db password='hunter2",
            "host=db hunter2",
        ] {
            let told = Params::read(text).unwrap_err();
            assert!(!format!("{told:?}").contains("hunter2"), "{told:?}");
            assert!(!told.hint.is_empty());
        }
        let told = Params::read("pasword=x").unwrap_err();
        assert_eq!(told.hint, "did you mean password?");
    }
}
