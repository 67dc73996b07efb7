"""Debian kannel: bearerbox and smsbox, with a generic HTTP service centre for each interface.

A text goes to smsbox over HTTP, as Kannel's own customers send it. Kannel reports that the service
centre took it when the reply matches `status-success-regex`.
"""

import contextlib
import glob
import os
import socket
import subprocess
import urllib.error
from urllib.parse import quote, urlencode
from urllib.request import urlopen

from common import (
    CALLBACKS,
    PASSWORD,
    SCRATCH,
    URL,
    USER,
    Failed,
    Handset,
    callback,
    equal,
    run,
    until,
)

DSN = CALLBACKS + "/kannel/dsn"
# In a send-url, % begins an escape: %p is the recipient, %P the sender, %T the time, %b the text.
V2 = (
    f"{URL}/legacy/http/v2/sendsms?user={USER}&password={PASSWORD}&to=%p&smsc=dk.unknown"
    "&sessionid=%p:%T&from=%P&text=%b&charset="
)
V1 = (
    f"?username={USER}&password={PASSWORD}&number=%p&countryCode=45"
    "&message=%b&gatewayclass=A&alphatext=%P"
)
EAPI = (
    f"{URL}/eapi/submission/send_sms/2/2.0?username={USER}&password={PASSWORD}"
    "&msisdn=%p&sender=%P&message=%b"
)
# The send-url, what is in the reply when the message was taken, whether texts are Latin-1.
CENTRES = {
    "v2-latin1": (
        V2 + "iso-8859-1&callbackurl=" + quote(DSN, safe="").replace("%", "%%"),
        "^Processing:",
        True,
    ),
    "v2-utf8": (V2 + "utf-8", "^Processing:", False),
    "v1": (f"{URL}/legacy/http/v1/sendsms{V1}", "<form", True),
    "v1-aspx": (f"{URL}/Gateway/Kunder/Opret/Gateway.aspx{V1}", "<form", True),
    "eapi": (EAPI, "^[01]\\|", True),
}
LOCAL = '"127.0.0.1"'


def group(name, **fields):
    """A group of Kannel's configuration."""
    return (
        f"group = {name}\n"
        + "".join(f"{k.replace('_', '-')} = {v}\n" for k, v in fields.items())
        + "\n"
    )


def configuration(admin, boxes, sendsms):
    """Kannel's configuration; it listens on loopback only."""
    text = group(
        "core",
        admin_port=admin,
        admin_interface=LOCAL,
        admin_password="admin",
        smsbox_port=boxes,
        smsbox_interface=LOCAL,
        box_deny_ip='"*.*.*.*"',
        box_allow_ip=LOCAL,
        dlr_storage="internal",
    )
    for name, (url, success, latin1) in CENTRES.items():
        charset = {"alt_charset": "ISO-8859-1"} if latin1 else {}
        text += group(
            "smsc",
            smsc="http",
            smsc_id=name,
            system_type="generic",
            send_url=f'"{url}"',
            status_success_regex=f'"{success}"',
            allowed_smsc_id=name,
            **charset,
        )
    text += group(
        "smsbox", bearerbox_host="127.0.0.1", sendsms_port=sendsms, sendsms_interface=LOCAL
    )
    text += group(
        "sendsms-user",
        username="customer",
        password="secret",
        user_allow_ip=LOCAL,
        max_messages=9,
        concatenation="true",
    )
    return text + group("sms-service", keyword="default", text='""', max_messages=0)


def environment():
    """The environment in which the unpacked package finds its libraries."""
    root = os.environ["CLIENTS_KANNEL"]
    if not root:
        return os.environ
    libraries = glob.glob(f"{root}/lib/*-linux-gnu") + glob.glob(f"{root}/usr/lib/*-linux-gnu")
    path = f"{root}/usr/sbin:{os.environ['PATH']}"
    return os.environ | {"PATH": path, "LD_LIBRARY_PATH": ":".join(libraries)}


def ask(url):
    """The body of a reply, whatever its status; None where nobody answers."""
    try:
        with urlopen(url, timeout=10) as reply:
            return reply.read().decode()
    except urllib.error.HTTPError as error:
        return error.read().decode()
    except OSError:
        return None


def log(name):
    """Where a box writes its log."""
    return os.path.join(SCRATCH, f"kannel-{name}.log")


