//! What a person sees of each value that a person would print.

#![allow(clippy::unwrap_used, reason = "a test that fails panics")]

use std::fmt::Display;

use septet::api::{
    Answer, Cancel, DateTime, Inbound, Login, Messages, Op, Payload, Reason, Recipients, Refusal,
    Report, Sent, State, Status, Submit, When, Zone,
};
use septet::at::{
    Argument, Class, Command, Domain, Line, Pin, Registration, RegistrationState, Store,
};
use septet::cbs::PageParameter;
use septet::fields::List;
use septet::fold::Parts;
use septet::gsm7::{Code, Languages, Tables};
use septet::pdu::Pdu;
use septet::reassemble::Key;
use septet::segment::{Break, Choice, Plan};
use septet::text::{Charset, Text};
use septet::tpdu::codes::ProtocolIdentifier;
use septet::tpdu::time::{Civil, Enhanced};
use septet::tpdu::udh::ems::{Colours, ExtendedKind, ExtendedObject, Object, ObjectKind};
use septet::tpdu::udh::voice_mail::{Details, VoiceMessage};
use septet::tpdu::udh::{Header, Language, NationalLanguage, Reference, Shift};
use septet::tpdu::{Address, Timestamp};
use septet::wire::{Quirk, Quirks};

fn each(cases: &[(&dyn Display, &str)]) {
    for (value, words) in cases {
        assert_eq!(value.to_string(), *words);
    }
}

#[test]
fn parts_of_messages_have_words() {
    let civil =
        Civil { year: 26, month: 12, day: 20, hour: 15, minute: 23, second: 50, zone_quarters: -5 };
    let caller = Address::number("+4512345678").unwrap();
    let details = Details { seconds: 20, days: 3, urgent: true, caller };
    let message = VoiceMessage { number: 3, details: Some(details), extension: None };
    let object = Object { kind: ObjectKind::Sound, position: 5, data: &[1, 2] };
    let extended = ExtendedObject {
        reference: 1,
        len: 5,
        control: 0,
        kind: ExtendedKind::VCARD,
        position: 11,
        data: &[1, 2],
    };
    let header = Header { octets: &[0x24, 1, 6, 0x05, 4, 0x0B, 0x84, 0x23, 0xF0] };
    let key = Key {
        originator: caller,
        reference: Reference::Short(17),
        total: 3,
        protocol: ProtocolIdentifier::PLAIN,
        class: None,
    };
    each(&[
        (&civil, "26-12-20 15:23:50 -01:15"),
        (&Timestamp::new(civil).unwrap(), "26-12-20 15:23:50 -01:15"),
        (&Enhanced([0x42, 30, 0, 0, 0, 0, 0]), "30 s, one attempt"),
        (&Reference::Long(17), "17 (16 bits)"),
        (
            &NationalLanguage { shift: Shift::Locking, language: Language::TURKISH },
            "1 (Turkish), locking shift",
        ),
        (
            &header,
            "national language, single shift: 6 (Hindi); application ports, 16 bits: to port 2948 from port 9200",
        ),
        (&Colours(0x90), "black on white"),
        (&object, "sound, 2 octets at 5"),
        (&extended, "object 1, 9 (vCard), 2 of 5 octets at 11"),
        (&message, "number 3, 20 s, urgent, from +4512345678"),
        (&VoiceMessage { details: None, ..message }, "number 3 deleted"),
        (&key, "message of 3 parts from +4512345678, reference 17 (8 bits)"),
        (&PageParameter(0x13), "page 1 of 3"),
        (&Pdu::from_hex("00aB").unwrap(), "00AB"),
        (
            &Quirks::NONE.with(Quirk::TrailingOctets).with(Quirk::ReservedMti),
            "the message has the reserved type, octets follow the message",
        ),
        (&Quirks::NONE, "no quirk"),
    ]);
}

#[test]
fn how_a_text_is_written_has_words() {
    let languages = Languages::NONE.with(Language::HINDI).with(Language::TURKISH);
    each(&[
        (&Tables::DEFAULT, "default tables"),
        (&Plan::Gsm7(Tables::DEFAULT), "GSM 7-bit, default tables"),
        (&Plan::Ucs2, "UCS-2"),
        (&Code::Main(0x41), "0x41"),
        (&Code::Extension(0x65), "escape, 0x65"),
        (&languages, "Turkish, Hindi"),
        (&Languages::NONE, "no language"),
        (&Choice::PerPart(languages), "each part in its own tables: Turkish, Hindi"),
        (&Parts { before: Some(3), after: 1 }, "3 parts, folded 1"),
        (&Break::Words, "between words"),
        (&Charset::Latin1, "ISO 8859-1"),
    ]);
}

#[test]
#[cfg(feature = "turkish")]
fn tables_are_named_by_their_languages() {
    let turkish = Some(Language::TURKISH);
    each(&[
        (&Tables::national(turkish, None), "Turkish locking shift"),
        (&Tables::national(turkish, turkish), "Turkish locking shift, Turkish single shift"),
    ]);
}

