//! From records to events: an execution is one event, whichever records tell
//! of it (the statement with its duration, its parameters, its plan, what
//! pgaudit says), and its person is whoever the session acts for.

use super::audit::{self, Audit};
use super::claims::{CLAIMS, Claims, ROLE};
use super::comment;
use super::message::{self, Said};
use super::person::{Change, Person, changes, is_control, is_turn, may_change};
use super::plan::{self, Plan};
use super::record::{Level, Raw};
use super::sessions::{LONGEST, Pending, Session, Sessions, came, clear};
use super::words::is_refusal;
use crate::investigate::logs::event::{Event, Layer};
use crate::investigate::logs::format::parser::{Out, PlanSeen};
use std::sync::Arc;

/// Turns the records of one piece into events.
#[derive(Debug, Default)]
pub struct Reader {
    sessions: Sessions,
    /// For the person being put together.
    made: Person,
    claims: Claims,
}

/// A record of an execution.
struct Ran<'a> {
    kind: u8,
    sql: &'a str,
    parameters: &'a str,
    nanos: Option<u64>,
    rows: Option<u64>,
    audit: (u64, u64),
}

impl Reader {
    /// Takes the next record.
    pub fn take(&mut self, raw: &Raw<'_>, out: &mut dyn Out) {
        match raw.level {
            Level::Other => {}
            Level::Failed => self.failed(raw, out),
            Level::Log => match message::read(raw.message) {
                Said::Step | Said::Other => {}
                Said::Ran { sql, nanos } => self.ran(raw, sql, nanos, out),
                Said::Took(nanos) => {
                    let pending = &mut self.session(raw, out).pending;
                    if pending.came & came::RUN != 0 && pending.came & came::TOOK == 0 {
                        pending.came |= came::TOOK;
                        pending.nanos = Some(nanos);
                        pending.at = raw.at;
                    }
                }
                Said::Plan { text } => self.planned(raw, text, out),
                Said::Audit(text) => match audit::read(text) {
                    Some(audit) => self.audited(raw, &audit, out),
                    None => out.unparsed(raw.place),
                },
                Said::Session => {
                    let session = self.session(raw, out);
                    emit(&mut session.pending, out);
                    session.reset();
                }
            },
        }
    }

    /// The piece is over.
    pub fn end(&mut self, out: &mut dyn Out) {
        self.sessions
            .each(&mut |session| emit(&mut session.pending, out));
    }

    fn session(&mut self, raw: &Raw<'_>, out: &mut dyn Out) -> &mut Session {
        let session = self
            .sessions
            .of(raw.session, &mut |session| emit(&mut session.pending, out));
        if session.user != raw.user && !raw.user.is_empty() {
            // A process number was used again.
            if !session.user.is_empty() {
                session.reset();
            }
            raw.user.clone_into(&mut session.user);
        }
        session
    }

    fn ran(&mut self, raw: &Raw<'_>, sql: &str, nanos: Option<u64>, out: &mut dyn Out) {
        // Before what this record itself sets.
        let session = self.session(raw, out);
        session.within(raw.vxid);
        if is_turn(sql) && !raw.session.is_empty() {
            session.turn();
            return;
        }
        let inner = message::prepared(sql, raw.detail);
        let (sql, parameters) = match &inner {
            Some((sql, parameters)) => (*sql, parameters.as_str()),
            None => (sql, message::parameters(raw.detail)),
        };
        if may_change(sql) {
            self.changed(raw, sql, parameters, out);
            if is_control(sql) {
                return;
            }
        }
        let ran = Ran {
            kind: if nanos.is_some() {
                came::RUN | came::TOOK
            } else {
                came::RUN
            },
            sql,
            parameters,
            nanos,
            rows: None,
            audit: (0, 0),
        };
        note(self.session(raw, out), raw, &ran, out);
    }

