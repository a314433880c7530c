-- Tables that are published with their whole schema (15 and later).
SELECT p.pubname::text AS name,
       false AS everything,
       pg_catalog.array_agg(c.oid::int8 ORDER BY c.oid) AS relations
FROM pg_catalog.pg_publication p
JOIN pg_catalog.pg_publication_namespace s ON s.pnpubid = p.oid
JOIN pg_catalog.pg_class c ON c.relnamespace = s.pnnspid AND c.relkind IN ('r', 'p')
GROUP BY p.pubname
