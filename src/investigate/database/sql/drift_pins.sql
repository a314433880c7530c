-- Settings pinned to a role, to this database or to both. `role` and
-- `everywhere` say to whom and whether in all databases.
SELECT r.rolname::text AS role, s.setdatabase = 0 AS everywhere, cfg AS setting
  FROM pg_catalog.pg_db_role_setting s
 CROSS JOIN LATERAL pg_catalog.unnest(s.setconfig) cfg
  LEFT JOIN pg_catalog.pg_roles r ON r.oid = s.setrole
 WHERE (s.setrole = 0 OR r.oid IS NOT NULL)
   AND s.setdatabase IN (0, (SELECT d.oid FROM pg_catalog.pg_database d
                              WHERE d.datname = pg_catalog.current_database()))
 ORDER BY 1, 2, 3
