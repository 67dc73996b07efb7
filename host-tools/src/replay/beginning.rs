//! Where a log begins: before the modem was set up, in the middle of a session, in the middle of an
//! answer.

use septet::at::{CmsError, Failure, Line};
use septet::pdu::Pdu;
use septet_firmware::Profile;

use super::conclusion::Conclusion;
use super::script::{Play, Step, is_of_engine, lines};

/// Puts before a log that begins with an answer, a prompt or a PDU what it is that was asked.
pub fn add(steps: &mut Vec<Step>) {
    let begun =
        |step: &&Step| matches!(step.play, Play::Modem(_) | Play::Command(_) | Play::Body(Some(_)));
    let Some(Step { line, play }) = steps.iter().find(begun) else { return };
    let line = *line;
    let step = |play| Step { line, play };
    let send = || step(Play::Command("AT+CMGS=18".to_owned()));
    let prompt = || step(Play::Modem(b"\r\n> ".to_vec()));
    let before = match play {
        Play::Body(Some(digits)) => vec![
            step(Play::Command(match Pdu::from_hex(digits) {
                Ok(pdu) => format!("AT+CMGS={}", pdu.tpdu_len()),
                // A message in text mode.
                Err(_) => "AT+CMGS=\"0\"".to_owned(),
            })),
            prompt(),
        ],
        Play::Modem(octets) if octets.trim_ascii().starts_with(b">") => vec![send()],
        Play::Modem(octets) => match lines(octets).next().map(Line::read) {
            Some(Line::Submitted { .. }) => {
                vec![send(), prompt(), step(Play::Body(Some(Vec::new())))]
            }
            Some(Line::Stored { .. }) => vec![step(Play::Command("AT+CMGR=1".to_owned()))],
            Some(Line::Listed { .. }) => vec![step(Play::Command("AT+CMGL=4".to_owned()))],
            _ => return,
        },
        _ => return,
    };
    steps.splice(..0, before);
}

/// Whether the modem was set up before the log begins.
pub fn begins_set_up(steps: &[Step], profile: &Profile) -> bool {
    let mut conclusions = steps.iter().filter_map(|step| match &step.play {
        Play::Conclude(Conclusion::Ok | Conclusion::Error(_) | Conclusion::Ignored) => None,
        Play::Conclude(conclusion) => Some(conclusion),
        _ => None,
    });
    if conclusions.next() == Some(&Conclusion::Reboot) {
        return true;
    }
    if matches!(steps.first(), Some(Step { play: Play::Outside, .. })) {
        return false;
    }
    let told = steps.iter().find_map(|step| match &step.play {
        Play::Command(text) if is_of_engine(text, profile) => Some(is_of_session(text)),
        Play::Body(Some(_)) => Some(true),
        Play::Modem(octets) => lines(octets).find_map(tells),
        Play::Command(_) | Play::Body(None) | Play::Pass(_) | Play::Outside | Play::Conclude(_) => {
            None
        }
    });
    told.unwrap_or(!is_noise(steps))
}

/// Whether a command is one for a modem that is set up.
fn is_of_session(text: &str) -> bool {
    let name = text.split(['=', '?']).next().unwrap_or(text).to_ascii_uppercase();
    ["AT+CMGS", "AT+CPMS", "AT+CMGR", "AT+CMGL", "AT+CMGD", "AT+CNMA"].contains(&name.as_str())
}

/// Whether this line comes from a modem that is set up; `None` where it does not tell.
fn tells(line: &[u8]) -> Option<bool> {
    match Line::read(line) {
        Line::Boot(_) | Line::Service(_) => Some(false),
        Line::MessageStored { .. }
        | Line::ReportStored { .. }
        | Line::Message { .. }
        | Line::Report { .. }
        | Line::Broadcast { .. }
        | Line::Submitted { .. }
        | Line::Failed(Failure::Cms(CmsError(524)))
        | Line::Registration(_)
        | Line::Full { .. }
        | Line::Ussd { .. }
        | Line::PowerDown(_) => Some(true),
        _ => None,
    }
}

/// Whether the modem never says a line.
pub fn is_noise(steps: &[Step]) -> bool {
    let mut said = steps.iter().filter_map(|step| match &step.play {
        Play::Modem(octets) => Some(octets),
        _ => None,
    });
    let is_command = |step: &Step| matches!(step.play, Play::Command(_) | Play::Body(_));
    !steps.iter().any(is_command)
        && said.all(|octets| !octets.iter().any(|octet| matches!(octet, b'\r' | b'\n')))
}

/// A message with a TPDU of so many octets, for one that the log does not have as a PDU.
pub fn stand_in(tpdu_len: Option<u32>) -> Pdu {
    // `hello` in GSM 7-bit; longer ones have 8-bit data, shorter ones are no message at all.
    const TPDU: [u8; 18] = [
        0x11, 0x00, 0x0b, 0x91, 0x51, 0x55, 0x15, 0x00, 0x24, 0xf7, 0x00, 0x00, 0xff, 0x04, 0xf4,
        0xf2, 0x9c, 0x0e,
    ];
    let len = tpdu_len.map_or(TPDU.len(), |len| usize::try_from(len).unwrap_or(TPDU.len()));
    let mut octets = vec![0x00];
    octets.extend(TPDU.iter().chain(std::iter::repeat(&0x20)).take(len.clamp(1, 164)));
    Pdu::from_octets(&octets).unwrap_or_else(|_| stand_in(None))
}
