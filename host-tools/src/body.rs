//! A text as parts, and the PDU of each part to somebody.

use arrayvec::ArrayVec;
use septet::error::Error;
use septet::pdu::Pdu;
use septet::segment::{Plan, segments};
use septet::tpdu::codes::ProtocolIdentifier;
use septet::tpdu::time::ValidityPeriod;
use septet::tpdu::udh::Reference;
use septet::tpdu::user_data::USER_DATA_MAX;
use septet::tpdu::{Address, DataCoding, Submit, UserData};

/// The user data of every part of a text; the same whoever gets it.
#[derive(Debug)]
pub struct Body {
    coding: DataCoding,
    parts: Vec<Part>,
}

#[derive(Debug)]
struct Part {
    has_header: bool,
    len: u8,
    octets: ArrayVec<u8, USER_DATA_MAX>,
}

/// Who gets a message, and how.
#[derive(Clone, Copy, Debug)]
pub struct Envelope<'a> {
    /// Who gets it: digits, country code first.
    pub to: &'a str,
    /// Number of the service centre; the SIM's own when absent.
    pub service_centre: Option<&'a str>,
    /// Whether a status report is wanted.
    pub report: bool,
}

impl Body {
    /// The parts of `text`, which share `reference` where there are several.
    ///
    /// # Errors
    /// [`TooManyParts`](septet::ErrorKind::TooManyParts) past 255.
    pub fn new(
        text: impl Iterator<Item = char> + Clone,
        reference: Reference,
    ) -> Result<Self, Error> {
        let plan = Plan::cheapest(text.clone());
        let parts = segments(text, plan, reference)?.map(|segment| {
            let mut buffer = [0; USER_DATA_MAX];
            let UserData { has_header, len, octets } = segment.user_data(&mut buffer);
            Ok(Part { has_header, len, octets: octets.iter().copied().collect() })
        });
        Ok(Self { coding: plan.coding(), parts: parts.collect::<Result<_, Error>>()? })
    }

    /// How many parts there are, 1..=255.
    pub const fn len(&self) -> usize {
        self.parts.len()
    }

    /// Whether there is no part: never so.
    pub const fn is_empty(&self) -> bool {
        self.parts.is_empty()
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
        let submit = Submit {
            reject_duplicates: false,
            status_report_request: envelope.report,
            reply_path: false,
            message_reference: 0,
            destination: international(envelope.to)?,
            protocol: ProtocolIdentifier::PLAIN,
            coding: self.coding,
            validity_period: ValidityPeriod::NotGiven,
            user_data: UserData { has_header: *has_header, len: *len, octets },
        };
        Pdu::new(envelope.service_centre.map(international).transpose()?, &submit)
    }
}
