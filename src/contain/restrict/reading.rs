//! What a principal reads of a relation now, as cells: before the cut and
//! after it.

use crate::contain::action::{Relation, Watched};
use crate::domain::exposure::{Cell, Principal, PrincipalKind, Verdict};
use crate::providers::postgres::{
    Assumed, PgError, PlanClass, ProbeAnswer, ProbeCell, ProbeLimits, Session, literal,
};

/// Probes every watched principal on every relation, before the cut.
pub async fn before(
    session: &Session,
    watched: &[Watched],
    relations: &[Relation],
) -> Result<Vec<Cell>, PgError> {
    let mut cells = Vec::new();
    for one in watched {
        let asked: Vec<ProbeCell> = relations
            .iter()
            .map(|relation| ProbeCell {
                predicate: one.foreign.clone(),
                count: true,
                ..ProbeCell::new(&relation.schema, &relation.relation)
            })
            .collect();
        let answers = session
            .probe(&one.who, &asked, &ProbeLimits::default())
            .await?;
        cells.extend(relations.iter().zip(&answers).map(|(relation, answer)| {
            let verdict = verdict(answer, one.principal.kind, one.foreign.is_some());
            cell(relation, &one.principal, answer, verdict)
        }));
    }
    Ok(cells)
}

/// What must be gone as well before a refusal counts: a refusal alone could
/// also come from a function inside a view or policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Still {
    /// The right to read the relation or a column of it.
    Right,
    /// The right to look into its schema.
    Usage,
}

/// Probes whether the principals are refused. Only the role is assumed: a
/// right that is gone is gone whatever the claims say, and a filtered read
/// without claims proves nothing, so it stays undecided.
pub async fn after(
    session: &Session,
    principals: &[Principal],
    relations: &[Relation],
    still: Still,
) -> Result<Vec<Cell>, PgError> {
    let asked: Vec<ProbeCell> = relations
        .iter()
        .map(|relation| ProbeCell::new(&relation.schema, &relation.relation))
        .collect();
    let granted = granted(session, principals, relations, still).await?;
    let mut cells = Vec::new();
    for principal in principals {
        let who = Assumed::role(&principal.role);
        let answers = session.probe(&who, &asked, &ProbeLimits::default()).await?;
        cells.extend(relations.iter().zip(&answers).map(|(relation, answer)| {
            let still = granted.iter().any(|held| held.is(principal, relation));
            let verdict = match verdict(answer, principal.kind, false) {
                Verdict::None if still || !answer.refused() => Verdict::Undecided,
                judged => judged,
            };
            let mut cell = cell(relation, principal, answer, verdict);
            if still && answer.refused() {
                cell.basis
                    .push_str(", yet a right to read is still granted");
            }
            cell
        }));
    }
    Ok(cells)
}

/// Probes whether row-level security shuts the principals out. A filter that
/// found nothing decides only for those whom the role alone makes out: others
/// bring claims that are not at hand here.
pub async fn walled(
    session: &Session,
    principals: &[Principal],
    relations: &[Relation],
) -> Result<Vec<Cell>, PgError> {
    let asked: Vec<ProbeCell> = relations
        .iter()
        .map(|relation| ProbeCell::new(&relation.schema, &relation.relation))
        .collect();
    let mut cells = Vec::new();
    for principal in principals {
        let who = Assumed::role(&principal.role);
        let answers = session.probe(&who, &asked, &ProbeLimits::default()).await?;
        cells.extend(relations.iter().zip(&answers).map(|(relation, answer)| {
            let v = shut_out(answer, principal.kind);
            let mut cell = cell(relation, principal, answer, v);
            if answer.plan == Some(PlanClass::None) {
                "the planner rules every row out".clone_into(&mut cell.basis);
            }
            cell
        }));
    }
    Ok(cells)
}

fn shut_out(answer: &ProbeAnswer, kind: PrincipalKind) -> Verdict {
    let sure = answer.refused()
        || answer.plan == Some(PlanClass::None)
        || (kind == PrincipalKind::Anonymous && answer.plan == Some(PlanClass::Filtered));
    match verdict(answer, kind, false) {
        Verdict::None if !sure => Verdict::Undecided,
        judged => judged,
    }
}

/// A right to read that a role has, by itself or through others.
#[derive(serde::Deserialize)]
struct Held {
    role: String,
    #[serde(flatten)]
    on: Relation,
}

