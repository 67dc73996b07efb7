"""The LM3S6965 evaluation board: a modem session from its modem line to its host line."""

import os
import random
import threading
import time

from board import Board, decoded, submits
from common import LONG, OWN, PEER, RECEIVED, SHORT, Failed, Modem, equal, main, until

IMAGE, TRIAL = os.environ["BOARDS_IMAGE"], os.environ["BOARDS_TRIAL"]
MACHINE = "lm3s6965evb"
LISTEN = "--listen=tcp:127.0.0.1:0"

POWER_KEY, READY, STATUS, LED = ("B", 0), ("B", 4), ("B", 5), ("F", 0)

FULL = LONG[:160]

# Octets of the RAM of 64 KiB that the stack may take.
STACK = 5 * 1024

# Instructions in a cycle of the system clock of 50 MHz, where QEMU takes 1 ns for each.
ICOUNT = ("-icount", "shift=0")
INSTRUCTIONS = 20
# 8 ns for each: the board's time does not go on while the emulator does not.
STEADY = ("-icount", "shift=3")


def ready(board, modem):
    """Switches a modem on and waits until it is set up."""
    board.plug(modem)
    board.drive(*STATUS, True)
    board.tells("ready: .*")


def sends(board, to, text):
    """Sends a text from the host, part after part, and returns the cycles that each took."""
    cycles = []
    for pdu in submits(to, text):
        board.says(pdu.encode() + b"\n")
        cycles.append(int(board.tells(r"sent: \d+ in (\d+) cycles")[1]))
    return cycles


def gets(board, modem, text):
    """Sends a text from a handset, and checks that its parts come to the host."""
    count, came = modem.sends(text), {}
    for _ in range(count):
        fields = decoded(board.tells("received: ([0-9A-F]+)")[1])
        came[fields.get("concat", {}).get("seq", 1)] = fields["text"]
    equal("host", "".join(came[number] for number in sorted(came)), text)
    return count


def both_ways():
    """Messages of one part and of two, both ways; the light tells when the modem is ready."""
    with Modem(LISTEN) as modem, Board(MACHINE, IMAGE) as board:
        board.tells("start")
        ready(board, modem)
        until(lambda: board.levels(*LED)[-1:] == ["1"])
        equal("light", board.levels(*LED)[-1:], ["1"])
        for text in (SHORT, LONG):
            sends(board, PEER, text)
            modem.receives(text)
        parts = [gets(board, modem, text) for text in RECEIVED[:2]]
        equal("parts", parts, [1, 2])
        # While one is on its way another is not taken, and the one is not disturbed.
        modem.trouble("now: slow 5000")
        pdus = submits(PEER, SHORT)
        board.says((pdus[0] + "\n").encode() * 2)
        board.tells("not taken: modem has not answered the one before")
        board.tells("sent: .*")
        modem.receives(SHORT)
        equal("counts", counts(board), ("0", "0", "0", "0"))
        for _ in range(3):
            board.breaks(1)
        until(lambda: counts(board)[1] == "3")
        equal("counts", counts(board), ("0", "3", "0", "0"))
    return "one part and two, out and in; a break on the modem's line is counted"


def counts(board):
    """Overruns and damaged octets of the modem's line, and of the host's."""
    board.says(b"?\n")
    pattern = r"(\d+) overruns (\d+) damaged"
    return board.tells(rf"state: .*, modem's line {pattern}, host's line {pattern}").groups()


def garbage():
    """Noise on both lines, with the modem set up and before; messages pass behind it."""
    chance = random.Random(1)
    noise = lambda: bytes(chance.randrange(256) for _ in range(2_000))
    with Modem(LISTEN) as modem, Board(MACHINE, IMAGE) as board:
        board.tells("start")
        board.noise(noise())
        board.says(noise() + b"\n")
        ready(board, modem)
        for _ in range(3):
            board.noise(noise())
            board.says(noise())
            # The emulator's line has no speed: what comes of the noise at once is more than the queue
            # holds, and octets behind it may be lost as well.
            if not until(lambda: answers(board)):
                raise Failed("the host line is lost in noise")
            # The session looks what became of the modem, or is ready still.
            for attempt in range(20):
                board.says(submits(PEER, SHORT)[0].encode() + b"\n")
                if board.tells(r"(sent|not taken|not sent): .*")[1] == "sent":
                    break
                time.sleep(0.5)
            else:
                raise Failed("no message is taken after noise")
            modem.receives(SHORT)
            gets(board, modem, RECEIVED[0])
    return "2 000 octets on each line, four times"


def answers(board):
    """Whether the board says how it is."""
    board.says(b"\n?\n")
    try:
        return board.tells("state: .*", 3)
    except Failed:
        return None


