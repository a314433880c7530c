-- Tables, helpers and sound policies. A shape breaks one of them afterwards.
set local role supabase_admin;

create table auth.users (
  id uuid primary key,
  email text not null,
  encrypted_password text not null,
  raw_app_meta_data jsonb not null default '{}',
  raw_user_meta_data jsonb not null default '{}',
  last_sign_in_at timestamptz,
  created_at timestamptz not null
);

create function auth.jwt() returns jsonb language sql stable as $$
  select nullif(current_setting('request.jwt.claims', true), '')::jsonb
$$;
create function auth.uid() returns uuid language sql stable as $$
  select nullif(auth.jwt() ->> 'sub', '')::uuid
$$;
create function auth.role() returns text language sql stable as $$
  select auth.jwt() ->> 'role'
$$;

create table public.organizations (
  id uuid primary key,
  name text not null,
  slug text not null unique,
  created_at timestamptz not null
);
create table public.org_members (
  org_id uuid not null references public.organizations,
  user_id uuid not null references auth.users,
  role text not null check (role in ('owner', 'admin', 'member')),
  primary key (org_id, user_id)
);
create index on public.org_members (user_id);
create table public.profiles (
  id uuid primary key references auth.users,
  org_id uuid not null references public.organizations,
  full_name text not null,
  email text not null,
  phone text
);
create table public.customers (
  id bigint primary key,
  org_id uuid not null references public.organizations,
  name text not null,
  email text not null,
  phone text not null,
  address text not null,
  stripe_customer_id text not null,
  created_at timestamptz not null
);
create index on public.customers (org_id);
create table public.plans (
  id text primary key,
  name text not null,
  monthly_cents integer not null
);
create table public.subscriptions (
  id bigint primary key,
  org_id uuid not null references public.organizations,
  customer_id bigint not null references public.customers,
  plan_id text not null references public.plans,
  status text not null,
  stripe_subscription_id text not null
);
create index on public.subscriptions (org_id);
create table public.invoices (
  id bigint primary key,
  org_id uuid not null references public.organizations,
  customer_id bigint not null references public.customers,
  number text not null,
  amount_cents integer not null,
  currency text not null default 'usd',
  status text not null,
  stripe_invoice_id text not null,
  issued_on date not null
);
create index on public.invoices (org_id);
create table public.payments (
  id bigint not null,
  org_id uuid not null,
  customer_id bigint not null,
  invoice_id bigint not null,
  amount_cents integer not null,
  card_last4 text not null,
  stripe_payment_intent_id text not null,
  paid_on date not null
) partition by range (paid_on);
create table public.payments_2025 partition of public.payments
  for values from ('2025-01-01') to ('2026-01-01');
create table public.payments_2026 partition of public.payments
  for values from ('2026-01-01') to ('2027-01-01');
create table public.stripe_events (
  id text primary key,
  org_id uuid not null references public.organizations,
  type text not null,
  payload jsonb not null,
  received_at timestamptz not null
);
create table public.support_tickets (
  id bigint primary key,
  org_id uuid not null references public.organizations,
  customer_id bigint not null references public.customers,
  subject text not null,
  body text not null,
  status text not null
);
create table public.audit_log (
  id bigint primary key,
  org_id uuid not null references public.organizations,
  actor uuid not null references auth.users,
  action text not null,
  at timestamptz not null
);

-- Whether the caller belongs to an organisation. Definer rights, so that the
-- membership table's own policy does not apply to the question.
create function private.is_member(org uuid) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (
    select 1 from public.org_members m
    where m.org_id = org and m.user_id = (select auth.uid()))
$$;
create function private.is_admin(org uuid) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (
    select 1 from public.org_members m
    where m.org_id = org and m.user_id = (select auth.uid())
      and m.role in ('owner', 'admin'))
$$;
-- The same as a list, which a query works out once instead of for each row.
create function private.my_organizations() returns setof uuid
language sql stable security definer set search_path = '' as $$
  select m.org_id from public.org_members m where m.user_id = (select auth.uid())
$$;
create function private.can_read_invoices(org uuid) returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  return exists (
    select 1 from public.org_members m
    where m.org_id = org and m.user_id = auth.uid());
end
$$;

alter table public.organizations enable row level security;
alter table public.org_members enable row level security;
alter table public.profiles enable row level security;
alter table public.customers enable row level security;
alter table public.subscriptions enable row level security;
alter table public.invoices enable row level security;
alter table public.payments enable row level security;
alter table public.payments_2025 enable row level security;
alter table public.payments_2026 enable row level security;
alter table public.stripe_events enable row level security;
alter table public.support_tickets enable row level security;
alter table public.audit_log enable row level security;

create policy "members read their organisation" on public.organizations
  for select to authenticated using (private.is_member(id));
create policy "own memberships" on public.org_members
  for select to authenticated using (user_id = (select auth.uid()));
create policy "own profile" on public.profiles
  for all to authenticated using (id = (select auth.uid()));
create policy "members read customers" on public.customers
  for select to authenticated
  using (org_id in (select m.org_id from public.org_members m
                    where m.user_id = (select auth.uid())));
create policy "members read subscriptions" on public.subscriptions
  for select to authenticated using (org_id in (select private.my_organizations()));
create policy "members read invoices" on public.invoices
  for select to authenticated using (private.can_read_invoices(org_id));
create policy "members read payments" on public.payments
  for select to authenticated using (org_id in (select private.my_organizations()));
create policy "members read payments" on public.payments_2025
  for select to authenticated using (org_id in (select private.my_organizations()));
create policy "members read payments" on public.payments_2026
  for select to authenticated using (org_id in (select private.my_organizations()));
create policy "admins read events" on public.stripe_events
  for select to authenticated using (private.is_admin(org_id));
create policy "members read tickets" on public.support_tickets
  for select to authenticated using (org_id in (select private.my_organizations()));
create policy "admins read the audit log" on public.audit_log
  for select to authenticated using (private.is_admin(org_id));

-- The admin app's own login works on one organisation at a time.
grant select on public.customers, public.subscriptions, public.invoices to app_backend;
create policy "backend works on one organisation" on public.customers
  for select to app_backend
  using (org_id = nullif(current_setting('app.org_id', true), '')::uuid);
create policy "backend works on one organisation" on public.subscriptions
  for select to app_backend
  using (org_id = nullif(current_setting('app.org_id', true), '')::uuid);
create policy "backend works on one organisation" on public.invoices
  for select to app_backend
  using (org_id = nullif(current_setting('app.org_id', true), '')::uuid);

reset role;
