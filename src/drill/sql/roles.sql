-- The roles a Supabase-shaped project has. Roles belong to the whole server,
-- so each is made only where it is missing.
do $roles$
declare
  wanted constant text[][] := array[
    ['anon', 'nologin noinherit'],
    ['authenticated', 'nologin noinherit'],
    ['service_role', 'nologin noinherit bypassrls'],
    ['supabase_admin', 'nologin'],
    ['authenticator', 'login noinherit'],
    ['app_backend', 'login noinherit']
  ];
begin
  for i in 1 .. array_length(wanted, 1) loop
    if not exists (select from pg_catalog.pg_roles where rolname = wanted[i][1]) then
      execute format('create role %I %s', wanted[i][1], wanted[i][2]);
    end if;
  end loop;
  if not pg_catalog.pg_has_role('authenticator', 'service_role', 'member') then
    grant anon, authenticated, service_role to authenticator;
  end if;
end
$roles$;

grant usage on schema public to anon, authenticated, service_role, app_backend;
grant all on schema public to supabase_admin;
create schema auth authorization supabase_admin;
create schema private authorization supabase_admin;
grant usage on schema auth to anon, authenticated, service_role, app_backend;

-- What the platform does for every table its owner creates: row security is
-- meant to be the only gate.
alter default privileges for role supabase_admin in schema public
  grant all on tables to anon, authenticated, service_role;
alter default privileges for role supabase_admin in schema public
  grant all on sequences to anon, authenticated, service_role;
