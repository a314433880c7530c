//! The many ways to write one condition: each form of a leak beside the forms
//! that only look like it.

use super::*;

fn holds(role: Oid, cases: &[(Option<&str>, &str)]) {
    for (expected, condition) in cases {
        assert_eq!(id(role, condition), *expected, "{condition}");
    }
}

#[test]
fn a_value_compared_with_itself_is_seen_in_every_form() {
    holds(
        SIGNED_IN,
        &[
            (Some("P03"), "(org_id IN ( SELECT t.org_id))"),
            (Some("P03"), "(org_id = ( SELECT t.org_id))"),
            (Some("P03"), "(NOT (org_id IS DISTINCT FROM org_id))"),
            (Some("P03"), "(NOT (org_id <> org_id))"),
            (Some("P03"), "(lower(email) >= lower(email))"),
            (Some("P03"), "(org_id = ANY (ARRAY[org_id, public.me()]))"),
            (Some("P03"), "(COALESCE(org_id, public.me()) = org_id)"),
            (
                Some("P04"),
                "(( SELECT auth.uid() AS uid) = ( SELECT ((auth.jwt() ->> 'sub'::text))::uuid AS uuid))",
            ),
            (Some("P04"), "(auth.uid() = public.me())"),
            (None, "(org_id <> org_id)"),
            (None, "(NULL::uuid = NULL::uuid)"),
            (None, "(user_id = public.me())"),
            (None, "(org_id = ANY (ARRAY[user_id, public.me()]))"),
            (
                None,
                "((auth.jwt() ->> 'sub'::text) = (auth.jwt() ->> 'org'::text))",
            ),
            (
                None,
                "(EXISTS ( SELECT 1 FROM public.members m WHERE ((m.org_id = t.org_id) AND (m.role = m.role) AND (m.user_id = auth.uid()))))",
            ),
        ],
    );
    let same = "(( SELECT auth.uid() AS uid) = ( SELECT auth.uid() AS uid))";
    assert_eq!(id(ANON, same), None);
    let same = "(( SELECT auth.role() AS role) = ( SELECT auth.role() AS role))";
    assert_eq!(id(ANON, same), Some("P04"));
}

#[test]
fn constants_are_worked_out_or_left_alone() {
    holds(
        SIGNED_IN,
        &[
            (Some("P02"), "(EXISTS ( SELECT 1))"),
            (Some("P02"), "(1 = ANY (ARRAY[1, 2]))"),
            (Some("P02"), "(now() = now())"),
            (Some("P02"), "(NOT (1 = 2))"),
            (Some("P02"), "((1 = 1) IS TRUE)"),
            (Some("P02"), "('1' IS NOT NULL)"),
            (None, "(3 = ANY (ARRAY[1, 2]))"),
            (None, "((1 + 1) = 3)"),
            (None, "(CURRENT_DATE < '2020-01-01'::date)"),
            (None, "((1 = 2) OR (user_id = auth.uid()))"),
            (None, "(true = (user_id = auth.uid()))"),
            (None, "(EXISTS ( SELECT 1 WHERE false))"),
        ],
    );
}

#[test]
fn tests_of_presence_and_of_signing_in_keep_their_names() {
    holds(
        SIGNED_IN,
        &[
            (Some("P05"), "(NOT (org_id IS NULL))"),
            (Some("P05"), "((org_id IS NOT NULL) IS TRUE)"),
            (Some("P05"), "(num_nonnulls(org_id, email) > 0)"),
            (Some("P06"), "(NOT (auth.uid() IS NULL))"),
            (Some("P06"), "(NOT (auth.role() = 'anon'::text))"),
            (
                Some("P06"),
                "(auth.role() <> ALL (ARRAY['anon'::text, 'service_role'::text]))",
            ),
            (Some("P06"), "(length((auth.uid())::text) > 0)"),
            (
                Some("P06"),
                "(((auth.jwt() ->> 'is_anonymous'::text))::boolean IS FALSE)",
            ),
            (
                Some("P06"),
                "(NOT ((auth.jwt() ->> 'is_anonymous'::text))::boolean)",
            ),
            (
                Some("P06"),
                "((auth.jwt() ->> 'email_verified'::text))::boolean",
            ),
            (None, "(NOT (auth.role() = 'authenticated'::text))"),
            (
                None,
                "(((auth.jwt() ->> 'is_admin'::text))::boolean IS TRUE)",
            ),
            (
                None,
                "(auth.role() <> ALL (ARRAY['anon'::text, 'authenticated'::text]))",
            ),
            (
                None,
                "((NOT (auth.uid() IS NULL)) AND (NOT (user_id <> auth.uid())))",
            ),
        ],
    );
    assert_eq!(id(ANON, "(auth.jwt() IS NOT NULL)"), Some("P06"));
    assert_eq!(id(ANON, "(auth.role() = 'authenticated'::text)"), None);
}

