//! Whole messages: SMS-SUBMIT out of a text, text out of an SMS-DELIVER, the parts of a long text.

use septet::Wire;
use septet::segment::{Plan, segments, single};
use septet::tpdu::codes::ProtocolIdentifier;
use septet::tpdu::time::ValidityPeriod;
use septet::tpdu::udh::Reference;
use septet::tpdu::{Address, DataCoding, Deliver, Submit, UserData};
use sms_pdu::gsm_encoding::GsmMessageData;
use sms_pdu::pdu::{DeliverPdu, PduAddress, SubmitPdu};
use tpdu::{SMSAddress, SmsDeliver, SmsSubmit};

use super::{Candidate, Group, Input, OURS, claim};
#[cfg(feature = "c")]
use crate::c;
use crate::inputs;

const NUMBER: &str = "+4512345678";

/// GSM 7-bit with the class that sms-pdu gives every message.
const CODING: u8 = 0x11;

pub static SUBMIT: Group = Group {
    name: "SUBMIT build",
    work: "makes the SMS-SUBMIT of a text of 160 septets, the alphabet chosen by the text",
    inputs: || vec![Input::text("ascii", inputs::ASCII), Input::text("mixed", inputs::MIXED)],
    candidates: &[
        Candidate::new(OURS, |input, scratch, see| {
            let mut user_data = [0; 140];
            let scratch = &mut scratch.octets;
            if let Some((_, only)) = single(input.text.chars(), &mut user_data) {
                return see(submit(only, scratch));
            }
            let plan = Plan::cheapest(input.text.chars());
            for part in segments(input.text.chars(), plan, Reference::Short(7)).unwrap() {
                see(submit(part.user_data(&mut user_data), scratch));
            }
        }),
        Candidate::new("sms-pdu", |input, _, see| {
            for part in GsmMessageData::encode_message(&input.text) {
                let number: PduAddress = NUMBER.parse().unwrap();
                let (octets, len) = SubmitPdu::make_simple_message(number, part).as_bytes();
                see(&octets[octets.len() - len..]);
            }
        }),
        Candidate::new("tpdu", |input, _, see| {
            let number = SMSAddress { ton: 1, npi: 1, address: NUMBER[1..].to_owned() };
            let submit = SmsSubmit::builder()
                .destination_address(number)
                .dcs(CODING)
                .gsm7_text(&input.text)
                .build()
                .unwrap();
            see(&submit.encode().unwrap());
        }),
    ],
    claims: &[claim("mixed", &["sms-pdu"], 4.0, 8.0), claim("mixed", &["tpdu"], 12.0, 20.0)],
};

/// The SMS-SUBMIT of a part.
fn submit<'b>(user_data: UserData<'_>, buffer: &'b mut [u8]) -> &'b [u8] {
    let submit = Submit {
        reject_duplicates: false,
        status_report_request: false,
        reply_path: false,
        message_reference: 0,
        destination: Address::number(NUMBER).unwrap(),
        protocol: ProtocolIdentifier::PLAIN,
        coding: DataCoding(CODING),
        validity_period: ValidityPeriod::NotGiven,
        user_data,
    };
    submit.to_slice(buffer).unwrap()
}

/// SMS-DELIVER of a text.
fn deliver(text: &str) -> Vec<u8> {
    let (packed, septets) = tpdu::pack_gsm7(text).unwrap();
    let head = b"\x04\x0A\x91\x54\x21\x43\x65\x87\x00\x00\x62\x21\x02\x51\x32\x05\x80";
    [&head[..], &[septets as u8], &packed].concat()
}

pub static DELIVER: Group = Group {
    name: "DELIVER parse",
    work: "reads an SMS-DELIVER of 160 septets: the sender's digits and the text as UTF-8",
    inputs: || {
        vec![
            Input::octets("ascii", deliver(inputs::ASCII)),
            Input::octets("mixed", deliver(inputs::MIXED)),
        ]
    },
    candidates: &[
        Candidate::new(OURS, |input, scratch, see| {
            let deliver = Deliver::from_bytes(&input.octets).unwrap();
            let mut digits = [0; 20];
            let mut len = 0;
            for (to, c) in digits.iter_mut().zip(deliver.originator.chars()) {
                *to = c as u8;
                len += 1;
            }
            see(&digits[..len]);
            let text = deliver.text().unwrap();
            see(text.copy_to(&mut scratch.octets).unwrap().as_bytes());
        }),
        Candidate::new("tpdu", |input, _, see| {
            let deliver = SmsDeliver::decode(&input.octets).unwrap();
            see(deliver.tp_originating_address.address.as_bytes());
            let septets = deliver.tp_user_data_length.into();
            see(tpdu::unpack_gsm7(&deliver.tp_user_data, septets).unwrap().as_bytes());
        }),
        Candidate::new("sms-pdu", |input, _, see| {
            // It reads a PDU, which has a service centre's address in front: here none.
            let mut pdu = vec![0];
            pdu.extend(&input.octets);
            let deliver = DeliverPdu::try_from(&pdu[..]).unwrap();
            let digits: Vec<u8> =
                deliver.originating_address.number.0.iter().map(|digit| b'0' + digit).collect();
            see(&digits);
            see(deliver.get_message_data().decode_message().unwrap().text.as_bytes());
        }),
        #[cfg(feature = "c")]
        Candidate::new("libgammu", |input, _, see| c::run(c::gammu_deliver, &input.octets, see)),
    ],
    claims: &[
        claim("mixed", &["tpdu"], 3.0, 5.0),
        claim("ascii", &["tpdu"], 3.0, 5.0),
        #[cfg(feature = "c")]
        claim("mixed", &["libgammu"], 14.0, 25.0),
    ],
};

pub static PARTS: Group = Group {
    name: "8 parts",
    work: "splits a text of 1224 septets into the user data of eight parts, header included",
    inputs: || {
        vec![Input::text("ascii", inputs::long_ascii()), Input::text("mixed", inputs::long_mixed())]
    },
    candidates: &[
        Candidate::new(OURS, |input, _, see| {
            let plan = Plan::cheapest(input.text.chars());
            let parts = segments(input.text.chars(), plan, Reference::Short(7)).unwrap();
            for part in parts {
                let mut user_data = [0; 140];
                see(part.user_data(&mut user_data).octets);
            }
        }),
        // It cuts where 153 septets are full, also between an escape and what it escapes.
        Candidate::only(
            "sms-pdu",
            |input, _, see| {
                for mut part in GsmMessageData::encode_message(&input.text) {
                    // The reference is drawn by lot.
                    part.bytes[3] = 7;
                    see(&part.bytes);
                }
            },
            &["ascii"],
        ),
    ],
    claims: &[claim("ascii", &["sms-pdu"], 4.0, 8.0)],
};
