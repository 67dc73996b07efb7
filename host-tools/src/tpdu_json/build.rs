//! Object → octets.

use septet::error::Error;
use septet::gsm7::{self, Code, Tables};
use septet::tpdu::codes::{CommandType, FailureCause, ProtocolIdentifier, Status};
use septet::tpdu::dcs::{Alphabet, DataCoding};
use septet::tpdu::time::{Civil, Enhanced, Relative, ValidityPeriod};
use septet::tpdu::udh::{Element, Header, Identifier};
use septet::tpdu::{
    Address, Command, Deliver, DeliverReport, Parameters, Reserved, StatusReport, Submit,
    SubmitReport, Timestamp, UserData,
};
use septet::ucs2;
use septet::wire::{Wire, Writer};
use serde_json::Value;

use super::{Direction, Fields, Wrong, counts_septets};

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
    let data = Data::build(fields)?;
    let protocol = || fields.octet("pid").map(ProtocolIdentifier);
    let coding = || fields.needed_inner("dcs", coding);
    let user_data = || {
        data.as_ref().map(Data::user_data).ok_or_else(|| Wrong::new("missing", "ud", "is missing"))
    };
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
            write(fields, &deliver)
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
            write(fields, &submit)
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
                parameters: parameters(fields, data.as_ref())?,
            };
            write(fields, &report)
        }
        "SUBMIT-REPORT" => {
            let report = SubmitReport {
                failure_cause: fields.number("fcs")?.map(FailureCause),
                service_centre_time: fields.needed_inner("scts", time)?,
                parameters: parameters(fields, data.as_ref())?.unwrap_or_default(),
            };
            write(fields, &report)
        }
        "DELIVER-REPORT" => {
            let report = DeliverReport {
                failure_cause: fields.number("fcs")?.map(FailureCause),
                parameters: parameters(fields, data.as_ref())?.unwrap_or_default(),
            };
            write(fields, &report)
        }
        "COMMAND" => {
            let octets = fields.octets("cd")?.unwrap_or_default();
            let len = fields.number("cdl")?.unwrap_or(octets.len() as u8);
            let command = Command {
                status_report_request: fields.flag("srr")?,
                message_reference: fields.octet("mr")?,
                protocol: protocol()?,
                command: CommandType(fields.octet("ct")?),
                message_number: fields.octet("mn")?,
                destination: fields.needed_inner("da", address)?,
                data: UserData { has_header: fields.flag("udhi")?, len, octets: &octets },
            };
            write(fields, &command)
        }
        _ => Err(Wrong::new("value", "type", "is no type of message")),
    }
}

fn write<'a>(fields: Fields<'_>, tpdu: &impl Wire<'a>) -> Result<Vec<u8>, Wrong> {
    let mut buffer = [0; 512];
    let mut w = Writer::new(&mut buffer);
    if smsc_prefix(fields)? {
        Address::emit_service_centre(fields.inner("smsc", address)?.as_ref(), &mut w)?;
    }
    let at = w.len();
    tpdu.emit(&mut w)?;
    let mut octets = w.written().to_vec();
    let quirks = fields.object.get("quirks").and_then(Value::as_array);
    let has = |name| quirks.is_some_and(|quirks| quirks.iter().any(|quirk| quirk == name));
    if has("reserved_mti")
        && let Some(first) = octets.get_mut(at)
    {
        *first |= 0b11;
    }
    if has("trailing_octets") {
        octets.extend(fields.octets("trailing")?.unwrap_or_default());
    }
    Ok(octets)
}

fn parameters<'a>(
    fields: Fields<'_>,
    data: Option<&'a Data>,
) -> Result<Option<Parameters<'a>>, Wrong> {
    let protocol = fields.number("pid")?.map(ProtocolIdentifier);
    let coding = fields.inner("dcs", coding)?;
    let user_data = data.map(Data::user_data);
    let parameters = Parameters { protocol, coding, user_data, reserved: Reserved::default() };
    let given = parameters != Parameters::default() || fields.number::<u8>("pi")?.is_some();
    Ok(given.then_some(parameters))
}

fn coding(fields: Fields<'_>) -> Result<DataCoding, Wrong> {
    fields.octet("raw").map(DataCoding)
}

