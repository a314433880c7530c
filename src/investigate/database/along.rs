//! What further catalog queries said of the very moment the survey is of. A
//! leaf: whoever needs more than the survey names its queries when it looks,
//! and takes their rows from here.

use crate::domain::failure::Failure;
use crate::providers::postgres::PgError;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::BTreeMap;

/// The rows of each query, by its text, or why there are none.
#[derive(Debug, Default)]
pub struct Along(BTreeMap<&'static str, Result<Vec<Value>, PgError>>);

impl Along {
    /// Keeps what a query answered.
    pub fn put(&mut self, sql: &'static str, answer: Result<Vec<Value>, PgError>) {
        self.0.insert(sql, answer);
    }

    /// Takes the rows of a query.
    ///
    /// # Errors
    /// When the server refused it, it was not asked, or its rows have another
    /// shape.
    pub fn take<T: DeserializeOwned>(&mut self, sql: &str) -> Result<Vec<T>, Failure> {
        let shape = |why: String| Failure::from(PgError::Shape(why));
        let answer = self
            .0
            .remove(sql)
            .ok_or_else(|| shape("the query was not asked".to_owned()))?;
        let rows = answer?.into_iter().map(serde_json::from_value);
        rows.collect::<Result<Vec<T>, _>>()
            .map_err(|error| shape(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_and_a_forgotten_query_are_no_empty_answer() {
        let mut along = Along::default();
        along.put("a", Ok(vec![serde_json::json!(1)]));
        along.put("b", Err(PgError::Shape("no".to_owned())));
        assert_eq!(along.take::<i32>("a"), Ok(vec![1]));
        assert!(along.take::<i32>("b").is_err());
        assert!(along.take::<i32>("c").is_err());
    }
}
