"""Debian gammu: one call for each thing that is done."""

import os
import re

from common import (
    LONG,
    OWN,
    PEER,
    RECEIVED,
    SCRATCH,
    SHORT,
    UNICODE,
    Failed,
    Modem,
    contains,
    equal,
)
from common import main, run, until

TO = f"+{PEER}"


def configured(modem):
    """A function that runs gammu on this modem."""
    name = os.path.join(modem.folder, "gammu.conf")
    with open(name, "w", encoding="ascii") as file:
        file.write(f"[gammu]\ndevice = {modem.port}\nconnection = at115200\nsynchronizetime = no\n")
    return lambda *words, **more: run("gammu", "gammu", "-c", name, *words, **more)


def sends():
    """S1 to S4."""
    with Modem() as modem:
        gammu = configured(modem)
        reference = 0
        for text, parts, options in (
            (SHORT, 1, ()),
            (LONG, 2, ("-len", "400")),
            (UNICODE, 1, ("-unicode",)),
            ("with report", 1, ("-report",)),
        ):
            said = gammu("sendsms", "TEXT", TO, *options, "-text", text)
            for _ in range(parts):
                reference += 1
                contains("gammu", said, f"OK, message reference={reference}")
            equal("parts", modem.receives(text), parts)
        equal("reports", modem.reports(), [str(reference)])
    return "S1 S2 S3 S4"


def receives():
    """R1 to R3, and what is saved."""
    with Modem() as modem:
        gammu = configured(modem)
        contains(
            "gammu", gammu("savesms", "TEXT", "-folder", "1", "-text", "stored"), "Saved in folder"
        )
        equal("parts", sum(modem.sends(text) for text in RECEIVED), 4)
        listed = gammu("getallsms")
        contains("getallsms", listed, "5 SMS parts in 5 SMS sequences")
        contains("getallsms", listed, "stored", RECEIVED[0], RECEIVED[2], f'"+{15550001111}"')
        for number in (1, 2):
            if not re.search(rf"part {number} of 2|{number}/2|ID \(8 bit\).*{number} of 2", listed):
                raise Failed(f"getallsms: no part {number} of 2 in {listed}")
        contains("getallsms", "".join(listed.split()), "".join(RECEIVED[1][:150].split()))
        for folder in ("1", "3"):
            gammu("deleteallsms", folder)
        contains("getallsms", gammu("getallsms"), "0 SMS parts in 0 SMS sequences")
    return "R1 R2 R3, saved and deleted"


def asks():
    """Everything else."""
    with Modem() as modem:
        gammu = configured(modem)
        contains("identify", gammu("identify"), "490154203237518", "Septet")
        contains("getussd", gammu("getussd", "*100#"), "Balance: EUR 12.34")
        contains("getsmsc", gammu("getsmsc", "1"), "+15550100427")
        contains("networkinfo", gammu("networkinfo"), "home network", "Septet")
    return "identity, USSD, service centre, network"


def monitors():
    """monitor."""
    with Modem() as modem:
        said = configured(modem)("monitor", "1")
        contains("monitor", said, "home network", "Battery", "Network level")
    return "network, signal, battery"


assert OWN and SCRATCH and until
main("gammu", sends, receives, asks, monitors)
