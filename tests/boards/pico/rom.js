// The boot ROM of the RP2040, as far as firmware calls it: the table of functions and those that work
// on the flash (data sheet, section 2.8.3). rp2040js has none; the ROM's own code is not needed.
//
// A call lands on an address in the ROM; what would run there is done here at once, and the time that
// it takes on the chip goes by in the emulator, with the core stopped.

// Where the halfwords are that lead to the table and to the function that looks into it.
const FUNC_TABLE = 0x14;
const TABLE_LOOKUP = 0x18;
// Where they lead to, in this ROM.
const TABLE = 0x40;
const LOOKUP = 0x200;
const FUNCTIONS = 0x204;

const PAGE = 256;
// W25Q16JV data sheet, AC characteristics, typical: a page is programmed in 0.4 ms, a sector of 4 KB erased in
// 45 ms, a block of 64 KB in 150 ms.
const SECTOR = 4096;
const BLOCK = 65536;
const PROGRAM_NANOS = 0.4e6;
const SECTOR_NANOS = 45e6;
const BLOCK_NANOS = 150e6;

const nothing = () => {};

// Has something done to the flash that takes so long. Where the power goes meanwhile, each bit that was to
// change has changed or not, by chance; `change(address, whole)` says what an octet becomes.
function work(rom, address, count, nanos, change) {
    const { mcu } = rom;
    rom.works = nanos >= SECTOR_NANOS ? "erase" : "program";
    const began = mcu.clock.nanos;
    rom.begins?.(rom.works, nanos, address);
    const ends = Math.min(began + nanos, rom.cutAt());
    mcu.clock.tick(ends - began);
    const done = (ends - began) / nanos;
    for (let at = address; at < address + count; at++) {
        const before = mcu.flash[at];
        const after = rom.isWorn ? before : change(at, before);
        if (done >= 1) {
            mcu.flash[at] = after;
            continue;
        }
        for (let bit = 1; bit < 256; bit <<= 1) {
            if ((before ^ after) & bit && rom.chance() < done) mcu.flash[at] ^= bit;
        }
    }
    if (done >= 1) rom.works = undefined;
}

// By the two letters of their code.
const functions = {
    IF: nothing, // connect_internal_flash
    EX: nothing, // flash_exit_xip
    FC: nothing, // flash_flush_cache
    CX: nothing, // flash_enter_cmd_xip
    // memcpy44(to, from, count)
    C4: ({ mcu }, to, from, count) => {
        for (let i = 0; i < count; i += 4) mcu.writeUint32(to + i, mcu.readUint32(from + i));
    },
    // flash_range_erase(address, count, block size, block command)
    RE: (rom, address, count) => {
        for (let left = count, at = address; left > 0; ) {
            const whole = at % BLOCK === 0 && left >= BLOCK;
            const len = whole ? BLOCK : SECTOR;
            work(rom, at, len, whole ? BLOCK_NANOS : SECTOR_NANOS, () => 0xff);
            at += len;
            left -= len;
        }
    },
    // flash_range_program(address, data, count): bits can only become 0.
    RP: (rom, address, data, count) => {
        const { mcu } = rom;
        const nanos = (count / PAGE) * PROGRAM_NANOS;
        work(rom, address, count, nanos, (at, old) => old & mcu.readUint8(data + at - address));
    },
};

const codes = Object.keys(functions);

export class Rom {
    // `cutAt()` is when the power goes, `chance()` a number from 0 to 1.
    constructor(mcu, cutAt, chance) {
        Object.assign(this, { mcu, cutAt, chance });
        // Whether nothing that is written or erased changes any more.
        this.isWorn = false;
        // What is being done to the flash, and who is told when that begins, with how long it takes
        // and where.
        this.works = undefined;
        const halfwords = new Uint16Array(mcu.bootrom.buffer);
        halfwords[FUNC_TABLE / 2] = TABLE;
        halfwords[TABLE_LOOKUP / 2] = LOOKUP | 1;
        codes.forEach((code, i) => {
            halfwords[TABLE / 2 + 2 * i] = code.charCodeAt(0) | (code.charCodeAt(1) << 8);
            halfwords[TABLE / 2 + 2 * i + 1] = (FUNCTIONS + 4 * i) | 1;
        });
    }

    // Does what the core has called, and returns to the caller.
    call() {
        const { mcu } = this;
        const { registers } = mcu.core;
        const at = mcu.core.PC & ~1;
        if (at === LOOKUP) {
            const code = String.fromCharCode(registers[1] & 0xff, (registers[1] >> 8) & 0xff);
            const i = codes.indexOf(code);
            registers[0] = i < 0 ? 0 : (FUNCTIONS + 4 * i) | 1;
        } else {
            const code = codes[(at - FUNCTIONS) / 4];
            if (code === undefined) throw new Error(`the ROM has nothing at 0x${at.toString(16)}`);
            functions[code](this, ...registers.subarray(0, 4));
        }
        mcu.core.PC = mcu.core.LR & ~1;
    }
}