@contextlib.contextmanager
def boxes():
    """Both boxes, running; gives the URL of sendsms."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    name = os.path.join(SCRATCH, "kannel.conf")
    with open(name, "w", encoding="ascii") as file:
        file.write(configuration(*ports))
    started = []
    try:
        for program in ("bearerbox", "smsbox"):
            with open(log(program), "wb") as output:
                box = subprocess.Popen(
                    [program, "-v", "0", name], env=environment(), stdout=output, stderr=output
                )
            started.append(box)
            # smsbox gives up when bearerbox does not listen yet.
            status = f"http://127.0.0.1:{ports[0]}/status.txt?password=admin"
            sign = "Status: running" if program == "bearerbox" else "smsbox:"
            if (
                not until(lambda: sign in (ask(status) or "") or box.poll() is not None)
                or box.poll() is not None
            ):
                raise Failed(f"{program} did not start:\n{tail(program)}")
        sendsms = f"http://127.0.0.1:{ports[2]}/cgi-bin/sendsms"
        if not until(lambda: ask(sendsms)):
            raise Failed(f"smsbox does not listen:\n{tail('smsbox')}")
        yield sendsms
    finally:
        for box in reversed(started):
            box.terminate()
            try:
                box.wait(10)
            except subprocess.TimeoutExpired:
                box.kill()
                box.wait()


def tail(program):
    """The last lines of a box's log."""
    with open(log(program), encoding="utf-8", errors="replace") as file:
        return "".join(file.readlines()[-15:])


def send(sendsms, centre, to, text, sender="MyCompany"):
    """Sends a text and waits until the service centre has taken it."""
    path = f"/kannel/{centre}/{to}/{len(text)}"
    query = {
        "username": "customer",
        "password": "secret",
        "smsc": centre,
        "from": sender,
        "to": to,
        "text": text,
        "charset": "UTF-8",
        "coding": 0,
        # 8: the service centre took it; 16: it refused.
        "dlr-mask": 8 + 16,
        "dlr-url": f"{CALLBACKS}{path}?type=%d&answer=%A",
    }
    equal("sendsms", ask(f"{sendsms}?{urlencode(query)}"), "0: Accepted for delivery")
    report = callback(path).fields
    if report.get("type") != "8":
        raise Failed(
            f"bearerbox: expected that {centre} takes it, came {report}\n{tail('bearerbox')}"
        )


def about(number):
    """Whether a DSN is about the message to this number: its sessionid begins with it."""
    return lambda fields: fields.get("sessionid", "").startswith(number + ":")


def v2():
    """ASCII, Latin-1 and UTF-8 by GET, each with a report."""
    with boxes() as sendsms:
        for number, centre, text in (
            ("4512345678", "v2-latin1", "MyMessage"),
            ("4512345679", "v2-latin1", "æøå & + 100% []"),
            ("4512345670", "v2-utf8", "æøå €"),
        ):
            handset = Handset(number)
            send(sendsms, centre, number, text)
            handset.gets(text)
            if centre == "v2-latin1":
                dsn = callback("/kannel/dsn", where=about(number), statuscode="1")
                equal("fields of a DSN", sorted(dsn.fields), ["sessionid", "statuscode"])
    return "3 texts reached 4512345678, 4512345679, 4512345670, DSN 1 for the 2 that asked"


def v1():
    """Both paths by GET, Latin-1."""
    handset = Handset("4587654321")
    with boxes() as sendsms:
        for centre, text in (("v1", "Hej æøå"), ("v1-aspx", "Hej verden + %")):
            send(sendsms, centre, "87654321", text)
            handset.gets(text)
    return f"2 texts reached {handset.number}"


def eapi():
    """Latin-1, and a text that Kannel cuts in two."""
    handset = Handset("44123123456")
    with boxes() as sendsms:
        send(sendsms, "eapi", handset.number, "Hi Mom & Dad £é", "MyBrand")
        handset.gets("Hi Mom & Dad £é")
        callback("/bulksms-eapi", msisdn=handset.number, status="11")
        # 153 for a header in each part; the send-url has no place for it, so they are two messages.
        send(sendsms, "eapi", handset.number, "A" * 170, "MyBrand")
        handset.gets_all(["A" * 153, "A" * 17])
    return f"3 texts reached {handset.number}, status 11 was pushed"


run("kannel", {"gatewayapi-v2": v2, "gatewayapi-v1": v1, "bulksms-eapi": eapi})
