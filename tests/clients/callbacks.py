"""A customer that takes every callback: callbacks.py LOG ADDRESS

Appends each request to the file LOG as one line of JSON, and writes its own address to the file
ADDRESS once it listens. The answer is the one that the vendor of the path asks for.
"""

import http.server
import json
import os
import sys
import threading

LOG, ADDRESS = sys.argv[1:]
LOCK = threading.Lock()


def answer(path):
    """Content type and body that take a callback to this path."""
    if path.startswith("/mo/gatewayapi"):
        return "text/plain", b"cmd=asynch-no-trace"
    if path.startswith("/websms"):
        return "application/json", b'{"statusCode":2000,"statusMessage":"OK"}'
    return "text/plain", b"ok"


class Customer(http.server.BaseHTTPRequestHandler):
    """Takes whatever comes."""

    protocol_version = "HTTP/1.1"

    def take(self):
        """Notes the request, then answers it."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        record = {
            "method": self.command,
            "path_and_query": self.path,
            "headers": {name.lower(): value for name, value in self.headers.items()},
            "body": body.decode("utf-8", "surrogateescape"),
        }
        with LOCK, open(LOG, "a", encoding="utf-8") as log:
            log.write(json.dumps(record) + "\n")
        kind, words = answer(self.path)
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(words)))
        self.end_headers()
        self.wfile.write(words)

    do_GET = do_POST = take

    def log_message(self, *_):
        """The log is the file."""


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Customer)
with open(ADDRESS + ".new", "w", encoding="utf-8") as file:
    file.write(f"http://127.0.0.1:{server.server_port}")
os.rename(ADDRESS + ".new", ADDRESS)
server.serve_forever()
