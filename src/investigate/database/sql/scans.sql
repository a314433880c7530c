-- Rows looked through by anybody, a table at a time.
SELECT s.relid::int8 AS relation,
       (coalesce(s.seq_tup_read, 0) + coalesce(s.idx_tup_fetch, 0))::int8 AS rows,
       {LAST} AS last
FROM pg_catalog.pg_stat_user_tables s
WHERE coalesce(s.seq_tup_read, 0) + coalesce(s.idx_tup_fetch, 0) > 0
