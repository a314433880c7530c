-- A search for the admin screen, callable by whoever finds its name.
create function public.search_customers(term text)
returns setof public.customers
language sql stable security definer set search_path = '' as $$
  select * from public.customers c where c.name ilike '%' || term || '%'
$$;
