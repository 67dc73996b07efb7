"""PyPI django-bulksms, which sends everything in a query, in UTF-8.

It was written for Python 2, where the body of a reply is a str, and it sends again until it can
read one; so a body is made a str here, and one try is all it has.
"""

import os

import requests
import tenacity
from django.conf import settings

from common import PASSWORD, SCRATCH, URL, UTF8_USER, Handset, callback, equal, run, true

settings.configure(
    BULKSMS_AUTH_USERNAME=UTF8_USER,
    BULKSMS_AUTH_PASSWORD=PASSWORD,
    BULKSMS_API_URL={
        "single": URL + "/eapi/submission/send_sms/2/2.0",
        "batch": URL + "/eapi/submission/send_batch/1/1.0",
    },
)

from bulksms import sms

octets = requests.Response.content
requests.Response.content = property(lambda reply: octets.fget(reply).decode("latin-1"))
sms.send_single.retry.stop = tenacity.stop_after_attempt(1)
sms.send_single.retry.reraise = True

REPORTS = "/bulksms-eapi/utf8"


def accepted(reply):
    """The batch_id of a reply, which must say that the batch is on its way."""
    true(
        "the reply 0|IN_PROGRESS|batch_id",
        reply[:2] == ["0", "IN_PROGRESS"] and len(reply) == 3,
        reply,
    )
    true("a batch_id that is a positive number", reply[2].isdigit() and int(reply[2]) > 0, reply)
    return reply[2]


def eapi():
    """One text to two numbers, one in UTF-8, and a file of texts."""
    one, two = Handset("44123123456"), Handset("44123123457")
    batch = accepted(sms.send_single(msisdn=f"{one.number},{two.number}", message="Hi Mom & Dad"))
    for handset in (one, two):
        handset.gets("Hi Mom & Dad")
        callback(REPORTS, batch_id=batch, msisdn=handset.number, status="11")

    accepted(sms.send_single(msisdn=one.number, message="Ümläut é £ € + %"))
    one.gets("Ümläut é £ € + %")

    three, four = Handset("27831234567"), Handset("27831234566")
    name = os.path.join(SCRATCH, "batch.csv")
    with open(name, "w", encoding="ascii") as file:
        file.write(
            f'msisdn,message\n"{three.number}","Message 1"\n"{four.number}","Message 2 + 3"\n'
        )
    batch = accepted(sms.send_bulk(name))
    three.gets("Message 1")
    four.gets("Message 2   3")  # the client leaves + as it is
    callback(REPORTS, batch_id=batch, msisdn=four.number, status="11")

    sms.password = "wrong"
    equal(
        "status_code of a wrong password", sms.send_single(msisdn=one.number, message="no")[0], "23"
    )
    return f"4 texts reached 4 handsets, 1 file too; status 11 was pushed for batch {batch}"


run("django-bulksms 0.0.1", {"bulksms-eapi": eapi})
