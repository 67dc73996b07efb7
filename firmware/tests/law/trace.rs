//! The laws of a trace.

use septet::pdu::{self, Pdu};
use septet::tpdu::udh::Identifier;
use septet::tpdu::{Address, Mo, Mt, UserData};
use septet::wire::Writer;
use septet::wire::{Input, Quirks};
use septet_firmware::Instant;
use septet_firmware::trace::{Direction, Mask, Ring, Trace, Transcript};

/// Octets that went one way, and the milliseconds before them.
pub type Said = (bool, Vec<u8>, u16);

const fn direction(to_host: bool) -> Direction {
    if to_host { Direction::ToHost } else { Direction::ToModem }
}

/// A dialogue made of any octets: before each piece of it two that say its direction, its length and
/// the pause.
pub fn dialogue(script: &[u8]) -> Vec<Said> {
    let mut rest = script;
    let mut dialogue = Vec::new();
    while let [head, pause, after @ ..] = rest {
        let (octets, after) = after.split_at(usize::from(head & 0x7f).min(after.len()));
        dialogue.push((head & 0x80 != 0, octets.to_vec(), u16::from(*pause) * 4));
        rest = after;
    }
    dialogue
}

/// What a transcript says: each octet with its direction, and the time that passes in all.
pub fn read(transcript: &str) -> (Vec<(Direction, u8)>, u64) {
    let (mut octets, mut time) = (Vec::new(), 0);
    for line in transcript.lines() {
        let (kind, rest) = line.split_at(2);
        match kind {
            "> " => octets.extend(unescape(rest).map(|octet| (Direction::ToModem, octet))),
            "< " => octets.extend(unescape(rest).map(|octet| (Direction::ToHost, octet))),
            "~ " => time += rest.parse::<u64>().unwrap(),
            "# " | "= " => {}
            _ => panic!("no line of a transcript: {line}"),
        }
    }
    (octets, time)
}

fn unescape(text: &str) -> impl Iterator<Item = u8> {
    let mut rest = text.bytes();
    std::iter::from_fn(move || {
        let octet = rest.next()?;
        assert!(matches!(octet, b' '..=b'~'), "{octet} in a transcript");
        if octet != b'\\' {
            return Some(octet);
        }
        Some(match rest.next().unwrap() {
            b'r' => b'\r',
            b'n' => b'\n',
            b'\\' => b'\\',
            b'x' => {
                let digits = [rest.next().unwrap(), rest.next().unwrap()];
                u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
            }
            other => panic!("no escape: {other}"),
        })
    })
}

/// The transcript of a dialogue.
pub fn write(dialogue: &[Said], mask: Mask) -> String {
    let mut text = String::new();
    let mut transcript = Transcript::bare(&mut text, mask);
    tell(dialogue, &mut transcript);
    drop(transcript);
    text
}

fn tell(dialogue: &[Said], trace: &mut impl Trace) {
    let mut now = Instant(0);
    for (to_host, octets, pause) in dialogue {
        now.0 += u64::from(*pause);
        trace.octets(direction(*to_host), octets, now);
    }
}

/// The commands behind which no digit is traced, up to the end of the line.
const SECRET: [&str; 5] = ["+CPIN=", "+CPIN2=", "+CLCK=", "+CPWD=", "+CSIM="];

/// Each octet with its direction, digits of secrets as they are traced.
fn all(dialogue: &[Said]) -> Vec<(Direction, u8)> {
    let mut lines = [String::new(), String::new()];
    let mut octets = Vec::new();
    for (to_host, said, _) in dialogue {
        let line = &mut lines[usize::from(*to_host)];
        for octet in said {
            let is_secret = SECRET.iter().any(|command| line.contains(command));
            match octet {
                b'\r' => line.clear(),
                0x21..=0x7e => line.push(char::from(octet.to_ascii_uppercase())),
                _ => {}
            }
            let hidden = if is_secret && octet.is_ascii_digit() { b'0' } else { *octet };
            octets.push((direction(*to_host), hidden));
        }
    }
    octets
}

