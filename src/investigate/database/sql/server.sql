-- Who we are here, and the facts about the server that rules depend on.
SELECT pg_catalog.current_setting('server_version_num')::int AS version,
       pg_catalog.current_database()::text AS database,
       r.oid::int8 AS login,
       r.rolname::text AS login_name,
       r.rolsuper AS superuser,
       r.rolbypassrls AS bypassrls
FROM pg_catalog.pg_roles r
WHERE r.rolname = current_user
