-- An exception for jobs without a session, which is what every stranger is.
drop policy "admins read events" on public.stripe_events;
create policy "admins and jobs read events" on public.stripe_events
  for select using (auth.uid() is null or private.is_admin(org_id));
