//! Object → octets.

mod user_data;

use septet::error::{Error, ErrorKind};
use septet::tpdu::codes::{CommandType, FailureCause, ProtocolIdentifier, Status};
use septet::tpdu::dcs::DataCoding;
use septet::tpdu::time::{Civil, Enhanced, Relative, ValidityPeriod};
use septet::tpdu::{
    Address, Command, Deliver, DeliverReport, Parameters, Reserved, StatusReport, Submit,
    SubmitReport, Timestamp, UserData,
};
use septet::wire::{Wire, Writer};
use serde_json::Value;

use self::user_data::Data;
use super::{Direction, Fields, Wrong, has_quirk};

/// Which way the message goes, which its type says.
pub(super) fn direction(fields: Fields<'_>) -> Result<Direction, Wrong> {
    let name = fields.optional("direction", Value::as_str, "a text")?;
    let kind = fields.needed("type", Value::as_str, "a text")?;
    let by_type = match kind {
        "DELIVER" | "STATUS-REPORT" | "SUBMIT-REPORT" => Direction::Mt,
        "SUBMIT" | "DELIVER-REPORT" | "COMMAND" => Direction::Mo,
        _ => return Err(Wrong::new("value", "type", "is no type of message")),
    };
    match name.map(Direction::from_name) {
        None => Ok(by_type),
        Some(Some(direction)) if direction == by_type => Ok(direction),
        Some(Some(_)) => {
            Err(Wrong::new("disagree", "direction", format!("is not that of type {kind}")))
        }
        Some(None) => Err(Wrong::new("value", "direction", "is neither MT nor MO")),
    }
}

/// Whether the service centre's address stands before the message.
pub(super) fn smsc_prefix(fields: Fields<'_>) -> Result<bool, Wrong> {
    let given = fields.optional("smsc_prefix", Value::as_bool, "true or false")?;
    Ok(given.unwrap_or_else(|| fields.object.get("smsc").is_some()))
}

/// The octets of the message, its service centre's address before it where that is asked for.
pub(super) fn octets(fields: Fields<'_>) -> Result<Vec<u8>, Wrong> {
    let kind = fields.needed("type", Value::as_str, "a text")?;
    let data = if kind == "COMMAND" { None } else { Data::build(fields)? };
    let first = FirstOctet::build(fields, kind, data.is_some() || kind == "COMMAND")?;
    let filler = has_quirk(fields.object, "address_filler_inside");
    let address = |fields: Fields<'_>| address(fields, filler);
    let write = |tpdu: &dyn Emit| write(fields, first, tpdu);
    let protocol = || fields.octet("pid").map(ProtocolIdentifier);
    let coding = || fields.needed_inner("dcs", coding);
    let user_data = || {
        data.as_ref().map(Data::user_data).ok_or_else(|| Wrong::new("missing", "ud", "is missing"))
    };
    let announced = Announced::build(fields)?;
    let parameters = || parameters(fields, data.as_ref(), &announced);
    match kind {
        "DELIVER" => {
            let deliver = Deliver {
                no_more_messages: fields.flag("mms")?,
                loop_prevention: fields.flag("lp")?,
                status_report_indication: fields.flag("sri")?,
                reply_path: fields.flag("rp")?,
                originator: fields.needed_inner("oa", address)?,
                protocol: protocol()?,
                coding: coding()?,
                service_centre_time: fields.needed_inner("scts", time)?,
                user_data: user_data()?,
            };
            write(&deliver)
        }
        "SUBMIT" => {
            let submit = Submit {
                reject_duplicates: fields.flag("rd")?,
                status_report_request: fields.flag("srr")?,
                reply_path: fields.flag("rp")?,
                message_reference: fields.octet("mr")?,
                destination: fields.needed_inner("da", address)?,
                protocol: protocol()?,
                coding: coding()?,
                validity_period: fields.inner("vp", validity_period)?.unwrap_or_default(),
                user_data: user_data()?,
            };
            write(&submit)
        }
        "STATUS-REPORT" => {
            let report = StatusReport {
                no_more_messages: fields.flag("mms")?,
                loop_prevention: fields.flag("lp")?,
                of_command: fields.flag("srq")?,
                message_reference: fields.octet("mr")?,
                recipient: fields.needed_inner("ra", address)?,
                service_centre_time: fields.needed_inner("scts", time)?,
                discharge_time: fields.needed_inner("dt", time)?,
                status: Status(fields.octet("st")?),
                parameters: parameters()?,
            };
            write(&report)
        }
        "SUBMIT-REPORT" => {
            let report = SubmitReport {
                failure_cause: fields.number("fcs")?.map(FailureCause),
                service_centre_time: fields.needed_inner("scts", time)?,
                parameters: parameters()?.unwrap_or_default(),
            };
            write(&report)
        }
        "DELIVER-REPORT" => {
            let report = DeliverReport {
                failure_cause: fields.number("fcs")?.map(FailureCause),
                parameters: parameters()?.unwrap_or_default(),
            };
            write(&report)
        }
        "COMMAND" => {
            let octets = fields.octets("cd")?.unwrap_or_default();
            let len = match fields.number("cdl")? {
                Some(len) => len,
                None => u8::try_from(octets.len()).map_err(|_| too_long(fields))?,
            };
            let command = Command {
                status_report_request: fields.flag("srr")?,
                message_reference: fields.octet("mr")?,
                protocol: protocol()?,
                command: CommandType(fields.octet("ct")?),
                message_number: fields.octet("mn")?,
                destination: fields.needed_inner("da", address)?,
                data: UserData { has_header: fields.flag("udhi")?, len, octets: &octets },
            };
            write(&command)
        }
        _ => Err(Wrong::new("value", "type", "is no type of message")),
    }
}

