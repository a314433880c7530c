-- Row policies with their deparsed expressions and what each leans on: its
-- own columns, other relations and user functions. Built-in functions are
-- pinned and leave no dependency, so they are looked for in the text. Writing
-- an expression out takes a shared lock on its own table: where an exclusive
-- lock is held, only a constant is written. With sub-selects it keeps locks on
-- what they read: `locks` names these, and the text is asked for in `texts`.
WITH locked AS MATERIALIZED (
  SELECT l.relation FROM pg_catalog.pg_locks l
   WHERE l.mode = 'AccessExclusiveLock' AND l.relation IS NOT NULL
     AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d
                        WHERE d.datname = pg_catalog.current_database()))
SELECT p.oid::int8 AS oid,
       p.polrelid::int8 AS relation,
       p.polname::text AS name,
       p.polcmd::text AS command,
       p.polpermissive AS permissive,
       (SELECT pg_catalog.array_agg(x::int8) FROM pg_catalog.unnest(p.polroles) x) AS roles,
       k.unread,
       s.locks,
       CASE WHEN p.polqual::text LIKE '{CONST %' THEN pg_catalog.pg_get_expr(p.polqual, 0)
            WHEN NOT k.unread AND s.locks IS NULL THEN pg_catalog.pg_get_expr(p.polqual, p.polrelid) END AS "using",
       CASE WHEN p.polwithcheck::text LIKE '{CONST %' THEN pg_catalog.pg_get_expr(p.polwithcheck, 0)
            WHEN NOT k.unread AND s.locks IS NULL THEN pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid) END AS "check",
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
CROSS JOIN LATERAL (
  SELECT CASE WHEN d.relations IS NOT NULL OR o.itself
              THEN coalesce(d.relations, '{}') || CASE WHEN o.itself THEN ARRAY[p.polrelid::int8] ELSE '{}' END END AS locks
    FROM (SELECT (p.polqual::text LIKE x.own OR p.polwithcheck::text LIKE x.own) IS TRUE AS itself
            FROM (SELECT '%:relid ' || p.polrelid || ' %' AS own) x) o) s
CROSS JOIN LATERAL (
  SELECT (p.polqual::text NOT LIKE '{CONST %' OR p.polwithcheck::text NOT LIKE '{CONST %') IS TRUE AND EXISTS (
    SELECT FROM locked l
     WHERE l.relation = p.polrelid OR l.relation::int8 = ANY (d.relations)) AS unread) k
ORDER BY p.polrelid, p.polname
