//! Text mode: messages as lines of values and a text, and back.
//!
//! 3GPP TS 27.005, sections 3.1 and 4.

mod view;

use septet::at::{CmsError, Failure, MessageStatus};
use septet::gsm7;
use septet::pdu::Pdu;
use septet::tpdu::codes::{CommandType, ProtocolIdentifier};
use septet::tpdu::dcs::Alphabet;
use septet::tpdu::time::{Enhanced, Relative, ValidityPeriod};
use septet::tpdu::user_data::USER_DATA_MAX;
use septet::tpdu::{Address, Command, DataCoding, Deliver, Submit, Timestamp, UserData};
use septet::wire::Writer;

use super::charset::{Charset, unhex};
pub(super) use view::{Place, Shown, View};

/// A value of text mode that cannot be.
pub(super) const WRONG: Failure = Failure::Cms(CmsError::INVALID_TEXT_PARAMETER);

/// What `+CSMP` sets: the fields of an SMS-SUBMIT that text mode has no other place for.
///
/// 3GPP TS 27.005, section 3.3.3.
#[derive(Clone, Debug)]
pub(super) struct Parameters {
    /// `<fo>`: the first octet.
    pub(super) first_octet: u8,
    /// `<vp>`, as it was written.
    pub(super) validity_period: String,
    /// `<pid>`.
    pub(super) protocol: u8,
    /// `<dcs>`.
    pub(super) coding: u8,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { first_octet: 17, validity_period: "167".to_owned(), protocol: 0, coding: 0 }
    }
}

const HEADER: u8 = 0x40;

impl Parameters {
    /// The validity period in the format that the first octet names; `None` where it has another.
    pub(super) fn validity_period(&self) -> Option<ValidityPeriod> {
        let text = &self.validity_period;
        Some(match self.first_octet >> 3 & 0b11 {
            0b00 => ValidityPeriod::NotGiven,
            0b10 => ValidityPeriod::Relative(Relative(text.parse().ok()?)),
            0b11 => ValidityPeriod::Absolute(read_time(text)?),
            _ => ValidityPeriod::Enhanced(Enhanced(unhex(text.as_bytes(), 7)?.try_into().ok()?)),
        })
    }

    /// The SMS-SUBMIT of a text.
    pub(super) fn submit(
        &self,
        destination: Address,
        text: &[u8],
        charset: Charset,
    ) -> Result<Pdu, Failure> {
        let mut buffer = [0; USER_DATA_MAX];
        let has = |bit: u8| self.first_octet & bit != 0;
        let submit = Submit {
            reject_duplicates: has(0x04),
            status_report_request: has(0x20),
            reply_path: has(0x80),
            message_reference: 0,
            destination,
            protocol: ProtocolIdentifier(self.protocol),
            coding: DataCoding(self.coding),
            validity_period: self.validity_period().ok_or(WRONG)?,
            user_data: self.user_data(text, charset, &mut buffer)?,
        };
        Pdu::new(None, &submit).map_err(|_| WRONG)
    }

    /// The SMS-DELIVER of a text, for a store.
    pub(super) fn deliver(
        &self,
        originator: Address,
        text: &[u8],
        charset: Charset,
        service_centre_time: Timestamp,
    ) -> Result<Pdu, Failure> {
        let mut buffer = [0; USER_DATA_MAX];
        let deliver = Deliver {
            no_more_messages: true,
            loop_prevention: false,
            status_report_indication: false,
            reply_path: false,
            originator,
            protocol: ProtocolIdentifier(self.protocol),
            coding: DataCoding(self.coding),
            service_centre_time,
            user_data: self.user_data(text, charset, &mut buffer)?,
        };
        Pdu::new(None, &deliver).map_err(|_| WRONG)
    }

    /// The user data that a terminal wrote: a text, or where it has a header or another alphabet than
    /// the default one, hexadecimal digits.
    fn user_data<'a>(
        &self,
        text: &[u8],
        charset: Charset,
        buffer: &'a mut [u8; USER_DATA_MAX],
    ) -> Result<UserData<'a>, Failure> {
        let has_header = self.first_octet & HEADER != 0;
        let is_gsm7 = DataCoding(self.coding).alphabet() == Alphabet::Gsm7;
        let mut w = Writer::new(buffer);
        let len = if is_gsm7 && !has_header {
            let text = charset.decode(text).ok_or(WRONG)?;
            let septets = Charset::Gsm.encode(text.chars());
            gsm7::pack(septets, 0, &mut w).map_err(|_| WRONG)?
        } else {
            w.octets(&unhex(text, 1).ok_or(WRONG)?).map_err(|_| WRONG)?;
            if is_gsm7 { w.len() * 8 / 7 } else { w.len() }
        };
        let octets = w.into_written();
        let user_data = UserData { has_header, len: len as u8, octets };
        if has_header && user_data.header().is_none() { Err(WRONG) } else { Ok(user_data) }
    }
}