fn address(fields: Fields<'_>) -> Result<Address, Wrong> {
    let value = fields.needed("value", Value::as_str, "a text")?;
    let type_of_address = match fields.number("toa")? {
        Some(toa) => toa,
        None => {
            let npi = fields.number::<u8>("npi")?.unwrap_or(1);
            0x80 | (fields.octet("ton")? & 0b111) << 4 | npi & 0x0F
        }
    };
    let is_name = type_of_address >> 4 & 0b111 == 5;
    let plain = match (is_name, value) {
        (_, "") => Address::new(type_of_address, 0, &[]),
        (true, name) => Address::name(name),
        (false, number) => Address::number(number),
    };
    let named = |error: Error| Wrong::new(error.kind.name(), fields.name("value"), error.kind);
    let plain = plain.map_err(named)?;
    let len = fields.number("digits")?.unwrap_or(plain.len() as u8);
    Address::new(type_of_address, len, plain.octets())
        .map_err(|error| Wrong::new("disagree", fields.name("digits"), error.kind))
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

/// User data, owned.
struct Data {
    has_header: bool,
    len: u8,
    octets: Vec<u8>,
}

impl Data {
    fn user_data(&self) -> UserData<'_> {
        UserData { has_header: self.has_header, len: self.len, octets: &self.octets }
    }

    /// The user data, by its octets where they are given, else by its header and its text or body.
    fn build(fields: Fields<'_>) -> Result<Option<Self>, Wrong> {
        let coding = fields.inner("dcs", coding)?.unwrap_or_default();
        let text = match coding.alphabet() {
            Alphabet::EightBit => None,
            _ if coding.compressed() => None,
            _ => fields.optional("text", Value::as_str, "a text")?,
        };
        let header = fields.inner("udh", header)?;
        let body = fields.octets("body")?;
        let octets = fields.octets("ud")?;
        if text.is_none() && header.is_none() && body.is_none() && octets.is_none() {
            return Ok(None);
        }
        let has_header = fields.flag("udhi")? || header.is_some();
        let header = header.unwrap_or_default();
        let (octets, len) = match (octets, text) {
            (None, Some(text)) => encode(&header, text, coding)?,
            (octets, text) => {
                let octets = octets.unwrap_or_else(|| [header, body.unwrap_or_default()].concat());
                let len = Self::len(fields, &octets, has_header, coding, text)?;
                (octets, len)
            }
        };
        let len = u8::try_from(len).map_err(|_| Wrong::new("too_long", "text", "is too long"))?;
        Ok(Some(Self { has_header, len, octets }))
    }

    /// TP-UDL for octets that are given.
    fn len(
        fields: Fields<'_>,
        octets: &[u8],
        has_header: bool,
        coding: DataCoding,
        text: Option<&str>,
    ) -> Result<usize, Wrong> {
        if let Some(len) = fields.number::<u8>("udl")? {
            return Ok(len.into());
        }
        if !counts_septets(coding) {
            return Ok(octets.len());
        }
        let all = octets.len() * 8 / 7;
        let data = UserData { has_header, len: all.try_into().unwrap_or(u8::MAX), octets };
        let header = all.saturating_sub(data.septets().len());
        let septets = match (fields.number::<u8>("septets")?, text) {
            (Some(septets), _) => usize::from(septets),
            // Seven bits at the end may be a septet or none.
            (None, Some(text)) => {
                let tables = tables(data.header());
                text.chars().filter_map(|c| tables.code(c)).map(Code::len).sum()
            }
            (None, None) => return Ok(all),
        };
        Ok(header + septets)
    }
}

/// UDHL and the elements.
fn header(fields: Fields<'_>) -> Result<Vec<u8>, Wrong> {
    let elements = fields.needed("ies", Value::as_array, "a list")?;
    let mut buffer = [0; 255];
    let mut w = Writer::new(&mut buffer);
    for element in elements {
        let fields = Fields { object: element, path: "udh.ies." };
        let identifier = Identifier(fields.octet("iei")?);
        let data = fields.octets("data")?.unwrap_or_default();
        Element { identifier, data: &data }.emit(&mut w)?;
    }
    Ok([&[w.len() as u8], w.written()].concat())
}

/// The header and the text behind it, and TP-UDL.
fn encode(header: &[u8], text: &str, coding: DataCoding) -> Result<(Vec<u8>, usize), Wrong> {
    let mut buffer = vec![0; header.len() + 4 * text.len() + 1];
    let mut w = Writer::new(&mut buffer);
    w.octets(header)?;
    let len = if counts_septets(coding) {
        let elements = header.get(1..).map(|octets| Header { octets });
        let tables = tables(elements);
        let mut codes = Vec::with_capacity(text.len());
        for (at, c) in text.chars().enumerate() {
            let kind = septet::ErrorKind::Unencodable(c);
            codes.push(tables.code(c).ok_or_else(|| kind.at("text", at))?);
        }
        let septets = (8 * header.len()).div_ceil(7);
        let fill_bits = 7 * septets - 8 * header.len();
        septets + gsm7::pack(codes.into_iter().flat_map(Code::septets), fill_bits as u8, &mut w)?
    } else {
        header.len() + ucs2::emit(text.chars(), &mut w)?
    };
    Ok((w.written().to_vec(), len))
}

/// The tables that a text behind this header is written with.
fn tables(header: Option<Header<'_>>) -> Tables {
    let (locking, single) = header.map_or((None, None), Header::national_languages);
    Tables::national(locking, single)
}
