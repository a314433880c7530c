"""A real ClickHouse engine (the chdb wheel) behind its HTTP interface, on this
machine alone. Runs the statements of a file, prints its port, answers POSTed
queries until standard input ends.

Usage: clickhouse_shim.py SETUP.sql
"""

import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qsl, urlsplit

from chdb import session

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

    def do_POST(self):
        asked = dict(parse_qsl(urlsplit(self.path).query))
        sql = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if self.headers.get("X-ClickHouse-User") != USER or self.headers.get("X-ClickHouse-Key") != PASSWORD:
            return self.fail(403, 516, "reader: Authentication failed: password is incorrect")
        if PASSWORD in self.path:
            return self.fail(400, 1, "a password stood in the address")
        if asked.get("readonly") != "1" or asked.get("wait_end_of_query") != "1":
            return self.fail(400, 1, "it was not held to reading")
        if not HELD <= set(asked):
            return self.fail(400, 1, "it was not held to limits")
        held = ", ".join(
            f"{name} = {value}" if value.isdigit() else f"{name} = '{value}'"
            for name, value in asked.items()
            if name in HELD
        )
        try:
            answer = Door.engine.query(f"{sql}\nSETTINGS {held}", asked["default_format"])
        except Exception as error:  # the engine's own words
            text = str(error).strip()
            code = text.partition("Code: ")[2].partition(".")[0]
            return self.fail(500, code if code.isdigit() else 1, text.partition("DB::Exception: ")[2] or text)
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
        for statement in open(sys.argv[1], encoding="utf-8").read().split(";\n"):
            if statement.strip():
                Door.engine.query(statement)
        server = HTTPServer(("127.0.0.1", 0), Door)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(server.server_address[1], flush=True)
        sys.stdin.read()
        server.shutdown()


main()
