-- Made-up people and bills. Everything follows from the seed in `lab.seed`:
-- the same seed gives the same rows, byte for byte. No value is anybody's:
-- the mail domain is reserved for examples, the numbers for fiction.
--
-- Foreign keys hold by construction; checking each row would double the time.
set local session_replication_role = replica;

create function pg_temp.pick(key text, n integer) returns integer
language sql stable as $$
  select (abs(hashtextextended(key, current_setting('lab.seed')::bigint) % n))::integer
$$;
create function pg_temp.token(key text) returns text language sql stable as $$
  select md5(current_setting('lab.seed') || '/' || key)
$$;
create temporary table names on commit drop as select
  array['Ada','Bela','Chidi','Dana','Emre','Farah','Goran','Hana','Ines','Jonas',
        'Kaya','Liam','Mina','Noor','Otto','Priya','Quinn','Rosa','Sven','Tala'] as given,
  array['Archer','Baker','Cooper','Draper','Fisher','Glover','Hunter','Joiner',
        'Mason','Miller','Porter','Sawyer','Tanner','Turner','Walker','Weaver'] as family;
create temporary table org on commit drop as
  select n, pg_temp.token('org' || n)::uuid as id
  from generate_series(0, 4) n;
create temporary table person on commit drop as
  select u.n, pg_temp.token('user' || u.n)::uuid as id,
         given[1 + pg_temp.pick('given' || u.n, 20)] || ' ' ||
         family[1 + pg_temp.pick('family' || u.n, 16)] as name, org.id as org_id,
         case when u.n < 5 then 'owner' when u.n < 10 then 'admin' else 'member' end as role
  from names, generate_series(0, 39) u (n) join org on org.n = u.n % 5;

insert into public.organizations
  select id, (array['Northwind','Bluebird','Copperhill','Driftwood','Evergreen'])[n + 1] || ' Example',
         (array['northwind','bluebird','copperhill','driftwood','evergreen'])[n + 1],
         timestamptz '2025-01-06 09:00:00+00' + n * interval '9 days'
  from org;
insert into auth.users
  select id, 'user' || n || '@example.com', 'not a hash', '{"provider":"email"}',
         jsonb_build_object('full_name', name),
         timestamptz '2026-08-01 08:00:00+00' + pg_temp.pick('seen' || n, 2000000) * interval '1 second',
         timestamptz '2025-02-01 08:00:00+00' + n * interval '3 days'
  from person;
insert into public.org_members select org_id, id, role from person;
insert into public.profiles
  select id, org_id, name, 'user' || n || '@example.com', '+1-555-01' || lpad(n::text, 2, '0')
  from person;
insert into public.plans values
  ('starter', 'Starter', 1900), ('team', 'Team', 4900), ('scale', 'Scale', 19900);
insert into public.countries values
  ('AT', 'Austria'), ('BR', 'Brazil'), ('JP', 'Japan'), ('KE', 'Kenya'), ('NZ', 'New Zealand');
insert into public.published_posts
  select n, 'Release notes ' || n, case when n % 4 = 0 then 'draft' else 'published' end
  from generate_series(1, 40) n;

insert into public.customers
  select c.n, org.id, c.name,
         lower(replace(c.name, ' ', '.')) || '.' || c.n || '@example.com',
         '+1-555-01' || lpad((c.n % 100)::text, 2, '0'),
         (1 + pg_temp.pick('door' || c.n, 400)) || ' Sample Street, Testville',
         'cus_Fake' || substr(pg_temp.token('cus' || c.n), 1, 14),
         timestamptz '2025-03-01 10:00:00+00' + c.n * interval '5 hours'
  from (select n, pg_temp.pick('home' || n, 5) as home,
               given[1 + pg_temp.pick('first' || n, 20)] || ' ' ||
               family[1 + pg_temp.pick('last' || n, 16)] as name
        from names, generate_series(1, 2000) n) c
  join org on org.n = c.home;
insert into public.subscriptions
  select id, org_id, id, (array['starter','team','scale'])[1 + pg_temp.pick('plan' || id, 3)],
         (array['active','active','active','past_due','canceled'])[1 + pg_temp.pick('sub' || id, 5)],
         'sub_Fake' || substr(pg_temp.token('sub' || id), 1, 14)
  from public.customers;
insert into public.invoices
  select n, c.org_id, c.id, 'INV-' || lpad(n::text, 6, '0'),
         1900 + 100 * pg_temp.pick('amount' || n, 300), 'usd',
         (array['paid','paid','paid','open','void'])[1 + pg_temp.pick('state' || n, 5)],
         'in_Fake' || substr(pg_temp.token('in' || n), 1, 14),
         date '2025-03-01' + pg_temp.pick('day' || n, 540)
  from generate_series(1, 6000) n
  join public.customers c on c.id = 1 + (n - 1) % 2000;
insert into public.payments
  select id, org_id, customer_id, id, amount_cents, lpad(pg_temp.pick('card' || id, 10000)::text, 4, '0'),
         'pi_Fake' || substr(pg_temp.token('pi' || id), 1, 14), issued_on + 3
  from public.invoices where status = 'paid';
insert into public.invoices_archive_2024
  select * from public.invoices where id <= 200;
insert into public.stripe_events
  select 'evt_Fake' || substr(pg_temp.token('evt' || id), 1, 14), org_id, 'invoice.paid',
         jsonb_build_object('invoice', stripe_invoice_id, 'amount', amount_cents,
                            'receipt_email', 'customer' || customer_id || '@example.com'),
         issued_on + time '06:00'
  from public.invoices where id <= 800;
insert into public.support_tickets
  select id, org_id, id, 'Question about an invoice',
         name || ' asks for a copy of the last invoice to ' || email,
         (array['open','open','closed','archived'])[1 + pg_temp.pick('ticket' || id, 4)]
  from public.customers where id % 5 = 0;
insert into public.audit_log
  select a.n, p.org_id, p.id, (array['invoice.view','customer.edit','export.csv'])[1 + a.n % 3],
         timestamptz '2026-07-01 00:00:00+00' + a.n * interval '37 minutes'
  from generate_series(1, 500) a (n) join person p on p.n = a.n % 40;
insert into public.projects
  select n, (select id from org where org.n = s.n % 5), 'Project ' || n from generate_series(1, 30) s (n);
insert into public.webhook_endpoints
  select n, (select id from org where org.n = s.n % 5), 'https://hooks' || n || '.example.com/stripe'
  from generate_series(1, 10) s (n);
insert into public.documents
  select n, (select id from org where org.n = s.n % 5), 'Agreement ' || n,
         'author' || n || '@example.com'
  from generate_series(1, 60) s (n);

set local session_replication_role = origin;
