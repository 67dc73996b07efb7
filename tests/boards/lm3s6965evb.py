"""The LM3S6965 evaluation board: an SMS gateway, from its host line to the handset and back."""

import json
import os
import random
import re
import tempfile
import threading

from board import Board, curl, event, septet_board, status
from common import LONG, PEER, RECEIVED, SCRATCH, SENDER, SHORT, Failed, Modem, contains, equal, main, until
from vendors import INTERFACES, SECRET, USER, fits, sends

IMAGE, TRIAL, LOG = (os.environ[f"BOARDS_{name}"] for name in ("IMAGE", "TRIAL", "LOG"))
MACHINE = "lm3s6965evb"
LISTEN = "--listen=tcp:127.0.0.1:0"

POWER_KEY, READY, STATUS, LED = ("B", 0), ("B", 4), ("B", 5), ("F", 0)

FULL = LONG[:160]
EACH = tuple(INTERFACES)

# The stack: where it is, how large it is, and the octets that it may take of that.
STACK, STACK_SIZE, STACK_MOST = 0x2000_0000, 32 * 1024, 27 * 1024

# Instructions in a cycle of the system clock of 50 MHz, where QEMU takes 1 ns for each.
ICOUNT = ("-icount", "shift=0")
INSTRUCTIONS = 20
# 8 ns for each: the board's time does not go on while the emulator does not.
STEADY = ("-icount", "shift=3")

# The most instructions for a message of 18 characters and for a full part, from the first octet of its
# request to the service centre's answer: a twentieth above what they take.
COSTS = {
    "gatewayapi-v1": (120_000, 277_000),
    "gatewayapi-v2": (166_000, 358_500),
    "nextpod": (166_000, 357_000),
    "websms": (175_600, 350_000),
    "skebby-rest": (196_300, 366_300),
    "bulksms-eapi": (187_500, 353_300),
}
# The most of a turn of the loop. A line's queue has room for 89 ms, which are 4 450 000 cycles.
TURN = 375_000


def secret(word):
    """A file with a secret."""
    path = tempfile.mktemp(dir=SCRATCH)
    with open(path, "w", encoding="ascii") as file:
        file.write(word)
    return path


def starts(board):
    """Makes an account on a board that has just got its power."""
    equal("started after", status(board)["started_after"], "")
    septet_board(board, "set", "--account", USER, "--secret-file", secret(SECRET))


def ready(board, modem):
    """Switches a modem on and waits until messages can be sent."""
    board.plug(modem)
    board.drive(*STATUS, True)
    takes(board)


def takes(board, seconds=60):
    """Waits until messages can be sent."""
    if not until(lambda: status(board)["ready"], seconds):
        raise Failed(f"not ready: {status(board)}")


def there(board, modem, interface, text):
    """A message to the handset, by an interface, and its report."""
    sends(board, interface, text)
    parts = modem.receives(text, 90)
    event(board, type="report", state="delivered", interface=interface, account=USER, to=PEER, parts=parts)


def back(board, modem, text):
    """A message from a handset."""
    modem.sends(text)
    event(board, type="received", text=text, **{"from": SENDER})


def counts(board):
    """Overruns and damaged octets of the modem's line, and of the host's."""
    return state(board)[1:5]


def state(board):
    """The time in ms, those counts, and the cycles of the longest turn."""
    board.asks(b"state")
    pattern = r"(\d+) overruns (\d+) damaged"
    lines = rf"modem's line {pattern}, host's line {pattern}"
    return [int(own) for own in board.tells(rf"state: (\d+) ms, {lines}, longest turn (\d+) cycles").groups()]


