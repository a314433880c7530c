//! What a rule says before any probe: a finding in the making, with the
//! relations and roles by which the prober can prove it.

use super::snapshot::{Oid, Policy, Relation};
use super::survey::Survey;
use crate::domain::finding::{Evidence, RootCause, Severity, Subject, SubjectKind};

/// One accusation of one rule.
#[derive(Debug, Clone)]
pub struct Claim {
    /// The rule's id, such as `P01`.
    pub check: &'static str,
    pub title: String,
    pub severity: Severity,
    pub subject: Subject,
    /// The catalog's id of the subject, where it has one.
    pub object: Option<Oid>,
    /// Relations whose leaking cells prove it, and which it explains.
    pub relations: Vec<Oid>,
    /// Roles for which it opens them.
    pub roles: Vec<Oid>,
    pub causes: Vec<RootCause>,
    pub evidence: Vec<Evidence>,
    pub hint: String,
    /// Whether every row should be visible, so that a look which finds none
    /// on a filled table rules it out.
    pub shows_all: bool,
}

impl Claim {
    /// A claim about a relation as a whole.
    pub fn on(check: &'static str, severity: Severity, relation: &Relation) -> Self {
        Self {
            check,
            title: String::new(),
            severity,
            subject: Subject::new(relation.subject_kind(), &relation.full_name()),
            object: Some(relation.oid),
            relations: vec![relation.oid],
            roles: Vec::new(),
            causes: vec![RootCause::R2],
            evidence: Vec::new(),
            hint: String::new(),
            shows_all: false,
        }
    }

    /// A claim about one policy.
    pub fn on_policy(
        check: &'static str,
        severity: Severity,
        relation: &Relation,
        policy: &Policy,
    ) -> Self {
        let name = format!("{} on {}", policy.name, relation.full_name());
        Self {
            subject: Subject::new(SubjectKind::Policy, &name),
            object: Some(policy.oid),
            ..Self::on(check, severity, relation)
        }
    }

    /// A claim about something else than a relation. A setting speaks for no
    /// root cause: it opens no row by itself.
    pub fn about(check: &'static str, severity: Severity, kind: SubjectKind, name: &str) -> Self {
        Self {
            check,
            title: String::new(),
            severity,
            subject: Subject::new(kind, name),
            object: None,
            relations: Vec::new(),
            roles: Vec::new(),
            causes: Vec::from_iter((kind != SubjectKind::Setting).then_some(RootCause::R2)),
            evidence: Vec::new(),
            hint: String::new(),
            shows_all: false,
        }
    }

    /// Names the subject by its catalog id.
    #[must_use]
    pub const fn of(mut self, object: Oid) -> Self {
        self.object = Some(object);
        self
    }

    /// The policy that is accused, if it is one.
    pub fn policy(&self) -> Option<Oid> {
        self.object
            .filter(|_| self.subject.kind == SubjectKind::Policy)
    }

    /// Sets the headline.
    #[must_use]
    pub fn titled(mut self, title: String) -> Self {
        self.title = title;
        self
    }

    /// Sets what to do about it.
    #[must_use]
    pub fn hinted(mut self, hint: String) -> Self {
        self.hint = hint;
        self
    }

    /// Sets the roles it opens for.
    #[must_use]
    pub fn for_roles(mut self, roles: Vec<Oid>) -> Self {
        self.roles = roles;
        self
    }

    /// Adds one supporting fact.
    #[must_use]
    pub fn shown_by(mut self, what: &str, value: &str) -> Self {
        self.evidence.push(Evidence::new(what, value));
        self
    }

    /// Adds who may read and which columns matter, and the cause they hint at.
    #[must_use]
    pub fn described(mut self, survey: &Survey, relation: &Relation) -> Self {
        let names: Vec<&str> = self
            .roles
            .iter()
            .map(|role| survey.roles.name(*role))
            .collect();
        self.evidence
            .push(Evidence::new("roles that may read it", &names.join(", ")));
        let columns: Vec<String> = survey
            .classes(relation.oid)
            .map(|(name, class)| format!("{name} ({})", class.word()))
            .collect();
        if !columns.is_empty() {
            self.evidence
                .push(Evidence::new("sensitive columns", &columns.join(", ")));
        }
        if survey.billing_without_tenant(relation.oid) {
            self.causes.push(RootCause::R3);
        }
        self
    }
}

/// How many names a finding about many things spells out.
const NAMED: usize = 8;

/// The first few of many names.
pub fn some_of(names: &[String]) -> String {
    let shown = names[..names.len().min(NAMED)].join(", ");
    match names.len().saturating_sub(NAMED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
