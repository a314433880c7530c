"""A real ClickHouse engine (the chdb wheel) behind its HTTP interface, on this
machine alone. Loads a file of events into a table `events`, prints its port,
answers POSTed queries until standard input ends.

Usage: clickhouse_shim.py EVENTS.ndjson
"""

import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qsl, urlsplit

from chdb import session

TABLE = """
CREATE TABLE events (
  ts Nullable(Int64), layer LowCardinality(String), "user" String, email String,
  "key" String, db_role String, role String, actor_tenant String, tenant String,
  client String, agent String, method LowCardinality(String), path String,
  "query" String, route String, object_kind String, object String, status UInt16,
  "rows" Nullable(UInt64), bytes Nullable(UInt64), cache String, shared UInt8,
  bypass_mark UInt8, deployment String
) ENGINE = MergeTree ORDER BY tuple()
"""
# Settings that a query may carry; the engine is held to them.
HELD = {
    "max_execution_time",
    "max_result_rows",
    "result_overflow_mode",
    "max_bytes_to_read",
    "read_overflow_mode",
    "max_query_size",
}
USER, PASSWORD = "reader", "only-for-tests"


class Door(BaseHTTPRequestHandler):
    engine = None
    seen = []

    def do_POST(self):
        asked = dict(parse_qsl(urlsplit(self.path).query))
        sql = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if self.headers.get("X-ClickHouse-User") != USER or self.headers.get("X-ClickHouse-Key") != PASSWORD:
            return self.fail(403, 516, "Authentication failed")
        if PASSWORD in self.path:
            return self.fail(400, 1, "a password stood in the address")
        if asked.get("readonly") != "1" or asked.get("wait_end_of_query") != "1":
            return self.fail(400, 1, "it was not held to reading")
        held = ", ".join(
            f"{name} = {value}" if value.isdigit() else f"{name} = '{value}'"
            for name, value in asked.items()
            if name in HELD
        )
        try:
            answer = Door.engine.query(f"{sql}\nSETTINGS {held}", asked["default_format"])
        except Exception as error:  # the engine's own words
            return self.fail(500, 47, str(error).strip())
        self.send_response(200)
        body = answer.bytes() or b""
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def fail(self, status, code, text):
        body = f"Code: {code}. DB::Exception: {text}".encode()
        self.send_response(status)
        self.send_header("X-ClickHouse-Exception-Code", str(code))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def main():
    with tempfile.TemporaryDirectory() as folder:
        Door.engine = session.Session(folder)
        Door.engine.query("CREATE DATABASE IF NOT EXISTS logs ENGINE = Atomic")
        Door.engine.query("USE logs")
        Door.engine.query(TABLE)
        Door.engine.query(f"INSERT INTO events SELECT * FROM file('{sys.argv[1]}', 'JSONEachRow')")
        server = HTTPServer(("127.0.0.1", 0), Door)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(server.server_address[1], flush=True)
        sys.stdin.read()
        server.shutdown()


main()
