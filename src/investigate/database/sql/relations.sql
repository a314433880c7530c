-- Tables, views, materialized views and foreign tables outside the system
-- schemas, with their columns. Sizes and view texts need a shared lock: where
-- another session holds or awaits an exclusive one they are left out, so that
-- nobody waits. View texts are asked for in `texts`.
WITH locked AS MATERIALIZED (
  SELECT l.relation FROM pg_catalog.pg_locks l
   WHERE l.mode = 'AccessExclusiveLock' AND l.relation IS NOT NULL
     AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d
                        WHERE d.datname = pg_catalog.current_database())),
-- NOT NULL that older rows need not meet (from 18 on).
lax AS MATERIALIZED (
  SELECT k.conrelid AS relation, u.num
    FROM pg_catalog.pg_constraint k CROSS JOIN LATERAL pg_catalog.unnest(k.conkey) AS u(num)
   WHERE k.contype = 'n' AND NOT k.convalidated AND k.conrelid <> 0)
SELECT c.oid::int8 AS oid,
       n.nspname::text AS schema,
       c.relname::text AS name,
       c.relkind::text AS kind,
       c.relowner::int8 AS owner,
       c.relrowsecurity AS rls,
       c.relforcerowsecurity AS force,
       c.relispartition AS partition,
       CASE WHEN c.reltuples >= 0 THEN c.reltuples::int8 END AS rows,
       CASE WHEN c.relpages > 0 THEN c.relpages::int8 END AS pages,
       k.locked,
       CASE WHEN c.relkind IN ('r', 'm') AND NOT k.locked THEN coalesce(pg_catalog.pg_relation_size(c.oid), 0) > 0 END AS filled,
       coalesce(c.reloptions::text ~* 'security_invoker=(on|true|yes|1)', false) AS invoker,
       EXISTS (SELECT 1 FROM pg_catalog.pg_depend d
                WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid
                  AND d.deptype = 'e') AS extension,
       (SELECT pg_catalog.array_agg(DISTINCT g.grantee::int8)
          FROM (SELECT a.grantee FROM pg_catalog.aclexplode(c.relacl) a
                 WHERE a.privilege_type = 'SELECT'
                UNION ALL
                SELECT x.grantee FROM pg_catalog.pg_attribute t
                 CROSS JOIN LATERAL pg_catalog.aclexplode(t.attacl) x
                 WHERE t.attrelid = c.oid AND t.attacl IS NOT NULL
                   AND x.privilege_type = 'SELECT') g
         WHERE g.grantee NOT IN (0, c.relowner)) AS grantees,
       coalesce((SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
                          'num', a.attnum, 'name', a.attname::text,
                          'type', (SELECT t.typname::text FROM pg_catalog.pg_type t
                                    WHERE t.oid = a.atttypid),
                          'required', a.attnotnull AND (c.oid, a.attnum) NOT IN (SELECT l.relation, l.num FROM lax l))
                          ORDER BY a.attnum)
                   FROM pg_catalog.pg_attribute a
                  WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped), '[]') AS columns
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL (
  SELECT EXISTS (SELECT FROM locked)
     AND (c.oid IN (SELECT relation FROM locked)
          OR EXISTS (SELECT FROM pg_catalog.pg_rewrite w
                       JOIN pg_catalog.pg_depend d
                         ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.objid = w.oid
                      WHERE w.ev_class = c.oid AND c.relkind IN ('v', 'm')
                        AND d.refclassid = 'pg_catalog.pg_class'::regclass
                        AND d.refobjid IN (SELECT relation FROM locked))) AS locked) k
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
  AND n.nspname <> 'information_schema'
  AND n.nspname !~ '^pg_'
ORDER BY n.nspname, c.relname
