-- What each role was sent by each statement of this database, most rows first.
SELECT coalesce(r.rolname, 'dropped role ' || s.userid)::text AS role,
       s.queryid::text AS id,
       {TOPLEVEL} AS toplevel,
       s.calls::int8 AS calls,
       s.rows::int8 AS rows,
       pg_catalog.left(s.query, 4000) AS text,
       {SINCE} AS since
FROM {PLACE} s
LEFT JOIN pg_catalog.pg_roles r ON r.oid = s.userid
WHERE s.dbid = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
  AND s.calls > 0
ORDER BY s.rows DESC, s.calls DESC
LIMIT 5001
