//! What ties a row to its caller, and what only looks as if it did.

use super::super::{Hole, policy_hole};
use super::{ANON, SIGNED_IN, TABLE, id, survey};

#[test]
fn what_is_turned_round_or_not_yet_published_is_no_tie() {
    let open = [
        "(NOT (user_id = auth.uid()))",
        "(NOT (EXISTS ( SELECT 1 FROM public.members m WHERE ((m.user_id = t.user_id) AND (m.org_id = auth.uid())))))",
    ];
    for condition in open {
        assert_eq!(id(SIGNED_IN, condition), Some("P12"), "{condition}");
    }
    assert_eq!(
        id(SIGNED_IN, "(NOT (user_id IS DISTINCT FROM auth.uid()))"),
        None
    );
    let published = |condition: &str| {
        let survey = survey(condition);
        let relation = survey.relation(TABLE).unwrap();
        match policy_hole(&survey, SIGNED_IN, relation, &survey.policies(TABLE)[0]) {
            Some(Hole::Unscoped { published }) => published,
            other => panic!("{condition}: {other:?}"),
        }
    };
    for condition in [
        "(is_public IS TRUE)",
        "(status = ANY (ARRAY['published'::text, 'public'::text]))",
        "public.shown(status)",
    ] {
        assert!(published(condition), "{condition}");
    }
    for condition in [
        "(is_public = false)",
        "(is_public IS NOT TRUE)",
        "(status <> 'published'::text)",
        "(status = ANY (ARRAY['published'::text, 'draft'::text]))",
    ] {
        assert!(!published(condition), "{condition}");
    }
}

#[test]
fn a_sub_select_has_to_tie_the_row_and_the_caller() {
    let cases = [
        (
            Some("P13"),
            "(EXISTS ( SELECT 1 FROM public.members m WHERE ((m.org_id = m.org_id) AND (m.user_id = auth.uid()) AND (t.deleted_at IS NULL))))",
        ),
        (
            Some("P13"),
            "(EXISTS ( SELECT 1 FROM public.members m WHERE ((lower((m.org_id)::text) = lower((m.org_id)::text)) AND (m.user_id = auth.uid()))))",
        ),
        (
            None,
            "(EXISTS ( SELECT 1 FROM public.members m WHERE ((m.org_id = m.org_id) AND (m.org_id = t.org_id) AND (m.user_id = auth.uid()))))",
        ),
        (Some("P14"), "(EXISTS ( SELECT 1 FROM public.members m))"),
        (
            Some("P14"),
            "(EXISTS ( SELECT 1 FROM public.members m WHERE ((m.user_id = auth.uid()) AND (m.role = 'member'::text))))",
        ),
        (
            None,
            "(EXISTS ( SELECT 1 FROM public.members m WHERE ((m.user_id = auth.uid()) AND (m.role = 'support'::text))))",
        ),
    ];
    for (expected, condition) in cases {
        assert_eq!(id(SIGNED_IN, condition), expected, "{condition}");
    }
}

#[test]
fn a_helper_is_read_for_what_this_call_asks_of_it() {
    let cases = [
        (Some("P15"), "public.shadowed(org_id)"),
        (None, "public.qualified(org_id)"),
        (Some("P15"), "public.may(org_id, 'read'::text)"),
        (None, "public.may(org_id)"),
        (None, "public.refuses(org_id)"),
        (None, "public.staff(org_id)"),
        (None, "public.defaulted(org_id)"),
        (Some("P15"), "(public.ignores(org_id) IS NOT NULL)"),
    ];
    for (expected, condition) in cases {
        assert_eq!(id(SIGNED_IN, condition), expected, "{condition}");
    }
}

#[test]
fn what_callers_write_may_narrow_and_must_not_decide() {
    let cases = [
        (
            Some("P17"),
            "(((auth.jwt() -> 'user_metadata'::text) ->> 'role'::text) = 'admin'::text)",
        ),
        (
            Some("P17"),
            "((org_id)::text = (auth.jwt() #>> '{user_metadata,org_id}'::text[]))",
        ),
        (Some("P17"), "(org_id = public.wrote())"),
        (None, "(org_id IN ( SELECT public.hides() AS hides))"),
        (
            None,
            "(org_id = ((((auth.jwt() -> 'app_metadata'::text) -> 'user_metadata'::text) ->> 'org_id'::text))::uuid)",
        ),
        (
            None,
            "(EXISTS ( SELECT 1 FROM public.members m WHERE ((m.org_id = t.org_id) AND (m.user_id = auth.uid()) AND (t.status = ((auth.jwt() -> 'user_metadata'::text) ->> 'x'::text)))))",
        ),
        (
            Some("P17"),
            "(EXISTS ( SELECT 1 FROM auth.users u WHERE ((u.id = auth.uid()) AND (((u.raw_user_meta_data ->> 'org_id'::text))::uuid = t.org_id))))",
        ),
        (
            Some("P17"),
            "(EXISTS ( SELECT 1 FROM auth.users u WHERE ((u.id = auth.uid()) AND ((u.raw_user_meta_data ->> 'role'::text) = 'admin'::text))))",
        ),
    ];
    for (expected, condition) in cases {
        assert_eq!(id(SIGNED_IN, condition), expected, "{condition}");
        assert_eq!(id(ANON, condition), None, "{condition}");
    }
}

