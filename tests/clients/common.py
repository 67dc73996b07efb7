"""What the drivers of the client programs share: the gateway, its handsets, its callbacks.

.ci/clients starts the gateway and says in the environment where it is.
"""

import json
import os
import signal
import subprocess
import sys
import time
from urllib.parse import parse_qsl, urlsplit

URL = os.environ["CLIENTS_URL"]  # the gateway: http://127.0.0.1:PORT
USER = os.environ["CLIENTS_USER"]
PASSWORD = os.environ["CLIENTS_PASSWORD"]
KEY = os.environ["CLIENTS_KEY"]
SCRATCH = os.environ["CLIENTS_SCRATCH"]
CALLBACKS = os.environ["CLIENTS_CALLBACKS"]  # where callbacks may go, any path under it
UTF8_USER = "utf8"  # as USER, but its Latin-1 is UTF-8
ACCOUNT_ID = "2532"
SHORT_CODE = "1204"

TRIES, PAUSE = 300, 0.1


class Failed(Exception):
    """One sentence: what was expected and what came."""


def until(attempt):
    """What `attempt` returns once that is true; its last word after a bounded number of tries."""
    for _ in range(TRIES):
        came = attempt()
        if came:
            return came
        time.sleep(PAUSE)
    return came


def equal(what, came, expected):
    """Fails unless both are the same."""
    if came != expected:
        raise Failed(f"{what}: expected {expected!r}, came {came!r}")


def true(what, condition, came):
    """Fails unless the condition holds of what came."""
    if not condition:
        raise Failed(f"expected {what}, came {came!r}")


class Handset:
    """A handset of the virtual network, from now on: what it received before does not count."""

    all = []

    def __init__(self, number):
        self.number = number
        self.seen = len(self.messages())
        Handset.all.append(self)

    def _septet(self, *arguments):
        command = [os.environ["CLIENTS_SEPTET"], "handset", self.number, "--json"]
        command += ["--data", os.environ["CLIENTS_DATA"], *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=30)
        if done.returncode != 0:
            raise Failed(f"septet handset {self.number}: {done.stderr.strip()}")
        return json.loads(done.stdout)

    def messages(self):
        """Every message that it ever received."""
        return self._septet()["messages"]

    def gets(self, text):
        """Waits for the next message, which must have this text."""
        new = until(lambda: self.messages()[self.seen :])
        if not new:
            raise Failed(f"handset {self.number}: expected {text!r}, came nothing")
        equal(f"handset {self.number}", new[0]["text"], text)
        self.seen += 1
        return new[0]

    def gets_all(self, texts):
        """Waits for these texts, in any order."""
        new = until(lambda: (m := self.messages()[self.seen :])[len(texts) - 1 :] and m) or []
        equal(f"handset {self.number}", sorted(m["text"] for m in new), sorted(texts))
        self.seen += len(texts)

    def sends(self, text):
        """Sends a text to the gateway's short code."""
        self._septet("--send", text, "--to", SHORT_CODE)

    def ends(self):
        """Fails if it received more than was asked for."""
        equal(
            f"more for handset {self.number}", [m["text"] for m in self.messages()[self.seen :]], []
        )


def named(query):
    """The fields of a query or form, in UTF-8 where it is that, else in ISO 8859-1."""
    try:
        return dict(parse_qsl(query, keep_blank_values=True, errors="strict"))
    except UnicodeDecodeError:
        return dict(parse_qsl(query, keep_blank_values=True, encoding="latin-1"))


class Callback:
    """A request of the gateway to a customer."""

    def __init__(self, line):
        record = json.loads(line)
        self.method, self.headers, body = record["method"], record["headers"], record["body"]
        parts = urlsplit(record["path_and_query"])
        self.path = parts.path
        self.fields = named(parts.query)
        kind = self.headers.get("content-type", "").split(";")[0]
        if kind == "application/json":
            self.fields |= json.loads(body)
        elif kind == "application/x-www-form-urlencoded":
            self.fields |= named(body)


def callback(path, where=lambda fields: True, **fields):
    """Waits for a callback to this path that has at least these fields, and `where` holds of them."""

    def came():
        with open(os.environ["CLIENTS_LOG"], encoding="utf-8") as log:
            # A line that is still being written has no end yet.
            lines = [line for line in log if line.endswith("\n")]
        return [c for c in map(Callback, lines) if c.path == path]

    def attempt():
        fits = (c for c in came() if fields.items() <= c.fields.items() and where(c.fields))
        return next(fits, None)

    found = until(attempt)
    if found is None:
        raise Failed(f"callback to {path}: expected {fields}, came {[c.fields for c in came()]}")
    return found


def run(client, drivers):
    """Runs the drivers of this client, those of the interfaces on the command line if there are any.

    A driver returns in words what it saw; a failure names the client and ends the program.
    """
    # An exception, so that what a driver started is ended.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by a signal"))
    wanted = sys.argv[1:] or list(drivers)
    for api in wanted:
        if api not in drivers:
            sys.exit(f"{client} has no driver for {api}; it has: {' '.join(drivers)}")
        Handset.all.clear()
        try:
            saw = drivers[api]()
            for handset in Handset.all:
                handset.ends()
        except Exception as error:
            words = str(error) if isinstance(error, Failed) else f"{type(error).__name__}: {error}"
            sys.exit(f"failed: {client} -> {api}: {words}")
        print(f"ok: {client} -> {api}: {saw}", flush=True)
