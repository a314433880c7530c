-- Row policies with their deparsed expressions and what each leans on: its
-- own columns, other relations and user functions. Built-in functions are
-- pinned and leave no dependency, so they are looked for in the text.
SELECT p.oid::int8 AS oid,
       p.polrelid::int8 AS relation,
       p.polname::text AS name,
       p.polcmd::text AS command,
       p.polpermissive AS permissive,
       (SELECT pg_catalog.array_agg(x::int8) FROM pg_catalog.unnest(p.polroles) x) AS roles,
       pg_catalog.pg_get_expr(p.polqual, p.polrelid) AS "using",
       coalesce(d.own, '{}') AS own,
       coalesce(d.relations, '{}') AS relations,
       coalesce(d.functions, '{}') AS functions
FROM pg_catalog.pg_policy p
-- One look-up by index a policy: grouping first made the planner pair every
-- policy with every group.
LEFT JOIN LATERAL (
  SELECT pg_catalog.array_agg(DISTINCT e.refobjsubid::int4) FILTER (
           WHERE e.refclassid = 'pg_catalog.pg_class'::regclass AND e.refobjid = p.polrelid
             AND e.refobjsubid > 0) AS own,
         pg_catalog.array_agg(DISTINCT e.refobjid::int8) FILTER (
           WHERE e.refclassid = 'pg_catalog.pg_class'::regclass AND e.refobjid <> p.polrelid) AS relations,
         pg_catalog.array_agg(DISTINCT e.refobjid::int8) FILTER (
           WHERE e.refclassid = 'pg_catalog.pg_proc'::regclass) AS functions
    FROM pg_catalog.pg_depend e
   WHERE e.classid = 'pg_catalog.pg_policy'::regclass AND e.objid = p.oid AND e.deptype = 'n') d ON true
ORDER BY p.polrelid, p.polname
