//! Texts decoded on cores of 32 bits: an octet after the other, with little flash.

use super::escapes::{Escapes, Unescaped};
use super::{Chars, Charset};
use crate::wide::{Free, Stops, behind, hex_pair, span};
use crate::wire::Writer;

impl Chars<'_> {
    /// Writes octets of UTF-8 with their escapes undone, as many as it can: all, but for what is behind a
    /// backslash.
    pub(super) fn emit_narrow(&mut self, w: &mut Writer<'_>) {
        let Unescaped { raw, encoding } = self.0;
        if encoding.has_backslashes() {
            return;
        }
        let simple = match encoding.escapes() {
            Escapes::Json => before(raw, b'\\'),
            _ => raw,
        };
        let written = unescape_to(simple, encoding.escapes(), encoding.charset(), w.free());
        if let Some(written) = written {
            self.0.raw = behind(raw, simple.len());
            w.advance(written);
        }
    }
}

/// As [`unescape_to`](super::unescape_to).
#[inline(never)]
pub(super) fn unescape_to(
    raw: &[u8],
    escapes: Escapes,
    charset: Charset,
    buffer: &mut [u8],
) -> Option<usize> {
    if buffer.len() < raw.len() || charset != Charset::Utf8 {
        return None;
    }
    let (escape, space) = match escapes {
        Escapes::None => (None, b' '),
        // What a backslash begins is no octet.
        Escapes::Json if before(raw, b'\\').len() < raw.len() => return None,
        Escapes::Json => (None, b' '),
        Escapes::Form => (Some(b'%'), b'+'),
        Escapes::Percent => (Some(b'%'), b' '),
    };
    unescape(raw, escape, space, buffer)
}

/// What is before an octet.
fn before(raw: &[u8], octet: u8) -> &[u8] {
    raw.get(..span(raw, Stops::at([octet; 2]))).unwrap_or_default()
}

/// Writes octets with their escapes undone and returns how many that are; `None` where an escape is broken or
/// there is no room. `space` stands for a space.
fn unescape(raw: &[u8], escape: Option<u8>, space: u8, free: &mut [u8]) -> Option<usize> {
    const LOW: u32 = 0x0101_0101;
    const HIGH: u32 = LOW << 7;
    let room = free.len();
    let (mut rest, mut free) = (raw, Free::new(free));
    let to_space = u32::from(space ^ b' ');
    // Where nothing is escaped, an octet that UTF-8 has not ends a run, too, and stands for itself.
    let sought = LOW * u32::from(escape.unwrap_or(0xFF));
    loop {
        while let Some(word) = rest.first_chunk()
            && let Some(to) = free.next()
        {
            let word = u32::from_le_bytes(*word);
            let spaces = word ^ (LOW * u32::from(space));
            // Bit 0 of those octets that are 0 here, and of no other one.
            let spaces = (!(((spaces & !HIGH) + !HIGH) | spaces) >> 7) & LOW;
            *to = (word ^ (spaces * to_space)).to_le_bytes();
            let escapes = word ^ sought;
            let escapes = escapes.wrapping_sub(LOW) & !escapes & HIGH;
            if escapes != 0 {
                let plain = escapes.trailing_zeros() as usize / 8;
                free.advance(plain);
                rest = behind(rest, plain);
                break;
            }
            free.advance(4);
            rest = behind(rest, 4);
        }
        // Escapes, or the last octets.
        let Some((octet, after_it)) = rest.split_first() else {
            return Some(room.saturating_sub(free.len()));
        };
        if Some(*octet) != escape {
            let [to] = free.next()?;
            *to = if *octet == space { b' ' } else { *octet };
            free.advance(1);
            rest = after_it;
        }
        while let Some((octet, after_it)) = rest.split_first()
            && Some(*octet) == escape
        {
            let ([high, low], after_it) = after_it.split_first_chunk()?;
            let [to] = free.next()?;
            *to = hex_pair(*high, *low)?;
            free.advance(1);
            rest = after_it;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Text, unescaped};

    extern crate std;
    use std::string::String;
    use std::vec::Vec;

    use proptest::prelude::*;

    const FORM: (Option<u8>, u8) = (Some(b'%'), b'+');
    const PERCENT: (Option<u8>, u8) = (Some(b'%'), b' ');

    /// Undone as here and an octet after the other; where an escape is broken, not at all.
    fn escapes_agree(raw: &[u8]) {
        for ((escape, space), escapes) in [(FORM, Escapes::Form), (PERCENT, Escapes::Percent)] {
            let plain: Vec<u8> = unescaped(raw, escapes).collect();
            // Each `%` that is left stands for itself where it was escaped, or is broken.
            let whole = raw.split(|octet| *octet == b'%').skip(1).all(|behind| {
                behind.len() >= 2 && behind.iter().take(2).all(u8::is_ascii_hexdigit)
            });
            for room in [plain.len(), raw.len() + 3] {
                let mut octets = std::vec![0; room];
                let written = unescape(raw, escape, space, &mut octets);
                assert_eq!(written.is_some(), whole, "{raw:?}");
                if let Some(written) = written {
                    assert_eq!(&octets[..written], plain, "{raw:?}");
                }
            }
            if let Some(less) = plain.len().checked_sub(1) {
                assert_eq!(unescape(raw, escape, space, &mut std::vec![0; less]), None);
            }
        }
    }

    /// A text is written as its characters are; a value is copied as its text is.
    fn texts_agree(raw: &[u8]) {
        for escapes in [Escapes::None, Escapes::Form, Escapes::Percent, Escapes::Json] {
            let text = Text::escaped(raw, escapes, Charset::Utf8);
            let mut buffer = std::vec![0; 4 * raw.len() + 4];
            let copied = crate::fields::Raw::new(raw, escapes, Charset::Utf8).copy_to(&mut buffer);
            let plain = text.as_ref().map(|text| text.chars().collect::<String>());
            assert_eq!(copied, plain.as_deref().map_err(|error| **error), "{raw:?} {escapes:?}");
            let Ok(text) = text else { continue };
            let mut chars = text.chars();
            let mut w = Writer::new(&mut buffer);
            chars.emit_narrow(&mut w);
            let mut ours = String::from_utf8(w.written().to_vec()).unwrap();
            ours.extend(chars);
            assert_eq!(Ok(ours), plain, "{raw:?} {escapes:?}");
        }
    }

    #[test]
    fn short_values_are_undone_octet_by_octet() {
        let octets = b"%+4a ";
        for n in 0..5_usize.pow(6) {
            let raw: Vec<u8> = (0..6).map(|at| octets[n / 5_usize.pow(at) % 5]).collect();
            (0..=raw.len()).for_each(|len| escapes_agree(&raw[..len]));
        }
        for pair in 0..=u16::MAX {
            let [first, second] = pair.to_be_bytes();
            escapes_agree(&[b'%', first, second, b'a']);
            texts_agree(&[first, second]);
            // No octet but a percent sign has two digits behind it stand for another one.
            texts_agree(&[first, b'4', b'1', second]);
        }
    }

    proptest! {
        #[test]
        fn values_are_undone_octet_by_octet(
            raw in "([a-z]{1,9}|\\+|%[0-9a-fA-F]{2}|%C3%A5|[ -~]|å|\\\\n){0,30}",
            octets in proptest::collection::vec(any::<u8>(), 0..40),
        ) {
            for raw in [raw.as_bytes(), &octets] {
                escapes_agree(raw);
                texts_agree(raw);
            }
        }
    }
}
