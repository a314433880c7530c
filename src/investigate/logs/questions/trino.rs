//! Trino, and Athena, which is one.

use super::dialect::{Dialect, Over, TimeForm, quoted};

/// The engine itself.
#[derive(Debug)]
pub struct Trino;

impl Dialect for Trino {
    fn name(&self) -> &'static str {
        "trino"
    }

    fn literal(&self, text: &str) -> String {
        quoted(text)
    }

    fn text(&self, value: &str) -> String {
        format!("coalesce(CAST({value} AS varchar), '')")
    }

    fn integer(&self, value: &str) -> String {
        format!("TRY_CAST({value} AS bigint)")
    }

    fn nanos(&self, column: &str, form: TimeForm) -> String {
        match form {
            TimeForm::Native => format!("CAST(to_unixtime({column}) * 1000 AS bigint) * 1000000"),
            form => format!("{column} * {}", form.step()),
        }
    }

    fn instant(&self, nanos: i64, form: TimeForm) -> String {
        match form {
            TimeForm::Native => format!("from_unixtime_nanos({nanos})"),
            form => nanos.div_euclid(form.step()).to_string(),
        }
    }

    fn matches(&self, text: &str, pattern: &str) -> String {
        format!("regexp_like({text}, {})", quoted(pattern))
    }

    fn extract(&self, text: &str, pattern: &str) -> String {
        format!(
            "coalesce(regexp_extract({text}, {}, 1), '')",
            quoted(pattern)
        )
    }

    fn replace(&self, text: &str, pattern: &str, with: &str) -> String {
        let (pattern, with) = (quoted(pattern), quoted(with));
        format!("regexp_replace({text}, {pattern}, {with})")
    }

    fn each(&self, text: &str, separator: char, keep: Over<'_>, put: Over<'_>) -> String {
        let (keep, put) = (keep("part"), put("part"));
        format!(
            "concat('{separator}', array_join(transform(filter(split({text}, '{separator}'), part -> {keep}), part -> {put}), '{separator}'))"
        )
    }

    fn bits(&self, number: &str) -> String {
        format!("length(regexp_replace(to_base({number}, 2), '^0+', ''))")
    }

    fn two_bits(&self, number: &str, right_by: &str) -> String {
        format!("mod(CAST(floor({number} / power(2, {right_by})) AS bigint), 4)")
    }

    fn divided(&self, number: &str, by: i64) -> String {
        // Whole however the engine divides: nothing is left over.
        format!("CAST(({number} - mod({number}, {by})) / {by} AS bigint)")
    }

    // It has OFFSET before LIMIT.
    fn limit(&self, rows: u64, behind: u64) -> String {
        if behind == 0 {
            format!("LIMIT {rows}")
        } else {
            format!("OFFSET {behind} LIMIT {rows}")
        }
    }
}
