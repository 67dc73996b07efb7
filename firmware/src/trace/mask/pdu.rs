//! The addresses and the text of a message, where they stand in its PDU.

use heapless::Vec;
use septet::pdu::{self, PDU_MAX, read_hex};
use septet::tpdu::codes::TypeOfNumber;
use septet::tpdu::dcs::Alphabet;
use septet::tpdu::udh::Identifier;
use septet::tpdu::{DataCoding, Mo, Mt, Parameters, Stored, Submit, UserData};
use septet::wire::{Input, Wire};

use super::{Kind, Mask, fiction};

/// Overwrites what the mask says in the hexadecimal digits of a PDU; whether they are one.
pub(super) fn mask(digits: &mut [u8], kind: Kind, mask: Mask) -> bool {
    let Ok(octets) = read_hex(&*digits) else { return false };
    let places = match kind {
        Kind::Sent => read(&octets, sent),
        Kind::Acknowledgement => read(&octets, sent),
        Kind::Stored => read(&octets, |stored: Stored<'_>| match stored {
            Stored::Received(received) => self::received(received),
            Stored::Written(submit) => written(submit),
        }),
        Kind::Page => return true,
    };
    let Some(Places { tpdu_at, address_at, content }) = places else { return false };
    // What is to be sent has an address: without one it is no such message.
    if kind == Kind::Sent && address_at.is_none() {
        return false;
    }
    if mask.numbers {
        service_centre(digits, &octets);
        if let Some(at) = address_at {
            address(digits, &octets, tpdu_at.saturating_add(at));
        }
        if let Some((content, _)) = content {
            reply_address(digits, &octets, content);
        }
    }
    if let (true, Some((content, coding))) = (mask.texts, content) {
        text(digits, &octets, content, coding);
    }
    true
}

/// As [`mask`], of a TPDU that no service centre's address stands before.
pub(super) fn mask_bare(digits: &mut [u8], kind: Kind, mask: Mask) -> bool {
    let mut whole: Vec<u8, { 2 * PDU_MAX }> = Vec::new();
    let fits = whole.extend_from_slice(b"00").and_then(|()| whole.extend_from_slice(digits));
    let is_masked = fits.is_ok() && self::mask(&mut whole, kind, mask);
    if let (true, Some(masked)) = (is_masked, whole.get(2..)) {
        digits.iter_mut().zip(masked).for_each(|(to, from)| *to = *from);
    }
    is_masked
}

/// Where what may be overwritten stands.
struct Places<'a> {
    /// Octets before the TPDU.
    tpdu_at: usize,
    /// Octets of the TPDU before its address, where it has one.
    address_at: Option<usize>,
    content: Option<(UserData<'a>, DataCoding)>,
}

/// What of a TPDU is where: octets before its address, and its user data.
type Parts<'a> = (Option<usize>, Option<(UserData<'a>, DataCoding)>);

fn read<'a, T: Wire<'a>>(octets: &'a [u8], parts: fn(T) -> Parts<'a>) -> Option<Places<'a>> {
    let (service_centre, _) = octets.split_first()?;
    let tpdu_at = usize::from(*service_centre).saturating_add(1);
    let ((_, tpdu), _) = Input::tolerant(octets).finish(pdu::parse::<T>).ok()?;
    let (address_at, content) = parts(tpdu);
    Some(Places { tpdu_at, address_at, content })
}