def flood():
    """A host that never stops talking, without an end of a line: the modem's line loses nothing."""
    with Modem(LISTEN) as modem, Board(MACHINE, IMAGE) as board:
        board.tells("start")
        ready(board, modem)
        ended, said = threading.Event(), 0

        def talk():
            nonlocal said
            while not ended.is_set():
                board.says(b"x" * 1_000)
                said += 1

        host = threading.Thread(target=talk)
        host.start()
        try:
            until(lambda: said > 100)
            for text in RECEIVED[:2] * 2:
                gets(board, modem, text)
        finally:
            ended.set()
            host.join()
        board.says(b"\n")
        board.tells("no message: longer than .*")
        equal("the modem's line", counts(board)[:2], ("0", "0"))
    return "six parts received while the host talks without a pause"


def absent():
    """A modem that is off when the board starts: PWRKEY is held, and what then answers is set up."""
    with Modem(LISTEN) as modem, Board(MACHINE, IMAGE) as board:
        board.tells("start")
        if not until(lambda: board.levels(*POWER_KEY)[-2:] == ["1", "0"], 60):
            raise Failed(f"PWRKEY: {board.levels(*POWER_KEY)}")
        if modem.trace().count("\n>"):
            raise Failed("the modem has heard something")
        ready(board, modem)
        sends(board, PEER, SHORT)
        modem.receives(SHORT)
        # It goes off, which its pin tells.
        board.drive(*STATUS, False)
        board.tells("lost: modem went off")
        board.drive(*STATUS, True)
        board.tells("ready: .*")
    return "PWRKEY held and let go, then ready; off and on again"


def silent():
    """A modem that is on and does not answer: another speed, DTR; it is set up when it answers."""
    with Modem(LISTEN) as modem, Board(MACHINE, IMAGE) as board:
        board.drive(*STATUS, True)
        # 50 MHz / 16 / 9 600 = 325 + 33 / 64.
        for baud, divisor in ((115_200, (27, 8)), (9_600, (325, 33))):
            words = "ibrd: {}, fbrd: {})".format(*divisor)
            if not until(lambda: any(line.endswith(words) for line in board.traced()), 90):
                raise Failed(f"the line is never switched to {baud} bits a second")
        if not until(lambda: board.levels(*READY)[-2:] == ["1", "0"], 60):
            raise Failed(f"DTR: {board.levels(*READY)}")
        equal("PWRKEY", board.levels(*POWER_KEY), [])
        ready(board, modem)
        sends(board, PEER, SHORT)
        modem.receives(SHORT)
    return "looked for at 9 600 bits a second, DTR let go and driven, then ready"


def lives():
    """What ends a life of the board is told in the next; the clock's low word wraps in each."""
    with Modem(LISTEN) as modem, Board(MACHINE, TRIAL, *STEADY) as board:
        board.tells("start")
        for line, words in (
            (b"panic\n", r"start after a panic: panicked at src/host.rs:.*: *asked for at the host line"),
            (b"hang\n", r"start after a panic: panicked at src/interrupts.rs:.*: *no progress in 2 s"),
            # With interrupts off.
            (b"stop\n", r"start after a reset"),
            (None, None),
        ):
            ready(board, modem)
            wrapped(board)
            sends(board, PEER, SHORT)
            modem.receives(SHORT)
            gets(board, modem, RECEIVED[0])
            if line:
                board.says(line)
                board.tells(words)
        board.says(b"clock\n")
        reads = int(board.tells(r"clock: (\d+) times")[1])
        stack = depth(board)
    if stack > STACK:
        raise Failed(f"{stack} octets of stack, more than {STACK}")
    return (
        f"a panic and hangs, told after the reset; 2^32 ms passed in each; the clock read {reads} times, "
        f"{stack} octets of stack"
    )


def depth(board):
    """How deep the stack was since the start, in octets: below, the paint is fresh."""
    memory = board.memory(0x2000_0000, 64 * 1024)
    paint = b"\xCC" * 1_024
    if paint not in memory:
        raise Failed("the stack is not painted")
    return len(memory) - len(paint) - memory.rindex(paint)


def wrapped(board):
    """Waits until the low half of the milliseconds has wrapped."""

    def attempt():
        board.says(b"?\n")
        return int(board.tells(r"state: \w+( \w+)?, (\d+) ms, .*")[2]) > 1 << 32

    if not until(attempt, 60):
        raise Failed("the clock does not pass 2^32 ms")


def costs():
    """What a message takes of the processor, from the line that asks for it to the line of its fate."""
    with Modem(LISTEN) as modem, Board(MACHINE, IMAGE, *ICOUNT) as board:
        board.tells("start")
        ready(board, modem)
        took = {SHORT: [], FULL: []}
        for text in [SHORT, FULL] * 3:
            took[text] += sends(board, PEER, text)
            modem.receives(text)
    short, long = ([cycles * INSTRUCTIONS for cycles in took[text]] for text in (SHORT, FULL))
    return f"{min(short)} instructions for a message of {len(SHORT)} characters, {min(long)} for a full part"


main(MACHINE, both_ways, garbage, flood, absent, silent, lives, costs)