    /// What the statement does to its session.
    fn changed(&mut self, raw: &Raw<'_>, sql: &str, parameters: &str, out: &mut dyn Out) {
        if raw.session.is_empty() {
            out.remark("the log's prefix names no process: whose claims are whose can't be told");
            return;
        }
        let mut made = std::mem::take(&mut self.made);
        let mut claims = std::mem::take(&mut self.claims);
        let session = self.session(raw, out);
        changes(sql, parameters, &mut |change| match change {
            Change::Turn => session.turn(),
            Change::Reset => session.reset(),
            Change::Set { name, value, local } => {
                let before = if local {
                    session.person(raw.vxid)
                } else {
                    session.lasting.as_ref()
                };
                let person = if name == CLAIMS {
                    let role = before.map_or("", |person| person.set_role.as_str());
                    Some(claims.person(role, &value))
                } else if name == ROLE && before.is_none() {
                    Some(claims.bare(&value))
                } else {
                    made = before
                        .map(|person| Person::clone(person))
                        .unwrap_or_default();
                    let tells = made.set(&name, &value);
                    tells.then(|| Arc::new(std::mem::take(&mut made)))
                };
                if person.is_some() {
                    if local {
                        session.local = person;
                        raw.vxid.clone_into(&mut session.vxid);
                    } else {
                        session.lasting = person;
                        session.local = None;
                    }
                }
            }
        });
        self.made = made;
        self.claims = claims;
    }

    fn audited(&mut self, raw: &Raw<'_>, audit: &Audit<'_>, out: &mut dyn Out) {
        let sql = audit.statement.as_ref();
        let sql = message::unprepared(sql).unwrap_or(sql);
        if may_change(sql) {
            self.changed(raw, sql, &audit.parameters, out);
        }
        if !audit.is_access() || is_control(sql) {
            return;
        }
        let session = self.session(raw, out);
        let pending = &mut session.pending;
        if pending.came & came::AUDIT != 0 && pending.audit == audit.key {
            // Another relation of the same statement: its rows are the same.
            pending.rows = pending.rows.max(audit.rows);
            return;
        }
        if sql.is_empty() {
            out.remark(
                "pgaudit names a statement it does not repeat, and its first record is not here",
            );
            return;
        }
        let ran = Ran {
            kind: came::AUDIT,
            sql,
            parameters: &audit.parameters,
            nanos: None,
            rows: audit.rows,
            audit: audit.key,
        };
        note(session, raw, &ran, out);
    }

    fn planned(&mut self, raw: &Raw<'_>, text: &str, out: &mut dyn Out) {
        let Some(plan) = plan::read(text) else {
            out.unparsed(raw.place);
            return;
        };
        let Plan {
            statement,
            parameters,
            rows,
            columns,
            closed,
        } = &plan;
        let sql = message::unprepared(statement).unwrap_or(statement);
        if sql.is_empty() || is_control(sql) {
            return;
        }
        out.plan(&PlanSeen {
            statement: sql,
            columns,
            closed: *closed,
        });
        let ran = Ran {
            kind: came::PLAN,
            sql,
            parameters,
            nanos: None,
            rows: *rows,
            audit: (0, 0),
        };
        note(self.session(raw, out), raw, &ran, out);
    }

    fn failed(&mut self, raw: &Raw<'_>, out: &mut dyn Out) {
        let session = self.session(raw, out);
        let sql = raw.statement;
        let begun = session.pending.came & (came::RUN | came::TOOK) == came::RUN
            || session.pending.came == came::AUDIT;
        if !(begun && same(&session.pending.statement, sql)) {
            emit(&mut session.pending, out);
            if sql.is_empty() || is_control(sql) {
                return;
            }
            let ran = Ran {
                kind: came::RUN,
                sql,
                parameters: message::parameters(raw.detail),
                nanos: None,
                rows: None,
                audit: (0, 0),
            };
            note(session, raw, &ran, out);
        }
        let refused = match raw.sqlstate {
            "" => is_refusal(raw.message),
            state => state == "42501" || state.starts_with("28"),
        };
        session.pending.status = if refused { 403 } else { 500 };
        session.pending.rows = None;
        raw.sqlstate.clone_into(&mut session.pending.sqlstate);
        emit(&mut session.pending, out);
    }
}

