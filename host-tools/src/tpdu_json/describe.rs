//! Octets → object.

use septet::error::Error;
use septet::tpdu::dcs::{Alphabet, DataCoding, Waiting};
use septet::tpdu::time::{Period, ValidityPeriod};
use septet::tpdu::udh::{Element, Ports, Reference};
use septet::tpdu::{Address, Mo, Mt, Parameters, Reserved, Timestamp, UserData};
use septet::wire::{Input, Quirk, Reader, Rejected, Wire};
use serde_json::{Value, json};

use super::{Direction, Reading, build, counts_septets, hex};

/// What `octets` say.
///
/// # Errors
/// What is wrong with the message.
pub fn describe(octets: &[u8], reading: Reading) -> Result<Value, Error> {
    let input = if reading.strict { Input::strict(octets) } else { Input::tolerant(octets) };
    match reading.direction {
        Direction::Mt => read(input, reading.smsc_prefix, mt),
        Direction::Mo => read(input, reading.smsc_prefix, mo),
    }
    .map(|mut object| {
        object["direction"] = json!(reading.direction.name());
        object["smsc_prefix"] = json!(reading.smsc_prefix);
        object
    })
}

fn read<'a, T: Wire<'a>>(
    input: Input<'a>,
    smsc_prefix: bool,
    describe: fn(&T) -> Value,
) -> Result<Value, Error> {
    // What `finish` does not tell: where the TPDU begins, and what follows it.
    type Read<'a, T> = (usize, Option<Address>, T, &'a [u8]);
    let parse = |reader: &mut Reader<'a>| -> Result<Read<'a, T>, Rejected> {
        let service_centre = match smsc_prefix {
            true => Address::parse_service_centre(reader)?,
            false => None,
        };
        let at = reader.at();
        Ok((at, service_centre, T::parse(reader)?, reader.rest().octets()))
    };
    let ((at, service_centre, tpdu, trailing), quirks) = input.finish(parse)?;
    let mut object = describe(&tpdu);
    if smsc_prefix {
        object["smsc"] = service_centre.as_ref().map_or(Value::Null, address);
    }
    let tpdu = input.octets().get(at..).unwrap_or_default();
    let first = tpdu.first().copied().unwrap_or_default();
    if object["type"] == "DELIVER-REPORT" || object["type"] == "SUBMIT-REPORT" {
        // It stands there too where the parameters that it announces could not be read.
        let at = if object["fcs"].is_null() { 1 } else { 2 };
        indicator(&mut object, tpdu.get(at..).unwrap_or_default());
    }
    object["tpdu_len"] = json!(tpdu.len());
    object["first_octet"] = json!(first);
    object["udhi"] = json!(first & 0x40 != 0);
    object["quirks"] = json!(quirks.iter().map(|quirk| quirk.name()).collect::<Vec<_>>());
    if quirks.contains(Quirk::LoneSurrogate) {
        // A text cannot have half a pair.
        object["utf16"] = object["body"].clone();
    }
    if !trailing.is_empty() {
        object["trailing"] = json!(hex(trailing));
    }
    Ok(object)
}

fn mt(mt: &Mt<'_>) -> Value {
    match mt {
        Mt::Deliver(deliver) => {
            let mut object = json!({
                "type": "DELIVER",
                "mms": deliver.no_more_messages,
                "lp": deliver.loop_prevention,
                "sri": deliver.status_report_indication,
                "rp": deliver.reply_path,
                "oa": address(&deliver.originator),
                "pid": deliver.protocol.0,
                "dcs": coding(deliver.coding),
                "scts": time(deliver.service_centre_time),
            });
            user_data(&mut object, &deliver.user_data, deliver.coding);
            object
        }
        Mt::SubmitReport(report) => {
            let mut object = json!({
                "type": "SUBMIT-REPORT",
                "fcs": report.failure_cause.map(|cause| cause.0),
                "scts": time(report.service_centre_time),
            });
            parameters(&mut object, &report.parameters);
            object
        }
        Mt::StatusReport(report) => {
            let mut object = json!({
                "type": "STATUS-REPORT",
                "mms": report.no_more_messages,
                "lp": report.loop_prevention,
                "srq": report.of_command,
                "mr": report.message_reference,
                "ra": address(&report.recipient),
                "scts": time(report.service_centre_time),
                "dt": time(report.discharge_time),
                "st": report.status.0,
            });
            if let Some(read) = &report.parameters {
                parameters(&mut object, read);
            }
            object
        }
    }
}

fn mo(mo: &Mo<'_>) -> Value {
    match mo {
        Mo::Submit(submit) => {
            let mut object = json!({
                "type": "SUBMIT",
                "rd": submit.reject_duplicates,
                "srr": submit.status_report_request,
                "rp": submit.reply_path,
                "mr": submit.message_reference,
                "da": address(&submit.destination),
                "pid": submit.protocol.0,
                "dcs": coding(submit.coding),
                "vp": validity_period(submit.validity_period),
            });
            user_data(&mut object, &submit.user_data, submit.coding);
            object
        }
        Mo::DeliverReport(report) => {
            let mut object = json!({
                "type": "DELIVER-REPORT",
                "fcs": report.failure_cause.map(|cause| cause.0),
            });
            parameters(&mut object, &report.parameters);
            object
        }
        Mo::Command(command) => {
            let mut object = json!({
                "type": "COMMAND",
                "srr": command.status_report_request,
                "mr": command.message_reference,
                "pid": command.protocol.0,
                "ct": command.command.0,
                "mn": command.message_number,
                "da": address(&command.destination),
                "cdl": command.data.len,
                "cd": hex(command.data.octets),
            });
            header(&mut object, &command.data);
            object
        }
    }
}

