//! The number of a recipient.

use septet::api;
use septet::tpdu::Address;
use septet::wire::Writer;

/// The number of a recipient: digits, country code first. 15 of them are less than 2⁶⁴.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Msisdn(pub u64);

impl Msisdn {
    /// The number that a recipient is; `None` where it is none.
    pub fn of(recipient: &api::Recipient<'_>) -> Option<Self> {
        let digits = recipient.is_msisdn().then(|| recipient.chars())?;
        let value = digits
            .filter_map(|c| c.to_digit(10))
            .fold(0_u64, |number, digit| number.wrapping_mul(10).wrapping_add(u64::from(digit)));
        Some(Self(value))
    }

    /// Whether a report's recipient is this number. It may be told without the country code, and with a
    /// zero in its place.
    pub fn is(self, recipient: &Address) -> bool {
        let digits = recipient.chars().filter_map(|c| c.to_digit(10));
        let other = digits
            .fold(0_u64, |number, digit| number.wrapping_mul(10).wrapping_add(u64::from(digit)));
        let (short, long) = if other < self.0 { (other, self.0) } else { (self.0, other) };
        let powers = (1..20).map(|digits| 10_u64.pow(digits));
        let power = powers.into_iter().find(|power| *power > short);
        short == long || short >= 100_000 && power.is_some_and(|power| long % power == short)
    }

    /// Its digits, written into `room`.
    pub fn digits(self, room: &mut [u8; 20]) -> &str {
        let mut w = Writer::new(room);
        // Twenty digits are the most that a number has.
        let _ = w.decimal(self.0);
        core::str::from_utf8(w.into_written()).unwrap_or_default()
    }
}