def both_ways():
    """Each interface sends a text and a long one, tells its end, and an answer comes."""
    with Modem(LISTEN) as modem, Board(MACHINE, TRIAL) as board:
        starts(board)
        ready(board, modem)
        until(lambda: board.levels(*LED)[-1:] == ["1"])
        equal("light", board.levels(*LED)[-1:], ["1"])
        for number, interface in enumerate(EACH):
            there(board, modem, interface, SHORT)
            there(board, modem, interface, LONG)
            back(board, modem, RECEIVED[number % 3])
        # What a program of the project makes of it.
        septet_board(board, "set", "--keyword", "TEST", "--url", "http://127.0.0.1:1/")
        modem.sends("test this")
        came = json.loads(septet_board(board, "events", "--once"))
        equal("url", (came["text"], came["url"]), ("test this", "http://127.0.0.1:1/"))
        contains("status", septet_board(board, "status"), "modem: ready, registered", f"accounts: {USER}", "TEST")
        contains("page", curl(board.cable.url)[1], "<h1>Septet</h1>", PEER, "delivered")
        equal("counts", counts(board), [0, 0, 0, 0])
        for _ in range(3):
            board.breaks(1)
        until(lambda: counts(board)[1] == 3)
        equal("counts", counts(board), [0, 3, 0, 0])
    return f"{', '.join(EACH)}: a part and two, their reports, and an answer"


def later():
    """Without a modem 32 messages are kept; then each interface says later. What is too large, or no
    request, is refused, and the next request is read."""
    with Modem(LISTEN) as modem, Board(MACHINE, IMAGE) as board:
        starts(board)
        url = board.cable.url
        for number in range(32):
            sends(board, EACH[number % len(EACH)], f"{number}")
        equal("kept", status(board)["on_the_way"], 32)
        for interface, (act, _, words) in INTERFACES.items():
            fits(interface, act(url, SHORT), words)
        for _ in range(2):
            fits("too large", curl(f"{url}/settings", "-d", "x" * 20_000), (413, ".*"))
            fits("a long head", curl(f"{url}/{'x' * 5_000}"), (431, ".*"))
            with board.host() as line:
                line.sendall(b"no request\r\n\r\n")
                board.hears(line, b"Bad Request\n")
            fits("no interface", curl(f"{url}/none"), (404, ".*"))
        login = curl("-u", f"{USER}:wrong", f"{url}/API/v1.0/REST/login")
        fits("a wrong password", login, (404, r'{"result":"Credentials are incorrect",.*}'))
        # They go when a modem comes, each once, the first ones first.
        ready(board, modem)
        for number in range(32):
            modem.receives(f"{number}", 90)
        equal("on the way", until(lambda: not status(board)["on_the_way"]), True)
    return "32 messages without a modem, then six times later; 413, 431, 400, 404; sent in their order"


def garbage():
    """Noise on both lines, with the modem set up and before; messages pass behind it."""
    chance = random.Random(1)
    noise = lambda: bytes(chance.randrange(256) for _ in range(2_000))
    with Modem(LISTEN) as modem, Board(MACHINE, IMAGE) as board:

        def noisy():
            board.noise(noise())
            with board.host() as line:
                # It is answered when it is over: it was no request.
                line.sendall(noise() + b"\r\n\r\n")
                board.hears(line, b"HTTP/1.1 400 ")

        noisy()
        starts(board)
        ready(board, modem)
        for interface in EACH[:3]:
            noisy()
            # The session looks what became of the modem, or is ready still.
            there(board, modem, interface, SHORT)
            # The same again within a second would be taken for the same message.
            back(board, modem, f"{RECEIVED[0]} {interface}")
    return "2 000 octets on each line, four times"


def flood():
    """A line that never stops holds the other up no more than the other way round."""
    with Modem(LISTEN) as modem, Board(MACHINE, TRIAL) as board:
        starts(board)
        for interface in EACH[:3]:
            sends(board, interface, interface)
        ended, said = threading.Event(), 0

        def talk(line):
            nonlocal said
            while not ended.is_set():
                line(b"x" * 1_000)
                said += 1

        def floods(line, act):
            nonlocal said
            ended.clear()
            said = 0
            talker = threading.Thread(target=talk, args=(line,))
            talker.start()
            try:
                until(lambda: said > 10)
                act()
            finally:
                ended.set()
                talker.join()

        def modem_goes_on():
            board.plug(modem)
            board.drive(*STATUS, True)
            for interface in EACH[:3]:
                modem.receives(interface, 90)
            modem.sends(RECEIVED[1])

        with board.host() as line:
            floods(line.sendall, modem_goes_on)
            board.hears(line, b"HTTP/1.1 431 ")
        equal("overruns", counts(board)[::2], [0, 0])
        # The reports have come as well.
        for interface in EACH[:3]:
            event(board, type="report", state="delivered", interface=interface)
        event(board, type="received", text=RECEIVED[1])

        def host_goes_on():
            for interface in EACH:
                status(board)
                sends(board, interface, interface)

        floods(board.noise, host_goes_on)
        equal("overruns", counts(board)[::2], [0, 0])
        for interface in EACH:
            modem.receives(interface, 120)
    return "three messages and two parts while the host never stops; six requests while the modem never does"


