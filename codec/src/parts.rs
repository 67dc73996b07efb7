//! What a message has in it, part by part, as octets that can be kept: what an outbox stores.
//!
//! ```
//! use septet::parts::{Envelope, Layout, Parts};
//! use septet::tpdu::udh::Reference;
//! use septet::wire::Writer;
//!
//! let mut buffer = [0; 512];
//! let mut w = Writer::new(&mut buffer);
//! Parts::put_text("hello".chars(), Layout::new(Reference::Short(7)), &mut w)?;
//! let kept = w.into_written();
//! let parts = Parts::read(kept).unwrap();
//! let envelope = Envelope { to: "4512345678", ..Envelope::default() };
//! let pdu = parts.pdu(0, &envelope)?.unwrap();
//! assert_eq!(pdu.tpdu()[..2], [0x01, 0x00]);
//! # Ok::<(), septet::Error>(())
//! ```

use arrayvec::ArrayString;

use crate::api::{Alphabet as Wanted, State};
use crate::error::{Error, ErrorKind};
use crate::fields::Rows;
use crate::gsm7::Tables;
use crate::octets::Octets;
use crate::pdu::Pdu;
use crate::runs::{First, Runs};
use crate::segment::{Plan, Segments, segments, single};
use crate::tpdu::codes::ProtocolIdentifier;
use crate::tpdu::dcs::{Alphabet, Class};
use crate::tpdu::time::{Relative, ValidityPeriod};
use crate::tpdu::udh::Reference;
use crate::tpdu::user_data::{USER_DATA_MAX, UserData};
use crate::tpdu::{Address, DataCoding, Submit};
use crate::wide::WIDE;
use crate::wire::Writer;

/// The user data of every part of a message; the same whoever gets it.
///
/// As octets: the alphabet (0 GSM, 1 eight bits, 2 UCS-2); then of each part whether it has a header (1
/// or 0), its length as TP-UDL counts it, how many octets it has, and these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parts<'a> {
    alphabet: Alphabet,
    /// Those of the parts.
    octets: &'a [u8],
}

/// The octets that a part takes at most; all parts take one more.
pub const PART_MAX: usize = PART_HEAD + USER_DATA_MAX;

/// What stands before the octets of a part.
const PART_HEAD: usize = 3;

/// How a text becomes parts.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    /// The number that the parts share.
    pub reference: Reference,
    /// What the text is written in.
    pub alphabet: Wanted,
    /// The most parts; any number when absent.
    pub parts_max: Option<u8>,
    /// Whether a text of more parts is cut.
    pub cut: bool,
}

impl Layout {
    /// Whatever alphabet is cheapest, and as many parts as it takes.
    pub const fn new(reference: Reference) -> Self {
        Self { reference, alphabet: Wanted::Any, parts_max: None, cut: false }
    }
}

/// Who gets a message, and how.
#[derive(Clone, Copy, Debug, Default)]
pub struct Envelope<'a> {
    /// Who gets it: digits, country code first.
    pub to: &'a str,
    /// Number of the service centre; the SIM's own when absent.
    pub service_centre: Option<&'a str>,
    /// Whether a status report is wanted.
    pub report: bool,
    /// How long the network tries, in seconds; its own time when absent.
    pub validity: Option<u32>,
    /// Message class, 0..=3.
    pub class: Option<u8>,
    /// TP-PID.
    pub protocol: u8,
}

