-- Triggers that run for each row written to a table under row security, and
-- the columns they depend on by UPDATE OF or WHEN: a body may refuse a write
-- that policies let through. Their conditions are not written out, since that
-- would take locks.
SELECT t.tgrelid::int8 AS relation,
       t.tgfoid::int8 AS function,
       t.tgtype & 4 <> 0 AS inserts,
       t.tgtype & 16 <> 0 AS updates,
       ARRAY(SELECT DISTINCT d.refobjsubid::int4 FROM pg_catalog.pg_depend d
              WHERE d.classid = 'pg_catalog.pg_trigger'::regclass AND d.objid = t.oid
                AND d.refclassid = 'pg_catalog.pg_class'::regclass
                AND d.refobjid = t.tgrelid AND d.refobjsubid > 0) AS columns
FROM pg_catalog.pg_trigger t
JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid AND c.relrowsecurity
WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A') AND t.tgtype & 1 <> 0
