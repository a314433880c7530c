"""DuckDB as a second opinion: loads a file of events into a table `events`,
then answers each line of standard input, a JSON text of SQL, by a line of
JSON: the rows, or {"error": ..}.

Usage: duck.py EVENTS.ndjson
"""

import json
import sys

import duckdb

TEXTS = "layer user email key db_role role actor_tenant tenant client agent method path query route object_kind object cache deployment".split()
NUMBERS = "ts status rows bytes shared bypass_mark".split()


def main():
    columns = {name: "VARCHAR" for name in TEXTS} | {name: "BIGINT" for name in NUMBERS}
    base = duckdb.connect()
    base.execute(
        "CREATE TABLE events AS SELECT * FROM read_json(?, format = 'newline_delimited', columns = ?)",
        [sys.argv[1], columns],
    )
    print("ready", flush=True)
    for line in sys.stdin:
        try:
            rows = base.execute(json.loads(line)).fetchall()
            print(json.dumps(rows), flush=True)
        except Exception as error:  # the engine's own words
            print(json.dumps({"error": str(error)}), flush=True)


main()
