-- Which relations each view reads, and which user functions it calls.
SELECT w.ev_class::int8 AS view,
       coalesce(pg_catalog.array_agg(DISTINCT d.refobjid::int8) FILTER (
         WHERE d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid <> w.ev_class), '{}') AS relations,
       coalesce(pg_catalog.array_agg(DISTINCT d.refobjid::int8) FILTER (
         WHERE d.refclassid = 'pg_catalog.pg_proc'::regclass), '{}') AS functions
FROM pg_catalog.pg_rewrite w
JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.objid = w.oid
JOIN pg_catalog.pg_class c ON c.oid = w.ev_class AND c.relkind IN ('v', 'm')
WHERE c.relnamespace <> ALL (SELECT n.oid FROM pg_catalog.pg_namespace n
                              WHERE n.nspname = 'information_schema' OR n.nspname ~ '^pg_')
GROUP BY w.ev_class
