//! The commands of 3GPP TS 27.007 about the network and the equipment.

use std::time::{Duration, Instant};

use septet::at::Argument::{Absent, Number};
use septet::at::{Action, Arguments, Domain, Failure, RegistrationState};
use septet::tpdu::Timestamp;

use super::{NOT_ALLOWED, Reply, WRONG, octet, word};
use crate::network::{point_in_time, timestamp};
use crate::virtual_modem::VirtualModem;
use crate::virtual_modem::charset::Charset;
use crate::virtual_modem::settings::Settings;
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

/// `+CNUM` (section 7.1).
pub(super) fn own_number(modem: &VirtualModem) -> String {
    format!("+CNUM: ,\"+{}\",145", modem.network.number(modem.sim))
}

/// `+CFUN` (section 8.2): 0 and 4 switch the radio off; `1,1` starts the modem anew.
pub(super) fn functionality(modem: &VirtualModem) -> String {
    if modem.session.radio { "1" } else { "4" }.to_owned()
}

pub(super) fn set_functionality(
    modem: &mut VirtualModem,
    arguments: Arguments<'_>,
) -> Result<Reply, Failure> {
    match (arguments.get(0).number(), arguments.get(1).number()) {
        (Some(1), Some(1)) => return Ok(Reply::Restart),
        (Some(mode @ (0 | 1 | 4)), None | Some(0)) => modem.session.radio = mode == 1,
        _ => return Err(NOT_ALLOWED),
    }
    Ok(Reply::Done)
}

/// `+CSQ` (section 8.5): the signal is good where there is one.
pub(super) fn signal(modem: &VirtualModem) -> String {
    let there = modem.registration() != RegistrationState::NOT_REGISTERED;
    format!("+CSQ: {}", if there { "23,0" } else { "99,99" })
}

/// `+CESQ` (section 8.69): the same signal in the measures of LTE.
pub(super) fn quality(modem: &VirtualModem) -> String {
    let there = modem.registration() != RegistrationState::NOT_REGISTERED;
    format!("+CESQ: 99,99,255,255,{}", if there { "22,60" } else { "255,255" })
}

/// `+CREG`, `+CGREG`, `+CEREG` (sections 7.2, 10.1.20 and 10.1.22).
pub(super) fn registration(modem: &VirtualModem, domain: Domain) -> String {
    let mode = modem.session.settings.registration[domain as usize];
    format!("{mode},{}{}", modem.registration().0, modem.area(domain, mode))
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
pub(super) fn operator(modem: &VirtualModem) -> String {
    if !modem.registration().carries_messages() {
        return "0".to_owned();
    }
    let Settings { operator_format, charset, .. } = &modem.session.settings;
    let name = if *operator_format == 2 { NETWORK } else { OPERATOR };
    format!("0,{operator_format},\"{}\"", charset.encode_name(name.chars()).escape_ascii())
}

pub(super) fn operators(_: &VirtualModem) -> String {
    format!("(2,\"{OPERATOR}\",\"{OPERATOR}\",\"{NETWORK}\"),,(0-4),(0-2)")
}

pub(super) fn set_operator(
    modem: &mut VirtualModem,
    arguments: Arguments<'_>,
) -> Result<Reply, Failure> {
    let name = word(arguments.get(2));
    let ours = || name.as_deref().is_some_and(|n| n == OPERATOR || n == NETWORK);
    match (arguments.get(0).number(), arguments.get(1).number()) {
        (Some(3), Some(format @ 0..=2)) => modem.settings().operator_format = format as u8,
        (Some(0), _) => modem.service = RegistrationState::HOME,
        (Some(1 | 4), _) if ours() => modem.service = RegistrationState::HOME,
        (Some(2), _) => modem.service = RegistrationState::NOT_REGISTERED,
        _ => return Err(NOT_ALLOWED),
    }
    Ok(Reply::Done)
}

/// `+CCLK` (section 8.15): the clock goes on from what it is set to.
pub(super) fn clock(modem: &VirtualModem) -> String {
    let (now, shift) =
        (modem.network.now(), Duration::from_secs(modem.clock_ahead_s.unsigned_abs()));
    let now = if modem.clock_ahead_s < 0 { now.checked_sub(shift) } else { now.checked_add(shift) };
    format!("\"{}\"", time(now.and_then(|now| timestamp(now).ok()).unwrap_or(Timestamp([0; 7]))))
}

pub(super) fn set_clock(
    modem: &mut VirtualModem,
    arguments: Arguments<'_>,
) -> Result<Reply, Failure> {
    let text = word(arguments.get(0)).ok_or(WRONG)?;
    let set = read_time(&text).and_then(point_in_time).ok_or(WRONG)?;
    let seconds = |time: Duration| time.as_secs() as i64;
    modem.clock_ahead_s = match set.duration_since(modem.network.now()) {
        Ok(ahead) => seconds(ahead),
        Err(behind) => -seconds(behind.duration()),
    };
    Ok(Reply::Done)
}

/// `+CSCS` (section 5.5).
pub(super) fn charset(modem: &VirtualModem) -> String {
    format!("\"{}\"", modem.session.settings.charset.name())
}

pub(super) fn charsets(_: &VirtualModem) -> String {
    "(\"GSM\",\"IRA\",\"UCS2\",\"HEX\",\"8859-1\")".to_owned()
}

pub(super) fn set_charset(
    modem: &mut VirtualModem,
    arguments: Arguments<'_>,
) -> Result<Reply, Failure> {
    let name = word(arguments.get(0)).ok_or(WRONG)?;
    // Those that have set UCS2 may write its name in it.
    let name = match modem.session.settings.charset {
        Charset::Ucs2 => Charset::Ucs2.decode(name.as_bytes()).unwrap_or(name),
        _ => name,
    };
    modem.settings().charset = Charset::new(&name).ok_or(WRONG)?;
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
            if arguments.get(2) != Absent {
                octet(arguments, 2, &(0..=255)).ok_or(WRONG)?;
            }
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
