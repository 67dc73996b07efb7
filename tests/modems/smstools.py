"""Debian smstools: smsd between a folder of files and the modem."""

import glob
import os

from common import LONG, PEER, RECEIVED, SHORT, UNICODE, Failed, Modem, Process, equal, main, until


def configured(modem, device):
    """The configuration, with its folders."""
    folder = modem.folder
    names = ("outgoing", "checked", "incoming", "report", "sent", "failed")
    for name in names:
        os.mkdir(f"{folder}/{name}")
    lines = [f"{name} = {folder}/{name}" for name in names]
    with open(f"{folder}/smsd.conf", "w", encoding="ascii") as file:
        file.write(f"""devices = GSM1
loglevel = 7
logfile = {folder}/smsd.log
pidfile = {folder}/smsd.pid
infofile = {folder}/smsd.working
{chr(10).join(lines)}
delaytime = 1
errorsleeptime = 1
receive_before_send = no
autosplit = 3
[GSM1]
device = {device}
baudrate = 115200
incoming = yes
report = yes
init = AT+CNMI=0,0,0,0,0
""")
    return Process("smstools", "smsd", f"-c{folder}/smsd.conf", "-t")


def files(folder, name):
    """The texts of a folder's files."""
    texts = []
    for path in sorted(glob.glob(f"{folder}/{name}/*")):
        with open(path, "rb") as file:
            texts.append(file.read())
    return texts


def both_ways(modem, device):
    """S1 to S4 and R1 to R3."""
    folder = modem.folder
    with configured(modem, device):
        for number, (text, more) in enumerate(
            (
                (SHORT, ""),
                (LONG, ""),
                (UNICODE, "Alphabet: UTF-8\n"),
                ("with report", "Report: yes\n"),
            ),
            1,
        ):
            with open(f"{folder}/new", "w", encoding="utf-8") as file:
                file.write(f"To: {PEER}\n{more}\n{text}")
            os.rename(f"{folder}/new", f"{folder}/outgoing/{number}")
            modem.receives(text)
            if not until(lambda n=number: os.path.exists(f"{folder}/sent/{n}")):
                raise Failed(f"{number} is not in sent: {os.listdir(f'{folder}/failed')}")
        [sent] = [text for text in files(folder, "sent") if b"Report: yes" in text]
        reference = modem.reports()[-1]
        if f"Message_id: {reference}\n".encode() not in sent:
            raise Failed(f"expected Message_id: {reference}, came {sent}")
        for text in RECEIVED:
            modem.sends(text)
        bodies = lambda: [
            text.partition(b"\n\n")[2].rstrip(b"\n") for text in files(folder, "incoming")
        ]
        until(lambda: len(bodies()) >= 3, 40)
        wanted = [
            text.encode() if text.isascii() else text.encode("utf-16-be") for text in RECEIVED
        ]
        equal("incoming", sorted(bodies()), sorted(wanted))
        # With `report = yes` it asks for a report on each part.
        until(lambda: len(files(folder, "report")) >= 5)
        reports = files(folder, "report")
        if len(reports) != 5 or not all(b"Status: 0,Ok" in report for report in reports):
            raise Failed(f"reports: {reports}")
        equal("failed", os.listdir(f"{folder}/failed"), [])
    return "S1 S2 S3 S4, R1 R2 R3, the report in a file"


def pty():
    """On a pseudo-terminal."""
    with Modem() as modem:
        return both_ways(modem, modem.port)


def tcp():
    """Over TCP."""
    with Modem("--listen=tcp:127.0.0.1:0") as modem:
        return both_ways(modem, "@" + modem.port.removeprefix("tcp:"))


main("smstools", pty, tcp)
