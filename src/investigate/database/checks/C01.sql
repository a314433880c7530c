-- id: C01
-- what: pg_hba.conf
-- Lines that let clients in without a password from another machine, or from
-- any address at all. Told once, by the worst of them.
WITH lines AS (
  SELECT r.line_number,
         CASE WHEN r.auth_method = 'trust' THEN 'high'
              WHEN r.type IN ('hostssl', 'hostgssenc') THEN 'low' ELSE 'medium' END AS severity,
         CASE WHEN r.auth_method = 'trust' THEN 1 WHEN r.type IN ('hostssl', 'hostgssenc') THEN 3 ELSE 2 END AS rank
    FROM pg_catalog.pg_hba_file_rules r
   WHERE r.error IS NULL AND r.type LIKE 'host%' AND r.auth_method <> 'reject'
     AND r.address NOT IN ('127.0.0.1', '::1', 'localhost', 'samehost')
     AND (r.auth_method = 'trust' OR r.address = 'all' OR r.netmask IN ('0.0.0.0', '::')))
SELECT 'setting' AS kind, 'pg_hba.conf' AS name, (array_agg(l.severity ORDER BY l.rank))[1] AS severity,
       CASE min(l.rank) WHEN 1 THEN 'clients on other machines are let in without any proof of who they are'
                        WHEN 2 THEN 'logins are taken from every address, also without TLS'
                        ELSE 'logins are taken from every address, over TLS' END AS title,
       jsonb_build_object('lines', string_agg(l.line_number::text, ', ' ORDER BY l.line_number)) AS evidence,
       'name the networks of the application in these lines, with hostssl and scram-sha-256, and reload' AS hint
FROM lines l HAVING count(*) > 0
