"""Debian ofono: its plugin phonesim over TCP, with a D-Bus of its own."""

import glob
import os
import shutil

from common import (
    LONG,
    OWN,
    PEER,
    RECEIVED,
    SHORT,
    UNICODE,
    Failed,
    Modem,
    Process,
    contains,
    main,
    run,
)
from common import until

BUS = """<busconfig><type>session</type><listen>{address}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/>
<allow own="*"/></policy></busconfig>
"""


def forget():
    """Removes what it keeps of this SIM: messages that it could not send would be sent again."""
    for folder in glob.glob(f"/var/lib/ofono/00101{OWN[-10:]}*"):
        shutil.rmtree(folder, ignore_errors=True)


def both_ways():
    """S1 to S4 and R1 to R3."""
    forget()
    try:
        return talks()
    finally:
        forget()


def talks():
    """Through one daemon."""
    # The simulator that the plugin is for does not echo, and what is behind an echoed PDU is lost on it.
    with Modem("--listen=tcp:127.0.0.1:0", "--manner=no-echo") as modem:
        folder = modem.folder
        address = f"unix:path={folder}/bus"
        with open(f"{folder}/bus.conf", "w", encoding="ascii") as file:
            file.write(BUS.format(address=address))
        with open(f"{folder}/phonesim.conf", "w", encoding="ascii") as file:
            port = modem.port.rpartition(":")[2]
            file.write(f"[phonesim]\nAddress=127.0.0.1\nPort={port}\n")
        more = {
            "DBUS_SYSTEM_BUS_ADDRESS": address,
            "OFONO_PHONESIM_CONFIG": f"{folder}/phonesim.conf",
        }

        def ask(method, *values, fails=False):
            return run(
                "ofono",
                *("dbus-send", f"--bus={address}", "--print-reply", "--dest=org.ofono"),
                *("/phonesim", f"org.ofono.{method}", *values),
                fails=fails,
            )

        def turn(interface, name, value):
            said = lambda: ask(
                f"{interface}.SetProperty", f"string:{name}", f"variant:boolean:{value}", fails=True
            )
            until(lambda: said().startswith("method return"), 30)

        daemon = ("dbus-daemon", f"--config-file={folder}/bus.conf", "--nofork", "--nopidfile")
        watch = ("dbus-monitor", "--address", address, "type='signal',sender='org.ofono'")
        with Process("ofono", *daemon):
            if not until(lambda: os.path.exists(f"{folder}/bus")):
                raise Failed("dbus-daemon does not start")
            with Process("ofono", *watch) as heard, Process("ofono", "ofonod", "-n", **more):
                turn("Modem", "Powered", "true")
                turn("Modem", "Online", "true")
                shows = lambda: ask("Modem.GetProperties", fails=True)
                names = ("MessageManager", "SimManager", "NetworkRegistration")
                until(lambda: all(f"org.ofono.{name}" in shows() for name in names))
                contains("interfaces", shows(), *(f"org.ofono.{name}" for name in names))
                # What comes while it still asks for other things is lost on it.
                until(lambda: "AT+CNMI=" in modem.trace(), 20)
                for text in (SHORT, LONG, UNICODE, "with report"):
                    if text == "with report":
                        turn("MessageManager", "UseDeliveryReports", "true")
                    ask("MessageManager.SendMessage", f"string:+{PEER}", f"string:{text}")
                    modem.receives(text)
                until(modem.reports)
                for text in RECEIVED:
                    modem.sends(text)
                until(lambda: all(f'"{text}"' in heard.said() for text in RECEIVED))
                contains("signals", heard.said(), *(f'"{text}"' for text in RECEIVED))
                if 'string "failed"' in heard.said():
                    raise Failed("a message failed")
                until(lambda: modem.trace().count("AT+CNMA=1") >= 5)
                contains("trace", modem.trace(), "AT+CSMS=1", "AT+CNMA=1,2")
    return "S1 S2 S3 S4, R1 R2 R3, each acknowledged"


main("ofono", both_ways)
