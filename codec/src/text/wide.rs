//! Texts checked and decoded many octets at a time.
//!
//! Each function goes as far as it can and says how far that is; what stands there the plain loop beside
//! its call takes, character by character.

use super::escapes::{Encoding, Escapes, Unescaped};
use super::{Chars, Charset};
use crate::wide::{Free, Stops, behind, copy_all, copy_words, hex_pair, span};
use crate::wire::Writer;

impl Encoding {
    /// What ends a run of octets that are UTF-8 of the text; `None` where each octet may.
    pub(super) fn stops(self) -> Option<Stops> {
        let stops = match (self.escapes(), self.has_backslashes()) {
            // No octet of UTF-8 is this one.
            (Escapes::None, false) => [0xFF; 2],
            (Escapes::None | Escapes::Json, _) => [b'\\'; 2],
            (Escapes::Form, false) => [b'%', b'+'],
            (Escapes::Percent, false) => [b'%'; 2],
            (Escapes::Percent, true) => [b'%', b'\\'],
            (Escapes::Form, true) => return None,
        };
        match self.charset() {
            Charset::Utf8 => Some(Stops::at(stops)),
            Charset::Latin1 | Charset::Windows1252 => Some(Stops::at(stops).and_non_ascii()),
            Charset::Latin1Gsm | Charset::HexUtf16 => None,
        }
    }
}

/// Whether each octet is a character of ASCII that stands for itself.
pub(super) fn is_plain(text: &Unescaped<'_>) -> bool {
    let Unescaped { raw, encoding } = *text;
    let plain = match (encoding.escapes(), encoding.stops()) {
        (Escapes::Form, Some(_)) => span(raw, Stops::at([b'%', b'+']).and_non_ascii()),
        (_, Some(stops)) => span(raw, stops.and_non_ascii()),
        (_, None) => return false,
    };
    plain == raw.len() && !encoding.has_backslashes()
}

/// How many octets at the front are characters without a fault.
pub(super) fn faultless(text: &Unescaped<'_>) -> usize {
    let Unescaped { raw, encoding } = *text;
    if encoding.has_backslashes() {
        return 0;
    }
    match (encoding.escapes(), encoding.charset()) {
        (Escapes::None, Charset::Utf8) => utf8(raw),
        (Escapes::None, Charset::Latin1) => {
            let is_block = |block: &&[u8; 16]| {
                !block.iter().fold(false, |any, octet| any | (0x80..0xA0).contains(octet))
            };
            let (blocks, _) = raw.as_chunks();
            let at = 16 * blocks.iter().take_while(is_block).count();
            let mut rest = behind(raw, at).iter();
            let end = rest.position(|octet| (0x80..0xA0).contains(octet));
            end.map_or(raw.len(), |end| at.saturating_add(end))
        }
        (Escapes::Json, Charset::Utf8) => until_escape(raw, b'\\'),
        (Escapes::Form | Escapes::Percent, Charset::Utf8) => {
            let mut rest = raw;
            loop {
                let plain = until_escape(rest, b'%');
                rest = behind(rest, plain);
                match escaped(rest) {
                    0 => return raw.len().saturating_sub(rest.len()),
                    len => rest = behind(rest, len),
                }
            }
        }
        _ => 0,
    }
}

/// How many octets before the first `escape` are UTF-8.
fn until_escape(raw: &[u8], escape: u8) -> usize {
    let ascii = span(raw, Stops::at([escape; 2]).and_non_ascii());
    match raw.get(ascii) {
        Some(0x80..) => {
            let rest = behind(raw, ascii);
            let plain = rest.get(..span(rest, Stops::at([escape; 2]))).unwrap_or_default();
            ascii.saturating_add(utf8(plain))
        }
        _ => ascii,
    }
}

/// How many octets are UTF-8.
fn utf8(octets: &[u8]) -> usize {
    core::str::from_utf8(octets).map_or_else(|error| error.valid_up_to(), str::len)
}