#[test]
fn what_a_missing_claim_opens_is_told_only_where_it_can_be_missing() {
    let org = "((auth.jwt() ->> 'org'::text))::uuid";
    holds(
        SIGNED_IN,
        &[
            (Some("P07"), &format!("COALESCE((org_id = {org}), true)")),
            (Some("P07"), &format!("((org_id = {org}) IS NOT FALSE)")),
            (
                Some("P07"),
                &format!("((org_id = {org}) IS DISTINCT FROM false)"),
            ),
            (
                Some("P07"),
                "((COALESCE((auth.jwt() ->> 'org'::text), 'none'::text) = 'none'::text) OR public.member_of(org_id))",
            ),
            (
                Some("P07"),
                "((((auth.jwt() -> 'app_metadata'::text) ->> 'role'::text) IS NULL) OR public.member_of(org_id))",
            ),
            (
                Some("P07"),
                "(((auth.jwt() ->> 'plan'::text) IS DISTINCT FROM 'free'::text) OR public.member_of(org_id))",
            ),
            (
                Some("P08"),
                &format!(
                    "(COALESCE({org}, org_id, '00000000-0000-0000-0000-000000000000'::uuid) = org_id)"
                ),
            ),
            (None, &format!("COALESCE((org_id = {org}), false)")),
            (None, &format!("((org_id = {org}) IS TRUE)")),
            (None, "((auth.jwt() IS NULL) OR (user_id = auth.uid()))"),
            (None, "((public.me() IS NULL) OR (user_id = auth.uid()))"),
            (None, "COALESCE((user_id = auth.uid()), true)"),
            (None, "(user_id = COALESCE(auth.uid(), user_id))"),
            (
                None,
                &format!(
                    "(org_id = COALESCE({org}, '00000000-0000-0000-0000-000000000000'::uuid, org_id))"
                ),
            ),
            (None, "(COALESCE(org_id, user_id) = auth.uid())"),
            (
                None,
                "(EXISTS ( SELECT 1 FROM public.members m WHERE ((m.user_id = auth.uid()) AND (m.org_id = COALESCE(((auth.jwt() ->> 'org'::text))::uuid, t.org_id)))))",
            ),
        ],
    );
    assert_eq!(
        id(ANON, "(user_id = COALESCE(auth.uid(), user_id))"),
        Some("P08")
    );
    assert_eq!(
        id(ANON, "COALESCE((user_id = auth.uid()), true)"),
        Some("P07")
    );
}

#[test]
fn a_switch_is_a_hatch_for_whoever_can_throw_it() {
    holds(
        APP,
        &[
            (
                Some("P09"),
                "(current_setting('app.bypass'::text, true))::boolean",
            ),
            (
                Some("P09"),
                "((current_setting('app.is_admin'::text, true))::boolean IS TRUE)",
            ),
            (
                Some("P09"),
                "(NOT (current_setting('app.enforce'::text))::boolean)",
            ),
            (
                Some("P09"),
                "((current_setting('app.enforce'::text) <> 'on'::text) OR public.member_of(org_id))",
            ),
            (
                Some("P09"),
                "((current_setting('app.skip'::text, true))::integer = 1)",
            ),
            (
                Some("P09"),
                "(public.bypassed() OR public.member_of(org_id))",
            ),
            (
                None,
                "((current_setting('app.role'::text, true) = 'admin'::text) OR public.member_of(org_id))",
            ),
            (
                None,
                "((current_setting('app.tenant_id'::text, true) = '1'::text) OR public.member_of(org_id))",
            ),
            (
                None,
                "(((auth.jwt() ->> 'bypass'::text) = 'true'::text) OR public.member_of(org_id))",
            ),
            (
                None,
                "((current_setting('app.bypass'::text, true) = 'on'::text) AND (CURRENT_USER = 'ops'::name))",
            ),
            (
                None,
                "pg_has_role(current_setting('app.login'::text), 'ops', 'member')",
            ),
        ],
    );
    let header = "((((current_setting('request.headers'::text, true))::json ->> 'x-admin'::text) = 'true'::text) OR public.member_of(org_id))";
    assert_eq!(id(SIGNED_IN, header), Some("P09"));
    assert_eq!(id(ANON, header), Some("P09"));
    let setting =
        "((current_setting('app.enforce'::text, true) <> 'on'::text) OR public.member_of(org_id))";
    assert_eq!(id(SIGNED_IN, setting), None);
}
