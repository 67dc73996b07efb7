"""What the drivers of the programs share: a virtual modem, its handsets, and what they must see.

.ci/modems says in the environment where everything is.
"""

import concurrent.futures
import glob
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

SEPTET = os.environ["MODEMS_SEPTET"]
ROOTS = os.environ[
    "MODEMS_ROOTS"
]  # the packages that are unpacked there, one folder for each program
SCRATCH = os.environ["MODEMS_SCRATCH"]

OWN = "15551230000"  # the modem's SIM
PEER = "15557654321"  # who is written to
SENDER = "15550001111"  # who writes
SHORT = "Hello from outside"
LONG = "0123456789abcdefghijklmnopqrstuvwxyz " * 5 + "and the end ok."
UNICODE = "Привет 漢字"
RECEIVED = ("Hello from the network", "The network says " + "0123456789" * 16 + "end", "Привет")

assert len(LONG) == 200 and len(RECEIVED[1]) == 180

PAUSE = 0.05
# A handset shows a part's header without its length: 8-bit references, or 16-bit ones.
CONCATENATION = re.compile(r"0003..(?P<total>..)(?P<number>..)|0804....(?P<t>..)(?P<n>..)")


class Failed(Exception):
    """One sentence: what was expected and what came."""


def until(attempt, seconds=30):
    """What `attempt` returns once that is true; its last word when the time is over."""
    end = time.monotonic() + seconds
    while True:
        came = attempt()
        if came or time.monotonic() > end:
            return came
        time.sleep(PAUSE)


def equal(what, came, expected):
    """Fails unless both are the same."""
    if came != expected:
        raise Failed(f"{what}: expected {expected!r}, came {came!r}")


def contains(what, came, *expected):
    """Fails unless all of it is in what came."""
    for one in expected:
        if one not in came:
            raise Failed(f"{what}: expected {one!r}, came {came!r}")


def environment(program, **more):
    """The environment in which an unpacked program finds its libraries."""
    root = os.environ["MODEMS_KANNEL"] if program == "kannel" else os.path.join(ROOTS, program)
    libraries = [f"{root}/lib", f"{root}/usr/lib"]
    libraries += glob.glob(f"{root}/lib/*-linux-gnu") + glob.glob(f"{root}/usr/lib/*-linux-gnu")
    path = f"{root}/usr/bin:{root}/usr/sbin:{os.environ['PATH']}"
    own = {
        "PATH": path,
        "LD_LIBRARY_PATH": ":".join(libraries),
        "LC_ALL": "C.UTF-8",
        "HOME": SCRATCH,
    }
    return os.environ | own | more


def run(program, *command, given=None, fails=False, seconds=60, **more):
    """What a command of a program prints; it must do what it was asked."""
    done = subprocess.run(
        command,
        env=environment(program, **more),
        input=given,
        stdin=None if given is not None else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        timeout=seconds,
        cwd=SCRATCH,
    )
    if done.returncode != 0 and not fails:
        raise Failed(f"{' '.join(command)}: exit code {done.returncode}\n{done.stdout}")
    return done.stdout


class Process:
    """A program in the background, which ends with the `with`."""

    def __init__(self, program, *command, log=None, **more):
        self.log = log or tempfile.mktemp(dir=SCRATCH, suffix=".log")
        self.out = open(self.log, "ab")
        self.process = subprocess.Popen(
            command,
            env=environment(program, **more),
            stdin=subprocess.DEVNULL,
            stdout=self.out,
            stderr=self.out,
            cwd=SCRATCH,
        )

    def __enter__(self):
        return self

    stops = signal.SIGTERM

    def __exit__(self, *_):
        self.process.send_signal(self.stops)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.out.close()

    def said(self):
        """What it has printed."""
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return file.read()