/// TP-DA stands behind the first octet and TP-MR, in a command behind TP-PID, TP-CT and TP-MN too:
/// 3GPP TS 23.040, sections 9.2.2.2 and 9.2.2.4.
fn sent(message: Mo<'_>) -> Parts<'_> {
    match message {
        Mo::Submit(submit) => written(submit),
        Mo::Command(command) => (Some(5), Some((command.data, DataCoding::EIGHT_BIT))),
        Mo::DeliverReport(report) => (None, parameters(report.parameters)),
    }
}

fn written(submit: Submit<'_>) -> Parts<'_> {
    (Some(2), Some((submit.user_data, submit.coding)))
}

/// TP-OA stands behind the first octet, TP-RA behind that and TP-MR: 3GPP TS 23.040, sections 9.2.2.1
/// and 9.2.2.3.
fn received(message: Mt<'_>) -> Parts<'_> {
    match message {
        Mt::Deliver(deliver) => (Some(1), Some((deliver.user_data, deliver.coding))),
        Mt::StatusReport(report) => (Some(2), report.parameters.and_then(parameters)),
        Mt::SubmitReport(report) => (None, parameters(report.parameters)),
    }
}

fn parameters(parameters: Parameters<'_>) -> Option<(UserData<'_>, DataCoding)> {
    // Without TP-DCS the text is in the GSM 7-bit default alphabet.
    Some((parameters.user_data?, parameters.coding.unwrap_or(DataCoding(0))))
}

/// Overwrites the digits of the service centre's address, whose length counts octets.
fn service_centre(digits: &mut [u8], octets: &[u8]) {
    if let [len, type_of_address, ..] = octets {
        number(digits, 2, usize::from(*len).saturating_sub(1).saturating_mul(2), *type_of_address);
    }
}

/// Overwrites the digits of the address that begins `at` an octet.
fn address(digits: &mut [u8], octets: &[u8], at: usize) {
    if let Some([len, type_of_address, ..]) = octets.get(at..) {
        number(digits, at.saturating_add(2), (*len).into(), *type_of_address);
    }
}

/// Overwrites the digits of an address whose value begins `at` an octet and has so many semi-octets;
/// a name stays.
fn number(digits: &mut [u8], at: usize, len: usize, type_of_address: u8) {
    if TypeOfNumber(type_of_address >> 4 & 0b111) == TypeOfNumber::ALPHANUMERIC {
        return;
    }
    let mut fiction = fiction();
    for i in 0..len {
        // The first digit of an octet is its low half, which is written last.
        let place = at.saturating_mul(2).saturating_add(i ^ 1);
        if let Some(digit) = digits.get_mut(place).filter(|digit| digit.is_ascii_digit())
            && let Some(fictional) = fiction.next()
        {
            *digit = fictional;
        }
    }
}

/// Overwrites the digits of the reply address in a header, as far as its element goes.
///
/// 3GPP TS 23.040, section 9.2.3.24.12.
fn reply_address(digits: &mut [u8], octets: &[u8], content: UserData<'_>) {
    let elements = content.header().into_iter().flat_map(|header| header.elements());
    let element = elements.into_iter().find(|own| own.identifier == Identifier::REPLY_ADDRESS);
    if let Some([len, type_of_address, value @ ..]) = element.map(|element| element.data) {
        let len = usize::from(*len).min(value.len().saturating_mul(2));
        number(digits, place(octets, value), len, *type_of_address);
    }
}

/// Octets of `whole` before `part`, which is a part of it.
fn place(whole: &[u8], part: &[u8]) -> usize {
    part.as_ptr().addr().saturating_sub(whole.as_ptr().addr())
}

/// Overwrites each character with an `x`, as far as they are there.
fn text(digits: &mut [u8], octets: &[u8], content: UserData<'_>, coding: DataCoding) {
    let (body, at) = (content.body(), place(octets, content.body()));
    let bits = body.len().saturating_mul(8);
    match coding.alphabet() {
        Alphabet::Gsm7 => {
            let septets = content.septets().count();
            for bit in 0..septets.saturating_mul(7) {
                let to = bit.saturating_add(content.fill_bits().into());
                if to < bits {
                    put_bit(digits, at, to, b'x' >> (bit % 7) & 1);
                }
            }
        }
        Alphabet::EightBit => {
            (0..bits).for_each(|bit| put_bit(digits, at, bit, b'x' >> (bit % 8) & 1));
        }
        Alphabet::Ucs2 => (0..bits).for_each(|bit| {
            let x = if bit / 8 % 2 == 0 { 0 } else { b'x' };
            put_bit(digits, at, bit, x >> (bit % 8) & 1);
        }),
    }
}

/// Sets a bit of the octets that the digits stand for: bit 0 is the lowest of the octet `at`.
fn put_bit(digits: &mut [u8], at: usize, bit: usize, value: u8) {
    let place = at.saturating_add(bit / 8).saturating_mul(2);
    let (place, bit) =
        if bit % 8 < 4 { (place.saturating_add(1), bit % 4) } else { (place, bit % 4) };
    let Some(digit) = digits.get_mut(place) else { return };
    let nibble = char::from(*digit).to_digit(16).unwrap_or_default() & !(1 << bit);
    let nibble = nibble | u32::from(value) << bit;
    *digit = char::from_digit(nibble, 16).map_or(*digit, |c| c.to_ascii_uppercase() as u8);
}
