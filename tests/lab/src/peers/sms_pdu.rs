//! sms-pdu, the codec of huawei-modem.

use sms_pdu::gsm_encoding::GsmMessageData;
use sms_pdu::pdu::{
    DeliverPdu, MessageStatus, PduAddress, SmscTimestamp, StatusReportPdu, SubmitPdu,
};

use crate::answer::{Answer, greenwich};
use crate::message::{civil, hex};

pub fn read(direction: &str, octets: &[u8]) -> Answer {
    // It has no parser of what a handset sends; TP-MTI tells the other two apart.
    let start = octets.first().map_or(0, |len| usize::from(*len) + 1);
    match (direction, octets.get(start).map(|first| first & 0b11)) {
        ("MT", Some(0b10)) => {
            StatusReportPdu::try_from(octets).map_or_else(Answer::refused, |report| Answer {
                kind: Some("STATUS-REPORT".to_owned()),
                address: Some(report.recipient_address.to_string()),
                reference: Some(report.message_reference),
                time: time(&report.scts),
                discharge: time(&report.discharge_time),
                status: Some(status(report.status)),
                ..Answer::default()
            })
        }
        ("MT", _) => DeliverPdu::try_from(octets).map_or_else(Answer::refused, |deliver| Answer {
            kind: Some("DELIVER".to_owned()),
            address: Some(deliver.originating_address.to_string()),
            time: time(&deliver.scts),
            ..data(&deliver.get_message_data())
        }),
        _ => Answer::refused("no parser of SMS-SUBMIT"),
    }
}

pub fn write(number: &str, text: &str) -> Answer {
    // Its addresses are never wrong.
    let Ok(address) = number.parse::<PduAddress>();
    let parts = GsmMessageData::encode_message(text).into_iter();
    let pdu = |part| hex(&SubmitPdu::make_simple_message(address.clone(), part).as_bytes().0);
    Answer { pdus: Some(parts.map(pdu).collect()), ..Answer::default() }
}

fn status(status: MessageStatus) -> u8 {
    status as u8
}

/// The zone is told as two digits, without a word on its sign.
fn time(time: &SmscTimestamp) -> Option<String> {
    let local = [time.year, time.month, time.day, time.hour, time.minute, time.second];
    let swapped = |number: u8| ((number % 10) << 4) | (number / 10);
    let octets = [local[0], local[1], local[2], local[3], local[4], local[5], 0].map(swapped);
    civil(&octets)?;
    Some(greenwich(local, time.timezone.into()))
}

fn data(data: &GsmMessageData) -> Answer {
    match data.decode_message() {
        Ok(message) => Answer {
            part: message.udh.as_ref().and_then(|udh| {
                let part = udh.get_concatenated_sms_data()?;
                Some([part.reference, part.parts.into(), part.sequence.into()])
            }),
            text: Some(message.text),
            ..Answer::default()
        },
        // 8-bit data comes back with its header.
        Err(sms_pdu::PDUError::UnsupportedEncoding(_, octets)) => {
            let header =
                if data.udh { octets.first().map_or(0, |len| usize::from(*len) + 1) } else { 0 };
            Answer { data: octets.get(header..).map(hex), ..Answer::default() }
        }
        Err(error) => Answer::refused(error),
    }
}
