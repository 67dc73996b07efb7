// An RP2040 in the emulator rp2040js, with what that lacks: UARTs that take their time, a boot ROM, a
// watchdog that restarts it, a timer that may start anywhere, chance, and a power that can be cut.

import { RP2040 } from "rp2040js";

import { Chance } from "./chance.js";
import { Rom } from "./rom.js";
import { Uart } from "./uart.js";

const CYCLE_NANOS = 1e9 / 125e6;
export const FLASH = 0x10000000;
// Behind the second-stage boot loader, which sets up the flash: there is nothing to set up here.
const VECTORS = FLASH + 0x100;
const ROM_END = 0x4000;
const XIP_CTRL = 0x14000;
const ROSC = 0x40060;
const RANDOMBIT = 0x1c;

// What the emulator says. Of SEV it does nothing else, and a core that has sent itself an event must not
// sleep at the next WFE (Armv6-M Architecture Reference Manual, section B1.5.17).
const logger = (core) => ({
    debug() {},
    info(_, words) {
        if (words === "SEV") core.eventRegistered = true;
    },
    // Registers of the oscillators and the regulator, which it does not have.
    warn() {},
    error(who, words) {
        throw new Error(`${who}: ${words}`);
    },
});

export class Chip {
    // `image` is what is in the flash, `timer` the microseconds that the timer has at each start, and
    // `wired(chip)` connects the pins, at each start too.
    constructor(image, timer, wired) {
        this.chance = new Chance(timer + 1);
        this.cutAt = Infinity;
        this.timer = timer;
        this.wired = wired;
        this.nanos = 0;
        this.restarts = 0;
        this.start((mcu) => mcu.flash.set(image));
    }

    start(fill) {
        const mcu = new RP2040();
        const { clock } = mcu;
        clock.nanosCounter = this.nanos;
        mcu.logger = logger(mcu.core);
        const rom = new Rom(mcu, () => this.cutAt, () => this.chance.next());
        [this.clock, this.mcu, this.rom] = [clock, mcu, rom];
        mcu.uart = mcu.uart.map((theirs, n) => {
            const uart = new Uart(mcu, theirs);
            mcu.peripherals[0x40034 + 4 * n] = uart;
            return uart;
        });
        const began = this.nanos - this.timer * 1000;
        mcu.peripherals[0x40054].clock = {
            get nanos() {
                return clock.nanos - began;
            },
        };
        const rosc = mcu.peripherals[ROSC];
        const read = rosc.readUint32.bind(rosc);
        const bit = () => (this.chance.next() < 0.5 ? 0 : 1);
        rosc.readUint32 = (offset) => (offset === RANDOMBIT ? bit() : read(offset));
        // Nothing streams from the flash: STREAM_CTR is 0.
        mcu.peripherals[XIP_CTRL] = { readUint32: () => 0, writeUint32Atomic() {} };
        this.watchdog = mcu.peripherals[0x40058];
        this.watchdog.onWatchdogTrigger = () => {
            this.bitten = true;
            // It would come again at the same time, for ever.
            this.watchdog.alarm.enable = false;
        };
        mcu.onBreak = (code) => {
            throw new Error(`breakpoint ${code} at 0x${mcu.core.PC.toString(16)}`);
        };
        fill(mcu);
        const { core } = mcu;
        core.VTOR = VECTORS;
        core.SP = mcu.readUint32(VECTORS);
        core.PC = mcu.readUint32(VECTORS + 4) & ~1;
        this.bitten = false;
        this.wired(this);
    }

    // A reset by the watchdog leaves what is in the RAM and the watchdog's own reason and scratch.
    restart() {
        const { flash, sram } = this.mcu;
        const { reason, scratchData } = this.watchdog;
        this.restarts += 1;
        this.start((mcu) => {
            mcu.flash.set(flash);
            mcu.sram.set(sram);
            Object.assign(this.watchdog, { reason, scratchData });
        });
    }

    // The power was cut and is back: the flash has what it had, and the RAM anything.
    powerOn() {
        const { flash } = this.mcu;
        this.cutAt = Infinity;
        this.start((mcu) => {
            mcu.flash.set(flash);
            for (let at = 0; at < mcu.sram.length; at += 64) mcu.sram[at] = this.chance.below(256);
        });
    }

    get micros() {
        return Math.floor(this.nanos / 1000);
    }

    // Runs until this time or until `done()`, which is asked after each instruction or sleep, or until the
    // power is cut.
    run(untilNanos, done) {
        while (this.nanos < untilNanos && this.nanos < this.cutAt && !done()) {
            const { clock, mcu } = this;
            const { core } = mcu;
            if (core.waiting) {
                const sleep = clock.nextAlarm ? clock.nanosToNextAlarm : Infinity;
                clock.tick(Math.max(0, Math.min(sleep, untilNanos - clock.nanos)));
            } else if (core.PC < ROM_END) {
                this.rom.call();
            } else {
                clock.tick(core.executeInstruction() * CYCLE_NANOS);
            }
            this.nanos = clock.nanos;
            if (this.bitten) this.restart();
        }
    }
}
