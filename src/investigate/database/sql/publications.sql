-- Publications with the tables they name. Those of whole schemas come from a
-- catalog that is there from 15 on; see publication_schemas.
SELECT p.pubname::text AS name,
       p.puballtables AS everything,
       (SELECT coalesce(pg_catalog.array_agg(m.prrelid::int8 ORDER BY m.prrelid), '{}')
          FROM pg_catalog.pg_publication_rel m WHERE m.prpubid = p.oid) AS relations
FROM pg_catalog.pg_publication p
ORDER BY p.pubname