fn parameters(object: &mut Value, parameters: &Parameters<'_>) {
    let Reserved { indicators, octets, .. } = parameters.reserved;
    indicator(object, &[&[parameters.indicator()], indicators].concat());
    if !octets.is_empty() {
        object["pi_octets"] = json!(hex(octets));
    }
    if let Some(protocol) = parameters.protocol {
        object["pid"] = json!(protocol.0);
    }
    if let Some(read) = parameters.coding {
        object["dcs"] = coding(read);
    }
    if let Some(data) = &parameters.user_data {
        user_data(object, data, parameters.coding.unwrap_or_default());
    }
}

/// TP-PI, which `octets` begin with.
fn indicator(object: &mut Value, octets: &[u8]) {
    let further = octets.iter().take_while(|octet| **octet & 0x80 != 0).count();
    object["pi"] = json!(octets.first());
    if let Some(further @ [_, ..]) = octets.get(1..=further) {
        object["pi_further"] = json!(hex(further));
    }
}

fn address(address: &Address) -> Value {
    let value: String = address.chars().collect();
    let (kind, digits) = (address.type_of_address(), address.len());
    let mut object = json!({
        "digits": digits,
        "toa": kind,
        "ton": address.type_of_number().0,
        "npi": address.numbering_plan().0,
        "value": value,
    });
    if !build::plain_address(kind, &value, Some(digits as u8), true).is_ok_and(|a| a == *address) {
        // Half octets that are no digits, bits that are no character.
        object["raw"] = json!(hex(address.octets()));
    }
    object
}

fn coding(coding: DataCoding) -> Value {
    json!({
        "raw": coding.0,
        "alphabet": match coding.alphabet() {
            Alphabet::Gsm7 => "gsm7",
            Alphabet::EightBit => "8bit",
            Alphabet::Ucs2 => "ucs2",
        },
        "class": coding.class().map(|class| class as u8),
        "compressed": coding.compressed(),
        "auto_delete": coding.deletes_itself(),
        "mwi": coding.message_waiting().map(|waiting| json!({
            "kind": match waiting.kind {
                Waiting::Voicemail => "voicemail",
                Waiting::Fax => "fax",
                Waiting::Email => "email",
                Waiting::Other => "other",
            },
            "active": waiting.active,
            "store": waiting.store,
        })),
        "reserved": coding.reserved(),
    })
}

fn time(time: Timestamp) -> Value {
    let digits = time.digits();
    json!({
        "raw": hex(&time.0),
        "yy": digits.year,
        "month": digits.month,
        "day": digits.day,
        "hour": digits.hour,
        "minute": digits.minute,
        "second": digits.second,
        "tz_quarters": digits.zone_quarters,
        "valid": time.civil().is_some(),
    })
}

fn validity_period(period: ValidityPeriod) -> Value {
    match period {
        ValidityPeriod::NotGiven => json!({ "format": "none" }),
        ValidityPeriod::Relative(relative) => {
            json!({ "format": "relative", "raw": hex(&[relative.0]), "minutes": relative.minutes() })
        }
        ValidityPeriod::Absolute(until) => {
            json!({ "format": "absolute", "raw": hex(&until.0), "time": time(until) })
        }
        ValidityPeriod::Enhanced(enhanced) => {
            let (kind, key, period) = match enhanced.period() {
                Period::NotGiven => ("none", None, Value::Null),
                Period::Relative(relative) => {
                    ("relative", Some("minutes"), json!(relative.minutes()))
                }
                Period::Seconds(seconds) => ("seconds", Some("seconds"), json!(seconds)),
                Period::HoursMinutesSeconds(h, m, s) => ("hms", Some("hms"), json!([h, m, s])),
                Period::Reserved(_) => ("reserved", None, Value::Null),
            };
            let mut value = json!({
                "format": "enhanced",
                "raw": hex(&enhanced.0),
                "indicator": enhanced.indicator(),
                "extended": enhanced.extended(),
                "single_shot": enhanced.single_shot(),
                "kind": kind,
            });
            if let Some(key) = key {
                value[key] = period;
            }
            value
        }
    }
}

fn user_data(object: &mut Value, data: &UserData<'_>, coding: DataCoding) {
    object["udl"] = json!(data.len);
    object["ud"] = json!(hex(data.octets));
    object["body"] = json!(hex(data.body()));
    object["text"] = json!(data.text(coding).map(String::from_iter));
    if counts_septets(coding) {
        object["septets"] = json!(data.septets().len());
        object["fill_bits"] = json!(data.fill_bits());
    }
    header(object, data);
}

fn header(object: &mut Value, data: &UserData<'_>) {
    let Some(header) = data.header() else { return };
    let element =
        |element: Element<'_>| json!({ "iei": element.identifier.0, "data": hex(element.data) });
    let elements: Vec<Value> = header.elements().map(element).collect();
    object["udh"] = json!({ "udhl": header.octets.len(), "ies": elements });
    let (locking, single) = header.national_languages();
    for (key, language) in [("nl_locking", locking), ("nl_single", single)] {
        if let Some(language) = language {
            object[key] = json!(language.0);
        }
    }
    if let Some(concatenation) = header.concatenation() {
        let (reference, bits) = match concatenation.reference {
            Reference::Short(reference) => (u16::from(reference), 8),
            Reference::Long(reference) => (reference, 16),
        };
        object["concat"] = json!({
            "ref": reference,
            "ref_bits": bits,
            "total": concatenation.total,
            "seq": concatenation.number,
        });
    }
    if let Some(ports) = header.ports() {
        object["ports"] = match ports {
            Ports::Short { destination, source } => {
                json!({ "dst": destination, "src": source, "bits": 8 })
            }
            Ports::Long { destination, source } => {
                json!({ "dst": destination, "src": source, "bits": 16 })
            }
        };
    }
}
