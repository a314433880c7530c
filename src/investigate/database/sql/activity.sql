-- What runs in this database now, the asking session aside. Of sessions that
-- the login may not see, neither kind nor state is told: they are not here.
SELECT a.pid,
       coalesce(a.usename, '')::text AS login,
       coalesce(a.application_name, '') AS application,
       coalesce(pg_catalog.host(a.client_addr), '') AS address,
       coalesce(a.wait_event, '') AS waits,
       greatest(0, pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - a.query_start))::int8 AS seconds,
       pg_catalog.left(a.query, 4000) AS text,
       {COPIED} AS copied
FROM pg_catalog.pg_stat_activity a {PROGRESS}
WHERE a.datname = pg_catalog.current_database()
  AND a.pid <> pg_catalog.pg_backend_pid()
  AND a.backend_type = 'client backend'
  AND a.state = 'active'
ORDER BY a.query_start
LIMIT 200
