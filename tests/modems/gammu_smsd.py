"""Debian gammu-smsd with files."""

import glob
import os

from common import (
    LONG,
    PEER,
    RECEIVED,
    SHORT,
    UNICODE,
    Failed,
    Modem,
    Process,
    equal,
    main,
    run,
    until,
)

TO = f"+{PEER}"


def sends_and_receives():
    """S1 to S4 and R1 to R3 through one daemon."""
    # Reports as +CDSI leave an empty file each.
    with Modem("--manner=direct-reports") as modem:
        folder = modem.folder
        for name in ("in", "out", "sent", "err"):
            os.mkdir(f"{folder}/{name}")
        configuration = f"{folder}/smsd.conf"
        with open(configuration, "w", encoding="ascii") as file:
            file.write(f"""[gammu]
device = {modem.port}
connection = at115200
[smsd]
service = files
logfile = {folder}/smsd.log
debuglevel = 1
inboxpath = {folder}/in/
outboxpath = {folder}/out/
sentsmspath = {folder}/sent/
errorsmspath = {folder}/err/
inboxformat = unicode
deliveryreport = sms
commtimeout = 2
receivefrequency = 2
statusfrequency = 15
checksecurity = 1
checkbattery = 0
""")
        with Process("gammu-smsd", "gammu-smsd", "-c", configuration):
            for text, options in (
                (SHORT, ()),
                (LONG, ("-len", "400")),
                (UNICODE, ("-unicode",)),
                ("with report", ("-report",)),
            ):
                run(
                    "gammu-smsd",
                    *("gammu-smsd-inject", "-c", configuration, "TEXT", TO, *options),
                    *("-text", text),
                )
            # It takes its files by name, and those of one second in any order.
            missing = [SHORT, LONG, UNICODE, "with report"]

            def arrived():
                came = modem._ask(f"handsets/{PEER}")["messages"]
                return len(came) >= len(missing) and came

            came = until(arrived, 60)
            if not came:
                raise Failed("handset: not every text came")
            equal("handset", sorted(message["text"] for message in came), sorted(missing))
            modem.seen = len(came)
            for text in RECEIVED:
                modem.sends(text)

            def read():
                """The texts of the inbox, in their order."""
                texts = []
                for name in sorted(glob.glob(f"{folder}/in/*")):
                    with open(name, "rb") as file:
                        text = file.read()
                    text = text.decode("utf-16" if text[:1] in b"\xff\xfe" else "utf-8")
                    # Behind a text in UCS-2 it leaves what was in its buffer.
                    texts.append(text.partition("\0")[0])
                return texts

            wanted = {RECEIVED[0], RECEIVED[2], RECEIVED[1][:153], RECEIVED[1][153:]}
            until(lambda: wanted <= set(read()) and any("Deliver" in text for text in read()), 40)
            texts = set(read())
            if not wanted <= texts or not any("Deliver" in text for text in texts):
                raise Failed(f"inbox: expected {wanted} and a report, came {texts}")
            sent = until(
                lambda: len(os.listdir(f"{folder}/sent")) == 4 and os.listdir(f"{folder}/sent")
            )
            equal("sent", bool(sent), True)
            equal("err", os.listdir(f"{folder}/err"), [])
    return "S1 S2 S3 S4, R1 R2 R3, the report in a file"


main("gammu-smsd", sends_and_receives)
