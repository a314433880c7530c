-- id: C03
-- what: TLS of the sessions
-- needs: pg_read_all_stats
-- Sessions of this database that came from another machine without TLS: over
-- a private network it weighs less.
SELECT 'setting' AS kind, 'ssl' AS name, CASE WHEN bool_or(c.outside) THEN 'medium' ELSE 'low' END AS severity,
       count(*) || ' sessions came from another machine without TLS' AS title,
       jsonb_build_object('logins', string_agg(DISTINCT c.usename::text, ', '), 'ssl', pg_catalog.current_setting('ssl')) AS evidence,
       'turn ssl on, let these clients ask for sslmode=verify-full, and write hostssl into pg_hba.conf' AS hint
FROM (SELECT a.usename,
             NOT (a.client_addr <<= '10.0.0.0/8' OR a.client_addr <<= '172.16.0.0/12' OR a.client_addr <<= '192.168.0.0/16'
                  OR a.client_addr <<= 'fc00::/7') AS outside
        FROM pg_catalog.pg_stat_activity a
        JOIN pg_catalog.pg_stat_ssl t ON t.pid = a.pid AND NOT t.ssl
       WHERE a.datname = pg_catalog.current_database() AND a.pid <> pg_catalog.pg_backend_pid()
         AND a.client_addr IS NOT NULL AND NOT (a.client_addr <<= '127.0.0.0/8' OR a.client_addr = '::1')) c
HAVING count(*) > 0
