//! Scenes about routes: who may use them, what they refuse, who got them from a
//! cache or without a name.

use crate::domain::finding::{Confidence, Severity};
use crate::investigate::logs::event::{CacheState, Event};
use crate::investigate::logs::known::Declared;
use crate::investigate::logs::rules::scene::{
    AFTER, ALL, Ask, END, LOGS_ALONE, Scene, With, accused, claim,
};

const ADMIN: &str = "GET /api/admin/users";

fn ask(scene: &mut Scene, minute: f64, who: &str, role: &str, path: &str, status: u16) {
    let rows = (status == 200).then_some(7);
    scene.ask(
        minute,
        Ask {
            who,
            role,
            path,
            status,
            rows,
        },
    );
}

/// A scene with a route that answers most of its requests all morning, a tenth
/// of them refused.
fn with_tasks(with: With) -> Scene {
    let mut scene = Scene::new(1, with);
    scene.background();
    for turn in 0..600_u32 {
        let minute = f64::from(turn) * END / 600.0;
        let status = if turn % 10 == 0 { 403 } else { 200 };
        ask(
            &mut scene,
            minute,
            &format!("m{}", turn % 40),
            "member",
            "/api/tasks",
            status,
        );
    }
    scene
}

#[test]
fn a_role_on_a_route_of_others_is_told() {
    for with in [ALL, LOGS_ALONE] {
        let mut scene = Scene::new(1, with);
        scene.background();
        ask(&mut scene, 5.0, "m3", "member", "/api/admin/users", 403);
        for turn in 0..4_u32 {
            ask(
                &mut scene,
                AFTER + f64::from(turn),
                "m3",
                "member",
                "/api/admin/users",
                200,
            );
        }
        let claims = scene.claims();
        let found = claim(&claims, "R6", ADMIN);
        assert_eq!(found.who.as_ref().map(|who| who.id.as_str()), Some("m3"));
        assert_eq!(found.rows, 28);
        assert_eq!(found.confidence == Confidence::Confirmed, with.routes);
        assert_eq!(accused(&claims).len(), 1, "{:#?}", accused(&claims));
    }
}

#[test]
fn an_account_that_is_barred_or_in_no_file_is_told() {
    let mut scene = Scene::new(1, ALL);
    scene.user("gone", "member", &[3], "suspended");
    scene.user("kept out", "member", &[3], "suspended");
    scene.user("new hire", "member", &[4], "active");
    scene.background();
    for turn in 0..25_u32 {
        let minute = AFTER + f64::from(turn);
        scene.usual(minute, "gone", "member", 3);
        scene.usual(minute, "new hire", "member", 4);
        scene.usual(minute, "nobody knows", "member", 5);
        if turn < 5 {
            let path = "/api/customers";
            ask(&mut scene, minute, "kept out", "member", path, 403);
        }
    }
    let claims = scene.claims();
    assert_eq!(
        claim(&claims, "R7", "gone").confidence,
        Confidence::Confirmed
    );
    let unlisted = claim(&claims, "R7", "nobody knows");
    assert!(
        unlisted.title.contains("no users file"),
        "{}",
        unlisted.title
    );
    assert_eq!(accused(&claims).len(), 2, "{:#?}", accused(&claims));
}

#[test]
fn a_route_that_refuses_more_since_is_told_and_one_that_always_did_is_not() {
    let mut scene = with_tasks(LOGS_ALONE);
    for turn in 0..120_u32 {
        let minute = AFTER + f64::from(turn) * 0.8;
        ask(&mut scene, minute, "m1", "member", "/api/customers", 403);
    }
    let claims = scene.claims();
    let found = claim(&claims, "R8", "GET /api/customers");
    assert_eq!(found.severity, Severity::Medium);
    assert!(found.title.contains("refuses 120 of"), "{}", found.title);
    assert!(
        found.title.contains("from 2026-03-10 10:10"),
        "{}",
        found.title
    );
    assert_eq!(accused(&claims).len(), 1, "{:#?}", accused(&claims));
}

