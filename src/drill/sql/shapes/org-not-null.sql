-- The comparison with the caller was lost in a refactoring; the null test stayed.
drop policy "members read subscriptions" on public.subscriptions;
create policy "subscriptions of organisations" on public.subscriptions
  for select using (org_id is not null);