/// How many octets at the front are escapes that are UTF-8, by the well-formed sequences of the Unicode
/// Standard, table 3-7.
fn escaped(raw: &[u8]) -> usize {
    let octet = |at: usize| match raw.get(at..) {
        Some([b'%', high, low, ..]) => hex_pair(*high, *low),
        _ => None,
    };
    let is_next = |at| octet(at).is_some_and(|octet| octet & 0xC0 == 0x80);
    let mut at = 0_usize;
    loop {
        // Most are of ASCII.
        for [percent, high, low] in behind(raw, at).as_chunks().0 {
            if *percent != b'%' || hex_pair(*high, *low).is_none_or(|octet| octet >= 0x80) {
                break;
            }
            at = at.wrapping_add(3);
        }
        let [second, third, fourth] = [3, 6, 9].map(|behind| at.wrapping_add(behind));
        let len = match (octet(at), octet(second)) {
            (Some(0xC2..=0xDF), Some(0x80..=0xBF)) => 6,
            (Some(0xE0), Some(0xA0..=0xBF))
            | (Some(0xED), Some(0x80..=0x9F))
            | (Some(0xE1..=0xEC | 0xEE..=0xEF), Some(0x80..=0xBF))
                if is_next(third) =>
            {
                9
            }
            (Some(0xF0), Some(0x90..=0xBF))
            | (Some(0xF1..=0xF3), Some(0x80..=0xBF))
            | (Some(0xF4), Some(0x80..=0x8F))
                if is_next(third) && is_next(fourth) =>
            {
                12
            }
            _ => return at,
        };
        at = at.wrapping_add(len);
    }
}

/// Writes octets changed: how many it read and how many it wrote.
type Emit = fn(&[u8], &mut [u8]) -> (usize, usize);

impl Chars<'_> {
    /// Writes characters in a charset, as many as it can.
    pub(super) fn emit_wide(&mut self, charset: Charset, w: &mut Writer<'_>) {
        let Unescaped { raw, encoding } = self.0;
        if encoding.has_backslashes() {
            return;
        }
        let (most, emit): (usize, Emit) = match (encoding.escapes(), encoding.charset(), charset) {
            (Escapes::None, Charset::Utf8, Charset::Utf8) => (1, copy),
            (Escapes::Json, Charset::Utf8, Charset::Utf8) => (1, unescape_json),
            (Escapes::Form, Charset::Utf8, Charset::Utf8) => (1, unescape::<b'+'>),
            (Escapes::Percent, Charset::Utf8, Charset::Utf8) => (1, unescape::<b' '>),
            (Escapes::None, Charset::Latin1, Charset::Utf8) => (2, latin1_to_utf8),
            (Escapes::None, Charset::Utf8, Charset::Latin1) => (1, utf8_to_latin1),
            _ => return,
        };
        let free = w.free();
        // Where there may be no room, the plain loop says so.
        if free.len() / most < raw.len() {
            return;
        }
        let (read, written) = emit(raw, free);
        w.advance(written);
        self.0.raw = behind(raw, read);
    }
}

/// The octets as they are.
fn copy(raw: &[u8], free: &mut [u8]) -> (usize, usize) {
    let Some(to) = free.get_mut(..raw.len()) else { return (0, 0) };
    to.iter_mut().zip(raw).for_each(|(to, from)| *to = *from);
    (raw.len(), raw.len())
}

/// The octets with their escapes undone, up to one that is none; `SPACE` stands for a space, too.
fn unescape<const SPACE: u8>(raw: &[u8], free: &mut [u8]) -> (usize, usize) {
    let room = free.len();
    let space = |octet: u8| if octet == SPACE { b' ' } else { octet };
    let is_escape = |octet: u8| octet == b'%';
    // Many are short, and nothing in them is escaped.
    if raw.len() < SHORT
        && let Some(to) = free.get_mut(..raw.len())
        && copy_all(raw, to, Stops::at([b'%'; 2]), space)
    {
        return (raw.len(), raw.len());
    }
    let (mut rest, mut free) = (raw, Free::new(free));
    loop {
        rest = copy_words(rest, &mut free, is_escape, space);
        while let ([octet, after @ ..], Some([to])) = (rest, free.next())
            && *octet != b'%'
        {
            *to = space(*octet);
            rest = after;
            free.advance(1);
        }
        let mut octets = 0;
        for ([percent, high, low], to) in rest.as_chunks().0.iter().zip(free.octets()) {
            match hex_pair(*high, *low) {
                Some(octet) if *percent == b'%' => *to = octet,
                _ => break,
            }
            octets += 1;
        }
        if octets == 0 {
            return (raw.len().wrapping_sub(rest.len()), room.wrapping_sub(free.len()));
        }
        rest = behind(rest, 3 * octets);
        free.advance(octets);
    }
}

/// The octets of a value that is looked through first for whether anything in it is escaped.
const SHORT: usize = 32;

