-- The WITH CHECK of each policy that has one. Writing it out takes shared
-- locks on the tables it reads: where an exclusive lock is held it is left out.
WITH locked AS MATERIALIZED (
  SELECT l.relation FROM pg_catalog.pg_locks l
   WHERE l.mode = 'AccessExclusiveLock' AND l.relation IS NOT NULL
     AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d
                        WHERE d.datname = pg_catalog.current_database()))
SELECT p.oid::int8 AS policy, k.unread,
       CASE WHEN NOT k.unread THEN pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid) END AS "check"
  FROM pg_catalog.pg_policy p
 CROSS JOIN LATERAL (
   SELECT EXISTS (SELECT FROM locked l
                   WHERE l.relation = p.polrelid
                      OR l.relation IN (SELECT d.refobjid FROM pg_catalog.pg_depend d
                                         WHERE d.classid = 'pg_catalog.pg_policy'::regclass AND d.objid = p.oid
                                           AND d.refclassid = 'pg_catalog.pg_class'::regclass)) AS unread) k
 WHERE p.polwithcheck IS NOT NULL
