//! The commands of V.250, and what the modem says of itself.

use std::fmt::Write as _;
use std::time::Instant;

use septet::at::{Action, Arguments, Failure};

use super::{COMMANDS, Does, Reply};
use crate::virtual_modem::identity::Identity;
use crate::virtual_modem::{Session, State, VirtualModem};

pub(super) fn manufacturer(modem: &VirtualModem) -> String {
    Identity::of(modem.profile).manufacturer.to_owned()
}

pub(super) fn model(modem: &VirtualModem) -> String {
    let ours = Identity::of(modem.profile).name;
    modem.profile.says.first().filter(|says| !ours.contains(*says)).unwrap_or(&ours).to_string()
}

pub(super) fn revision(_: &VirtualModem) -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

/// The IMEI that the standard uses as its example (3GPP TS 23.003).
pub(super) fn serial_number(_: &VirtualModem) -> String {
    "490154203237518".to_owned()
}

/// `I`: who it is; `I1` to `I9` ask for one part of it, and are given all.
pub(super) fn identification(modem: &VirtualModem) -> String {
    [manufacturer(modem), model(modem), revision(modem)].join("\n")
}

/// `&V`: every setting of V.250, and the numbers that other commands keep.
pub(super) fn profile(modem: &VirtualModem) -> String {
    let mut settings = modem.session.settings.clone();
    let mut text = "ACTIVE PROFILE:\n".to_owned();
    for (name, does) in COMMANDS {
        // Writing to a String cannot fail.
        let _ = match does {
            Does::Sets { setting, .. } if name.starts_with('+') => {
                writeln!(text, "{name}: {}", setting(&mut settings))
            }
            Does::Sets { setting, .. } => writeln!(text, "{name}{}", setting(&mut settings)),
            Does::Keeps(register, _) => {
                writeln!(text, "{name}:{:03}", settings.registers[*register])
            }
            _ => Ok(()),
        };
    }
    text
}

/// `Z`, `&F`: what was set is lost; what is stored, stays.
pub(super) fn reset(modem: &mut VirtualModem, _: Action<'_>, _: Instant) -> Result<Reply, Failure> {
    modem.session.settings = Session::new(modem.profile, State::Command).settings;
    Ok(Reply::Done)
}

/// `D`, `A`, `O`: there is nobody to call, no call to take and none to go back to.
pub(super) const fn call(
    _: &mut VirtualModem,
    _: Action<'_>,
    _: Instant,
) -> Result<Reply, Failure> {
    Ok(Reply::NoCarrier)
}

/// `+IPR`, `+ICF`, `+IFC`: this line has no speed, no parity and no flow control, and any will do.
pub(super) fn line_setting(
    _: &mut VirtualModem,
    arguments: Arguments<'_>,
) -> Result<Reply, Failure> {
    if arguments.iter().all(|a| a.number().is_some()) { Ok(Reply::Done) } else { Err(super::WRONG) }
}
