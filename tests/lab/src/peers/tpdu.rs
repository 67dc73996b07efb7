//! tpdu.

use std::io::Cursor;

use tpdu::{
    SMSAddress, SmsDeliver, SmsStatusReport, SmsSubmit, UserDataCoding, ValidityPeriod,
    decode_sms_submit_tpdu, pack_gsm7, unpack_gsm7, unpack_gsm7_with_header, user_data_coding,
};

use crate::answer::{Answer, greenwich};
use crate::message::{civil, hex};

pub fn read(direction: &str, octets: &[u8]) -> Answer {
    // It reads TPDUs; the address of the service centre is the layer below.
    let start = octets.first().map_or(0, |len| usize::from(*len) + 1);
    let Some(octets) = octets.get(start..) else {
        return Answer::refused("no TPDU");
    };
    let told = match (direction, octets.first().map(|first| first & 0b11)) {
        ("MO", _) => decode_sms_submit_tpdu(&mut Cursor::new(octets)).and_then(|submit| {
            let address = submit.tp_destination_address.as_ref();
            let data = &submit.tp_user_data_raw;
            Ok(Answer {
                kind: Some("SUBMIT".to_owned()),
                address: address.map(number),
                reference: Some(submit.tp_mr),
                validity: match &submit.tp_validity_period {
                    // The octet, and no word on what it means.
                    Some(ValidityPeriod::Relative(_) | ValidityPeriod::Enhanced(_)) | None => None,
                    Some(ValidityPeriod::Absolute(digits)) => time(digits),
                },
                ..user_data(submit.tp_dcs, submit.tp_udhi, submit.tp_user_data_length, data)?
            })
        }),
        (_, Some(0b10)) => SmsStatusReport::decode(octets).and_then(|report| {
            let told = match report.tp_user_data_length {
                None => Answer::default(),
                Some(len) => {
                    let coding = report.tp_dcs.unwrap_or(0);
                    user_data(coding, report.tp_udhi, len, &report.tp_user_data)?
                }
            };
            Ok(Answer {
                kind: Some("STATUS-REPORT".to_owned()),
                address: Some(number(&report.tp_recipient_address)),
                reference: Some(report.tp_mr),
                time: time(&report.tp_service_centre_timestamp),
                discharge: time(&report.tp_discharge_time),
                status: Some(report.tp_status),
                ..told
            })
        }),
        _ => SmsDeliver::decode(octets).and_then(|deliver| {
            let data = &deliver.tp_user_data;
            Ok(Answer {
                kind: Some("DELIVER".to_owned()),
                address: Some(number(&deliver.tp_originating_address)),
                time: time(&deliver.tp_service_centre_timestamp),
                ..user_data(deliver.tp_dcs, deliver.tp_udhi, deliver.tp_user_data_length, data)?
            })
        }),
    };
    told.unwrap_or_else(Answer::refused)
}

/// Parts are the caller's, and so is the choice of the alphabet: texts of one message in GSM 7-bit.
pub fn write(number: &str, text: &str) -> Answer {
    match pack_gsm7(text) {
        Ok((octets, septets)) if septets <= 160 => {
            let submit = SmsSubmit {
                tp_rp: false,
                tp_udhi: false,
                tp_srr: false,
                tp_mti: 1,
                tp_rd: false,
                tp_vpf: 0,
                tp_mr: 0,
                tp_destination_address: Some(SMSAddress {
                    ton: 1,
                    npi: 1,
                    address: number.trim_start_matches('+').to_owned(),
                }),
                tp_pid: 0,
                tp_dcs: 0,
                tp_validity_period: None,
                tp_user_data_length: septets as u8,
                tp_user_data_raw: octets,
                tp_user_data_header: None,
                tp_user_data: Vec::new(),
            };
            submit.encode().map_or_else(Answer::refused, |tpdu| Answer {
                pdus: Some(vec![format!("00{}", hex(&tpdu))]),
                ..Answer::default()
            })
        }
        _ => Answer::default(),
    }
}

fn number(address: &SMSAddress) -> String {
    let plus = if address.ton == 1 { "+" } else { "" };
    format!("{plus}{}", address.address)
}

/// Fourteen digits as received; its documentation has 8 added to the first one of the zone where that
/// is negative.
fn time(digits: &str) -> Option<String> {
    let half = |at: usize| digits.get(at..=at).and_then(|c| u8::from_str_radix(c, 16).ok());
    let mut octets = [0; 7];
    for (at, octet) in octets.iter_mut().enumerate() {
        *octet = half(2 * at + 1)? << 4 | half(2 * at)?;
    }
    let (local, quarters) = civil(&octets)?;
    Some(greenwich(local, quarters))
}

fn user_data(coding: u8, has_header: bool, len: u8, octets: &[u8]) -> Result<Answer, tpdu::Error> {
    let header = if has_header { octets.first().map_or(0, |len| usize::from(*len) + 1) } else { 0 };
    Ok(match user_data_coding(coding) {
        UserDataCoding::Gsm7Bit => {
            let text = match has_header {
                true => unpack_gsm7_with_header(octets, len.into())?.1,
                false => unpack_gsm7(octets, len.into())?,
            };
            Answer { text: Some(text), ..Answer::default() }
        }
        UserDataCoding::EightBit => {
            Answer { data: octets.get(header..).map(hex), ..Answer::default() }
        }
        UserDataCoding::Ucs2 | UserDataCoding::Compressed => Answer::default(),
    })
}
