"""PyPI skebby-sdk, for the REST interface with user_key and session_key."""

import re
from datetime import datetime, timedelta, timezone

from skebby_sdk.api.base import BaseApi
from skebby_sdk.client import SkebbyClient
from skebby_sdk.exceptions import (
    SkebbyAuthException,
    SkebbyNotFoundException,
    SkebbyValidationException,
)

from common import CALLBACKS, PASSWORD, URL, USER, Handset, equal, run, true, until

BaseApi.BASE_URL = URL + "/API/v1.0/REST"


def accepted(reply, sent):
    """The order_id of a reply, which must say that so many messages were sent."""
    equal("result", reply.get("result"), "OK")
    equal("total_sent", reply.get("total_sent"), sent)
    true(
        "an order_id",
        re.fullmatch("[A-Za-z0-9._-]{1,32}|[0-9A-Fa-f-]{36}", str(reply.get("order_id"))),
        reply,
    )
    return reply["order_id"]


def refused(kind, call, *arguments, **more):
    """Fails unless the call ends with this exception."""
    try:
        came = call(*arguments, **more)
    except kind:
        return
    true(f"{kind.__name__} of {call.__name__}{arguments}", False, came)


def delivered(client, order, numbers):
    """Waits until every recipient of the order is DLVRD."""

    def states():
        state = client.sms.get_message_state(order)
        came = {r["destination"]: r["status"] for r in state["recipients"]}
        last.append(came)
        return came == expected

    last, expected = [], {"+" + number: "DLVRD" for number in numbers}
    true(f"state {expected} of order {order}", until(states), last[-1])


def rest():
    """Login and token, the three kinds of sending, an order's life, and what was received."""
    client = SkebbyClient()
    client.user_key, client.session_key = client.auth.login(USER, PASSWORD)
    by_token = SkebbyClient(username=USER, password=PASSWORD)
    equal("user_key by token", by_token.user_key, client.user_key)
    refused(SkebbyAuthException, client.auth.login, USER, "wrong")
    stranger = SkebbyClient(user_key=client.user_key, session_key="wrong")
    refused(SkebbyAuthException, stranger.sms.send_sms, "no", ["+393471234567"])

    one, two = Handset("393471234567"), Handset("393471234568")
    credits = {kind["type"]: kind["quantity"] for kind in client.user.get_status(True, True)["sms"]}
    true("credits of type GP", credits.get("GP", 0) > 0, credits)

    began = datetime.now(timezone.utc) - timedelta(days=1)
    for each in (by_token, client):
        order = accepted(each.sms.send_sms("Hello world!", ["+" + one.number]), 1)
        one.gets("Hello world!")
    delivered(client, order, [one.number])
    refused(SkebbyNotFoundException, client.sms.get_message_state, "NO_SUCH_ORDER")
    left = {kind["type"]: kind["quantity"] for kind in client.user.get_status(True, True)["sms"]}
    equal("credits of type GP after two messages", left["GP"], credits["GP"] - 2)

    both = ["+" + one.number, "+" + two.number]
    text = "Ciao è € 😀"
    reply = client.sms.send_sms(
        text, both, message_type="TI", encoding="ucs2", order_id="NOW_1.a-b", return_credits=True
    )
    equal("order_id", accepted(reply, 2), "NOW_1.a-b")
    true("remaining_credits", isinstance(reply.get("remaining_credits"), int), reply)
    one.gets(text)
    two.gets(text)
    delivered(client, "NOW_1.a-b", [one.number, two.number])
    refused(SkebbyValidationException, client.sms.send_sms, text, both, order_id="NOW_1.a-b")

    # One that is not sent before tomorrow, and taken back.
    order = accepted(
        client.sms.send_sms(
            text,
            both,
            message_type="TI",
            sender="MySender",
            scheduled_delivery_time=datetime.now() + timedelta(days=1),
            order_id="ORDER_1.a-b",
            return_credits=True,
            encoding="ucs2",
            validity_period=60,
            delivery_notification_url=CALLBACKS + "/skebby/dlr",
            allow_duplicate=True,
        ),
        2,
    )
    states = {r["status"] for r in client.sms.get_message_state(order)["recipients"]}
    equal("state of a scheduled order", states, {"SCHEDULED"})
    client.sms.delete_scheduled_message(order)
    refused(SkebbyNotFoundException, client.sms.delete_scheduled_message, order)

    people = [{"recipient": both[0], "name": "Alpha"}, {"recipient": both[1], "name": "Beta"}]
    reply = client.sms.send_parametric_sms(
        "Hello ${name}",
        people,
        return_credits=True,
        allow_invalid_recipients=True,
        return_remaining=True,
    )
    order = accepted(reply, 2)
    one.gets("Hello Alpha")
    two.gets("Hello Beta")
    delivered(client, order, [one.number, two.number])

    members = [Handset(number) for number in ("393471234561", "393471234562", "393471234563")]
    accepted(client.sms.send_sms_to_group("Hi group", ["G1", "G2"]), 3)
    for member in members:
        member.gets("Hi group")
    refused(SkebbyValidationException, client.sms.send_sms_to_group, "no", ["nobody"])

    history = client.sms.get_history(began, datetime.now(timezone.utc) + timedelta(days=1))
    orders = [entry["order_id"] for entry in history["smshistory"]]
    true("NOW_1.a-b in the history", "NOW_1.a-b" in orders, orders)

    client.received.get_new_messages(limit=100)
    one.sends("SKEBBY ciao è")
    news = until(lambda: client.received.get_new_messages(limit=10)) or []
    equal(
        "received",
        [(m["phoneNumber"], m["text"]) for m in news],
        [("+" + one.number, "SKEBBY ciao è")],
    )
    equal("received again", client.received.get_new_messages(limit=10), [])
    older = client.received.get_messages(began)
    true("the text among all received", "SKEBBY ciao è" in str(older), older)
    return f"9 texts reached 5 handsets, DLVRD for {one.number} and {two.number}, 1 text came back"


run("skebby-sdk 1.0.0", {"skebby-rest": rest})
