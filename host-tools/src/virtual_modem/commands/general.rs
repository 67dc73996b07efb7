//! The commands of 3GPP TS 27.007 about the network and the equipment.

use std::time::{Duration, Instant};

use septet::at::Argument::{Absent, Number, Quoted};
use septet::at::{Action, Domain, Failure, Line, RegistrationState};
use septet::tpdu::Timestamp;

use super::{NOT_ALLOWED, Reply, WRONG, octet, word};
use crate::network::{point_in_time, timestamp};
use crate::virtual_modem::VirtualModem;
use crate::virtual_modem::charset::Charset;
use crate::virtual_modem::text_mode::{read_time, time};

/// The operator: its name, and the number of its network.
const OPERATOR: &str = "Septet";
const NETWORK: &str = "00101";

/// The IMSI: the test network 001 01 and the end of the number.
pub(super) fn subscriber(modem: &VirtualModem) -> String {
    let number = modem.network.number(modem.sim);
    let digits: Vec<char> = format!("{number:0>10}").chars().collect();
    format!("{NETWORK}{}", digits[digits.len() - 10..].iter().collect::<String>())
}

pub(super) fn own_number(
    modem: &mut VirtualModem,
    action: Action<'_>,
    _: Instant,
) -> Result<Reply, Failure> {
    match action {
        Action::Execute => {
            let number = format!("+{}", modem.network.number(modem.sim));
            modem.info("+CNUM", &[Absent, Quoted(number.as_bytes()), Number(145)]);
            Ok(Reply::Done)
        }
        Action::Test => Ok(Reply::Done),
        Action::Set(_) | Action::Read => Err(WRONG),
    }
}

/// `+CFUN` (section 8.2): 0 and 4 switch the radio off; `1,1` starts the modem anew.
pub(super) fn functionality(
    modem: &mut VirtualModem,
    action: Action<'_>,
    _: Instant,
) -> Result<Reply, Failure> {
    match action {
        Action::Set(arguments) => match (arguments.get(0).number(), arguments.get(1).number()) {
            (Some(1), Some(1)) => return Ok(Reply::Restart),
            (Some(mode @ (0 | 1 | 4)), None | Some(0)) => modem.session.radio = mode == 1,
            _ => return Err(NOT_ALLOWED),
        },
        Action::Read => {
            let mode = if modem.session.radio { 1 } else { 4 };
            modem.info("+CFUN", &[Number(mode)]);
        }
        Action::Execute | Action::Test => return Err(WRONG),
    }
    Ok(Reply::Done)
}

/// `+CSQ` (section 8.5): the signal is good where there is one.
pub(super) fn signal(
    modem: &mut VirtualModem,
    action: Action<'_>,
    _: Instant,
) -> Result<Reply, Failure> {
    let Action::Execute = action else { return Err(WRONG) };
    let there = modem.registration() != RegistrationState::NOT_REGISTERED;
    let (rssi, ber) = if there { (23, 0) } else { (99, 99) };
    modem.say(&Line::Signal { rssi, ber });
    Ok(Reply::Done)
}

/// `+CESQ` (section 8.69): the same signal in the measures of LTE.
pub(super) fn quality(
    modem: &mut VirtualModem,
    action: Action<'_>,
    _: Instant,
) -> Result<Reply, Failure> {
    let Action::Execute = action else { return Err(WRONG) };
    let there = modem.registration() != RegistrationState::NOT_REGISTERED;
    modem.raw_info("+CESQ", if there { "99,99,255,255,22,60" } else { "99,99,255,255,255,255" });
    Ok(Reply::Done)
}

/// `+CREG`, `+CGREG`, `+CEREG` (sections 7.2, 10.1.20 and 10.1.22).
pub(super) fn registration(
    modem: &mut VirtualModem,
    action: Action<'_>,
    domain: Domain,
) -> Result<Reply, Failure> {
    let mode = &mut modem.session.settings.registration[domain as usize];
    match action {
        Action::Set(arguments) => *mode = octet(arguments, 0, &(0..=2)).ok_or(WRONG)?,
        Action::Read => {
            let mode = *mode;
            let state = modem.registration().0;
            let area = modem.area(domain, mode);
            modem.raw_info(domain.name(), format!("{mode},{state}{area}"));
        }
        Action::Execute | Action::Test => return Err(WRONG),
    }
    Ok(Reply::Done)
}

impl VirtualModem {
    /// Where the modem is, as mode 2 of a registration adds it.
    pub(in crate::virtual_modem) fn area(&self, domain: Domain, mode: u8) -> &'static str {
        match domain {
            _ if mode != 2 || !self.registration().carries_messages() => "",
            Domain::Circuit => ",\"00C3\",\"0001A2B3\"",
            Domain::Packet | Domain::Evolved => ",\"00C3\",\"0001A2B3\",7",
        }
    }
}

