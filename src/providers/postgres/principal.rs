//! Acting as somebody: a role, the settings an API would make for it, and
//! where its functions look names up.

use super::text::{ident, literal, qualified};

/// A table a server-side value is composed from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    pub schema: String,
    pub relation: String,
}

/// What a setting is set to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Text known here, such as `{"role":"anon"}`.
    Literal(String),
    /// A scalar SQL expression that the server evaluates, so that the value
    /// never enters this program. It is evaluated with the login's own power,
    /// before the role is assumed. So that no function of the database runs
    /// with that power, every relation it names stands in `reads`, and each
    /// must be an ordinary table that no row-level security filters for this
    /// login: anything else is refused. Compose it from [`super::ident`] and
    /// built-in functions over built-in types only.
    Sql { text: String, reads: Vec<Source> },
}

/// One transaction-local setting, such as `request.jwt.claims`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    pub name: String,
    pub value: Value,
}

/// One statement that makes these settings; none for none.
fn select(settings: &[String]) -> Option<String> {
    (!settings.is_empty()).then(|| format!("SELECT /* firsthour */ {};", settings.join(",\n  ")))
}

/// Somebody to act as.
///
/// The power of the login stays reachable: a function of the database that
/// says `SET ROLE` gets back what the login may have. That is a limit of the
/// server, and the reason why a superuser login is warned about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assumed {
    /// The database role.
    pub role: String,
    pub settings: Vec<Setting>,
    /// Schemas in which its functions find unqualified names, in order;
    /// `pg_catalog` always comes before and `pg_temp` after them.
    pub schemas: Vec<String>,
}

impl Assumed {
    /// A role without claims, with the server's usual search path.
    pub fn role(role: &str) -> Self {
        Self {
            role: role.to_owned(),
            settings: Vec::new(),
            schemas: vec!["$user".to_owned(), "public".to_owned()],
        }
    }

    /// Adds a setting whose text is known here.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.settings.push(Setting {
            name: name.to_owned(),
            value: Value::Literal(value.to_owned()),
        });
        self
    }

    /// Adds a setting that the server composes. See [`Value::Sql`].
    #[must_use]
    pub fn composed(mut self, name: &str, text: &str, reads: &[Source]) -> Self {
        self.settings.push(Setting {
            name: name.to_owned(),
            value: Value::Sql {
                text: text.to_owned(),
                reads: reads.to_vec(),
            },
        });
        self
    }

    /// The value of `search_path`.
    fn path(&self) -> String {
        let path: Vec<String> = std::iter::once("pg_catalog")
            .chain(self.schemas.iter().map(String::as_str))
            .chain(std::iter::once("pg_temp"))
            .map(ident)
            .collect();
        path.join(", ")
    }

    /// The same as [`Assumed::statements`] for the prober's block.
    pub(super) fn todo(&self) -> serde_json::Value {
        let settings = self.settings.iter().map(|setting| match &setting.value {
            Value::Literal(text) => serde_json::json!({"name": setting.name, "value": text}),
            Value::Sql { text, .. } => serde_json::json!({"name": setting.name, "sql": text}),
        });
        serde_json::json!({
            "role": self.role,
            "path": self.path(),
            "settings": settings.collect::<Vec<_>>(),
        })
    }

    /// The statements that turn an open transaction into this principal, each
    /// with its semicolon: what the prober does, to show or to run by hand.
    pub fn statements(&self) -> Vec<String> {
        let set = |name: &str, value: &str| {
            format!(
                "pg_catalog.set_config({}, {value}, true) IS NULL",
                literal(name)
            )
        };
        // Few statements: however many principals there are, the server's
        // statistics gain only a handful of rows. A value that reads a
        // setting made here comes in a later statement than that setting.
        let mut out: Vec<String> = Vec::new();
        let mut together: Vec<String> = Vec::new();
        let mut reads_back = false;
        for setting in &self.settings {
            let value = match &setting.value {
                Value::Literal(text) => literal(text),
                Value::Sql { text, .. } => {
                    if !reads_back && text.contains("current_setting('firsthour.") {
                        reads_back = true;
                        out.extend(select(&together));
                        together.clear();
                    }
                    format!("coalesce(({text})::text, '')")
                }
            };
            together.push(set(&setting.name, &value));
        }
        out.extend(select(&together));
        out.push(format!(
            "SELECT /* firsthour */ {},\n  {};",
            set("role", &literal(&self.role)),
            set("search_path", &literal(&self.path()))
        ));
        out
    }

    /// The tables that composed values read.
    pub(super) fn sources(&self) -> Vec<&Source> {
        self.settings
            .iter()
            .filter_map(|setting| match &setting.value {
                Value::Sql { reads, .. } => Some(reads),
                Value::Literal(_) => None,
            })
            .flatten()
            .collect()
    }

    /// A query whose rows are the sources that may not be read, as
    /// `{"name": .., "why": ..}`; `None` if nothing is composed.
    pub(super) fn refusals(&self) -> Option<String> {
        let sources = self.sources();
        if sources.is_empty() {
            return None;
        }
        let rows: Vec<String> = sources
            .iter()
            .map(|s| {
                format!(
                    "({}, {}, {})",
                    literal(&s.schema),
                    literal(&s.relation),
                    literal(&qualified(&s.schema, &s.relation))
                )
            })
            .collect();
        Some(format!(
            "SELECT v.shown AS name, CASE WHEN c.oid IS NULL THEN 'there is no such table' \
             WHEN c.relkind NOT IN ('r', 'p') THEN 'it is not an ordinary table' \
             ELSE 'row-level security applies to this login' END AS why \
             FROM (VALUES {}) v(s, r, shown) \
             LEFT JOIN (pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace) \
             ON n.nspname = v.s AND c.relname = v.r \
             WHERE c.oid IS NULL OR c.relkind NOT IN ('r', 'p') OR row_security_active(c.oid)",
            rows.join(", ")
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_set_before_the_role_is_assumed() {
        let who = Assumed::role("Anon").with("request.jwt.claims", "{\"a\":\"it's\"}");
        assert_eq!(
            who.statements().concat(),
            "SELECT /* firsthour */ pg_catalog.set_config('request.jwt.claims', '{\"a\":\"it''s\"}', true) IS NULL;\
             SELECT /* firsthour */ pg_catalog.set_config('role', 'Anon', true) IS NULL,\n  \
             pg_catalog.set_config('search_path', '\"pg_catalog\", \"$user\", \"public\", \"pg_temp\"', true) IS NULL;"
        );
        assert_eq!(who.refusals(), None);
    }
}
