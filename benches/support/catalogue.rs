//! Catalogues to measure against, as SQL text: a large one in plausible
//! shapes, and a small leaky one with rows. The same seed gives the same text.

use std::fmt::Write as _;

/// Tables of the large catalogue, next to `tenants` and `memberships`.
pub const TABLES: usize = 2_000;
/// Policies on each of them: 6,000 in all.
const POLICIES: usize = 3;
const VIEWS: usize = 200;
const FUNCTIONS: usize = 200;
/// Tables of the leaky schema.
pub const LEAKY: usize = 100;

const SCHEMAS: [&str; 4] = ["public", "billing", "crm", "ops"];
const NOUNS: [&str; 10] = [
    "invoices", "orders", "contacts", "notes", "tickets", "payments", "sessions", "devices",
    "messages", "reports",
];
const COLUMNS: [&str; 10] = [
    "email text",
    "phone text",
    "amount numeric",
    "status text not null default 'open'",
    "notes text",
    "api_key text",
    "address jsonb",
    "shared boolean not null default false",
    "published_at timestamptz",
    "stripe_customer_id text",
];

/// What every policy leans on: roles, claims, tenants and their members.
/// Roles belong to the whole server and are made where they are missing.
const BASE: &str = "
DO $$ DECLARE r text; BEGIN
  FOREACH r IN ARRAY ARRAY['anon NOLOGIN', 'authenticated NOLOGIN', 'service_role NOLOGIN BYPASSRLS',
                           'authenticator LOGIN NOINHERIT', 'app LOGIN'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = split_part(r, ' ', 1)) THEN
      EXECUTE 'CREATE ROLE ' || r;
    END IF;
  END LOOP;
END $$;
GRANT anon, authenticated, service_role TO authenticator;
CREATE SCHEMA auth;
CREATE SCHEMA billing;
CREATE SCHEMA crm;
CREATE SCHEMA ops;
CREATE FUNCTION auth.jwt() RETURNS jsonb LANGUAGE sql STABLE AS
  $$ SELECT coalesce(nullif(current_setting('request.jwt.claims', true), ''), '{}')::jsonb $$;
CREATE FUNCTION auth.uid() RETURNS uuid LANGUAGE sql STABLE AS
  $$ SELECT nullif(auth.jwt() ->> 'sub', '')::uuid $$;
CREATE TABLE public.tenants (id uuid PRIMARY KEY, name text NOT NULL);
CREATE TABLE public.memberships (user_id uuid NOT NULL,
  tenant_id uuid NOT NULL REFERENCES public.tenants, role text NOT NULL, PRIMARY KEY (user_id, tenant_id));
ALTER TABLE public.tenants ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.memberships ENABLE ROW LEVEL SECURITY;
CREATE FUNCTION auth.my_tenants() RETURNS SETOF uuid LANGUAGE sql STABLE SECURITY DEFINER
  SET search_path = '' AS $$ SELECT tenant_id FROM public.memberships WHERE user_id = auth.uid() $$;
CREATE POLICY own ON public.tenants FOR SELECT TO authenticated
  USING (id IN (SELECT auth.my_tenants()));
CREATE POLICY own ON public.memberships FOR SELECT TO authenticated USING (user_id = auth.uid());
INSERT INTO public.tenants VALUES ('00000000-0000-4000-8000-00000000000a', 'Acme'),
  ('00000000-0000-4000-8000-00000000000b', 'Birch');
INSERT INTO public.memberships VALUES
  ('00000000-0000-4000-8000-0000000000a1', '00000000-0000-4000-8000-00000000000a', 'member'),
  ('00000000-0000-4000-8000-0000000000b1', '00000000-0000-4000-8000-00000000000b', 'member');
GRANT USAGE ON SCHEMA auth, billing, crm, ops TO anon, authenticated, service_role, app;
";

const GRANTS: &str = "
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public, billing, crm, ops
  TO authenticated, service_role, app;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO anon;
ANALYZE;
";

