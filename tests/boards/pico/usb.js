// A USB host that has a serial port of class CDC ACM open at the RP2040's controller. The emulator's own
// controller takes what the chip waits for as come at once, so that the buffers are moved here: USB 2.0,
// chapters 8 and 9; RP2040 datasheet, section 4.1; CDC 1.2 and PSTN 1.2 for the serial port.

const SECOND = 1e9;
// A transaction of full speed, with what the host takes between two.
const TRANSACTION = 50e3;
// How long a host waits for what it has asked the device.
const PATIENCE = 5 * SECOND;

// Buffer control registers: EP0 in and out, EP1 in and out, and so on.
const BUFFERS = 0x80;
const BUFFERS_END = 0x100;
const AVAILABLE = 1 << 10;
const FULL = 1 << 15;
const LENGTH = 0x3ff;

const IN = 0x80;
const DEVICE = 1;
const CONFIGURATION = 2;
const CDC_DATA = 10;

// Setup packets.
const setup = (type, request, value, index, length) =>
    new Uint8Array([type, request, value & 255, value >> 8, index & 255, index >> 8, length & 255, length >> 8]);
const descriptor = (type, length) => ({ packet: setup(IN, 6, type << 8, 0, length), length });
const set = (type, request, value, octets = []) => ({
    packet: setup(type, request, value, 0, octets.length),
    length: 0,
    octets: new Uint8Array(octets),
});
const address = set(0x00, 5, 1);
const configuration = set(0x00, 9, 1);
// 115 200 bits a second, one stop bit, no parity, 8 data bits.
const lineCoding = set(0x21, 0x20, 0, [0x00, 0xc2, 0x01, 0x00, 0, 0, 8]);
const lineState = (isOpen) => set(0x21, 0x22, isOpen ? 3 : 0);

// The endpoints of the serial port's data, of a configuration descriptor.
function endpoints(octets) {
    const found = {};
    let isData = false;
    for (let at = 0; at < octets.length; at += octets[at]) {
        const [, type, number] = octets.slice(at);
        if (type === 4) isData = octets[at + 5] === CDC_DATA;
        if (type === 5 && isData) found[number & IN ? "in" : "out"] = number & 15;
    }
    if (!found.in || !found.out) throw new Error("no serial port in the configuration");
    return found;
}

export class Usb {
    // `heard` is told each octet that comes.
    constructor(mcu) {
        this.mcu = mcu;
        this.controller = mcu.usbCtrl;
        this.clock = mcu.clock;
        this.view = mcu.usbDPRAMView;
        this.out = [];
        // What is asked of the device, the first one first.
        this.asked = [];
        this.isConfigured = false;
        // Of out endpoints, those whose buffer waits for octets.
        this.waiting = new Set();
        this.controller.DPRAMUpdated = (offset, value) => this.updated(offset, value);
        this.controller.onUSBEnabled = () => this.controller.resetDevice();
        this.controller.onResetReceived = () => this.begin();
        // A host leaves a device that does not answer.
        this.late = this.clock.createAlarm(() => (this.asked = []));
    }

    begin() {
        if (this.asked.length > 0 || this.isConfigured) throw new Error("a second reset");
        this.ask(descriptor(DEVICE, 18), (octets) => {
            if (octets.length !== 18 || octets[1] !== DEVICE) throw new Error("no device descriptor");
        });
        this.ask(address);
        this.ask(descriptor(CONFIGURATION, 9), (head) => {
            this.ask(descriptor(CONFIGURATION, head[2] | (head[3] << 8)), (octets) => {
                this.data = endpoints(octets);
                this.ask(configuration);
                this.ask(lineCoding);
                this.ask(lineState(true), () => {
                    this.isConfigured = true;
                    this.move();
                });
            });
        });
    }

    ask(request, done = () => {}) {
        this.asked.push({ ...request, done, come: [] });
        if (this.asked.length === 1) this.next();
    }

    next() {
        if (this.asked.length === 0) return this.late.cancel();
        this.late.schedule(PATIENCE);
        this.after(() => this.controller.sendSetupPacket(this.asked[0].packet));
    }

    answered() {
        const { done, come } = this.asked.shift();
        this.next();
        done(come);
    }

    after(work) {
        this.clock.createAlarm(work).schedule(TRANSACTION);
    }

    // The chip has written a buffer control register.
    updated(offset, value) {
        if (offset < BUFFERS || offset >= BUFFERS_END || !(value & AVAILABLE)) return;
        const endpoint = (offset - BUFFERS) >> 3;
        if (offset & 4) {
            this.waiting.add(endpoint);
            this.move();
        } else {
            this.after(() => this.take(endpoint, offset));
        }
    }

    // Takes what the chip has for the host.
    take(endpoint, offset) {
        const value = this.view.getUint32(offset, true);
        const at = this.controller.getEndpointBufferOffset(endpoint, false);
        const octets = this.mcu.usbDPRAM.slice(at, at + (value & LENGTH));
        this.view.setUint32(offset, value & ~(AVAILABLE | FULL), true);
        this.controller.indicateBufferReady(endpoint, false);
        if (endpoint === 0) {
            const [asked] = this.asked;
            if (!asked) return;
            asked.come.push(...octets);
            // The status stage of what has no data, or the last of it: the chip is then told that it came.
            if (asked.length === 0) this.answered();
        } else if (endpoint === this.data?.in) {
            for (const octet of octets) this.heard(octet);
        }
    }

    // Gives the chip what it waits for, where there is some.
    move() {
        for (const endpoint of this.waiting) {
            let octets;
            if (endpoint === 0) {
                const [asked] = this.asked;
                octets = asked?.octets?.length > 0 ? asked.octets : new Uint8Array();
            } else if (this.isConfigured && endpoint === this.data.out && this.out.length > 0) {
                octets = new Uint8Array(this.out.splice(0, 64));
            }
            if (octets === undefined) continue;
            this.waiting.delete(endpoint);
            this.after(() => this.give(endpoint, octets));
        }
    }

    give(endpoint, octets) {
        const offset = BUFFERS + 8 * endpoint + 4;
        const at = this.controller.getEndpointBufferOffset(endpoint, true);
        this.mcu.usbDPRAM.set(octets, at);
        const value = this.view.getUint32(offset, true) & ~(AVAILABLE | LENGTH);
        this.view.setUint32(offset, value | FULL | octets.length, true);
        this.controller.indicateBufferReady(endpoint, true);
        // The status stage of what the host has read.
        if (endpoint === 0 && this.asked[0]?.length > 0) this.answered();
    }

    // A program opens the port or closes it.
    open(isOpen) {
        this.ask(lineState(isOpen));
    }

    // Has these octets come to the chip.
    say(octets) {
        this.out.push(...octets);
        this.move();
    }
}
