-- Who can become whom. From 16 both rights sit on the edge; before, INHERIT
-- sits on the member and SET ROLE is always allowed.
SELECT m.member::int8 AS member,
       m.roleid::int8 AS role,
       coalesce((pg_catalog.to_jsonb(m) ->> 'inherit_option')::bool, r.rolinherit) AS inherits,
       coalesce((pg_catalog.to_jsonb(m) ->> 'set_option')::bool, true) AS can_set
FROM pg_catalog.pg_auth_members m
JOIN pg_catalog.pg_roles r ON r.oid = m.member
