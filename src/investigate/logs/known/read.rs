//! Reads `users.csv`, `customers.csv` and `routes.json`, and says which columns
//! were used and which were not.

use super::{Declared, Known, User};
use crate::domain::failure::Failure;
use crate::investigate::logs::route;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::io::Read;
use std::path::Path;

/// Bytes in which the line of a file's columns ends.
const HEAD: u64 = 64 << 10;

/// Which columns of a file were used, for a person to check.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Used {
    pub file: String,
    /// `id as user_id`.
    pub columns: Vec<String>,
    pub ignored: Vec<String>,
    pub rows: u64,
}

const TENANT: &[&str] = &[
    "org_id",
    "tenant_id",
    "organization_id",
    "workspace_id",
    "account_id",
    "org",
    "tenant",
];

struct Table {
    reader: csv::Reader<std::fs::File>,
    head: csv::StringRecord,
    used: Used,
}

fn fault(path: &str, error: &csv::Error) -> Failure {
    Failure::new(
        format!("can't read {path}"),
        error.to_string(),
        "give a CSV file with a header line",
    )
}

/// What stands between the columns: a spreadsheet in some countries writes a
/// semicolon, one that was copied a tab. A file that can be read only once is
/// taken to have commas.
fn delimiter(path: &Path) -> std::io::Result<u8> {
    if !path.metadata()?.is_file() {
        return Ok(b',');
    }
    let mut head = Vec::new();
    std::fs::File::open(path)?
        .take(HEAD)
        .read_to_end(&mut head)?;
    let line = head.split(|byte| *byte == b'\n').next().unwrap_or(&head);
    let often = |mark: &u8| memchr::memchr_iter(*mark, line).count();
    // The last of those that come as often.
    Ok([b'\t', b';', b',']
        .into_iter()
        .max_by_key(often)
        .unwrap_or(b','))
}

impl Table {
    fn open(path: &Path) -> Result<Self, Failure> {
        let file = path.display().to_string();
        let fault = |error: csv::Error| fault(&file, &error);
        let mut reader = csv::ReaderBuilder::new()
            .flexible(true)
            .delimiter(delimiter(path).map_err(|error| fault(error.into()))?)
            .trim(csv::Trim::Headers)
            .from_path(path)
            .map_err(fault)?;
        let head = reader.headers().map_err(fault)?.clone();
        let used = Used {
            ignored: head.iter().map(str::to_owned).collect(),
            file,
            ..Used::default()
        };
        Ok(Self { reader, head, used })
    }

    /// Shows every row; gives what was used of the file.
    fn each(mut self, mut row: impl FnMut(&csv::StringRecord)) -> Result<Used, Failure> {
        let mut record = csv::StringRecord::new();
        let fault = |error: csv::Error| fault(&self.used.file, &error);
        while self.reader.read_record(&mut record).map_err(fault)? {
            self.used.rows += 1;
            row(&record);
        }
        Ok(self.used)
    }

    /// The column that goes by one of these names.
    fn column(&mut self, names: &[&str]) -> Option<usize> {
        let at = names.iter().find_map(|name| {
            self.head.iter().position(|column| {
                column
                    .trim_start_matches('\u{feff}')
                    .eq_ignore_ascii_case(name)
            })
        })?;
        let column = self.head[at].to_owned();
        self.used.ignored.retain(|other| *other != column);
        self.used.columns.push(if column == names[0] {
            column
        } else {
            format!("{} as {}", column, names[0])
        });
        Some(at)
    }

    fn needs(&mut self, names: &[&str]) -> Result<usize, Failure> {
        self.column(names).ok_or_else(|| {
            Failure::new(
                format!("{} has no column {}", self.used.file, names[0]),
                format!(
                    "its columns are: {}",
                    self.head.iter().collect::<Vec<_>>().join(", ")
                ),
                format!("name one of its columns {}", names.join(" or ")),
            )
        })
    }
}

/// Reads the users: `id` or `user_id`, further names `uuid` and `email`, then
/// `role`, `org_id`, `assigned_orgs` and `status`.
///
/// # Errors
/// When the file can't be read or has no id.
pub fn users(path: &Path, known: &mut Known) -> Result<Used, Failure> {
    let mut table = Table::open(path)?;
    let id = table.needs(&["id", "user_id"])?;
    let aliases: Vec<usize> = ["uuid", "email", "user_id", "auth_id", "sub"]
        .iter()
        .filter_map(|name| table.column(&[name]))
        .filter(|at| *at != id)
        .collect();
    let role = table.column(&["role"]);
    let org = table.column(TENANT);
    let assigned = table.column(&["assigned_orgs", "org_ids", "assigned_org_ids"]);
    let status = table.column(&["status", "state"]);
    table.each(|row| {
        let cell = |at: Option<usize>| at.and_then(|at| row.get(at)).unwrap_or("").trim();
        let mut tenants: BTreeSet<String> = cell(assigned)
            .split([';', '|', ' ', ','])
            .filter(|tenant| !tenant.is_empty())
            .map(str::to_owned)
            .collect();
        let org = cell(org);
        if !org.is_empty() {
            tenants.insert(org.to_owned());
        }
        let user = User {
            id: cell(Some(id)).to_owned(),
            role: cell(role).to_owned(),
            tenants,
            status: cell(status).to_owned(),
        };
        let names = aliases.iter().map(|at| cell(Some(*at)));
        if !user.id.is_empty() {
            known.add_user(user, names.filter(|name| !name.is_empty()));
        }
    })
}

