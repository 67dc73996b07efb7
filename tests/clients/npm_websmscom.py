"""npm websmscom, the vendor's own: JSON with Basic authentication, over HTTPS and nothing else."""

import json
import os
import re
import subprocess

from common import CALLBACKS, PASSWORD, URL, USER, Failed, Handset, callback, equal, run, true

HERE = os.path.dirname(os.path.abspath(__file__))


def send(password=PASSWORD, environment=os.environ, **message):
    """What the client says of a message."""
    asked = {"url": URL, "user": USER, "password": password, "most": 3, "test": False, "more": {}}
    command = ["node", f"{HERE}/node/send.js", json.dumps(asked | message)]
    environment = environment | {"NODE_PATH": os.environ["CLIENTS_NODE"]}
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment)
    if done.returncode != 0:
        raise Failed(f"node: {done.stderr.strip()}")
    return json.loads(done.stdout)


def accepted(code, **message):
    """Sends what must be accepted with this code."""
    reply = send(**message)
    equal("statusCode", (reply.get("statusCode"), reply.get("cause")), (code, None))
    true("20 hex digits", re.fullmatch("[0-9a-f]{20}", reply["transferId"] or ""), reply)
    return reply


def https():
    """The client's own cases, a wrong password, and a certificate that nobody signed."""
    true("an https URL", URL.startswith("https://127.0.0.1:"), URL)
    one, two = Handset("4367612345678"), Handset("4369912345678")

    accepted(2000, recipients=[one.number], text="Hello World", most=1)
    one.gets("Hello World")

    text = "Zeichen: äöüß € 中"
    more = {
        "Priority": 5,
        "ClientMessageId": "msg-1",
        "NotificationCallbackUrl": f"{CALLBACKS}/websms/websmscom",
        "SenderAddressType": "alphanumeric",
        "SenderAddress": "MyBrand",
    }
    both = [one.number, two.number]
    for test in (True, False):  # the first one is a trial: nothing is sent
        reply = accepted(2001, recipients=both, text=text, most=255, test=test, more=more)
        equal("clientMessageId", reply["clientMessageId"], "msg-1")
    one.gets(text)
    two.gets(text)
    callback(
        "/websms/websmscom",
        transferId=reply["transferId"],
        clientMessageId="msg-1",
        deliveryReportMessageStatus="delivered",
    )

    long = "A" * 161
    equal("too many parts", send(recipients=[two.number], text=long, most=1)["statusCode"], 4026)
    equal("password", send(password="wrong", recipients=[one.number], text="no")["cause"], "authorization")

    # Without the authority that signed it, the client says nothing to whoever shows the certificate.
    alone = {name: value for name, value in os.environ.items() if name != "NODE_EXTRA_CA_CERTS"}
    refused = send(environment=alone, recipients=[one.number], text="no")
    equal("an unknown certificate", refused["cause"], "connection")
    return f"3 texts reached {one.number} and {two.number}, and a report came back"


run("websmscom 1.0.3", {"websms": https})
