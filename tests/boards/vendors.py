"""The vendors' interfaces, each as a customer speaks it with curl: the request, and the replies."""

import json
import re

from board import curl
from common import PEER, Failed, equal

USER, SECRET = "shop", "s3cret"
BASIC = ("-u", f"{USER}:{SECRET}")


def form(url, **pairs):
    return curl(url, *(word for pair in pairs.items() for word in ("--data-urlencode", "{}={}".format(*pair))))


def posted(url, value, *more):
    return curl(url, "-H", "Content-Type: application/json", "-d", json.dumps(value), *more)


def gatewayapi_v1(url, text, ids):
    pairs = dict(username=USER, password=SECRET, countryCode=1, number=PEER[1:], message=text)
    words = [word for pair in pairs.items() for word in ("--data-urlencode", "{}={}".format(*pair))]
    return curl("-G", f"{url}/legacy/http/v1/sendsms", *words)


def gatewayapi_v2(url, text, ids):
    own = dict(user=USER, password=SECRET, to=PEER, text=text, sessionid=f"{PEER}:{next(ids)}")
    return form(f"{url}/legacy/http/v2/sendsms", smsc="us.x", **{"from": "1204"}, **own)


def nextpod(url, text, ids):
    return posted(f"{url}/v2/sms", {"to": PEER, "from": "1204", "msg": text}, *BASIC)


def websms(url, text, ids):
    own = {"recipientAddressList": [PEER], "messageContent": text, "maxSmsPerMessage": 5}
    return posted(f"{url}/rest/smsmessaging/text", own, *BASIC)


def skebby(url, text, ids):
    status, keys = curl(f"{url}/API/v1.0/REST/login", *BASIC)
    equal("login", status, 200)
    user, session = keys.split(";")
    own = {"message_type": "GP", "message": text, "recipient": [f"+{PEER}"], "returnCredits": True}
    keys = ("-H", f"user_key: {user}", "-H", f"Session_key: {session}")
    return posted(f"{url}/API/v1.0/REST/sms", own, *keys)


def bulksms(url, text, ids):
    return form(
        f"{url}/eapi/submission/send_sms/2/2.0",
        username=USER,
        password=SECRET,
        message=text,
        msisdn=PEER,
        allow_concat_text_sms=1,
        concat_text_sms_max_parts=3,
    )


# The name of an interface at /events; how it sends; the reply to what is accepted; the reply to what has
# no room now, in words that mean "later".
INTERFACES = {
    "gatewayapi-v1": (gatewayapi_v1, (200, r".*"), (500, r".*")),
    "gatewayapi-v2": (gatewayapi_v2, (200, r"Processing:.*"), (500, r".*")),
    "nextpod": (nextpod, (200, r".*"), (500, r".*")),
    "websms": (websms, (200, r'.*"statusCode":2000\b.*'), (500, r".*")),
    "skebby-rest": (skebby, (201, r'.*"result":"OK".*'), (500, r".*")),
    "bulksms-eapi": (bulksms, (200, r"0\|.*"), (500, r".*")),
}


def sends(board, interface, text, ids):
    """Sends a text by an interface, which accepts it; returns the reply's body."""
    act, expected, _ = INTERFACES[interface]
    return fits(interface, act(board.cable.url, text, ids), expected)


def fits(what, came, expected):
    """Fails unless a reply has the status and the words."""
    status, words = expected
    if came[0] != status or not re.fullmatch(words, came[1].strip(), re.DOTALL):
        raise Failed(f"{what}: expected {expected}, came {came}")
    return came[1]
