//! Claims of a token, read once for each that is met: an app sets the same
//! claims before each of a person's transactions. Bounded.

use super::person::Person;
use ahash::RandomState;
use hashbrown::HashMap;
use std::sync::Arc;

/// Claims kept; when there are more all are read anew.
const MOST: usize = 8_192;
/// Longer ones are read each time.
const LONGEST: usize = 2_048;

/// The name of the setting that holds them.
pub const CLAIMS: &str = "request.jwt.claims";

/// The name of the setting that is a role.
pub const ROLE: &str = "role";

/// Who was met, by the claims as they were set.
#[derive(Debug, Default)]
pub struct Claims {
    known: HashMap<u64, (Box<str>, Arc<Person>), RandomState>,
    hasher: RandomState,
    /// Who has the role set last and no claims yet.
    bare: Option<(String, Arc<Person>)>,
}

impl Claims {
    /// Who somebody is of whom nothing is known but the role that was set.
    pub fn bare(&mut self, role: &str) -> Arc<Person> {
        if let Some((known, person)) = &self.bare
            && known == role
        {
            return Arc::clone(person);
        }
        let mut person = Person::default();
        person.set(ROLE, role);
        let person = Arc::new(person);
        self.bare = Some((role.to_owned(), Arc::clone(&person)));
        person
    }

    /// Who somebody is with these claims, who had this role set before.
    pub fn person(&mut self, set_role: &str, claims: &str) -> Arc<Person> {
        let hash = self.hasher.hash_one((set_role, claims));
        if let Some((text, person)) = self.known.get(&hash)
            && **text == *claims
            && person.set_role == set_role
        {
            return Arc::clone(person);
        }
        let mut person = Person {
            set_role: set_role.to_owned(),
            ..Person::default()
        };
        person.set(CLAIMS, claims);
        let person = Arc::new(person);
        if claims.len() <= LONGEST {
            if self.known.len() >= MOST {
                self.known.clear();
            }
            self.known
                .insert(hash, (claims.into(), Arc::clone(&person)));
        }
        person
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_alone_is_told_apart_from_others() {
        let mut claims = Claims::default();
        for role in ["anon", "anon", "authenticated", "none", "anon"] {
            let want = if role == "none" { "" } else { role };
            assert_eq!(claims.bare(role).role(), want);
        }
    }

    #[test]
    fn claims_are_told_apart_by_their_text_and_the_role_set() {
        let mut claims = Claims::default();
        for _ in 0..2 {
            for number in 0..20 {
                let text = format!(r#"{{"sub":"u{number}","org_id":"o1"}}"#);
                let person = claims.person("", &text);
                assert_eq!(person.user, format!("u{number}"));
                assert_eq!((person.tenant.as_str(), person.role()), ("o1", ""));
                assert_eq!(
                    claims.person("authenticated", &text).role(),
                    "authenticated"
                );
            }
        }
        for number in 0..MOST * 2 {
            claims.person("", &number.to_string());
        }
        assert!(claims.known.len() <= MOST);
    }
}
