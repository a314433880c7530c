-- Bytes of each table that stores rows, without its indexes. Asking takes a
-- shared lock: a table that is locked has no row here.
SELECT c.oid::int8 AS relation, pg_catalog.pg_relation_size(c.oid) AS bytes
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind = 'r'
   AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
   AND c.oid NOT IN (
     SELECT l.relation FROM pg_catalog.pg_locks l
      WHERE l.mode = 'AccessExclusiveLock' AND l.relation IS NOT NULL
        AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d
                           WHERE d.datname = pg_catalog.current_database()))
