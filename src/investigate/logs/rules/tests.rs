//! Scenes in which somebody does wrong, and mornings on which nobody does.

mod routes;

use super::scene::{AFTER, ALL, Ask, END, LOGS_ALONE, Scene, With, accused, claim, tenant};
use crate::domain::finding::{Confidence, Severity};

const SEEDS: [u64; 4] = [1, 2, 3, 4];

fn mornings() -> [With; 6] {
    [
        ALL,
        LOGS_ALONE,
        With {
            users: false,
            ..ALL
        },
        With {
            customers: false,
            ..ALL
        },
        With {
            tenants: false,
            ..LOGS_ALONE
        },
        With {
            release: false,
            ..ALL
        },
    ]
}

#[test]
fn nobody_is_accused_of_an_ordinary_morning() {
    for with in mornings() {
        for seed in SEEDS {
            let mut scene = Scene::new(seed, with);
            scene.background();
            let claims = scene.claims();
            assert!(claims.is_empty(), "{with:?} {:#?}", accused(&claims));
        }
    }
}

/// Goes through customers one by one.
fn walk(scene: &mut Scene, who: &str, role: &str, count: u32) {
    for step in 0..count {
        let minute = AFTER + 100.0 * f64::from(step) / f64::from(count);
        scene.read(minute, who, role, 1_200 + u64::from(step));
    }
}

#[test]
fn a_walk_through_all_ids_is_told_with_exact_counts() {
    for with in mornings() {
        for seed in SEEDS {
            let mut scene = Scene::new(seed, with);
            scene.background();
            walk(&mut scene, "m7", "member", 600);
            let claims = scene.claims();
            assert!(!claims.is_empty(), "{with:?}");
            let found = claim(&claims, "R1", "m7");
            if with.users && with.customers {
                // 600 in a row touch each of 20 tenants 30 times.
                assert_eq!((found.objects, found.tenants), (570, 19), "{}", found.title);
                assert_eq!(found.confidence, Confidence::Confirmed);
                // Its own customers, read by the same route all morning, are
                // no part of it.
                let minutes = |at: Option<i64>| (at.unwrap() / 1_000_000_000 - 1_773_129_600) / 60;
                assert_eq!((minutes(found.first), minutes(found.last)), (130, 229));
            }
            assert!(found.title.contains("m7"), "{}", found.title);
            let others: Vec<_> = claims
                .iter()
                .filter(|claim| claim.subject.1 != "m7")
                .collect();
            assert!(others.is_empty(), "{with:?} {:#?}", accused(&claims));
        }
    }
}

#[test]
fn one_person_under_three_names_is_one() {
    let mut scene = Scene::new(1, ALL);
    scene.background();
    for step in 0..4_u32 {
        scene.read(
            AFTER + f64::from(step),
            "M7",
            "member",
            1_200 + u64::from(step),
        );
        scene.read(
            AFTER + f64::from(step),
            "m7@App.example",
            "member",
            1_202 + u64::from(step),
        );
    }
    // The database saw the same readings.
    for step in 0..6_u32 {
        let id = (1_200 + step).to_string();
        let event = crate::investigate::logs::event::Event {
            user: "m7",
            object_kind: "customers",
            object: &id,
            rows: Some(1),
            ..crate::investigate::logs::event::Event::EMPTY
        };
        scene.sql(AFTER + f64::from(step), &event);
    }
    let claims = scene.claims();
    let found = claim(&claims, "R1", "m7");
    assert_eq!((found.objects, found.tenants), (6, 6), "{}", found.title);
    assert!(found.rows <= 80, "{}", found.rows);
}

#[test]
fn other_tenants_since_the_release_are_told() {
    for with in mornings()
        .into_iter()
        .filter(|with| with.release && (with.tenants || with.customers))
    {
        for seed in SEEDS {
            let mut scene = Scene::new(seed, with);
            scene.background();
            for turn in 0..60 {
                let customer = scene.rng.u64(1_000..3_000);
                scene.read(AFTER + f64::from(turn), "m9", "member", customer);
            }
            let claims = scene.claims();
            let found = claim(&claims, "R2", "m9");
            assert!(found.tenants >= 15, "{with:?} {}", found.title);
            let others: Vec<_> = claims
                .iter()
                .filter(|claim| claim.subject.1 != "m9")
                .collect();
            assert!(others.is_empty(), "{with:?} {:#?}", accused(&claims));
        }
    }
}

fn export(scene: &mut Scene, minute: f64, who: &str, rows: u64) {
    let ask = Ask {
        who,
        role: "member",
        path: "/api/export",
        status: 200,
        rows: Some(rows),
    };
    scene.ask(minute, ask);
}

