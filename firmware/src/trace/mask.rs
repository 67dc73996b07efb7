//! Lines without the numbers of people.

mod pdu;
mod text;

use septet::at::Line;
use septet::pdu::read_hex;

use super::Direction;

/// What of a transcript is overwritten, each digit by a digit and each character by a letter, so that
/// every line keeps its length and every PDU its form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Mask {
    /// Telephone numbers, in PDUs those of addresses; what is as long as an IMEI, an IMSI or an ICCID;
    /// and the cell of a registration. Names in place of numbers stay.
    ///
    /// Of a line that is not known whole, and of hexadecimal digits that are no message, every digit.
    pub numbers: bool,
    /// What messages and USSD strings say.
    pub texts: bool,
}

impl Mask {
    /// Nothing is overwritten.
    pub const NONE: Self = Self { numbers: false, texts: false };
    /// Numbers are overwritten.
    pub const NUMBERS: Self = Self { numbers: true, texts: false };
    /// Numbers and texts are overwritten.
    pub const ALL: Self = Self { numbers: true, texts: true };
}

/// What the digits of a number become, from the first again past the last. 1 555 0100 is nobody's:
/// the North American plan keeps 555-0100 to 555-0199 for fiction.
const FICTION: &[u8; 11] = b"15550100427";

/// The digits that stand in for those of one number.
fn fiction() -> impl Iterator<Item = u8> {
    FICTION.iter().copied().cycle()
}

/// Overwrites the decimal digits among `octets` with those of one number.
fn overwrite<'a>(octets: impl IntoIterator<Item = &'a mut u8>) {
    let digits = octets.into_iter().filter(|octet| octet.is_ascii_digit());
    for (octet, digit) in digits.zip(fiction()) {
        *octet = digit;
    }
}

/// What the hexadecimal digits of a line are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// From the host: what is to be sent.
    Sent,
    /// From the host, after `AT+CNMA`: an SMS-DELIVER-REPORT.
    Acknowledgement,
    /// Out of a store or into one: either direction.
    Stored,
    /// A page of cell broadcast.
    Page,
}

/// The mask, and what it knows of the lines before.
#[derive(Debug)]
pub(super) struct Masking {
    mask: Mask,
    /// What the next line of digits is, from the host and from the modem.
    to_modem: Kind,
    to_host: Kind,
    /// Octets of the TPDU that the modem has announced for its next line.
    tpdu_len: Option<u16>,
    /// FNV-1a of the digits that the host wrote last, and what they were: a modem may echo them.
    written: Option<(u32, Kind)>,
}

impl Masking {
    pub(super) const fn new(mask: Mask) -> Self {
        Self { mask, to_modem: Kind::Sent, to_host: Kind::Stored, tpdu_len: None, written: None }
    }

    /// Overwrites what the mask says; `is_whole` where all of the line is there.
    pub(super) fn line(&mut self, direction: Direction, line: &mut [u8], is_whole: bool) {
        if self.mask == Mask::NONE {
            return;
        }
        if !is_whole {
            if self.mask.numbers {
                overwrite(line.iter_mut());
            }
            return;
        }
        match hex_of(line) {
            Some(digits) => {
                let kind = self.kind_of(direction, digits);
                // Some modems leave the service centre out.
                let is_bare = direction == Direction::ToHost
                    && self.tpdu_len.is_some_and(|len| digits.len() == 2 * usize::from(len));
                let is_masked = match is_bare {
                    true => pdu::mask_bare(digits, kind, self.mask),
                    false => pdu::mask(digits, kind, self.mask),
                };
                if !is_masked {
                    text::mask(digits, self.mask);
                    if self.mask.numbers && !digits.iter().all(u8::is_ascii_digit) {
                        overwrite(digits.iter_mut());
                    }
                }
            }
            None => {
                self.announced(direction, line);
                text::mask(line, self.mask);
            }
        }
    }

    /// What follows a line that is no PDU.
    fn announced(&mut self, direction: Direction, line: &[u8]) {
        match direction {
            Direction::ToModem if text::has(line, b"+CNMA") => {
                self.to_modem = Kind::Acknowledgement
            }
            Direction::ToModem if text::has(line, b"+CMGW") => self.to_modem = Kind::Stored,
            Direction::ToModem => self.to_modem = Kind::Sent,
            Direction::ToHost => {
                let line = Line::read(line);
                let is_page = matches!(line, Line::Broadcast { .. });
                self.to_host = if is_page { Kind::Page } else { Kind::Stored };
                self.tpdu_len = match line {
                    Line::Message { tpdu_len }
                    | Line::Report { tpdu_len }
                    | Line::Stored { tpdu_len, .. }
                    | Line::Listed { tpdu_len, .. } => Some(tpdu_len),
                    _ => None,
                };
            }
        }
    }

    fn kind_of(&mut self, direction: Direction, digits: &[u8]) -> Kind {
        let digest = digits.iter().fold(0x811c_9dc5, |digest: u32, digit| {
            (digest ^ u32::from(digit.to_ascii_uppercase())).wrapping_mul(0x0100_0193)
        });
        match (direction, self.written) {
            (Direction::ToModem, _) => {
                self.written = Some((digest, self.to_modem));
                self.to_modem
            }
            (Direction::ToHost, Some((written, kind))) if written == digest => kind,
            (Direction::ToHost, _) => self.to_host,
        }
    }
}

/// The hexadecimal digits of a line that is nothing else: of seven octets at least, as the shortest
/// message has.
fn hex_of(line: &mut [u8]) -> Option<&mut [u8]> {
    let is_frame = |octet: &u8| !octet.is_ascii_alphanumeric();
    let start = line.iter().position(|octet| !is_frame(octet))?;
    let end = line.iter().rposition(|octet| !is_frame(octet))?;
    let digits = line.get_mut(start..=end)?;
    (digits.len() >= 14 && read_hex(&*digits).is_ok()).then_some(digits)
}
