// The end of the flash, as `gateway::flash` and sequential-storage have it: pages that were used before.

export const START = 0x1e8000;
export const END = 0x200000;
const PAGE = 4096;
const COUNT = (END - START) / PAGE;
// Behind them stands whether the page is to be erased.
const USED = PAGE - 32;
const HEADER = 8;

function crc16(octets) {
    let crc = 0xffff;
    for (const octet of octets) {
        crc ^= octet;
        for (let i = 0; i < 8; i++) crc = crc & 1 ? (crc >> 1) ^ 0x1a2e : crc >> 1;
    }
    crc ^= 0xffff;
    return crc === 0xffff ? 0xfffe : crc;
}

function crc32(octets) {
    let crc = 0xeeeeeeee;
    for (const octet of octets) {
        crc ^= octet;
        for (let i = 0; i < 8; i++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
    }
    crc = ~crc >>> 0;
    const low = crc & 0xff;
    return low === 0 || low === 0xff ? (crc ^ 1) >>> 0 : crc;
}

// An item: a record that was removed where it has no key.
function item(len, key) {
    const octets = Buffer.alloc(HEADER + len, 0x55);
    if (key !== undefined) octets.writeUInt32LE(key, HEADER);
    octets.writeUInt32LE(key === undefined ? 0 : crc32(octets.subarray(HEADER)), 0);
    octets.writeUInt16LE(len, 4);
    octets.writeUInt16LE(crc16(octets.subarray(4, 6)), 6);
    return octets;
}

// Has the pages be used up to `room` octets of the last but one: by removed records, which each turn of
// a page erases; or, where `isFull`, by records that stay, behind those that are there. What was there is
// returned, for `restore`.
export function pages(flash, { room = 0, isFull = false }) {
    const before = flash.slice(START, START + COUNT * PAGE);
    let key = 0xf0000001;
    for (let page = 0; page < COUNT; page++) {
        const start = START + page * PAGE;
        const last = page === COUNT - 2;
        if (page === COUNT - 1 || (isFull && page === 0)) {
            // The page of what is there is closed; the last one is blank.
            if (page === 0) flash[start + USED - 1] = 0;
            else flash.fill(0xff, start, start + PAGE);
            continue;
        }
        flash.fill(0xff, start, start + PAGE);
        flash[start] = 0;
        if (!last) flash[start + USED - 1] = 0;
        for (let at = start + 1; at < start + USED - 1 - (last ? room : 0); ) {
            const left = start + USED - 1 - (last ? room : 0) - at - HEADER;
            const len = Math.min(left, isFull ? 1000 : left);
            if (len < 4) break;
            flash.set(item(len, isFull ? key++ : undefined), at);
            at += HEADER + len;
        }
    }
    return { restore: (flash) => flash.set(before, START) };
}
