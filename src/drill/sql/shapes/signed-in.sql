-- "Logged in" was taken for "allowed".
create policy "profiles are visible to people with an account" on public.profiles
  for select using (auth.uid() is not null);