/// What can be written, of any type.
trait Emit {
    fn emit(&self, w: &mut Writer<'_>) -> Result<(), Error>;
}

impl<'a, T: Wire<'a>> Emit for T {
    fn emit(&self, w: &mut Writer<'_>) -> Result<(), Error> {
        Wire::emit(self, w)
    }
}

fn write(fields: Fields<'_>, first: FirstOctet, tpdu: &dyn Emit) -> Result<Vec<u8>, Wrong> {
    let has = |name| has_quirk(fields.object, name);
    let mut buffer = [0; 512];
    let mut w = Writer::new(&mut buffer);
    if smsc_prefix(fields)? {
        let filler = has("address_filler_inside");
        let centre = fields.inner("smsc", |fields| address(fields, filler))?;
        Address::emit_service_centre(centre.as_ref(), &mut w)?;
        if centre.is_some_and(|centre| !w.written().ends_with(centre.octets())) {
            return Err(Wrong::new("disagree", "smsc.raw", "does not agree with its digits"));
        }
    }
    let at = w.len();
    tpdu.emit(&mut w)?;
    let mut octets = w.written().to_vec();
    if let Some(octet) = octets.get_mut(at) {
        *octet = *octet & !first.mask | first.bits;
        if has("reserved_mti") {
            *octet |= 0b11;
        }
    }
    if has("trailing_octets") {
        // The parameters that it announces may be what could not be read.
        if let Some(place) = first.indicator
            && let Some(indicator) = fields.number("pi")?
            && let Some(octet) = octets.get_mut(at + place)
        {
            *octet = indicator;
        }
        octets.extend(fields.octets("trailing")?.unwrap_or_default());
    }
    Ok(octets)
}

/// What the first octet says that no field does.
#[derive(Clone, Copy)]
struct FirstOctet {
    /// The bits that are to be as `bits` has them.
    mask: u8,
    bits: u8,
    /// Where TP-PI stands behind it, in a report that always has one.
    indicator: Option<usize>,
}

impl FirstOctet {
    fn build(fields: Fields<'_>, kind: &str, has_data: bool) -> Result<Self, Wrong> {
        // 3GPP TS 23.040, section 9.2.2: the bits that a message of this type leaves unused.
        let (unused, has_indicator) = match kind {
            "DELIVER" => (0x10, false),
            "STATUS-REPORT" => (0x90, false),
            "COMMAND" => (0x9C, false),
            "SUBMIT-REPORT" | "DELIVER-REPORT" => (0xBC, true),
            _ => (0x00, false),
        };
        // TP-UDHI; user data itself knows whether it has a header.
        let header = if has_data { 0x00 } else { 0x40 };
        let mask = unused | header;
        let bits = match fields.number::<u8>("first_octet")? {
            Some(octet) => octet & mask,
            None if fields.flag("udhi")? => header,
            None => 0,
        };
        let cause = fields.number::<u8>("fcs")?.is_some();
        Ok(Self { mask, bits, indicator: has_indicator.then_some(1 + usize::from(cause)) })
    }
}

/// More than a message can have.
pub(super) fn too_long(fields: Fields<'_>) -> Wrong {
    let command = fields.object["type"] == "COMMAND";
    Wrong::new("too_long", if command { "TP-CDL" } else { "TP-UDL" }, ErrorKind::TooLong)
}

/// The octets of a TP-PI behind its first, and those that reserved bits of it announce.
struct Announced {
    further: Vec<u8>,
    octets: Vec<u8>,
}

impl Announced {
    fn build(fields: Fields<'_>) -> Result<Self, Wrong> {
        Ok(Self {
            further: fields.octets("pi_further")?.unwrap_or_default(),
            octets: fields.octets("pi_octets")?.unwrap_or_default(),
        })
    }
}

fn parameters<'a>(
    fields: Fields<'_>,
    data: Option<&'a Data>,
    announced: &'a Announced,
) -> Result<Option<Parameters<'a>>, Wrong> {
    let protocol = fields.number("pid")?.map(ProtocolIdentifier);
    let coding = fields.inner("dcs", coding)?;
    let user_data = data.map(Data::user_data);
    let indicator = fields.number::<u8>("pi")?;
    let reserved = Reserved {
        bits: indicator.unwrap_or_default() & 0x78,
        indicators: &announced.further,
        octets: &announced.octets,
    };
    let parameters = Parameters { protocol, coding, user_data, reserved };
    let given = parameters != Parameters::default() || indicator.is_some();
    Ok(given.then_some(parameters))
}

