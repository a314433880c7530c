-- id: G23
-- what: who may create in which schema
-- Schemas on a search path in which everybody may create: a bare name in
-- someone else's statement then finds what a stranger put there. Before 15
-- the server comes that way, and it weighs more where a definer function runs
-- with a path of its caller's choosing.
SELECT 'schema' AS kind, n.nspname::text AS name,
       CASE WHEN n.nspname = 'public' AND pg_catalog.current_setting('server_version_num')::int < 150000
             AND NOT EXISTS (SELECT FROM pg_catalog.pg_proc f
                              JOIN pg_catalog.pg_namespace o ON o.oid = f.pronamespace AND o.nspname !~ '^pg_'
                             WHERE f.prosecdef AND coalesce(f.proconfig::text, '') !~ 'search_path')
            THEN 'low' ELSE 'medium' END AS severity,
       'everybody may create objects in ' || n.nspname || ', which stands on a search path' AS title,
       jsonb_build_object('granted to', 'public') AS evidence,
       pg_catalog.format('REVOKE CREATE ON SCHEMA %I FROM PUBLIC', n.nspname) AS hint
FROM pg_catalog.pg_namespace n
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND pg_catalog.has_schema_privilege('public', n.oid, 'CREATE')
  AND (n.nspname = 'public' OR EXISTS (
        SELECT FROM pg_catalog.pg_db_role_setting s CROSS JOIN LATERAL pg_catalog.unnest(s.setconfig) cfg
         WHERE cfg LIKE 'search\_path=%' AND strpos(cfg, n.nspname) > 0))
