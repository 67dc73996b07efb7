// Chance that is the same each time: mulberry32.

export class Chance {
    constructor(seed) {
        this.state = seed >>> 0;
    }

    // From 0 to 1, without 1.
    next() {
        this.state = (this.state + 0x6d2b79f5) >>> 0;
        let t = this.state;
        t = Math.imul(t ^ (t >>> 15), t | 1);
        t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
        return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
    }

    // A whole number from 0 to below this.
    below(end) {
        return Math.floor(this.next() * end);
    }

    octets(len) {
        return Buffer.from(Array.from({ length: len }, () => this.below(256)));
    }
}
