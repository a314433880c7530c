-- Switched off "for a moment" while an import ran; the policies sleep on.
alter table public.customers disable row level security;
