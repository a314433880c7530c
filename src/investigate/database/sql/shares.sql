-- The share of a table's rows that its commonest value has, of these columns:
-- the largest tenant's part. The value itself stays on the server.
SELECT c.oid::int8 AS relation, s.attname::text AS column, s.most_common_freqs[1]::float8 AS part
FROM pg_catalog.pg_stats s
JOIN pg_catalog.pg_namespace n ON n.nspname = s.schemaname
JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = s.tablename
WHERE s.attname IN ({COLUMNS}) AND s.most_common_freqs IS NOT NULL AND NOT s.inherited
