//! Septet.

use septet::pdu::Pdu;
use septet::segment::{Plan, segments};
use septet::tpdu::codes::ProtocolIdentifier;
use septet::tpdu::dcs::Alphabet;
use septet::tpdu::time::{Timestamp, ValidityPeriod};
use septet::tpdu::udh::{Concatenation, Reference};
use septet::tpdu::user_data::{Text, USER_DATA_MAX};
use septet::tpdu::{Address, DataCoding, Mo, Mt, Submit, UserData};

use crate::answer::{Answer, greenwich};
use crate::message::hex;

pub fn read(direction: &str, octets: &[u8]) -> Answer {
    let pdu = match Pdu::from_octets(octets) {
        Ok(pdu) => pdu,
        Err(error) => return Answer::refused(error),
    };
    let told = match direction {
        "MO" => pdu.read_tolerant::<Mo>().map(|((_, mo), _)| told_mo(&mo)),
        _ => pdu.read_tolerant::<Mt>().map(|((_, mt), _)| told_mt(&mt)),
    };
    told.unwrap_or_else(Answer::refused)
}

pub fn write(number: &str, text: &str) -> Answer {
    let pdus = || {
        let destination = Address::number(number)?;
        let plan = Plan::cheapest(text.chars());
        let mut pdus = Vec::new();
        for part in segments(text.chars(), plan, Reference::Short(7))? {
            let mut buffer = [0; USER_DATA_MAX];
            let submit = Submit {
                reject_duplicates: false,
                status_report_request: false,
                reply_path: false,
                message_reference: 0,
                destination,
                protocol: ProtocolIdentifier(0),
                coding: part.coding(),
                validity_period: ValidityPeriod::NotGiven,
                user_data: part.user_data(&mut buffer),
            };
            pdus.push(hex(Pdu::new(None, &submit)?.octets()));
        }
        Ok::<_, septet::Error>(pdus)
    };
    match pdus() {
        Ok(pdus) => Answer { pdus: Some(pdus), ..Answer::default() },
        Err(error) => Answer::refused(error),
    }
}

fn told_mt(mt: &Mt) -> Answer {
    match mt {
        Mt::Deliver(deliver) => Answer {
            time: time(deliver.service_centre_time),
            ..data("DELIVER", deliver.originator, deliver.user_data, deliver.coding)
        },
        Mt::StatusReport(report) => {
            let parameters = report.parameters.unwrap_or_default();
            let coding = parameters.coding.unwrap_or_default();
            let told = match parameters.user_data {
                Some(user_data) => data("STATUS-REPORT", report.recipient, user_data, coding),
                None => bare("STATUS-REPORT", Some(report.recipient), None),
            };
            Answer {
                reference: Some(report.message_reference),
                time: time(report.service_centre_time),
                discharge: time(report.discharge_time),
                status: Some(report.status.0),
                ..told
            }
        }
        Mt::SubmitReport(report) => bare("SUBMIT-REPORT", None, report.text()),
    }
}

fn told_mo(mo: &Mo) -> Answer {
    match mo {
        Mo::Submit(submit) => Answer {
            reference: Some(submit.message_reference),
            validity: match submit.validity_period {
                ValidityPeriod::Relative(period) => Some(format!("{} min", period.minutes())),
                ValidityPeriod::Absolute(until) => time(until),
                ValidityPeriod::NotGiven | ValidityPeriod::Enhanced(_) => None,
            },
            ..data("SUBMIT", submit.destination, submit.user_data, submit.coding)
        },
        Mo::DeliverReport(report) => bare("DELIVER-REPORT", None, report.text()),
        Mo::Command(command) => bare("COMMAND", Some(command.destination), None),
    }
}

fn bare(kind: &str, address: Option<Address>, text: Option<Text>) -> Answer {
    Answer {
        kind: Some(kind.to_owned()),
        address: address.map(|address| address.to_string()),
        text: text.map(String::from_iter),
        ..Answer::default()
    }
}

fn data(kind: &str, address: Address, data: UserData, coding: DataCoding) -> Answer {
    let part = data.header().and_then(|header| header.concatenation());
    Answer {
        part: part.map(|part| [reference(part), part.total.into(), part.number.into()]),
        data: (coding.alphabet() == Alphabet::EightBit).then(|| hex(data.body())),
        ..bare(kind, Some(address), data.text(coding))
    }
}

fn reference(part: Concatenation) -> u16 {
    match part.reference {
        Reference::Short(reference) => reference.into(),
        Reference::Long(reference) => reference,
    }
}

fn time(time: Timestamp) -> Option<String> {
    // Digits that are none count as 0.
    let civil = Timestamp::new(time.digits()).ok()?.civil()?;
    let local = [civil.year, civil.month, civil.day, civil.hour, civil.minute, civil.second];
    Some(greenwich(local, civil.zone_quarters.into()))
}
