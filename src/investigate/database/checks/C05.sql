-- id: C05
-- what: what the server writes down
-- Sources of evidence that are off: what they would have told about the past
-- is not there, and their silence means nothing.
SELECT 'setting' AS kind, g.name, g.severity, g.title, jsonb_build_object('now', g.now) AS evidence, g.hint
FROM (
  SELECT 'pg_stat_statements' AS name, 'low' AS severity, 'no count of rows read per statement: pg_stat_statements is not loaded' AS title,
         'not loaded' AS now, 'add pg_stat_statements to shared_preload_libraries at the next restart, for the next time' AS hint
   WHERE pg_catalog.current_setting('pg_stat_statements.track', true) IS NULL
  UNION ALL
  SELECT 'pg_stat_statements.track', 'low', 'pg_stat_statements is loaded and counts nothing', 'none',
         'set pg_stat_statements.track to top: no restart is needed'
   WHERE pg_catalog.current_setting('pg_stat_statements.track', true) = 'none'
  UNION ALL
  SELECT 'pgaudit.log', 'info', 'no line per relation read is in the log: pgaudit is loaded and off', 'none',
         'log class read, for the next time, and mind that the log then holds more'
   WHERE pg_catalog.current_setting('pgaudit.log', true) = 'none'
  UNION ALL
  SELECT s.name::text, 'low', s.name || ' is off: sessions or table counters tell nothing', s.setting, 'set ' || s.name || ' to on'
    FROM pg_catalog.pg_settings s
   WHERE s.name IN ('track_activities', 'track_counts') AND s.setting = 'off') g
