"""How deep the stack of a program for Thumb can get below a function, read from its ELF file.

What each function takes itself the compiler says (-Z emit-stack-sizes); which functions it calls stands
in its code. What calls a place that is not written there, or itself, has no bound and is refused.
ARMv7-M Architecture Reference Manual, chapter A5 (encodings).
"""

import struct


class Unbounded(Exception):
    """No depth can be told."""


class Program:
    """An ELF file of 32 bits."""

    def __init__(self, path):
        with open(path, "rb") as file:
            self.octets = file.read()
        (table,) = struct.unpack_from("<I", self.octets, 32)
        size, count, names = struct.unpack_from("<HHH", self.octets, 46)
        headers = [struct.unpack_from("<10I", self.octets, table + i * size) for i in range(count)]
        named = headers[names]
        self.sections = {self._text(named[4] + header[0]): header for header in headers}
        self.code = {}
        self.functions = {}
        self._read_symbols()
        self.frames = self._read_frames()
        self.known = {}

    def _text(self, at):
        return self.octets[at : self.octets.index(b"\0", at)].decode()

    def _section(self, name):
        header = self.sections[name]
        return self.octets[header[4] : header[4] + header[5]]

    def _read_symbols(self):
        text = self.sections[".text"]
        strings = self.sections[".strtab"][4]
        marks = []
        for name, value, size, info, _, section in struct.iter_unpack("<IIIBBH", self._section(".symtab")):
            name = self._text(strings + name)
            if info & 0xF == 2 and size:
                self.functions[value & ~1] = (value & ~1, size, name)
            elif name[:2] in ("$t", "$d") and text[3] <= value < text[3] + text[5]:
                marks.append((value, name[1]))
        # Which octets are instructions, and which stand between them as data.
        marks.sort()
        ends = [start for start, _ in marks[1:]] + [text[3] + text[5]]
        self.data = [(start, end) for (start, kind), end in zip(marks, ends) if kind == "d"]

    def _read_frames(self):
        section, frames, at = self._section(".stack_sizes"), {}, 0
        while at < len(section):
            (place,) = struct.unpack_from("<I", section, at)
            at, size, shift = at + 4, 0, 0
            while True:
                octet = section[at]
                at, size, shift = at + 1, size | (octet & 0x7F) << shift, shift + 7
                if octet < 0x80:
                    break
            frames[place & ~1] = size
        return frames

    def name(self, place):
        return self.functions[place & ~1][2]

    def _instructions(self, place):
        """The place of each instruction of a function, and its one or two halves."""
        text = self.sections[".text"]
        start, size, _ = self.functions[place]
        at = start
        while at < start + size:
            skip = next((end for begin, end in self.data if begin <= at < end), None)
            if skip is not None:
                at = skip
                continue
            first, second = struct.unpack_from("<HH", self.octets + b"\0\0", text[4] + at - text[3])
            if first >= 0xE800:
                yield at, first, second
                at += 4
            else:
                yield at, first, None
                at += 2

    def _own(self, place):
        """What a function takes that no compiler tells of: it is written in Assembly."""
        own = 0
        for _, first, second in self._instructions(place):
            if first >> 9 == 0b1011010:  # PUSH
                own += 4 * bin(first & 0x1FF).count("1")
            elif first >> 7 == 0b101100001:  # SUB SP
                own += 4 * (first & 0x7F)
            elif first == 0xE92D:  # PUSH.W
                own += 4 * bin(second).count("1")
            elif first == 0xF84D and second & 0xFFF == 0xD04:  # PUSH.W of one
                own += 4
        return own

    def _edges(self, place):
        """The functions that one goes on to, and whether it comes back from them."""
        start, size, name = self.functions[place]
        for at, first, second in self._instructions(place):
            to = None
            if second is not None and first >> 11 == 0b11110 and second >> 12 & 0b1101 in (0b1101, 0b1001):
                sign, high, low = first >> 10 & 1, first & 0x3FF, second & 0x7FF
                j1, j2 = second >> 13 & 1, second >> 11 & 1
                to = sign << 24 | (~(j1 ^ sign) & 1) << 23 | (~(j2 ^ sign) & 1) << 22 | high << 12 | low << 1
                to = at + 4 + to - (sign << 25)
                returns = second >> 14 & 1  # BL, or B.W
            elif second is not None and first >> 11 == 0b11110 and second >> 12 & 0b1101 == 0b1000:
                if first >> 7 & 0b111 != 0b111:  # B<c>.W
                    sign = first >> 10 & 1
                    to = sign << 20 | (second >> 11 & 1) << 19 | (second >> 13 & 1) << 18
                    to |= (first & 0x3F) << 12 | (second & 0x7FF) << 1
                    to = at + 4 + to - (sign << 21)
                    returns = 0
            elif second is None and first >> 11 == 0b11100:  # B
                to = at + 4 + ((first & 0x7FF) << 1) - ((first >> 10 & 1) << 12)
                returns = 0
            elif second is None and first >> 7 == 0b010001111:  # BLX
                raise Unbounded(f"{name} calls a place that its code does not name")
            elif second is None and first >> 7 == 0b010001110 and first >> 3 & 0xF != 14:  # BX
                raise Unbounded(f"{name} goes on at a place that its code does not name")
            if to is not None and not start <= to < start + size:
                if to not in self.functions:
                    raise Unbounded(f"{name} calls {to:#x}, which is no function")
                yield to, returns

    def depth(self, place, above=()):
        """The most octets of stack that the function at this place takes, with all that it calls."""
        place &= ~1
        if place in above:
            raise Unbounded(" calls ".join(self.name(p) for p in (*above, place)))
        if place not in self.known:
            own = self.frames[place] if place in self.frames else self._own(place)
            deepest = own
            for to, returns in set(self._edges(place)):
                below = self.depth(to, (*above, place))
                # What goes on elsewhere has given back its own.
                deepest = max(deepest, own + below if returns else below)
            self.known[place] = deepest
        return self.known[place]