#[test]
fn what_a_modem_and_a_terminal_say_has_words() {
    let line = |text: &'static str| Line::read(text.as_bytes());
    let registration =
        Registration { domain: Domain::Circuit, mode: None, state: RegistrationState::HOME };
    each(&[
        (&line("OK"), "OK"),
        (&line("+CMS ERROR: 331"), "+CMS ERROR: 331 (no network service)"),
        (&line("+CMGS: 17"), "sent, reference 17"),
        (&line("+CMTI: \"SM\",3"), "message stored in SM, slot 3"),
        (&line("+CDSI: \"SR\",8"), "status report stored in SR, slot 8"),
        (&line("+CMT: ,23"), "message of 23 octets follows"),
        (&line("+CDS: 25"), "status report of 25 octets follows"),
        (&line("+CBM: 88"), "broadcast page of 88 octets follows"),
        (&line("+CMGR: 0,,29"), "stored message of 29 octets follows, 0 (received, unread)"),
        (
            &line("+CMGL: 4,1,,23"),
            "stored message of 23 octets in slot 4 follows, 1 (received, read)",
        ),
        (&line("+CREG: 1"), "circuit switched: 1 (registered, home network)"),
        (&line("+CPIN: SIM PIN"), "the SIM waits for its PIN"),
        (&line("+CSQ: 9,99"), "signal strength -95 dBm"),
        (&line("+CSQ: 99,99"), "signal strength unknown"),
        (&line("RDY"), "started: RDY"),
        (&line("SMS Ready"), "in service: SMS Ready"),
        (&line("NORMAL POWER DOWN"), "going off: NORMAL POWER DOWN"),
        (&line("+CSCA: \"+45\", 145"), "+CSCA: \"+45\",145"),
        (&line("00AB"), "PDU 00AB"),
        (&Line::read(b"noise\x00\xFF"), "noise\\x00\\xFF"),
        (&registration, "circuit switched: 1 (registered, home network)"),
        (&Pin::Other(b"PH-NET PIN"), "the SIM waits: PH-NET PIN"),
        (&Store::SM, "SM"),
        (&Class::Temporary, "to be tried again later"),
        (&Command::set("+CMGS", &[Argument::Number(18)]), "AT+CMGS=18"),
        (&Command::set("E", &[Argument::Number(0)]), "ATE0"),
        (&Command::read("+CSCA"), "AT+CSCA?"),
        (&Command::test("+CNMI"), "AT+CNMI=?"),
        (&Command::ATTENTION, "AT"),
        (&Argument::Quoted(b"SM"), "\"SM\""),
    ]);
}

#[test]
fn what_is_asked_and_answered_has_words() {
    let recipients = ["4512345678", "4587654321"].map(Text::plain);
    let submit = Submit {
        sender: Some(Text::plain("1204")),
        ..Submit::new(Messages::Same {
            to: Recipients::numbers(List::Slice(&recipients)),
            body: Payload::Text(Text::plain("Hello")),
        })
    };
    let id = Some(Text::plain("7"));
    let report = Report { client_id: id, ..Report::new(State::Delivered) };
    let [number, sender, recipient] = ["1", "4512345678", "1204"].map(Text::plain);
    let inbound = Inbound {
        keyword: Some(Text::plain("TEST")),
        rest: Some(Text::plain("hello")),
        ..Inbound::new(number, sender, recipient)
    };
    let refusal = Refusal::new(Reason::Missing, Text::plain("to"));
    let sent = Sent { client_id: id, ..Sent::new() };
    let at = DateTime { year: 2026, month: 2, day: 3, hour: 4, minute: 5, second: 6 };
    let zone = |zone| When::Civil { at, zone };
    each(&[
        (&zone(Zone::Account), "2026-02-03 04:05:06"),
        (&zone(Zone::Offset(0)), "2026-02-03 04:05:06 UTC"),
        (&zone(Zone::Offset(-210)), "2026-02-03 04:05:06 -03:30"),
        (&zone(Zone::Named(Text::plain("Europe/Rome"))), "2026-02-03 04:05:06 Europe/Rome"),
        (&When::Unix(7), "7 s after 1970"),
        (&Op::Login(Login::Session), "begin a session"),
        (&Op::Cancel(Cancel { id }), "take 7 back"),
        (&Answer::Quoted(210_115), "2101.15 credits"),
        (&Answer::Sent(Sent { messages: 3, scheduled: true, ..sent }), {
            "3 messages are accepted: 7, to be sent later"
        }),
        (&Op::Send(submit), "send to 4512345678, 4587654321 from 1204: \"Hello\""),
        (&Op::Report(report), "report of message 7: delivered"),
        (&Op::Inbound(inbound), "received from 4512345678 to 1204: keyword \"TEST\", \"hello\""),
        (&Answer::Sent(sent), "message 7 is accepted"),
        (&Answer::Taken, "taken"),
        (
            &Answer::Refused(refusal),
            "refused: a field is missing: to; the same again is refused again",
        ),
        (&Reason::WrongPassword, "the password is wrong"),
        (&Status::NOT_FOUND, "404"),
    ]);
}
