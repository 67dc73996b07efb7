//! Octets into lines, prompts and PDUs, however the stream is cut.
//!
//! The step in flight gives one hint: whether a prompt may come. Nothing else is decided here.

use heapless::Vec;
use septet::at::Line;
use septet::pdu::PDU_MAX;

/// What the octets so far add up to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Token<'a> {
    /// A line of text.
    Line(Line<'a>),
    /// A line of hexadecimal digits, as the octets that they stand for.
    Pdu(&'a [u8]),
    /// The `>` that asks for a PDU.
    Prompt,
    /// A line that is longer than any that means something.
    Damaged,
}

/// Holds the line that is being received: as text up to 176 octets, beyond that as the octets of
/// hexadecimal digits, so that the 352 digits of the longest PDU fit.
#[derive(Debug, Default)]
pub(crate) struct Lexer {
    line: Vec<u8, PDU_MAX>,
    shape: Shape,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Shape {
    /// The line was given away; the next octet begins another.
    #[default]
    Ended,
    /// Octets as they came.
    Text,
    /// Octets made of digits; with the first digit of the next one, if it came.
    Hex(Option<u8>),
    /// Too long: the rest of the line is dropped.
    Damaged,
}

impl Lexer {
    /// Takes one octet and returns what it completes.
    ///
    /// CR and LF both end a line; empty lines are none. NUL, which a break on the wire leaves, and
    /// the Ctrl-Z of an echoed PDU are dropped; so is what cannot begin a line: blanks, control
    /// characters and the noise of a modem that is switched on.
    pub(crate) fn push(&mut self, octet: u8, prompt: bool) -> Option<Token<'_>> {
        if self.shape == Shape::Ended {
            self.line.clear();
            match octet {
                b'>' if prompt => return Some(Token::Prompt),
                0x21..=0x7e => self.shape = Shape::Text,
                _ => return None,
            }
        }
        match octet {
            b'\r' | b'\n' => return Some(self.end()),
            0x00 | 0x1a => {}
            _ => self.append(octet),
        }
        None
    }

    fn append(&mut self, octet: u8) {
        if self.shape == Shape::Text {
            if self.line.push(octet).is_ok() {
                return;
            }
            self.shape = if pack(&mut self.line) { Shape::Hex(None) } else { Shape::Damaged };
        }
        self.shape = match (self.shape, digit(octet)) {
            (Shape::Hex(None), Some(high)) => Shape::Hex(Some(high)),
            (Shape::Hex(Some(high)), Some(low)) if self.line.push(high << 4 | low).is_ok() => {
                Shape::Hex(None)
            }
            _ => Shape::Damaged,
        };
    }

    fn end(&mut self) -> Token<'_> {
        match core::mem::take(&mut self.shape) {
            Shape::Text if pack(&mut self.line) => Token::Pdu(&self.line),
            Shape::Text => Token::Line(Line::read(&self.line)),
            Shape::Hex(None) => Token::Pdu(&self.line),
            Shape::Ended | Shape::Hex(Some(_)) | Shape::Damaged => Token::Damaged,
        }
    }
}

/// Turns a line of hexadecimal digits, two to an octet, into the octets; leaves any other as it is.
fn pack(line: &mut Vec<u8, PDU_MAX>) -> bool {
    let len = line.trim_ascii_end().len();
    let digits = line.get(..len).unwrap_or_default();
    if len == 0 || !len.is_multiple_of(2) || digits.iter().any(|octet| digit(*octet).is_none()) {
        return false;
    }
    for at in 0..len / 2 {
        let pair = line.get(2 * at).zip(line.get(2 * at + 1));
        let octet = pair.and_then(|(high, low)| Some(digit(*high)? << 4 | digit(*low)?));
        if let (Some(octet), Some(place)) = (octet, line.get_mut(at)) {
            *place = octet;
        }
    }
    line.truncate(len / 2);
    true
}

fn digit(octet: u8) -> Option<u8> {
    char::from(octet).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    extern crate std;
    use std::format;
    use std::string::String;
    use std::vec::Vec;

    fn tokens(stream: &[u8], prompt: bool) -> Vec<String> {
        let mut lexer = Lexer::default();
        let token = |octet: &u8| lexer.push(*octet, prompt).map(|token| format!("{token:?}"));
        stream.iter().filter_map(token).collect()
    }

    #[test]
    fn a_prompt_is_one_only_where_it_may_come_and_only_at_the_start_of_a_line() {
        for stream in ["\r\n> ", "\r\n>", ">\r\n", "AT+CMGS=18\r\r\n> "] {
            let seen = tokens(stream.as_bytes(), true);
            assert_eq!(seen.iter().filter(|token| *token == "Prompt").count(), 1, "{stream:?}");
        }
        assert_eq!(tokens(b"> \r\n", false), ["Line(Other([62]))"]);
        assert_eq!(tokens(b"bob>\r\n", true), ["Line(Other([98, 111, 98, 62]))"]);
    }

    #[test]
    fn noise_before_a_line_is_dropped() {
        assert_eq!(tokens(b"\xff\x00\r\n\x00O\x00K\r\n", false), ["Line(Ok)"]);
    }

    #[test]
    fn the_longest_pdu_fits_and_one_digit_more_does_not() {
        let mut lexer = Lexer::default();
        let pdu = |lexer: &mut Lexer, digits: usize| {
            (0..digits).for_each(|_| assert_eq!(lexer.push(b'a', false), None));
            lexer.push(b'\r', false).map(|token| token == Token::Pdu(&[0xaa; PDU_MAX]))
        };
        assert_eq!(pdu(&mut lexer, 352), Some(true));
        for digits in [351, 353, 1000] {
            assert_eq!(pdu(&mut lexer, digits), Some(false));
        }
        assert_eq!(
            tokens(&[&[b'x'; 200][..], b"\r\nOK\r\n"].concat(), false),
            ["Damaged", "Line(Ok)"]
        );
    }
}
