"""npm serialport-gsm."""

import os

from common import (
    LONG,
    OWN,
    PEER,
    RECEIVED,
    ROOTS,
    SHORT,
    UNICODE,
    Modem,
    Process,
    contains,
    equal,
    main,
)
from common import until

HERE = os.path.dirname(os.path.abspath(__file__))


def both_ways():
    """S1 to S3 and R1 to R3."""
    with Modem() as modem:
        modules = os.path.join(ROOTS, "node/node_modules")
        command = (
            "node",
            f"{HERE}/node/both_ways.js",
            modem.port,
            f"+{PEER}",
            SHORT,
            LONG,
            UNICODE,
        )
        with Process("serialport-gsm", *command, NODE_PATH=modules) as client:
            # It counts a septet too few in each part with a header, and the rest is behind the end.
            for text in (SHORT, LONG[:132] + LONG[133:-1], UNICODE):
                modem.receives(text)
            until(lambda: client.said().count("sent: Message Successfully Sent") == 3)
            equal("sent", client.said().count("sent: Message Successfully Sent"), 3)
            for text in RECEIVED:
                modem.sends(text)
                until(lambda one=text: f"received: {one}" in client.said())
            contains("received", client.said(), *(f"received: {text}" for text in RECEIVED))
            until(lambda: f"own: +{OWN}" in client.said(), 5)
    return "S1 S2 S3, R1 R2 R3"


main("serialport-gsm", both_ways)
