//! What lines mean: each is read here, and each result; the other files say what follows.

use septet::at::{CmeError, CmsError, Failure, Kind, MessageStatus, RawLine, Registration};

use super::event::Notice;
use super::inbox::{Slot, What};
use super::pin::READY;
use super::setup::Setup;
use super::time::Timer;
use super::{Answered, Session, Step};
use crate::lexer::{Hint, Token};

/// What an nRF91 says, unasked, when it left the message service: its settings for that are lost. Its
/// reference has it beside `+CMT` and `+CDS` and nowhere as an answer, so that a message that is out has
/// its own result still to come.
const CLIENT_LEFT: CmsError = CmsError(524);

/// What a modem says, unasked, when the network does not answer a USSD string.
const USSD_FAILED: CmeError = CmeError(258);

/// What each network said last: a bit for each [`Domain`](septet::at::Domain).
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Networks {
    told: u8,
    /// It carries messages.
    carry: u8,
}

impl Networks {
    pub(super) const fn tell(&mut self, registration: Registration) {
        let bit = 1 << registration.domain as u8;
        self.told |= bit;
        self.carry &= !bit;
        if registration.state.carries_messages() {
            self.carry |= bit;
        }
    }

    /// One verdict of all networks that told.
    pub(super) const fn verdict(self) -> Option<bool> {
        if self.told == 0 { None } else { Some(self.carry != 0) }
    }
}

impl Session {
    /// What the octet that comes may be part of.
    pub(super) fn hint(&self) -> Hint {
        match self.step {
            // Some show the prompt again; the result may stand right behind it.
            Step::Prompt => Hint::Prompt,
            Step::Result if self.reference.is_none() => Hint::Prompt,
            // A word may happen to be pairs of hexadecimal digits: `EC25`, a serial number.
            _ if (self.asked_is_out() || self.is_named()) && !self.inbox.expects_pdu() => {
                Hint::Words
            }
            _ => Hint::Pdu,
        }
    }

    #[inline(never)]
    pub(super) fn token(&mut self, token: Token, octets: &[u8]) {
        match token {
            Token::Prompt if self.step == Step::Prompt => self.prompt(),
            Token::Prompt => {}
            Token::Pdu => self.pdu_line(octets),
            Token::Damaged => {
                if self.inbox.take_expected(&mut self.timers) {
                    self.tell_damaged();
                } else {
                    self.damaged = self.damaged.saturating_add(1);
                }
            }
            Token::Line => {
                let line = RawLine::read(octets);
                let lost = !may_interrupt(&line) && self.inbox.take_expected(&mut self.timers);
                if self.is_answer(&line) {
                    self.tell(Notice::Answer);
                } else {
                    self.line(&line);
                }
                if lost {
                    self.tell_damaged();
                }
            }
        }
    }

    /// A message was lost on the way. What else a line tells goes before that.
    #[inline(never)]
    pub(super) fn tell_damaged(&mut self) {
        self.damaged = self.damaged.saturating_add(1);
        if self.event.is_none() {
            self.tell(Notice::Damaged);
        } else {
            self.lost_with_it = true;
        }
    }

