//! The commands of 3GPP TS 27.005 that send, write, list, read and delete messages, in PDU mode and in
//! text mode.

use std::time::Instant;

use septet::at::{Action, Argument, Arguments, CmsError, Failure, Line, MessageStatus};
use septet::pdu::Pdu;
use septet::tpdu::{Mo, Submit};

use super::{Entry, Purpose, Reply, VirtualModem, octet, sms, word};
use crate::virtual_modem::store::Stored;
use crate::virtual_modem::text_mode::{
    self, CommandHead, Place, Shown, View, nobody, read_address, read_status,
};

const INVALID_INDEX: Failure = Failure::Cms(CmsError::INVALID_INDEX);

/// The longest TPDU, in octets (3GPP TS 24.011, section 8.2.5.3, with room for its long forms).
const TPDU_MAX: u32 = 164;

/// `+CMGS` (sections 3.5.1 and 4.3): sends what follows.
pub(super) fn send(modem: &mut VirtualModem, arguments: Arguments<'_>) -> Result<Reply, Failure> {
    let entry = if modem.is_in_text_mode() {
        Entry::Text { address: modem.address(arguments, 0)? }
    } else {
        pdu(arguments)?
    };
    Ok(Reply::Prompt { purpose: Purpose::Send, entry })
}

/// `+CMGW` (sections 3.5.3 and 4.4): keeps what follows.
pub(super) fn write(
    modem: &mut VirtualModem,
    action: Action<'_>,
    _: Instant,
) -> Result<Reply, Failure> {
    let text = modem.is_in_text_mode();
    let arguments = match action {
        Action::Set(arguments) => arguments,
        Action::Execute if text => Arguments::List(&[]),
        Action::Test => return Ok(Reply::Done),
        Action::Execute | Action::Read => return Err(modem.wrong()),
    };
    let (entry, status) = if text {
        let address = match arguments.get(0) {
            Argument::Absent => nobody()?,
            _ => modem.address(arguments, 0)?,
        };
        (Entry::Text { address }, word(arguments.get(2)).map(|name| read_status(&name)))
    } else {
        let status = arguments.get(1).number();
        let status = status.map(|n| (n <= 3).then_some(MessageStatus(n as u8)));
        (pdu(arguments)?, status)
    };
    let status = status.unwrap_or(Some(MessageStatus::STORED_UNSENT)).ok_or(modem.wrong())?;
    Ok(Reply::Prompt { purpose: Purpose::Write { status }, entry })
}

/// `+CMSS` (sections 3.5.2 and 4.7): sends what is stored, also to another number.
pub(super) fn send_stored(
    modem: &mut VirtualModem,
    arguments: Arguments<'_>,
) -> Result<Reply, Failure> {
    let index = modem.index(arguments)?;
    let store = modem.session.settings.stores.writing;
    let Stored { status, pdu: stored } =
        modem.memory.get_mut(store, index).ok_or(INVALID_INDEX)?.clone();
    let is_new = matches!(status, MessageStatus::STORED_UNSENT | MessageStatus::STORED_SENT);
    let pdu = match (stored.read_tolerant(), arguments.get(1)) {
        (Ok(((_, Mo::Submit(_)), _)), Argument::Absent) => stored,
        (Ok(((_, Mo::Command(_)), _)), Argument::Absent) if is_new => stored,
        (Ok(((_, Mo::Submit(submit)), _)), _) => {
            let destination = modem.address(arguments, 1)?;
            Pdu::new(None, &Submit { destination, ..submit }).map_err(|_| modem.wrong())?
        }
        // What came is not sent.
        _ => return Err(Failure::Cms(CmsError::NOT_ALLOWED)),
    };
    Ok(Reply::Submit { pdu, purpose: Purpose::SendStored { index } })
}