def absent():
    """A modem that is off when the board starts: PWRKEY is held, and what then answers is set up."""
    with Modem(LISTEN) as modem, Board(MACHINE, IMAGE) as board:
        starts(board)
        sends(board, "nextpod", SHORT)
        if not until(lambda: board.levels(*POWER_KEY)[-2:] == ["1", "0"], 60):
            raise Failed(f"PWRKEY: {board.levels(*POWER_KEY)}")
        if modem.trace().count("\n>"):
            raise Failed("the modem has heard something")
        ready(board, modem)
        modem.receives(SHORT, 60)
        # It goes off, which its pin tells.
        board.drive(*STATUS, False)
        if not until(lambda: status(board)["modem"] == "went off"):
            raise Failed(f"the modem went off: {status(board)}")
        board.drive(*STATUS, True)
        takes(board)
    return "PWRKEY held and let go, then ready, and what was accepted is sent; off and on again"


def silent():
    """A modem that is on and does not answer: another speed, DTR; it is set up when it answers."""
    with Modem(LISTEN) as modem, Board(MACHINE, IMAGE, high=[STATUS]) as board:
        starts(board)
        # 50 MHz / 16 / 9 600 = 325 + 33 / 64.
        for baud, divisor in ((115_200, (27, 8)), (9_600, (325, 33))):
            words = "ibrd: {}, fbrd: {})".format(*divisor)
            if not until(lambda: any(line.endswith(words) for line in board.traced()), 90):
                raise Failed(f"the line is never switched to {baud} bits a second")
        if not until(lambda: board.levels(*READY)[-2:] == ["1", "0"], 60):
            raise Failed(f"DTR: {board.levels(*READY)}")
        equal("PWRKEY", board.levels(*POWER_KEY), [])
        ready(board, modem)
        there(board, modem, "websms", SHORT)
    return "looked for at 9 600 bits a second, DTR let go and driven, then ready"


def locked():
    """A SIM that waits for its PIN: the board is told it, and takes it when it starts."""
    with Modem(LISTEN, "--pin=1234") as modem, Board(MACHINE, IMAGE, high=[STATUS]) as board:
        starts(board)
        board.plug(modem)
        if not until(lambda: status(board)["modem"] == "SIM waits for its PIN", 60):
            raise Failed(f"SIM waits for its PIN: {status(board)}")
        sends(board, "bulksms-eapi", SHORT)
        septet_board(board, "set", "--pin-file", secret("1234"))
        contains("exit code 1", septet_board(board, "status", fails=True), "SIM waits for its PIN")
        board.reset()
        # The account and what was accepted are there still.
        takes(board)
        modem.receives(SHORT)
        event(board, type="report", state="delivered")
        there(board, modem, "gatewayapi-v1", SHORT)
    return "the PIN is set, and taken after a reset, which leaves account and message"


