-- Every role with its attributes and the settings pinned to it in this
-- database, those of the database first so that the role's own come last.
-- `settings` is null where nothing is pinned.
SELECT r.oid::int8 AS oid,
       r.rolname::text AS name,
       r.rolcanlogin AS login,
       r.rolsuper AS superuser,
       r.rolbypassrls AS bypassrls,
       (SELECT pg_catalog.array_agg(cfg ORDER BY s.setrole, s.setdatabase)
          FROM pg_catalog.pg_db_role_setting s
          CROSS JOIN LATERAL pg_catalog.unnest(s.setconfig) cfg
         WHERE s.setrole IN (r.oid, 0)
           AND s.setdatabase IN (0, (SELECT d.oid FROM pg_catalog.pg_database d
                                      WHERE d.datname = pg_catalog.current_database()))) AS settings
FROM pg_catalog.pg_roles r
ORDER BY r.rolname
