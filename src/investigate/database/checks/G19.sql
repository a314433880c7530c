-- id: G19
-- what: replication roles
-- A login with REPLICATION streams every change, whatever grants and policies
-- say. One named for the copying of data is expected to.
SELECT 'role' AS kind, r.rolname::text AS name,
       CASE WHEN r.oid::int8 = ANY ('{SERVICE}'::int8[]) THEN 'low' ELSE 'medium' END AS severity,
       r.rolname || ' may stream every change of the server past grants and policies' AS title,
       jsonb_build_object('wal_level', pg_catalog.current_setting('wal_level'),
                          'slots', (SELECT count(*) FROM pg_catalog.pg_replication_slots)) AS evidence,
       'take REPLICATION from ' || r.rolname || ' unless it feeds a copy that you know' AS hint
FROM pg_catalog.pg_roles r
WHERE r.rolreplication AND r.rolcanlogin AND NOT r.rolsuper AND r.oid::int8 = ANY ('{OURS}'::int8[])
  AND '{SENSITIVE}'::int8[] <> '{}'
