//! Which columns hold tenants, owners, people, payments and secrets, told
//! from names and types; no value is read.
//!
//! Price, product and plan ids are public by nature and left out. To widen
//! the inference, add words here, or to `names.rs`; the laws are in the tests.

use super::names::{about_people, folded, owner_name, tenant_name};
use super::snapshot::{Column, Relation};
use crate::domain::exposure::ColumnClass;

/// Parts of names of columns that hold who somebody is.
const NAMES: [&str; 25] = [
    "full_name",
    "fullname",
    "first_name",
    "firstname",
    "last_name",
    "lastname",
    "surname",
    "family_name",
    "given_name",
    "customer_name",
    "contact_name",
    "client_name",
    "patient",
    "legal_name",
    "passport",
    "national_id",
    "tax_id",
    "diagnos",
    "medical",
    "maiden",
    "vorname",
    "nachname",
    "apellido",
    "prenom",
    "prénom",
];

/// The class of one column by its name and type; tenants and owners included.
pub fn by_name(relation: &Relation, column: &Column) -> Option<ColumnClass> {
    let name = folded(&column.name);
    let kind = column.kind.as_str();
    if tenant_name(&name) {
        return Some(ColumnClass::Tenant);
    }
    if owner_name(&name) {
        return Some(ColumnClass::Owner);
    }
    if matches!(kind, "bool" | "timestamptz" | "timestamp" | "interval") {
        return None;
    }
    let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
    if has(&["birth", "dob"]) {
        return Some(ColumnClass::Name);
    }
    let numeric = matches!(
        kind,
        "int2" | "int4" | "int8" | "numeric" | "float4" | "float8" | "money"
    );
    if money(relation, &name, numeric) {
        return Some(ColumnClass::Payment);
    }
    if numeric {
        return None;
    }
    text_class(relation, &name, kind)
}

fn text_class(relation: &Relation, name: &str, kind: &str) -> Option<ColumnClass> {
    let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
    if secret(name) {
        return Some(ColumnClass::Secret);
    }
    if has(&["stripe"]) {
        return (!has(&["price", "product", "plan", "publishable"]))
            .then_some(ColumnClass::StripeId);
    }
    if mail(name) {
        return Some(ColumnClass::Email);
    }
    if has(&["phone", "mobile", "msisdn", "telefon"]) || matches!(name, "fax" | "handy") {
        return Some(ColumnClass::Phone);
    }
    if has(&NAMES) {
        return Some(ColumnClass::Name);
    }
    if name == "name" && about_people(relation) {
        return Some(ColumnClass::Name);
    }
    if has(&[
        "address",
        "street",
        "postal",
        "postcode",
        "zip_code",
        "strasse",
        "straße",
        "adresse",
        "anschrift",
        "direccion",
    ]) || name == "zip"
    {
        return Some(ColumnClass::Address);
    }
    if name.starts_with("invoice") {
        return Some(ColumnClass::Invoice);
    }
    whole_row(relation, name, kind).then_some(ColumnClass::Metadata)
}

/// An address, as against the words of a template or the state of a mailing.
fn mail(name: &str) -> bool {
    const ABOUT: [&str; 12] = [
        "template",
        "subject",
        "body",
        "format",
        "status",
        "type",
        "provider",
        "domain",
        "html",
        "text",
        "kind",
        "frequency",
    ];
    let parts: Vec<&str> = name.split('_').collect();
    let named = name.contains("email")
        || name.contains("e_mail")
        || parts
            .iter()
            .any(|part| matches!(*part, "mail" | "mails" | "correo" | "courriel"))
        || name == "contact";
    named && !parts.iter().any(|part| ABOUT.contains(part))
}

fn secret(name: &str) -> bool {
    let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
    if has(&["publishable", "public_key", "csrf"]) {
        return false;
    }
    has(&[
        "secret",
        "password",
        "passwd",
        "api_key",
        "apikey",
        "private_key",
        "credential",
        "ssn",
        "encrypted",
        "otp_",
        "totp",
        "recovery_code",
        "access_key",
        "webhook_key",
        "signing_key",
    ]) || name == "token"
        || name.ends_with("_token")
}

