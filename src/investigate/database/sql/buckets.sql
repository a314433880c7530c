-- Buckets whose files are served to everybody, by name.
SELECT b.id::text AS name
FROM storage.buckets b
WHERE b.public
ORDER BY b.id
LIMIT 1000
