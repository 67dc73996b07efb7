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
    #[cfg(feature = "messages")]
    messages::all(octets, buffer);
    #[cfg(feature = "parts")]
    parts::all(octets, buffer);
    #[cfg(feature = "reassembly")]
    reassembly::all(octets, buffer);
    #[cfg(feature = "tpdu")]
    tpdu::all(octets, buffer);
    #[cfg(feature = "text")]
    text::all(octets, buffer);
    #[cfg(feature = "at")]
    at::all(octets, buffer);
    #[cfg(feature = "api")]
    api::all(octets, buffer);
    #[cfg(all(feature = "engine", not(any(feature = "gateway", feature = "smallest"))))]
    engine::all(octets, buffer);
    #[cfg(feature = "smallest")]
    smallest::all(octets, buffer);
    #[cfg(feature = "gateway")]
    gateway::all(octets, buffer);
    black_box((octets, buffer));
    loop {}
}

/// A text to an SMS-SUBMIT.
#[cfg(feature = "send")]
mod send {
    use super::*;
    use septet::Wire;
    use septet::gsm7::Tables;
    use septet::tpdu::codes::ProtocolIdentifier;
    use septet::tpdu::time::ValidityPeriod;
    use septet::tpdu::{Address, DataCoding, Submit, UserData};
    use septet::wire::Writer;

    pub fn all(_: &[u8], buffer: &mut [u8]) {
        let mut user_data = [0; 140];
        let mut w = Writer::new(&mut user_data);
        let Ok(len) = Tables::DEFAULT.encode(black_box("").chars(), 0, &mut w) else { return };
        let Ok(destination) = Address::number(black_box("+4512345678")) else { return };
        let submit = Submit {
            reject_duplicates: false,
            status_report_request: black_box(true),
            reply_path: false,
            message_reference: 0,
            destination,
            protocol: ProtocolIdentifier::PLAIN,
            coding: DataCoding::GSM7,
            validity_period: ValidityPeriod::NotGiven,
            user_data: UserData { has_header: false, len: len as u8, octets: w.written() },
        };
        black_box(submit.to_slice(buffer).is_ok());
    }
}

/// An SMS-DELIVER to a text.
#[cfg(feature = "receive")]
mod receive {
    use super::*;
    use septet::Wire;
    use septet::tpdu::Deliver;
    use septet::wire::Writer;

    pub fn all(octets: &[u8], buffer: &mut [u8]) {
        let Ok((deliver, quirks)) = Deliver::from_bytes_tolerant(octets) else { return };
        black_box((quirks, deliver.service_centre_time));
        let mut w = Writer::new(buffer);
        for c in deliver.originator.chars() {
            black_box(w.text(c.encode_utf8(&mut [0; 4])).is_ok());
        }
        if let Some(text) = deliver.text() {
            black_box(text.emit(&mut w).is_ok());
        }
    }
}

/// What a message needs besides: parts, UCS-2 among them, and forms and JSON, read and written.
#[cfg(feature = "messages")]
mod messages {
    use super::*;
    use septet::fields::{Carrier, Sink};
    use septet::form::FormReader;
    use septet::json::{Kind, Value};
    use septet::segment::{Plan, segments};
    use septet::text::{Charset, Text};
    use septet::tpdu::udh::Reference;
    use septet::wire::Writer;

    pub fn all(octets: &[u8], buffer: &mut [u8]) {
        let mut pairs = FormReader::new(octets, Charset::Utf8);
        while let Some(pair) = pairs.next_pair() {
            if pair.is_named("text") {
                black_box(pair.value.copy_to(buffer).is_ok());
            }
        }
        if let Ok(document) = Value::read(octets) {
            for (name, value) in document.members() {
                match value.kind() {
                    Kind::String(raw) if name == b"text" => {
                        black_box(Text::json(raw).is_ok_and(|text| text.copy_to(buffer).is_ok()));
                    }
                    Kind::Array(elements) => elements.for_each(|element| {
                        black_box(element.kind());
                    }),
                    kind => {
                        black_box(kind);
                    }
                }
            }
        }
        for carrier in black_box([Carrier::Form, Carrier::Json]) {
            let mut w = Writer::new(buffer);
            let Ok(mut sink) = Sink::new(&mut w, carrier, Charset::Utf8) else { return };
            let text = Text::plain(black_box(""));
            black_box(sink.text("text", text).is_ok() && sink.number("id", 1).is_ok());
            black_box(sink.finish().is_ok());
        }
        let text = black_box("");
        let plan = Plan::cheapest(text.chars());
        let parts = segments(text.chars(), plan, Reference::Short(octets.len() as u8));
        for part in parts.into_iter().flatten() {
            black_box(part.user_data(&mut [0; 140]).octets);
        }
    }
}

