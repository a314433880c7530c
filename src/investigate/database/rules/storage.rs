//! Files in storage (D16): policies that hand out whole buckets, and public
//! buckets of private files. What a bucket holds is told by its name alone.

use crate::domain::finding::{Severity, SubjectKind};
use crate::investigate::database::claim::Claim;
use crate::investigate::database::expression::Token;
use crate::investigate::database::hole::Hole;
use crate::investigate::database::names::folded;
use crate::investigate::database::snapshot::Relation;
use crate::investigate::database::survey::{ReadPolicy, Survey};

/// Parts of names of buckets that are there to be shown to everybody.
const PUBLIC: [&str; 16] = [
    "avatar", "public", "asset", "logo", "icon", "static", "thumb", "banner", "cover", "brand",
    "blog", "image", "font", "product", "gallery", "website",
];

/// Parts of names of buckets that hold what is somebody's own.
const PRIVATE: [&str; 22] = [
    "invoice",
    "receipt",
    "contract",
    "document",
    "statement",
    "export",
    "backup",
    "dump",
    "private",
    "internal",
    "customer",
    "client",
    "kyc",
    "passport",
    "identity",
    "medical",
    "patient",
    "payroll",
    "payslip",
    "attachment",
    "report",
    "upload",
];

/// Buckets served to everybody whose names speak of private files.
pub fn public_buckets(survey: &Survey) -> Vec<Claim> {
    let buckets = survey.snapshot.ways.buckets.iter();
    buckets
        .filter(|bucket| {
            let name = folded(&bucket.name);
            PRIVATE.iter().any(|word| name.contains(word)) && !for_show(&bucket.name)
        })
        .map(|bucket| {
            let name = &bucket.name;
            Claim::about("D16", Severity::High, SubjectKind::Bucket, name)
                .titled(format!(
                    "bucket {name} is public: its files are served without asking any policy"
                ))
                .hinted(format!(
                    "set public to false on bucket {name} in storage.buckets"
                ))
        })
        .collect()
}

/// Whether the relation lists the files of a storage service.
fn lists_files(relation: &Relation) -> bool {
    relation.schema == "storage" && relation.name == "objects"
}

/// Whether the policy keeps to a bucket and to nothing else.
pub fn lists_bucket(relation: &Relation, read: &ReadPolicy, hole: &Hole) -> bool {
    lists_files(relation)
        && matches!(hole, Hole::Unscoped { .. })
        && read.tokens.iter().any(|token| token.is_word("bucket_id"))
}

/// Whether every bucket the policy names is meant to be public.
pub fn public_by_name(relation: &Relation, read: &ReadPolicy) -> bool {
    let mut named = buckets(read).peekable();
    lists_files(relation) && named.peek().is_some() && named.all(for_show)
}

/// The buckets that the condition compares with.
fn buckets(read: &ReadPolicy) -> impl Iterator<Item = &str> {
    read.tokens.windows(3).filter_map(|w| match w {
        [Token::Word(column), Token::Sign(is), Token::Text(name)]
            if column == "bucket_id" && is == "=" =>
        {
            Some(name.as_str())
        }
        _ => None,
    })
}

/// Whether a bucket of that name is there to be shown.
pub fn for_show(name: &str) -> bool {
    let name = folded(name);
    PUBLIC.iter().any(|word| name.contains(word))
}
