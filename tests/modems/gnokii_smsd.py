"""Debian gnokii-smsd with its file module."""

import os

from common import PEER, RECEIVED, ROOTS, SHORT, Modem, Process, contains, main, until


def sends_and_receives():
    """S1 and R1."""
    with Modem() as modem:
        folder = modem.folder
        os.makedirs(f"{folder}/gnokii")
        os.mkdir(f"{folder}/spool")
        with open(f"{folder}/gnokii/config", "w", encoding="ascii") as file:
            file.write(f"""[global]
port = {modem.port}
model = AT
connection = serial
serial_baudrate = 115200
smsc_timeout = 10
require_dcd = 0
use_locking = no
[sms]
timeout = 0
[logging]
debug = off
rlpdebug = off
""")
        action = f"{folder}/action"
        with open(action, "w", encoding="ascii") as file:
            file.write(f"#!/bin/sh\ncat >> {folder}/received\necho >> {folder}/received\n")
        os.chmod(action, 0o755)
        library = os.path.join(ROOTS, "gnokii-smsd/usr/lib/smsd")
        # The daemon of the same name that others bring is not meant.
        daemon = os.path.join(ROOTS, "gnokii-smsd/usr/sbin/smsd")
        command = (daemon, "-m", "file", "-l", library, "-c", f"{folder}/spool", "-u", action)
        command += ("-b", "ME", "-i", "1", "-f", f"{folder}/smsd.log")
        with Process("gnokii-smsd", *command, XDG_CONFIG_HOME=folder):
            with open(f"{folder}/new", "w", encoding="ascii") as file:
                file.write(f"+{PEER}\n{SHORT}")
            os.rename(f"{folder}/new", f"{folder}/spool/1")
            modem.receives(SHORT, 60)
            modem.sends(RECEIVED[0])

            def received():
                if not os.path.exists(f"{folder}/received"):
                    return ""
                with open(f"{folder}/received", encoding="utf-8", errors="replace") as file:
                    return file.read()

            until(lambda: RECEIVED[0] in received(), 60)
            contains("action", received(), RECEIVED[0])
            with open(f"{folder}/smsd.log", encoding="utf-8", errors="replace") as file:
                contains("log", file.read(), "successful")
    return "S1 R1"


main("gnokii-smsd", sends_and_receives)
