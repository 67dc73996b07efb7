"""Debian comgt: signal, registration, identity."""

from common import Modem, contains, main, run


def asks():
    """sig, reg and info."""
    with Modem() as modem:
        comgt = lambda what: run("comgt", "comgt", "-d", modem.port, what)
        contains("sig", comgt("sig"), "Signal Quality: 23,0")
        contains("reg", comgt("reg"), "Registered on Home network", "Septet")
        contains("info", comgt("info"), "Septet")
    return "signal, registration, identity"


main("comgt", asks)