#[test]
fn tokens_that_run_out_are_no_spike() {
    let mut scene = with_tasks(LOGS_ALONE);
    let mut other = with_tasks(LOGS_ALONE);
    for turn in 0..60_u32 {
        // From one piece of ten minutes into the next.
        let minute = 167.0 + f64::from(turn) * 0.1;
        for path in ["/api/customers", "/api/tasks", "/api/export"] {
            ask(&mut scene, minute, "", "", path, 401);
        }
        ask(&mut other, minute, "m4", "member", "/api/customers", 401);
    }
    for turn in 0..40_u32 {
        let minute = f64::from(turn) * 6.0;
        ask(&mut scene, minute, "m4", "member", "/api/export", 200);
    }
    assert!(scene.claims().is_empty(), "{:#?}", accused(&scene.claims()));
    // One route alone is told, as what it looks like.
    let claims = other.claims();
    let found = claim(&claims, "R8", "GET /api/customers");
    assert_eq!(found.severity, Severity::Low);
}

#[test]
fn most_routes_that_refuse_are_one_finding() {
    let mut scene = with_tasks(LOGS_ALONE);
    for turn in 0..120_u32 {
        let minute = f64::from(turn) * 2.0;
        let broken = minute > 121.0 && turn % 2 == 0;
        let status = if broken { 403 } else { 200 };
        for path in ["/api/a", "/api/b", "/api/c", "/api/d", "/api/e"] {
            ask(&mut scene, minute, "m5", "member", path, status);
        }
    }
    let claims = scene.claims();
    let found = claim(&claims, "R8", "5 routes");
    assert!(found.title.starts_with("5 of 9 routes"), "{}", found.title);
    assert_eq!(accused(&claims).len(), 1, "{:#?}", accused(&claims));
}

#[test]
fn refusals_that_vanish_are_told() {
    let mut scene = with_tasks(LOGS_ALONE);
    for turn in 0..120_u32 {
        let minute = f64::from(turn) * 2.0;
        let refused = minute < 120.0 && turn % 2 == 0;
        let status = if refused { 403 } else { 200 };
        ask(&mut scene, minute, "m5", "member", "/api/payroll", status);
    }
    let claims = scene.claims();
    let found = claim(&claims, "R8", "GET /api/payroll");
    assert_eq!(found.severity, Severity::High, "{}", found.title);
    assert!(found.title.contains("stopped refusing"), "{}", found.title);
    assert_eq!(accused(&claims).len(), 1, "{:#?}", accused(&claims));
}

#[test]
fn a_wave_before_the_release_is_no_guard_and_one_after_it_is_called_a_wave() {
    let mut scene = with_tasks(LOGS_ALONE);
    let mut other = with_tasks(LOGS_ALONE);
    for turn in 0..60_u32 {
        let who = format!("m{}", turn % 40);
        let minute = 40.0 + f64::from(turn) * 0.1;
        ask(&mut scene, minute, &who, "member", "/api/customers", 401);
        let minute = 140.0 + f64::from(turn) * 0.4;
        ask(&mut other, minute, &who, "member", "/api/login", 401);
        ask(&mut other, minute + 0.1, &who, "member", "/api/login", 200);
        ask(
            &mut other,
            f64::from(turn),
            &who,
            "member",
            "/api/login",
            200,
        );
    }
    assert!(scene.claims().is_empty(), "{:#?}", accused(&scene.claims()));
    let claims = other.claims();
    let found = claim(&claims, "R8", "GET /api/login");
    assert_eq!((found.severity, claims.len()), (Severity::Low, 1));
}

fn page(scene: &mut Scene, minute: f64, who: &str, client: &str, path: &str, cache: CacheState) {
    let event = Event {
        user: who,
        client,
        method: "GET",
        path,
        status: 200,
        bytes: Some(8_000),
        cache,
        ..Event::EMPTY
    };
    scene.event(minute, &event);
}