/// `+COPS` (section 7.3): there is one network. It can be left, and its name has three formats.
pub(super) fn operator(
    modem: &mut VirtualModem,
    action: Action<'_>,
    _: Instant,
) -> Result<Reply, Failure> {
    match action {
        Action::Set(arguments) => {
            let format = arguments.get(1).number();
            let name = word(arguments.get(2));
            let ours = || name.as_deref().is_some_and(|n| n == OPERATOR || n == NETWORK);
            match (arguments.get(0).number(), format) {
                (Some(3), Some(format @ 0..=2)) => modem.settings().operator_format = format as u8,
                (Some(0), _) => modem.service = RegistrationState::HOME,
                (Some(1 | 4), _) if ours() => modem.service = RegistrationState::HOME,
                (Some(2), _) => modem.service = RegistrationState::NOT_REGISTERED,
                _ => return Err(NOT_ALLOWED),
            }
        }
        Action::Read if modem.registration().carries_messages() => {
            let format = modem.settings().operator_format;
            let name = if format == 2 { NETWORK } else { OPERATOR };
            let name = modem.session.settings.charset.encode_name(name.chars());
            modem.info("+COPS", &[Number(0), Number(format.into()), Quoted(&name)]);
        }
        Action::Read => modem.info("+COPS", &[Number(0)]),
        Action::Execute | Action::Test => return Err(WRONG),
    }
    Ok(Reply::Done)
}

/// `+CPAS` (section 8.1): it is ready, whatever happens.
pub(super) fn activity(
    modem: &mut VirtualModem,
    action: Action<'_>,
    _: Instant,
) -> Result<Reply, Failure> {
    let Action::Execute = action else { return Err(WRONG) };
    modem.info("+CPAS", &[Number(0)]);
    Ok(Reply::Done)
}

/// `+CBC` (section 8.4): the battery is full.
pub(super) fn battery(
    modem: &mut VirtualModem,
    action: Action<'_>,
    _: Instant,
) -> Result<Reply, Failure> {
    let Action::Execute = action else { return Err(WRONG) };
    modem.info("+CBC", &[Number(0), Number(100)]);
    Ok(Reply::Done)
}

/// `+CCLK` (section 8.15): the clock goes on from what it is set to.
pub(super) fn clock(
    modem: &mut VirtualModem,
    action: Action<'_>,
    _: Instant,
) -> Result<Reply, Failure> {
    let now = modem.network.now();
    match action {
        Action::Set(arguments) => {
            let text = word(arguments.get(0)).ok_or(WRONG)?;
            let set = read_time(&text).and_then(point_in_time).ok_or(WRONG)?;
            let seconds = |time: Duration| time.as_secs() as i64;
            modem.clock_ahead_s = match set.duration_since(now) {
                Ok(ahead) => seconds(ahead),
                Err(behind) => -seconds(behind.duration()),
            };
        }
        Action::Read => {
            let ahead = modem.clock_ahead_s;
            let shift = Duration::from_secs(ahead.unsigned_abs());
            let now = if ahead < 0 { now.checked_sub(shift) } else { now.checked_add(shift) };
            let now = timestamp(now.ok_or(WRONG)?).unwrap_or(Timestamp([0; 7]));
            modem.raw_info("+CCLK", format!("\"{}\"", time(now)));
        }
        Action::Test => {}
        Action::Execute => return Err(WRONG),
    }
    Ok(Reply::Done)
}

/// `+CSCS` (section 5.5).
pub(super) fn charset(
    modem: &mut VirtualModem,
    action: Action<'_>,
    _: Instant,
) -> Result<Reply, Failure> {
    match action {
        Action::Set(arguments) => {
            let name = word(arguments.get(0)).ok_or(WRONG)?;
            // Those that have set UCS2 may write its name in it.
            let name = match modem.session.settings.charset {
                Charset::Ucs2 => Charset::Ucs2.decode(name.as_bytes()).unwrap_or(name),
                _ => name,
            };
            modem.settings().charset = Charset::new(&name).ok_or(WRONG)?;
        }
        Action::Read => {
            let name = modem.session.settings.charset.name();
            modem.info("+CSCS", &[Quoted(name.as_bytes())]);
        }
        Action::Execute | Action::Test => return Err(WRONG),
    }
    Ok(Reply::Done)
}

/// `+CUSD` (section 7.15): a string to the network, whose answer comes later.
pub(super) fn ussd(
    modem: &mut VirtualModem,
    action: Action<'_>,
    now: Instant,
) -> Result<Reply, Failure> {
    match action {
        Action::Execute => modem.settings().ussd = 0,
        Action::Set(arguments) => {
            let mode = octet(arguments, 0, &(0..=2)).ok_or(WRONG)?;
            if mode == 2 {
                modem.cancel_ussd();
                return Ok(Reply::Done);
            }
            modem.settings().ussd = mode;
            if let Some(text) = word(arguments.get(1)) {
                if !modem.registration().carries_messages() {
                    return Err(Failure::Cme(septet::at::CmeError::NO_NETWORK));
                }
                modem.ask_ussd(text.as_bytes(), now);
            }
        }
        Action::Read => {
            let mode = modem.settings().ussd;
            modem.info("+CUSD", &[Number(mode.into())]);
        }
        Action::Test => return Err(WRONG),
    }
    Ok(Reply::Done)
}
