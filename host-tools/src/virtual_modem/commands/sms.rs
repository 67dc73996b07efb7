//! The commands of 3GPP TS 27.005 that set how messages are kept, shown and announced.

use std::time::Instant;

use septet::at::Argument::Absent;
use septet::at::{Action, Arguments, CmsError, Failure, Store};
use septet::tpdu::Address;

use super::{Entry, Purpose, Reply, VirtualModem, octet, only_octet, word};
use crate::virtual_modem::settings::{Indications, Stores};
use crate::virtual_modem::text_mode::Parameters;

/// A value that a command does not take, or a form that it does not have.
pub(super) const WRONG: Failure = Failure::Cms(CmsError::INVALID_PDU_PARAMETER);
/// A value of the standard that this modem does not support.
pub(super) const UNSUPPORTED: Failure = Failure::Cms(CmsError::NOT_SUPPORTED);

/// `+CSMS` (section 3.2.1): which service, and that each kind of message is supported.
pub(super) fn service(modem: &VirtualModem) -> String {
    format!("{},{SUPPORTED}", modem.session.settings.service)
}

const SUPPORTED: &str = "1,1,1";

pub(super) fn set_service(
    modem: &mut VirtualModem,
    arguments: Arguments<'_>,
) -> Result<Reply, Failure> {
    modem.settings().service = only_octet(arguments, &(0..=1)).ok_or(UNSUPPORTED)?;
    modem.values("+CSMS", SUPPORTED);
    Ok(Reply::Done)
}

/// `+CPMS` (section 3.2.2): the stores in use, and how full they are.
pub(super) fn stores(modem: &VirtualModem) -> String {
    let full = |store| format!("\"{store}\",{}", fullness(modem, store));
    in_use(modem.session.settings.stores).map(full).join(",")
}

pub(super) fn every_store(modem: &VirtualModem) -> String {
    let names = modem.memory.names();
    let list = |names: &[Store]| {
        let names: Vec<_> = names.iter().map(|store| format!("\"{store}\"")).collect();
        format!("({})", names.join(","))
    };
    // Nobody writes a report.
    let written: Vec<_> = names.iter().copied().filter(|s| *s != Store::SR).collect();
    [list(&names), list(&written), list(&names)].join(",")
}

pub(super) fn set_stores(
    modem: &mut VirtualModem,
    arguments: Arguments<'_>,
) -> Result<Reply, Failure> {
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
    let full = in_use(stores).map(|store| fullness(modem, store)).join(",");
    modem.values("+CPMS", &full);
    Ok(Reply::Done)
}

fn in_use(stores: Stores) -> [Store; 3] {
    [stores.reading, stores.writing, stores.receiving]
}

/// How many messages a store has, and how many have room.
fn fullness(modem: &VirtualModem, store: Store) -> String {
    let (used, total) = modem.memory.fullness(store);
    format!("{used},{total}")
}

/// `+CSCA` (section 3.3.1): the service centre, which the SIM keeps.
pub(super) fn centre(modem: &VirtualModem) -> String {
    let number = &modem.service_centre;
    let kind = if number.starts_with('+') { 145 } else { 129 };
    let number = modem.session.settings.charset.encode_name(number.chars());
    format!("\"{}\",{kind}", number.escape_ascii())
}

pub(super) fn set_centre(
    modem: &mut VirtualModem,
    arguments: Arguments<'_>,
) -> Result<Reply, Failure> {
    let charset = modem.session.settings.charset;
    let number = word(arguments.get(0)).and_then(|text| charset.number(text.as_bytes()));
    let mut number = number.ok_or(WRONG)?;
    if arguments.get(1).number() == Some(145) && !number.starts_with('+') {
        number.insert(0, '+');
    }
    Address::number(&number).map_err(|_| WRONG)?;
    modem.service_centre = number;
    Ok(Reply::Done)
}

/// `+CSMP` (section 3.3.3): the fields of an SMS-SUBMIT. What is not given stays as it is.
pub(super) fn parameters(modem: &VirtualModem) -> String {
    let Parameters { first_octet, validity_period, protocol, coding } =
        &modem.session.settings.parameters;
    let is_number = validity_period.parse::<u8>().is_ok();
    let quote = if is_number { "" } else { "\"" };
    format!("{first_octet},{quote}{validity_period}{quote},{protocol},{coding}")
}

pub(super) fn set_parameters(
    modem: &mut VirtualModem,
    arguments: Arguments<'_>,
) -> Result<Reply, Failure> {
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
    Ok(Reply::Done)
}

/// `+CSCB` (section 3.3.4): which broadcasts are wanted, of which this network has none.
pub(super) fn broadcasts(modem: &VirtualModem) -> String {
    modem.session.settings.broadcasts.clone()
}

pub(super) fn set_broadcasts(
    modem: &mut VirtualModem,
    arguments: Arguments<'_>,
) -> Result<Reply, Failure> {
    octet(arguments, 0, &(0..=1)).ok_or(UNSUPPORTED)?;
    modem.settings().broadcasts = arguments.to_string();
    Ok(Reply::Done)
}

/// `+CNMI` (section 3.4.1): how what arrives is announced. What is not given stays as it is.
pub(super) fn indications(modem: &VirtualModem) -> String {
    announced(modem.session.settings.indications).map(|value| value.to_string()).join(",")
}

pub(super) fn every_indication(modem: &VirtualModem) -> String {
    let (_, reports_shown) = modem.traits.manner.reports;
    format!("(0-3),(0-3),(0-3),{reports_shown},(0,1)")
}

pub(super) fn set_indications(
    modem: &mut VirtualModem,
    arguments: Arguments<'_>,
) -> Result<Reply, Failure> {
    let (reports_allowed, _) = modem.traits.manner.reports;
    let allowed: [&[u8]; 5] =
        [&[0, 1, 2, 3], &[0, 1, 2, 3], &[0, 1, 2, 3], reports_allowed, &[0, 1]];
    let mut values = announced(modem.settings().indications);
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
    modem.settings().indications = Indications { mode, messages, broadcasts, reports, buffer };
    if mode != 0 && buffer == 1 {
        modem.drop_indications();
    }
    Ok(Reply::Done)
}

/// The values of `+CNMI`, in its order.
fn announced(indications: Indications) -> [u8; 5] {
    let Indications { mode, messages, broadcasts, reports, buffer } = indications;
    [mode, messages, broadcasts, reports, buffer]
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
