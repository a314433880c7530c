//! Whom the prober acts as, and what each of them may rightly see.
//!
//! Values of real users and tenants are composed on the server: this program
//! only writes the expressions. To add a principal, add it to [`actors`].

use super::claims::Claims;
use super::pinned;
use super::roles::{Station, is_service_name};
use super::snapshot::Oid;
use super::survey::Survey;
use crate::domain::exposure::{Acting, Principal, PrincipalKind};
use crate::domain::untrusted::{visible, visible_lines};
use crate::providers::postgres::Assumed;

/// At most this many application roles are probed in one run.
const ROLES: usize = 16;

/// What a principal may rightly see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Right {
    /// Belongs to nobody: no row of a person or tenant.
    Nothing,
    /// One tenant's rows; the tenant's ids stand in `firsthour.own`, the
    /// user's in `firsthour.sub`.
    OwnTenant,
    /// Everything it was granted, by design.
    Everything,
}

/// A principal with what it takes to act as it.
#[derive(Debug, Clone)]
pub struct Actor {
    pub principal: Principal,
    pub role: Oid,
    pub right: Right,
    pub assumed: Assumed,
    /// What was made up about it, told beside a proof; `None` if its name
    /// says all.
    pub told: Option<String>,
}

impl Actor {
    fn telling(mut self, told: Option<String>) -> Self {
        self.told = told;
        self
    }
}

impl Actor {
    /// What the record keeps of it, so that a look can be done by hand.
    pub fn acting(&self) -> Acting {
        let statements = self.assumed.statements();
        Acting {
            principal: self.principal.clone(),
            assume: statements
                .iter()
                .flat_map(|text| visible_lines(text))
                .collect(),
        }
    }
}

/// Everybody worth probing, and what kept others out.
pub fn actors(survey: &Survey) -> (Vec<Actor>, Vec<String>) {
    let claims = Claims::find(survey);
    let mut actors = Vec::new();
    let mut missing = Vec::new();
    let outside = |station| {
        let mut roles = survey.roles.at(&[station]);
        // Roles belong to the whole server: who reads nothing here is nobody
        // here, unless it is all there is.
        if roles.iter().any(|role| survey.reads_anything(role.oid)) {
            roles.retain(|role| survey.reads_anything(role.oid));
        }
        roles
    };
    for role in outside(Station::Anonymous) {
        anonymous(
            role.oid,
            &role.name,
            &actors_named(&actors, "anonymous"),
            &mut actors,
        );
    }
    for role in outside(Station::SignedIn) {
        signed_in(&claims, role.oid, &role.name, &mut actors);
    }
    let mut apps = survey.roles.at(&[Station::App, Station::Service]);
    apps.retain(|role| survey.reads_anything(role.oid));
    apps.sort_by_key(|role| !survey.scoped(role.oid));
    if apps.len() > ROLES {
        missing.extend(apps.drain(ROLES..).map(|role| role.name.clone()));
    }
    for role in apps {
        let outside = survey.scoped(role.oid) && !is_service_name(&role.name);
        if survey.roles.station(role.oid) == Station::Service {
            let plain = Assumed::role(&role.name);
            let kind = PrincipalKind::Service;
            actors.push(actor(&role.name, kind, role.oid, plain, Right::Everything));
        } else {
            application(&claims, role.oid, &role.name, outside, &mut actors);
        }
    }
    for actor in &mut actors {
        pinned::apply(survey, claims.settings(), actor.role, &mut actor.assumed);
    }
    (actors, missing)
}

fn actors_named(actors: &[Actor], name: &str) -> String {
    let taken = actors.iter().any(|actor| actor.principal.name == name);
    if taken {
        "another ".to_owned()
    } else {
        String::new()
    }
}

fn actor(name: &str, kind: PrincipalKind, role: Oid, assumed: Assumed, right: Right) -> Actor {
    let shown = visible(name);
    Actor {
        principal: Principal {
            name: shown,
            kind,
            role: visible(&assumed.role),
        },
        role,
        right,
        assumed,
        told: None,
    }
}

fn anonymous(role: Oid, name: &str, prefix: &str, actors: &mut Vec<Actor>) {
    let plain = Assumed::role(name);
    let shown = format!("{prefix}anonymous");
    actors.push(actor(
        &shown,
        PrincipalKind::Anonymous,
        role,
        plain.clone(),
        Right::Nothing,
    ));
    let claims = serde_json::json!({ "role": name }).to_string();
    let claimed = plain
        .with("request.jwt.claims", &claims)
        .with("request.jwt.claim.role", name);
    actors.push(actor(
        &format!("{shown} with a role claim"),
        PrincipalKind::Anonymous,
        role,
        claimed,
        Right::Nothing,
    ));
}

fn signed_in(claims: &Claims, role: Oid, name: &str, actors: &mut Vec<Actor>) {
    let suffix = if name == "authenticated" {
        String::new()
    } else {
        format!(" ({name})")
    };
    let assumed = claims.ghost(name);
    actors.push(actor(
        &format!("ghost{suffix}"),
        PrincipalKind::Ghost,
        role,
        assumed,
        Right::Nothing,
    ));
    for (letter, membership) in claims.memberships() {
        let assumed = claims.signed_in(name, &membership);
        actors.push(actor(
            &format!("member {letter}{suffix}"),
            PrincipalKind::Member,
            role,
            assumed,
            Right::OwnTenant,
        ));
    }
    if let Some((name_of, assumed, keys)) = claims.edited(name) {
        let (kind, right) = if name_of == "ghost" {
            (PrincipalKind::Ghost, Right::Nothing)
        } else {
            (PrincipalKind::Member, Right::OwnTenant)
        };
        let told = format!("its own user_metadata, edited: {}", keys.join(", "));
        let shown = format!("edited {name_of}{suffix}");
        actors.push(actor(&shown, kind, role, assumed, right).telling(Some(told)));
    }
}

fn application(claims: &Claims, role: Oid, name: &str, outside: bool, actors: &mut Vec<Actor>) {
    let plain = Assumed::role(name);
    if !outside {
        actors.push(actor(
            name,
            PrincipalKind::AppRole,
            role,
            plain,
            Right::Everything,
        ));
        return;
    }
    if claims.settings().is_empty() {
        actors.push(actor(
            name,
            PrincipalKind::AppRole,
            role,
            plain,
            Right::Nothing,
        ));
        return;
    }
    let all = |value: &str| {
        claims
            .settings()
            .iter()
            .fold(plain.clone(), |who, setting| who.with(setting, value))
    };
    let kind = PrincipalKind::AppRole;
    actors.push(actor(
        &format!("{name}, no tenant set"),
        kind,
        role,
        plain.clone(),
        Right::Nothing,
    ));
    actors.push(actor(
        &format!("{name}, tenant set to nothing"),
        kind,
        role,
        all(""),
        Right::Nothing,
    ));
    let made_up = claims.made_up(&plain);
    actors.push(actor(
        &format!("{name}, made-up tenant"),
        PrincipalKind::Ghost,
        role,
        made_up,
        Right::Nothing,
    ));
    for (letter, membership) in claims.memberships() {
        let assumed = claims.login(&plain, &membership);
        actors.push(actor(
            &format!("{name}, tenant {letter}"),
            PrincipalKind::Member,
            role,
            assumed,
            Right::OwnTenant,
        ));
    }
}
