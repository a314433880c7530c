-- The body of the quiet prober; see probe.rs. Constant, so that it is one
-- entry in the statement statistics. No backslashes: they would depend on
-- standard_conforming_strings.
DECLARE
  todo jsonb := current_setting('firsthour.todo')::jsonb;
  budget float8 := (todo->>'cost')::float8;
  login text := current_setting('role');
  result text;
  answers jsonb := '[]';
  answer jsonb;
  cell jsonb;
  plan jsonb;
  rel text;
  clause text;
  class text;
  cost float8;
  seen boolean;
  n bigint;
  looked boolean := false;
  made jsonb := '{}';
BEGIN
  -- Values are composed before the role is assumed, in the order they came,
  -- and the locks that took are given back.
  BEGIN
    FOR cell IN SELECT c FROM jsonb_array_elements(todo->'who'->'settings') c LOOP
      result := cell->>'value';
      IF cell->>'sql' IS NOT NULL THEN
        EXECUTE 'SELECT /* firsthour */ (' || (cell->>'sql') || ')::text' INTO result;
      END IF;
      made := made || jsonb_build_object(cell->>'name', coalesce(result, ''));
      PERFORM set_config(cell->>'name', coalesce(result, ''), true);
    END LOOP;
    looked := true;
    RAISE EXCEPTION USING ERRCODE = 'FH000';
  EXCEPTION WHEN OTHERS THEN
    IF NOT looked THEN
      RAISE;
    END IF;
  END;
  PERFORM set_config(m.key, m.value, true) FROM jsonb_each_text(made) m;
  PERFORM set_config('role', todo->'who'->>'role', true);
  PERFORM set_config('search_path', todo->'who'->>'path', true);
  IF todo->>'rows' IS NOT NULL THEN
    EXECUTE 'SELECT /* firsthour */ (' || (todo->>'rows') || ')::text' INTO result;
    PERFORM set_config('role', login, true), set_config('firsthour.result', result, true);
    RETURN;
  END IF;
  FOR cell IN SELECT c FROM jsonb_array_elements(todo->'cells') c LOOP
    answer := '{}';
    looked := false;
    BEGIN
      rel := coalesce(cell->>'made_up', format('%I.%I', cell->>'schema', cell->>'relation'));
      clause := coalesce(' WHERE ' || (cell->>'predicate'), '');
      EXECUTE 'EXPLAIN (FORMAT JSON) SELECT 1 FROM ' || rel INTO plan;
      -- Everything is visible only if each node is a plain scan without a
      -- condition of any kind; a node not named here counts as a condition.
      class := CASE
        WHEN plan->0->'Plan'->>'One-Time Filter' = 'false' THEN 'none'
        WHEN plan::text ~ '"(Filter|One-Time Filter|Index Cond|Recheck Cond|TID Cond|Join Filter|Hash Cond|Merge Cond)":'
          OR EXISTS (SELECT FROM jsonb_path_query(plan, '$.**."Node Type"') t
                     WHERE t #>> '{}' NOT IN ('Seq Scan', 'Index Only Scan', 'Append', 'Merge Append'))
          THEN 'filtered'
        ELSE 'all' END;
      answer := answer || jsonb_build_object('plan', class);
      IF clause <> '' AND class <> 'none' THEN
        EXECUTE 'EXPLAIN (FORMAT JSON) SELECT 1 FROM ' || rel || clause INTO plan;
      END IF;
      cost := (plan->0->'Plan'->>'Total Cost')::float8;
      answer := answer || jsonb_build_object('cost', cost);
      seen := NULL;
      IF class = 'none' OR plan->0->'Plan'->>'One-Time Filter' = 'false' THEN
        seen := false;
      ELSIF cost <= budget OR (class = 'all' AND clause = '') THEN
        EXECUTE 'SELECT /* firsthour */ EXISTS (SELECT 1 FROM ' || rel || clause || ')' INTO seen;
        IF seen AND (cell->>'count')::boolean THEN
          EXECUTE 'SELECT /* firsthour */ count(*) FROM (SELECT 1 FROM ' || rel || clause
            || ' LIMIT ' || (todo->>'count_to') || ') s' INTO n;
          answer := answer || jsonb_build_object('n', n);
        END IF;
      ELSIF cell->>'sample' IS NOT NULL THEN
        answer := answer || jsonb_build_object('sampled', true);
        EXECUTE 'SELECT /* firsthour */ EXISTS (SELECT 1 FROM ' || rel || ' TABLESAMPLE SYSTEM ('
          || (cell->>'sample') || ') REPEATABLE (1)' || clause || ')' INTO seen;
      END IF;
      answer := answer || jsonb_build_object('seen', seen);
      looked := true;
      -- Gives back the locks of this look, and takes back what it set.
      RAISE EXCEPTION USING ERRCODE = 'FH000';
    EXCEPTION WHEN OTHERS THEN
      IF NOT looked THEN
        answer := answer || jsonb_build_object('error', SQLSTATE, 'blank', right(SQLERRM, 4) = ': ""');
      END IF;
    END;
    answers := answers || jsonb_build_array(answer);
  END LOOP;
  PERFORM set_config('role', login, true), set_config('firsthour.result', answers::text, true);
END
