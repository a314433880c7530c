//! `BigQuery`'s `GoogleSQL`: no lambdas, so a list is a sub-select.

use super::dialect::{Dialect, Over, TimeForm, escaped};

/// The engine itself.
#[derive(Debug)]
pub struct BigQuery;

impl Dialect for BigQuery {
    fn name(&self) -> &'static str {
        "bigquery"
    }

    // Double quotes hold a text there.
    fn name_of(&self, column: &str) -> String {
        format!("`{column}`")
    }

    fn literal(&self, text: &str) -> String {
        escaped(text)
    }

    fn text(&self, value: &str) -> String {
        format!("IFNULL(CAST({value} AS STRING), '')")
    }

    fn integer(&self, value: &str) -> String {
        format!("SAFE_CAST({value} AS INT64)")
    }

    fn nanos(&self, column: &str, form: TimeForm) -> String {
        match form {
            TimeForm::Native => format!("UNIX_MICROS({column}) * 1000"),
            form => format!("{column} * {}", form.step()),
        }
    }

    fn instant(&self, nanos: i64, form: TimeForm) -> String {
        match form {
            TimeForm::Native => format!("TIMESTAMP_MICROS({})", nanos.div_euclid(1_000)),
            form => nanos.div_euclid(form.step()).to_string(),
        }
    }

    fn matches(&self, text: &str, pattern: &str) -> String {
        format!("REGEXP_CONTAINS({text}, {})", escaped(pattern))
    }

    fn extract(&self, text: &str, pattern: &str) -> String {
        format!("IFNULL(REGEXP_EXTRACT({text}, {}), '')", escaped(pattern))
    }

    fn replace(&self, text: &str, pattern: &str, with: &str) -> String {
        let (pattern, with) = (escaped(pattern), escaped(with));
        format!("REGEXP_REPLACE({text}, {pattern}, {with})")
    }

    fn each(&self, text: &str, separator: char, keep: Over<'_>, put: Over<'_>) -> String {
        let (keep, put) = (keep("part"), put("part"));
        format!(
            "CONCAT('{separator}', ARRAY_TO_STRING(ARRAY(SELECT {put} FROM UNNEST(SPLIT({text}, '{separator}')) AS part WITH OFFSET AS nth WHERE {keep} ORDER BY nth), '{separator}'))"
        )
    }

    fn bits(&self, number: &str) -> String {
        format!("CASE WHEN {number} < 1 THEN 0 ELSE CAST(FLOOR(LOG({number}, 2)) AS INT64) + 1 END")
    }

    fn two_bits(&self, number: &str, right_by: &str) -> String {
        format!("(({number} >> {right_by}) & 3)")
    }

    fn divided(&self, number: &str, by: i64) -> String {
        format!("DIV({number}, {by})")
    }
}
