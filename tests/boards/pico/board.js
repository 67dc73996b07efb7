// The board firmware/boards/pico-sim800 with its modem: chip, wires, and one clock for both.

import { GPIOPinState } from "rp2040js";
import { Modem } from "../modem.js";
import { Chip } from "./chip.js";

// As the README of the board has them.
const PWRKEY = 6;
const RESET = 7;
const STATUS = 8;
const LED = 25;
const SECOND = 1e9;

const seconds = (nanos) => (nanos / SECOND).toFixed(3);

export class Board {
    // `timer` is where the chip's timer starts, in microseconds; `args` are those of `septet modem`.
    constructor({ septet, image, timer = 0, args = [], show = false }) {
        // What was said on the host line, by either, and what happened to pins and in the network.
        this.log = [];
        this.asked = 0;
        this.shown = show;
        // The names of pins that are held.
        this.held = new Set();
        this.modem = new Modem(septet, args);
        this.chip = new Chip(image, timer, (chip) => this.wire(chip));
        this.modem.event = (_, what) => this.note("air", what);
        this.exchange();
    }

    // Connects pins; the chip does so at each start.
    wire(chip) {
        const { mcu, clock } = chip;
        const [host, line] = mcu.uart;
        this.wake = clock.createAlarm(() => this.exchange());
        line.heard = (octet) => this.exchange(`octets ${Buffer.from([octet]).toString("hex")}`);
        let text = "";
        host.heard = (octet) => {
            text += String.fromCharCode(octet);
            if (text.endsWith("\r\n")) {
                this.note("board", text.trimEnd());
                text = "";
            }
        };
        const pin = (n, name) => {
            mcu.gpio[n].addListener((state) => {
                const held = state === GPIOPinState.High;
                if (held === this.held.has(name)) return;
                if (held) this.held.add(name);
                else this.held.delete(name);
                const word = held ? "held" : "released";
                this.note("pin", `${name} ${word}`);
                this.exchange(`${name} ${word}`);
            });
        };
        pin(PWRKEY, "pwrkey");
        pin(RESET, "reset");
        this.modem.octets = (octets) => line.say(octets);
        this.modem.status = (isOn) => mcu.gpio[STATUS].setInputValue(isOn);
        // A chip that starts finds the modem as it is, and has let go of its pins.
        if (this.chip) this.exchange();
        for (const name of this.held) this.exchange(`${name} released`);
        this.held.clear();
        mcu.gpio[STATUS].setInputValue(this.modem.isOn);
        this.lit = [];
        mcu.gpio[LED].addListener((state) => this.lit.push([clock.nanos, state === GPIOPinState.High]));
    }

    get nanos() {
        // In an alarm the clock has the alarm's time.
        return this.chip?.clock.nanos ?? 0;
    }

    note(who, what) {
        this.log.push({ nanos: this.nanos, who, what });
        if (this.shown) console.log(`${seconds(this.nanos).padStart(9)} ${who.padEnd(5)} ${what}`);
    }

    // Lets the modem's time follow, and something come to it.
    exchange(words) {
        const now = Math.floor(this.nanos / 1000);
        const next = this.modem.at(now, words);
        if (next === Infinity) this.wake.cancel();
        else this.wake.schedule(Math.max(0, next * 1000 - this.nanos));
    }

    // A line on the host line to the board.
    type(line) {
        this.note("host", line);
        this.chip.mcu.uart[0].say(Buffer.from(`${line}\r\n`));
    }

    // A text from a handset to the modem's SIM.
    text(from, text) {
        this.exchange(`handset ${from} to 4512340001 ${text}`);
    }

    // Runs for so many seconds.
    pass(time) {
        this.chip.run(this.nanos + time * SECOND, () => false);
    }

    // Runs until this is in the log, behind what was awaited before, at most for so many seconds, and
    // returns the entry.
    until(who, pattern, within) {
        const fits = (entry) => entry.who === who && pattern.test(entry.what);
        const limit = this.nanos + within * SECOND;
        let found;
        const done = () => {
            while (this.asked < this.log.length && !found) {
                const entry = this.log[this.asked++];
                if (fits(entry)) found = entry;
            }
            return found !== undefined;
        };
        if (!done()) this.chip.run(limit, done);
        if (!found) {
            throw new Error(`at ${seconds(this.nanos)} s: no ${pattern} of ${who} in ${within} s`);
        }
        return found;
    }

    // What is in the log of this.
    count(who, pattern) {
        return this.log.filter((entry) => entry.who === who && pattern.test(entry.what)).length;
    }

    // What the LED shows in the next 2 s: how long it is lit, in seconds, and how often.
    led() {
        let on = this.lit.at(-1)?.[1] ?? false;
        let since = this.nanos;
        const from = this.lit.length;
        this.pass(2);
        let lit = 0;
        let times = 0;
        for (const [nanos, state] of [...this.lit.slice(from), [this.nanos, false]]) {
            if (on) lit += nanos - since;
            if (state && !on) times += 1;
            [since, on] = [nanos, state];
        }
        return { lit: Number((lit / SECOND).toFixed(2)), times };
    }

    end() {
        this.modem.end();
    }
}
