//! `DuckDB`, from 1.3: the second opinion of the tests, and for logs that
//! stand in files it reads.

use super::dialect::{Dialect, Over, TimeForm, quoted};

/// The engine itself.
#[derive(Debug)]
pub struct DuckDb;

impl Dialect for DuckDb {
    fn name(&self) -> &'static str {
        "duckdb"
    }

    fn literal(&self, text: &str) -> String {
        quoted(text)
    }

    fn text(&self, value: &str) -> String {
        format!("coalesce(CAST({value} AS VARCHAR), '')")
    }

    fn integer(&self, value: &str) -> String {
        format!("TRY_CAST({value} AS BIGINT)")
    }

    fn nanos(&self, column: &str, form: TimeForm) -> String {
        match form {
            TimeForm::Native => format!("epoch_ns({column})"),
            form => format!("{column} * {}", form.step()),
        }
    }

    fn instant(&self, nanos: i64, form: TimeForm) -> String {
        match form {
            TimeForm::Native => format!("make_timestamp_ns({nanos})"),
            form => nanos.div_euclid(form.step()).to_string(),
        }
    }

    fn matches(&self, text: &str, pattern: &str) -> String {
        format!("regexp_matches({text}, {}, 's')", quoted(pattern))
    }

    fn extract(&self, text: &str, pattern: &str) -> String {
        format!("regexp_extract({text}, {}, 1, 's')", quoted(pattern))
    }

    fn replace(&self, text: &str, pattern: &str, with: &str) -> String {
        let (pattern, with) = (quoted(pattern), quoted(with));
        format!("regexp_replace({text}, {pattern}, {with}, 'gs')")
    }

    fn each(&self, text: &str, separator: char, keep: Over<'_>, put: Over<'_>) -> String {
        let (keep, put) = (keep("part"), put("part"));
        format!(
            "concat('{separator}', array_to_string(list_transform(list_filter(string_split({text}, '{separator}'), lambda part: {keep}), lambda part: {put}), '{separator}'))"
        )
    }

    fn bits(&self, number: &str) -> String {
        format!("length(ltrim(bin({number}), '0'))")
    }

    fn two_bits(&self, number: &str, right_by: &str) -> String {
        format!("(({number} >> {right_by}) & 3)")
    }

    fn divided(&self, number: &str, by: i64) -> String {
        format!("({number} // {by})")
    }
}
