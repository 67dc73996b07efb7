//! What is traced: the format, and what is masked.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    missing_docs,
    reason = "a test that fails panics"
)]

#[path = "law/trace.rs"]
mod law;

use std::fmt;

use law::Said;
use proptest::prelude::*;
use septet::pdu::{Pdu, read_hex};
use septet_firmware::Instant;
use septet_firmware::trace::{Direction, Mask, Ring, Trace, Transcript};

fn to_modem(octets: &[u8], pause: u16) -> Said {
    (false, octets.to_vec(), pause)
}

fn to_host(octets: &[u8], pause: u16) -> Said {
    (true, octets.to_vec(), pause)
}

fn masked(dialogue: &[Said]) -> String {
    law::write(dialogue, Mask::NUMBERS)
}

#[test]
fn a_line_ends_with_its_line_end_and_with_the_other_direction() {
    let dialogue = [
        to_modem(b"AT+CM", 0),
        to_modem(b"GS=18\r", 1),
        to_host(b"\r", 30),
        to_host(b"\n> ", 0),
        to_modem(b"0011\\\x1a", 40),
        to_host(b"\r\n+CMTI: \"SM\",3\r\n\r\n+CMGS: 17\r\n\r\nOK\r\n\xff", 21_000),
    ];
    assert_eq!(
        law::write(&dialogue, Mask::NONE),
        "> AT+CMGS=18\\r\n\
         < \\r\\n>\\x20\n\
         ~ 71\n\
         > 0011\\\\\\x1a\n\
         ~ 21000\n\
         < \\r\\n+CMTI: \"SM\",3\\r\\n\n\
         < \\r\\n+CMGS: 17\\r\\n\n\
         < \\r\\nOK\\r\\n\n\
         < \\xff\n"
    );
}

#[test]
fn a_head_says_what_the_transcript_is() {
    let mut text = String::new();
    let mut transcript = Transcript::new(&mut text, "SIM800\nL", Mask::NUMBERS);
    transcript.note("about", "a test");
    drop(transcript);
    assert_eq!(
        text,
        "# format: 1\n# modem: SIM800 L\n# framing: exact\n\
         # numbers: overwritten with fictional digits of the same length\n# about: a test\n"
    );
}

#[test]
fn the_numbers_of_lines_are_overwritten_and_nothing_else() {
    for (line, expected) in [
        ("+CSCA: \"+4512345678\",145", "+CSCA: \"+1555010042\",145"),
        ("+CNUM: \"Me\",\"004512345678\",129", "+CNUM: \"Me\",\"155501004271\",129"),
        ("490154203237518", "155501004271555"),
        ("+CCID: 8945020012345678901F", "+CCID: 1555010042715550100F"),
        ("+CUSD: 0,\"Call 4512345678 now\",15", "+CUSD: 0,\"Call 1555010042 now\",15"),
        ("+CSCA: \"002B00340035003100320033\",145", "+CSCA: \"002B00310035003500350030\",145"),
        ("+CLIP: +4512345678,145", "+CLIP: +1555010042,145"),
        ("+CMGS: 249", "+CMGS: 249"),
        ("+CPMS: \"SM\",3,20,\"SM\",3,20", "+CPMS: \"SM\",3,20,\"SM\",3,20"),
        ("+COPS: 0,2,\"26201\",7", "+COPS: 0,2,\"26201\",7"),
        ("+CREG: 2,1,\"00C3\",\"0001A2B4\",7", "+CREG: 2,1,\"0000\",\"00000000\",7"),
        ("+CCLK: \"26/07/01,12:00:00+08\"", "+CCLK: \"26/07/01,12:00:00+08\""),
        ("+CUSD: 1,\"*100#\",15", "+CUSD: 1,\"*100#\",15"),
        ("+CUSD: 1,\"*21*4512345678#\",15", "+CUSD: 1,\"*15*5501004271#\",15"),
        ("^BOOT:48175390,0,0,0,89", "^BOOT:48175390,0,0,0,89"),
        ("Revision:1418B05SIM800L24", "Revision:1418B05SIM800L24"),
        ("+CRSM: 144,0,\"98541010325476981032\"", "+CRSM: 144,0,\"15550100427155501004\""),
    ] {
        let text = masked(&[to_host(format!("\r\n{line}\r\n").as_bytes(), 0)]);
        assert_eq!(text, format!("< \\r\\n{expected}\\r\\n\n"));
    }
}

#[test]
fn texts_are_overwritten_only_where_that_is_asked_for() {
    let dialogue = [
        to_host(b"\r\n+CUSD: 0,\"Your balance\",15\r\n", 0),
        to_modem(b"0011000B915421436587F90000FF05E8329BFD06\x1a", 0),
    ];
    assert_eq!(
        masked(&dialogue),
        "< \\r\\n+CUSD: 0,\"Your balance\",15\\r\\n\n\
         > 0011000B915155100024F70000FF05E8329BFD06\\x1a\n"
    );
    let text = law::write(&dialogue, Mask::ALL);
    assert!(text.starts_with("< \\r\\n+CUSD: 0,\"xxxx xxxxxxx\",15\\r\\n\n> "), "{text}");
    let hex = text.lines().last().unwrap().trim_start_matches("> ").trim_end_matches("\\x1a");
    let pdu = Pdu::from_hex(hex).unwrap();
    let (_, message) = pdu.read::<septet::tpdu::Mo<'_>>().unwrap();
    assert!(message.text().unwrap().eq("xxxxx".chars()));
}

