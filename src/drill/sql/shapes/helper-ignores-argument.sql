-- Asks whether the caller belongs to any organisation, not to this one.
create or replace function private.can_read_invoices(org uuid) returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  return exists (
    select 1 from public.org_members m
    where m.user_id = auth.uid());
end
$$;