/// `+CMGC` (sections 3.5.5 and 4.6): sends an SMS-COMMAND.
pub(super) fn command(
    modem: &mut VirtualModem,
    arguments: Arguments<'_>,
) -> Result<Reply, Failure> {
    let entry = if modem.is_in_text_mode() {
        let value = |at| octet(arguments, at, &(0..=255));
        let (Some(first_octet), Some(command)) = (value(0), value(1)) else {
            return Err(text_mode::WRONG);
        };
        let destination = match arguments.get(4) {
            Argument::Absent => nobody()?,
            _ => modem.address(arguments, 4)?,
        };
        let (protocol, message_number) = (value(2).unwrap_or(0), value(3).unwrap_or(0));
        Entry::Command(CommandHead { first_octet, command, protocol, message_number, destination })
    } else {
        pdu(arguments)?
    };
    Ok(Reply::Prompt { purpose: Purpose::Command, entry })
}

/// `+CMGL` (sections 3.4.2 and 4.1): the messages of the store that is read, of one status or all.
pub(super) fn list(
    modem: &mut VirtualModem,
    action: Action<'_>,
    _: Instant,
) -> Result<Reply, Failure> {
    let text = modem.is_in_text_mode();
    let wanted = match (action, text) {
        (Action::Execute, _) => Some(MessageStatus::RECEIVED_UNREAD),
        (Action::Set(arguments), true) => match word(arguments.get(0)).as_deref() {
            Some("ALL") => None,
            name => Some(name.and_then(read_status).ok_or(modem.wrong())?),
        },
        (Action::Set(arguments), false) => {
            match octet(arguments, 0, &(0..=4)).ok_or(modem.wrong())? {
                4 => None,
                status => Some(MessageStatus(status)),
            }
        }
        (Action::Test, _) => {
            let names = "(\"REC UNREAD\",\"REC READ\",\"STO UNSENT\",\"STO SENT\",\"ALL\")";
            modem.raw_info("+CMGL", if text { names } else { "(0-4)" });
            return Ok(Reply::Done);
        }
        (Action::Read, _) => return Err(modem.wrong()),
    };
    let messages = modem.memory.iter_mut(modem.session.settings.stores.reading);
    let messages = messages.filter(|(_, message)| wanted.is_none_or(|s| s == message.status));
    let read = |(index, message): (u16, &mut Stored)| (index, message.read());
    let messages: Vec<_> = messages.map(read).collect();
    for (index, Stored { status, pdu }) in messages {
        if text {
            let shown = modem.view().show(Place::Listed(index), status, &pdu);
            modem.say_shown("+CMGL", shown);
        } else {
            modem.say(&Line::Listed { index, status, tpdu_len: pdu.tpdu_len() as u16 });
            modem.say_pdu(&pdu);
        }
    }
    Ok(Reply::Done)
}

/// `+CMGR` (sections 3.4.3 and 4.2): the message in a slot.
pub(super) fn read(modem: &mut VirtualModem, arguments: Arguments<'_>) -> Result<Reply, Failure> {
    let (index, store) = (modem.index(arguments)?, modem.session.settings.stores.reading);
    let stored = modem.memory.get_mut(store, index).ok_or(INVALID_INDEX)?;
    let Stored { status, pdu } = stored.read();
    if modem.is_in_text_mode() {
        let shown = modem.view().show(Place::Read, status, &pdu);
        modem.say_shown("+CMGR", shown);
    } else {
        modem.say(&Line::Stored { status, tpdu_len: pdu.tpdu_len() as u16 });
        modem.say_pdu(&pdu);
    }
    Ok(Reply::Done)
}

