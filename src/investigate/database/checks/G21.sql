-- id: G21
-- what: grants of TRUNCATE and TRIGGER
-- Both pass row security by: TRUNCATE empties for everybody, a trigger sees
-- each row that is written. Told once, with a count. Where REFERENCES comes
-- with them a platform granted wholesale, also if SELECT was taken away since,
-- and its API offers none of them.
WITH held AS (
  SELECT n.nspname || '.' || c.relname AS name, coalesce(r.rolname, 'public') AS role, a.grantee,
         string_agg(a.privilege_type, ', ' ORDER BY a.privilege_type)
           FILTER (WHERE a.privilege_type IN ('TRUNCATE', 'TRIGGER', 'MAINTAIN')) AS past,
         count(DISTINCT a.privilege_type) FILTER (
           WHERE a.privilege_type IN ('TRUNCATE', 'REFERENCES', 'TRIGGER')) = 3 AS wholesale
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
   CROSS JOIN LATERAL pg_catalog.aclexplode(c.relacl) a
    LEFT JOIN pg_catalog.pg_roles r ON r.oid = a.grantee
   WHERE c.relkind IN ('r', 'p') AND c.oid::int8 = ANY ('{SENSITIVE}'::int8[]) AND a.grantee::int8 = ANY ('{LOW}'::int8[])
   GROUP BY 1, 2, 3),
ranked AS (SELECT h.*, dense_rank() OVER (ORDER BY h.name) AS n FROM held h WHERE h.past IS NOT NULL)
SELECT 'database' AS kind, pg_catalog.current_database()::text AS name,
       CASE WHEN bool_and(r.wholesale) THEN 'low' ELSE 'medium' END AS severity,
       max(r.n) || CASE max(r.n) WHEN 1 THEN ' table' ELSE ' tables' END
         || ' with privileges that row security does not bind, granted to ' || string_agg(DISTINCT r.role, ', ') AS title,
       jsonb_build_object('privileges', string_agg(DISTINCT r.past, ' | '),
         'among them', string_agg(DISTINCT r.name, ', ') FILTER (WHERE r.n <= 5)) AS evidence,
       'revoke TRUNCATE and TRIGGER, from 17 also MAINTAIN, on these tables from these roles: no API needs them' AS hint
FROM ranked r HAVING count(*) > 0
