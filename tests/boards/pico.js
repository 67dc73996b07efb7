// The image of firmware/boards/pico-sim800 in an emulator, unmodified, with the virtual modem on its
// UART and an HTTP client on its host line, all in one virtual time:
// `node pico.js SEPTET IMAGE [--usb] [--show] [--day] [SCENARIO...]`, where IMAGE is the ELF file, and with
// `--usb` that of the feature `usb`. Fails with a sentence where a scenario does not hold.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Board } from "./pico/board.js";
import { Chance } from "./pico/chance.js";
import { FLASH } from "./pico/chip.js";
import { cuts } from "./pico/cuts.js";
import { flash } from "./pico/elf.js";
import { hours } from "./pico/hours.js";
import { request } from "./pico/http.js";
import { ACCOUNT, interfaces } from "./pico/interfaces.js";
import { END, START, pages } from "./pico/records.js";

const options = new Set(process.argv.filter((word) => word.startsWith("--")));
const words = process.argv.slice(2).filter((word) => !options.has(word));
const [septet, path, ...wanted] = words;
const image = flash(readFileSync(path), FLASH);

const HANDSET = "4512345678";
const SIM800 = ["--profile", "SIM800"];
const OFF = [...SIM800, "--off"];
const FORM = `account=${ACCOUNT.name}&secret=${ACCOUNT.secret}`;

// A 64-bit timer of microseconds whose low word turns over soon: data sheet, section 4.6.
const WRAP = 2 ** 32;

let boards = [];

function start(options) {
    const board = new Board({ septet, image, isUsb, args: SIM800, show: shown, ...options });
    boards.push(board);
    return board;
}
const shown = options.has("--show");
const isUsb = options.has("--usb");

// Waits for the board to be ready, and makes the account.
function ready(board, within = 60) {
    board.becomes((status) => status.ready, within);
    const { body } = board.ask("POST", "/settings", { form: FORM });
    assert.equal(body, "kept\n");
}

// Asks by an interface for a text to be sent; the answer.
function send(board, text, name = "websms", to = HANDSET) {
    // A flash that becomes full is looked through, page by page.
    const [method, path, rest] = interfaces[name].request(to, text, text);
    return board.ask(method, path, rest, 60);
}

// A message out, its report, and one in.
function traffic(board, text = `hello ${++traffics}`, name = "websms") {
    const { status, body } = send(board, text, name);
    assert.ok(status < 300 && interfaces[name].accepted.test(body), `${name}: ${status} ${body}`);
    const report = event(board, (event) => event.type === "report");
    assert.deepEqual([report.state, report.to, report.interface], ["delivered", HANDSET, name]);
    assert.equal(report.account, ACCOUNT.name);
    assert.equal(board.arrived(text), 1);
    board.text(HANDSET, `${text} too`);
    const received = event(board, (event) => event.type === "received");
    assert.deepEqual([received.from, received.text], [HANDSET, `${text} too`]);
}
let traffics = 0;

// The next event that fits; there may be twenty before it.
function event(board, fits) {
    for (let n = 0; n < 21; n++) {
        const event = board.event();
        if (event && fits(event)) return event;
    }
    throw new Error(`no event ${fits}`);
}

// Has the watchdog restart the board, and returns what it says made it start.
function bitten(board, within) {
    const { restarts } = board.chip;
    board.chip.run(board.nanos + within * 1e9, () => board.chip.restarts > restarts);
    assert.equal(board.chip.restarts, restarts + 1, `it hangs for ${within} s`);
    return board.becomes(() => true).started_after;
}

const isDay = options.has("--day");
const span = isDay ? "a day" : "an hour";
// What takes minutes is tried with `--day` alone.
const long = new Set(["a flash that has no room says later, and goes on when there is some"]);
// What the line to the host has no part in is tried with one of the two.
const once = new Set([`${span} with traffic and faults`]);
// What only USB has.
const ofUsb = new Set(["a program that goes leaves the port to the next one"]);

