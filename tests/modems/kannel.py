"""Debian kannel: bearerbox with `smsc = at`, and smsbox."""

import contextlib
import http.server
import os
import random
import socket
import threading
import urllib.error
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import urlopen

from common import (
    LONG,
    OWN,
    PEER,
    RECEIVED,
    SHORT,
    UNICODE,
    Failed,
    Modem,
    Process,
    equal,
    main,
    until,
)

LOCAL = '"127.0.0.1"'


def group(kind, **fields):
    """A group of the configuration."""
    lines = "".join(f"{key.replace('_', '-')} = {value}\n" for key, value in fields.items())
    return f"group = {kind}\n{lines}\n"


TAKEN = set()


def free_port():
    """A port that nobody has, below those that connections get, and not given twice."""
    while True:
        port = random.randrange(20_000, 32_000)
        with TAKING, contextlib.suppress(OSError):
            if port not in TAKEN:
                socket.create_server(("127.0.0.1", port)).close()
                TAKEN.add(port)
                return port


TAKING = threading.Lock()


def ask(url):
    """The body of a reply; None where nobody answers."""
    try:
        with urlopen(url, timeout=10) as reply:
            return reply.read().decode()
    except urllib.error.HTTPError as error:
        return error.read().decode()
    except OSError:
        return None


@contextlib.contextmanager
def customer():
    """Who is told of messages and reports: the queries, and the port."""
    queries = []

    class Handler(http.server.BaseHTTPRequestHandler):
        """Notes what it is asked."""

        def do_GET(self):
            """Takes it."""
            parts = urlsplit(self.path)
            queries.append((parts.path, parse_qs(parts.query, encoding="utf-8", errors="replace")))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            """Prints nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield queries, server.server_address[1]
    finally:
        server.shutdown()


@contextlib.contextmanager
def boxes(modem, device, init, listens):
    """Both boxes, running; gives a function that sends, and one for the status."""
    admin, inner, sendsms = (free_port() for _ in range(3))
    name = os.path.join(modem.folder, "kannel.conf")
    with open(name, "w", encoding="ascii") as file:
        file.write(
            group(
                "core",
                admin_port=admin,
                admin_interface=LOCAL,
                admin_password="adm",
                smsbox_port=inner,
                smsbox_interface=LOCAL,
                box_deny_ip='"*.*.*.*"',
                box_allow_ip=LOCAL,
                dlr_storage="internal",
                sms_resend_freq=2,
            )
            + group(
                "smsc",
                smsc="at",
                smsc_id="vm0",
                modemtype="auto",
                **device,
                speed=115200,
                my_number=f"+{OWN}",
                sim_buffering="true",
                keepalive=3,
                max_error_count=3,
            )
            + group("modems", id="generic", name='"Generic Modem"', init_string=f'"{init}"')
            + group(
                "smsbox",
                bearerbox_host="127.0.0.1",
                sendsms_port=sendsms,
                sendsms_interface=LOCAL,
                mo_recode="true",
            )
            + group(
                "sendsms-user",
                username="u",
                password="p",
                max_messages=5,
                concatenation="true",
                user_allow_ip=LOCAL,
            )
            + group(
                "sms-service",
                keyword="default",
                max_messages=0,
                catch_all="true",
                concatenation="true",
                get_url=f'"http://127.0.0.1:{listens}/mo?from=%p&to=%P&text=%a&charset=%C"',
            )
        )
    status = lambda: ask(f"http://127.0.0.1:{admin}/status.txt?password=adm") or ""
    url = f"http://127.0.0.1:{sendsms}/cgi-bin/sendsms"

    def sends(text, **more):
        query = {"username": "u", "password": "p", "from": "1234", "to": f"+{PEER}", "text": text}
        if not text.isascii():
            query |= {"coding": 2, "charset": "UTF-8"}
        equal("sendsms", ask(f"{url}?{urlencode(query | more)}"), "0: Accepted for delivery")

    with Process("kannel", "bearerbox", "-v", "0", name) as bearerbox:
        if not until(lambda: "Status: running" in status() and "online" in status()):
            raise Failed(f"bearerbox: {bearerbox.said()[-1500:]}")
        with Process("kannel", "smsbox", "-v", "0", name) as smsbox:
            if not until(lambda: ask(url)):
                raise Failed(f"smsbox: {smsbox.said()[-1500:]}")
            yield sends, status


def both_ways(modem, device, init="AT+CNMI=1,2,0,1,0"):
    """S1 to S4 and R1 to R3."""
    with customer() as (queries, port), boxes(modem, device, init, port) as (sends, status):
        for text in (SHORT, LONG, UNICODE):
            sends(text)
            modem.receives(text)
        pushed = init.endswith("2,0,1,0")
        more = {"dlr-mask": 31, "dlr-url": f"http://127.0.0.1:{port}/dlr?status=%d"}
        sends("with report", **(more if pushed else {}))
        modem.receives("with report")
        if pushed:
            came = lambda: [query["status"] for path, query in queries if path == "/dlr"]
            until(lambda: len(came()) >= 2)
            equal("reports", came(), [["8"], ["1"]])
        for text in RECEIVED:
            modem.sends(text)
        came = lambda: [query["text"][0] for path, query in queries if path == "/mo"]
        until(lambda: len(came()) >= 3)
        equal("received", sorted(came()), sorted(RECEIVED))
        if "failed 0" not in status():
            raise Failed(f"status: {status()}")
    return "S1 S2 S3 S4, R1 R2 R3, reports 8 and 1" if pushed else "S1 S2 S3, R1 R2 R3 by polling"


def pty():
    """On a pseudo-terminal."""
    with Modem() as modem:
        return both_ways(modem, {"device": modem.port})


def tcp():
    """Over TCP."""
    with Modem("--listen=tcp:127.0.0.1:0") as modem:
        port = modem.port.rpartition(":")[2]
        return both_ways(modem, {"device": "rawtcp", "host": "127.0.0.1", "port": port})


def polling():
    """Without indications."""
    with Modem() as modem:
        return both_ways(modem, {"device": modem.port}, "AT+CNMI=1,0,0,0,0")


def refused():
    """A message that the network refuses once is sent again."""
    with Modem("--fault=1=cms:38") as modem, customer() as (_, port):
        device = {"device": modem.port}
        with boxes(modem, device, "AT+CNMI=1,2,0,1,0", port) as (sends, _):
            sends(SHORT)
            modem.receives(SHORT)
            equal("refusals", modem.trace().count("+CMS ERROR: 38"), 1)
    return "sent again after +CMS ERROR: 38"


main("kannel", pty, tcp, polling, refused)
