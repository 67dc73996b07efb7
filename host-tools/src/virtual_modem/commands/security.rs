//! The commands of 3GPP TS 27.007 about the PIN.

use std::time::Instant;

use septet::at::{Action, Arguments, Failure, Line};

use super::{NOT_ALLOWED, Reply, WRONG, word};
use crate::virtual_modem::VirtualModem;

/// `+CPIN` (section 8.3): what the SIM waits for, and that.
pub(super) fn pin(
    modem: &mut VirtualModem,
    action: Action<'_>,
    _: Instant,
) -> Result<Reply, Failure> {
    match action {
        Action::Read => {
            modem.card.answers()?;
            let pin = modem.card.waits_for();
            if modem.traits.manner.quotes_pin {
                modem.raw_info("+CPIN", [b"\"", pin.words(), b"\""].concat());
            } else {
                modem.say(&Line::Pin(pin));
            }
        }
        Action::Test => {}
        Action::Set(arguments) => {
            let code = word(arguments.get(0)).ok_or(WRONG)?;
            modem.card.enter(&code, word(arguments.get(1)).as_deref())?;
        }
        Action::Execute => return Err(WRONG),
    }
    Ok(Reply::Done)
}

/// `+CPINR` (section 8.65): how often a PIN and a PUK may still be tried.
pub(super) fn tries(
    modem: &mut VirtualModem,
    action: Action<'_>,
    _: Instant,
) -> Result<Reply, Failure> {
    match action {
        Action::Execute | Action::Set(_) => {
            modem.card.answers()?;
            let wanted = match action {
                Action::Set(arguments) => word(arguments.get(0)),
                _ => None,
            };
            let (pin, puk) = modem.card.tries_left();
            for (code, left, all) in [("SIM PIN", pin, 3), ("SIM PUK", puk, 10)] {
                if wanted.as_deref().is_none_or(|wanted| wanted == code) {
                    modem.raw_info("+CPINR", format!("{code},{left},{all}"));
                }
            }
        }
        Action::Test => {}
        Action::Read => return Err(WRONG),
    }
    Ok(Reply::Done)
}

/// `+SPIC`, SIMCom's: the same, with those of the second PIN.
pub(super) fn remaining(modem: &VirtualModem) -> String {
    let (pin, puk) = modem.card.tries_left();
    format!("+SPIC: {pin},{puk},3,10")
}

/// `+CLCK` (section 7.4): whether the SIM asks for its PIN. No other lock is locked.
pub(super) fn lock(modem: &mut VirtualModem, arguments: Arguments<'_>) -> Result<Reply, Failure> {
    let facility = word(arguments.get(0)).ok_or(WRONG)?;
    let is_pin = facility.eq_ignore_ascii_case("SC");
    match (arguments.get(1).number(), word(arguments.get(2))) {
        (Some(2), _) => {
            let is_locked = is_pin && modem.card.is_locked;
            modem.raw_info("+CLCK", u8::from(is_locked).to_string());
        }
        (Some(mode @ (0 | 1)), Some(pin)) if is_pin => modem.card.lock(mode == 1, &pin)?,
        _ => return Err(NOT_ALLOWED),
    }
    Ok(Reply::Done)
}

/// `+CPWD` (section 7.5): another PIN.
pub(super) fn password(
    modem: &mut VirtualModem,
    arguments: Arguments<'_>,
) -> Result<Reply, Failure> {
    let [facility, old, new] = [0, 1, 2].map(|at| word(arguments.get(at)));
    match (facility, old, new) {
        (Some(facility), Some(old), Some(new)) if facility.eq_ignore_ascii_case("SC") => {
            modem.card.change(&old, &new)?;
            Ok(Reply::Done)
        }
        _ => Err(WRONG),
    }
}
