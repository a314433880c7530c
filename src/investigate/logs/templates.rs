//! Routes as the app or its log writes them, held against a path: they show
//! which words of it are ids, such as a tenant's name or a slug. A leaf but
//! for the form of templates.

use super::route::{Found, PARAMETER};

/// The routes an app declares, in our form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Templates(Vec<String>);

impl Templates {
    /// Of templates such as `/app/:id/clients`; one of nothing but a parameter
    /// would take in every page.
    pub fn of<'a>(templates: impl IntoIterator<Item = &'a str>) -> Self {
        let has_words = |template: &&str| words(template).any(|word| word != PARAMETER);
        let templates = templates.into_iter().filter(has_words);
        let mut all: Vec<String> = templates.map(str::to_owned).collect();
        // The one with the most words leads where several fit.
        all.sort_by_key(|template| {
            let fixed = words(template).filter(|word| *word != PARAMETER).count();
            (std::cmp::Reverse(fixed), template.clone())
        });
        all.dedup();
        Self(all)
    }

    /// The template of a path, and the id in it.
    pub fn find<'p>(&self, path: &'p str) -> Option<(&str, Found<'p>)> {
        self.0
            .iter()
            .find_map(|template| Some((template.as_str(), held(template, path)?)))
    }
}

fn words(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|word| !word.is_empty())
}

/// The last id of a path by its template; `None` where they do not fit.
pub fn held<'p>(template: &str, path: &'p str) -> Option<Found<'p>> {
    let (mut asked, mut given) = (words(template), words(path));
    let (mut found, mut before) = (Found::default(), "");
    loop {
        match (asked.next(), given.next()) {
            (None, None) => return Some(found),
            (Some(PARAMETER), Some(id)) => found = Found { kind: before, id },
            (Some(word), Some(same)) if word == same => before = same,
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_where_the_app_has_a_parameter_is_an_id() {
        let templates = Templates::of([
            "/app/:id/:id",
            "/app/:id/clients",
            "/app/:id",
            "/app/home",
            "/:id",
        ]);
        let found = |path| {
            let (template, found) = templates.find(path)?;
            Some((template, found.kind, found.id))
        };
        assert_eq!(
            found("/app/acme/clients"),
            Some(("/app/:id/clients", "app", "acme"))
        );
        assert_eq!(
            found("/app/acme/jane"),
            Some(("/app/:id/:id", "app", "jane"))
        );
        assert_eq!(found("/pricing"), None);
        assert_eq!(found("/app/home"), Some(("/app/home", "", "")));
        assert_eq!(
            held("/c/:id/pdf", "/c/x/pdf/").map(|found| found.id),
            Some("x")
        );
        assert_eq!(held("/c/:id", "/d/x"), None);
    }
}
