//! sms-pdu-decoder, a port of the Python package smspdudecoder.

use chrono::{DateTime, Utc};
use sms_pdu_decoder::fields::{AddressDecoded, DcsDecoded, UserDataDecoded};
use sms_pdu_decoder::{SmsDeliver, SmsSubmit};

use crate::answer::Answer;
use crate::message::hex;

pub fn read(direction: &str, octets: &[u8]) -> Answer {
    let digits = hex(octets);
    let told = match direction {
        "MO" => SmsSubmit::decode(&digits).map(|submit| {
            let minutes = [
                submit.validity_minutes.map(u32::from),
                submit.validity_hours.map(|hours| u32::from(hours) * 60),
                submit.validity_days.map(|days| u32::from(days) * 24 * 60),
                submit.validity_weeks.map(|weeks| u32::from(weeks) * 7 * 24 * 60),
            ];
            let relative =
                minutes.into_iter().flatten().next().map(|minutes| format!("{minutes} min"));
            Answer {
                kind: Some("SUBMIT".to_owned()),
                reference: Some(submit.message_ref),
                validity: relative.or(submit.vp_date.map(time)),
                ..told(&submit.recipient, &submit.dcs, &submit.user_data)
            }
        }),
        _ => SmsDeliver::decode(&digits).map(|deliver| Answer {
            kind: Some(deliver.header.mti.to_uppercase()),
            time: Some(time(deliver.scts)),
            ..told(&deliver.sender, &deliver.dcs, &deliver.user_data)
        }),
    };
    told.unwrap_or_else(Answer::refused)
}

fn time(time: DateTime<Utc>) -> String {
    time.format("%y-%m-%d %H:%M:%S").to_string()
}

fn told(address: &AddressDecoded, coding: &DcsDecoded, data: &UserDataDecoded) -> Answer {
    let plus = if address.toa.ton == "international" { "+" } else { "" };
    let is_data = coding.encoding == "binary";
    let elements = data.header.iter().flat_map(|header| &header.elements);
    let part = elements.filter(|element| matches!(element.iei, 0x00 | 0x08)).find_map(|element| {
        let number = |name| u16::try_from(element.data.get(name)?.as_u64()?).ok();
        Some([number("reference")?, number("parts_count")?, number("part_number")?])
    });
    Answer {
        address: Some(format!("{plus}{}", address.number)),
        part,
        text: (!is_data).then(|| data.data.clone()),
        data: is_data.then(|| data.data.clone()),
        ..Answer::default()
    }
}
