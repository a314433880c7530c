//! The same answer through PgBouncer in transaction mode, and the pooled
//! connection left as it was found.

use super::settings::load;
use super::{check, check_at};
use crate::postgres::pooler::pooler;
use crate::support::lab::lab_blocking;

#[test]
pub fn a_transaction_pooler_changes_nothing() {
    let lab = lab_blocking();
    load(&lab);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let Some(pooled) = runtime.block_on(pooler(&lab, &["postgres"])) else {
        return;
    };
    let facts = |answer: &super::Answer| -> Vec<String> {
        let fact =
            |f: &serde_json::Value| format!("{} {} {}", f["check"], f["subject"], f["confidence"]);
        answer.findings.iter().map(fact).collect()
    };
    let through = check_at(&pooled.url(&lab, "postgres"));
    assert_eq!(facts(&through), facts(&check(&lab, "postgres")));
    assert_eq!(through.code, 1);
    assert!(
        through
            .findings
            .iter()
            .any(|f| f["confidence"] == "confirmed")
    );
}
