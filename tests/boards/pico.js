// The image of firmware/boards/pico-sim800 in an emulator, unmodified, with the virtual modem on its
// UART, both in one virtual time: `node pico.js SEPTET IMAGE [--show] [SCENARIO...]`, where IMAGE is the
// ELF file. Fails with a sentence where a scenario does not hold.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Board } from "./pico/board.js";
import { FLASH } from "./pico/chip.js";
import { flash } from "./pico/elf.js";

const show = process.argv.includes("--show");
const [septet, path, ...wanted] = process.argv.slice(2).filter((word) => word !== "--show");
const image = flash(readFileSync(path), FLASH);

const HANDSET = "4512345678";
// "hello" to the handset, whose report is wanted: an SMS-SUBMIT, its service centre that of the SIM.
const HELLO = "0031000A9154214365870000AA05E8329BFD06";
// The septets of "hello", as they are in an SMS-DELIVER too.
const SEPTETS = "E8329BFD06";

const SIM800 = ["--profile", "SIM800"];
const OFF = [...SIM800, "--off"];

// A 64-bit timer of microseconds whose low word turns over soon: data sheet, section 4.6.
const WRAP = 2 ** 32;

let boards = [];

function start(options) {
    const board = new Board({ septet, image, args: SIM800, show, ...options });
    boards.push(board);
    return board;
}

// Waits for the board to be ready.
function ready(board, within = 60) {
    board.until("board", /^ready: SIM800$/, within);
}

// A message out, one in, and the report.
function traffic(board) {
    board.type(HELLO);
    const { what } = board.until("board", /^sent: \d+$/, 30);
    const reference = Number(what.split(" ")[1]).toString(16).padStart(2, "0");
    const report = new RegExp(`^received: .*06${reference}0A915421436587`, "i");
    board.until("board", report, 30);
    board.text(HANDSET, "hello");
    board.until("board", new RegExp(`^received: .*${SEPTETS}$`), 30);
}

