"""python-messaging, by the driver's lines. It reads what a handset receives, and writes what it sends."""

from messaging.sms import SmsDeliver, SmsSubmit

import common


def read(direction, digits):
    sms = SmsDeliver(digits)
    if sms.sr is not None:
        return {
            "type": "STATUS-REPORT",
            "address": sms.sr["recipient"],
            # It reads both as local times, without their zone.
            "time": common.when(sms.sr["scts"]) if sms.sr["scts"] else None,
            "discharge": common.when(sms.sr["dt"]) if sms.sr["dt"] else None,
            "status": sms.sr["status"],
            "reference": sms.udh.concat.ref,
        }
    part = sms.udh and sms.udh.concat
    is_data = isinstance(sms.text, bytes)
    return {
        "type": "DELIVER",
        "address": sms.number,
        "time": common.when(sms.date),
        "part": part and [part.ref, part.cnt, part.seq],
        "text": None if is_data else common.text(sms.text),
        "data": sms.text.hex() if is_data else None,
    }


def write(number, text):
    return [part.pdu for part in SmsSubmit(number, text).to_pdu()]


common.answer(read, write)
