// What an ELF file has for the flash, at its place: its loadable segments, by their physical address.

const PT_LOAD = 1;

export function flash(file, start) {
    const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
    const word = (at) => view.getUint32(at, true);
    if (word(0) !== 0x464c457f) throw new Error("the image is no ELF file");
    const [table, size, count] = [word(0x1c), view.getUint16(0x2a, true), view.getUint16(0x2c, true)];
    const parts = [];
    for (let at = table; at < table + size * count; at += size) {
        const [type, offset, , address, len] = [0, 4, 8, 12, 16].map((field) => word(at + field));
        if (type === PT_LOAD && len > 0 && address >= start) {
            parts.push([address - start, file.subarray(offset, offset + len)]);
        }
    }
    const end = Math.max(...parts.map(([at, octets]) => at + octets.length));
    const image = new Uint8Array(end).fill(0xff);
    for (const [at, octets] of parts) image.set(octets, at);
    return image;
}