fn money(relation: &Relation, name: &str, numeric: bool) -> bool {
    let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
    if has(&[
        "card_",
        "last4",
        "iban",
        "account_number",
        "routing",
        "bank_",
        "salary",
        "payment_method",
    ]) {
        return true;
    }
    if numeric && has(&["balance", "credit_limit", "wage", "income"]) {
        return true;
    }
    let ledger = [
        "invoice",
        "payment",
        "charge",
        "payout",
        "transaction",
        "ledger",
        "refund",
        "billing",
    ];
    let about_money = ledger
        .iter()
        .any(|word| relation.name.to_lowercase().contains(word));
    numeric && about_money && has(&["amount", "total", "paid", "due"])
}

/// A json column that holds whole rows of other tables.
fn whole_row(relation: &Relation, name: &str, kind: &str) -> bool {
    if !matches!(kind, "json" | "jsonb") {
        return false;
    }
    let history = ["audit", "history", "log", "event", "archive", "webhook"];
    let keeps_history = history
        .iter()
        .any(|word| relation.name.to_lowercase().contains(word));
    let row_like = [
        "row", "old", "new", "payload", "record", "before", "after", "raw", "snapshot",
    ];
    let parts: Vec<&str> = name.split('_').collect();
    row_like.iter().any(|word| parts.contains(word))
        || (keeps_history && matches!(name, "data" | "details" | "changes" | "body" | "diff"))
}

/// Whether showing this column to everybody is what directories and public
/// profiles do.
pub fn harmless(column: &Column) -> bool {
    let name = folded(&column.name);
    let known = [
        "id",
        "slug",
        "handle",
        "username",
        "user_name",
        "display_name",
        "name",
        "title",
        "bio",
        "avatar",
        "avatar_url",
        "image_url",
        "status",
        "kind",
        "category",
        "currency",
        "plan",
        "month",
        "day",
        "week",
        "year",
        "published_at",
        "created_at",
        "updated_at",
        "description",
    ];
    let counts = ["count", "n", "total", "sum", "avg", "min", "max", "num"];
    known.contains(&name.as_str())
        || name.split('_').any(|part| counts.contains(&part))
        || matches!(column.kind.as_str(), "bool")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(relation: &str, column: &str, kind: &str) -> Option<ColumnClass> {
        let relation = Relation {
            name: relation.into(),
            ..Relation::default()
        };
        by_name(
            &relation,
            &Column {
                num: 1,
                name: column.into(),
                kind: kind.into(),
                ..Column::default()
            },
        )
    }

    #[test]
    fn keys_of_tenants_and_owners_are_told_apart() {
        assert_eq!(class("t", "org_id", "uuid"), Some(ColumnClass::Tenant));
        assert_eq!(class("t", "tenant", "text"), Some(ColumnClass::Tenant));
        assert_eq!(class("t", "user_id", "uuid"), Some(ColumnClass::Owner));
        assert_eq!(class("t", "accounting_note", "text"), None);
        for name in [
            "companyId",
            "CompanyId",
            "Company Id",
            "company-id",
            "COMPANY_ID",
        ] {
            assert_eq!(
                class("t", name, "int4"),
                Some(ColumnClass::Tenant),
                "{name}"
            );
        }
    }

    #[test]
    fn public_ids_and_prices_are_not_personal() {
        assert_eq!(class("plans", "stripe_price_id", "text"), None);
        assert_eq!(class("plans", "amount", "int4"), None);
        assert_eq!(class("countries", "name", "text"), None);
        assert_eq!(class("plans", "metadata", "jsonb"), None);
        assert_eq!(class("t", "email_verified", "bool"), None);
        assert_eq!(class("t", "token_count", "int4"), None);
        assert_eq!(class("t", "publishable_key", "text"), None);
        assert_eq!(class("t", "email_subject", "text"), None);
        assert_eq!(class("t", "email_template", "text"), None);
    }

    #[test]
    fn people_payments_and_secrets_are_seen() {
        assert_eq!(class("customers", "name", "text"), Some(ColumnClass::Name));
        assert_eq!(
            class("t", "stripe_customer_id", "text"),
            Some(ColumnClass::StripeId)
        );
        assert_eq!(
            class("invoices", "amount_cents", "int8"),
            Some(ColumnClass::Payment)
        );
        assert_eq!(
            class("audit_log", "old_row", "jsonb"),
            Some(ColumnClass::Metadata)
        );
        assert_eq!(
            class("t", "encrypted_password", "text"),
            Some(ColumnClass::Secret)
        );
        assert_eq!(class("t", "dob", "date"), Some(ColumnClass::Name));
        for name in ["mail", "E-Mail", "billing_mail", "ownerEmail"] {
            assert_eq!(class("t", name, "text"), Some(ColumnClass::Email), "{name}");
        }
    }
}
