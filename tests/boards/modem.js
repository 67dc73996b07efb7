// `septet modem --lockstep` as a child: every call is answered before it returns, so that emulator and
// modem share one time.

import { execFileSync, spawn } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const { O_RDONLY, O_WRONLY, O_RDWR } = constants;

// Both ends of a new pipe; only one of them is open in each process, so that its end is noticed.
function pipe(folder, name) {
    const path = join(folder, name);
    execFileSync("mkfifo", [path]);
    const both = openSync(path, O_RDWR);
    const ends = [openSync(path, O_RDONLY), openSync(path, O_WRONLY)];
    closeSync(both);
    return ends;
}

export class Modem {
    constructor(septet, args) {
        const folder = mkdtempSync(join(tmpdir(), "septet-"));
        const [childIn, ours] = pipe(folder, "in");
        const [theirs, childOut] = pipe(folder, "out");
        this.child = spawn(septet, ["modem", "--lockstep", ...args], {
            stdio: [childIn, childOut, "inherit"],
        });
        [childIn, childOut].forEach((fd) => closeSync(fd));
        rmSync(folder, { recursive: true });
        Object.assign(this, { ours, theirs, rest: "", isOn: false, next: Infinity });
        // What it writes, its STATUS, and what happens in the network.
        this.octets = () => {};
        this.status = () => {};
        this.event = () => {};
    }

    // It is this time, in microseconds, and this comes to the modem.
    at(micros, words = "") {
        writeSync(this.ours, `${micros} ${words}`.trimEnd() + "\n");
        for (;;) {
            const [, time, word, what] = /^(\d+) (\w+) (.*)$/.exec(this.line());
            if (word === "octets") this.octets(Buffer.from(what, "hex"));
            else if (word === "status") this.status((this.isOn = what === "on"));
            else if (word === "event") this.event(Number(time), what);
            else if (word === "refused") throw new Error(`the modem refuses "${words}": ${what}`);
            else if (word === "next") return (this.next = what === "never" ? Infinity : Number(what));
        }
    }

    line() {
        for (;;) {
            const end = this.rest.indexOf("\n");
            if (end >= 0) {
                const line = this.rest.slice(0, end);
                this.rest = this.rest.slice(end + 1);
                return line;
            }
            const octets = Buffer.alloc(4096);
            const len = readSync(this.theirs, octets);
            if (len === 0) throw new Error("the modem has ended");
            this.rest += octets.toString("utf8", 0, len);
        }
    }

    end() {
        [this.ours, this.theirs].forEach((fd) => closeSync(fd));
    }
}
