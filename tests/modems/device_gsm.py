"""Debian libdevice-gsm-perl: Device::Gsm."""

import glob
import os

from common import PEER, RECEIVED, ROOTS, SHORT, Modem, contains, main, run

SCRIPT = r"""
use Device::Gsm;
my ($port, $to, $text) = @ARGV;
my $gsm = Device::Gsm->new(port => $port, log => 'file,/dev/null', loglevel => 'error');
print "connected: ", $gsm->connect(baudrate => 115200) ? 1 : 0, "\n";
print "registered: ", $gsm->register() ? 1 : 0, "\n";
print "imei: ", $gsm->imei(), "\n";
print "message: ", $_->content(), "\n" for $gsm->messages();
print "deleted: ", $gsm->delete_sms(1) ? 1 : 0, "\n";
print "left: ", scalar(my @left = $gsm->messages()), "\n";
print "sent: ", scalar $gsm->send_sms(recipient => $to, content => $text, class => 'normal'), "\n";
print "report: ", scalar $gsm->send_sms(
    recipient => $to, content => 'with report', class => 'normal', status_report => 1), "\n";
"""


def both_ways():
    """S1, S4 and R1."""
    root = os.path.join(ROOTS, "libdevice-gsm-perl")
    folders = [f"{root}/usr/share/perl5", *glob.glob(f"{root}/usr/lib/*/perl5/*")]
    # It reads the SIM only.
    with Modem("--profile=Wavecom") as modem:
        modem.sends(RECEIVED[0])
        command = ("perl", "-e", SCRIPT, modem.port, f"+{PEER}", SHORT)
        said = run("libdevice-gsm-perl", *command, PERL5LIB=":".join(folders))
        expected = (
            "connected: 1",
            "registered: 1",
            "imei: 490154203237518",
            "sent: 1",
            "report: 1",
        )
        contains("perl", said, *expected, f"message: {RECEIVED[0]}", "deleted: 1", "left: 0")
        for text in (SHORT, "with report"):
            modem.receives(text)
        contains("trace", modem.trace(), "> +++", "> AT S7=45 S0=0 L1 V1 X4 &c1 E1 Q0")
    return "S1 S4 R1"


main("device-gsm", both_ways)