#[test]
fn a_private_page_from_a_cache_is_told_and_a_public_one_is_not() {
    for with in [ALL, LOGS_ALONE] {
        let mut scene = Scene::new(1, with);
        scene.background();
        for turn in 0..80_u32 {
            let minute = f64::from(turn) * 3.0;
            let client = format!("198.51.100.{turn}");
            let (who, cache) = if minute > 121.0 && turn % 2 == 0 {
                ("", CacheState::Stored)
            } else {
                ("m3", CacheState::Origin)
            };
            page(&mut scene, minute, who, &client, "/dashboard", cache);
            page(
                &mut scene,
                minute,
                "",
                &client,
                "/pricing",
                CacheState::Stored,
            );
        }
        let claims = scene.claims();
        let found = claim(&claims, "R9", "GET /dashboard");
        assert!(found.title.contains("served 19 times"), "{}", found.title);
        assert!(found.title.contains("19 clients"), "{}", found.title);
        assert_eq!(found.bytes, 19 * 8_000);
        assert_eq!(accused(&claims).len(), 1, "{:#?}", accused(&claims));
    }
}

#[test]
fn answers_to_nobody_on_a_private_route_are_told_however_few_use_it() {
    let mut scene = Scene::new(1, ALL);
    let private = Declared {
        private: Some(true),
        ..Declared::default()
    };
    scene
        .known
        .routes
        .insert("GET /api/report".to_owned(), private);
    scene.background();
    page(
        &mut scene,
        20.0,
        "m3",
        "198.51.100.3",
        "/api/report",
        CacheState::Unsaid,
    );
    for turn in 0..5_u32 {
        let minute = AFTER + f64::from(turn);
        page(
            &mut scene,
            minute,
            "",
            "203.0.113.9",
            "/api/report",
            CacheState::Unsaid,
        );
        page(
            &mut scene,
            minute,
            "",
            "203.0.113.9",
            "/health",
            CacheState::Unsaid,
        );
    }
    let claims = scene.claims();
    let found = claim(&claims, "R11", "GET /api/report");
    assert!(
        found.title.contains("answered 5 requests"),
        "{}",
        found.title
    );
    assert_eq!((found.severity, found.bytes), (Severity::Critical, 40_000));
    assert_eq!(accused(&claims).len(), 1, "{:#?}", accused(&claims));
}

#[test]
fn a_machine_that_read_without_a_name_before_is_no_alarm() {
    let mut scene = Scene::new(1, ALL);
    scene.background();
    for turn in 0..31_u32 {
        // Once before the release, many times after it.
        let minute = if turn == 0 { 20.0 } else { AFTER };
        let minute = minute + f64::from(turn);
        page(
            &mut scene,
            minute,
            "",
            "203.0.113.9",
            "/api/export",
            CacheState::Unsaid,
        );
        page(
            &mut scene,
            minute,
            "",
            "203.0.113.9",
            "/api/customers",
            CacheState::Unsaid,
        );
    }
    for turn in 0..30_u32 {
        let minute = f64::from(turn) * 8.0;
        page(
            &mut scene,
            minute,
            "m3",
            "198.51.100.3",
            "/api/export",
            CacheState::Unsaid,
        );
    }
    let claims = scene.claims();
    let found = claim(&claims, "R11", "GET /api/export");
    assert_eq!(found.severity, Severity::Low, "{}", found.title);
}

#[test]
fn the_mark_of_a_bypass_is_told_without_times_made_up() {
    let mut scene = Scene::new(1, LOGS_ALONE);
    scene.background();
    let event = Event {
        client: "203.0.113.9",
        method: "GET",
        path: "/api/customers",
        status: 200,
        bypass_mark: true,
        ..Event::EMPTY
    };
    scene.event(AFTER, &event);
    let claims = scene.claims();
    let found = claim(&claims, "R11", "GET /api/customers");
    assert!(found.title.starts_with("1 request of"), "{}", found.title);
    assert_eq!((found.first, found.last), (None, None));
}