/// `+CMGD` (section 3.5.4): empties a slot, or by a flag all slots of some kinds.
pub(super) fn delete(modem: &mut VirtualModem, arguments: Arguments<'_>) -> Result<Reply, Failure> {
    let store = modem.session.settings.stores.reading;
    let read = |status| status == MessageStatus::RECEIVED_READ;
    let sent = |status| status == MessageStatus::STORED_SENT;
    let flag = match arguments.get(1) {
        Argument::Absent => Some(0),
        _ => octet(arguments, 1, &(0..=4)),
    };
    let index = modem.index(arguments);
    let memory = &mut modem.memory;
    match flag {
        Some(0) => memory.delete(store, index?).ok_or(INVALID_INDEX)?,
        Some(1) => memory.delete_if(store, read),
        Some(2) => memory.delete_if(store, |status| read(status) || sent(status)),
        Some(3) => memory.delete_if(store, |s| s != MessageStatus::RECEIVED_UNREAD),
        Some(4) => memory.delete_if(store, |_| true),
        _ => return Err(modem.wrong()),
    }
    Ok(Reply::Done)
}

/// The slots that are not empty, and the flags of `+CMGD`.
pub(super) fn used(modem: &VirtualModem) -> String {
    let used = modem.memory.iter(modem.session.settings.stores.reading);
    let used: Vec<_> = used.map(|(index, _)| index.to_string()).collect();
    format!("({}),(0-4)", used.join(","))
}

impl VirtualModem {
    fn is_in_text_mode(&self) -> bool {
        self.session.settings.format == 1
    }

    /// What a value is answered that cannot be.
    pub(super) fn wrong(&self) -> Failure {
        if self.is_in_text_mode() { text_mode::WRONG } else { sms::WRONG }
    }

    /// The slot that a command is about.
    fn index(&self, arguments: Arguments<'_>) -> Result<u16, Failure> {
        let index = arguments.get(0).number().ok_or(self.wrong())?;
        u16::try_from(index).map_err(|_| INVALID_INDEX)
    }

    /// The address at a place, and its type at the next.
    fn address(
        &self,
        arguments: Arguments<'_>,
        at: usize,
    ) -> Result<septet::tpdu::Address, Failure> {
        let text = word(arguments.get(at)).ok_or(self.wrong())?;
        let charset = self.session.settings.charset;
        let number = charset.number(text.as_bytes()).ok_or(self.wrong())?;
        read_address(&number, arguments.get(at + 1).number())
    }

    /// How text mode shows messages now.
    pub(in crate::virtual_modem) fn view(&self) -> View<'_> {
        let settings = &self.session.settings;
        View {
            charset: settings.charset,
            details: settings.details == 1,
            service_centre: &self.service_centre,
        }
    }

    /// Writes a message as text mode shows it. What is none is told as nothing.
    pub(in crate::virtual_modem) fn say_shown(&mut self, name: &str, shown: Option<Shown>) {
        let Some(Shown { values, text }) = shown else { return };
        self.raw_info(name, values);
        if let Some(text) = text {
            self.say_more(&text);
        }
    }

    /// Puts what was written into its store, and tells where.
    pub(in crate::virtual_modem) fn keep(&mut self, stored: Stored) -> Result<(), Failure> {
        let store = self.session.settings.stores.writing;
        // What is no message cannot be shown later.
        self.view().show(Place::Read, stored.status, &stored.pdu).ok_or(self.wrong())?;
        let full = Failure::Cms(CmsError::MEMORY_FULL);
        let index = self.memory.add(store, stored).ok_or(full)?;
        self.info("+CMGW", &[Argument::Number(index.into())]);
        Ok(())
    }

    /// Notes that a stored message was sent.
    pub(in crate::virtual_modem) fn sent(&mut self, purpose: Purpose) {
        let store = self.session.settings.stores.writing;
        if let Purpose::SendStored { index } = purpose
            && let Some(stored) = self.memory.get_mut(store, index)
        {
            stored.status = MessageStatus::STORED_SENT;
        }
    }
}

/// The PDU that follows, by its length.
fn pdu(arguments: Arguments<'_>) -> Result<Entry, Failure> {
    let len = arguments.get(0).number().filter(|len| (1..=TPDU_MAX).contains(len));
    Ok(Entry::Pdu { tpdu_len: len.ok_or(sms::WRONG)? as usize })
}