#[test]
fn the_numbers_of_pdus_are_overwritten_by_what_the_pdu_is() {
    for (before, pdu, expected) in [
        // SMS-SUBMIT.
        (
            to_modem(b"AT+CMGS=18\r", 0),
            to_modem(b"07915421436587F911000A8154214365870000FF04F4F29C0E\x1a", 0),
            "07915155100024F711000A8151551000240000FF04F4F29C0E",
        ),
        // SMS-DELIVER, its echo in small letters.
        (
            to_host(b"\r\n+CMT: ,23\r\n", 0),
            to_host(b"00040b915421436587f900002270513254128004d4f29c0e\r\n", 0),
            "00040b915155100024f700002270513254128004d4f29c0e",
        ),
        // SMS-STATUS-REPORT.
        (
            to_host(b"\r\n+CDS: 25\r\n", 0),
            to_host(b"0006400C9154214365870922511090718384225110907183252200\r\n", 0),
            "0006400C9151551000241722511090718384225110907183252200",
        ),
        // SMS-DELIVER without the service centre, which its length tells.
        (
            to_host(b"\r\n+CMGR: 0,,23\r\n", 0),
            to_host(b"040B915421436587F900002270513254128004D4F29C0E\r\n", 0),
            "040B915155100024F700002270513254128004D4F29C0E",
        ),
        // SMS-DELIVER with a name.
        (
            to_host(b"\r\n+CMT: ,22\r\n", 0),
            to_host(b"000407D0C667F3390400002270513254128004D4F29C0E\r\n", 0),
            "000407D0C667F3390400002270513254128004D4F29C0E",
        ),
        // A page of cell broadcast has no numbers.
        (
            to_host(b"\r\n+CBM: 9\r\n", 0),
            to_host(b"001000320111F4F29C\r\n", 0),
            "001000320111F4F29C",
        ),
        // Digits that are no message.
        (to_host(b"\r\nOK\r\n", 0), to_host(b"7F123456789ABCDEF0\r\n", 0), "1F555010042ABCDEF7"),
    ] {
        let text = masked(&[before, pdu]);
        let last = text.lines().last().unwrap();
        assert_eq!(last[2..].trim_end_matches("\\x1a").trim_end_matches("\\r\\n"), expected);
    }
}

#[test]
fn a_reply_address_is_overwritten_no_further_than_its_element() {
    // An address of 43 digits in an element of ten octets, in a header of 34.
    let hex = "00e40a169121562665ff3afff8fffff4f4f4f422220a2b4350ff509accfbcd02dd140a85001a1a1a \
               1a1a1a1a1a1a85001a1a1a1a1a1a1a1a1a02dddf0a38383838383838380a0a383838380a0a0a0a37 \
               5a00";
    let hex: String = hex.split_whitespace().collect();
    let octets: Vec<u8> = (0..hex.len() / 2)
        .map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap())
        .collect();
    law::pdu_holds(&octets, true);
}

#[test]
fn the_echo_of_a_pdu_is_masked_as_the_pdu_was() {
    // An SMS-COMMAND would be read as an SMS-STATUS-REPORT out of a store.
    let pdu = "0002000000070A91542143658700";
    let dialogue = [
        to_modem(format!("{pdu}\x1a").as_bytes(), 0),
        to_host(format!("{pdu}\x1a\r\n+CMGC: 7\r\n").as_bytes(), 0),
    ];
    let text = masked(&dialogue);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0][2..], lines[1][2..]);
    assert_eq!(lines[0], "> 0002000000070A91515510002400\\x1a");
}

/// Every way to write it, whatever the mask.
#[test]
fn no_digit_of_a_pin_is_ever_traced() {
    for line in [
        "AT+CPIN=\"9383\"\r",
        "at + cpin = 9383\r",
        "ATE0;+CPIN=\"93839383\",\"9383\"\r",
        "AT+CLCK=\"SC\",9,\"9383\"\r",
        "AT+CPWD=\"SC\",\"9383\",\"9383\"\r",
        "AT+CPIN2=\"9383\"\r",
    ] {
        for at in 0..line.len() {
            let (head, tail) = line.as_bytes().split_at(at);
            // Cut by what the modem says meanwhile, and echoed.
            let dialogue = [
                to_modem(head, 0),
                to_host(b"\r\nRING\r\n", 60),
                to_modem(tail, 0),
                to_host(format!("{line}\r\nOK\r\n").as_bytes(), 0),
            ];
            for mask in [Mask::NONE, Mask::NUMBERS, Mask::ALL] {
                let text = law::write(&dialogue, mask);
                assert!(!text.contains(['3', '8', '9']), "{text}");
            }
            let mut ring = Ring::<256>::new();
            for (is_host, octets, _) in &dialogue {
                let direction = if *is_host { Direction::ToHost } else { Direction::ToModem };
                ring.octets(direction, octets, Instant(0));
            }
            assert!(!format!("{ring:?}").contains("57, 51, 56"), "digits 938 in the ring");
        }
    }
    // What follows is no secret.
    let dialogue = [to_modem(b"AT+CPIN=\"9383\"\r", 0), to_modem(b"AT+CMGS=37\r", 0)];
    assert_eq!(law::write(&dialogue, Mask::NONE), "> AT+CPIN=\"0000\"\\r\n> AT+CMGS=37\\r\n");
}

