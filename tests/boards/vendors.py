"""The vendors' interfaces, each as a customer speaks it with curl: the request, and the replies."""

import itertools
import json
import re

from board import curl
from common import PEER, Failed, equal

USER, SECRET = "shop", "s3cret"
BASIC = ("-u", f"{USER}:{SECRET}")


def encoded(pairs):
    """The arguments by which curl encodes pairs."""
    return [word for name, value in pairs.items() for word in ("--data-urlencode", f"{name}={value}")]


def posted(url, value, *more):
    """The reply to JSON."""
    return curl(url, "-H", "Content-Type: application/json", "-d", json.dumps(value), *more)


def gatewayapi_v1(url, text):
    own = dict(username=USER, password=SECRET, countryCode=1, number=PEER[1:], message=text)
    return curl("-G", f"{url}/legacy/http/v1/sendsms", *encoded(own))


def gatewayapi_v2(url, text):
    own = {"user": USER, "password": SECRET, "smsc": "us.x", "from": "1204", "to": PEER}
    own |= {"sessionid": f"{PEER}:{next(IDS)}", "text": text}
    return curl(f"{url}/legacy/http/v2/sendsms", *encoded(own))


def nextpod(url, text):
    return posted(f"{url}/v2/sms", {"to": PEER, "from": "1204", "msg": text}, *BASIC)


def websms(url, text):
    own = {"recipientAddressList": [PEER], "messageContent": text, "maxSmsPerMessage": 5}
    return posted(f"{url}/rest/smsmessaging/text", own, *BASIC)


def skebby(url, text):
    status, keys = curl(f"{url}/API/v1.0/REST/login", *BASIC)
    equal("login", status, 200)
    user, session = keys.split(";")
    own = {"message_type": "GP", "message": text, "recipient": [f"+{PEER}"], "returnCredits": True}
    keys = ("-H", f"user_key: {user}", "-H", f"Session_key: {session}")
    return posted(f"{url}/API/v1.0/REST/sms", own, *keys)


def bulksms(url, text):
    own = dict(username=USER, password=SECRET, msisdn=PEER, message=text)
    own |= dict(allow_concat_text_sms=1, concat_text_sms_max_parts=3)
    return curl(f"{url}/eapi/submission/send_sms/2/2.0", *encoded(own))


LATER = "No room for more messages, try again later"

# The name of an interface at /events; how it sends; the reply to what is accepted; the reply to what has
# no room now, in its words for "later".
INTERFACES = {
    "gatewayapi-v1": (gatewayapi_v1, (200, r"<form .*"), (200, f"Error: {LATER}")),
    "gatewayapi-v2": (gatewayapi_v2, (200, rf"Processing:{PEER}:\d+"), (503, LATER)),
    "nextpod": (
        nextpod,
        (200, r'{"id":"[-0-9A-F]+",.*}'),
        (500, r'{"status":500,"message":"Internal server error"}'),
    ),
    "websms": (
        websms,
        (200, r'{"statusCode":2000,.*}'),
        (200, r'{"statusCode":5003,"statusMessage":"Service unavailable\.",.*}'),
    ),
    "skebby-rest": (skebby, (201, r'{"result":"OK",.*}'), (503, rf'{{"result":"{LATER}",.*}}')),
    "bulksms-eapi": (bulksms, (200, r"0\|IN_PROGRESS\|\d+"), (200, r"40\|temporarily unavailable")),
}

# The customers' own ids, no two alike.
IDS = itertools.count(1)


def sends(board, interface, text):
    """Sends a text by an interface, which accepts it."""
    act, accepted, _ = INTERFACES[interface]
    fits(interface, act(board.cable.url, text), accepted)


def fits(what, came, expected):
    """Fails unless a reply has the status and the words."""
    status, words = expected
    if came[0] != status or not re.fullmatch(words, came[1].strip(), re.DOTALL):
        raise Failed(f"{what}: expected {expected}, came {came}")
