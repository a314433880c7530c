-- Since when statements are counted, and how often some were dropped for room.
SELECT i.dealloc::int8 AS evicted,
       pg_catalog.to_char(i.stats_reset AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS since
FROM {INFO} i
