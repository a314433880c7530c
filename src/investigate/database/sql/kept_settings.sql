-- Settings that statements left in a session, by name and number of calls. The
-- value stands in the same text and stays on the server. A null name counts
-- texts that this login may not see. The view's name takes the place of the
-- mark.
SELECT pg_catalog.lower(pg_catalog.substring(s.query, '(?i)^\s*set\s+(?:session\s+)?([a-z_]\w*\.[a-z_]\w*)')) AS name,
       pg_catalog.sum(s.calls)::int8 AS calls
FROM {VIEW} s
WHERE s.dbid = (SELECT d.oid FROM pg_catalog.pg_database d
                 WHERE d.datname = pg_catalog.current_database())
  AND (s.query ~* '^\s*set\s+(session\s+)?[a-z_]\w*\.[a-z_]\w*\s*(=|to\s)'
       OR s.query = '<insufficient privilege>')
GROUP BY 1
