-- Which database this is, whose login reads it, and the server's version.
SELECT pg_catalog.current_database()::text AS database,
       r.oid::int8 AS login,
       pg_catalog.current_setting('server_version_num')::int4 AS version
FROM pg_catalog.pg_roles r
WHERE r.rolname = current_user
