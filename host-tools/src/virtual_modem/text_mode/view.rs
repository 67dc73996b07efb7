//! How text mode shows messages: lines of values, and a text.

use septet::at::MessageStatus;
use septet::pdu::{Pdu, hex};
use septet::tpdu::dcs::Alphabet;
use septet::tpdu::time::{Enhanced, Relative, ValidityPeriod};
use septet::tpdu::{Address, Command, DataCoding, Deliver, StatusReport, Submit, UserData};
use septet::wire::Wire as _;

use super::{status_name, time};
use crate::virtual_modem::charset::Charset;

/// How text mode shows messages.
#[derive(Clone, Copy)]
pub(in crate::virtual_modem) struct View<'a> {
    pub(in crate::virtual_modem) charset: Charset,
    /// `+CSDH`: whether every field is shown.
    pub(in crate::virtual_modem) details: bool,
    /// `+CSCA`, shown where a message has no service centre of its own.
    pub(in crate::virtual_modem) service_centre: &'a str,
}

/// Where a message is shown.
#[derive(Clone, Copy)]
pub(in crate::virtual_modem) enum Place {
    /// `+CMGL:` with its slot.
    Listed(u16),
    /// `+CMGR:`.
    Read,
    /// `+CMT:`, `+CDS:`.
    Direct,
}

/// A message as it is shown: values, and its text where it has one.
pub(in crate::virtual_modem) struct Shown {
    pub(in crate::virtual_modem) values: Vec<u8>,
    pub(in crate::virtual_modem) text: Option<Vec<u8>>,
}

