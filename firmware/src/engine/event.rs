//! What goes in and what comes out of the engine: time, events, outcomes, tickets.

use core::fmt;

use heapless::Vec;
use septet::at::{Class, Failure, Line, RawLine, Store};
use septet::pdu::{PDU_MAX, Pdu};

use super::Session;
use super::inbox::Slot;
use crate::options::Pin;

/// A point in time: milliseconds since one that the caller chose.
///
/// It must not go backwards. 64 bits do not wrap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Instant(pub u64);

impl Instant {
    /// This point and `ms` milliseconds.
    #[must_use]
    pub const fn after(self, ms: u32) -> Self {
        Self(self.0.saturating_add(ms as u64))
    }
}

/// What the engine wants done next.
#[derive(Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Output<'a> {
    /// Write these octets to the modem, all of them and before anything else.
    Transmit(&'a [u8]),
    /// Drive this pin of the modem to this level, which stays until another is asked for.
    ///
    /// Only pins of [`Options::wiring`](crate::Options::wiring) come.
    Pin(Pin, bool),
    /// Switch the port to this speed, in bits a second, after what was transmitted has left.
    ///
    /// Comes only where [`Options`](crate::Options) name speeds.
    Baud(u32),
    /// Something happened.
    Event(Event),
    /// Nothing now: wait for octets, and call [`expire`](crate::Engine::expire) at this time.
    ///
    /// There always is such a time, and it may have passed already.
    Wait(Instant),
}

/// Something that happened, with the life of the modem in which it did.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Event {
    /// How often the modem was seen to restart before, modulo 65 536.
    pub generation: u16,
    /// What happened.
    pub kind: EventKind,
}

/// What can happen.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum EventKind {
    /// The modem is set up: messages can be sent.
    ///
    /// Comes again after each trouble that made the engine set it up once more.
    Ready,
    /// Messages cannot be sent, and why. The engine goes on trying; [`Ready`](Self::Ready) follows
    /// when it can, and another `Lost` before that only where it is something else that is wrong.
    Lost(Trouble),
    /// The modem restarted and is being set up. Tickets from before are void: what is still in a
    /// store will be [`Received`](Self::Received) again.
    Rebooted,
    /// Whether the modem is registered in a network that carries messages changed.
    Registered(bool),
    /// The message given to [`send`](crate::Engine::send) has met its fate. Comes once for each.
    Finished(Outcome),
    /// A message is announced in this store and slot. It will be read.
    Waiting {
        /// Where it is.
        store: Store,
        /// In which slot.
        index: u16,
    },
    /// A message or a status report has come.
    ///
    /// It stays in the modem's store, or unacknowledged to the network, until
    /// [`done`](crate::Engine::done) is called with the ticket. No other stored message comes before
    /// that or [`keep`](crate::Engine::keep).
    Received {
        /// As the modem gave it; the engine does not look into it.
        pdu: Pdu,
        /// What to give back once the message is safe.
        ticket: Ticket,
    },
    /// A store of the modem has no room: messages wait in the service centre until some are done with.
    ///
    /// The stores are looked through at once, so that every message in them is handed over.
    Full {
        /// Which one, where the modem says.
        store: Option<Store>,
    },
    /// The network's side of a USSD dialogue.
    Ussd(Ussd),
    /// A line of the answer to [`command`](crate::Engine::command).
    Answer(Words),
    /// The caller's command has ended.
    Answered(Answered),
    /// A message came that cannot be handed over: its line is no PDU, or octets of it were lost.
    ///
    /// It is neither deleted nor acknowledged.
    Damaged,
}

/// An event that was not told yet. What it tells is where it was when it was noted: its octets in the
/// line that came last, its slot and its length in the session.
#[derive(Clone, Copy, Debug)]
pub(super) enum Notice {
    Ready = 1,
    Lost,
    Rebooted,
    Registered,
    Waiting,
    Received,
    Full,
    FullSomewhere,
    Ussd,
    Answer,
    Damaged,
}

impl Session {
    /// The event that was noted; `line` is the one that came last.
    #[inline(never)]
    pub(super) fn told(&self, notice: Notice, line: &[u8]) -> EventKind {
        match notice {
            Notice::Ready => EventKind::Ready,
            Notice::Lost => EventKind::Lost(self.link.trouble),
            Notice::Rebooted => EventKind::Rebooted,
            Notice::Registered => EventKind::Registered(self.networks.verdict() == Some(true)),
            Notice::Waiting => {
                let Slot { store, index } = self.noted;
                EventKind::Waiting { store, index }
            }
            Notice::Received => {
                let octets = line.get(..usize::from(self.noted_len)).unwrap_or_default();
                // The last one is that of the message that came last.
                let number = self.inbox.tickets;
                match Pdu::from_octets(octets) {
                    Ok(pdu) => EventKind::Received {
                        pdu,
                        ticket: Ticket { generation: self.generation, number },
                    },
                    Err(_) => EventKind::Damaged,
                }
            }
            Notice::Full => EventKind::Full { store: Some(self.noted.store) },
            Notice::FullSomewhere => EventKind::Full { store: None },
            Notice::Ussd | Notice::Answer if !cfg!(feature = "commands") => EventKind::Damaged,
            Notice::Ussd => match RawLine::read(line).ussd() {
                Some(Line::Ussd { status, text, coding }) => {
                    let string = Words::new(text.unwrap_or_default());
                    EventKind::Ussd(Ussd { status, string, coding })
                }
                _ => EventKind::Damaged,
            },
            Notice::Answer => EventKind::Answer(Words::new(line)),
            Notice::Damaged => EventKind::Damaged,
        }
    }
}

/// A line as the modem wrote it, without blanks around it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Words(Vec<u8, PDU_MAX, u8>);