const scenarios = {
    "a modem that is off is switched on by its PWRKEY": () => {
        const board = start({ args: OFF });
        assert.deepEqual(board.led(), { lit: 1, times: 1 });
        const held = board.log.find(({ what }) => what === "pwrkey held").nanos;
        const released = board.until("pin", /^pwrkey released$/, 10).nanos;
        const ms = (released - held) / 1e6;
        assert.ok(ms >= 1000 && ms < 1600, `PWRKEY is held for ${ms} ms`);
        ready(board);
        board.pass(2);
        assert.deepEqual(board.led(), { lit: 16, times: 0 });
        assert.equal(board.pins.get("pwrkey held"), 1);
        assert.equal(board.status().started_after, "");
    },
    "each vendor's interface sends, and tells reports and what comes": () => {
        const board = start();
        ready(board);
        for (const name of Object.keys(interfaces)) traffic(board, `by ${name}`, name);
        // The same event until it is acknowledged.
        board.text(HANDSET, "again");
        const [first, second] = [1, 2].map(() => board.ask("GET", "/events", {}, 35).body);
        assert.equal(first, second);
        assert.equal(board.event().text, "again");
        assert.equal(board.event(), undefined);
        // Who is not known sends nothing.
        assert.equal(board.ask("POST", "/settings", { form: `remove=${ACCOUNT.name}` }).status, 200);
        for (const [name, { accepted }] of Object.entries(interfaces)) {
            const { body } = send(board, "not sent", name);
            assert.ok(!accepted.test(body), `${name}: ${body}`);
        }
        board.pass(10);
        assert.equal(board.arrived("not sent"), 0);
    },
    "a long text goes and comes in parts": () => {
        const board = start();
        ready(board);
        const text = "0123456789".repeat(40);
        const json = { recipientAddressList: [HANDSET], messageContent: text };
        const [, , { headers }] = interfaces.websms.request(HANDSET, text, "long");
        assert.equal(board.ask("POST", "/rest/smsmessaging/text", { headers, json }).status, 200);
        const report = board.event();
        assert.deepEqual([report.state, report.parts], ["delivered", 3]);
        board.text(HANDSET, text);
        assert.equal(board.event().text, text);
    },
    "the power of the modem goes in the middle of a message": () => {
        const board = start();
        ready(board);
        // When it is asked for the prompt, when that is there, and behind the PDU.
        for (const wanted of ["prompt", "PDU", "result"]) {
            const text = `cut at the ${wanted}`;
            board.phaseBegins = (phase) => {
                if (phase === wanted) board.exchange("trouble now: power off");
            };
            assert.equal(send(board, text).status, 200);
            board.until("pin", /^pwrkey held$/, 120);
            board.phaseBegins = undefined;
            board.becomes((status) => status.ready, 90);
            const { state } = event(board, (event) => event.type === "report");
            const count = board.arrived(text);
            assert.ok(state === "unknown" ? count <= 1 : state === "delivered" && count === 1);
            traffic(board);
        }
    },
    "on a modem's line that changes octets no message goes twice, and nothing hangs": () => {
        const board = start();
        ready(board);
        board.exchange("trouble one in 400 octets: change");
        board.exchange("trouble one in 400 typed octets: change");
        for (let i = 1; i <= 20; i++) {
            assert.equal(send(board, `noise ${i}`).status, 200);
            board.text(HANDSET, `noise ${i} too`);
            board.pass(60);
            for (let left = board.status().received; left > 0; left--) {
                if (!board.event()) break;
            }
        }
        const counts = Array.from({ length: 20 }, (_, i) => board.arrived(`noise ${i + 1}`));
        assert.ok(counts.every((count) => count <= 1) && counts.filter((count) => count).length > 10);
        assert.equal(board.chip.restarts, 0);
    },
    "what is no request on the host line is answered or read over": () => {
        const board = start();
        ready(board);
        const chance = new Chance(7);
        for (let i = 0; i < 20; i++) {
            board.host.say(chance.octets(1 + chance.below(400)));
            board.pass(2.5);
            assert.equal(typeof board.status().ready, "boolean");
        }
        const long = board.ask("POST", "/rest/smsmessaging/text", { form: "x".repeat(5000) });
        assert.equal(long.status, 413);
        board.pass(0.1);
        assert.equal(board.ask("GET", `/${"x".repeat(5000)}`).status, 431);
        board.pass(0.1);
        // A request that breaks off, and one whose octets are damaged.
        const whole = request(...interfaces.websms.request(HANDSET, "half", "half"));
        board.say(whole.subarray(0, whole.length - 9));
        board.pass(2.1);
        whole[1] ^= 0x80;
        board.say(whole);
        board.answered(3);
        board.pass(0.1);
        traffic(board);
        assert.equal(board.arrived("half"), 0);
        // A key is pressed while one waits for an event: it gets no answer, and nothing is lost.
        board.say(request("GET", "/events"));
        board.pass(5);
        traffic(board);
    },
    "a program that goes leaves the port to the next one": () => {
        const board = start();
        ready(board);
        for (let n = 0; n < 3; n++) {
            // It waits for an event, and goes; what is then said is said to nobody.
            board.say(request("GET", "/events"));
            board.pass(1);
            board.host.open(false);
            board.text(HANDSET, `for nobody ${n}`);
            board.pass(20);
            assert.deepEqual(board.said, []);
            board.host.open(true);
            board.pass(0.1);
            assert.equal(board.event().text, `for nobody ${n}`);
            traffic(board);
        }
    },
    "a SIM that waits for its PIN gets it from the settings, when the board starts": () => {
        const board = start({ args: [...SIM800, "--pin", "1234"] });
        board.becomes((status) => status.modem === "SIM waits for its PIN");
        board.pass(2);
        assert.deepEqual(board.led(), { lit: 2, times: 2 });
        const form = `${FORM}&pin=1234&keyword=STOP&url=http://192.0.2.1/stop`;
        assert.equal(board.ask("POST", "/settings", { form }).status, 200);
        assert.equal(send(board, "early").status, 200);
        board.cut();
        board.becomes((status) => status.ready);
        assert.equal(board.event().state, "delivered");
        assert.equal(board.arrived("early"), 1);
        const told = JSON.parse(board.ask("GET", "/settings").body);
        assert.deepEqual([told.pin, told.accounts], [true, [ACCOUNT.name]]);
        board.text(HANDSET, "stop it");
        assert.equal(board.event().url, "http://192.0.2.1/stop");
    },
    "what is accepted without a modem goes when there is one; a full outbox says later": () => {
        const board = start({ isPlugged: false });
        board.becomes((status) => status.modem === "does not answer", 120);
        assert.deepEqual(board.led(), { lit: 1, times: 1 });
        board.ask("POST", "/settings", { form: FORM });
        const names = Object.keys(interfaces);
        for (let i = 0; i < 32; i++) {
            const name = names[i % names.length];
            const { status, body } = send(board, `early ${i}`, name, `45123456${10 + i}`);
            assert.ok(status < 300 && interfaces[name].accepted.test(body), `${name}: ${body}`);
        }
        for (const [name, { later }] of Object.entries(interfaces)) {
            const { status, body } = send(board, "too many", name);
            assert.ok(later.test(`${status} ${body}`), `${name}: ${status} ${body}`);
        }
        board.cut();
        board.becomes((status) => status.on_the_way === 32);
        board.plug();
        board.becomes((status) => status.ready, 120);
        for (let i = 0; i < 32; i++) assert.equal(board.event().state, "delivered");
        for (let i = 0; i < 32; i++) assert.equal(board.arrived(`early ${i}`), 1);
        assert.equal(board.arrived("too many"), 0);
    },
    "a flash that has no room says later, and goes on when there is some": () => {
        const board = start();
        ready(board);
        const { flash } = board.chip.mcu;
        const before = pages(flash, { isFull: true });
        board.cut();
        board.becomes((status) => status.ready);
        const filling = (n) => `${n} `.repeat(130);
        let fitted = 0;
        while (interfaces.nextpod.accepted.test(send(board, filling(fitted), "nextpod").body)) fitted += 1;
        assert.ok(fitted > 5 && fitted < 32, `${fitted} fitted`);
        // What became of them is noted: where room is looked for in every page, that takes seconds.
        board.pass(60);
        for (let n = 0; n < 3; n++) assert.equal(send(board, filling(99), "nextpod").status, 500);
        board.text(HANDSET, "comes while there is none");
        board.pass(20);
        // It is kept where so little has room, else it stays with the modem.
        const comes = () => {
            const { text } = event(board, ({ type }) => type === "received");
            assert.equal(text, "comes while there is none");
        };
        const isKept = board.status().received > 0;
        if (isKept) comes();
        before.restore(board.chip.mcu.flash);
        board.cut();
        board.becomes((status) => status.ready);
        if (!isKept) comes();
        traffic(board);
        assert.equal(board.arrived(filling(99)), 0);
        assert.equal(board.chip.restarts, 0);
    },
    "a flash that is worn out accepts nothing, and a board says so": () => {
        const board = start();
        ready(board);
        board.chip.rom.isWorn = true;
        for (const [name, { accepted }] of Object.entries(interfaces)) {
            const { body } = send(board, "worn", name);
            assert.ok(!accepted.test(body), `${name}: ${body}`);
        }
        board.pass(20);
        assert.equal(board.arrived("worn"), 0);
        assert.equal(board.ask("POST", "/settings", { form: "pin=1" }).status, 503);
        // With another flash chip that is worn out, it is no gateway.
        board.chip.mcu.flash.fill(0x5a, START, END);
        board.cut();
        board.chip.rom.isWorn = true;
        board.pass(1);
        assert.deepEqual(board.led(), { lit: 4, times: 4 });
        const { status, body } = board.ask("GET", "/status");
        assert.deepEqual([status, body], [500, "the flash cannot be read or written\n"]);
        board.pass(60);
        assert.equal(board.chip.restarts, 0);
    },
    "what was in the flash before the first start does no harm": () => {
        const board = start();
        for (const octet of [0x00, 0x5a, 0xf0]) {
            board.chip.mcu.flash.fill(octet, START, END);
            board.cut();
            ready(board);
            traffic(board);
        }
    },
    "nothing is lost of what comes while a page is erased": () => {
        const board = start();
        pages(board.chip.mcu.flash, { room: 300 });
        board.cut();
        ready(board);
        const { mcu, rom } = board.chip;
        let erased = 0;
        rom.begins = (works) => {
            if (works !== "erase") return;
            erased += 1;
            // What takes 41 ms.
            mcu.uart[1].say(Buffer.from("\r\n+CREG: 1\r\n".repeat(40)));
        };
        for (let i = 0; erased < 3; i++) {
            assert.ok(i < 60, `${erased} pages erased`);
            traffic(board);
        }
        assert.deepEqual(mcu.uart.map(({ overruns }) => overruns), [0, 0]);
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
            const { restarts, started_after } = board.status();
            assert.deepEqual([restarts, started_after, board.chip.restarts], [0, "", 0]);
        }
    },
    "a modem that says nothing any more is brought back by its RESET": () => {
        const board = start();
        ready(board);
        board.exchange("trouble now: silence 3600000");
        assert.equal(send(board, "silence").status, 200);
        const held = board.until("pin", /^reset held$/, 180).nanos;
        const released = board.until("pin", /^reset released$/, 1).nanos;
        assert.ok(released - held > 105e6, "it is held too shortly");
        board.becomes((status) => status.ready);
        assert.equal(event(board, ({ type }) => type === "report").state, "delivered");
        traffic(board);
    },
    "a modem is found at another speed": () => {
        const board = start();
        board.chip.mcu.uart[1].otherSpeed = 9600;
        ready(board);
        traffic(board);
        assert.equal(board.pins.size, 0);
    },
    "a board to which no interrupt comes is restarted by the watchdog, and tells": () => {
        const board = start();
        ready(board);
        board.pass(20);
        board.chip.mcu.core.enabledInterrupts = 0;
        assert.equal(bitten(board, 8.1), "a hang");
        ready(board);
        traffic(board);
        // Of the power nothing is told.
        board.cut();
        assert.equal(board.becomes((status) => status.ready).started_after, "");
    },
    "a board that hangs with PWRKEY held finds the modem on after its restart": () => {
        const board = start({ args: OFF });
        board.until("pin", /^pwrkey held$/, 1);
        board.chip.mcu.core.enabledInterrupts = 0;
        assert.equal(bitten(board, 8.1), "a hang");
        ready(board);
        traffic(board);
    },
    "a session that cannot write is restarted by the watchdog": () => {
        const board = start();
        ready(board);
        board.chip.mcu.uart[1].octetSent = () => {};
        assert.equal(bitten(board, 900), "a hang");
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
        assert.match(bitten(board, 1), /^a panic: hard fault at 0x100[0-9a-f]{5}$/);
        ready(board);
        traffic(board);
        board.chip.mcu.core.enabledInterrupts = 0;
        assert.equal(bitten(board, 8.1), "a hang");
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
        assert.equal(rom("RP", there, data, 512).toFixed(3), "0.800");
        assert.equal(read(), 0x12345678);
        mcu.writeUint32(data, 0xffff0000);
        rom("RP", there, data, 256);
        assert.equal(read(), 0x12340000);
        assert.equal(Math.round(rom("RE", there, 65536 + 4096, 65536, 0xd8)), 195);
        assert.equal(read(), 0xffffffff);
    },
    "the same happens at the same time, each time": () => {
        const logs = [1, 2].map(() => {
            traffics = 0;
            const board = start({ args: OFF });
            ready(board);
            traffic(board);
            return board.log;
        });
        assert.deepEqual(logs[0], logs[1]);
    },
    "the board's power is cut: nothing is lost, and nothing sent twice": () => {
        const board = start();
        pages(board.chip.mcu.flash, { room: 300 });
        board.cut();
        ready(board);
        console.log(cuts(board, isUsb ? 10 : 100, new Chance(1)));
    },
    [`${span} with traffic and faults`]: () => {
        const board = start({ args: OFF, timer: WRAP - 30 * 60e6 });
        ready(board);
        console.log(hours(board, isDay ? 24 : 1, new Chance(2)));
    },
};

for (const [name, scenario] of Object.entries(scenarios)) {
    if (long.has(name) && !isDay) continue;
    if (isUsb ? once.has(name) : ofUsb.has(name)) continue;
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
