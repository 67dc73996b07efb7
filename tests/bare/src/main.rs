//! An image that calls what the codec offers, to see what is linked: how large it is, and whether a
//! panic is in it. It is never run.

#![no_std]
#![no_main]

use core::hint::black_box;
use core::panic::PanicInfo;

// Linked also where nothing of it is called.
use septet as _;

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    loop {}
}

/// The reset handler: calls everything, so that the linker keeps it.
#[unsafe(no_mangle)]
pub extern "C" fn _start() -> ! {
    // What nobody knows when this is compiled.
    let octets: &[u8] = black_box(&[]);
    let mut buffer = [0; 512];
    let buffer = black_box(&mut buffer[..]);
    #[cfg(feature = "send")]
    send::all(octets, buffer);
    #[cfg(feature = "receive")]
    receive::all(octets, buffer);
    #[cfg(feature = "tpdu")]
    tpdu::all(octets, buffer);
    #[cfg(feature = "at")]
    at::all(octets, buffer);
    #[cfg(feature = "api")]
    api::all(octets, buffer);
    black_box((octets, buffer));
    loop {}
}

/// A text to its PDUs.
#[cfg(feature = "send")]
mod send {
    use super::*;
    use septet::pdu::Pdu;
    use septet::segment::{Plan, segments};
    use septet::tpdu::codes::ProtocolIdentifier;
    use septet::tpdu::time::ValidityPeriod;
    use septet::tpdu::udh::Reference;
    use septet::tpdu::{Address, Submit};

    pub fn all(octets: &[u8], _: &mut [u8]) {
        let text = black_box("");
        let plan = Plan::cheapest(text.chars());
        let number = black_box("+4512345678");
        let Ok(destination) = Address::number(number) else { return };
        let Ok(parts) = segments(text.chars(), plan, Reference::Short(octets.len() as u8)) else {
            return;
        };
        for part in parts {
            let mut user_data = [0; 140];
            let Ok(user_data) = part.user_data(&mut user_data) else { return };
            let submit = Submit {
                reject_duplicates: false,
                status_report_request: true,
                reply_path: false,
                message_reference: 0,
                destination,
                protocol: ProtocolIdentifier::PLAIN,
                coding: part.coding(),
                validity_period: ValidityPeriod::Unlimited,
                user_data,
            };
            if let Ok(pdu) = Pdu::new(None, &submit) {
                pdu.hex().for_each(|digit| {
                    black_box(digit);
                });
            }
        }
    }
}

/// PDUs to their texts.
#[cfg(feature = "receive")]
mod receive {
    use super::*;
    use septet::pdu::Pdu;
    use septet::reassemble::{Added, Reassembler};
    use septet::tpdu::Mt;

    pub fn all(octets: &[u8], _: &mut [u8]) {
        let mut reassembler = Reassembler::<8>::new();
        let Ok(pdu) = Pdu::from_hex(octets) else { return };
        match pdu.read_tolerant::<Mt<'_>>() {
            Ok(((_, Mt::Deliver(deliver)), quirks)) => {
                black_box(quirks);
                deliver.originator.chars().for_each(|c| {
                    black_box(c);
                });
                deliver.text().into_iter().flatten().for_each(|c| {
                    black_box(c);
                });
                if let Added::Complete(message) = reassembler.add(&deliver, octets.len() as u64) {
                    message.text().into_iter().flatten().for_each(|c| {
                        black_box(c);
                    });
                }
                black_box(reassembler.expire(octets.len() as u64, 1).is_some());
            }
            Ok((other, _)) => {
                black_box(other);
            }
            Err(error) => {
                black_box(error);
            }
        }
    }
}

/// Every TPDU, read and written, with its text and its header.
#[cfg(feature = "tpdu")]
mod tpdu {
    use super::*;
    use septet::Wire;
    use septet::tpdu::user_data::Text;
    use septet::tpdu::{Mo, Mt};

    pub fn all(octets: &[u8], buffer: &mut [u8]) {
        if let Ok((message, quirks)) = Mt::from_bytes_tolerant(octets) {
            black_box(quirks);
            read(message.text());
            black_box(message.to_slice(buffer).is_ok());
        }
        if let Ok((message, quirks)) = Mo::from_bytes_tolerant(octets) {
            black_box(quirks);
            read(message.text());
            black_box(message.to_slice(buffer).is_ok());
        }
    }

    fn read(text: Option<Text<'_>>) {
        text.into_iter().flatten().for_each(|c| {
            black_box(c);
        });
    }
}

/// AT commands and lines, both ends.
#[cfg(feature = "at")]
mod at {
    use super::*;
    use septet::Wire;
    use septet::at::{Command, Line, commands};

    pub fn all(octets: &[u8], buffer: &mut [u8]) {
        let line = Line::read(octets);
        black_box(line.to_slice(buffer).is_ok());
        if let Ok(found) = commands(octets) {
            for command in found.flatten() {
                black_box(command.to_slice(buffer).is_ok());
            }
        }
        if let Ok(command) = Command::from_bytes(octets) {
            black_box(command.to_slice(buffer).is_ok());
        }
    }
}

/// Every vendor's interface, both ends.
#[cfg(feature = "api")]
mod api {
    use super::*;
    use septet::answer::{Store, answer};
    use septet::api::{
        APIS, Answer, Api, Credentials, Method, Op, Refusal, Reply, Request, Status,
    };
    use septet::text::Charset;
    use septet::wire::Writer;

    struct Nobody;

    impl Store for Nobody {
        type Account = ();

        fn admit<'a>(&mut self, credentials: &Credentials<'a>) -> Result<(), Refusal<'a>> {
            black_box(credentials);
            Ok(())
        }

        fn perform<'a>(&'a mut self, _: &(), _: &'static Api, op: &Op<'a>) -> Answer<'a> {
            black_box(op);
            Answer::Taken
        }
    }

    pub fn all(octets: &[u8], buffer: &mut [u8]) {
        let path = core::str::from_utf8(octets).unwrap_or_default();
        let request = Request {
            method: Method::Post,
            path,
            query: octets,
            body: octets,
            latin1: Charset::Latin1,
        };
        black_box(answer(APIS, &mut Nobody, &request, &mut Writer::new(buffer)).is_ok());
        for api in APIS {
            for endpoint in api.calls.iter().chain([&api.report, &api.inbound]) {
                if let Ok(asked) = endpoint.parse_request(&request) {
                    let mut w = Writer::new(buffer);
                    black_box(endpoint.emit_request(&asked, Charset::Utf8, &mut w).is_ok());
                }
                let reply = Reply { status: Status(200), content_type: path, body: octets };
                black_box(endpoint.parse_reply(&reply));
            }
        }
    }
}
