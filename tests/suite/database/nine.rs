//! The nine leak shapes a responder meets first: absent, planted, gone.

use super::{api_roles, check};
use crate::support::lab::{Lab, lab_blocking};

/// A name, what plants the leak, what takes it away, who is said to read.
struct Shape {
    object: &'static str,
    plant: &'static str,
    heal: &'static str,
}

const BASE: &str = include_str!("../../fixtures/nine.sql");

const SHAPES: [Shape; 9] = [
    Shape {
        object: "public.customers",
        plant: "alter table public.customers disable row level security",
        heal: "alter table public.customers enable row level security",
    },
    Shape {
        object: "public.customers",
        plant: "create policy leak on public.customers for all using (true)",
        heal: "drop policy leak on public.customers",
    },
    Shape {
        object: "public.customers",
        plant: "create policy leak on public.customers for select using (true)",
        heal: "drop policy leak on public.customers",
    },
    Shape {
        object: "public.customers",
        plant: "create policy leak on public.customers for select to authenticated using (auth.uid() is not null)",
        heal: "drop policy leak on public.customers",
    },
    Shape {
        object: "public.customers",
        plant: "create policy leak on public.customers for select using (auth.role() = 'authenticated')",
        heal: "drop policy leak on public.customers",
    },
    Shape {
        object: "public.customers",
        plant: "create policy leak on public.customers for select to authenticated using (org_id is not null)",
        heal: "drop policy leak on public.customers",
    },
    Shape {
        object: "public.customers",
        plant: "create function public.in_org(o uuid) returns boolean language sql stable as 'select true'; \
                create policy leak on public.customers for select to authenticated using (public.in_org(org_id))",
        heal: "drop policy leak on public.customers; drop function public.in_org(uuid)",
    },
    Shape {
        object: "public.invoices_2026",
        plant: "grant select on public.invoices_2026 to authenticated",
        heal: "revoke select on public.invoices_2026 from authenticated",
    },
    Shape {
        object: "public.customers",
        plant: "create policy leak on public.customers for select to {portal} using (true)",
        heal: "drop policy leak on public.customers",
    },
];

fn base() -> Lab {
    let lab = lab_blocking();
    api_roles(&lab);
    let portal = format!("{}_portal", lab.database);
    lab.exec_blocking(&format!("create role {portal} nologin"));
    lab.exec_blocking(&BASE.replace("{portal}", &portal));
    lab
}

#[test]
pub fn each_is_absent_then_planted_and_proven_then_gone() {
    let lab = base();
    let portal = format!("{}_portal", lab.database);
    let before = check(&lab, "postgres");
    assert_eq!(
        before.code, 0,
        "{:#?} {:#}",
        before.findings, before.coverage
    );
    for shape in SHAPES {
        let plant = shape.plant.replace("{portal}", &portal);
        lab.exec_blocking(&plant);
        let planted = check(&lab, "postgres");
        assert!(
            planted.confirmed(shape.object),
            "{plant}: {:#?}",
            planted.findings
        );
        assert_eq!(planted.code, 1, "{plant}");
        assert_eq!(
            planted.about(shape.object).len(),
            1,
            "one hole, one finding: {plant}"
        );
        lab.exec_blocking(shape.heal);
        let healed = check(&lab, "postgres");
        assert_eq!(
            healed.code, 0,
            "{plant}: {:#?} {:#}",
            healed.findings, healed.coverage
        );
    }
}
