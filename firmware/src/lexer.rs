//! Octets into lines, prompts and PDUs, however the stream is cut.
//!
//! The step in flight gives one hint: whether a prompt may come. Nothing else is decided here.

use heapless::Vec;
use septet::at::CTRL_Z;
use septet::pdu::{PDU_MAX, read_hex};

/// What the octets so far add up to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Token<'a> {
    /// A line of text, without its end.
    Line(&'a [u8]),
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
    line: Vec<u8, PDU_MAX, u8>,
    shape: Shape,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Shape {
    /// The line was given away; the next octet begins another.
    #[default]
    Ended,
    /// Octets as they came.
    Text,
    /// Octets made of digits; with the character for the first half of the next one, if it came.
    Hex(Option<u8>),
    /// Too long: the rest of the line is dropped.
    Damaged,
}

impl Lexer {
    /// Takes one octet and returns what it completes.
    ///
    /// CR and LF both end a line, and so does the Ctrl-Z of an echoed PDU, behind which some write
    /// the result at once; empty lines are none. NUL, which a break on the wire leaves, is dropped,
    /// and so is what cannot begin a line: blanks, control characters and the noise of a modem that
    /// is switched on.
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
            b'\r' | b'\n' if self.is_open() => self.append(b'\n'),
            b'\r' | b'\n' | CTRL_Z => return Some(self.end()),
            0x00 => {}
            _ => self.append(octet),
        }
        None
    }

    /// Whether the line is a USSD string that goes on in the next: it may have line ends in it.
    fn is_open(&self) -> bool {
        self.shape == Shape::Text
            && self.line.starts_with(b"+CUSD:")
            && self.line.iter().filter(|octet| **octet == b'"').count() == 1
    }

    fn append(&mut self, octet: u8) {
        if self.shape == Shape::Text {
            if self.line.push(octet).is_ok() {
                return;
            }
            self.shape = if pack(&mut self.line) { Shape::Hex(None) } else { Shape::Damaged };
        }
        self.shape = match self.shape {
            Shape::Hex(None) => Shape::Hex(Some(octet)),
            Shape::Hex(Some(high)) => match read_hex([high, octet]) {
                Ok(octets) if self.line.extend_from_slice(&octets).is_ok() => Shape::Hex(None),
                _ => Shape::Damaged,
            },
            Shape::Ended | Shape::Text | Shape::Damaged => Shape::Damaged,
        };
    }

    fn end(&mut self) -> Token<'_> {
        match core::mem::take(&mut self.shape) {
            Shape::Text if pack(&mut self.line) => Token::Pdu(&self.line),
            Shape::Text => Token::Line(&self.line),
            Shape::Hex(None) => Token::Pdu(&self.line),
            Shape::Ended | Shape::Hex(Some(_)) | Shape::Damaged => Token::Damaged,
        }
    }
}

/// Turns a line of hexadecimal digits, two to an octet, into the octets; leaves any other as it is.
fn pack(line: &mut Vec<u8, PDU_MAX, u8>) -> bool {
    let Ok(octets) = read_hex(line.trim_ascii_end()) else { return false };
    line.clear();
    line.extend(octets);
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    extern crate std;
    use septet::at::Line;
    use std::format;
    use std::string::String;
    use std::vec::Vec;

    fn tokens(stream: &[u8], prompt: bool) -> Vec<String> {
        let mut lexer = Lexer::default();
        let read = |token: Token<'_>| match token {
            Token::Line(line) => format!("{:?}", Line::read(line)),
            token => format!("{token:?}"),
        };
        stream.iter().filter_map(|octet| lexer.push(*octet, prompt).map(read)).collect()
    }

    #[test]
    fn a_prompt_is_one_only_where_it_may_come_and_only_at_the_start_of_a_line() {
        for stream in ["\r\n> ", "\r\n>", ">\r\n", "AT+CMGS=18\r\r\n> "] {
            let seen = tokens(stream.as_bytes(), true);
            assert_eq!(seen.iter().filter(|token| *token == "Prompt").count(), 1, "{stream:?}");
        }
        assert_eq!(tokens(b"> \r\n", false), ["Other([62])"]);
        assert_eq!(tokens(b"bob>\r\n", true), ["Other([98, 111, 98, 62])"]);
    }

    #[test]
    fn an_echoed_pdu_ends_where_it_was_given_away() {
        let stream = b"0011\x1a\r\n+CMGS: 7\r\n0011\x1a+CMGS: 7\r\n\x1a";
        let seen = ["Pdu([0, 17])", "Submitted { reference: 7, report: None }"].repeat(2);
        assert_eq!(tokens(stream, false), seen);
    }

    #[test]
    fn a_ussd_string_may_have_line_ends() {
        let stream = b"\r\n+CUSD: 1,\"1 Balance\r\n2 Exit\",15\r\n\r\nOK\r\n";
        let ussd = format!(
            "{:?}",
            Line::Ussd { status: 1, text: Some(b"1 Balance\n\n2 Exit"), coding: Some(15) }
        );
        assert_eq!(tokens(stream, false), [&ussd, "Ok"]);
    }

    #[test]
    fn noise_before_a_line_is_dropped() {
        assert_eq!(tokens(b"\xff\x00\r\n\x00O\x00K\r\n", false), ["Ok"]);
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
        assert_eq!(tokens(&[&[b'x'; 200][..], b"\r\nOK\r\n"].concat(), false), ["Damaged", "Ok"]);
    }
}
