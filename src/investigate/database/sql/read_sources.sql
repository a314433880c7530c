-- Which statistics there are, and how much of them the login may see.
SELECT pg_catalog.current_setting('server_version_num')::int4 AS version,
       x.place,
       x.columns,
       x.info,
       pg_catalog.current_setting('pg_stat_statements.track', true) AS track,
       pg_catalog.current_setting('pg_stat_statements.track_utility', true) AS utility,
       pg_catalog.current_setting('track_counts') AS counts,
       pg_catalog.current_setting('track_activities') AS activities,
       pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE') AS all_texts,
       pg_catalog.to_char(d.stats_reset AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS tables_since
FROM (SELECT 1) one
LEFT JOIN pg_catalog.pg_stat_database d ON d.datname = pg_catalog.current_database()
LEFT JOIN LATERAL (
  SELECT pg_catalog.max(pg_catalog.format('%I.%I', n.nspname, c.relname)) FILTER (WHERE c.relname = 'pg_stat_statements') AS place,
         pg_catalog.max(pg_catalog.format('%I.%I', n.nspname, c.relname)) FILTER (WHERE c.relname = 'pg_stat_statements_info') AS info,
         (SELECT pg_catalog.array_agg(a.attname::text) FROM pg_catalog.pg_attribute a
           WHERE a.attnum > 0 AND NOT a.attisdropped
             AND a.attrelid = pg_catalog.max(c.oid::int8) FILTER (WHERE c.relname = 'pg_stat_statements')::oid) AS columns
  FROM pg_catalog.pg_extension e
  JOIN pg_catalog.pg_depend p ON p.refclassid = 'pg_catalog.pg_extension'::regclass AND p.refobjid = e.oid
   AND p.classid = 'pg_catalog.pg_class'::regclass AND p.deptype = 'e'
  JOIN pg_catalog.pg_class c ON c.oid = p.objid AND c.relkind = 'v'
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE e.extname = 'pg_stat_statements') x ON true