/// What is traced reads back as it was, but for digits of secrets, in its order and its directions, with
/// pauses that are together no longer than it took. With a mask every line has its length.
pub fn holds(dialogue: &[Said]) {
    let plain = write(dialogue, Mask::NONE);
    let (octets, time) = read(&plain);
    assert_eq!(octets, all(dialogue));
    // A pause is written only where a line begins behind it.
    assert!(time <= dialogue.iter().map(|(_, _, pause)| u64::from(*pause)).sum::<u64>());
    for mask in [Mask::NUMBERS, Mask::ALL] {
        let masked = write(dialogue, mask);
        let lens = |text: &str| text.lines().map(str::len).collect::<Vec<_>>();
        assert_eq!(lens(&masked), lens(&plain), "{plain}\n{masked}");
    }
}

/// A ring has the last octets, in their order and their directions, and is the same where it was saved.
pub fn ring_holds(dialogue: &[Said]) {
    fn holds<const N: usize>(dialogue: &[Said]) {
        let mut ring = Ring::<N>::new();
        tell(dialogue, &mut ring);
        let mut text = String::new();
        ring.dump(&mut Transcript::bare(&mut text, Mask::NONE));
        let (octets, _) = read(&text);
        let all = all(dialogue);
        assert!(all.ends_with(&octets));
        // At the worst each octet is a run of its own.
        assert!(octets.len() >= all.len().min(N / 3 - 1), "{} of {N}", octets.len());
        // On a host it reads the same.
        let mut room = [0; 1 + 512];
        let mut w = Writer::new(&mut room);
        ring.save(&mut w).unwrap();
        assert!(w.len() <= N + 1);
        let loaded = Ring::<512>::load(w.written()).unwrap();
        let mut again = String::new();
        loaded.dump(&mut Transcript::bare(&mut again, Mask::NONE));
        assert_eq!(again, text);
        // What is cut short is no ring, or one that ends with a run.
        let (_, cut) = w.written().split_last().unwrap();
        assert!(Ring::<512>::load(cut).is_none_or(|_| cut.len() < 2));
    }
    holds::<8>(dialogue);
    holds::<64>(dialogue);
    holds::<512>(dialogue);
}