/// The large catalogue: 2,000 tables, 6,000 policies, 200 views, 200 security
/// definer functions. Its tables are empty.
pub fn large(seed: u64) -> String {
    let mut rng = fastrand::Rng::with_seed(seed);
    let mut sql = BASE.to_owned();
    for n in 0..TABLES {
        table(&mut sql, &mut rng, n);
        for policy in 0..POLICIES {
            let name = table_name(n);
            let condition = condition(&mut rng);
            let (command, clause) = match policy {
                0 => ("SELECT", format!("USING ({condition})")),
                1 => ("UPDATE", format!("USING ({condition})")),
                _ => ("INSERT", format!("WITH CHECK ({condition})")),
            };
            let _ = writeln!(
                sql,
                "CREATE POLICY {}_{policy} ON {name} FOR {command} TO authenticated {clause};",
                command.to_lowercase()
            );
        }
    }
    for n in 0..VIEWS {
        let over = table_name(rng.usize(..TABLES));
        let schema = SCHEMAS[n % SCHEMAS.len()];
        let _ = writeln!(
            sql,
            "CREATE VIEW {schema}.recent_{n} AS SELECT id, tenant_id FROM {over} WHERE created_at > now() - interval '7 days';"
        );
    }
    for n in 0..FUNCTIONS {
        let over = table_name(rng.usize(..TABLES));
        let schema = SCHEMAS[n % SCHEMAS.len()];
        let path = if rng.bool() {
            "SET search_path = ''"
        } else {
            ""
        };
        let _ = writeln!(
            sql,
            "CREATE FUNCTION {schema}.count_{n}(t uuid) RETURNS bigint LANGUAGE sql STABLE SECURITY DEFINER {path} AS \
             $$ SELECT count(*) FROM {over} WHERE tenant_id = t $$;"
        );
    }
    sql + GRANTS
}

/// The leaky schema: 100 tables with rows of two tenants; each fourth one
/// shows them to strangers, in turn by a policy without a condition, without
/// row security, or by a test for null.
pub fn leaky(seed: u64) -> String {
    let mut rng = fastrand::Rng::with_seed(seed);
    let mut sql = BASE.to_owned();
    for n in 0..LEAKY {
        table(&mut sql, &mut rng, n);
        let name = table_name(n);
        let condition = match n % 12 {
            0 => "true",
            4 => "tenant_id IS NOT NULL",
            _ => "tenant_id IN (SELECT auth.my_tenants())",
        };
        let _ = writeln!(
            sql,
            "CREATE POLICY reading ON {name} FOR SELECT USING ({condition});"
        );
        if n % 12 == 8 {
            let _ = writeln!(sql, "ALTER TABLE {name} DISABLE ROW LEVEL SECURITY;");
        }
        let _ = writeln!(
            sql,
            "INSERT INTO {name} (tenant_id, user_id) SELECT t.id, gen_random_uuid() \
             FROM public.tenants t, generate_series(1, 50);"
        );
    }
    sql + GRANTS
}

fn table_name(n: usize) -> String {
    let noun = NOUNS[n % NOUNS.len()];
    format!("{}.{noun}_{n}", SCHEMAS[n % SCHEMAS.len()])
}

fn table(sql: &mut String, rng: &mut fastrand::Rng, n: usize) {
    let name = table_name(n);
    let mut columns = COLUMNS;
    rng.shuffle(&mut columns);
    let more = columns[..rng.usize(2..7)].join(", ");
    let _ = writeln!(
        sql,
        "CREATE TABLE {name} (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, \
         tenant_id uuid NOT NULL REFERENCES public.tenants, user_id uuid, \
         created_at timestamptz NOT NULL DEFAULT now(), {more});\n\
         ALTER TABLE {name} ENABLE ROW LEVEL SECURITY;"
    );
}

/// Mostly what a careful application has, now and then what leaks.
fn condition(rng: &mut fastrand::Rng) -> &'static str {
    match rng.u8(..20) {
        0..7 => "tenant_id IN (SELECT auth.my_tenants())",
        7..11 => {
            "EXISTS (SELECT 1 FROM public.memberships m WHERE m.tenant_id = tenant_id AND m.user_id = auth.uid())"
        }
        11..14 => "user_id = (SELECT auth.uid())",
        14..17 => "tenant_id = (auth.jwt() -> 'app_metadata' ->> 'tenant_id')::uuid",
        17 => "tenant_id = (auth.jwt() -> 'user_metadata' ->> 'tenant_id')::uuid",
        18 => "auth.uid() IS NOT NULL",
        _ => "true",
    }
}
