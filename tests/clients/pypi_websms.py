"""PyPI websms, which sends texts as JSON with Basic authentication."""

import logging
import re

import websms

from common import PASSWORD, URL, USER, Handset, equal, run, true

# Refusals are expected here: what the client raises is looked at, not what it logs.
logging.getLogger("websms").addHandler(logging.NullHandler())

ENDPOINT = URL + "/rest/smsmessaging/text"


def send(service, recipients, text, **more):
    """Sends a text, which must be accepted."""
    sms = websms.SMS(recipients, text, **more)
    transfer = sms.send(service=service, timeout=30)
    true("a transferId of 20 hex digits", re.fullmatch("[0-9a-f]{20}", transfer or ""), transfer)
    code = 2000 if sms.post_response.status_code == 2000 else 2001
    equal("statusCode", sms.post_response.status_code, code)
    return sms.post_response


def text():
    """The client's own cases, and a wrong password."""
    one, two = Handset("4367612345678"), Handset("4912345678901")
    service = websms.SMSService(api_url=ENDPOINT, username=USER, password=PASSWORD)

    reply = send(service, [one.number], "Hello World")
    equal("smsCount", reply.sms_count, 1)
    one.gets("Hello World")

    umlauts = "Ümläute € ß + & = % {}[]"
    brand = {"sender_address": "MyBrand", "sender_address_type": "alphanumeric"}
    for test in (True, False):  # the first one is a trial: nothing is sent
        send(service, [one.number, two.number], umlauts, test=test, max_sms_per_message=3, **brand)
    one.gets(umlauts)
    two.gets(umlauts)

    send(service, [one.number], "Hi 😀 中", max_sms_per_message=1)
    one.gets("Hi 😀 中")

    long = "A" * 161
    for parts, accepted in ((1, False), (2, True)):
        try:
            reply = send(service, [two.number], long, max_sms_per_message=parts)
            true("a refusal of two parts where one is allowed", accepted, reply)
            equal("smsCount of 161 characters", reply.sms_count, 2)
        except websms.RequestError as refused:
            true("a text in two parts accepted", not accepted, refused)
    two.gets(long)

    service.configure(password="wrong")
    try:
        transfer = websms.SMS([one.number], "no").send(service=service, timeout=30)
        true("a refusal of a wrong password", False, transfer)
    except websms.RequestError:
        pass
    return f"5 texts reached {one.number} and {two.number}, a wrong password is refused"


run("websms 1.0.0", {"websms": text})
