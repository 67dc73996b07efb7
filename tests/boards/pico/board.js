// The board firmware/boards/pico-sim800 with its modem: chip, wires, and one clock for both.

import { GPIOPinState } from "rp2040js";
import { Modem } from "../modem.js";
import { Chip } from "./chip.js";
import { answer, request } from "./http.js";
import { Usb } from "./usb.js";

// As the README of the board has them.
const PWRKEY = 6;
const RESET = 7;
const STATUS = 8;
const LED = 25;
const SECOND = 1e9;
// How much is kept of the log at least, in entries; no more than twice that.
const KEPT = 10000;

const seconds = (nanos) => (nanos / SECOND).toFixed(3);
const count = (counts, what) => counts.set(what, (counts.get(what) ?? 0) + 1);

export class Board {
    // `timer` is where the chip's timer starts, in microseconds; `args` are those of `septet modem`,
    // `isUsb` says whether the host line is the USB, and `isPlugged` whether the modem is there.
    constructor({ septet, image, timer = 0, args = [], show = false, isUsb = false, isPlugged = true }) {
        this.isUsb = isUsb;
        // What was asked and answered on the host line, and what happened to pins and in the network: the last
        // of it. Of all of it, how often each text has arrived, and how often a pin was held or released.
        this.log = [];
        this.asked = 0;
        this.arrivals = new Map();
        this.pins = new Map();
        this.shown = show;
        this.isPlugged = isPlugged;
        // What the board has said and the host not read.
        this.said = [];
        // What the modem does with a message: "prompt", "PDU", "result", or nothing.
        this.phase = undefined;
        // The names of pins that are held.
        this.held = new Set();
        this.modem = new Modem(septet, args);
        this.chip = new Chip(image, timer, (chip) => this.wire(chip));
        this.modem.event = (_, what) => {
            this.note("air", what);
            const text = / received from \+\d+: "(.*)"$/.exec(what)?.[1];
            if (text !== undefined) count(this.arrivals, text);
        };
        this.exchange();
    }

    // Connects pins; the chip does so at each start.
    wire(chip) {
        const { mcu, clock } = chip;
        const [uart, line] = mcu.uart;
        const host = this.isUsb ? new Usb(mcu) : uart;
        this.host = host;
        this.wake = clock.createAlarm(() => this.exchange());
        let typed = "";
        line.heard = (octet) => {
            typed = (typed + String.fromCharCode(octet)).slice(-8);
            if (typed === "AT+CMGS=") this.enter("prompt");
            else if (octet === 0x1a) this.enter("result");
            else if (this.phase === "result") this.enter(undefined);
            if (this.isPlugged) this.exchange(`octets ${Buffer.from([octet]).toString("hex")}`);
        };
        host.heard = (octet) => this.said.push(octet);
        const pin = (n, name) => {
            mcu.gpio[n].addListener((state) => {
                const held = state === GPIOPinState.High;
                if (held === this.held.has(name)) return;
                if (held) this.held.add(name);
                else this.held.delete(name);
                const words = `${name} ${held ? "held" : "released"}`;
                this.note("pin", words);
                count(this.pins, words);
                this.exchange(words);
            });
        };
        pin(PWRKEY, "pwrkey");
        pin(RESET, "reset");
        this.modem.octets = (octets) => {
            if (this.phase === "prompt" && octets.includes(0x3e)) this.enter("PDU");
            if (this.isPlugged) line.say(octets);
        };
        this.modem.status = (isOn) => mcu.gpio[STATUS].setInputValue(isOn && this.isPlugged);
        // A chip that starts finds the modem as it is, and has let go of its pins.
        if (this.chip) this.exchange();
        for (const name of this.held) this.exchange(`${name} released`);
        this.held.clear();
        this.modem.status(this.modem.isOn);
        this.isLit = false;
        this.lights = () => {};
        mcu.gpio[LED].addListener((state) => this.lights((this.isLit = state === GPIOPinState.High)));
    }

    get nanos() {
        // In an alarm the clock has the alarm's time.
        return this.chip?.clock.nanos ?? 0;
    }

