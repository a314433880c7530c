-- Which database this is, and whose login reads it.
SELECT pg_catalog.current_database()::text AS database,
       r.oid::int8 AS login
FROM pg_catalog.pg_roles r
WHERE r.rolname = current_user
