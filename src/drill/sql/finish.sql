-- Statistics for the planner, and a clean slate in the statement counters of
-- this database: the server may have others, and their counters are theirs.
analyze;
do $statements$
begin
  if current_setting('shared_preload_libraries') like '%pg_stat_statements%' then
    create schema if not exists extensions;
    create extension if not exists pg_stat_statements schema extensions;
    perform extensions.pg_stat_statements_reset(
      0, (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database()), 0);
  end if;
end
$statements$;
