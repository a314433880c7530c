-- Replication slots of this database, and physical ones that nobody reads.
SELECT s.slot_name::text AS name,
       s.plugin::text AS plugin,
       s.active
FROM pg_catalog.pg_replication_slots s
WHERE s.database = pg_catalog.current_database()
   OR (s.slot_type = 'physical' AND NOT s.active)
ORDER BY s.slot_name
