-- id: C05
-- what: since when statements are counted
-- view: pg_stat_statements_info
-- How far back the counts of statements reach, and whether some were dropped
-- for want of room: what was dropped was read and cannot be seen.
SELECT 'setting' AS kind, 'pg_stat_statements.max' AS name,
       CASE WHEN i.dealloc > 0 THEN 'low' ELSE 'info' END AS severity,
       CASE WHEN i.dealloc > 0 THEN 'counts of statements were dropped for want of room: what they read cannot be seen'
            ELSE 'statements are counted since ' || pg_catalog.to_char(i.stats_reset AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI "UTC"')
              || ': what was read before cannot be seen' END AS title,
       jsonb_build_object('times dropped', i.dealloc,
         'counted since', pg_catalog.to_char(i.stats_reset AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')) AS evidence,
       'raise pg_stat_statements.max at the next restart, and before an incident is closed do not reset the counts' AS hint
FROM {VIEW} i
