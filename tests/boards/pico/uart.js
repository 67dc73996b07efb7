// A UART of the RP2040 as its data sheet has it (section 4.2), in place of that of rp2040js: octets
// take their time, FIFOs are 32 deep and can run over, and interrupts come when they should.

import { RP2040 } from "rp2040js";

// The package does not export it.
const RPUART = new RP2040().uart[0].constructor;

// Offsets of registers, section 4.2.8.
const UARTDR = 0x00;
const UARTRSR = 0x04;
const UARTFR = 0x18;
const UARTIFLS = 0x34;
const UARTIMSC = 0x38;
const UARTRIS = 0x3c;
const UARTMIS = 0x40;
const UARTICR = 0x44;
const UARTDMACR = 0x48;

// Flags of UARTFR.
const BUSY = 1 << 3;
const RXFE = 1 << 4;
const TXFF = 1 << 5;
const RXFF = 1 << 6;
const TXFE = 1 << 7;

// Interrupts, as in UARTRIS.
const RX = 1 << 4;
const TX = 1 << 5;
const RX_TIMEOUT = 1 << 6;
const OVERRUN = 1 << 10;

// In UARTDMACR.
const RXDMAE = 1 << 0;

// In UARTDR, beside the octet.
const FRAMING_ERROR = 1 << 8;
const OVERRUN_ERROR = 1 << 11;

const DEPTH = 32;

// How full a FIFO is when its interrupt comes, by the fields of UARTIFLS.
const LEVELS = [4, 8, 16, 24, 28];

// How far apart the speeds of two ends may be and octets still arrive.
const TOLERANCE = 0.03;

export class Uart extends RPUART {
    // In place of this one.
    constructor(mcu, { name, irq, dreq }) {
        super(mcu, name, irq, dreq);
        this.dmacr = 0;
        this.ifls = 0x12;
        this.raw = 0;
        this.sending = [];
        this.received = [];
        this.overrun = false;
        this.overruns = 0;
        // The other end: its speed in bits a second, and what it has to say. Octets come to `heard`.
        this.otherSpeed = 115200;
        this.heard = () => {};
        this.toCome = [];
        this.sent = mcu.clock.createAlarm(() => this.octetSent());
        this.arrival = mcu.clock.createAlarm(() => this.octetArrived());
        this.silence = mcu.clock.createAlarm(() => this.raise(RX_TIMEOUT));
    }

    // The other end says this, octet by octet.
    say(octets) {
        const idle = this.toCome.length === 0;
        this.toCome.push(...octets);
        if (idle && this.toCome.length > 0) this.arrival.schedule(1e10 / this.otherSpeed);
    }

    get octetNanos() {
        return 1e10 / this.baudRate;
    }

    get speedsFit() {
        return Math.abs(this.baudRate / this.otherSpeed - 1) < TOLERANCE;
    }

    octetArrived() {
        const octet = this.toCome.shift();
        if (this.toCome.length > 0) this.arrival.schedule(1e10 / this.otherSpeed);
        if (!this.enabled || !this.baudDivider) return;
        if (this.received.length >= DEPTH) {
            this.overrun = true;
            this.overruns += 1;
            return this.raise(OVERRUN);
        }
        const flags = this.overrun ? OVERRUN_ERROR : 0;
        this.overrun = false;
        this.received.push(this.speedsFit ? octet | flags : FRAMING_ERROR | flags);
        this.request();
        // 32 bits of silence while something is in the FIFO.
        this.silence.schedule(3.2 * this.octetNanos);
        if (this.received.length >= LEVELS[(this.ifls >> 3) & 7]) this.raise(RX);
    }

    octetSent() {
        const octet = this.sending.shift();
        this.heard(this.speedsFit ? octet : 0xff);
        if (this.sending.length > 0) this.sent.schedule(this.octetNanos);
        // It comes when the level is passed, not while it is low.
        if (this.sending.length === LEVELS[this.ifls & 7]) this.raise(TX);
    }

    // DMA takes what is in the FIFO, where it is to.
    request() {
        const { dma } = this.rp2040;
        if (this.dmacr & RXDMAE && this.received.length > 0) dma.setDREQ(this.dreq.rx);
        else dma.clearDREQ(this.dreq.rx);
    }

    raise(bits) {
        this.raw |= bits;
        this.tell();
    }

    tell() {
        this.rp2040.setInterrupt(this.irq, (this.raw & this.interruptMask) !== 0);
    }

    readUint32(offset) {
        switch (offset) {
            case UARTDR: {
                const entry = this.received.shift() ?? 0;
                if (this.received.length < LEVELS[(this.ifls >> 3) & 7]) this.raw &= ~RX;
                if (this.received.length === 0) {
                    this.raw &= ~RX_TIMEOUT;
                    this.silence.cancel();
                }
                this.request();
                this.tell();
                return entry;
            }
            case UARTRSR:
                return 0;
            case UARTFR: {
                const { sending, received } = this;
                return (
                    (received.length === 0 ? RXFE : 0) |
                    (received.length >= DEPTH ? RXFF : 0) |
                    // The octet that leaves is not in the FIFO any more.
                    (sending.length > DEPTH ? TXFF : 0) |
                    (sending.length <= 1 ? TXFE : 0) |
                    (sending.length > 0 ? BUSY : 0)
                );
            }
            case UARTIFLS:
                return this.ifls;
            case UARTDMACR:
                return this.dmacr;
            case UARTRIS:
                return this.raw;
            case UARTMIS:
                return this.raw & this.interruptMask;
        }
        return super.readUint32(offset);
    }

    writeUint32(offset, value) {
        switch (offset) {
            case UARTDR:
                if (this.sending.length > DEPTH) return;
                this.sending.push(value & 0xff);
                if (this.sending.length === 1) this.sent.schedule(this.octetNanos);
                if (this.sending.length > LEVELS[this.ifls & 7]) this.raw &= ~TX;
                return this.tell();
            case UARTRSR:
                return;
            case UARTIFLS:
                this.ifls = value & 0x3f;
                return;
            case UARTDMACR:
                this.dmacr = value & 7;
                return this.request();
            case UARTIMSC:
                this.interruptMask = value & 0x7ff;
                return this.tell();
            case UARTICR:
                this.raw &= ~this.rawWriteValue;
                return this.tell();
        }
        super.writeUint32(offset, value);
    }
}
