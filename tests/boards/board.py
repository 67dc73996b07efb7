"""What the tests of boards share: a board in QEMU with its lines and pins, and what is put at them.

At the host line is a TCP port, by socat, as a user puts it there: whoever connects has the cable.

.ci/boards says in the environment where everything is.
"""

import json
import os
import re
import select
import socket
import tempfile
import threading

# That of tests/modems, with the virtual modem.
from common import SCRATCH, SEPTET, Failed, Process, equal, run, until

QEMU = os.environ["BOARDS_QEMU"]

# An emulator that shares two processors with others is slow now and then.
SECONDS = 60


def connected(path):
    """A connection to a socket that something is about to make."""

    def attempt():
        line = socket.socket(socket.AF_UNIX)
        try:
            line.connect(path)
            return line
        except OSError:
            line.close()

    line = until(attempt)
    if not line:
        raise Failed(f"nothing listens at {path}")
    return line


class Board(Process):
    """A board in QEMU: a host at its first serial line, whatever is plugged in at its second, and what
    only the image for a trial hears at its third."""

    def __init__(self, machine, image, *arguments, high=()):
        """`high` are the input pins that are driven high before it starts."""
        self.folder = tempfile.mkdtemp(dir=SCRATCH)
        at = lambda name: os.path.join(self.folder, name)
        serve = lambda name, wait: f"unix:{at(name)},server=on,wait={wait}"
        super().__init__(
            "qemu",
            QEMU,
            *("-M", machine, "-nographic", "-monitor", "none", "-nic", "none", "-kernel", image, "-S"),
            *("-serial", serve("host", "off"), "-serial", serve("modem", "on")),
            *("-serial", serve("trial", "off")),
            *("-qmp", serve("qmp", "off"), "-qtest", serve("qtest", "off"), "-qtest-log", "none"),
            *("-trace", "pl061_set_output", "-trace", "pl011_baudrate_change", "-D", at("trace")),
            *arguments,
            log=at("log"),
        )
        try:
            # QEMU waits for this one before it makes the next one.
            self.modem = connected(at("modem"))
            self.trial = connected(at("trial"))
            self.qmp = connected(at("qmp")).makefile("rw", encoding="utf-8")
            self.qtest = connected(at("qtest")).makefile("rw", encoding="ascii")
            self.ports = self._ports()
            self.cable = Cable(at("host"))
            for port, bit in high:
                self.drive(port, bit, True)
            self._ask_qemu("cont")
            self._starts(0)
        except BaseException:
            super().__exit__(None)
            raise
        self.lock = threading.Lock()
        self.heard = bytearray()
        self.seen = 0
        # What the board has written to a modem, where none is plugged in.
        self.written = bytearray()
        self.peer = None
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._carry)
        self.thread.start()

    def __exit__(self, *arguments):
        self.ended.set()
        self.thread.join()
        self.cable.__exit__(*arguments)
        super().__exit__(*arguments)

    def _ports(self):
        """The ports of pins in QEMU's tree of devices, by their letters."""
        self.qmp.readline()
        self._ask_qemu("qmp_capabilities")
        devices = self._ask_qemu("qom-list", path="/machine/unattached")
        names = [one["name"] for one in devices if one["type"] == "child<pl061_luminary>"]
        names.sort(key=lambda name: int(re.search(r"\d+", name)[0]))
        return {letter: f"/machine/unattached/{name}" for letter, name in zip("ABCDEFG", names)}

    def _ask_qemu(self, command, **arguments):
        self.qmp.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        self.qmp.flush()
        # Events come whenever they happen.
        answer = {}
        while "return" not in answer and "error" not in answer:
            answer = json.loads(self.qmp.readline())
        if "error" in answer:
            raise Failed(f"{command}: {answer['error']}")
        return answer["return"]

    def _ask_qtest(self, command):
        self.qtest.write(command + "\n")
        self.qtest.flush()
        answer = self.qtest.readline().split()
        if answer[:1] != ["OK"]:
            raise Failed(f"{command}: {answer}")
        return answer[1:]

    def _carry(self):
        """Carries octets: from the third line into what was heard, and both ways between the modems."""
        while not self.ended.is_set():
            peer = self.peer
            lines = [self.trial, self.modem] + ([peer] if peer else [])
            for line in select.select(lines, [], [], 0.05)[0]:
                try:
                    octets = line.recv(4096)
                except OSError:
                    octets = b""
                if line is self.trial:
                    self.heard += octets
                elif line is self.modem:
                    self.written += octets
                    if peer:
                        peer.sendall(octets)
                elif octets:
                    self._to_board(octets)
                else:
                    self.peer = None

    def _to_board(self, octets):
        with self.lock:
            self.modem.sendall(octets)

    def plug(self, modem):
        """Plugs in a virtual modem, which is switched on."""
        address, port = modem.port.removeprefix("tcp:").rsplit(":", 1)
        self.peer = socket.create_connection((address, int(port)))
        self.peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def noise(self, octets):
        """Noise on the modem's line, on its way to the board."""
        self._to_board(octets)

    def asks(self, word):
        """A word at the third line."""
        self.trial.sendall(word + b"\n")

    def host(self):
        """The host line itself, for octets that no client would send; nobody else has it meanwhile."""
        return connected(os.path.join(self.folder, "host"))

    def hears(self, line, words):
        """Waits for these words at the host line itself."""
        line.settimeout(SECONDS)
        heard = b""
        while words not in heard:
            try:
                heard += line.recv(4096)
            except TimeoutError:
                raise Failed(f"host line: expected {words!r}, came {heard!r}") from None

    def reset(self):
        """The reset button."""
        before = len(self._switched())
        self._ask_qemu("system_reset")
        self._starts(before)

    def _switched(self):
        """When a serial line was switched to 115 200 bits a second: 50 MHz / 16 / 115 200 = 27 + 8 / 64."""
        return [line for line in self.traced() if line.endswith("ibrd: 27, fbrd: 8)")]

    def _starts(self, before):
        """Waits until the serial lines are open: what comes before is lost, as on a board."""
        if not until(lambda: len(self._switched()) >= before + 2):
            raise Failed(f"the board does not start: {self.said()}")

    def drive(self, port, bit, level):
        """Drives an input pin of the board from outside."""
        self._ask_qtest(f"set_irq_in {self.ports[port]} unnamed-gpio-in {bit} {int(level)}")

    def breaks(self, nth):
        """The nth serial line is held low for longer than an octet."""
        self._ask_qemu("chardev-send-break", id=f"serial{nth}")

    def memory(self, address, octets):
        """What the board's memory has."""
        return bytes.fromhex(self._ask_qtest(f"read {address:#x} {octets:#x}")[0].removeprefix("0x"))

    def traced(self):
        """What QEMU has written of pins and speeds, line by line."""
        with open(os.path.join(self.folder, "trace"), encoding="utf-8", errors="replace") as file:
            return file.read().splitlines()

    def levels(self, port, bit):
        """Every level that the board has given an output pin, in order."""
        pattern = rf".*{re.escape(self.ports[port])} setting output {bit} to (\d)"
        return [found[1] for line in self.traced() if (found := re.fullmatch(pattern, line))]

    def lines(self):
        """What the board has told at its third line; the last line may be growing still."""
        return self.heard.decode("ascii", "replace").split("\r\n")[:-1]

    def tells(self, pattern, seconds=SECONDS):
        """Waits for a line that fits, behind the one waited for before, and returns the match."""

        def attempt():
            for at, line in enumerate(self.lines()[self.seen :], self.seen):
                if found := re.fullmatch(pattern, line):
                    self.seen = at + 1
                    return found

        found = until(attempt, seconds)
        if not found:
            raise Failed(f"third line: expected {pattern!r}, came {self.lines()[self.seen :]}")
        return found