/// Whether two records tell of one statement; pgaudit and plans may trim it.
fn same(one: &str, other: &str) -> bool {
    one == other || one.trim_matches([' ', '\n', ';']) == other.trim_matches([' ', '\n', ';'])
}

/// Adds a record to the execution at hand, or begins the next one.
fn note(session: &mut Session, raw: &Raw<'_>, ran: &Ran<'_>, out: &mut dyn Out) {
    let pending = &mut session.pending;
    let half = ran.kind & (came::RUN | came::AUDIT | came::PLAN);
    if pending.came != 0 && pending.came & half == 0 && same(&pending.statement, ran.sql) {
        pending.came |= ran.kind;
        pending.rows = pending.rows.max(ran.rows);
        pending.nanos = pending.nanos.or(ran.nanos);
        if pending.parameters.is_empty() {
            pending.parameters.push_str(ran.parameters);
        }
        if half == came::AUDIT {
            pending.audit = ran.audit;
        }
        if half == came::RUN {
            pending.at = raw.at;
            pending.place = raw.place;
            raw.id.clone_into(&mut pending.id);
        }
        return;
    }
    emit(pending, out);
    clear(pending);
    let person = session.person(raw.vxid).cloned();
    let pending = &mut session.pending;
    pending.came = ran.kind;
    pending.at = raw.at;
    pending.place = raw.place;
    pending.rows = ran.rows;
    pending.nanos = ran.nanos;
    pending.audit = ran.audit;
    pending.person = person;
    pending.statement.push_str(ran.sql);
    pending.parameters.push_str(ran.parameters);
    pending.user.push_str(raw.user);
    pending.client.push_str(raw.client);
    pending.app.push_str(raw.app);
    pending.id.push_str(raw.id);
    if ran.sql.len() + ran.parameters.len() > LONGEST {
        emit(pending, out);
        pending.statement = String::new();
        pending.parameters = String::new();
    }
}

/// The execution is whole: it becomes an event.
fn emit(pending: &mut Pending, out: &mut dyn Out) {
    if pending.came == 0 {
        return;
    }
    pending.came = 0;
    let person = pending.person.take();
    let nobody = Person::default();
    let person = person.as_deref().unwrap_or(&nobody);
    let comment = memchr::memchr(b'/', pending.statement.as_bytes())
        .and_then(|_| comment::read(&pending.statement))
        .unwrap_or_default();
    let or = |first: &'_ str, second: &'_ str| {
        if first.is_empty() {
            second.to_owned()
        } else {
            first.to_owned()
        }
    };
    let (user, email, tenant);
    let (user, email, tenant) = if comment == comment::Comment::default() {
        (
            person.user.as_str(),
            person.email.as_str(),
            person.tenant.as_str(),
        )
    } else {
        user = or(&person.user, &comment.user);
        email = or(&person.email, &comment.email);
        tenant = or(&person.tenant, &comment.tenant);
        (user.as_str(), email.as_str(), tenant.as_str())
    };
    out.event(&Event {
        at: pending.at,
        layer: Layer::Sql,
        status: pending.status,
        rows: pending.rows,
        duration_ns: pending.nanos,
        place: pending.place,
        user,
        email,
        db_role: &pending.user,
        role: person.role(),
        actor_tenant: tenant,
        client: &pending.client,
        agent: &pending.app,
        path: &comment.route,
        trace: &comment.trace,
        id: &pending.id,
        statement: &pending.statement,
        parameters: &pending.parameters,
        sqlstate: &pending.sqlstate,
        ..Event::EMPTY
    });
}