#[test]
fn a_bulk_export_is_told_and_the_monthly_one_is_not() {
    for with in mornings() {
        for seed in SEEDS {
            let mut scene = Scene::new(seed, with);
            scene.background();
            for number in 0..36 {
                let minute = f64::from(number) * 6.5;
                let rows = scene.rng.u64(50..200);
                export(&mut scene, minute, &format!("m{number}"), rows);
            }
            for minute in [20.0, 100.0, 180.0, 230.0] {
                export(&mut scene, minute, "m38", 2_000);
            }
            for minute in [0.0, 1.0, 2.0] {
                export(&mut scene, AFTER + minute, "m12", 20_000);
            }
            let claims = scene.claims();
            let found = claim(&claims, "R3", "m12");
            assert_eq!(
                (found.rows >= 60_000, found.rows < 60_200),
                (true, true),
                "{}",
                found.title
            );
            let others: Vec<_> = claims
                .iter()
                .filter(|claim| claim.subject.1 != "m12")
                .collect();
            assert!(others.is_empty(), "{with:?} {:#?}", accused(&claims));
        }
    }
}

#[test]
fn a_route_that_sends_too_much_is_one_finding_and_accuses_nobody() {
    for with in mornings().into_iter().filter(|with| with.release) {
        for seed in SEEDS {
            let mut scene = Scene::new(seed, with);
            scene.background();
            for turn in 0..300_u32 {
                let who = format!("m{}", scene.rng.u64(0..40));
                let ask = Ask {
                    who: &who,
                    role: "member",
                    path: "/api/customers",
                    status: 200,
                    rows: Some(2_000),
                };
                scene.ask(AFTER - 9.0 + f64::from(turn) / 3.0, ask);
            }
            let claims = scene.claims();
            let found: Vec<_> = accused(&claims).into_iter().collect();
            assert_eq!(found, ["R4 GET /api/customers"], "{with:?}");
            assert!(
                claims[0].title.contains("principals"),
                "{}",
                claims[0].title
            );
            assert!(claims[0].who.is_none());
        }
    }
}

#[test]
fn a_statement_that_lost_its_limit_is_one_finding_and_accuses_nobody() {
    let mut scene = Scene::new(1, ALL);
    scene.background();
    for turn in 0..600_u32 {
        let (minute, who) = (f64::from(turn) * 0.4, format!("m{}", turn % 40));
        let (statement, rows) = if minute < 120.0 {
            (
                "select id, name from customers where org_id = $1 limit $2",
                25,
            )
        } else {
            ("select id, name from customers", 2_000)
        };
        let event = crate::investigate::logs::event::Event {
            user: &who,
            role: "member",
            statement,
            rows: Some(rows),
            ..crate::investigate::logs::event::Event::EMPTY
        };
        scene.sql(minute, &event);
    }
    let claims = scene.claims();
    assert!(claims[0].rule == "R5" || claims[0].rule == "R4");
    let parts = claims.iter().filter(|claim| {
        let mut facts = claim.evidence.iter();
        claim.who.is_some() || !facts.any(|fact| fact.what == crate::domain::finding::PART)
    });
    assert_eq!(parts.count(), 1, "{:#?}", accused(&claims));
}

#[test]
fn a_claim_says_whether_it_goes_on() {
    let mut scene = Scene::new(1, ALL);
    scene.background();
    for step in 0..30_u32 {
        scene.read(
            AFTER + f64::from(step),
            "m7",
            "member",
            1_200 + u64::from(step),
        );
        scene.read(END - 2.0, "m8", "member", 1_300 + u64::from(step));
    }
    let claims = scene.claims();
    let own_reads_go_on = claim(&claims, "R1", "m8");
    assert!(
        own_reads_go_on.title.contains("still going on"),
        "{}",
        own_reads_go_on.title
    );
    assert_eq!(tenant(1_207), "o7");
}

#[test]
fn an_old_hole_that_one_of_many_uses_is_high_and_suspected() {
    let mut scene = Scene::new(1, ALL);
    scene.background();
    for turn in 0..40_u32 {
        let minute = 2.0 + 5.9 * f64::from(turn);
        scene.read(minute, "m7", "member", 1_200 + u64::from(turn));
    }
    let claims = scene.claims();
    let found = claim(&claims, "R1", "m7");
    assert_eq!(
        (found.severity, found.confidence),
        (Severity::High, Confidence::Suspected),
        "{}",
        found.title
    );
    assert!(found.title.contains("as it did before"), "{}", found.title);
    assert_eq!(accused(&claims).len(), 1, "{:#?}", accused(&claims));
}
