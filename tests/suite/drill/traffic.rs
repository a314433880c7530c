//! What went on in a lab before the incident shows up where a responder looks:
//! the leak was read widely, by somebody who must not, and nobody else was.

use crate::support::lab::{Lab, block_on, leaky};
use firsthour::config::targets::Target;
use firsthour::config::{Env, Paths};
use firsthour::domain::exposure::PrincipalKind;
use firsthour::domain::reading::{Count, Reads};
use firsthour::drill::shapes::{SHAPES, Shape};
use firsthour::investigate::check::{Quiet, Reach};
use firsthour::investigate::find;
use std::path::Path;

async fn seen(lab: &Lab) -> Reads {
    let paths = Paths::under(Path::new("/nonexistent"));
    let target = Target::resolve(Some(&lab.url("postgres")), &Env::default(), &paths);
    let reach = Reach::new(target.expect("a target").settings);
    let check = find("database.reads").expect("the check");
    check.run(&reach, &Quiet).await.expect("an answer").reads
}

fn roles(shape: &Shape) -> Vec<&'static str> {
    let role = |kind: &PrincipalKind| match kind {
        PrincipalKind::Anonymous => "anon",
        PrincipalKind::AppRole => "app_backend",
        _ => "authenticated",
    };
    shape.leaks.iter().map(role).collect()
}

#[test]
fn every_leak_was_read_whole_by_somebody_and_nothing_else_was() {
    for shape in SHAPES {
        let reads = block_on(async {
            let (lab, _) = leaky(shape.id).await;
            seen(&lab).await.read
        });
        let wide: Vec<_> = reads.iter().filter(|read| read.wide).collect();
        assert!(!wide.is_empty(), "{}: {reads:#?}", shape.id);
        let name = shape.relation.split('(').next().unwrap_or_default();
        for read in wide {
            assert!(roles(shape).contains(&read.role.as_str()), "{read:#?}");
            assert!(read.statement.contains(name), "{}: {read:#?}", shape.id);
            assert_eq!((read.calls, read.count), (1, Count::Certain), "{read:#?}");
        }
        // People at their own pages were counted too, and none of it is wide.
        let own = |role: &str| {
            reads
                .iter()
                .any(|read| read.role == role && !read.wide && read.rows > 0)
        };
        assert!(own("authenticated") && own("service_role"), "{reads:#?}");
    }
}

#[test]
fn the_same_seed_was_read_the_same_way() {
    let look = || {
        block_on(async {
            let (lab, _) = leaky("rls-off").await;
            let mut told: Vec<_> = seen(&lab)
                .await
                .read
                .into_iter()
                .map(|read| (read.relation, read.role, read.calls, read.rows))
                .collect();
            told.sort();
            told
        })
    };
    assert_eq!(look(), look());
}
