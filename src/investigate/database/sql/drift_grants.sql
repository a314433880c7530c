-- What was granted to whom, by name, the owner's own rights aside: relations,
-- columns, functions and schemas that belong to no extension. The rights that
-- PUBLIC has by default are written out.
WITH granted AS (
  SELECT 'table' AS kind, n.nspname AS schema, c.relname AS name, NULL::text AS part,
         c.relowner AS owner, a.grantee, a.privilege_type
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
   CROSS JOIN LATERAL pg_catalog.aclexplode(c.relacl) a
   WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
     AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                      WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
  UNION ALL
  SELECT 'column', n.nspname, c.relname, t.attname::text, c.relowner, a.grantee, a.privilege_type
    FROM pg_catalog.pg_attribute t
    JOIN pg_catalog.pg_class c ON c.oid = t.attrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
   CROSS JOIN LATERAL pg_catalog.aclexplode(t.attacl) a
   WHERE t.attacl IS NOT NULL AND NOT t.attisdropped AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
     AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                      WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
  UNION ALL
  SELECT 'function', n.nspname, f.proname, pg_catalog.pg_get_function_identity_arguments(f.oid),
         f.proowner, a.grantee, a.privilege_type
    FROM pg_catalog.pg_proc f
    JOIN pg_catalog.pg_namespace n ON n.oid = f.pronamespace
   CROSS JOIN LATERAL pg_catalog.aclexplode(coalesce(f.proacl, pg_catalog.acldefault('f', f.proowner))) a
   WHERE f.prokind IN ('f', 'p')
     AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                      WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = f.oid AND d.deptype = 'e')
  UNION ALL
  SELECT 'schema', n.nspname, '', NULL, n.nspowner, a.grantee, a.privilege_type
    FROM pg_catalog.pg_namespace n
   CROSS JOIN LATERAL pg_catalog.aclexplode(n.nspacl) a)
SELECT g.kind, g.schema::text AS schema, g.name::text AS name, g.part,
       CASE WHEN g.grantee = 0 THEN 'public' ELSE r.rolname::text END AS grantee,
       pg_catalog.array_agg(DISTINCT g.privilege_type) AS privileges
  FROM granted g
  LEFT JOIN pg_catalog.pg_roles r ON r.oid = g.grantee
 WHERE g.grantee <> g.owner AND (g.grantee = 0 OR r.oid IS NOT NULL)
   AND g.schema <> 'information_schema' AND g.schema !~ '^pg_'
 GROUP BY 1, 2, 3, 4, 5
 ORDER BY 1, 2, 3, 4, 5
