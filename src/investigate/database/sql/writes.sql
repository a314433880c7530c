-- What the watched roles may write of tables: all columns of a new or changed
-- row (null), or only some. Column grants and group grants are counted. The
-- oids take the place of the mark, as in reach.
WITH watched AS (SELECT pg_catalog.unnest('{ROLES}'::int8[]) AS oid),
named AS (SELECT w.oid, coalesce(r.rolname, 'public') AS name
            FROM watched w LEFT JOIN pg_catalog.pg_roles r ON r.oid = w.oid
           WHERE w.oid = 0 OR r.oid IS NOT NULL)
SELECT r.oid AS role, c.oid::int8 AS relation,
       CASE WHEN NOT p.inserts THEN
         coalesce((SELECT pg_catalog.array_agg(a.attname::text) FROM pg_catalog.pg_attribute a
                    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                      AND pg_catalog.has_column_privilege(r.name, c.oid, a.attnum, 'INSERT')), '{}') END AS inserts,
       CASE WHEN NOT p.updates THEN
         coalesce((SELECT pg_catalog.array_agg(a.attname::text) FROM pg_catalog.pg_attribute a
                    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                      AND pg_catalog.has_column_privilege(r.name, c.oid, a.attnum, 'UPDATE')), '{}') END AS updates,
       p.deletes
FROM named r
CROSS JOIN (SELECT c.oid, c.relnamespace FROM pg_catalog.pg_class c
              JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
             WHERE c.relkind IN ('r', 'p')
               AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_') c
CROSS JOIN LATERAL (
  SELECT pg_catalog.has_table_privilege(r.name, c.oid, 'INSERT') AS inserts,
         pg_catalog.has_table_privilege(r.name, c.oid, 'UPDATE') AS updates,
         pg_catalog.has_table_privilege(r.name, c.oid, 'DELETE') AS deletes) p
WHERE pg_catalog.has_schema_privilege(r.name, c.relnamespace, 'USAGE')
  AND (p.deletes OR pg_catalog.has_any_column_privilege(r.name, c.oid, 'INSERT, UPDATE'))
