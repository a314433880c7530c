-- Meant as one more condition; permissive policies are alternatives.
create policy "archived tickets are hidden" on public.support_tickets
  for select using (status <> 'archived');