impl Words {
    /// Octets of a line, of which none has more than 176.
    #[inline(never)]
    pub(super) fn new(octets: &[u8]) -> Self {
        // No line is longer.
        Self(Vec::from_slice(octets).unwrap_or_default())
    }

    /// The octets.
    pub fn octets(&self) -> &[u8] {
        &self.0
    }

    /// The line that they are.
    pub fn line(&self) -> Line<'_> {
        Line::read(&self.0)
    }
}

/// The network's side of a USSD dialogue.
///
/// 3GPP TS 27.007, section 7.15 (`+CUSD`).
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Ussd {
    /// What becomes of the dialogue: 0 nothing more is expected, 1 an answer is, 2 the network ended
    /// it, 3 another client answered, 4 it is not supported, 5 it timed out.
    pub status: u8,
    /// The string as it came, empty where there is none: text, or the hexadecimal digits of octets.
    pub string: Words,
    /// How it is coded: a cell-broadcast data coding scheme (3GPP TS 23.038, section 5).
    pub coding: Option<u8>,
}

/// How a command of the caller's ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Answered {
    /// With `OK`.
    Ok,
    /// With a refusal.
    Failed(Failure),
    /// Not in its time, or the modem restarted or was lost: whether it was carried out is not known.
    NoAnswer,
}

/// The fate of a message that was to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Outcome {
    /// The service centre has it: the modem answered `+CMGS: <reference>` and `OK`.
    Sent {
        /// TP-MR, which the status report will carry.
        reference: u8,
    },
    /// The modem, the network or the service centre refused it.
    Refused {
        /// What to do about it.
        class: Class,
        /// Their reason.
        code: Failure,
    },
    /// It was not handed to the modem and certainly was not sent: send it again.
    NotSent(NotSent),
    /// It was handed to the modem and what became of it is not known. It may have been sent.
    Unknown(Why),
}

/// Why a message never left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum NotSent {
    /// The modem did not ask for the PDU in time.
    NoPrompt,
    /// The modem restarted or went off before it asked for the PDU.
    Rebooted,
    /// The line to the modem was cut, or the modem could not be set up again after a trouble.
    Lost,
}

/// Why the fate of a message is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Why {
    /// The modem said nothing in [`submit_ms`](crate::Profile::submit_ms).
    NoAnswer,
    /// The modem restarted before it answered.
    Rebooted,
    /// The modem went off before it answered.
    PoweredDown,
    /// The answer was an `OK` without a reference, or a reference with an error.
    Contradiction,
    /// The line to the modem was cut before it answered.
    Disconnected,
}

/// Why no message can be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Trouble {
    /// The modem does not answer: it is off, not connected, or has another baud rate.
    NoAnswer,
    /// The modem said that it goes off.
    PoweredDown,
    /// The line to the modem was cut.
    Disconnected,
    /// The answers do not fit the commands.
    NoSync,
    /// The SIM waits for its PIN, and none was given.
    SimPin,
    /// The SIM refused the PIN. It is not tried again.
    WrongPin,
    /// The SIM waits for its PIN and would lock after one wrong try: it is not tried.
    LastPinTry,
    /// The SIM waits for its PUK.
    SimPuk,
    /// The SIM or the modem waits for a code that is neither PIN nor PUK: PIN2, or that of a lock to
    /// one network.
    OtherLock,
    /// There is no SIM, or it is broken or not accepted.
    NoSim,
    /// The modem refuses a command of set-up, or is too busy for it, for longer than it should.
    Refused(Failure),
}

impl fmt::Display for NotSent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoPrompt => "modem did not ask for the PDU",
            Self::Rebooted => "modem restarted before it asked for the PDU",
            Self::Lost => "modem was lost before it had the message",
        })
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoAnswer => "modem has the message and does not say what became of it",
            Self::Rebooted => "modem restarted before it said what became of the message",
            Self::PoweredDown => "modem went off before it said what became of the message",
            Self::Contradiction => "modem's answer contradicts itself",
            Self::Disconnected => "line was cut before the modem said what became of the message",
        })
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoAnswer => "modem does not answer",
            Self::PoweredDown => "modem went off",
            Self::Disconnected => "line to the modem was cut",
            Self::NoSync => "modem's answers do not fit the commands",
            Self::SimPin => "SIM waits for its PIN",
            Self::WrongPin => "SIM refused the PIN, which is not tried again",
            Self::LastPinTry => "SIM waits for its PIN and has one try left, which is not spent",
            Self::SimPuk => "SIM waits for its PUK",
            Self::OtherLock => "SIM or modem waits for a code that is neither PIN nor PUK",
            Self::NoSim => "modem has no usable SIM",
            Self::Refused(failure) => return write!(f, "modem refuses to be set up: {failure}"),
        })
    }
}

/// Stands for a received message until the caller has it safe.
///
/// Void after the modem restarts.
#[derive(Debug, PartialEq, Eq, Clone)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[must_use = "the message stays in the modem until `done` is called"]
pub struct Ticket {
    pub(super) generation: u16,
    pub(super) number: u16,
}

/// Why a message or a command is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Busy {
    /// The one before has not met its fate: wait for [`EventKind::Finished`] or
    /// [`EventKind::Answered`].
    Sending,
    /// The modem is not set up: wait for [`EventKind::Ready`].
    NotReady,
    /// The command is longer than 60 octets or cannot be written.
    Unwritable,
}

impl fmt::Display for Busy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sending => "modem has not answered the one before",
            Self::NotReady => "modem is not set up",
            Self::Unwritable => "command has no form on the line, or is longer than 60 octets",
        })
    }
}

impl core::error::Error for Busy {}
