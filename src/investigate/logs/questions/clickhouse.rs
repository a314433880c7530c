//! `ClickHouse`, from 23.8; also what Supabase's `logs` speak, in smaller pages.

use super::dialect::{Dialect, Over, TimeForm, escaped};

/// The engine itself.
#[derive(Debug)]
pub struct ClickHouse {
    pub(super) name: &'static str,
    pub(super) page: u64,
}

impl Dialect for ClickHouse {
    fn name(&self) -> &'static str {
        self.name
    }

    fn literal(&self, text: &str) -> String {
        escaped(text)
    }

    fn text(&self, value: &str) -> String {
        format!("ifNull(toString({value}), '')")
    }

    fn integer(&self, value: &str) -> String {
        format!("toInt64OrNull(ifNull(toString({value}), ''))")
    }

    fn nanos(&self, column: &str, form: TimeForm) -> String {
        match form {
            TimeForm::Native => format!("toUnixTimestamp64Nano(toDateTime64({column}, 9, 'UTC'))"),
            form => format!("{column} * {}", form.step()),
        }
    }

    fn instant(&self, nanos: i64, form: TimeForm) -> String {
        match form {
            TimeForm::Native => format!("fromUnixTimestamp64Nano(toInt64({nanos}), 'UTC')"),
            form => nanos.div_euclid(form.step()).to_string(),
        }
    }

    fn matches(&self, text: &str, pattern: &str) -> String {
        format!("match({text}, {})", escaped(pattern))
    }

    fn extract(&self, text: &str, pattern: &str) -> String {
        format!("extract({text}, {})", escaped(pattern))
    }

    fn replace(&self, text: &str, pattern: &str, with: &str) -> String {
        let (pattern, with) = (escaped(pattern), escaped(with));
        format!("replaceRegexpAll({text}, {pattern}, {with})")
    }

    fn each(&self, text: &str, separator: char, keep: Over<'_>, put: Over<'_>) -> String {
        let (keep, put) = (keep("part"), put("part"));
        format!(
            "concat('{separator}', arrayStringConcat(arrayMap(part -> {put}, arrayFilter(part -> {keep}, splitByChar('{separator}', {text}))), '{separator}'))"
        )
    }

    fn bits(&self, number: &str) -> String {
        format!("length(replaceRegexpOne(bin(toUInt64({number})), '^0+', ''))")
    }

    fn two_bits(&self, number: &str, right_by: &str) -> String {
        format!("bitAnd(bitShiftRight(toUInt64({number}), toUInt8({right_by})), 3)")
    }

    fn divided(&self, number: &str, by: i64) -> String {
        format!("intDiv({number}, {by})")
    }

    fn page(&self) -> u64 {
        self.page
    }
}
