-- What the server writes out only under shared locks that it keeps: texts of
-- views, conditions with sub-selects, bodies in the standard form. Names come
-- qualified, since the search_path is empty. The marks are oids: of what is
-- asked for, and of all relations that this locks. Where another session holds
-- or awaits an exclusive lock on what one reads, it is left out.
WITH locked AS MATERIALIZED (
  SELECT l.relation FROM pg_catalog.pg_locks l
   WHERE l.mode = 'AccessExclusiveLock' AND l.relation::int8 = ANY ('{LOCKS}'::int8[])
     AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d
                        WHERE d.datname = pg_catalog.current_database())),
held AS MATERIALIZED (
  SELECT d.classid, d.objid FROM pg_catalog.pg_depend d
   WHERE d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid IN (SELECT relation FROM locked))
SELECT 'view' AS kind, c.oid::int8 AS oid, k.locked, NULL::text AS "check",
       CASE WHEN NOT k.locked THEN pg_catalog.pg_get_viewdef(c.oid) END AS text
  FROM pg_catalog.unnest('{VIEWS}'::oid[]) a
  JOIN pg_catalog.pg_class c ON c.oid = a
 CROSS JOIN LATERAL (
   SELECT c.oid IN (SELECT relation FROM locked)
       OR EXISTS (SELECT FROM held h JOIN pg_catalog.pg_rewrite w ON w.oid = h.objid AND w.ev_class = c.oid
                   WHERE h.classid = 'pg_catalog.pg_rewrite'::regclass) AS locked) k
UNION ALL
SELECT 'policy', p.oid::int8, k.locked,
       CASE WHEN NOT k.locked THEN pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid) END,
       CASE WHEN NOT k.locked THEN pg_catalog.pg_get_expr(p.polqual, p.polrelid) END
  FROM pg_catalog.unnest('{POLICIES}'::oid[]) a
  JOIN pg_catalog.pg_policy p ON p.oid = a
 CROSS JOIN LATERAL (
   SELECT EXISTS (SELECT FROM held h
                   WHERE h.classid = 'pg_catalog.pg_policy'::regclass AND h.objid = p.oid) AS locked) k
UNION ALL
SELECT 'function', f.oid::int8, k.locked, NULL,
       CASE WHEN NOT k.locked THEN pg_catalog.pg_get_functiondef(f.oid) END
  FROM pg_catalog.unnest('{FUNCTIONS}'::oid[]) a
  JOIN pg_catalog.pg_proc f ON f.oid = a
 CROSS JOIN LATERAL (
   SELECT EXISTS (SELECT FROM held h
                   WHERE h.classid = 'pg_catalog.pg_proc'::regclass AND h.objid = f.oid) AS locked) k
