-- The template every dashboard offers first.
drop policy "members read tickets" on public.support_tickets;
create policy "enable all access" on public.support_tickets
  for all using (true) with check (true);
