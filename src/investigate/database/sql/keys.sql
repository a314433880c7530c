-- Unique keys of tables under row security (the primary one aside), and foreign
-- keys to such tables, where a watched role may write: the server checks them
-- against every row, whoever asks. An index over an expression counts with the
-- columns it reads. The oids take the place of the mark, as in reach.
WITH watched AS (SELECT pg_catalog.unnest('{ROLES}'::int8[]) AS oid),
named AS (SELECT w.oid, coalesce(r.rolname, 'public') AS name
            FROM watched w LEFT JOIN pg_catalog.pg_roles r ON r.oid = w.oid
           WHERE w.oid = 0 OR r.oid IS NOT NULL),
keys AS (
  SELECT i.indrelid AS relation, i.indrelid AS asked, n.columns
    FROM pg_catalog.pg_index i
    JOIN pg_catalog.pg_class c ON c.oid = i.indrelid AND c.relrowsecurity
   CROSS JOIN LATERAL (
     SELECT pg_catalog.array_agg(a.attname::text ORDER BY a.attnum) AS columns
       FROM pg_catalog.pg_attribute a
      WHERE a.attrelid = i.indrelid AND a.attnum > 0
        AND (a.attnum = ANY ((i.indkey::int2[])[0:i.indnkeyatts - 1])
             OR i.indexprs IS NOT NULL AND EXISTS (
                  SELECT FROM pg_catalog.pg_depend d
                   WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = i.indexrelid
                     AND d.refclassid = 'pg_catalog.pg_class'::regclass
                     AND d.refobjid = i.indrelid AND d.refobjsubid = a.attnum))) n
   WHERE i.indisunique AND NOT i.indisprimary AND n.columns IS NOT NULL
  UNION ALL
  SELECT k.conrelid, k.confrelid,
         (SELECT pg_catalog.array_agg(a.attname::text) FROM pg_catalog.pg_attribute a
           WHERE a.attrelid = k.confrelid AND a.attnum = ANY (k.confkey))
    FROM pg_catalog.pg_constraint k
    JOIN pg_catalog.pg_class c ON c.oid = k.confrelid AND c.relrowsecurity
   WHERE k.contype = 'f' AND k.conrelid <> k.confrelid)
SELECT k.relation::int8 AS relation, k.asked::int8 AS asked, k.columns AS asked_columns,
       pg_catalog.array_agg(r.oid ORDER BY r.oid) AS writers
FROM keys k
JOIN pg_catalog.pg_class c ON c.oid = k.relation
JOIN pg_catalog.pg_namespace s ON s.oid = c.relnamespace
 AND s.nspname <> 'information_schema' AND s.nspname !~ '^pg_'
JOIN named r ON pg_catalog.has_schema_privilege(r.name, c.relnamespace, 'USAGE')
 AND pg_catalog.has_any_column_privilege(r.name, c.oid, 'INSERT, UPDATE')
GROUP BY 1, 2, 3
