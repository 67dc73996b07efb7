//! What a message has in it, as parts, and the PDU of each part to somebody.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU8, Ordering};

use arrayvec::ArrayVec;
use septet::api::Alphabet as Wanted;
use septet::error::{Error, ErrorKind};
use septet::fields::Rows;
use septet::gsm7::Tables;
use septet::octets::Octets;
use septet::pdu::Pdu;
use septet::segment::{Plan, Segment, segments};
use septet::tpdu::codes::ProtocolIdentifier;
use septet::tpdu::dcs::{Alphabet, Class};
use septet::tpdu::time::{Relative, ValidityPeriod};
use septet::tpdu::udh::Reference;
use septet::tpdu::user_data::USER_DATA_MAX;
use septet::tpdu::{Address, DataCoding, Submit, UserData};

/// The user data of every part of a message; the same whoever gets it.
#[derive(Debug)]
pub struct Body {
    alphabet: Alphabet,
    parts: Vec<Part>,
}

#[derive(Debug)]
struct Part {
    has_header: bool,
    len: u8,
    octets: ArrayVec<u8, USER_DATA_MAX>,
}

impl Part {
    fn of<I: Iterator<Item = char> + Clone>(segment: &Segment<'_, I>) -> Self {
        let mut buffer = [0; USER_DATA_MAX];
        let UserData { has_header, len, octets } = segment.user_data(&mut buffer);
        Self { has_header, len, octets: octets.iter().copied().collect() }
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

/// The reference of the last message of several parts. A fresh process does not start with those that the
/// last one started with, so that a handset does not take its parts for those of an old message.
static REFERENCE: LazyLock<AtomicU8> =
    LazyLock::new(|| AtomicU8::new(RandomState::new().hash_one(()) as u8));

/// The reference that the parts of another message share, of those that this process sends.
pub fn next_reference() -> u8 {
    REFERENCE.fetch_add(1, Ordering::Relaxed)
}

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

/// The elements of a concatenated message with an 8-bit reference, in octets, with the header's length.
///
/// 3GPP TS 23.040, section 9.2.3.24.1.
const CONCATENATION: usize = 6;

impl Body {
    /// The parts of `text`.
    ///
    /// # Errors
    /// [`ErrorKind::TooManyParts`] past what is allowed, 255 at most; [`ErrorKind::Unencodable`].
    pub fn new(text: impl Iterator<Item = char> + Clone, layout: Layout) -> Result<Self, Error> {
        let plan = match layout.alphabet {
            Wanted::Any => Plan::cheapest(text.clone()),
            Wanted::Gsm7 => Plan::Gsm7(Tables::DEFAULT),
            Wanted::Ucs2 => Plan::Ucs2,
        };
        let max = layout.parts_max.unwrap_or(u8::MAX);
        let parts = segments(text.clone(), plan, layout.reference)?;
        let alphabet = plan.coding().alphabet();
        if parts.total() <= max {
            return Ok(Self { alphabet, parts: parts.map(|part| Part::of(&part)).collect() });
        }
        // The characters of the parts before the first one too many.
        let taken = parts.take(usize::from(max)).map(|part| part.chars().count()).sum();
        if !layout.cut {
            return Err(ErrorKind::TooManyParts.at("text", taken));
        }
        let parts = segments(text.take(taken), plan, layout.reference)?;
        Ok(Self { alphabet, parts: parts.map(|part| Part::of(&part)).collect() })
    }

    /// Parts of octets; where there are several without headers of their own, each gets one.
    ///
    /// # Errors
    /// [`ErrorKind::TooLong`] where a part is longer than a message, [`ErrorKind::UdhOverrun`] where
    /// its own header is, [`ErrorKind::TooManyParts`] past 255.
    pub fn of_octets(
        segments: Rows<'_, Octets<'_>>,
        has_header: bool,
        reference: u8,
    ) -> Result<Self, Error> {
        let field = "segment";
        let total = segments.iter().count();
        let count = u8::try_from(total).map_err(|_| ErrorKind::TooManyParts.at(field, total))?;
        let mut parts = Vec::with_capacity(total);
        for (segment, number) in segments.iter().zip(1..=u8::MAX) {
            let mut octets = ArrayVec::<u8, USER_DATA_MAX>::new();
            if !has_header && count > 1 {
                let header: [u8; CONCATENATION] = [5, 0, 3, reference, count, number];
                octets.extend(header);
            }
            for octet in segment.iter() {
                octets.try_push(octet).map_err(|_| ErrorKind::TooLong.at(field, total))?;
            }
            let has_header = has_header || count > 1;
            let header = octets.first().map_or(1, |len| usize::from(*len) + 1);
            if has_header && header > octets.len() {
                return Err(ErrorKind::UdhOverrun.at(field, 0));
            }
            parts.push(Part { has_header, len: octets.len() as u8, octets });
        }
        if parts.is_empty() {
            return Err(ErrorKind::Empty.at(field, 0));
        }
        Ok(Self { alphabet: Alphabet::EightBit, parts })
    }

    /// How many parts there are, 1..=255.
    pub const fn len(&self) -> usize {
        self.parts.len()
    }

    /// Whether there is no part: never so.
    pub const fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// The body as octets, for who keeps it.
    pub fn to_octets(&self) -> Vec<u8> {
        let alphabet = match self.alphabet {
            Alphabet::Gsm7 => 0,
            Alphabet::EightBit => 1,
            Alphabet::Ucs2 => 2,
        };
        let mut kept = vec![alphabet];
        for Part { has_header, len, octets } in &self.parts {
            kept.extend([u8::from(*has_header), *len, octets.len() as u8]);
            kept.extend(octets);
        }
        kept
    }

    /// The body that was kept as octets; `None` where they are none.
    pub fn from_octets(kept: &[u8]) -> Option<Self> {
        let (alphabet, mut rest) = kept.split_first()?;
        let alphabet = match alphabet {
            0 => Alphabet::Gsm7,
            1 => Alphabet::EightBit,
            2 => Alphabet::Ucs2,
            _ => return None,
        };
        let mut parts = Vec::new();
        while let [has_header, len, octets, more @ ..] = rest {
            let (octets, more) = more.split_at_checked(usize::from(*octets))?;
            let octets = ArrayVec::try_from(octets).ok()?;
            parts.push(Part { has_header: *has_header != 0, len: *len, octets });
            rest = more;
        }
        rest.is_empty().then_some(Self { alphabet, parts })
    }

    /// The SMS-SUBMIT of every part.
    ///
    /// # Errors
    /// What is wrong with a number.
    pub fn pdus(&self, envelope: &Envelope<'_>) -> Result<Vec<Pdu>, Error> {
        self.parts.iter().map(|part| self.submit(part, envelope)).collect()
    }

    /// The SMS-SUBMIT of one part, counted from 0; `None` past the last.
    ///
    /// # Errors
    /// What is wrong with a number.
    pub fn pdu(&self, index: usize, envelope: &Envelope<'_>) -> Result<Option<Pdu>, Error> {
        self.parts.get(index).map(|part| self.submit(part, envelope)).transpose()
    }

    fn submit(&self, part: &Part, envelope: &Envelope<'_>) -> Result<Pdu, Error> {
        let international = |digits: &str| Address::number(&format!("+{digits}"));
        let Part { has_header, len, octets } = part;
        let minutes = |seconds: u32| Relative::at_least(seconds.div_ceil(60));
        let class = envelope.class.and_then(|class| match class {
            0 => Some(Class::Flash),
            1 => Some(Class::Handset),
            2 => Some(Class::Sim),
            3 => Some(Class::Terminal),
            _ => None,
        });
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
            user_data: UserData { has_header: *has_header, len: *len, octets },
        };
        Pdu::new(envelope.service_centre.map(international).transpose()?, &submit)
    }
}
