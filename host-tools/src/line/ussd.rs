//! USSD dialogues of the gateway's modems: one at a time on each.

use septet::cbs::Coding;
use septet::pdu::read_hex;
use septet::tpdu::dcs::Alphabet;
use septet::ussd::UssdString;
use septet_firmware::EventKind;
use septet_firmware::engine::{Answered, Ussd};
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;

use crate::shell::Session;

/// A string for the network, and where its answer goes.
#[derive(Debug)]
pub struct Question {
    /// The string: `*100#`, or what answers the network's question.
    pub string: String,
    /// Takes the answer, or one sentence why there is none.
    pub answer: oneshot::Sender<Result<UssdAnswer, String>>,
}

/// What the network answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UssdAnswer {
    /// The text.
    pub text: String,
    /// Whether the network waits for a reply.
    pub asks: bool,
}

/// The dialogue of a modem.
#[derive(Default)]
pub(super) struct Dialogue(Option<oneshot::Sender<Result<UssdAnswer, String>>>);

impl Dialogue {
    /// Asks the network, where nobody else waits for its answer.
    pub(super) fn ask(&mut self, session: &mut Session, question: Question) {
        let Question { string, answer } = question;
        if self.0.as_ref().is_some_and(|asking| !asking.is_closed()) {
            tell(answer, Err("another string waits for its answer: try again later".to_owned()));
            return;
        }
        match session.ussd(&string) {
            Ok(()) => self.0 = Some(answer),
            Err(busy) => tell(answer, Err(busy.to_string())),
        }
    }

    /// Takes what the modem says, where it bears on the dialogue. Whether the modem packs strings into
    /// octets is its profile's.
    pub(super) fn heard(&mut self, kind: &EventKind, packs: bool) {
        let told = match kind {
            EventKind::Ussd(ussd) => answer(ussd, packs),
            EventKind::Answered(Answered::Failed(failure)) => {
                Err(format!("the modem refused it: {failure}"))
            }
            EventKind::Answered(Answered::NoAnswer) => Err("the modem did not answer".to_owned()),
            EventKind::Rebooted => Err("the modem restarted".to_owned()),
            _ => return,
        };
        if let Some(asking) = self.0.take() {
            tell(asking, told);
        }
    }
}

fn tell(asking: oneshot::Sender<Result<UssdAnswer, String>>, told: Result<UssdAnswer, String>) {
    // Who asked may have gone away.
    let _ = asking.send(told);
}

/// The answer that the network's side of a dialogue is.
fn answer(ussd: &Ussd, packs: bool) -> Result<UssdAnswer, String> {
    match ussd.status {
        3 => Err("another program on the modem got the answer".to_owned()),
        4 => Err("the network does not know it".to_owned()),
        5 => Err("the network did not answer in its time".to_owned()),
        status => Ok(UssdAnswer { text: text(ussd, packs), asks: status == 1 }),
    }
}

/// The text: as it came, but for the digits of octets.
fn text(ussd: &Ussd, packs: bool) -> String {
    let written = ussd.string.octets();
    let coding = ussd.coding.map_or(Coding::GSM7, Coding);
    let is_octets = packs || coding.alphabet() == Alphabet::Ucs2;
    let octets = is_octets.then(|| read_hex(written).ok()).flatten();
    let read = octets.as_ref().and_then(|octets| UssdString { coding, octets }.text());
    read.map_or_else(|| String::from_utf8_lossy(written).into_owned(), Iterator::collect)
}