    note(who, what) {
        this.log.push({ nanos: this.nanos, who, what });
        if (this.log.length === 2 * KEPT) {
            this.log.splice(0, KEPT);
            this.asked = Math.max(0, this.asked - KEPT);
        }
        if (this.shown) console.log(`${seconds(this.nanos).padStart(9)} ${who.padEnd(5)} ${what}`);
    }

    // Lets the modem's time follow, and something come to it.
    exchange(words) {
        const now = Math.floor(this.nanos / 1000);
        const next = this.modem.at(now, words);
        if (next === Infinity) this.wake.cancel();
        else this.wake.schedule(Math.max(0, next * 1000 - this.nanos));
    }

    // What the modem does with a message begins; `phaseBegins` is told.
    enter(phase) {
        this.phase = phase;
        this.phaseBegins?.(phase);
    }

    // Plugs the modem in.
    plug() {
        this.isPlugged = true;
        this.modem.status(this.modem.isOn);
    }

    // The host says this, and nothing else is to come before the board's answer.
    say(octets) {
        this.said = [];
        this.host.say(octets);
    }

    // Asks, and returns the answer; nothing where there is none in so many seconds, or the power is cut.
    tryAsk(method, path, rest, within = 15) {
        this.note("host", `${method} ${path}`);
        this.say(request(method, path, rest));
        return this.answered(within);
    }

    answered(within) {
        let whole;
        let heard = 0;
        this.chip.run(this.nanos + within * SECOND, () => {
            if (this.said.length > heard) {
                heard = this.said.length;
                whole = answer(this.said);
            }
            return whole !== undefined;
        });
        if (whole) this.note("board", `${whole.status} ${whole.body.trimEnd()}`);
        return whole;
    }

    ask(...words) {
        const answer = this.tryAsk(...words);
        if (!answer) throw new Error(`at ${seconds(this.nanos)} s: no answer to ${words[0]} ${words[1]}`);
        return answer;
    }

    // How the board is.
    status() {
        const { status, body } = this.ask("GET", "/status");
        if (status !== 200) throw new Error(`GET /status: ${status} ${body}`);
        return JSON.parse(body);
    }

    // Waits for the board to be as `fits` says.
    becomes(fits, within = 60) {
        const limit = this.nanos + within * SECOND;
        // What it hears of a request that came before its UART was there is none.
        this.pass(0.1);
        for (;;) {
            const answer = this.tryAsk("GET", "/status", {}, 3);
            const status = answer?.status === 200 ? JSON.parse(answer.body) : undefined;
            if (status && fits(status)) return status;
            if (this.nanos > limit) {
                throw new Error(`at ${seconds(this.nanos)} s: ${answer?.body} and ${fits} in ${within} s`);
            }
            this.pass(1);
        }
    }

    // The next event, acknowledged; nothing where none comes in 30 s.
    event() {
        const { status, body } = this.ask("GET", "/events", {}, 35);
        if (status === 204) return undefined;
        const event = JSON.parse(body);
        const done = this.ask("DELETE", `/events/${event.id}`);
        if (done.status !== 200) throw new Error(`${body} is not acknowledged: ${done.body}`);
        return event;
    }

    // The power of the board is cut, and comes back after so many seconds. The modem has its own.
    cut(time = 1) {
        const { chip } = this;
        this.note("power", `cut${chip.rom.works ? `, while flash is to ${chip.rom.works}` : ""}`);
        for (const name of this.held) this.exchange(`${name} released`);
        this.held.clear();
        const { clock } = chip;
        this.phase = undefined;
        chip.cutAt = Infinity;
        clock.nextAlarm = null;
        clock.tick(time * SECOND);
        chip.nanos = clock.nanos;
        chip.powerOn();
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

    // How often this text has arrived at a handset.
    arrived(text) {
        return this.arrivals.get(text) ?? 0;
    }

    // What the LED shows in the next 2 s: how long it is lit, in eighths of a second, and how often.
    led() {
        let on = this.isLit;
        let since = this.nanos;
        let lit = 0;
        let times = 0;
        this.lights = (state) => {
            if (on) lit += this.nanos - since;
            if (state && !on) times += 1;
            [since, on] = [this.nanos, state];
        };
        this.pass(2);
        this.lights(false);
        this.lights = () => {};
        return { lit: Math.round((lit * 8) / SECOND), times };
    }

    end() {
        this.modem.end();
    }
}
