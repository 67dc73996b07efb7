//! The session with a modem: no input or output of its own, no clock, no heap.
//!
//! # Contract
//!
//! [`Engine`] is told what comes from the modem ([`receive`](Engine::receive)), that time has passed
//! ([`expire`](Engine::expire)), and what the caller wants ([`send`](Engine::send),
//! [`done`](Engine::done), [`keep`](Engine::keep)). **After each of these calls, call
//! [`poll`](Engine::poll) until it returns [`Output::Wait`]; call nothing else before.** The shells
//! [`driver`](crate::driver) and [`blocking`](crate::blocking) do that.
//!
//! # What a line means
//!
//! The step in flight alone decides: `+CREG: 0,1` answers `AT+CREG?` while that is in flight and is
//! unsolicited otherwise. Every line is read in the file `lines`, and every result there; the files
//! `setup`, `pin`, `send`, `receive` and `recover` say what follows.
//!
//! One command is out at a time. None starts while the first line of a two-line message waits for
//! its second. A command that is not answered in time is never followed by another before the line
//! was silent and answers fit commands again, so that a late answer is not taken for the next one's.

// `#[inline(never)]` stands where a call takes less flash than what is called: `.ci/counts` tells.

mod ask;
mod event;
mod inbox;
mod known;
mod ladder;
mod lines;
mod pin;
mod receive;
mod recover;
mod send;
mod session;
mod setup;
mod time;
mod transmit;
#[cfg(feature = "commands")]
mod ussd;

use septet::pdu::Pdu;

pub use ask::{Answer, Command};
pub use event::{
    Answered, Busy, Event, EventKind, Instant, NotSent, Outcome, Output, Ticket, Trouble, Ussd,
    Why, Words,
};

use crate::lexer::Lexer;
use crate::options::Options;
use crate::profile::Profile;
use session::{Effect, Session, Step};

/// A session with one modem.
#[derive(Debug)]
pub struct Engine {
    session: Session,
    lexer: Lexer,
}

impl Engine {
    /// A session with a modem of which nothing is known yet. Set-up begins with the first
    /// [`expire`](Self::expire).
    pub fn new(profile: &'static Profile, now: Instant) -> Self {
        Self::with(Options::new(profile), now)
    }

    /// A session with a modem of whose surroundings this is known.
    pub fn with(options: Options, now: Instant) -> Self {
        Self { session: Session::new(options, now), lexer: Lexer::default() }
    }

    /// Takes octets that came from the modem and returns how many it took.
    ///
    /// It takes no more while there is something to [`poll`](Self::poll); give it the rest after.
    pub fn receive(&mut self, octets: &[u8], now: Instant) -> usize {
        self.session.pass(now);
        for (taken, octet) in octets.iter().enumerate() {
            if self.session.has_output() {
                return taken;
            }
            self.session.heard();
            if let Some(token) = self.lexer.push(*octet, self.session.hint()) {
                self.session.token(token, self.lexer.line());
            }
        }
        octets.len()
    }

    /// Tells that the time of [`Output::Wait`] has come. Calling it early does no harm.
    pub fn expire(&mut self, now: Instant) {
        self.session.pass(now);
        if !self.session.has_output() {
            self.session.expire();
        }
    }

    /// Takes a message for sending. Its fate comes as [`EventKind::Finished`].
    ///
    /// # Errors
    /// [`Busy`] while another is on its way or the modem is not set up. The message is not kept then.
    pub fn send(&mut self, pdu: &Pdu, now: Instant) -> Result<(), Busy> {
        self.session.pass(now);
        self.session.send(pdu, false)
    }

