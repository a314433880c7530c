-- What looks like a leak and is none. All of it is in every lab.
set local role supabase_admin;

-- A constant that changes nothing, because it is ANDed with the owner.
create table public.projects (
  id bigint primary key,
  org_id uuid not null references public.organizations,
  name text not null
);
alter table public.projects enable row level security;
create policy "members read projects" on public.projects
  for select to authenticated using (1 = 1 and private.is_member(org_id));

-- A policy that is simply true, for a role that reads everything by design.
create table public.webhook_endpoints (
  id bigint primary key,
  org_id uuid not null references public.organizations,
  url text not null
);
alter table public.webhook_endpoints enable row level security;
create policy "service reads everything" on public.webhook_endpoints
  for select to service_role using (true);
create policy "admins read endpoints" on public.webhook_endpoints
  for select to authenticated using (private.is_admin(org_id));

-- A true policy that a restrictive one narrows again.
create table public.documents (
  id bigint primary key,
  org_id uuid not null references public.organizations,
  title text not null,
  author_email text not null
);
alter table public.documents enable row level security;
create policy "signed-in people read documents" on public.documents
  for select to authenticated using (true);
create policy "only of their organisation" on public.documents
  as restrictive for select to authenticated using (private.is_member(org_id));

-- Meant for everybody, and nobody's data.
alter table public.plans enable row level security;
create policy "plans are public" on public.plans for select using (true);
create table public.countries (code text primary key, name text not null);
create table public.published_posts (
  id bigint primary key,
  title text not null,
  status text not null
);
alter table public.published_posts enable row level security;
create policy "published posts are public" on public.published_posts
  for select using (status = 'published');

-- A copy without row security that no API role may read.
create table public.invoices_archive_2024 (like public.invoices);
revoke all on public.invoices_archive_2024 from anon, authenticated, app_backend;

-- Definer rights, but the view narrows to the caller by itself.
create view public.my_profile as
  select id, full_name, email, phone from public.profiles
  where id = (select auth.uid());

-- The caller's own rights apply (an option that servers know since 15).
do $view$
begin
  if current_setting('server_version_num')::int >= 150000 then
    create view public.my_customers with (security_invoker = true) as
      select id, org_id, name, email from public.customers;
  end if;
end
$view$;

-- Definer rights, callable by all, and the answer is one bit about oneself.
create function public.has_organisation() returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (select 1 from public.org_members m
                 where m.user_id = (select auth.uid()))
$$;

reset role;
