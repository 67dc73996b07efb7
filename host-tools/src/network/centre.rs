//! What the service centre does with TPDUs: one from a SIM becomes one for a handset, and a report.

use std::time::{Duration, SystemTime};

use jiff::tz::{Offset, TimeZone};
use septet::at::CmsError;
use septet::pdu::Pdu;
use septet::segment::{Plan, segments};
use septet::tpdu::codes::{ProtocolIdentifier, Status};
use septet::tpdu::dcs::DataCoding;
use septet::tpdu::time::{Civil, Period, ValidityPeriod};
use septet::tpdu::udh::Reference;
use septet::tpdu::user_data::USER_DATA_MAX;
use septet::tpdu::{Address, Command, Deliver, Mo, Mt, StatusReport, Submit, Timestamp, UserData};
use septet::wire::{Input, Quirk, Quirks};
use septet::{Error, Wire as _};

use super::SERVICE_CENTRE;

/// Shorter numbers are a network's own and have no international form.
const INTERNATIONAL_DIGITS: usize = 7;

/// What `tpdu` is, by the letter of the standard; octets behind it are passed over, as those that
/// serialport-gsm leaves behind the user data.
pub(super) fn read(tpdu: &[u8]) -> Result<Mo<'_>, CmsError> {
    let tolerated = Quirks::NONE.with(Quirk::TrailingOctets);
    let (sent, quirks) = Input::tolerating(tpdu, tolerated)
        .finish(Mo::parse)
        .map_err(|_| CmsError::INVALID_PDU_PARAMETER)?;
    if !quirks.is_empty() {
        tracing::info!("a message was taken although {quirks}");
    }
    Ok(sent)
}

/// When a validity period that begins `now` ends; never where none is given.
pub(super) fn expiry(validity_period: ValidityPeriod, now: SystemTime) -> Option<SystemTime> {
    let minutes = |minutes: u32| Some(Duration::from_secs(60 * u64::from(minutes)));
    let period = match validity_period {
        ValidityPeriod::NotGiven => None,
        ValidityPeriod::Relative(relative) => minutes(relative.minutes()),
        ValidityPeriod::Absolute(time) => return point_in_time(time),
        ValidityPeriod::Enhanced(enhanced) => match enhanced.period() {
            Period::NotGiven | Period::Reserved(_) => None,
            Period::Relative(relative) => minutes(relative.minutes()),
            Period::Seconds(seconds) => Some(Duration::from_secs(seconds.into())),
            Period::HoursMinutesSeconds(h, m, s) => {
                Some(Duration::from_secs(3600 * u64::from(h) + 60 * u64::from(m) + u64::from(s)))
            }
        },
    };
    now.checked_add(period?)
}

/// The point in time that a timestamp is.
pub(crate) fn point_in_time(time: Timestamp) -> Option<SystemTime> {
    let Civil { year, month, day, hour, minute, second, zone_quarters } = time.civil()?;
    let [month, day, hour, minute, second] =
        [month, day, hour, minute, second].map(|number| number as i8);
    let year = 2000 + i16::from(year);
    let local = jiff::civil::DateTime::new(year, month, day, hour, minute, second, 0).ok()?;
    let zone = Offset::from_seconds(i32::from(zone_quarters) * 15 * 60).ok()?;
    Some(zone.to_timestamp(local).ok()?.into())
}

/// What the recipient of `submit` gets.
pub(super) fn deliver(
    sender: &str,
    submit: &Submit<'_>,
    received: SystemTime,
) -> Result<Pdu, Error> {
    let plain = plain(sender, submit.coding, submit.user_data, received)?;
    let Submit { reply_path, protocol, .. } = *submit;
    pdu(&Mt::Deliver(Deliver { reply_path, protocol, ..plain }))
}

/// Whether a message is to be acknowledged and discarded unseen (3GPP TS 23.040, section 9.2.3.9).
pub(crate) fn is_type_0(deliver: &Pdu) -> bool {
    matches!(
        deliver.read_tolerant(),
        Ok(((_, Mt::Deliver(Deliver { protocol: ProtocolIdentifier::TYPE_0, .. })), _))
    )
}

/// What a SIM gets of a text from a handset: its parts.
pub(crate) fn delivers(
    sender: &str,
    text: &str,
    reference: u8,
    received: SystemTime,
) -> Result<Vec<Pdu>, Error> {
    let plan = Plan::cheapest(text.chars());
    let parts = segments(text.chars(), plan, Reference::Short(reference))?;
    parts
        .map(|part| {
            let mut buffer = [0; USER_DATA_MAX];
            let user_data = part.user_data(&mut buffer);
            pdu(&Mt::Deliver(plain(sender, part.coding(), user_data, received)?))
        })
        .collect()
}

/// A status report but for its status.
pub(super) struct Report {
    reference: u8,
    recipient: Address,
    received: SystemTime,
    of_command: bool,
}

impl Report {
    /// The report on a message that was received at this time and given this reference.
    pub(super) fn new(submit: &Submit<'_>, reference: u8, received: SystemTime) -> Self {
        Self { reference, recipient: submit.destination, received, of_command: false }
    }

    /// The report on a command about a message that was received at this time.
    pub(super) fn of_command(command: &Command<'_>, reference: u8, received: SystemTime) -> Self {
        Self { reference, recipient: command.destination, received, of_command: true }
    }

    pub(super) const fn reference(&self) -> u8 {
        self.reference
    }

    /// The digits of the number that the message was for.
    pub(super) fn recipient(&self) -> String {
        self.recipient.chars().collect()
    }

    /// The report that the message ended with this status at this time.
    pub(super) fn pdu(&self, status: Status, discharged: SystemTime) -> Result<Pdu, Error> {
        pdu(&Mt::StatusReport(StatusReport {
            no_more_messages: true,
            loop_prevention: false,
            of_command: self.of_command,
            message_reference: self.reference,
            recipient: self.recipient,
            service_centre_time: timestamp(self.received)?,
            discharge_time: timestamp(discharged)?,
            status,
            parameters: None,
        }))
    }
}

fn plain<'a>(
    sender: &str,
    coding: DataCoding,
    user_data: UserData<'a>,
    received: SystemTime,
) -> Result<Deliver<'a>, Error> {
    let plus = if sender.len() < INTERNATIONAL_DIGITS { "" } else { "+" };
    Ok(Deliver {
        no_more_messages: true,
        loop_prevention: false,
        status_report_indication: false,
        reply_path: false,
        originator: Address::number(&format!("{plus}{sender}"))?,
        protocol: ProtocolIdentifier::PLAIN,
        coding,
        service_centre_time: timestamp(received)?,
        user_data,
    })
}

fn pdu(tpdu: &Mt<'_>) -> Result<Pdu, Error> {
    Pdu::new(Some(Address::number(SERVICE_CENTRE)?), tpdu)
}

/// The time at Greenwich.
pub(crate) fn timestamp(time: SystemTime) -> Result<Timestamp, Error> {
    // A clock past the year 9999 tells that it is 1970.
    let time = jiff::Timestamp::try_from(time).unwrap_or_default().to_zoned(TimeZone::UTC);
    Timestamp::new(Civil {
        year: time.year().rem_euclid(100) as u8,
        month: time.month() as u8,
        day: time.day() as u8,
        hour: time.hour() as u8,
        minute: time.minute() as u8,
        second: time.second() as u8,
        zone_quarters: 0,
    })
}