    /// What a line means: the step in flight alone decides.
    #[inline(never)]
    fn line(&mut self, line: &RawLine<'_>) {
        match line.kind {
            Kind::Boot => self.booted(),
            Kind::PowerDown => self.powered_down(),
            Kind::Pin => match line.words() {
                Some(words) if self.asks(Setup::Pin) => self.pin_told(words),
                Some(words) => {
                    self.part_ready(words != READY || self.timers.is_over(Timer::Settled))
                }
                None => {}
            },
            Kind::Service => self.part_ready(self.timers.is_over(Timer::Settled)),
            Kind::Registration(domain) => self.registered(line.registration(domain)),
            Kind::MessageStored | Kind::ReportStored => {
                if let (Some(store), [_, index, ..]) = (line.store, line.numbers()) {
                    self.announced(Slot { store, index });
                }
            }
            Kind::Message | Kind::Report => self.expect(What::Direct, line.tpdu_len()),
            Kind::Broadcast => self.expect(What::Ignored, 0),
            Kind::Stored => {
                let [_, _, tpdu_len, ..] = line.numbers();
                if self.step == Step::Read {
                    self.expect(What::Stored, tpdu_len);
                }
            }
            Kind::Listed => {
                let [index, status, ..] = line.numbers();
                if self.step == Step::List {
                    self.listed(index, MessageStatus(status as u8));
                }
            }
            Kind::Full => self.full(line.store),
            Kind::Ussd => {
                if cfg!(feature = "commands") && line.ussd().is_some() {
                    self.tell(Notice::Ussd);
                }
            }
            Kind::Signal => {
                let [rssi, ..] = line.numbers();
                self.strength(rssi as u8);
            }
            Kind::Submitted => {
                let [reference, ..] = line.numbers();
                if self.step == Step::Result {
                    self.reference = Some(reference as u8);
                }
            }
            Kind::Ok => self.ended(Ok(())),
            Kind::Error | Kind::CmsError | Kind::CmeError => self.failed(line.failure()),
            Kind::Named | Kind::Other if self.is_named() => self.named(line),
            Kind::Other if self.transmit.is_echo(line.text) => self.echoed(),
            Kind::Named | Kind::Other if self.step == Step::Setup => self.setup_told(line),
            Kind::Broken | Kind::Named | Kind::Other => {}
        }
    }

    /// The command in flight is refused, or something failed that nobody asked for.
    #[inline(never)]
    fn failed(&mut self, failure: Failure) {
        match failure {
            Failure::Cms(CLIENT_LEFT) => self.link.refresh(),
            // modem-ussd-late-cme-after-ok
            Failure::Cme(USSD_FAILED) if self.step != Step::Asked => {}
            Failure::Cms(CmsError::MEMORY_FULL) if self.step == Step::Idle => self.full(None),
            _ => self.ended(Err(failure)),
        }
    }

    /// Whether this command of set-up is in flight.
    pub(super) fn asks(&self, setup: Setup) -> bool {
        self.step == Step::Setup && self.setup == setup
    }

    /// The command in flight has its result.
    #[inline(never)]
    fn ended(&mut self, result: Result<(), Failure>) {
        match self.step {
            // Of a command that was given up.
            Step::Idle | Step::Quiet | Step::Pause | Step::Wake | Step::Climb => {}
            Step::Setup => self.setup_ends(result),
            Step::Prompt | Step::Result => self.send_ends(result),
            Step::Select => self.selected(result),
            // A slot that is empty (321) is no matter.
            Step::Read => self.inbox_ends(result),
            Step::List => self.list_ends(result),
            Step::Delete => self.deleted(result),
            Step::Acknowledge => self.acknowledged(),
            Step::More => self.more_ends(result),
            Step::Asked => {
                let failed = result.err().map(Answered::Failed);
                self.end_asked(failed.unwrap_or(Answered::Ok));
                self.finish();
            }
            Step::Care => self.cared(result),
        }
    }

    fn registered(&mut self, registration: Registration) {
        let before = self.networks.verdict();
        self.networks.tell(registration);
        if before != self.networks.verdict() && self.link.is_up() {
            self.tell(Notice::Registered);
        }
    }
}

/// Whether a modem may say this, unasked, between the two lines of a message.
fn may_interrupt(line: &RawLine<'_>) -> bool {
    match line.kind {
        Kind::MessageStored
        | Kind::ReportStored
        | Kind::Registration(_)
        | Kind::Pin
        | Kind::Signal
        | Kind::Full
        | Kind::Ussd
        | Kind::Service
        | Kind::Named => true,
        Kind::CmsError | Kind::CmeError => {
            matches!(line.failure(), Failure::Cms(CLIENT_LEFT) | Failure::Cme(USSD_FAILED))
        }
        // `UNDER-VOLTAGE WARNNING`; but not a PDU of which octets were lost.
        Kind::Other => {
            let digits = line.text.iter().filter(|octet| octet.is_ascii_hexdigit()).count();
            digits * 4 <= line.text.len() * 3
        }
        _ => false,
    }
}