impl<'a> Parts<'a> {
    /// Writes the parts of `text`.
    ///
    /// # Errors
    /// [`ErrorKind::TooManyParts`] past what is allowed, 255 at most; [`ErrorKind::Unencodable`];
    /// [`ErrorKind::Full`].
    pub fn put_text(text: impl Runs, layout: Layout, w: &mut Writer<'_>) -> Result<(), Error> {
        // Of one type whether it is cut or not, so that the code is there once.
        let first = |characters| First::characters(text.clone(), characters);
        let max = layout.parts_max.unwrap_or(u8::MAX);
        // Most are one part.
        let mut buffer = [0; USER_DATA_MAX];
        if WIDE
            && layout.alphabet == Wanted::Any
            && max > 0
            && let Some((plan, user_data)) = single(text.clone(), &mut buffer)
        {
            w.octet(alphabet_code(plan.coding().alphabet()))?;
            return put_part(user_data, w);
        }
        let plan = match layout.alphabet {
            Wanted::Any => Plan::cheapest(first(usize::MAX)),
            Wanted::Gsm7 => Plan::Gsm7(Tables::DEFAULT),
            Wanted::Ucs2 => Plan::Ucs2,
        };
        let mut parts = segments(first(usize::MAX), plan, layout.reference)?;
        w.octet(alphabet_code(plan.coding().alphabet()))?;
        if parts.total() > max {
            // The characters of the parts before the first one too many.
            let taken = parts.take(usize::from(max)).map(|part| part.chars().count()).sum();
            if !layout.cut {
                return Err(ErrorKind::TooManyParts.at("text", taken));
            }
            parts = segments(first(taken), plan, layout.reference)?;
        }
        put_segments(parts, w)
    }

    /// Writes parts of octets; where there are several without headers of their own, each gets one.
    ///
    /// # Errors
    /// [`ErrorKind::TooLong`] where a part is longer than a message, [`ErrorKind::UdhOverrun`] where
    /// its own header is, [`ErrorKind::TooManyParts`] past 255; [`ErrorKind::Full`].
    pub fn put_octets(
        segments: Rows<'_, Octets<'_>>,
        has_header: bool,
        reference: u8,
        w: &mut Writer<'_>,
    ) -> Result<(), Error> {
        let field = "segment";
        let total = segments.iter().count();
        let count = u8::try_from(total).map_err(|_| ErrorKind::TooManyParts.at(field, total))?;
        if count == 0 {
            return Err(ErrorKind::Empty.at(field, 0));
        }
        w.octet(alphabet_code(Alphabet::EightBit))?;
        for (segment, number) in segments.iter().zip(1..=u8::MAX) {
            // 3GPP TS 23.040, section 9.2.3.24.1.
            let header = [5, 0, 3, reference, count, number];
            let adds_header = !has_header && count > 1;
            let header: &[u8] = if adds_header { &header } else { &[] };
            let len = segment.len().saturating_add(header.len());
            if len > USER_DATA_MAX {
                return Err(ErrorKind::TooLong.at(field, total));
            }
            let own_header = segment.iter().next().map_or(1, |len| usize::from(len) + 1);
            if has_header && own_header > len {
                return Err(ErrorKind::UdhOverrun.at(field, 0));
            }
            w.octets(&[u8::from(has_header || adds_header), len as u8, len as u8])?;
            w.octets(header)?;
            segment.iter().try_for_each(|octet| w.octet(octet))?;
        }
        Ok(())
    }

    /// The parts that were kept as these octets; `None` where they are none.
    pub fn read(kept: &'a [u8]) -> Option<Self> {
        let (alphabet, octets) = kept.split_first()?;
        let alphabet = match alphabet {
            0 => Alphabet::Gsm7,
            1 => Alphabet::EightBit,
            2 => Alphabet::Ucs2,
            _ => return None,
        };
        let mut rest = octets;
        while !rest.is_empty() {
            (_, rest) = first(rest)?;
        }
        Some(Self { alphabet, octets })
    }

    /// How many parts there are.
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// Whether there is no part.
    pub const fn is_empty(&self) -> bool {
        self.octets.is_empty()
    }

    /// The user data of each part, in their order.
    pub fn iter(&self) -> impl Iterator<Item = UserData<'a>> + Clone + use<'a> {
        let mut rest = self.octets;
        core::iter::from_fn(move || {
            let part;
            (part, rest) = first(rest)?;
            Some(part)
        })
    }

    /// The SMS-SUBMIT of one part, counted from 0; `None` past the last.
    ///
    /// # Errors
    /// What is wrong with a number.
    pub fn pdu(&self, index: usize, envelope: &Envelope<'_>) -> Result<Option<Pdu>, Error> {
        self.iter().nth(index).map(|part| self.submit(part, envelope)).transpose()
    }