impl View<'_> {
    /// The message that `pdu` is, or `None` where it is none.
    pub(in crate::virtual_modem) fn show(
        &self,
        place: Place,
        status: MessageStatus,
        pdu: &Pdu,
    ) -> Option<Shown> {
        let mut values = Values::default();
        match place {
            Place::Listed(index) => {
                values.number(index);
                values.quoted(status_name(status).as_bytes());
            }
            Place::Read => values.quoted(status_name(status).as_bytes()),
            Place::Direct => {}
        }
        let first_octet = *pdu.tpdu().first()?;
        let received =
            matches!(status, MessageStatus::RECEIVED_UNREAD | MessageStatus::RECEIVED_READ);
        // TP-MTI: a report and a command have the same, and only their state tells them apart.
        let text = match (first_octet & 0b11, received) {
            (0b01, _) => {
                let submit = Submit::from_bytes_tolerant(pdu.tpdu()).ok()?.0;
                Some(self.submit(&mut values, place, pdu, &submit))
            }
            (0b10, false) => {
                let command = Command::from_bytes_tolerant(pdu.tpdu()).ok()?.0;
                self.command(&mut values, place, first_octet, &command)
            }
            (0b10, true) => {
                let report = StatusReport::from_bytes_tolerant(pdu.tpdu()).ok()?.0;
                self.report(&mut values, first_octet, &report);
                None
            }
            _ => {
                let deliver = Deliver::from_bytes_tolerant(pdu.tpdu()).ok()?.0;
                Some(self.deliver(&mut values, place, pdu, &deliver))
            }
        };
        Some(Shown { values: values.0, text })
    }

    fn deliver(
        &self,
        values: &mut Values,
        place: Place,
        pdu: &Pdu,
        deliver: &Deliver<'_>,
    ) -> Vec<u8> {
        values.quoted(&self.address(&deliver.originator));
        values.absent();
        values.quoted(time(deliver.service_centre_time).as_bytes());
        let Deliver { originator, protocol, coding, user_data, .. } = deliver;
        let (address, codes) = (originator, (protocol.0, coding.0));
        let details = Details { pdu, address, codes, period: None, len: user_data.len };
        self.details(values, place, &details);
        self.data(deliver.coding, &deliver.user_data)
    }

    fn submit(&self, values: &mut Values, place: Place, pdu: &Pdu, submit: &Submit<'_>) -> Vec<u8> {
        values.quoted(&self.address(&submit.destination));
        values.absent();
        if matches!(place, Place::Listed(_)) {
            values.absent();
        }
        let Submit { destination, protocol, coding, user_data, validity_period, .. } = submit;
        let (address, codes) = (destination, (protocol.0, coding.0));
        let period = Some(*validity_period);
        self.details(values, place, &Details { pdu, address, codes, period, len: user_data.len });
        self.data(submit.coding, &submit.user_data)
    }

    /// What `+CSDH=1` adds.
    fn details(&self, values: &mut Values, place: Place, details: &Details<'_>) {
        let Details { pdu, address, codes: (protocol, coding), period, len } = *details;
        if !self.details {
            return;
        }
        values.number(address.type_of_address());
        if !matches!(place, Place::Listed(_)) {
            values.number(pdu.tpdu().first().copied().unwrap_or_default());
            values.number(protocol);
            values.number(coding);
            match period {
                None => {}
                Some(ValidityPeriod::Relative(Relative(period))) => values.number(period),
                Some(ValidityPeriod::Absolute(until)) => values.quoted(time(until).as_bytes()),
                Some(ValidityPeriod::Enhanced(Enhanced(octets))) => {
                    let digits: Vec<u8> = hex(&octets).collect();
                    values.quoted(&digits);
                }
                Some(ValidityPeriod::NotGiven) => values.absent(),
            }
            let own = || Address::number(self.service_centre).ok();
            match pdu.service_centre().or_else(own) {
                Some(centre) => {
                    values.quoted(&self.address(&centre));
                    values.number(centre.type_of_address());
                }
                None => {
                    values.absent();
                    values.absent();
                }
            }
        }
        values.number(len);
    }

    fn report(&self, values: &mut Values, first_octet: u8, report: &StatusReport<'_>) {
        values.number(first_octet);
        values.number(report.message_reference);
        values.quoted(&self.address(&report.recipient));
        values.number(report.recipient.type_of_address());
        values.quoted(time(report.service_centre_time).as_bytes());
        values.quoted(time(report.discharge_time).as_bytes());
        values.number(report.status.0);
    }

    fn command(
        &self,
        values: &mut Values,
        place: Place,
        first_octet: u8,
        command: &Command<'_>,
    ) -> Option<Vec<u8>> {
        values.number(first_octet);
        values.number(command.command.0);
        if matches!(place, Place::Listed(_)) {
            return None;
        }
        values.number(command.protocol.0);
        values.number(command.message_number);
        values.quoted(&self.address(&command.destination));
        values.number(command.destination.type_of_address());
        values.number(command.data.len);
        Some(hex(command.data.octets).collect())
    }

    /// The text in the terminal's character set, or hexadecimal digits of the octets where there is a
    /// header or another alphabet than the default one.
    fn data(&self, coding: DataCoding, user_data: &UserData<'_>) -> Vec<u8> {
        let plain = !user_data.has_header && coding.alphabet() == Alphabet::Gsm7;
        match user_data.text(coding).filter(|_| plain) {
            Some(text) => self.charset.encode(text),
            None => hex(user_data.octets).collect(),
        }
    }

    /// An address in the terminal's character set.
    pub(in crate::virtual_modem) fn address(&self, address: &Address) -> Vec<u8> {
        let plus = if address.type_of_address() == 0x91 { "+" } else { "" };
        // A quotation mark would end the value.
        let chars = address.printable().map(|c| if c == '"' { '\'' } else { c });
        self.charset.encode_name(plus.chars().chain(chars))
    }
}

/// What is shown of a message where every field is.
struct Details<'a> {
    pdu: &'a Pdu,
    address: &'a Address,
    /// TP-PID and TP-DCS.
    codes: (u8, u8),
    /// Of a written message; a received one has no place for it.
    period: Option<ValidityPeriod>,
    len: u8,
}

/// Values with commas between.
#[derive(Default)]
pub(in crate::virtual_modem) struct Values(pub(in crate::virtual_modem) Vec<u8>);

impl Values {
    fn absent(&mut self) {
        // The first value of a line is never absent.
        self.0.push(b',');
    }

    pub(in crate::virtual_modem) fn number(&mut self, number: impl Into<u32>) {
        self.comma();
        self.0.extend(number.into().to_string().bytes());
    }

    pub(in crate::virtual_modem) fn quoted(&mut self, text: &[u8]) {
        self.comma();
        self.0.push(b'"');
        self.0.extend(text);
        self.0.push(b'"');
    }

    fn comma(&mut self) {
        if !self.0.is_empty() {
            self.0.push(b',');
        }
    }
}
