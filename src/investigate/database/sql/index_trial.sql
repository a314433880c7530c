-- Where the functions of HypoPG stand, if it is installed, and whether this
-- login may call them.
SELECT n.nspname::text AS schema,
       pg_catalog.has_schema_privilege(n.oid, 'USAGE')
         AND pg_catalog.count(p.oid) = 2
         AND coalesce(pg_catalog.bool_and(pg_catalog.has_function_privilege(p.oid, 'EXECUTE')), false) AS callable
  FROM pg_catalog.pg_extension e
  JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
  LEFT JOIN pg_catalog.pg_proc p ON p.pronamespace = n.oid
   AND p.proname IN ('hypopg_create_index', 'hypopg_drop_index')
 WHERE e.extname = 'hypopg'
 GROUP BY n.oid, n.nspname
