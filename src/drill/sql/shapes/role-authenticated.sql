-- The role names everybody who ever signed up.
drop policy "members read invoices" on public.invoices;
create policy "signed-in users read invoices" on public.invoices
  for select using (auth.role() = 'authenticated');
