-- id: G12
-- what: default privileges
-- Tables to come are granted to a role that callers hold: told once. A
-- platform that ships this for its own administrators is information.
SELECT 'database' AS kind, pg_catalog.current_database()::text AS name,
       CASE WHEN bool_and(o.rolname ~ '^supabase_'
                          OR (o.rolname = 'postgres' AND EXISTS (
                                SELECT FROM pg_catalog.pg_roles s WHERE s.rolname = 'supabase_admin')))
            THEN 'info' ELSE 'medium' END AS severity,
       'tables to come will be readable by ' || string_agg(DISTINCT coalesce(g.rolname, 'public'), ', ') AS title,
       jsonb_build_object('made by', string_agg(DISTINCT o.rolname, ', '),
                          'schemas', string_agg(DISTINCT coalesce(n.nspname, 'every schema'), ', '),
                          'granted to', string_agg(DISTINCT coalesce(g.rolname, 'public'), ', ')) AS evidence,
       'take SELECT out of the default privileges, and grant each table by name once its policies stand' AS hint
FROM pg_catalog.pg_default_acl d
CROSS JOIN LATERAL pg_catalog.aclexplode(d.defaclacl) a
JOIN pg_catalog.pg_roles o ON o.oid = d.defaclrole
LEFT JOIN pg_catalog.pg_namespace n ON n.oid = d.defaclnamespace
LEFT JOIN pg_catalog.pg_roles g ON g.oid = a.grantee
WHERE d.defaclobjtype = 'r' AND a.privilege_type = 'SELECT' AND a.grantee::int8 = ANY ('{LOW}'::int8[])
HAVING count(*) > 0
