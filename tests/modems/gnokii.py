"""Debian gnokii-cli: one call for each thing that is done."""

import os
import re

from common import (
    LONG,
    PEER,
    RECEIVED,
    SENDER,
    SHORT,
    UNICODE,
    Modem,
    Process,
    contains,
    equal,
    main,
)
from common import run, until

TO = f"+{PEER}"


def configured(modem):
    """A function that runs gnokii on this modem."""
    name = os.path.join(modem.folder, "gnokii.conf")
    with open(name, "w", encoding="ascii") as file:
        file.write(f"""[global]
port = {modem.port}
model = AT
connection = serial
serial_baudrate = 115200
smsc_timeout = 10
require_dcd = 0
use_locking = no
[gnokiid]
bindir = /usr/sbin
[sms]
timeout = 0
[logging]
debug = off
rlpdebug = off
""")
    return lambda *words, **more: run("gnokii-cli", "gnokii", "--config", name, *words, **more)


def sends():
    """S1 to S4."""
    with Modem() as modem:
        gnokii = configured(modem)
        for text, options in ((SHORT, ()), (LONG, ()), (UNICODE, ()), ("with report", ("-r",))):
            said = gnokii("--sendsms", TO, *options, given=text)
            contains(
                "gnokii", said, "in 2 parts" if text == LONG else "Send succeeded with reference"
            )
            modem.receives(text)
        equal("reports", len(modem.reports()), 1)
    return "S1 S2 S3 S4"


def receives():
    """R1 to R3."""
    with Modem() as modem:
        gnokii = configured(modem)
        # It has no name for a store of both, and looks where it is told.
        gnokii("--getsms", "SM", "1", "1", fails=True)
        for text in RECEIVED:
            modem.sends(text)
        listed = gnokii("--getsms", "ME", "1", "end", fails=True)
        contains("getsms", listed, RECEIVED[0], RECEIVED[2], RECEIVED[1][:150], f"+{SENDER}")
        gnokii("--deletesms", "ME", "1", "end", fails=True)
        contains("folders", gnokii("--showsmsfolderstatus", fails=True), "SMS")
        listed = gnokii("--getsms", "ME", "1", "end", fails=True)
        equal("left", [text for text in RECEIVED if text in listed], [])
    return "R1 R2 R3, deleted"


def reads():
    """smsreader, which is told of what comes."""
    with Modem() as modem:
        configured(modem)
        name = os.path.join(modem.folder, "gnokii.conf")
        with Process("gnokii-cli", "gnokii", "--config", name, "--smsreader") as reader:
            until(lambda: "AT+CNMI=" in modem.trace() and "Entered sms reader" in reader.said(), 20)
            modem.sends(RECEIVED[0])
            until(lambda: RECEIVED[0] in reader.said(), 20)
            contains("smsreader", reader.said(), RECEIVED[0])
    return "R1 by indication"


def asks():
    """Everything else."""
    with Modem() as modem:
        gnokii = configured(modem)
        contains("identify", gnokii("--identify"), "490154203237518", "Septet")
        contains("getsmsc", gnokii("--getsmsc", "1", "1", fails=True), "+15550100427")
        said = gnokii("--monitor", "once", fails=True)
        if not re.search(r"RFLevel|RF level", said):
            contains("monitor", said, "RFLevel")
    return "identity, service centre, network"


main("gnokii", sends, receives, reads, asks)