fn coding(fields: Fields<'_>) -> Result<DataCoding, Wrong> {
    fields.octet("raw").map(DataCoding)
}

fn address(fields: Fields<'_>, filler: bool) -> Result<Address, Wrong> {
    let value = fields.needed("value", Value::as_str, "a text")?;
    let type_of_address = match fields.number("toa")? {
        Some(toa) => toa,
        None => {
            let npi = fields.number::<u8>("npi")?.unwrap_or(1);
            0x80 | (fields.octet("ton")? & 0b111) << 4 | npi & 0x0F
        }
    };
    let digits = fields.number("digits")?;
    let raw = fields.octets("raw")?;
    let plain = |digits| {
        plain_address(type_of_address, value, digits, filler).map_err(|error| {
            let key = if error.field == DIGITS { "digits" } else { "value" };
            let kind = if key == "digits" { "disagree" } else { error.kind.name() };
            Wrong::new(kind, fields.name(key), error.kind)
        })
    };
    let Some(raw) = raw else { return plain(digits) };
    let len = digits.map_or_else(|| plain(None).map(|plain| plain.len() as u8), Ok)?;
    Address::new(type_of_address, len, &raw)
        .map_err(|error| Wrong::new("disagree", fields.name("raw"), error.kind))
}

/// What an error is about where the number of digits is not that of the value.
const DIGITS: &str = "digits";

/// The address with this type that `value` is, the bits behind it as an address has them mostly.
///
/// `digits`: its length in semi-octets; absent: as short as can be. `filler`: it may count one filler
/// more than there are digits.
pub(super) fn plain_address(
    type_of_address: u8,
    value: &str,
    digits: Option<u8>,
    filler: bool,
) -> Result<Address, Error> {
    let is_name = type_of_address >> 4 & 0b111 == 5;
    let plain = match (is_name, value) {
        (_, "") => Address::new(type_of_address, 0, &[])?,
        (true, name) => Address::name(name)?,
        (false, number) => Address::number(number)?,
    };
    let len = digits.unwrap_or(plain.len() as u8);
    let septets = |len: usize| len * 4 / 7;
    let mut octets = plain.octets().to_vec();
    let fits = match is_name {
        true => septets(len.into()) == septets(plain.len()),
        false => usize::from(len) == plain.len() || filler,
    };
    if !fits {
        return Err(ErrorKind::Value.at(DIGITS, 0));
    }
    if is_name {
        octets.resize(len.div_ceil(2).into(), 0);
    }
    Address::new(type_of_address, len, &octets).map_err(|error| error.kind.at(DIGITS, 0))
}

fn time(fields: Fields<'_>) -> Result<Timestamp, Wrong> {
    if let Some(raw) = fields.octets("raw")? {
        let octets = <[u8; 7]>::try_from(raw);
        return octets
            .map(Timestamp)
            .map_err(|_| Wrong::new("value", fields.name("raw"), "is not 7 octets"));
    }
    let number = |key: &str| fields.octet(key);
    let quarters = fields.number("tz_quarters")?;
    let civil = Civil {
        year: number("yy")?,
        month: number("month")?,
        day: number("day")?,
        hour: number("hour")?,
        minute: number("minute")?,
        second: number("second")?,
        zone_quarters: quarters.unwrap_or(0),
    };
    let path = fields.path.trim_end_matches('.');
    Timestamp::new(civil).map_err(|error| Wrong::new(error.kind.name(), path, error.kind))
}

fn validity_period(fields: Fields<'_>) -> Result<ValidityPeriod, Wrong> {
    let raw = fields.octets("raw")?;
    let wrong = |what: &str| Wrong::new("value", fields.name("raw"), what);
    match fields.needed("format", Value::as_str, "a text")? {
        "none" => Ok(ValidityPeriod::NotGiven),
        "relative" => {
            let relative = match raw.as_deref() {
                Some([octet]) => Relative(*octet),
                Some(_) => return Err(wrong("is not 1 octet")),
                None => {
                    let minutes = fields.needed("minutes", Value::as_u64, "a number")?;
                    Relative::at_least(u32::try_from(minutes).unwrap_or(u32::MAX))
                }
            };
            Ok(ValidityPeriod::Relative(relative))
        }
        "absolute" => match raw {
            Some(raw) => {
                let raw = raw.try_into().map_err(|_| wrong("is not 7 octets"))?;
                Ok(ValidityPeriod::Absolute(Timestamp(raw)))
            }
            None => fields.needed_inner("time", time).map(ValidityPeriod::Absolute),
        },
        "enhanced" => {
            let raw = raw.ok_or_else(|| Wrong::new("missing", fields.name("raw"), "is missing"))?;
            let raw = raw.try_into().map_err(|_| wrong("is not 7 octets"))?;
            Ok(ValidityPeriod::Enhanced(Enhanced(raw)))
        }
        _ => Err(Wrong::new("value", fields.name("format"), "is no format")),
    }
}