/// The octets of a JSON string with their escapes undone, up to one that is none.
fn unescape_json(raw: &[u8], free: &mut [u8]) -> (usize, usize) {
    let room = free.len();
    let (mut rest, mut free) = (raw, Free::new(free));
    loop {
        rest = copy_words(rest, &mut free, |octet| octet == b'\\', |octet| octet);
        while let ([octet, after @ ..], Some([to])) = (rest, free.next())
            && *octet != b'\\'
        {
            *to = *octet;
            rest = after;
            free.advance(1);
        }
        let before = rest;
        while let Some((character, after)) = json_escape(rest)
            && let Some(to) = free.next::<4>()
        {
            let mut octets = [0; 4];
            let len = character.encode_utf8(&mut octets).len();
            *to = octets;
            free.advance(len);
            rest = after;
        }
        if rest.len() == before.len() {
            return (raw.len().wrapping_sub(rest.len()), room.wrapping_sub(free.len()));
        }
    }
}

/// The character that the escape ahead stands for, and what is behind it.
fn json_escape(octets: &[u8]) -> Option<(char, &[u8])> {
    let [b'\\', kind, after @ ..] = octets else { return None };
    let short = match kind {
        b'"' | b'\\' | b'/' => *kind,
        b'b' => 0x8,
        b'f' => 0xC,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        _ => {
            // Two halves of a character the plain loop puts together.
            let ([a, b, c, d], after) = after.split_first_chunk()?;
            let unit = u16::from_be_bytes([hex_pair(*a, *b)?, hex_pair(*c, *d)?]);
            return (*kind == b'u').then_some((char::from_u32(unit.into())?, after));
        }
    };
    Some((char::from(short), after))
}

/// As [`unescape_to`](super::unescape_to).
pub(super) fn unescape_to(
    raw: &[u8],
    escapes: Escapes,
    charset: Charset,
    buffer: &mut [u8],
) -> Option<usize> {
    if buffer.len() < raw.len() || charset != Charset::Utf8 {
        return None;
    }
    let (read, written) = match escapes {
        Escapes::Form => unescape::<b'+'>(raw, buffer),
        Escapes::Percent => unescape::<b' '>(raw, buffer),
        Escapes::Json => unescape_json(raw, buffer),
        Escapes::None => return None,
    };
    (read == raw.len()).then_some(written)
}

/// Writes octets of ASCII as they are, up to one that is not, and goes past them.
#[inline(always)]
fn ascii<'a>(mut rest: &'a [u8], free: &mut Free<'_>) -> &'a [u8] {
    while let (Some(word), Some(to)) = (rest.first_chunk::<8>(), free.next())
        && word.is_ascii()
    {
        *to = *word;
        rest = behind(rest, 8);
        free.advance(8);
    }
    let mut run = 0;
    for (octet, to) in rest.iter().zip(free.octets()) {
        if !octet.is_ascii() {
            break;
        }
        *to = *octet;
        run += 1;
    }
    free.advance(run);
    behind(rest, run)
}

/// Writes octets, those that are not of ASCII changed by `step`, which says how many of them it read.
#[inline(always)]
fn changed<const N: usize>(
    raw: &[u8],
    free: &mut [u8],
    step: impl Fn(&[u8]) -> Option<(usize, [u8; N])>,
) -> (usize, usize) {
    let room = free.len();
    let (mut rest, mut free) = (raw, Free::new(free));
    loop {
        rest = ascii(rest, &mut free);
        let (Some((read, octets)), Some(to)) = (step(rest), free.next()) else {
            return (raw.len().saturating_sub(rest.len()), room.saturating_sub(free.len()));
        };
        *to = octets;
        rest = behind(rest, read);
        free.advance(N);
    }
}

fn latin1_to_utf8(raw: &[u8], free: &mut [u8]) -> (usize, usize) {
    changed(raw, free, |rest| match rest {
        [octet @ 0xA0..=0xFF, ..] => Some((1, [0xC0 | octet >> 6, 0x80 | octet & 0x3F])),
        _ => None,
    })
}