/// A PDU reads as before under a mask, but for the digits of its addresses.
pub fn pdu_holds(octets: &[u8], to_host: bool) {
    let Ok(pdu) = Pdu::from_octets(octets) else { return };
    let end: &[u8] = if to_host { b"\r\n" } else { b"\x1a" };
    let line: Vec<u8> = pdu.hex().chain(end.iter().copied()).collect();
    let masked = |mask| {
        let (said, _) = read(&write(&[(to_host, line.clone(), 0)], mask));
        let hex: Vec<u8> = said.into_iter().map(|(_, octet)| octet).collect();
        Pdu::from_hex(&hex[..hex.len() - end.len()]).unwrap()
    };
    if to_host {
        // Out of a store: what is no SMS-SUBMIT was received.
        if let Ok((message, _)) = Input::tolerant(pdu.octets()).finish(pdu::parse::<Mt<'_>>)
            && !matches!(message.1, Mt::SubmitReport(_))
        {
            same_but_for_digits(received(&masked(Mask::NUMBERS)), received(&pdu));
            assert_eq!(characters(&masked(Mask::ALL), true), characters(&pdu, true));
        }
    } else if let Ok((message, _)) = Input::tolerant(pdu.octets()).finish(pdu::parse::<Mo<'_>>)
        && !matches!(message.1, Mo::DeliverReport(_))
    {
        same_but_for_digits(sent(&masked(Mask::NUMBERS)), sent(&pdu));
        assert_eq!(characters(&masked(Mask::ALL), false), characters(&pdu, false));
    }
}

/// An address without its digits: type, length, and a name as it is.
fn blank(address: &Address) -> String {
    let digits = |c: char| if c.is_ascii_digit() { '0' } else { c };
    let name: String = match address.is_name() {
        true => address.chars().collect(),
        false => address.chars().map(digits).collect(),
    };
    format!("{:02x} {} {name}", address.type_of_address(), address.len())
}

/// The addresses of a message, its other fields, and what is wrong with it.
type Fields = ([Option<Address>; 2], String, Quirks);

fn same_but_for_digits(masked: Fields, plain: Fields) {
    assert_eq!((&masked.1, masked.2), (&plain.1, plain.2));
    let blanks = |addresses: &[Option<Address>; 2]| addresses.map(|a| a.as_ref().map(blank));
    assert_eq!(blanks(&masked.0), blanks(&plain.0));
    for address in masked.0.iter().flatten().filter(|address| !address.is_name()) {
        let digits: String = address.chars().filter(char::is_ascii_digit).collect();
        assert!("15550100427155501004271555".starts_with(&digits), "{address} is somebody's");
    }
}

/// Every field of what a handset receives, with blank addresses.
fn received(pdu: &Pdu) -> Fields {
    let ((centre, mut message), quirks) = pdu.read_tolerant::<Mt<'_>>().unwrap();
    let nobody = Address::number("0").unwrap();
    let address = match &mut message {
        Mt::Deliver(deliver) => {
            deliver.user_data = without_reply_address(deliver.user_data);
            Some(std::mem::replace(&mut deliver.originator, nobody))
        }
        Mt::StatusReport(report) => {
            if let Some(data) = report.parameters.as_mut().and_then(|p| p.user_data.as_mut()) {
                *data = without_reply_address(*data);
            }
            Some(std::mem::replace(&mut report.recipient, nobody))
        }
        Mt::SubmitReport(_) => None,
    };
    ([centre, address], format!("{message:?}"), quirks)
}

/// Every field of what a handset sends, with blank addresses.
fn sent(pdu: &Pdu) -> Fields {
    let ((centre, mut message), quirks) = pdu.read_tolerant::<Mo<'_>>().unwrap();
    let nobody = Address::number("0").unwrap();
    let address = match &mut message {
        Mo::Submit(submit) => {
            submit.user_data = without_reply_address(submit.user_data);
            Some(std::mem::replace(&mut submit.destination, nobody))
        }
        Mo::Command(command) => {
            command.data = without_reply_address(command.data);
            Some(std::mem::replace(&mut command.destination, nobody))
        }
        Mo::DeliverReport(report) => {
            if let Some(data) = &mut report.parameters.user_data {
                *data = without_reply_address(*data);
            }
            None
        }
    };
    ([centre, address], format!("{message:?}"), quirks)
}

/// The address in a header is overwritten too.
fn without_reply_address(data: UserData<'_>) -> UserData<'_> {
    let has_one = data.header().is_some_and(|header| {
        header.elements().any(|element| element.identifier == Identifier::REPLY_ADDRESS)
    });
    if has_one { UserData { octets: &[], ..data } } else { data }
}

/// How many octets the user data has behind its header.
fn characters(pdu: &Pdu, to_host: bool) -> Option<usize> {
    let body = |data: UserData<'_>| data.body().len();
    if to_host {
        match pdu.read_tolerant::<Mt<'_>>().unwrap().0.1 {
            Mt::Deliver(deliver) => Some(body(deliver.user_data)),
            Mt::StatusReport(report) => report.parameters?.user_data.map(body),
            Mt::SubmitReport(report) => report.parameters.user_data.map(body),
        }
    } else {
        match pdu.read_tolerant::<Mo<'_>>().unwrap().0.1 {
            Mo::Submit(submit) => Some(body(submit.user_data)),
            Mo::Command(command) => Some(body(command.data)),
            Mo::DeliverReport(report) => report.parameters.user_data.map(body),
        }
    }
}