def lives():
    """What ends a life of the board is told in the next, which goes on with what was accepted; the clock's
    low word wraps in each."""
    with Modem(LISTEN) as modem, Board(MACHINE, TRIAL, *STEADY) as board:
        board.tells("start")
        starts(board)
        panic = r"a panic: panicked at src/trial\.rs:\d+:\d+: asked for by a test"
        # The last with interrupts off.
        for number, (word, words) in enumerate(((b"panic", panic), (b"hang", "a hang"), (b"stop", "a hang"))):
            if number == 0:
                ready(board, modem)
            if not until(lambda: state(board)[0] > 1 << 32, 60):
                raise Failed("the clock does not pass 2^32 ms")
            there(board, modem, EACH[number], LONG)
            back(board, modem, RECEIVED[number])
            dies(board, word, words)
            # The modem is not set up: it is kept.
            sends(board, EACH[number + 3], SHORT)
            if number == 1:
                dies(board, b"panic", panic)
            takes(board)
            modem.receives(SHORT, 60)
            # Where it died before the modem had deleted a message, that one comes again.
            came = event(board)
            if came["type"] == "received":
                equal("again", came["text"], RECEIVED[number])
                came = event(board)
            equal("report", came.get("interface"), EACH[number + 3])
        board.asks(b"clock")
        reads = int(board.tells(r"clock: (\d+) times")[1])
        stack = depth(board)
        # What is kept may be why it dies again and again: the fifth time it is forgotten.
        accounts = lambda: json.loads(curl(f"{board.cable.url}/settings")[1])["accounts"]
        equal("accounts", accounts(), [USER])
        dies(board, b"panic", panic)
        equal("accounts", accounts(), [])
    if stack > STACK_MOST:
        raise Failed(f"{stack} octets of stack, more than {STACK_MOST}")
    return (
        f"panics and hangs, told after the reset; 2^32 ms passed in each; the clock read {reads} times, "
        f"{stack} octets of stack"
    )


def dies(board, word, words):
    """Ends this life of the board, and checks what the next one says of it."""
    board.asks(word)
    board.tells("start")
    after = status(board)["started_after"]
    if not re.fullmatch(words, after):
        raise Failed(f"started after: expected {words!r}, came {after!r}")


def depth(board):
    """How deep the stack was since the start, in octets: below, the paint is fresh."""
    stack = board.memory(STACK, STACK_SIZE)
    fresh = len(re.match(rb"\xCC*", stack)[0])
    if fresh == 0:
        raise Failed("the stack is not painted, or has no room")
    return STACK_SIZE - fresh


def tapes():
    """What a board with a log has gathered of its own doings, as `septet board` reads it."""
    with Modem(LISTEN) as modem, Board(MACHINE, LOG) as board:
        starts(board)
        ready(board, modem)
        there(board, modem, "nextpod", SHORT)
        trace = septet_board(board, "trace")
        contains("trace", trace, "AT+CMGS=", "+CMGS: ", "+CDS: ")
        if PEER in trace or SECRET in trace:
            raise Failed(f"what is secret stands in the trace:\n{trace}")
        log = septet_board(board, "log", f"--elf={LOG}")
        contains("log", log, "Finished(Sent", "Received", "answered")
        contains("exit code 2", septet_board(board, "log", f"--elf={IMAGE}", fails=True), "has no log")
    with Board(MACHINE, IMAGE) as board:
        for tape in ("trace", "log"):
            fits(tape, curl(f"{board.cable.url}/{tape}"), (404, "this board keeps none"))
    return f"{trace.count(chr(10))} lines of the modem's line, {log.count(chr(10))} of a log"


def costs():
    """What a message takes of the processor, by each interface."""
    took, over = {}, []
    with Modem(LISTEN) as modem, Board(MACHINE, TRIAL, *ICOUNT) as board:
        starts(board)
        ready(board, modem)
        board.asks(b"hold")
        for _ in range(3):
            for interface in EACH:
                for place, text in enumerate((SHORT, FULL)):
                    there(board, modem, interface, text)
                    cycles = int(board.tells(r"sent in (\d+) cycles")[1])
                    took.setdefault((interface, place), []).append(cycles * INSTRUCTIONS)
        turn = state(board)[-1] * INSTRUCTIONS
    rows = [f"  {'interface':16}{len(SHORT):>4} characters   a full part"]
    for interface in EACH:
        least = [min(took[interface, place]) for place in (0, 1)]
        rows.append(f"  {interface:16}{least[0]:>15,}{least[1]:>14,}".replace(",", " "))
        over += [interface for own, most in zip(least, COSTS[interface], strict=True) if own > most]
    if over or turn > TURN:
        raise Failed("\n".join([f"more instructions than allowed: {over}, a turn {turn}", *rows]))
    longest = f"{turn:,}".replace(",", " ")
    return "\n".join([f"instructions for a message; the longest turn of the loop has {longest}", *rows])


main(MACHINE, both_ways, later, garbage, flood, absent, silent, locked, lives, tapes, costs)