/// A text to its PDUs.
#[cfg(feature = "parts")]
mod parts {
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
            let user_data = part.user_data(&mut user_data);
            let submit = Submit {
                reject_duplicates: false,
                status_report_request: true,
                reply_path: false,
                message_reference: 0,
                destination,
                protocol: ProtocolIdentifier::PLAIN,
                coding: part.coding(),
                validity_period: ValidityPeriod::NotGiven,
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
#[cfg(feature = "reassembly")]
mod reassembly {
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

/// What is generic of text, cell broadcast and reassembly, and is in no other part.
#[cfg(feature = "text")]
mod text {
    use super::*;
    use septet::Wire;
    use septet::cbs::{self, Assembler, Coding};
    use septet::fold::{self, Rung, changes, fold};
    use septet::gsm7::{self, Languages, Tables};
    use septet::reassemble::Reassembler;
    use septet::segment::{Break, Choice, Layout, Plan, segments};
    use septet::text::{Charset, Text};
    use septet::tpdu::udh::{Header, Reference};
    use septet::ucs2;
    use septet::wire::Writer;

    pub fn all(octets: &[u8], buffer: &mut [u8]) {
        let Ok(text) = Text::form(octets, Charset::Utf8) else { return };
        if let Some((before, c, after)) = text.split_once(|c| c == ',') {
            black_box((before.chars().next(), c, after.chars().next()));
        }
        let rung = Rung::named(text.as_str().unwrap_or_default()).unwrap_or(Rung::Exact);
        let reference = Reference::Long(octets.len() as u16);
        let layout = Layout { reference, elements: Header { octets }, breaks: Break::Words };
        let plan = Plan::cheapest_of(text.chars(), Languages::ALL, layout);
        plan.costly(text.chars()).for_each(each);
        fold(text.chars(), rung, Languages::ALL).for_each(each);
        changes(text.chars(), rung, Languages::ALL).for_each(each);
        black_box(fold::parts(text.chars(), rung, Languages::ALL, layout).is_ok());
        segments(text.chars(), plan, layout).into_iter().flatten().for_each(|part| {
            part.chars().for_each(each);
            black_box(part.user_data(&mut [0; 140]).octets);
        });
        let choice = Choice::cheapest_of(text.chars(), Languages::ALL, layout);
        segments(text.chars(), choice, layout).into_iter().flatten().for_each(|part| {
            black_box((part.plan(), part.user_data(&mut [0; 140]).octets));
        });

        let mut w = Writer::new(buffer);
        let codes = || text.chars().filter_map(|c| Tables::DEFAULT.code(c));
        let septets = || codes().flat_map(gsm7::Code::septets);
        black_box(gsm7::pack(septets(), 0, &mut w).is_ok());
        black_box(gsm7::pack_ussd(septets(), &mut w).is_ok());
        black_box(gsm7::emit_unpacked(septets(), &mut w).is_ok());
        black_box(ucs2::emit(text.chars(), &mut w).is_ok());
        Tables::DEFAULT.chars(gsm7::unpack_ussd(octets)).for_each(each);
        Tables::DEFAULT.chars(octets.iter().copied()).for_each(each);
        ucs2::chars(ucs2::units(octets)).for_each(each);

        let mut content = [0; 82];
        black_box(cbs::fill(text.chars(), Coding(0x0F), &mut content).is_ok());
        let mut pages = Assembler::<4>::new();
        if let Ok((page, _)) = cbs::Page::from_bytes_tolerant(octets) {
            page.text().into_iter().flatten().for_each(each);
            black_box(page.to_slice(&mut content).is_ok());
            if let cbs::Added::Complete(message) = pages.add(&page) {
                message.text().into_iter().flatten().for_each(each);
            }
        }
        let mut parts = Reassembler::<4>::new();
        black_box(parts.load(octets, 0).is_ok());
        black_box(parts.save(&mut Writer::new(&mut content)).is_ok());
    }

    fn each<T>(value: T) {
        black_box(value);
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
        APIS, Answer, Api, Asked, Authorization, Credentials, How, Method, Op, Refusal, Reply,
        Request, Status,
    };
    use septet::wire::Writer;

    struct Nobody;

    impl Store for Nobody {
        type Account = ();

        fn admit<'a>(
            &mut self,
            _: &'static Api,
            credentials: &Credentials<'a>,
        ) -> Result<(), Refusal<'a>> {
            black_box(credentials);
            Ok(())
        }

        fn perform<R>(
            &mut self,
            (): &(),
            _: &'static Api,
            op: &Op<'_>,
            reply: impl FnOnce(&Answer<'_>) -> R,
        ) -> R {
            black_box(op);
            reply(&Answer::Taken)
        }
    }

    pub fn all(octets: &[u8], buffer: &mut [u8]) {
        let path = core::str::from_utf8(octets).unwrap_or_default();
        let mut decoded = [0; 64];
        let headers = [("Content-Type", path)];
        let request = Request {
            authorization: Authorization::read(path, &mut decoded),
            headers: &headers,
            ..Request::new(Method::Post, path, octets, octets)
        };
        black_box(answer(APIS, &mut Nobody, &request, &mut Writer::new(buffer)).is_ok());
        for api in APIS {
            for endpoint in api.calls.iter().copied().chain(api.report).chain(api.inbound) {
                if let Ok(op) = endpoint.parse_request(&request) {
                    let credentials = endpoint.credentials(&request).ok().flatten();
                    let asked = Asked { credentials, op };
                    black_box(endpoint.emit_request(&asked, &How::default(), buffer).is_ok());
                }
                let reply = Reply { status: Status(200), content_type: path, body: octets };
                black_box(endpoint.parse_reply(&reply).advice());
            }
        }
    }
}

/// The smallest gateway, of one interface, with a session for one kind of modem.
#[cfg(feature = "smallest")]
mod smallest {
    use super::*;
    use septet_firmware::apis::{BoardApi, GATEWAYAPI_V1};
    use septet_firmware::direct::{Account, Direct};
    use septet_firmware::profile::SIM800;
    use septet_firmware::{Engine, Instant, Output};

    static APIS: &[&BoardApi] = &[&GATEWAYAPI_V1];

    type Own = Direct<1024, 512>;

    /// As large as what a board keeps in memory, to be read from the image's symbols.
    #[unsafe(no_mangle)]
    static SESSION: [u8; size_of::<Engine>() + size_of::<Own>()] =
        [0; size_of::<Engine>() + size_of::<Own>()];

    pub fn all(octets: &[u8], _: &mut [u8]) {
        black_box(&SESSION);
        let now = Instant(octets.len() as u64);
        let account = Account { name: black_box("demo"), secret: black_box("secret") };
        run(&mut Engine::new(&SIM800, now), &mut Own::new(APIS, account, 1, 2), octets, now);
    }

    /// What a board does for ever, its state standing in one place.
    #[inline(never)]
    fn run(engine: &mut Engine, gateway: &mut Own, octets: &[u8], now: Instant) {
        loop {
            black_box(gateway.hear(octets, now));
            let said = gateway.reply(now).len();
            gateway.written(said);
            if let Some((pdu, _)) = gateway.next_part()
                && engine.send(&pdu, now).is_err()
            {
                gateway.put_back();
            }
            black_box(engine.receive(octets, now));
            engine.expire(now);
            match engine.poll() {
                Output::Transmit(octets) => drop(black_box(octets)),
                Output::Event(event) => {
                    if let Some(ticket) = gateway.event(event) {
                        engine.keep(&ticket, now);
                    }
                }
                Output::Pin(pin, level) => drop(black_box((pin, level))),
                Output::Baud(baud) => drop(black_box(baud)),
                Output::Wait(until) => drop(black_box(until)),
            }
        }
    }
}

/// The gateway of a board, with its modem session.
#[cfg(feature = "gateway")]
mod gateway {
    use super::*;
    use septet_firmware::gateway::keep::{Keep, Key, Trouble};
    use septet_firmware::gateway::{Back, Gateway, apis};
    use septet_firmware::profile::{GENERIC, PROFILES};
    use septet_firmware::{Engine, Instant, Options, Output};

    /// What is kept: where that is, is not counted.
    struct Kept;

    impl Keep for Kept {
        fn put(&mut self, key: Key, value: &[u8]) -> Result<(), Trouble> {
            black_box((key, value));
            black_box(Ok(()))
        }

        fn get(&mut self, key: Key, room: &mut [u8]) -> Result<Option<usize>, Trouble> {
            black_box((key, room));
            black_box(Ok(None))
        }

        fn remove(&mut self, key: Key) -> Result<(), Trouble> {
            black_box(key);
            black_box(Ok(()))
        }

        fn keys(&mut self, tell: &mut dyn FnMut(Key)) -> Result<(), Trouble> {
            tell(Key::of_code(black_box(0)));
            black_box(Ok(()))
        }
    }

    type Own = Gateway<Kept, 2048, 2048>;

    /// As large as what a board keeps in memory, to be read from the image's symbols.
    #[unsafe(no_mangle)]
    static SESSION: [u8; size_of::<Engine>() + size_of::<Own>()] =
        [0; size_of::<Engine>() + size_of::<Own>()];

    pub fn all(octets: &[u8], _: &mut [u8]) {
        black_box(&SESSION);
        let now = Instant(octets.len() as u64);
        let options =
            Options { candidates: black_box(PROFILES), ..black_box(Options::new(&GENERIC)) };
        let mut engine = Engine::with(options, now);
        let Ok(mut gateway) =
            Own::open(Kept, black_box(apis::ALL), black_box(1), black_box(2), now)
        else {
            return;
        };
        run(&mut engine, &mut gateway, octets, now);
    }

    /// What a board does for ever, its state standing in one place.
    #[inline(never)]
    fn run(engine: &mut Engine, gateway: &mut Own, octets: &[u8], now: Instant) {
        loop {
            black_box(gateway.hear(octets, now));
            let said = gateway.reply(engine, now).len();
            gateway.written(said);
            if let Some(next) = gateway.next(now)
                && engine.send(&next.pdu, now).is_err()
            {
                gateway.put_back();
            }
            black_box(engine.receive(octets, now));
            engine.expire(now);
            match engine.poll() {
                Output::Transmit(octets) => drop(black_box(octets)),
                Output::Event(event) => match gateway.event(event, now) {
                    Some(Back::Done(ticket)) => engine.done(&ticket, now),
                    Some(Back::Keep(ticket)) => engine.keep(&ticket, now),
                    None => {}
                },
                Output::Pin(pin, level) => drop(black_box((pin, level))),
                Output::Baud(baud) => drop(black_box(baud)),
                Output::Wait(until) => drop(black_box(until)),
            }
        }
    }
}

/// The modem session.
#[cfg(all(feature = "engine", not(any(feature = "gateway", feature = "smallest"))))]
mod engine {
    use super::*;
    use septet::pdu::Pdu;
    use septet_firmware::profile::GENERIC;
    #[cfg(feature = "engine-all")]
    use septet_firmware::profile::PROFILES;
    #[cfg(not(feature = "engine-all"))]
    use septet_firmware::profile::{EC25, SIM800};
    use septet_firmware::{Engine, EventKind, Instant, Options, Output};

    #[cfg(not(feature = "engine-all"))]
    static PROFILES: &[&septet_firmware::Profile] = &[&GENERIC, &SIM800, &EC25];

    /// As large as a session, to be read from the image's symbols.
    #[unsafe(no_mangle)]
    static SESSION: [u8; size_of::<Engine>()] = [0; size_of::<Engine>()];

    pub fn all(octets: &[u8], _: &mut [u8]) {
        black_box(&SESSION);
        let now = Instant(octets.len() as u64);
        let options =
            Options { candidates: black_box(PROFILES), ..black_box(Options::new(&GENERIC)) };
        let mut engine = Engine::with(options, now);
        loop {
            black_box(engine.receive(octets, now));
            engine.expire(now);
            if let Ok(pdu) = Pdu::from_octets(octets) {
                black_box(engine.send(&pdu, now).is_ok());
            }
            #[cfg(feature = "engine-all")]
            black_box(engine.ussd(black_box("*100#"), now).is_ok());
            match engine.poll() {
                Output::Transmit(octets) => {
                    black_box(octets);
                }
                Output::Event(event) => {
                    if let EventKind::Received { ticket, .. } = &event.kind {
                        engine.done(ticket, now);
                        engine.keep(ticket, now);
                    }
                    black_box(event);
                }
                Output::Pin(pin, level) => {
                    black_box((pin, level));
                }
                Output::Baud(baud) => {
                    black_box(baud);
                }
                Output::Wait(at) => {
                    black_box(at);
                }
            }
            if octets.is_empty() {
                engine.disconnected(now);
                black_box((engine.is_ready(), engine.is_registered(), engine.generation()));
            }
        }
    }
}