class Cable(Process):
    """socat between a TCP port and the host line, one connection behind the other."""

    def __init__(self, path):
        listen = "TCP-LISTEN:0,bind=127.0.0.1,reuseaddr,fork"
        super().__init__("socat", "socat", "-d", "-d", listen, f"UNIX-CONNECT:{path}")
        found = until(lambda: re.search(r"listening on AF=2 (127\.0\.0\.1:\d+)", self.said()))
        if not found:
            raise Failed(f"socat does not listen: {self.said()}")
        self.address = found[1]
        self.url = f"http://{found[1]}"


def curl(*arguments, seconds=SECONDS):
    """The status and the body of the reply to a request."""
    said = run("curl", "curl", "-sS", "--max-time", str(seconds), "-w", "\n%{http_code}", *arguments)
    body, _, status = said.rpartition("\n")
    return int(status), body


def septet_board(board, *arguments, **more):
    """What a subcommand of `septet board` prints."""
    return run("septet", SEPTET, "board", f"--port=tcp:{board.cable.address}", *arguments, **more)


def status(board):
    """How the board says it is."""
    code, body = curl(f"{board.cable.url}/status")
    equal("/status", code, 200)
    return json.loads(body)


def event(board, **expected):
    """The oldest event, once there is one; it is acknowledged."""
    code, body = curl(f"{board.cable.url}/events")
    equal("/events", code, 200)
    came = json.loads(body)
    for name, value in expected.items():
        equal(name, came.get(name), value)
    said = curl("-X", "DELETE", f"{board.cable.url}/events/{came['id']}")
    equal("acknowledged", said, (200, "acknowledged\n"))
    return came
