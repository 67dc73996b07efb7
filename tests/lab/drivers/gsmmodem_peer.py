"""python-gsmmodem-new, by the driver's lines."""

from datetime import timedelta

from gsmmodem.exceptions import EncodingError
from gsmmodem.pdu import Concatenation, decodeSmsPdu, encodeSmsSubmitPdu

import common


def read(direction, digits):
    try:
        pdu = decodeSmsPdu(digits)
    except EncodingError as error:
        raise ValueError(error) from error
    validity = pdu.get("validity")
    if isinstance(validity, timedelta):
        validity = f"{int(validity.total_seconds() // 60)} min"
    elif validity is not None:
        validity = common.when(validity)
    part = next((e for e in pdu.get("udh", []) if isinstance(e, Concatenation)), None)
    # 8-bit data is a text of as many characters; nothing says which of the two it is.
    text = pdu.get("text")
    is_octets = text is not None and all(ord(c) < 0x100 for c in text)
    return {
        "type": pdu["type"].removeprefix("SMS-"),
        "address": pdu["number"] or "",
        "time": common.when(pdu["time"]) if "time" in pdu else None,
        "discharge": common.when(pdu["discharge"]) if "discharge" in pdu else None,
        "validity": validity,
        "reference": pdu.get("reference"),
        "status": pdu.get("status"),
        "part": part and [part.reference, part.parts, part.number],
        "text": None if text is None else common.text(text),
        "data": text.encode("latin-1").hex() if is_octets else None,
    }


def write(number, text):
    return [str(pdu) for pdu in encodeSmsSubmitPdu(number, text, reference=7, requestStatusReport=False)]


common.answer(read, write)
