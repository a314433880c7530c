//! Files in storage (D16): policies that hand out whole buckets, and public
//! buckets of private files. What a bucket holds is told by its name alone.

use crate::domain::finding::{Severity, SubjectKind};
use crate::investigate::database::atom::{listed, literal};
use crate::investigate::database::claim::Claim;
use crate::investigate::database::expression::{Node, Token, comparison, plain};
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
        && read
            .text
            .tokens
            .iter()
            .any(|token| token.is_word("bucket_id"))
}

/// Whether the policy shows nothing but buckets that are meant to be public.
pub fn public_by_name(relation: &Relation, read: &ReadPolicy) -> bool {
    lists_files(relation) && keeps_to_public(&read.text.node)
}

/// Whether a test of the bucket bounds the whole condition: every side of an
/// OR has one, and one side of an AND is enough.
fn keeps_to_public(node: &Node) -> bool {
    match node {
        Node::Or(parts) => parts.iter().all(keeps_to_public),
        Node::And(parts) => parts.iter().any(keeps_to_public),
        Node::Not(_) => false,
        Node::Atom(atom) => {
            let atom = plain(atom);
            let Some((left, "=", right)) = comparison(&atom) else {
                return false;
            };
            let [Token::Word(column)] = left else {
                return false;
            };
            let one = literal(right).map(|name| vec![name]);
            let names = one.or_else(|| listed(right)).unwrap_or_default();
            column == "bucket_id" && !names.is_empty() && names.into_iter().all(for_show)
        }
    }
}

/// Whether a bucket of that name is there to be shown.
pub fn for_show(name: &str) -> bool {
    let name = folded(name);
    PUBLIC.iter().any(|word| name.contains(word))
}
