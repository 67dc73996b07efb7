//! The commands of 3GPP TS 27.005 that set how messages are kept, shown and announced.

use std::time::Instant;

use septet::at::Argument::{self, Absent, Number, Quoted};
use septet::at::{Action, CmsError, Failure, Store};
use septet::tpdu::Address;

use super::{Entry, Purpose, Reply, VirtualModem, octet, word};
use crate::virtual_modem::settings::{Indications, Stores};
use crate::virtual_modem::text_mode::Parameters;

/// A value that a command does not take, or a form that it does not have.
pub(super) const WRONG: Failure = Failure::Cms(CmsError::INVALID_PDU_PARAMETER);
/// A value of the standard that this modem does not support.
pub(super) const UNSUPPORTED: Failure = Failure::Cms(CmsError::NOT_SUPPORTED);

/// `+CSMS` (section 3.2.1): which service, and that each kind of message is supported.
pub(super) fn service(
    modem: &mut VirtualModem,
    action: Action<'_>,
    _: Instant,
) -> Result<Reply, Failure> {
    const KINDS: [Argument<'_>; 3] = [Number(1); 3];
    match action {
        Action::Set(arguments) => {
            modem.settings().service = octet(arguments, 0, &(0..=1)).ok_or(UNSUPPORTED)?;
            modem.info("+CSMS", &KINDS);
        }
        Action::Read => {
            let service = modem.settings().service;
            modem.info("+CSMS", &[&[Number(service.into())], &KINDS[..]].concat());
        }
        Action::Execute | Action::Test => return Err(WRONG),
    }
    Ok(Reply::Done)
}

/// `+CPMS` (section 3.2.2): the stores in use, and how full they are.
pub(super) fn stores(
    modem: &mut VirtualModem,
    action: Action<'_>,
    _: Instant,
) -> Result<Reply, Failure> {
    let fullness = |modem: &VirtualModem, store: Store| {
        let (used, total) = modem.memory.fullness(store);
        [Number(used as u32), Number(total as u32)]
    };
    match action {
        Action::Set(arguments) => {
            let mut stores = modem.settings().stores;
            let places = [&mut stores.reading, &mut stores.writing, &mut stores.receiving];
            if !(1..=places.len()).contains(&arguments.iter().count()) {
                return Err(WRONG);
            }
            for (place, name) in places.into_iter().zip(arguments.iter()) {
                if name != Absent {
                    let name = word(name).ok_or(WRONG)?.to_ascii_uppercase();
                    let store = Store::new(name.as_bytes()).ok_or(WRONG)?;
                    *place = Some(store).filter(|s| modem.memory.has(*s)).ok_or(UNSUPPORTED)?;
                }
            }
            modem.settings().stores = stores;
            modem.info("+CPMS", &in_use(stores).map(|store| fullness(modem, store)).concat());
        }
        Action::Read => {
            let stores = in_use(modem.settings().stores);
            let full = stores.each_ref().map(|store| {
                [&[Quoted(store.name().as_bytes())], &fullness(modem, *store)[..]].concat()
            });
            modem.info("+CPMS", &full.concat());
        }
        Action::Test => {
            let names = modem.memory.names();
            let list = |names: &[Store]| {
                let names: Vec<_> = names.iter().map(|store| format!("\"{store}\"")).collect();
                format!("({})", names.join(","))
            };
            // Nobody writes a report.
            let written: Vec<_> = names.iter().copied().filter(|s| *s != Store::SR).collect();
            modem.raw_info("+CPMS", [list(&names), list(&written), list(&names)].join(","));
        }
        Action::Execute => return Err(WRONG),
    }
    Ok(Reply::Done)
}

fn in_use(stores: Stores) -> [Store; 3] {
    [stores.reading, stores.writing, stores.receiving]
}

/// `+CSCA` (section 3.3.1): the service centre, which the SIM keeps.
pub(super) fn centre(
    modem: &mut VirtualModem,
    action: Action<'_>,
    _: Instant,
) -> Result<Reply, Failure> {
    match action {
        Action::Set(arguments) => {
            let charset = modem.session.settings.charset;
            let number = word(arguments.get(0)).and_then(|text| charset.number(text.as_bytes()));
            let mut number = number.ok_or(WRONG)?;
            if arguments.get(1).number() == Some(145) && !number.starts_with('+') {
                number.insert(0, '+');
            }
            Address::number(&number).map_err(|_| WRONG)?;
            modem.service_centre = number;
        }
        Action::Read => {
            let number = &modem.service_centre;
            let kind = if number.starts_with('+') { 145 } else { 129 };
            let number = modem.session.settings.charset.encode_name(number.chars());
            modem.info("+CSCA", &[Quoted(&number), Number(kind)]);
        }
        Action::Test => {}
        Action::Execute => return Err(WRONG),
    }
    Ok(Reply::Done)
}

/// `+CSMP` (section 3.3.3): the fields of an SMS-SUBMIT. What is not given stays as it is.
pub(super) fn parameters(
    modem: &mut VirtualModem,
    action: Action<'_>,
    _: Instant,
) -> Result<Reply, Failure> {
    match action {
        Action::Set(arguments) => {
            let mut set = modem.settings().parameters.clone();
            for (at, value) in arguments.iter().enumerate() {
                let number = octet(arguments, at, &(0..=255));
                match (at, value) {
                    (_, Absent) => {}
                    (0, _) => set.first_octet = number.ok_or(UNSUPPORTED)?,
                    (1, _) => set.validity_period = word(value).ok_or(UNSUPPORTED)?,
                    (2, _) => set.protocol = number.ok_or(UNSUPPORTED)?,
                    (3, _) => set.coding = number.ok_or(UNSUPPORTED)?,
                    _ => return Err(UNSUPPORTED),
                }
            }
            set.validity_period().ok_or(UNSUPPORTED)?;
            modem.settings().parameters = set;
        }
        Action::Read => {
            let Parameters { first_octet, validity_period, protocol, coding } =
                modem.settings().parameters.clone();
            let is_number = validity_period.parse::<u8>().is_ok();
            let quote = if is_number { "" } else { "\"" };
            let values =
                format!("{first_octet},{quote}{validity_period}{quote},{protocol},{coding}");
            modem.raw_info("+CSMP", values);
        }
        Action::Test => {}
        Action::Execute => return Err(UNSUPPORTED),
    }
    Ok(Reply::Done)
}

/// `+CSCB` (section 3.3.4): which broadcasts are wanted, of which this network has none.
pub(super) fn broadcasts(
    modem: &mut VirtualModem,
    action: Action<'_>,
    _: Instant,
) -> Result<Reply, Failure> {
    match action {
        Action::Set(arguments) => {
            octet(arguments, 0, &(0..=1)).ok_or(UNSUPPORTED)?;
            modem.settings().broadcasts = arguments.to_string();
        }
        Action::Read => {
            let broadcasts = modem.settings().broadcasts.clone();
            modem.raw_info("+CSCB", broadcasts);
        }
        Action::Execute | Action::Test => return Err(UNSUPPORTED),
    }
    Ok(Reply::Done)
}

/// `+CNMI` (section 3.4.1): how what arrives is announced. What is not given stays as it is.
pub(super) fn indications(
    modem: &mut VirtualModem,
    action: Action<'_>,
    _: Instant,
) -> Result<Reply, Failure> {
    let (reports_allowed, reports_shown) = modem.traits.manner.reports;
    let Indications { mode, messages, broadcasts, reports, buffer } = modem.settings().indications;
    let mut values = [mode, messages, broadcasts, reports, buffer];
    let allowed: [&[u8]; 5] =
        [&[0, 1, 2, 3], &[0, 1, 2, 3], &[0, 1, 2, 3], reports_allowed, &[0, 1]];
    match action {
        Action::Set(arguments) => {
            if arguments.iter().count() > values.len() {
                return Err(WRONG);
            }
            for (at, value) in values.iter_mut().enumerate() {
                if arguments.get(at) != Absent {
                    let given = octet(arguments, at, &(0..=3));
                    *value = given.filter(|n| allowed[at].contains(n)).ok_or(UNSUPPORTED)?;
                }
            }
            let [mode, messages, broadcasts, reports, buffer] = values;
            modem.settings().indications =
                Indications { mode, messages, broadcasts, reports, buffer };
            if mode != 0 && buffer == 1 {
                modem.drop_indications();
            }
        }
        Action::Read => modem.info("+CNMI", &values.map(|value| Number(value.into()))),
        Action::Test => {
            modem.raw_info("+CNMI", format!("(0-3),(0-3),(0-3),{reports_shown},(0,1)"));
        }
        Action::Execute => return Err(WRONG),
    }
    Ok(Reply::Done)
}

/// `+CNMA` (section 4.7): a message that came directly is safe, or (2) is not wanted. In text mode it
/// has no values.
pub(super) fn acknowledge(
    modem: &mut VirtualModem,
    action: Action<'_>,
    _: Instant,
) -> Result<Reply, Failure> {
    let in_text_mode = modem.settings().format == 1;
    let (how, tpdu_len) = match action {
        Action::Execute => (0, 0),
        Action::Set(arguments) => {
            let len = arguments.get(1).number().unwrap_or(0);
            (octet(arguments, 0, &(0..=2)).ok_or(WRONG)?, len)
        }
        Action::Test => {
            if !in_text_mode {
                modem.raw_info("+CNMA", "(0-2)");
            }
            return Ok(Reply::Done);
        }
        Action::Read => return Err(WRONG),
    };
    let positive = how != 2;
    if tpdu_len > 0 {
        let (purpose, tpdu_len) = (Purpose::Acknowledge { positive }, tpdu_len as usize);
        return Ok(Reply::Prompt { purpose, entry: Entry::Pdu { tpdu_len } });
    }
    modem.acknowledge(positive)?;
    Ok(Reply::Done)
}
