//! Octets into lines, prompts and PDUs, however the stream is cut.
//!
//! The step in flight gives one hint: what may come besides lines. Nothing else is decided here.

use heapless::Vec;
use septet::at::CTRL_Z;
use septet::pdu::{PDU_MAX, read_hex_octet};

/// What may come besides lines of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hint {
    /// PDUs.
    Pdu,
    /// PDUs, and the prompt.
    Prompt,
    /// Nothing: hexadecimal digits are words too.
    Words,
}

/// What the octets so far add up to. [`Lexer::line`] has its octets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    /// A line of text, without its end and without blanks around it.
    Line,
    /// A line of hexadecimal digits, as the octets that they stand for.
    Pdu,
    /// The `>` that asks for a PDU.
    Prompt,
    /// A line that is longer than any that means something.
    Damaged,
}

/// Holds the line that is being received: as text up to 176 octets, beyond that as the octets of
/// hexadecimal digits, so that the 352 digits of the longest PDU fit.
#[derive(Debug, Default)]
pub(crate) struct Lexer {
    shape: Shape,
    line: Vec<u8, PDU_MAX, u8>,
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
    /// Drops the line that is being received; one that was completed stays.
    pub(crate) const fn reset(&mut self) {
        self.shape = Shape::Ended;
    }

    /// The line that was completed last, until the next octet.
    pub(crate) fn line(&self) -> &[u8] {
        &self.line
    }

    /// Takes one octet and returns what it completes.
    ///
    /// CR and LF both end a line, and so does the Ctrl-Z of an echoed PDU, behind which some write
    /// the result at once; empty lines are none. NUL, which a break on the wire leaves, is dropped,
    /// and so is what cannot begin a line: blanks, control characters and the noise of a modem that
    /// is switched on.
    pub(crate) fn push(&mut self, octet: u8, hint: Hint) -> Option<Token> {
        if self.shape == Shape::Ended {
            self.line.clear();
            match octet {
                b'>' if hint == Hint::Prompt => return Some(Token::Prompt),
                0x21..=0x7e => self.shape = Shape::Text,
                _ => return None,
            }
        }
        match octet {
            b'\r' | b'\n' if self.is_open() => self.append(b'\n'),
            b'\r' | b'\n' | CTRL_Z => return Some(self.end(hint)),
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
            self.shape = if self.pack() { Shape::Hex(None) } else { Shape::Damaged };
        }
        self.shape = match self.shape {
            Shape::Hex(None) => Shape::Hex(Some(octet)),
            Shape::Hex(Some(high)) => match read_hex_octet([high, octet]) {
                Some(octet) if self.line.push(octet).is_ok() => Shape::Hex(None),
                _ => Shape::Damaged,
            },
            Shape::Ended | Shape::Text | Shape::Damaged => Shape::Damaged,
        };
    }

    fn end(&mut self, hint: Hint) -> Token {
        match core::mem::take(&mut self.shape) {
            Shape::Text => {
                while let [.., b'\t' | b'\n' | b'\x0c' | b'\r' | b' '] = *self.line {
                    self.line.pop();
                }
                if hint != Hint::Words && self.pack() { Token::Pdu } else { Token::Line }
            }
            Shape::Hex(None) => Token::Pdu,
            Shape::Ended | Shape::Hex(Some(_)) | Shape::Damaged => Token::Damaged,
        }
    }

    /// Turns a line of hexadecimal digits, two to an octet, into the octets; leaves any other as it
    /// is.
    fn pack(&mut self) -> bool {
        let len = self.line.len() / 2;
        if !self.line.len().is_multiple_of(2) || !self.line.iter().all(u8::is_ascii_hexdigit) {
            return false;
        }
        for at in 0..len {
            let digits = self.line.get(2 * at..).and_then(<[u8]>::first_chunk).copied();
            if let (Some(octet), Some(digits)) = (self.line.get_mut(at), digits) {
                *octet = read_hex_octet(digits).unwrap_or_default();
            }
        }
        self.line.truncate(len);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    extern crate std;
    use septet::at::Line;
    use std::format;
    use std::string::String;
    use std::vec::Vec;

    fn tokens(stream: &[u8], hint: Hint) -> Vec<String> {
        let mut lexer = Lexer::default();
        let mut read = |octet: &u8| match lexer.push(*octet, hint)? {
            Token::Line => Some(format!("{:?}", Line::read(lexer.line()))),
            Token::Pdu => Some(format!("Pdu({:?})", lexer.line())),
            token => Some(format!("{token:?}")),
        };
        stream.iter().filter_map(&mut read).collect()
    }

    #[test]
    fn a_prompt_is_one_only_where_it_may_come_and_only_at_the_start_of_a_line() {
        for stream in ["\r\n> ", "\r\n>", ">\r\n", "AT+CMGS=18\r\r\n> "] {
            let seen = tokens(stream.as_bytes(), Hint::Prompt);
            assert_eq!(seen.iter().filter(|token| *token == "Prompt").count(), 1, "{stream:?}");
        }
        assert_eq!(tokens(b"> \r\n", Hint::Pdu), ["Other([62])"]);
        assert_eq!(tokens(b"bob>\r\n", Hint::Prompt), ["Other([98, 111, 98, 62])"]);
    }

    #[test]
    fn an_echoed_pdu_ends_where_it_was_given_away() {
        let stream = b"0011\x1a\r\n+CMGS: 7\r\n0011\x1a+CMGS: 7\r\n\x1a";
        let seen = ["Pdu([0, 17])", "Submitted { reference: 7, report: None }"].repeat(2);
        assert_eq!(tokens(stream, Hint::Pdu), seen);
    }

    #[test]
    fn a_ussd_string_may_have_line_ends() {
        let stream = b"\r\n+CUSD: 1,\"1 Balance\r\n2 Exit\",15\r\n\r\nOK\r\n";
        let ussd = format!(
            "{:?}",
            Line::Ussd { status: 1, text: Some(b"1 Balance\n\n2 Exit"), coding: Some(15) }
        );
        assert_eq!(tokens(stream, Hint::Pdu), [&ussd, "Ok"]);
    }

    #[test]
    fn digits_are_words_where_no_pdu_may_come() {
        assert_eq!(tokens(b"ec25 \r\n", Hint::Words), ["Pdu([101, 99, 50, 53])"]);
        assert_eq!(tokens(b"ec25 \r\n", Hint::Pdu), ["Pdu([236, 37])"]);
    }

    #[test]
    fn noise_before_a_line_is_dropped() {
        assert_eq!(tokens(b"\xff\x00\r\n\x00O\x00K\r\n", Hint::Pdu), ["Ok"]);
    }

    #[test]
    fn the_longest_pdu_fits_and_one_digit_more_does_not() {
        let mut lexer = Lexer::default();
        let pdu = |lexer: &mut Lexer, digits: usize| {
            (0..digits).for_each(|_| assert_eq!(lexer.push(b'a', Hint::Pdu), None));
            lexer
                .push(b'\r', Hint::Pdu)
                .map(|token| token == Token::Pdu && lexer.line() == [0xaa; PDU_MAX])
        };
        assert_eq!(pdu(&mut lexer, 352), Some(true));
        for digits in [351, 353, 1000] {
            assert_eq!(pdu(&mut lexer, digits), Some(false));
        }
        assert_eq!(
            tokens(&[&[b'x'; 200][..], b"\r\nOK\r\n"].concat(), Hint::Pdu),
            ["Damaged", "Ok"]
        );
    }
}
