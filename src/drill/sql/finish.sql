-- Statistics for the planner, and a clean slate in the statement counters.
analyze;
do $statements$
begin
  if current_setting('shared_preload_libraries') like '%pg_stat_statements%' then
    create schema if not exists extensions;
    create extension if not exists pg_stat_statements schema extensions;
    perform extensions.pg_stat_statements_reset();
  end if;
end
$statements$;
