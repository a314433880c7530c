//! libpq's files: the service file and the password file.

use super::params::Params;
use crate::config::Env;
use crate::domain::failure::Failure;
use crate::domain::secret::Secret;
use crate::domain::suggest::nearest;
use crate::providers::postgres::{ConnectSettings, Host};
use std::path::{Path, PathBuf};

/// Fills in what the service says, if one is named.
pub fn add_service(params: &mut Params, env: &Env) -> Result<(), Failure> {
    let Some(name) = params.value("service").map(str::to_owned) else {
        return Ok(());
    };
    let places: Vec<PathBuf> = [
        env.get("PGSERVICEFILE").map(PathBuf::from),
        env.get("HOME")
            .filter(|_| env.get("PGSERVICEFILE").is_none())
            .map(|home| Path::new(home).join(".pg_service.conf")),
        env.get("PGSYSCONFDIR")
            .map(|folder| Path::new(folder).join("pg_service.conf")),
    ]
    .into_iter()
    .flatten()
    .collect();
    let mut known = Vec::new();
    for place in &places {
        let Ok(text) = std::fs::read_to_string(place) else {
            continue;
        };
        if let Some(found) = service(&text, &name, &mut known)? {
            params.fill(&found);
            return Ok(());
        }
    }
    let hint = match nearest(&name, known.iter().map(String::as_str)) {
        Some(near) => format!("did you mean {near}?"),
        None if known.is_empty() => {
            "write it into .pg_service.conf in your home folder, or set PGSERVICEFILE".to_owned()
        }
        None => format!("known services are {}", known.join(", ")),
    };
    Err(Failure::new(
        "no database was found",
        format!("there is no service {name}"),
        hint,
    ))
}

/// Reads one section; the names of all sections go to `known`.
fn service(text: &str, name: &str, known: &mut Vec<String>) -> Result<Option<Params>, Failure> {
    let mut found: Option<Params> = None;
    let mut inside = false;
    for line in text.lines().map(str::trim) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(section) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
            known.push(section.to_owned());
            inside = section == name && found.is_none();
            if inside {
                found = Some(Params::default());
            }
        } else if let Some(params) = found.as_mut().filter(|_| inside)
            && let Some((key, value)) = line.split_once('=')
        {
            params.take(key.trim(), value.trim(), false)?;
        }
    }
    Ok(found)
}

/// Finds the password in the password file. A file that others may read is
/// passed over, as every PostgreSQL program does, and that is noted.
pub fn password(
    settings: &ConnectSettings,
    named: Option<&str>,
    env: &Env,
    notes: &mut Vec<String>,
) -> Option<Secret> {
    let file = match named {
        Some(file) => PathBuf::from(file),
        None => Path::new(env.get("HOME")?).join(".pgpass"),
    };
    let text = std::fs::read_to_string(&file).ok()?;
    if open_to_others(&file) {
        notes.push(format!(
            "the password file {} is not used, since others may read it: run chmod 600 on it",
            file.display()
        ));
        return None;
    }
    let host = match &settings.host {
        Host::Tcp(name) => name.as_str(),
        Host::Socket(_) => "localhost",
    };
    let port = settings.port.to_string();
    let wanted = [host, &port, &settings.database, &settings.user];
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .find_map(|line| matching(line, wanted))
}

#[cfg(unix)]
fn open_to_others(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(file).is_ok_and(|meta| meta.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn open_to_others(_: &Path) -> bool {
    false
}

/// The password of a line whose four fields match; `*` matches everything.
fn matching(line: &str, wanted: [&str; 4]) -> Option<Secret> {
    let mut fields = vec![String::new()];
    let mut stars = true;
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        let last = fields.len() - 1;
        match c {
            '\\' => {
                fields[last].extend(chars.next());
                stars = false;
            }
            ':' if last < 4 => {
                let hit = (stars && fields[last] == "*") || fields[last] == wanted[last];
                if !hit {
                    return None;
                }
                fields.push(String::new());
                stars = true;
            }
            c => fields[last].push(c),
        }
    }
    (fields.len() == 5).then(|| fields.pop())?.map(Secret::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_line_matches_field_by_field() {
        let wanted = ["db", "5432", "a:b", "me"];
        for (line, want) in [
            ("db:5432:a\\:b:me:s3:cr\\\\et", Some("s3:cr\\et")),
            ("*:*:*:*:any", Some("any")),
            ("\\*:*:*:*:any", None),
            ("db:5433:*:*:no", None),
            ("db:5432:*:me", None),
        ] {
            let found = matching(line, wanted);
            assert_eq!(found.as_ref().map(Secret::expose), want, "{line}");
        }
    }

    #[test]
    fn a_service_is_one_section() {
        let text = "# mine\n[one]\nhost=a\n[two]\nhost = b\nport=7\n";
        let mut known = Vec::new();
        let two = service(text, "two", &mut known).unwrap().unwrap();
        assert_eq!(
            (two.value("host"), two.value("port")),
            (Some("b"), Some("7"))
        );
        assert_eq!(known, ["one", "two"]);
        assert!(service(text, "three", &mut known).unwrap().is_none());
    }
}