    /// As [`send`](Self::send), for a message that another follows at once: the modem is asked to keep
    /// the link to the service centre until then (`AT+CMMS`), where it can.
    ///
    /// For every part of a text but the last. Where a part is not [`Sent`](Outcome::Sent), those after
    /// it are of no use.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub fn send_more(&mut self, pdu: &Pdu, now: Instant) -> Result<(), Busy> {
        self.session.pass(now);
        self.session.send(pdu, true)
    }

    /// Takes a command of the caller's own. Lines of its answer come as [`EventKind::Answer`], its end
    /// as [`EventKind::Answered`], once.
    ///
    /// It must not change what the engine has set, nor send or read messages.
    ///
    /// # Errors
    /// [`Busy`] while another is on its way, while the modem is not set up, and for a command that
    /// cannot be written.
    #[cfg(feature = "commands")]
    pub fn command(&mut self, command: &impl Command, now: Instant) -> Result<(), Busy> {
        self.session.pass(now);
        self.session.ask(command)
    }

    /// Begins a USSD dialogue with `string`, such as `*100#`, or answers in it. The network's side
    /// comes as [`EventKind::Ussd`], after [`EventKind::Answered`] or without it.
    ///
    /// # Errors
    /// As [`command`](Self::command); a string is written where it is 1 to 160 characters of ASCII
    /// without quotation marks, and the modem's form of it fits into a command.
    #[cfg(feature = "commands")]
    pub fn ussd(&mut self, string: &str, now: Instant) -> Result<(), Busy> {
        let packed = self.session.options.profile.packs_ussd;
        self.command(&ussd::UssdRequest { string, packed }, now)
    }

    /// Tells what the modem's `STATUS` pin says: whether it is switched on. Only a board that has it
    /// wired calls this, at the start and at each change.
    pub fn powered(&mut self, on: bool, now: Instant) {
        self.session.pass(now);
        self.session.powered(on);
    }

    /// Tells that the caller has a received message safe: it is deleted from the modem's store or
    /// acknowledged to the network.
    ///
    /// The next stored message is read only after that, or after [`keep`](Self::keep). What cannot
    /// be deleted is tried again when the stores are looked through, and not handed over again. A
    /// void ticket does nothing.
    pub fn done(&mut self, received: &Ticket, now: Instant) {
        self.session.pass(now);
        self.session.done(received);
    }

    /// Tells that the caller does not want a received message: it stays in the modem's store, and the
    /// next one is read.
    ///
    /// Of the messages that stay, the four that were handed over last are not handed over again
    /// before the modem restarts; the others come again when the stores are looked through, every
    /// [`sweep_ms`](Profile::sweep_ms). A message that came directly is in no store: without
    /// [`done`](Self::done) the network sends it again, whether or not this is called. A void ticket
    /// does nothing.
    pub fn keep(&mut self, received: &Ticket, now: Instant) {
        self.session.pass(now);
        self.session.keep(received);
    }

    /// Tells that the line to the modem was cut: its port failed or was closed.
    ///
    /// The message in flight ends at once, truthfully, and set-up is run again, at the first of
    /// [`bauds`](Options::bauds). What is transmitted while there is no line is lost, which is no harm.
    pub fn disconnected(&mut self, now: Instant) {
        self.lexer.reset();
        self.session.pass(now);
        self.session.disconnected();
    }

    /// What is to be done next; see the contract above.
    pub fn poll(&mut self) -> Output<'_> {
        self.session.poll(self.lexer.line())
    }

    /// Whether the modem is set up and takes messages.
    pub const fn is_ready(&self) -> bool {
        self.session.link.is_up()
    }

    /// Whether the modem is registered in a network that carries messages; `None` where it does not
    /// tell.
    pub fn is_registered(&self) -> Option<bool> {
        self.session.networks.verdict()
    }

    /// The strength of the signal in dBm, as the modem told it last: when it was set up, and with every
    /// look through the stores. `None` where it does not know it.
    pub const fn signal(&self) -> Option<i16> {
        self.session.signal
    }

    /// How the modem is driven: the profile that it was given, or the one that set-up has chosen.
    pub const fn profile(&self) -> &'static Profile {
        self.session.options.profile
    }

    /// How many lines were damaged on the way: longer than any that means something, or a message that
    /// is not whole. It stops at 65 535.
    pub const fn damaged(&self) -> u16 {
        self.session.damaged
    }

    /// How often the modem was seen to restart, modulo 65 536.
    pub const fn generation(&self) -> u16 {
        self.session.generation
    }
}
