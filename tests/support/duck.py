"""DuckDB as a second opinion: runs the statements of a file, then answers each
line of standard input by a line of JSON: the rows, or {"error": ..}.

A line is a JSON list: the dialect that a query is written in, and the query.
What is not DuckDB's own is read by sqlglot, which knows the other dialects'
grammar, and written anew for DuckDB.

Usage: duck.py SETUP.sql
"""

import json
import sys

import duckdb
import sqlglot


def translated(dialect, sql):
    if dialect == "duckdb":
        return sql
    texts = sqlglot.transpile(sql, read=dialect, write="duckdb")
    if len(texts) != 1:
        raise ValueError(f"{len(texts)} statements where one was asked for")
    return texts[0]


def main():
    base = duckdb.connect()
    for statement in open(sys.argv[1], encoding="utf-8").read().split(";\n"):
        if statement.strip():
            base.execute(statement)
    print("ready", flush=True)
    for line in sys.stdin:
        try:
            dialect, sql = json.loads(line)
            rows = base.execute(translated(dialect, sql)).fetchall()
            print(json.dumps(rows), flush=True)
        except Exception as error:  # the engine's own words
            print(json.dumps({"error": str(error)}), flush=True)


main()
