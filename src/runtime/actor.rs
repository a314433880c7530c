//! Who is at the keyboard, as the record names them.

use crate::config::Env;
use crate::domain::entry::Actor;
use crate::domain::untrusted::visible;

/// The person and the device. `via` is the door: `tui`, `plain` or `cli`.
pub fn actor(env: &Env, via: &str) -> Actor {
    let person = ["FIRSTHOUR_ACTOR", "USER", "LOGNAME"]
        .into_iter()
        .find_map(|v| env.get(v));
    let number = || format!("uid-{}", rustix::process::getuid().as_raw());
    let host = rustix::system::uname();
    Actor {
        id: visible(&person.map_or_else(number, str::to_owned)),
        via: via.to_owned(),
        host: visible(&host.nodename().to_string_lossy()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_person_is_named_by_the_environment() {
        assert_eq!(actor(&Env::of([("USER", "ada")]), "cli").id, "ada");
        assert_eq!(actor(&Env::of([("LOGNAME", "a\nb")]), "cli").id, "a^Jb");
        assert!(actor(&Env::default(), "cli").id.starts_with("uid-"));
    }
}
