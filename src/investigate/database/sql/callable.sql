-- Which watched roles may call which function of interest: EXECUTE and USAGE
-- on its schema. Of interest are security definers, functions declared
-- leakproof and those that reach other servers. The oids take the place of the
-- mark, as in reach.
WITH watched AS (SELECT pg_catalog.unnest('{ROLES}'::int8[]) AS oid),
named AS (SELECT w.oid, coalesce(r.rolname, 'public') AS name
            FROM watched w LEFT JOIN pg_catalog.pg_roles r ON r.oid = w.oid
           WHERE w.oid = 0 OR r.oid IS NOT NULL)
SELECT f.oid::int8 AS function, r.oid AS role
FROM named r
CROSS JOIN (SELECT f.oid, f.pronamespace FROM pg_catalog.pg_proc f
              JOIN pg_catalog.pg_namespace n ON n.oid = f.pronamespace
             WHERE (f.prosecdef OR f.proleakproof OR n.nspname = 'net'
                    OR f.proname ~ '^(dblink|http)(_|$)') AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_') f
WHERE pg_catalog.has_schema_privilege(r.name, f.pronamespace, 'USAGE')
  AND pg_catalog.has_function_privilege(r.name, f.oid, 'EXECUTE')