#[test]
fn a_line_that_is_not_whole_has_none_of_its_digits() {
    let dialogue = [
        to_host(b"\r\n+CSCA: \"+451", 0),
        to_modem(b"AT\r", 0),
        to_host(b"2\",145\r\n", 0),
        to_host(b"\r\n+CMGS: 42\r\n", 0),
    ];
    assert_eq!(
        masked(&dialogue),
        "< \\r\\n+CSCA: \"+155\n> AT\\r\n< 1\",555\\r\\n\n< \\r\\n+CMGS: 42\\r\\n\n"
    );
}

#[test]
fn a_sink_that_is_full_gets_no_half_lines_and_does_no_harm() {
    struct Full(String, usize);

    impl fmt::Write for Full {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            self.0 += text;
            self.1 = self.1.checked_sub(text.len()).ok_or(fmt::Error)?;
            Ok(())
        }
    }

    let mut sink = Full(String::new(), 20);
    let mut transcript = Transcript::bare(&mut sink, Mask::NONE);
    for _ in 0..10 {
        transcript.octets(Direction::ToModem, b"AT+CSQ\r", Instant(0));
    }
    assert!(!transcript.is_whole());
    drop(transcript);
    assert!(sink.0.starts_with("> AT+CSQ\\r\n> AT"), "{}", sink.0);
    assert!(sink.0.lines().count() <= 2);
}

#[test]
fn a_ring_without_its_first_octets_hides_what_it_cannot_tell() {
    let mut ring = Ring::<24>::new();
    ring.octets(Direction::ToHost, b"\r\n+CSCA: \"+4512345678\",145\r\n\r\nOK\r\n", Instant(0));
    let mut text = String::new();
    ring.dump(&mut Transcript::bare(&mut text, Mask::NUMBERS));
    assert_eq!(text, "< 155501004\",271\\r\\n\n< \\r\\nOK\\r\\n\n");
}

#[test]
fn every_vector_reads_as_before_under_a_mask() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../codec/vectors/pdu.json");
    let vectors: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    for vector in vectors.as_array().unwrap() {
        let Ok(octets) = read_hex(vector["hex"].as_str().unwrap()) else { continue };
        let to_host = vector["direction"] == "MT";
        if vector["smsc"] == true {
            law::pdu_holds(&octets, to_host);
        } else {
            law::pdu_holds(&[&[0], octets.as_slice()].concat(), to_host);
            // The service centre +4512345678.
            let centre = [0x06, 0x91, 0x54, 0x21, 0x43, 0x65, 0x87];
            law::pdu_holds(&[&centre, octets.as_slice()].concat(), to_host);
        }
    }
}

fn said() -> impl Strategy<Value = Said> {
    let words: &[&[u8]] = &[
        b"\r\n",
        b"AT+CMGS=18\r",
        b"\r\n> ",
        b"\x1a",
        b"+CSCA: \"+4512345678\",145",
        b"OK\r\n",
        b"0011000B915421436587F90000FF04F4F29C0E",
        b"490154203237518",
        b" ",
        b"\\",
        b"+CMT: ,23\r\n",
    ];
    let words = prop::sample::select(words.to_vec());
    let octets = prop_oneof![
        3 => words.prop_map(<[u8]>::to_vec),
        1 => prop::collection::vec(any::<u8>(), 0..8),
        1 => prop::collection::vec(prop::sample::select(b"0123456789ABCDEF\r\n"), 0..500),
    ];
    (any::<bool>(), octets, prop_oneof![Just(0), 0..100_u16, any::<u16>()])
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn a_trace_reads_back_as_it_was(dialogue in prop::collection::vec(said(), 0..30)) {
        law::holds(&dialogue);
    }

    #[test]
    fn any_octets_are_a_dialogue(script in prop::collection::vec(any::<u8>(), 0..400)) {
        let dialogue = law::dialogue(&script);
        law::holds(&dialogue);
        law::ring_holds(&dialogue);
    }

    #[test]
    fn a_ring_has_the_last_octets(dialogue in prop::collection::vec(said(), 0..30)) {
        law::ring_holds(&dialogue);
    }

    #[test]
    fn a_pdu_reads_as_before_under_a_mask(
        octets in prop::collection::vec(any::<u8>(), 0..40),
        to_host in any::<bool>(),
    ) {
        let start = if to_host { 0x04 } else { 0x11 };
        law::pdu_holds(&[&[0x00, start][..], &octets].concat(), to_host);
        law::pdu_holds(&octets, to_host);
    }
}
