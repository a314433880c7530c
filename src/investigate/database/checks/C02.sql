-- id: C02
-- what: settings of the log
-- Low: rows get out only if somebody reads the log who may not read the table,
-- which no catalog says. Settings under which the server's log takes in what customers' rows hold.
SELECT 'setting' AS kind, s.name::text AS name,
       'low' AS severity,
       'the log of the server keeps values that statements carry: ' || s.name || ' is ' || s.setting AS title,
       jsonb_build_object(s.name, s.setting,
         'log_parameter_max_length', pg_catalog.current_setting('log_parameter_max_length')) AS evidence,
       'lower ' || s.name || ' or set log_parameter_max_length to 0, and see who reads the log' AS hint
FROM pg_catalog.pg_settings s
WHERE (s.name = 'log_statement' AND s.setting IN ('mod', 'all'))
   OR (s.name = 'log_min_duration_statement' AND s.setting::int8 >= 0
       AND pg_catalog.current_setting('log_parameter_max_length') <> '0')
   OR (s.name = 'pgaudit.log_parameter' AND s.setting = 'on')