const scenarios = {
    "a modem that is off is switched on by its PWRKEY": () => {
        const board = start({ args: OFF });
        assert.deepEqual(board.led(), { lit: 0.13, times: 1 });
        const held = board.log.find(({ what }) => what === "pwrkey held").nanos;
        const released = board.until("pin", /^pwrkey released$/, 10).nanos;
        const ms = (released - held) / 1e6;
        assert.ok(ms >= 1000 && ms < 1600, `PWRKEY is held for ${ms} ms`);
        ready(board);
        board.pass(2);
        assert.deepEqual(board.led(), { lit: 2, times: 0 });
        assert.equal(board.count("pin", /^pwrkey held$/), 1);
    },
    "messages go both ways and their report comes": () => {
        const board = start();
        ready(board);
        traffic(board);
        assert.equal(board.count("air", /^4512345678 received from \+4512340001: "hello"$/), 1);
        board.type("00310");
        board.until("board", /^no message: /, 1);
    },
    "the power of the modem goes in the middle of a message": () => {
        const board = start();
        ready(board);
        // Behind AT+CMGS=18, its end and 20 digits of the PDU.
        board.exchange("trouble at 31 typed octets: power off");
        board.type(HELLO);
        board.until("board", /^(not sent|unknown): /, 30);
        board.until("pin", /^pwrkey held$/, 30);
        ready(board, 90);
        traffic(board);
    },
    "on a line that changes octets each message has one end, and nothing hangs": () => {
        const board = start();
        ready(board);
        board.exchange("trouble one in 400 octets: change");
        board.exchange("trouble one in 400 typed octets: change");
        const end = /^(sent|refused|not sent|unknown|not taken): /;
        for (let i = 1; i <= 40; i++) {
            board.type(HELLO);
            board.text(HANDSET, "hello");
            board.until("board", end, 180);
            board.pass(60);
            assert.equal(board.count("board", end), i);
        }
        const arrived = board.count("air", / received from /);
        const sent = board.count("board", /^(sent|unknown): /);
        assert.ok(arrived <= sent && arrived > 20, `${arrived} arrived, ${sent} were sent`);
        assert.equal(board.chip.restarts, 0);
    },
    "a SIM that waits for its PIN is told": () => {
        const board = start({ args: [...SIM800, "--pin", "1234"] });
        board.until("board", /^lost: SIM waits for its PIN$/, 60);
        board.pass(2);
        assert.deepEqual(board.led(), { lit: 0.25, times: 2 });
        board.type(HELLO);
        board.until("board", /^not taken: modem is not set up$/, 1);
    },
    "the timer's low word turns over": () => {
        // While the board starts, while the modem is set up, and between messages.
        for (const before of [0.001, 11.7, 30]) {
            const board = start({ args: OFF, timer: WRAP - before * 1e6 });
            ready(board);
            for (let i = 0; i < 3; i++) {
                traffic(board);
                board.pass(10);
            }
            assert.equal(board.count("board", /^(start|ready|lost|restarted)/), 2);
        }
    },
    "a modem that says nothing any more is brought back by its RESET": () => {
        const board = start();
        ready(board);
        board.exchange("trouble now: silence 3600000");
        board.type(HELLO);
        board.until("board", /^not sent: /, 60);
        const held = board.until("pin", /^reset held$/, 120).nanos;
        const released = board.until("pin", /^reset released$/, 1).nanos;
        assert.ok(released - held > 105e6, "it is held too shortly");
        ready(board, 30);
        traffic(board);
    },
    "a modem is found at another speed": () => {
        const board = start();
        board.chip.mcu.uart[1].otherSpeed = 9600;
        ready(board);
        traffic(board);
        assert.equal(board.count("pin", /./), 0);
    },
    "a board to which no interrupt comes is restarted by the watchdog": () => {
        const board = start();
        ready(board);
        board.pass(20);
        board.chip.mcu.core.enabledInterrupts = 0;
        const began = board.nanos;
        const { nanos } = board.until("board", /^start after a hang$/, 10);
        assert.ok(nanos - began < 8.1e9, `it took ${(nanos - began) / 1e9} s`);
        ready(board);
        traffic(board);
    },
    "a board that hangs with PWRKEY held finds the modem on after its restart": () => {
        const board = start({ args: OFF });
        board.until("pin", /^pwrkey held$/, 1);
        board.chip.mcu.core.enabledInterrupts = 0;
        board.until("board", /^start after a hang$/, 10);
        ready(board);
        traffic(board);
    },
    "a session that cannot write is restarted by the watchdog": () => {
        const board = start();
        ready(board);
        board.chip.mcu.uart[1].octetSent = () => {};
        board.until("board", /^start after a hang$/, 900);
        assert.equal(board.chip.restarts, 1);
        ready(board);
        traffic(board);
    },
    "a hard fault is told after the restart, once": () => {
        const board = start();
        ready(board);
        board.pass(1);
        const { core } = board.chip.mcu;
        core.waiting = false;
        core.exceptionEntry(3);
        board.until("board", /^start after a panic: hard fault at 0x1000[0-9a-f]{4}$/, 1);
        ready(board);
        traffic(board);
        board.chip.mcu.core.enabledInterrupts = 0;
        board.until("board", /^start after a hang$/, 10);
    },
    "flash is erased and programmed, and that takes its time": () => {
        const board = start();
        ready(board);
        const { chip } = board;
        const { mcu } = chip;
        const { registers } = mcu.core;
        const [there, data] = [0x100000, 0x20030000];
        // Calls what is at an address with these arguments, from nowhere in particular.
        const call = (at, ...args) => {
            const back = 0x20031000;
            registers.set(args);
            mcu.core.LR = back | 1;
            mcu.core.PC = at & ~1;
            mcu.core.waiting = false;
            chip.run(chip.nanos + 1e9, () => mcu.core.PC === back);
            return registers[0];
        };
        const code = (letters) => letters.charCodeAt(0) | (letters.charCodeAt(1) << 8);
        const rom = (letters, ...args) => {
            const found = call(mcu.readUint16(0x18), mcu.readUint16(0x14), code(letters));
            assert.notEqual(found, 0, letters);
            const began = chip.nanos;
            call(found, ...args);
            return (chip.nanos - began) / 1e6;
        };
        assert.equal(call(mcu.readUint16(0x18), mcu.readUint16(0x14), code("ZZ")), 0);
        const read = () => mcu.readUint32(0x10000000 + there);
        mcu.writeUint32(data, 0x12345678);
        assert.equal(rom("RP", there, data, 512), 0.8);
        assert.equal(read(), 0x12345678);
        mcu.writeUint32(data, 0xffff0000);
        rom("RP", there, data, 256);
        assert.equal(read(), 0x12340000);
        assert.equal(rom("RE", there, 65536 + 4096, 65536, 0xd8), 195);
        assert.equal(read(), 0xffffffff);
    },
    "the same happens at the same time, each time": () => {
        const logs = [1, 2].map(() => {
            const board = start({ args: OFF });
            ready(board);
            traffic(board);
            return board.log;
        });
        assert.deepEqual(logs[0], logs[1]);
    },
    "an hour with a message each way every minute": () => {
        const board = start({ args: OFF, timer: WRAP - 30 * 60e6 });
        ready(board);
        const began = board.nanos;
        for (let minute = 1; minute <= 60; minute++) {
            traffic(board);
            board.pass((began + minute * 60e9 - board.nanos) / 1e9);
        }
        assert.equal(board.count("air", / received from /), 60);
        assert.equal(board.count("board", /^sent: /), 60);
        assert.equal(board.count("board", /^received: /), 120);
        assert.equal(board.count("board", /^(start|ready|lost|restarted)/), 2);
        assert.equal(board.chip.restarts, 0);
    },
};

for (const [name, scenario] of Object.entries(scenarios)) {
    if (wanted.length > 0 && !wanted.some((word) => name.includes(word))) continue;
    const began = performance.now();
    boards = [];
    try {
        scenario();
    } catch (error) {
        console.error(`${name}: ${error.stack}`);
        process.exit(1);
    }
    const real = ((performance.now() - began) / 1000).toFixed(1);
    const virtual = boards.reduce((sum, board) => sum + board.nanos / 1e9, 0).toFixed(1);
    boards.forEach((board) => board.end());
    console.log(`${name}: ${virtual} s of virtual time in ${real} s`);
}
