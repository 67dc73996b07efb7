"""What the drivers in Python share: a job on each line, `MT` or `MO` and the octets of a PDU with its
service centre, or `TO`, a number and a text; an object of what the package under test makes of it on
each line of the answer."""

import json
import logging
import sys
from datetime import timezone


def when(time):
    """Greenwich time; a time without a zone is Greenwich time."""
    if time.tzinfo is not None:
        time = time.astimezone(timezone.utc)
    return time.strftime("%y-%m-%d %H:%M:%S")


def text(characters):
    """Halves of a surrogate pair, which are no characters of a text, become U+FFFD."""
    return "".join("\ufffd" if 0xD800 <= ord(c) < 0xE000 else c for c in characters)


def answer(read, write=None):
    """Answers jobs by `read`, which is given the direction and the digits, and by `write`, which is given
    the number and the text."""
    logging.disable(logging.CRITICAL)
    # What a package prints is no answer.
    answers, sys.stdout = sys.stdout, sys.stderr
    for job in sys.stdin:
        kind, *words = job.split()
        try:
            if kind == "TO":
                told = {"pdus": write(words[0], bytes.fromhex(words[1]).decode())}
            else:
                told = {name: value for name, value in read(kind, words[0]).items() if value is not None}
        except ValueError as error:
            told = {"error": f"{type(error).__name__}: {error}"}
        except Exception as error:
            # No word of what it cannot read, but something that broke while it did.
            told = {"crash": f"{type(error).__name__}: {error}"}
        print(json.dumps(told), file=answers, flush=True)