class Modem(Process):
    """A virtual modem."""

    # By this it ends in order, its trace written.
    stops = signal.SIGINT

    def __init__(self, *arguments):
        self.folder = tempfile.mkdtemp(dir=SCRATCH)
        self.traced = os.path.join(self.folder, "trace")
        super().__init__(
            "septet",
            SEPTET,
            "modem",
            f"--number={OWN}",
            f"--data={self.folder}",
            f"--trace={self.traced}",
            *arguments,
            log=os.path.join(self.folder, "log"),
        )
        control = os.path.join(self.folder, "control.json")
        # The file is there before its text is.
        written = lambda: os.path.exists(control) and os.path.getsize(control)
        if not until(lambda: "\n" in self.said() and written()):
            raise Failed(f"septet modem does not start: {self.said()}")
        self.port = self.said().splitlines()[0]
        with open(control, encoding="ascii") as file:
            self.control = json.load(file)
        self.seen = 0

    def __exit__(self, kind, *_):
        super().__exit__()
        if kind is None:
            self.check()
        else:
            with open(self.traced, encoding="utf-8") as file:
                print(
                    "".join(file.readlines()[-int(os.environ.get("MODEMS_LINES", "25")) :]),
                    file=sys.stderr,
                )

    def _ask(self, path, value=None, method=None):
        data = None if value is None else json.dumps(value).encode()
        headers = {
            "Authorization": f"Bearer {self.control['token']}",
            "Content-Type": "application/json",
        }
        url = f"{self.control['url']}/septet/{path}"
        request = urllib.request.Request(url, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=10) as reply:
            return json.load(reply)

    def receives(self, text, seconds=30):
        """Waits until the peer's handset has its next message, and checks it."""
        new = until(lambda: self._ask(f"handsets/{PEER}")["messages"][self.seen :], seconds)
        if not new:
            waits = [part["header"] for part in self._ask(f"handsets/{PEER}")["waiting"]]
            raise Failed(f"handset: expected {text!r}, came nothing but parts {waits}")
        message = new[0]
        self.seen += 1
        equal("handset", message["text"], text)
        equal("sender", message["from"], f"+{OWN}")
        parts = message["parts"]
        if len(parts) == 1:
            equal("header", parts[0]["header"], "")
        for number, part in enumerate(parts, 1):
            if len(parts) > 1 and not CONCATENATION.match(part["header"]):
                raise Failed(f"handset: no concatenation in {part['header']}")
            equal("part", (part["number"], part["total"]), (number, len(parts)))
        return len(parts)

    def sends(self, text):
        """Sends a text to the modem, and returns in how many parts."""
        return self._ask(f"handsets/{SENDER}", {"to": OWN, "text": text})["parts"]

    def trouble(self, *lines):
        """Makes something go wrong."""
        self._ask("modems/1/troubles", {"script": "\n".join(lines)})

    def reports(self):
        """The references of the reports that the network has made."""
        return re.findall(rf"^report (\d+) on {PEER}: 0 ", self.said(), re.MULTILINE)

    def trace(self):
        """What was typed and written, line by line."""
        with open(self.traced, encoding="utf-8") as file:
            return file.read()

    def check(self):
        """Fails where a command was left without an answer, or more was sent than was seen."""
        waits = None
        for line in self.trace().splitlines():
            said, word = line[:1], re.sub(r"\\[rn]", "", line[2:]).strip()
            if said == "<" and re.match(r"(OK|ERROR|NO CARRIER|\+CM[ES] ERROR: \d+)$", word):
                waits = None
            elif said == "<" and ("> " in word or word == ">") or "\\x1A" in word.upper() or "\\x1B" in word.upper():
                pass
            elif said == ">" and re.search(r"(?i)\bAT", word):
                if waits and not re.search(r"(?i)\+CMG[SWC]=|\+CNMA=|^\W*AT$", waits):
                    raise Failed(f"no answer to {waits!r} before {word!r}")
                waits = word


def together(*tasks):
    """Runs them all at the same time."""
    with concurrent.futures.ThreadPoolExecutor() as pool:
        for task in [pool.submit(task) for task in tasks]:
            task.result()


def main(program, *scenarios):
    """Runs the scenarios, each a function that returns in words what it saw, all at the same time."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by a signal"))
    began = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor() as pool:
        runs = [(scenario, pool.submit(scenario)) for scenario in scenarios]
        failed = []
        for scenario, task in runs:
            try:
                words = task.result()
                print(f"ok: {program} {scenario.__name__}: {words}", flush=True)
            except Exception as error:  # one line for each, whatever it is
                words = (
                    str(error) if isinstance(error, Failed) else f"{type(error).__name__}: {error}"
                )
                failed.append(f"failed: {program} {scenario.__name__}: {words}")
    if failed:
        sys.exit("\n".join(failed))
    print(f"{program}: {len(scenarios)} scenarios in {time.monotonic() - began:.0f} s", flush=True)


def fresh(name):
    """A new folder of this name."""
    folder = os.path.join(SCRATCH, name)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    return folder