impl Held {
    fn is(&self, principal: &Principal, relation: &Relation) -> bool {
        self.role == principal.role && self.on == *relation
    }
}

/// The rights that are left.
async fn granted(
    session: &Session,
    principals: &[Principal],
    relations: &[Relation],
    still: Still,
) -> Result<Vec<Held>, PgError> {
    if principals.is_empty() || relations.is_empty() {
        return Ok(Vec::new());
    }
    let roles: Vec<String> = principals.iter().map(|p| literal(&p.role)).collect();
    let rows: Vec<String> = relations.iter().map(Relation::row).collect();
    let held = match still {
        Still::Right => "has_any_column_privilege(r.oid, c.oid, 'SELECT')",
        Still::Usage => "has_schema_privilege(r.oid, n.oid, 'USAGE')",
    };
    let sql = format!(
        "SELECT r.rolname AS role, v.s AS schema, v.r AS relation FROM (VALUES {}) v(s, r) \
         JOIN pg_namespace n ON n.nspname = v.s \
         JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = v.r \
         JOIN pg_roles r ON r.rolname IN ({}) \
         WHERE {held}",
        rows.join(", "),
        roles.join(", ")
    );
    session.read(&sql).await
}

fn cell(relation: &Relation, principal: &Principal, answer: &ProbeAnswer, v: Verdict) -> Cell {
    Cell {
        relation: relation.shown(),
        principal: principal.name.clone(),
        verdict: v,
        rows: answer.count.map(|(rows, _)| rows),
        bounded: answer.count.is_some_and(|(_, bounded)| bounded),
        basis: basis(answer),
    }
}

/// What an answer allows to conclude. `narrowed` says that only rows the
/// principal must not see were asked for.
fn verdict(answer: &ProbeAnswer, kind: PrincipalKind, narrowed: bool) -> Verdict {
    let outsider = matches!(kind, PrincipalKind::Anonymous | PrincipalKind::Ghost);
    match (answer.visible, answer.plan) {
        _ if answer.refused() => Verdict::None,
        (Some(true), Some(PlanClass::All)) => Verdict::All,
        (Some(true), _) if narrowed || outsider => Verdict::Foreign,
        (Some(false), _) if narrowed && !outsider => Verdict::Own,
        (Some(false), _) => Verdict::None,
        _ => Verdict::Undecided,
    }
}

fn basis(answer: &ProbeAnswer) -> String {
    match (&answer.error, answer.visible) {
        (Some(_), _) if answer.refused() => "the server refused the read (42501)".to_owned(),
        (Some(code), _) => format!("the look ended with SQLSTATE {code}"),
        (None, Some(true)) => "SELECT EXISTS found a row".to_owned(),
        (None, Some(false)) => "SELECT EXISTS found no row".to_owned(),
        (None, None) => "a full look was too dear".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(visible: Option<bool>, plan: PlanClass, error: Option<&str>) -> ProbeAnswer {
        ProbeAnswer {
            schema: "public".to_owned(),
            relation: "t".to_owned(),
            plan: Some(plan),
            cost: None,
            visible,
            count: None,
            sampled: false,
            error: error.map(str::to_owned),
            blank: false,
        }
    }

    #[test]
    fn only_what_was_seen_or_refused_is_decided() {
        use PlanClass::{All, Filtered};
        use PrincipalKind::{Anonymous, Member};
        for (answer, kind, narrowed, want) in [
            (
                answer(Some(true), All, None),
                Anonymous,
                false,
                Verdict::All,
            ),
            (
                answer(Some(true), Filtered, None),
                Anonymous,
                false,
                Verdict::Foreign,
            ),
            (
                answer(Some(true), Filtered, None),
                Member,
                true,
                Verdict::Foreign,
            ),
            (
                answer(Some(true), Filtered, None),
                Member,
                false,
                Verdict::Undecided,
            ),
            (
                answer(Some(false), Filtered, None),
                Member,
                true,
                Verdict::Own,
            ),
            (
                answer(Some(false), Filtered, None),
                Anonymous,
                false,
                Verdict::None,
            ),
            (
                answer(None, Filtered, Some("57014")),
                Anonymous,
                false,
                Verdict::Undecided,
            ),
            (
                answer(None, All, Some("42501")),
                Member,
                false,
                Verdict::None,
            ),
        ] {
            assert_eq!(verdict(&answer, kind, narrowed), want, "{answer:?}");
        }
    }
}