    /// The SMS-SUBMIT of a part.
    ///
    /// # Errors
    /// What is wrong with a number.
    pub fn submit(&self, part: UserData<'_>, envelope: &Envelope<'_>) -> Result<Pdu, Error> {
        let class = envelope.class.and_then(|class| match class {
            0 => Some(Class::Flash),
            1 => Some(Class::Handset),
            2 => Some(Class::Sim),
            3 => Some(Class::Terminal),
            _ => None,
        });
        let minutes = |seconds: u32| Relative::at_least(seconds.div_ceil(60));
        let submit = Submit {
            reject_duplicates: false,
            status_report_request: envelope.report,
            reply_path: false,
            message_reference: 0,
            destination: international(envelope.to)?,
            protocol: ProtocolIdentifier(envelope.protocol),
            coding: DataCoding::new(self.alphabet, class),
            validity_period: envelope.validity.map_or(ValidityPeriod::NotGiven, |seconds| {
                ValidityPeriod::Relative(minutes(seconds))
            }),
            user_data: part,
        };
        Pdu::new(envelope.service_centre.map(international).transpose()?, &submit)
    }
}

const fn alphabet_code(alphabet: Alphabet) -> u8 {
    match alphabet {
        Alphabet::Gsm7 => 0,
        Alphabet::EightBit => 1,
        Alphabet::Ucs2 => 2,
    }
}

fn put_segments<I: Runs>(mut parts: Segments<'_, I>, w: &mut Writer<'_>) -> Result<(), Error> {
    parts.try_for_each(|part| {
        let mut buffer = [0; USER_DATA_MAX];
        put_part(part.user_data(&mut buffer), w)
    })
}

fn put_part(part: UserData<'_>, w: &mut Writer<'_>) -> Result<(), Error> {
    let UserData { has_header, len, octets } = part;
    w.octets(&[u8::from(has_header), len, octets.len() as u8])?;
    w.octets(octets)
}

/// The first part, and what follows it.
fn first(octets: &[u8]) -> Option<(UserData<'_>, &[u8])> {
    let (&[has_header, len, count], rest) = octets.split_first_chunk::<PART_HEAD>()?;
    let (octets, rest) = rest.split_at_checked(usize::from(count))?;
    (octets.len() <= USER_DATA_MAX)
        .then_some((UserData { has_header: has_header != 0, len, octets }, rest))
}

/// The address of a number: digits, country code first.
fn international(digits: &str) -> Result<Address, Error> {
    let mut number = ArrayString::<24>::new();
    let too_long = ErrorKind::TooLong.at("to", 0);
    number.try_push('+').map_err(|_| too_long)?;
    number.try_push_str(digits).map_err(|_| too_long)?;
    Address::number(&number)
}

/// What became of a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Fate {
    /// Not given to a modem.
    Waiting,
    /// Given to a modem: until that tells, it may be sent or not.
    Sending,
    /// The service centre has it, under this reference (TP-MR), and its report is awaited.
    Sent(u8),
    /// Nothing more will change.
    Final(State),
}

impl Fate {
    /// As it is kept: its kind, and its reference or state.
    pub const fn octets(self) -> [u8; 2] {
        match self {
            Self::Waiting => [0, 0],
            Self::Sending => [1, 0],
            Self::Sent(reference) => [2, reference],
            Self::Final(state) => [3, state.code()],
        }
    }

    /// The fate that was kept as these octets; unknown where they are none.
    pub const fn read(octets: &[u8]) -> Self {
        match octets {
            [0, ..] => Self::Waiting,
            [1, ..] => Self::Sending,
            [2, reference, ..] => Self::Sent(*reference),
            [3, state, ..] => Self::Final(State::of_code(*state)),
            _ => Self::Final(State::Unknown),
        }
    }

    /// The state of a message whose parts have these fates, once all of them are final: the worst.
    pub fn whole(fates: impl IntoIterator<Item = Self>) -> Option<State> {
        let mut worst = None;
        for fate in fates {
            let Self::Final(state) = fate else { return None };
            worst = worst.max(Some(state));
        }
        worst
    }
}