#[test]
fn a_part_of_a_name_is_no_name() {
    let cases = [
        (Some("P19"), "m.slug ~~ (t.status || '%'::text)"),
        (Some("P19"), "starts_with(m.slug, t.status)"),
        (None, "m.slug ~~ (t.status || '/%'::text)"),
    ];
    for (expected, compared) in cases {
        let condition = format!(
            "(EXISTS ( SELECT 1 FROM public.members m WHERE ((m.user_id = auth.uid()) AND {compared})))"
        );
        assert_eq!(id(SIGNED_IN, &condition), expected, "{condition}");
    }
    let ids = "((org_id)::text ~~ ((auth.jwt() ->> 'org_id'::text) || '%'::text))";
    assert_eq!(id(SIGNED_IN, ids), None);
    // Without a claim everything begins so, ids of one length too.
    let filled =
        "((org_id)::text ~~ (COALESCE((auth.jwt() ->> 'org_id'::text), ''::text) || '%'::text))";
    assert_eq!(id(SIGNED_IN, filled), Some("P19"));
    assert_eq!(id(ANON, filled), Some("P19"));
}

#[test]
fn rows_that_name_nobody_are_told_unless_there_can_be_none() {
    let shared = "((shared_with IS NULL) OR (shared_with = auth.uid()))";
    assert_eq!(id(SIGNED_IN, shared), Some("P21"));
    let filled = "(COALESCE(org_id, (auth.jwt() ->> 'org_id'::text)::uuid) = (auth.jwt() ->> 'org_id'::text)::uuid)";
    assert_eq!(id(SIGNED_IN, filled), Some("P21"));
    let condition = "((org_id IS NULL) OR (user_id = auth.uid()))";
    assert_eq!(id(SIGNED_IN, condition), Some("P21"));
    let mut survey = survey(condition);
    for column in &mut survey.snapshot.relations[0].columns {
        column.required = true;
    }
    let relation = survey.relation(TABLE).unwrap();
    let read = &survey.policies(TABLE)[0];
    assert_eq!(policy_hole(&survey, SIGNED_IN, relation, read), None);
}

#[test]
fn what_is_joined_loosely_binds_nothing() {
    let reads_both = |condition: &str| {
        let mut survey = survey(condition);
        survey.snapshot.policies[0].relations = vec![super::OPEN_LINKS, super::MEMBERS];
        let policies = survey.snapshot.policies.clone();
        let (snapshot, roles) = (survey.snapshot, survey.roles);
        let survey = super::Survey::new(
            super::Snapshot {
                policies,
                ..snapshot
            },
            roles,
        );
        let relation = survey.relation(TABLE).unwrap();
        policy_hole(&survey, SIGNED_IN, relation, &survey.policies(TABLE)[0]).map(|hole| hole.id())
    };
    let open = "(org_id IN ( SELECT l.org_id FROM (public.links l LEFT JOIN public.members m ON ((m.org_id = l.org_id)))))";
    assert_eq!(reads_both(open), Some("P14"));
    let bound = "(org_id IN ( SELECT l.org_id FROM (public.links l JOIN public.members m ON ((m.org_id = l.org_id)))))";
    assert_eq!(reads_both(bound), None);
}

#[test]
fn a_secret_that_is_looked_up_vouches_for_its_bearer() {
    let cookie = "((current_setting('request.cookies'::text, true))::json ->> 'session'::text)";
    let by_session = format!(
        "(EXISTS ( SELECT 1 FROM public.members m WHERE ((m.session_token = {cookie}) AND (m.org_id = t.org_id))))"
    );
    assert_ne!(id(SIGNED_IN, &by_session), Some("P17"));
    let by_name = format!("((org_id)::text = {cookie})");
    assert_eq!(id(SIGNED_IN, &by_name), Some("P17"));
}
