-- How relations hang together: inheritance and partitioning (kind i), and
-- foreign keys (kind f) with the names of their columns on both sides.
SELECT 'i' AS kind, i.inhrelid::int8 AS child, i.inhparent::int8 AS parent,
       '{}'::text[] AS child_columns, '{}'::text[] AS parent_columns
FROM pg_catalog.pg_inherits i
JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid AND c.relkind IN ('r', 'p', 'f')
UNION ALL
SELECT 'f', k.conrelid::int8, k.confrelid::int8,
       (SELECT pg_catalog.array_agg(a.attname::text ORDER BY u.ord)
          FROM pg_catalog.unnest(k.conkey) WITH ORDINALITY u(num, ord)
          JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.num),
       (SELECT pg_catalog.array_agg(a.attname::text ORDER BY u.ord)
          FROM pg_catalog.unnest(k.confkey) WITH ORDINALITY u(num, ord)
          JOIN pg_catalog.pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.num)
FROM pg_catalog.pg_constraint k
WHERE k.contype = 'f'
