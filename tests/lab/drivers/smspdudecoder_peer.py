"""smspdudecoder, by the driver's lines."""

from datetime import datetime
from io import StringIO

from smspdudecoder.fields import SMSDeliver, SMSSubmit

import common


def validity(pdu):
    if isinstance(pdu.get("vp"), datetime):
        return common.when(pdu["vp"])
    for name, minutes in (("minutes", 1), ("hours", 60), ("days", 24 * 60), ("weeks", 7 * 24 * 60)):
        if f"validity-{name}" in pdu:
            return f"{pdu[f'validity-{name}'] * minutes} min"
    return None


def read(direction, digits):
    pdu = (SMSSubmit if direction == "MO" else SMSDeliver).decode(StringIO(digits))
    address = pdu["recipient" if direction == "MO" else "sender"]
    plus = "+" if address["toa"]["ton"] == "international" else ""
    data = pdu["user_data"]
    part = None
    for element in (data["header"] or {"elements": []})["elements"]:
        if element["iei"] in (0x00, 0x08) and part is None:
            part = [element["data"][name] for name in ("reference", "parts_count", "part_number")]
    is_data = isinstance(data["data"], bytes)
    return {
        "type": pdu["header"]["mti"].upper(),
        "address": plus + address["number"],
        "time": common.when(pdu["scts"]) if "scts" in pdu else None,
        "validity": validity(pdu),
        "reference": pdu.get("message-ref"),
        "part": part,
        "text": None if is_data else common.text(data["data"]),
        "data": data["data"].hex() if is_data else None,
    }


common.answer(read)
