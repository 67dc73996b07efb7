//! What a modem of the store's tests hears from the air.
#![allow(dead_code)] // Not every test needs all of it.

use septet::pdu::Pdu;
use septet::tpdu::codes::{ProtocolIdentifier, Status};
use septet::tpdu::time::Civil;
use septet::tpdu::{Address, DataCoding, Deliver, Mt, StatusReport, Timestamp, UserData};

/// The handset at the other end.
pub const RECIPIENT: &str = "4512345678";

pub fn time() -> Timestamp {
    let civil =
        Civil { year: 26, month: 1, day: 1, hour: 0, minute: 0, second: 0, zone_quarters: 0 };
    Timestamp::new(civil).unwrap()
}

fn handset() -> Address {
    Address::number(&format!("+{RECIPIENT}")).unwrap()
}

/// A report of the handset's message of this reference.
pub fn report(reference: u8, status: u8) -> Pdu {
    let report = StatusReport {
        no_more_messages: true,
        loop_prevention: false,
        of_command: false,
        message_reference: reference,
        recipient: handset(),
        service_centre_time: time(),
        discharge_time: time(),
        status: Status(status),
        parameters: None,
    };
    Pdu::new(None, &Mt::StatusReport(report)).unwrap()
}

/// A message of the handset.
pub fn received(coding: DataCoding, user_data: UserData<'_>) -> Pdu {
    let deliver = Deliver {
        no_more_messages: true,
        loop_prevention: false,
        status_report_indication: false,
        reply_path: false,
        originator: handset(),
        protocol: ProtocolIdentifier::PLAIN,
        coding,
        service_centre_time: time(),
        user_data,
    };
    Pdu::new(None, &Mt::Deliver(deliver)).unwrap()
}
