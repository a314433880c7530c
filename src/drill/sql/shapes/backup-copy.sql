-- A copy before a risky migration: the rows came along, row security did not.
create table public.customers_backup_20260914 as
  select * from public.customers;
