-- Settings of the server that bear on who gets in, what runs with every
-- session and what is logged. What this login may not see has no row.
SELECT s.name::text AS name, s.reset_val AS value
  FROM pg_catalog.pg_settings s
 WHERE s.name IN ('ssl', 'password_encryption', 'shared_preload_libraries', 'session_preload_libraries',
                  'local_preload_libraries', 'createrole_self_grant', 'log_connections', 'log_disconnections',
                  'log_statement', 'pgaudit.log', 'track_activities')
    OR s.name LIKE 'pgrst.db\_%'
 ORDER BY 1
