-- A view runs with its owner's rights unless told otherwise.
create view public.customer_overview as
  select c.id, c.org_id, c.name, c.email, c.stripe_customer_id,
         count(i.id) as invoices, sum(i.amount_cents) as total_cents
  from public.customers c join public.invoices i on i.customer_id = c.id
  group by c.id;
