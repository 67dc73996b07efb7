//! The commands of 3GPP TS 27.005.

use septet::at::Argument::{self, Number, Quoted};
use septet::at::{Action, Arguments, CmsError, Failure, Line, MessageStatus, Store};

use super::{Purpose, Reply, VirtualModem};
use crate::virtual_modem::settings::{Indications, Stores};
use crate::virtual_modem::store::{Slots, Stored};

/// A value that a command does not take, or a form that it does not have.
pub(super) const WRONG: Failure = Failure::Cms(CmsError::INVALID_PDU_PARAMETER);
/// A value of the standard that this modem does not support.
pub(super) const UNSUPPORTED: Failure = Failure::Cms(CmsError::NOT_SUPPORTED);
const INVALID_INDEX: Failure = Failure::Cms(CmsError::INVALID_INDEX);

/// The longest TPDU, in octets (3GPP TS 24.011, section 8.2.5.3, with room for its long forms).
const TPDU_MAX: u32 = 164;

/// `+CSMS` (section 3.2.1): which service, and that each kind of message is supported.
pub(super) fn service(modem: &mut VirtualModem, action: Action<'_>) -> Result<Reply, Failure> {
    const KINDS: [Argument<'_>; 3] = [Number(1); 3];
    match action {
        Action::Set(arguments) => {
            modem.settings().service =
                octet(arguments, 0).filter(|n| *n <= 1).ok_or(UNSUPPORTED)?;
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
pub(super) fn stores(modem: &mut VirtualModem, action: Action<'_>) -> Result<Reply, Failure> {
    match action {
        Action::Set(arguments) => {
            let mut stores = modem.settings().stores;
            let places = [&mut stores.reading, &mut stores.writing, &mut stores.receiving];
            if arguments.iter().count() > places.len() {
                return Err(WRONG);
            }
            for (place, name) in places.into_iter().zip(arguments.iter()) {
                let store = name.text().and_then(Store::new).ok_or(WRONG)?;
                *place = modem.slots(store).map(|slots| slots.store).ok_or(UNSUPPORTED)?;
            }
            modem.settings().stores = stores;
            let full = in_use(stores).map(|store| fullness(modem, store)).concat();
            modem.info("+CPMS", &full);
        }
        Action::Read => {
            let stores = in_use(modem.settings().stores);
            let full = stores.each_ref().map(|store| {
                [&[Quoted(store.name().as_bytes())], &fullness(modem, *store)[..]].concat()
            });
            modem.info("+CPMS", &full.concat());
        }
        Action::Test => {
            let names: Vec<_> =
                modem.stores.iter().map(|slots| format!("\"{}\"", slots.store.name())).collect();
            let names = format!("({})", names.join(","));
            modem.raw_info("+CPMS", &[&*names, &*names, &*names].join(","));
        }
        Action::Execute => return Err(WRONG),
    }
    Ok(Reply::Done)
}

fn in_use(stores: Stores) -> [Store; 3] {
    [stores.reading, stores.writing, stores.receiving]
}

/// How many slots of a store are used, and how many there are.
fn fullness(modem: &VirtualModem, store: Store) -> [Argument<'static>; 2] {
    let slots = modem.stores.iter().find(|slots| slots.store == store);
    let count = |count: usize| Number(count as u32);
    slots.map_or([Number(0); 2], |slots| [count(slots.iter().count()), count(slots.total())])
}

/// `+CSCA` (section 3.3.1): the service centre, which the SIM keeps.
pub(super) fn centre(modem: &mut VirtualModem, action: Action<'_>) -> Result<Reply, Failure> {
    match action {
        Action::Set(arguments) => {
            let number = arguments.get(0).text().and_then(|number| str::from_utf8(number).ok());
            let number = number.filter(|number| septet::tpdu::Address::number(number).is_ok());
            modem.service_centre = number.ok_or(WRONG)?.to_owned();
        }
        Action::Read => {
            let number = modem.service_centre.clone();
            let kind = if number.starts_with('+') { 145 } else { 129 };
            modem.info("+CSCA", &[Quoted(number.as_bytes()), Number(kind)]);
        }
        Action::Test => {}
        Action::Execute => return Err(WRONG),
    }
    Ok(Reply::Done)
}

/// `+CNMI` (section 3.4.1): how what arrives is announced. What is not given stays as it is.
pub(super) fn indications(modem: &mut VirtualModem, action: Action<'_>) -> Result<Reply, Failure> {
    let Indications { mode, messages, broadcasts, reports, buffer } = modem.settings().indications;
    let mut values = [mode, messages, broadcasts, reports, buffer];
    // No cell broadcast comes, but asking for it (2) does no harm.
    const ALLOWED: [&[u8]; 5] = [&[0, 1, 2, 3], &[0, 1, 2], &[0, 2], &[0, 1, 2], &[0, 1]];
    match action {
        Action::Set(arguments) => {
            if arguments.iter().count() > values.len() {
                return Err(WRONG);
            }
            for (at, value) in values.iter_mut().enumerate() {
                if arguments.get(at) != Argument::Absent {
                    let given = octet(arguments, at).filter(|given| ALLOWED[at].contains(given));
                    *value = given.ok_or(UNSUPPORTED)?;
                }
            }
            let [mode, messages, broadcasts, reports, buffer] = values;
            modem.settings().indications =
                Indications { mode, messages, broadcasts, reports, buffer };
            if mode != 0 && buffer == 1 {
                modem.session.indications.clear();
            }
        }
        Action::Read => modem.info("+CNMI", &values.map(|value| Number(value.into()))),
        Action::Execute | Action::Test => return Err(WRONG),
    }
    Ok(Reply::Done)
}

/// `+CNMA` (section 4.7): a message that came directly is safe, or (2) is not wanted.
pub(super) fn acknowledge(modem: &mut VirtualModem, action: Action<'_>) -> Result<Reply, Failure> {
    let (how, tpdu_len) = match action {
        Action::Execute => (0, 0),
        Action::Set(arguments) => {
            let len = arguments.get(1).number().unwrap_or(0);
            (octet(arguments, 0).filter(|how| *how <= 2).ok_or(WRONG)?, len)
        }
        Action::Read | Action::Test => return Err(WRONG),
    };
    let positive = how != 2;
    if tpdu_len > 0 {
        return prompt(Purpose::Acknowledge { positive }, tpdu_len);
    }
    modem.acknowledge(positive)?;
    Ok(Reply::Done)
}

/// `+CMGS` (section 4.3): sends the PDU that follows.
pub(super) fn send(_: &mut VirtualModem, action: Action<'_>) -> Result<Reply, Failure> {
    match action {
        Action::Set(arguments) => prompt(Purpose::Send, arguments.get(0).number().ok_or(WRONG)?),
        Action::Test => Ok(Reply::Done),
        Action::Execute | Action::Read => Err(WRONG),
    }
}

fn prompt(purpose: Purpose, tpdu_len: u32) -> Result<Reply, Failure> {
    if (1..=TPDU_MAX).contains(&tpdu_len) {
        Ok(Reply::Prompt { purpose, tpdu_len: tpdu_len as usize })
    } else {
        Err(WRONG)
    }
}

/// `+CMGL` (section 4.1): the messages of the store that is read, of one status or (4) all.
pub(super) fn list(modem: &mut VirtualModem, action: Action<'_>) -> Result<Reply, Failure> {
    let wanted = match action {
        Action::Execute => 0,
        Action::Set(arguments) => octet(arguments, 0).filter(|n| *n <= 4).ok_or(WRONG)?,
        Action::Read | Action::Test => return Err(WRONG),
    };
    let messages = modem.reading()?.iter_mut();
    let wanted = messages.filter(|(_, message)| wanted == 4 || message.status.0 == wanted);
    let read = |(index, message): (u16, &mut Stored)| (index, message.read());
    let messages: Vec<_> = wanted.map(read).collect();
    for (index, message) in messages {
        let tpdu_len = message.pdu.tpdu_len() as u16;
        modem.say(&Line::Listed { index, status: message.status, tpdu_len });
        modem.say_pdu(&message.pdu);
    }
    Ok(Reply::Done)
}

/// `+CMGR` (section 4.2): the message in a slot.
pub(super) fn read(modem: &mut VirtualModem, action: Action<'_>) -> Result<Reply, Failure> {
    match action {
        Action::Set(arguments) => {
            let index = index(arguments)?;
            let message = modem.reading()?.get_mut(index).ok_or(INVALID_INDEX)?.read();
            let tpdu_len = message.pdu.tpdu_len() as u16;
            modem.say(&Line::Stored { status: message.status, tpdu_len });
            modem.say_pdu(&message.pdu);
            Ok(Reply::Done)
        }
        Action::Test => Ok(Reply::Done),
        Action::Execute | Action::Read => Err(WRONG),
    }
}

/// `+CMGD` (section 3.5.4): empties a slot, or by a flag all slots of some kinds.
pub(super) fn delete(modem: &mut VirtualModem, action: Action<'_>) -> Result<Reply, Failure> {
    let slots = modem.reading()?;
    match action {
        Action::Set(arguments) => {
            let read = |status| status == MessageStatus::RECEIVED_READ;
            let sent = |status| status == MessageStatus::STORED_SENT;
            match octet(arguments, 1).unwrap_or(0) {
                0 => slots.delete(index(arguments)?).ok_or(INVALID_INDEX)?,
                1 => slots.delete_if(read),
                2 => slots.delete_if(|status| read(status) || sent(status)),
                3 => slots.delete_if(|status| status != MessageStatus::RECEIVED_UNREAD),
                4 => slots.delete_if(|_| true),
                _ => return Err(WRONG),
            }
        }
        Action::Test => {
            let used: Vec<_> = slots.iter().map(|(index, _)| index.to_string()).collect();
            modem.raw_info("+CMGD", &format!("({}),(0-4)", used.join(",")));
        }
        Action::Execute | Action::Read => return Err(WRONG),
    }
    Ok(Reply::Done)
}

impl VirtualModem {
    fn slots(&mut self, store: Store) -> Option<&mut Slots> {
        self.stores.iter_mut().find(|slots| slots.store == store)
    }

    /// The store that is listed, read and deleted from.
    fn reading(&mut self) -> Result<&mut Slots, Failure> {
        let store = self.session.settings.stores.reading;
        self.slots(store).ok_or(Failure::Cms(CmsError::MEMORY_FAILURE))
    }
}

fn octet(arguments: Arguments<'_>, at: usize) -> Option<u8> {
    u8::try_from(arguments.get(at).number()?).ok()
}

fn index(arguments: Arguments<'_>) -> Result<u16, Failure> {
    let index = arguments.get(0).number().ok_or(WRONG)?;
    u16::try_from(index).map_err(|_| INVALID_INDEX)
}
