-- Credentials for other servers that every user of the server may use, and
-- which watched roles may. Options, where passwords stand, are left alone. The
-- oids take the place of the mark, as in reach.
WITH watched AS (SELECT pg_catalog.unnest('{ROLES}'::int8[]) AS oid),
named AS (SELECT w.oid, coalesce(r.rolname, 'public') AS name
            FROM watched w LEFT JOIN pg_catalog.pg_roles r ON r.oid = w.oid
           WHERE w.oid = 0 OR r.oid IS NOT NULL)
SELECT m.srvname::text AS server, pg_catalog.array_agg(r.oid ORDER BY r.oid) AS users
FROM pg_catalog.pg_user_mappings m
JOIN named r ON pg_catalog.has_server_privilege(r.name, m.srvid, 'USAGE')
WHERE m.umuser = 0
GROUP BY 1
