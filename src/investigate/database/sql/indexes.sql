-- Indexes of tables outside the system schemas: what each is looked up by, in
-- order, and for which rows. Writing an expression or a condition out takes a
-- shared lock on the table: where an exclusive lock is held it is left out.
WITH locked AS MATERIALIZED (
  SELECT l.relation FROM pg_catalog.pg_locks l
   WHERE l.mode = 'AccessExclusiveLock' AND l.relation IS NOT NULL
     AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d
                        WHERE d.datname = pg_catalog.current_database()))
SELECT i.indrelid::int8 AS relation, c.relname::text AS name, m.amname::text AS method,
       i.indisvalid AND i.indisready AS valid,
       k.unread,
       (SELECT pg_catalog.array_agg(
                 CASE WHEN a.attname IS NOT NULL THEN pg_catalog.quote_ident(a.attname)
                      WHEN NOT k.unread THEN pg_catalog.pg_get_indexdef(i.indexrelid, u.ord::int4, false) END
                 ORDER BY u.ord)
          FROM pg_catalog.unnest(i.indkey::int2[]) WITH ORDINALITY u(num, ord)
          LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = u.num AND u.num > 0
         WHERE u.ord <= i.indnkeyatts) AS keys,
       i.indpred IS NOT NULL AS partial,
       CASE WHEN i.indpred IS NOT NULL AND NOT k.unread
            THEN pg_catalog.pg_get_expr(i.indpred, i.indrelid) END AS predicate
  FROM pg_catalog.pg_index i
  JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
  JOIN pg_catalog.pg_am m ON m.oid = c.relam
  JOIN pg_catalog.pg_class t ON t.oid = i.indrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
 CROSS JOIN LATERAL (
   SELECT (i.indexprs IS NOT NULL OR i.indpred IS NOT NULL)
      AND i.indrelid IN (SELECT relation FROM locked) AS unread) k
 WHERE n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
 ORDER BY i.indrelid, c.relname
