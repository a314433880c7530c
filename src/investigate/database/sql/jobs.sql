-- Scheduled jobs of this database that are switched on. Older versions of the
-- scheduler know no names.
SELECT coalesce(pg_catalog.to_jsonb(j) ->> 'jobname', 'job ' || j.jobid) AS name,
       j.username::text AS runs_as,
       j.command::text AS command
FROM cron.job j
WHERE j.active AND j.database = pg_catalog.current_database()
ORDER BY 1
LIMIT 1000
