-- id: G16
-- what: superusers
-- Logins that are superusers, the server's first and the platform's aside.
-- Seen in a client session of this database it is what an application uses.
SELECT 'role' AS kind, r.rolname::text AS name,
       CASE WHEN s.sessions > 0 THEN 'critical' WHEN r.oid::int8 = ANY ('{SERVICE}'::int8[]) THEN 'low' ELSE 'high' END AS severity,
       r.rolname || ' logs in as a superuser: no grant and no policy binds it' AS title,
       jsonb_build_object('sessions in this database now', s.sessions) AS evidence,
       'give the application a login of its own without SUPERUSER, then take the attribute from ' || r.rolname AS hint
FROM pg_catalog.pg_roles r
CROSS JOIN LATERAL (SELECT count(*) AS sessions FROM pg_catalog.pg_stat_activity a
                     WHERE a.usesysid = r.oid AND a.datname = pg_catalog.current_database()) s
WHERE r.rolsuper AND r.rolcanlogin AND r.oid <> 10 AND r.oid::int8 = ANY ('{OURS}'::int8[])
  AND '{SENSITIVE}'::int8[] <> '{}'
