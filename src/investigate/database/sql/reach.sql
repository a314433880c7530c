-- Who can read what: whole rows, or only some columns, with schema USAGE
-- counted. The oids of the watched roles take the place of the mark below;
-- 0 stands for PUBLIC. Group grants and column grants are included.
WITH watched AS (SELECT pg_catalog.unnest('{ROLES}'::int8[]) AS oid),
named AS (SELECT w.oid, coalesce(r.rolname, 'public') AS name
            FROM watched w LEFT JOIN pg_catalog.pg_roles r ON r.oid = w.oid
           WHERE w.oid = 0 OR r.oid IS NOT NULL)
SELECT r.oid AS role, c.oid::int8 AS relation,
       pg_catalog.has_table_privilege(r.name, c.oid, 'SELECT') AS whole,
       CASE WHEN NOT pg_catalog.has_table_privilege(r.name, c.oid, 'SELECT') THEN
         (SELECT pg_catalog.array_agg(a.attname::text)
            FROM pg_catalog.pg_attribute a
           WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
             AND pg_catalog.has_column_privilege(r.name, c.oid, a.attnum, 'SELECT')) END AS columns
FROM named r
CROSS JOIN (SELECT c.oid, c.relnamespace FROM pg_catalog.pg_class c
              JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
             WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
               AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_') c
WHERE pg_catalog.has_schema_privilege(r.name, c.relnamespace, 'USAGE')
  AND pg_catalog.has_any_column_privilege(r.name, c.oid, 'SELECT')