/// Reads the customers: `id` or `customer_id`, and `org_id`.
///
/// # Errors
/// When the file can't be read or lacks one of the two.
pub fn customers(path: &Path, known: &mut Known) -> Result<Used, Failure> {
    let mut table = Table::open(path)?;
    let id = table.needs(&["id", "customer_id"])?;
    let org = table.needs(TENANT)?;
    let aliases: Vec<usize> = ["uuid", "stripe_id", "stripe_customer_id", "customer_id"]
        .iter()
        .filter_map(|name| table.column(&[name]))
        .filter(|at| *at != id)
        .collect();
    table.each(|row| {
        let tenant = row.get(org).unwrap_or("").trim();
        for at in std::iter::once(&id).chain(&aliases) {
            let id = row.get(*at).unwrap_or("").trim();
            if !id.is_empty() {
                known.add_customer(id, tenant);
            }
        }
    })
}

#[derive(Debug, Deserialize)]
struct Row {
    #[serde(alias = "path")]
    route: String,
    #[serde(default)]
    method: Option<String>,
    #[serde(default)]
    kind: Option<String>,
    #[serde(default)]
    roles: Option<Vec<String>>,
    #[serde(default)]
    private: Option<bool>,
}

/// Reads the routes: a list of objects with `route`, `method`, `kind`, `roles`
/// and `private`.
///
/// # Errors
/// When the file can't be read or is of another form.
pub fn routes(path: &Path, known: &mut Known) -> Result<Used, Failure> {
    let fault = |why: String| {
        Failure::new(
            format!("can't read {}", path.display()),
            why,
            "give a JSON list of {\"route\", \"method\", \"kind\", \"roles\", \"private\"}",
        )
    };
    let text = std::fs::read(path).map_err(|error| fault(error.to_string()))?;
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&text);
    let rows: Vec<Row> = serde_json::from_slice(text).map_err(|error| fault(error.to_string()))?;
    let mut template = String::new();
    for row in &rows {
        route::canonical(&row.route, &mut template);
        let methods = row.method.as_deref().unwrap_or("GET");
        for method in methods.split([',', '|']).map(str::trim) {
            let declared = Declared {
                kind: row.kind.clone().unwrap_or_default(),
                roles: row.roles.iter().flatten().cloned().collect(),
                private: row.private,
            };
            let name = format!("{} {template}", method.to_ascii_uppercase());
            known.routes.insert(name, declared);
        }
    }
    Ok(Used {
        file: path.display().to_string(),
        columns: ["route", "method", "kind", "roles", "private"]
            .map(str::to_owned)
            .into(),
        ignored: Vec::new(),
        rows: rows.len() as u64,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::investigate::logs::gather::distinct::hash;

    fn file(name: &str, text: &str) -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        (folder, path)
    }

    #[test]
    fn a_user_answers_to_every_name() {
        let (_folder, path) = file(
            "users.csv",
            "user_id,uuid,email,role,org_id,assigned_orgs,status,phone\n7,AB-1,A@x.org,support,o1,o2;o3,suspended,1\n",
        );
        let mut known = Known::default();
        let told = users(&path, &mut known).unwrap();
        assert_eq!(told.ignored, ["phone"]);
        for name in ["7", "ab-1", "a@x.org"] {
            let user = known.user(name).unwrap();
            assert_eq!((user.id.as_str(), user.tenants.len()), ("7", 3));
            assert!(user.is_barred());
        }
    }

    #[test]
    fn customers_and_routes_are_found_again() {
        let (_folder, path) = file("c.csv", "customer_id,org_id\n41,o9\n");
        let mut known = Known::default();
        customers(&path, &mut known).unwrap();
        assert_eq!(known.tenant_of(hash(b"41")), Some("o9"));
        let (_folder, path) = file(
            "r.json",
            r#"[{"route":"/api/customers/[id]","method":"GET","roles":["admin"],"private":true}]"#,
        );
        routes(&path, &mut known).unwrap();
        assert_eq!(known.routes["GET /api/customers/:id"].private, Some(true));
    }

    #[test]
    fn columns_may_stand_between_semicolons_or_tabs() {
        for (between, tenants) in [(";", "o2,o3"), ("\t", "o2;o3"), (",", "o2;o3")] {
            let text = ["id", "email", "org_id", "assigned_orgs"].join(between);
            let row = ["7", "a@x.org", "o1", tenants].join(between);
            let (_folder, path) = file("u.csv", &format!("{text}\r\n{row}\r\n"));
            let mut known = Known::default();
            users(&path, &mut known).unwrap();
            assert_eq!(known.user("a@x.org").unwrap().tenants.len(), 3, "{between}");
        }
    }

    #[test]
    fn a_missing_column_is_named() {
        let (_folder, path) = file("c.csv", "name,org_id\nx,o9\n");
        let failure = customers(&path, &mut Known::default()).unwrap_err();
        assert!(failure.lines().join(" ").contains("no column id"));
    }
}