fn utf8_to_latin1(raw: &[u8], free: &mut [u8]) -> (usize, usize) {
    changed(raw, free, |rest| match rest {
        // The letters from U+00A0 on; the controls before them are refused.
        [0xC2, octet @ 0xA0..=0xBF, ..] => Some((2, [*octet])),
        [0xC3, octet @ 0x80..=0xBF, ..] => Some((2, [octet | 0x40])),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;
    use crate::text::{ENCODED_MAX, Text};

    extern crate std;
    use std::string::String;
    use std::vec::Vec;

    use proptest::prelude::*;

    const ESCAPES: [Escapes; 4] = [Escapes::None, Escapes::Form, Escapes::Percent, Escapes::Json];
    const CHARSETS: [Charset; 5] = [
        Charset::Utf8,
        Charset::Latin1,
        Charset::Windows1252,
        Charset::Latin1Gsm,
        Charset::HexUtf16,
    ];

    /// What a check says that looks at each character.
    fn plainly_checked(text: Text<'_>) -> Result<String, Error> {
        let mut chars = text.chars();
        let mut all = String::new();
        loop {
            let at = text.raw.len() - chars.0.raw.len();
            match chars.try_next() {
                None => return Ok(all),
                Some(Ok(c)) => all.push(c),
                Some(Err(kind)) => return Err(kind.at("", at)),
            }
        }
    }

    /// The characters in a charset, and whether there are more that it lacks.
    fn plainly_emitted(text: &str, charset: Charset) -> (Vec<u8>, bool) {
        let mut octets = Vec::new();
        for c in text.chars() {
            match charset.encode(c, &mut [0; ENCODED_MAX]) {
                Ok(own) => octets.extend(own),
                Err(_) => return (octets, false),
            }
        }
        (octets, true)
    }

    /// In every encoding: the text is what it is character by character, checked, copied, emitted and as a
    /// slice.
    fn texts_agree(raw: &[u8]) {
        for (escapes, charset) in ESCAPES.into_iter().flat_map(|e| CHARSETS.map(|c| (e, c))) {
            let text = Text::unchecked(raw, escapes, charset);
            text_agrees(text);
            text_agrees(Text { encoding: text.encoding.with_backslashes(), ..text });
            let mut buffer = std::vec![0; 3 * raw.len() + 8];
            let copied = crate::fields::Raw::new(raw, escapes, charset).copy_to(&mut buffer);
            let plain = plainly_checked(text);
            assert_eq!(copied.map(String::from), plain, "{raw:?} {escapes:?} {charset:?}");
        }
    }

    fn text_agrees(text: Text<'_>) {
        let (raw, of) = (text.raw, (text.raw, text.encoding.escapes(), text.charset()));
        let wanted = plainly_checked(text);
        let checked = text.checked();
        assert_eq!(checked.map(|_| ()), wanted.as_ref().map(|_| ()).map_err(|e| *e), "{of:?}");
        let (Ok(text), Ok(wanted)) = (checked, wanted) else { return };
        let mut buffer = std::vec![0; 3 * raw.len() + 8];
        assert_eq!(text.copy_to(&mut buffer), Ok(&*wanted), "{of:?}");
        // Where there is just room, and where there is none.
        let mut tight = std::vec![0; wanted.len()];
        assert_eq!(text.copy_to(&mut tight), Ok(&*wanted), "{of:?}");
        assert!(tight.pop().is_none() || text.copy_to(&mut tight).is_err());
        assert!(text.as_str().is_none_or(|slice| slice == wanted), "{of:?}");
        for target in CHARSETS {
            let mut w = Writer::new(&mut buffer);
            let (octets, is_whole) = plainly_emitted(&wanted, target);
            if octets.len() <= 3 * raw.len() {
                assert_eq!(text.emit(&mut w, target).is_ok(), is_whole);
                assert_eq!(w.written(), octets, "{of:?} {target:?}");
            }
        }
    }

    /// Pieces that texts are made of here: plain, escaped, whole and broken.
    const PIECES: [&[u8]; 22] = [
        b"a",
        b"+",
        b"%",
        b"%4",
        b"%41",
        b"%C3%A5",
        b"%c3",
        b"\xC3%A5",
        b"%E2%82%AC",
        b"%ED%A0%80",
        b"%F0%9F%98%80",
        b"%80",
        b"\xC3\xA5",
        b"\xA5",
        b"\xE2\x82\xAC",
        b"\xF0\x9F\x98\x80",
        b"\\",
        b"\\n",
        b"\\u00e5",
        b"\\ud83d\\ude00",
        b"0041",
        b"plain text of two words",
    ];

    #[test]
    fn short_texts_are_what_they_are_character_by_character() {
        for octets in 0..=u16::MAX {
            let [first, second] = octets.to_be_bytes();
            // The octets that mean something, before and behind each.
            if [first, second].iter().any(|octet| b"%+\\a4".contains(octet)) {
                texts_agree(&[first, second]);
            }
        }
        for (first, second) in PIECES.into_iter().flat_map(|own| PIECES.map(|next| (own, next))) {
            texts_agree(&[first, second].concat());
            texts_agree(&[b"seven+s", first, second, b"eight+mo"].concat());
        }
    }

    proptest! {
        #[test]
        fn texts_are_what_they_are_character_by_character(
            pieces in proptest::collection::vec(0..PIECES.len(), 0..24),
            octets in proptest::collection::vec(any::<u8>(), 0..40),
            text in ".{0,60}",
        ) {
            let raw: Vec<u8> = pieces.iter().flat_map(|piece| PIECES[*piece]).copied().collect();
            texts_agree(&raw);
            texts_agree(&octets);
            texts_agree(text.as_bytes());
        }
    }
}