/// The address that a terminal wrote, and its type where it gave one.
pub(super) fn read_address(number: &str, kind: Option<u32>) -> Result<Address, Failure> {
    let international = kind == Some(145) && !number.starts_with('+');
    let name = kind.is_some_and(|kind| kind >> 4 & 0b111 == 0b101);
    let address = if name {
        Address::name(number)
    } else {
        Address::number(&format!("{}{number}", if international { "+" } else { "" }))
    };
    address.map_err(|_| WRONG)
}

/// The names of the states, as text mode has them.
const STATUSES: [(&str, MessageStatus); 4] = [
    ("REC UNREAD", MessageStatus::RECEIVED_UNREAD),
    ("REC READ", MessageStatus::RECEIVED_READ),
    ("STO UNSENT", MessageStatus::STORED_UNSENT),
    ("STO SENT", MessageStatus::STORED_SENT),
];

pub(super) fn status_name(status: MessageStatus) -> &'static str {
    STATUSES.into_iter().find(|(_, known)| *known == status).map_or("", |(name, _)| name)
}

pub(super) fn read_status(name: &str) -> Option<MessageStatus> {
    STATUSES.into_iter().find(|(known, _)| *known == name).map(|(_, status)| status)
}

/// `26/11/22,15:04:05+04`: the zone counts quarters of an hour.
pub(super) fn time(time: Timestamp) -> String {
    let t = time.digits();
    let (sign, zone) =
        (if t.zone_quarters < 0 { '-' } else { '+' }, t.zone_quarters.unsigned_abs());
    format!(
        "{:02}/{:02}/{:02},{:02}:{:02}:{:02}{sign}{zone:02}",
        t.year, t.month, t.day, t.hour, t.minute, t.second
    )
}

/// The point in time that [`time`] writes; the zone may be left out.
pub(super) fn read_time(text: &str) -> Option<Timestamp> {
    let bytes = text.as_bytes();
    let number = |at: usize| text.get(at..at + 2)?.parse::<u8>().ok();
    let zone_quarters = match bytes.get(17) {
        None => 0,
        Some(b'-') => -(number(18)? as i8),
        Some(b'+') => number(18)? as i8,
        Some(_) => return None,
    };
    let separators = [(2, b'/'), (5, b'/'), (8, b','), (11, b':'), (14, b':')];
    separators.iter().all(|(at, sign)| bytes.get(*at) == Some(sign)).then_some(())?;
    Timestamp::new(septet::tpdu::time::Civil {
        year: number(0)?,
        month: number(3)?,
        day: number(6)?,
        hour: number(9)?,
        minute: number(12)?,
        second: number(15)?,
        zone_quarters,
    })
    .ok()
}

/// The fields that `+CMGC` is given in text mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CommandHead {
    pub(super) first_octet: u8,
    pub(super) command: u8,
    pub(super) protocol: u8,
    pub(super) message_number: u8,
    pub(super) destination: Address,
}

impl CommandHead {
    /// The SMS-COMMAND with this data, in hexadecimal digits.
    pub(super) fn pdu(&self, data: &[u8]) -> Result<Pdu, Failure> {
        let octets = unhex(data, 1).ok_or(WRONG)?;
        let len = u8::try_from(octets.len()).map_err(|_| WRONG)?;
        let command = Command {
            status_report_request: self.first_octet & 0x20 != 0,
            message_reference: 0,
            protocol: ProtocolIdentifier(self.protocol),
            command: CommandType(self.command),
            message_number: self.message_number,
            destination: self.destination,
            data: UserData { has_header: self.first_octet & HEADER != 0, len, octets: &octets },
        };
        Pdu::new(None, &command).map_err(|_| WRONG)
    }
}

/// An address of no digits: of a message that was written without one.
pub(super) fn nobody() -> Result<Address, Failure> {
    Address::new(0x81, 0, &[]).map_err(|_| WRONG)
}
