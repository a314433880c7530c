-- User functions: enough to tell who may call them, what they return, what
-- their bodies read and which settings are pinned to them. Bodies written in the standard form have an empty
-- source; `locks` names what writing them out would lock, and `texts` does it.
SELECT f.oid::int8 AS oid,
       n.nspname::text AS schema,
       f.proname::text AS name,
       f.prosecdef AS definer,
       f.proowner::int8 AS owner,
       f.proleakproof AS leakproof,
       f.proconfig::text[] AS settings,
       f.provolatile::text AS volatility,
       l.lanname::text AS language,
       l.lanpltrusted AS trusted,
       f.pronargs::int4 AS arguments,
       f.proargnames::text[] AS names,
       pg_catalog.pg_get_expr(f.proargdefaults, 'pg_catalog.pg_proc'::regclass) AS defaults,
       f.proretset AS returns_set,
       t.typname::text AS returns,
       t.typtype::text AS return_kind,
       nullif(f.prosrc, '') AS source,
       CASE WHEN f.prosrc = '' AND l.lanname = 'sql' THEN coalesce((
         SELECT pg_catalog.array_agg(DISTINCT d.refobjid::int8) FROM pg_catalog.pg_depend d
          WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = f.oid
            AND d.refclassid = 'pg_catalog.pg_class'::regclass), '{}') END AS locks,
       pg_catalog.pg_get_function_identity_arguments(f.oid) AS signature,
       (SELECT pg_catalog.array_agg(DISTINCT a.grantee::int8)
          FROM pg_catalog.aclexplode(coalesce(f.proacl, pg_catalog.acldefault('f', f.proowner))) a
         WHERE a.privilege_type = 'EXECUTE' AND a.grantee <> f.proowner) AS callers,
       EXISTS (SELECT 1 FROM pg_catalog.pg_depend d
                WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = f.oid
                  AND d.deptype = 'e') AS extension
FROM pg_catalog.pg_proc f
JOIN pg_catalog.pg_namespace n ON n.oid = f.pronamespace
JOIN pg_catalog.pg_language l ON l.oid = f.prolang
JOIN pg_catalog.pg_type t ON t.oid = f.prorettype
WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')
  AND n.nspname !~ '^pg_'
  AND f.prokind IN ('f', 'p')
