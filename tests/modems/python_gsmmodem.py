"""PyPI python-gsmmodem-new: its script, and its library in PDU mode and in text mode.

It does not survive two indications at once, so that what is sent to it is spaced.
"""

import os
import queue
import subprocess
import sys
import time

from common import LONG, PEER, RECEIVED, SHORT, UNICODE, Failed, Modem, contains, equal, main
from gsmmodem.modem import GsmModem

TO = f"+{PEER}"


def script():
    """sendsms.py, which waits for the report."""
    with Modem() as modem:
        name = os.path.join(os.path.dirname(sys.executable), "sendsms.py")
        done = subprocess.run(
            [sys.executable, name, "-i", modem.port, "-b", "115200", "-d", TO, SHORT],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
        )
        contains("sendsms.py", done.stdout, "Message sent and delivered OK.")
        modem.receives(SHORT)
    return "S1 S4"


def library(in_text_mode):
    """S1 to S4 and R1 to R3."""
    received, reports = queue.Queue(), queue.Queue()
    with Modem() as modem:
        gsm = GsmModem(
            modem.port,
            115200,
            smsReceivedCallbackFunc=received.put,
            smsStatusReportCallback=reports.put,
        )
        gsm.smsTextMode = in_text_mode
        gsm.connect()
        try:
            # For what the default alphabet lacks, and for parts, it leaves text mode.
            texts = (SHORT,) if in_text_mode else (SHORT, LONG, UNICODE)
            for text in texts:
                gsm.sendSms(TO, text)
                parts = modem.receives(text)
                # It asks for a report each time, and must be done with it before the next.
                for _ in range(parts):
                    reports.get(timeout=10)
            sms = gsm.sendSms(TO, "with report", waitForDeliveryReport=True, deliveryTimeout=20)
            equal("status", sms.status, sms.DELIVERED)
            modem.receives("with report")
            if in_text_mode:
                contains("trace", modem.trace(), f'AT+CMGS="{TO}"')
            for text in RECEIVED:
                parts = modem.sends(text)
                came = [received.get(timeout=10) for _ in range(parts)]
                shown = [sms.text for sms in came]
                if in_text_mode and not text.isascii():
                    shown = [
                        (
                            bytes.fromhex(one).decode("utf-16-be")
                            if one.isalnum() and one.isascii()
                            else one
                        )
                        for one in shown
                    ]
                if in_text_mode and parts > 1:
                    # Hexadecimal digits of header and septets: it does not read them.
                    equal("digits", [one[:6] for one in shown], ["050003"] * parts)
                else:
                    equal("received", "".join(shown), text)
                time.sleep(0.3)
            equal("USSD", gsm.sendUssd("*100#").message, "Balance: EUR 12.34")
        finally:
            gsm.close()
        if len(modem.reports()) < len(texts) + 1:
            raise Failed(f"reports: {modem.reports()}")
    return "S1 S4, R1 R2 R3, USSD" if in_text_mode else "S1 S2 S3 S4, R1 R2 R3, USSD"


def pdu_mode():
    """The library in PDU mode."""
    return library(False)


def text_mode():
    """The library in text mode."""
    return library(True)


main("python-gsmmodem-new", script, pdu_mode, text_mode)
