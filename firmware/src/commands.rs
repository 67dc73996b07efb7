//! Commands that a caller may want, as [`Command`]s.

use septet::at::Line;
use septet::error::Error;
use septet::tpdu::Timestamp;
use septet::tpdu::time::Civil;
use septet::wire::Writer;

use crate::engine::{Answer, Command, EventKind};

/// The modem's clock: what time it is where it is, as its network or somebody else has set it.
///
/// A modem that was never told begins at a year of its maker's choice; the service-centre time of a
/// message that has just come is the better clock then.
///
/// 3GPP TS 27.007, section 8.15 (`+CCLK`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clock;

impl Command for Clock {
    const ANSWER: Answer = Answer::Named("+CCLK");
    const ANSWER_MS: u32 = 5_000;

    fn emit(&self, w: &mut Writer<'_>) -> Result<(), Error> {
        w.text("+CCLK?")
    }
}

impl Clock {
    /// The time that an event tells: `+CCLK: "26/11/22,17:04:00+04"`. A zone that is left out counts
    /// as Greenwich's; `None` where it is no time.
    pub fn read(event: &EventKind) -> Option<Timestamp> {
        let EventKind::Answer(words) = event else { return None };
        let Line::Info { name: "+CCLK", arguments } = words.line() else { return None };
        read_time(arguments.get(0).text()?)
    }
}

/// `26/11/22,17:04:00+04`: the zone in quarters of an hour.
fn read_time(text: &[u8]) -> Option<Timestamp> {
    let (time, zone) = text.split_at_checked(17)?;
    let two = |at: usize| match time.get(at..at.checked_add(2)?)? {
        [tens @ b'0'..=b'9', ones @ b'0'..=b'9'] => Some((tens & 0xf) * 10 + (ones & 0xf)),
        _ => None,
    };
    let separators = [time.get(2)?, time.get(5)?, time.get(8)?, time.get(11)?, time.get(14)?];
    if separators != [&b'/', &b'/', &b',', &b':', &b':'] {
        return None;
    }
    let quarters = |digits: &[u8]| core::str::from_utf8(digits).ok()?.parse::<i8>().ok();
    let zone_quarters = match zone {
        [] => 0,
        [b'+' | b'-', b'0'..=b'9', ..] => quarters(zone)?,
        _ => return None,
    };
    let civil = Civil {
        year: two(0)?,
        month: two(3)?,
        day: two(6)?,
        hour: two(9)?,
        minute: two(12)?,
        second: two(15)?,
        zone_quarters,
    };
    Timestamp::new(civil).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    extern crate std;
    use std::string::ToString;

    #[test]
    fn a_clock_is_read_with_its_zone_and_nothing_else_is_a_time() {
        for (text, shown) in [
            ("26/11/22,17:04:00+04", Some("26-11-22 17:04:00 +01:00")),
            ("26/11/22,17:04:00-20", Some("26-11-22 17:04:00 -05:00")),
            ("80/01/06,00:00:12", Some("80-01-06 00:00:12 +00:00")),
            ("26/13/22,17:04:00+04", None),
            ("26/11/22 17:04:00+04", None),
            ("26/11/22,17:04:00*04", None),
            ("26/11/22,17:04:00+0x", None),
            ("26/11/22,17:04", None),
            ("", None),
        ] {
            let civil = read_time(text.as_bytes()).and_then(|time| time.civil());
            assert_eq!(civil.map(|civil| civil.to_string()).as_deref(), shown, "{text}");
        }
    }
}
