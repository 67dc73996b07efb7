//! One wire form for one value: `parse` and `emit`, the octets they read and write.
//!
//! What is parsed is an [`Input`]: the octets, their offset in the whole, and what is tolerated. Fields
//! are read from a [`Reader`] of it, one after the other; each may be a `nom` parser. Strict and
//! tolerant are one parser: where real messages break a rule the parser says so in one line,
//! [`Reader::excuse`].

mod quirk;
mod writer;

use core::iter::{Copied, Enumerate};
use core::slice::Iter;

use nom::bytes::complete::take;
use nom::error::context;
use nom::{Needed, Parser};

pub use self::quirk::{Quirk, Quirks};
pub use self::writer::Writer;
use crate::error::{Error, ErrorKind};

/// What a `nom` parser gives: the rest of the input and the value, or the error.
pub(crate) type Parsed<'a, T> = nom::IResult<Input<'a>, T, Error>;

/// A value with one wire form: what [`emit`](Wire::emit) writes, [`parse`](Wire::parse) reads back.
pub trait Wire<'a>: Sized {
    /// Reads the value.
    ///
    /// # Errors
    /// [`Rejected`]; the reader keeps what is wrong, with field and octet.
    fn parse(reader: &mut Reader<'a>) -> Result<Self, Rejected>;

    /// Writes the value. After an error what was written is no message.
    ///
    /// # Errors
    /// [`ErrorKind::Full`], or the field that has a value which cannot be written.
    fn emit(&self, w: &mut Writer<'_>) -> Result<(), Error>;

    /// The value that `octets` are, by the letter of the standard.
    ///
    /// # Errors
    /// As [`from_bytes_tolerant`](Self::from_bytes_tolerant), and for each [`Quirk`] the kind that it
    /// names; octets left over are [`ErrorKind::Trailing`].
    fn from_bytes(octets: &'a [u8]) -> Result<Self, Error> {
        Input::strict(octets).finish(Self::parse).map(|(value, _)| value)
    }

    /// The value that `octets` are, as far as real messages can be read, and which rules they broke.
    ///
    /// ```
    /// use septet::Wire;
    /// use septet::tpdu::Mt;
    ///
    /// // Cut by a store: ten septets take nine octets.
    /// let octets = b"\x04\x04\x81\x21\x43\x00\x00\x62\x21\x02\x51\x32\x05\x80\x0A\xE8\x32\x9B\xFD\x06";
    /// let (message, quirks) = Mt::from_bytes_tolerant(octets)?;
    /// assert!(message.text().is_some_and(|text| text.eq("hello".chars())));
    /// for quirk in quirks.iter() {
    ///     assert_eq!(quirk.words(), "the message is shorter than TP-UDL says");
    /// }
    /// # Ok::<(), septet::Error>(())
    /// ```
    ///
    /// # Errors
    /// Where no value can be made: of a TPDU [`ErrorKind::Empty`], [`ErrorKind::Truncated`] before its
    /// user data, [`ErrorKind::UdhOverrun`], [`ErrorKind::ReservedMti`] towards a service centre,
    /// [`ErrorKind::Value`] of a first octet that another message has.
    fn from_bytes_tolerant(octets: &'a [u8]) -> Result<(Self, Quirks), Error> {
        Input::tolerant(octets).finish(Self::parse)
    }

    /// Writes the value to the front of `buffer` and returns what was written.
    ///
    /// # Errors
    /// As [`emit`](Wire::emit).
    fn to_slice<'b>(&self, buffer: &'b mut [u8]) -> Result<&'b [u8], Error> {
        let mut w = Writer::new(buffer);
        self.emit(&mut w)?;
        Ok(w.into_written())
    }
}

/// What a parser reads: octets, where they stand in the whole, and what is tolerated.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    octets: &'a [u8],
    at: usize,
    /// What is excused.
    tolerated: Quirks,
    quirks: Quirks,
}

impl<'a> Input<'a> {
    /// Octets to be read by the letter of the standard.
    pub const fn strict(octets: &'a [u8]) -> Self {
        Self::tolerating(octets, Quirks::NONE)
    }

    /// Octets to be read as far as it goes; [`quirks`](Self::quirks) tells what was excused.
    pub const fn tolerant(octets: &'a [u8]) -> Self {
        Self::tolerating(octets, Quirks::ALL)
    }

    /// Octets of which only these quirks are to be excused.
    pub const fn tolerating(octets: &'a [u8], tolerated: Quirks) -> Self {
        Self { octets, at: 0, tolerated, quirks: Quirks::NONE }
    }

    /// The octets.
    pub const fn octets(&self) -> &'a [u8] {
        self.octets
    }

    /// How many octets are left.
    pub const fn len(&self) -> usize {
        self.octets.len()
    }

    /// Whether no octet is left.
    pub const fn is_empty(&self) -> bool {
        self.octets.is_empty()
    }

    /// Octets from the start of the whole to here.
    pub const fn at(&self) -> usize {
        self.at
    }

    /// What was excused on the way here.
    pub const fn quirks(&self) -> Quirks {
        self.quirks
    }

    /// This kind of error in `field`, here.
    pub(crate) const fn error(&self, kind: ErrorKind, field: &'static str) -> nom::Err<Error> {
        nom::Err::Error(kind.at(field, self.at))
    }

    /// What `parse` reads, which must be the whole input.
    ///
    /// What cannot be read at all gives the same error to a strict and to a tolerant reader: the
    /// one that no reader excuses, also where a rule was broken before it.
    ///
    /// # Errors
    /// The parser's, or [`ErrorKind::Trailing`].
    pub fn finish<T>(
        self,
        parse: impl Fn(&mut Reader<'a>) -> Result<T, Rejected>,
    ) -> Result<(T, Quirks), Error> {
        let mut reader = Reader::new(self);
        let Ok(value) = parse(&mut reader) else {
            if !reader.is_excusable {
                return Err(reader.error);
            }
            let mut tolerant = Reader::new(Self { tolerated: Quirks::ALL, ..self });
            let unreadable = parse(&mut tolerant).is_err();
            return Err(if unreadable { tolerant.error } else { reader.error });
        };
        let Input { at, tolerated, quirks, .. } = reader.input;
        if reader.is_empty() {
            Ok((value, quirks))
        } else if tolerated.contains(Quirk::TrailingOctets) {
            Ok((value, quirks.with(Quirk::TrailingOctets)))
        } else {
            Err(ErrorKind::Trailing.at("message", at))
        }
    }
}

/// The octets are not what they were read as; why, the [`Reader`] keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rejected;

/// What the fields of a message are read from, one after the other.
///
/// It keeps the rest and the error in one place. Handed on with each field, as `nom` does it, they
/// take a quarter more flash for all TPDUs together.
#[derive(Debug)]
pub struct Reader<'a> {
    input: Input<'a>,
    /// What is wrong, once something is.
    error: Error,
    /// Whether a tolerant reader would have gone on.
    is_excusable: bool,
}

impl<'a> Reader<'a> {
    /// A reader of `input`.
    pub const fn new(input: Input<'a>) -> Self {
        Self { input, error: ErrorKind::Truncated.at("", 0), is_excusable: false }
    }

    /// What is left to be read.
    pub const fn rest(&self) -> Input<'a> {
        self.input
    }

    /// Octets from the start of the whole to here.
    pub const fn at(&self) -> usize {
        self.input.at
    }

    /// How many octets are left.
    pub const fn len(&self) -> usize {
        self.input.octets.len()
    }

    /// Whether no octet is left.
    pub const fn is_empty(&self) -> bool {
        self.input.octets.is_empty()
    }

    /// What is wrong, after something was [`Rejected`].
    pub const fn error(&self) -> Error {
        self.error
    }

    /// Keeps what is wrong.
    pub fn fail(&mut self, error: Error) -> Rejected {
        self.error = error;
        self.is_excusable = false;
        Rejected
    }

    /// Notes `quirk`; to a reader that does not tolerate it, it is the error.
    ///
    /// # Errors
    /// `error`, when the reading is strict.
    #[inline(never)]
    pub fn excuse(&mut self, quirk: Quirk, error: Error) -> Result<(), Rejected> {
        if !self.input.tolerated.contains(quirk) {
            self.error = error;
            self.is_excusable = true;
            return Err(Rejected);
        }
        self.input.quirks = self.input.quirks.with(quirk);
        Ok(())
    }

    /// Goes back to `start` after something was wrong, and notes `quirk` in its stead.
    ///
    /// # Errors
    /// What was wrong, when the reading is strict or was refused for another quirk.
    pub fn excuse_from(&mut self, start: Input<'a>, quirk: Quirk) -> Result<(), Rejected> {
        if self.is_excusable {
            return Err(Rejected);
        }
        self.input = start;
        self.excuse(quirk, self.error)
    }

    /// Reads what `parser` parses.
    ///
    /// # Errors
    /// The parser's.
    pub(crate) fn parse<T>(
        &mut self,
        mut parser: impl Parser<Input<'a>, Output = T, Error = Error>,
    ) -> Result<T, Rejected> {
        match parser.parse(self.input) {
            Ok((rest, value)) => {
                self.input = rest;
                Ok(value)
            }
            Err(nom::Err::Error(error) | nom::Err::Failure(error)) => Err(self.fail(error)),
            Err(nom::Err::Incomplete(_)) => Err(self.fail(ErrorKind::Truncated.at("", self.at()))),
        }
    }

    /// Reads `len` octets of `field`.
    ///
    /// # Errors
    /// [`ErrorKind::Truncated`].
    #[inline(never)]
    pub fn octets(&mut self, len: usize, field: &'static str) -> Result<&'a [u8], Rejected> {
        self.parse(context(field, take(len))).map(|octets: Input<'a>| octets.octets)
    }

    /// Reads `N` octets of `field`.
    ///
    /// # Errors
    /// [`ErrorKind::Truncated`].
    pub fn array<const N: usize>(&mut self, field: &'static str) -> Result<[u8; N], Rejected> {
        // There are as many as were asked for.
        self.octets(N, field).map(|octets| octets.first_chunk().copied().unwrap_or([0; N]))
    }

    /// Reads the octet that is or begins `field`.
    ///
    /// # Errors
    /// [`ErrorKind::Truncated`].
    #[inline(never)]
    pub fn octet(&mut self, field: &'static str) -> Result<u8, Rejected> {
        self.array(field).map(|[octet]| octet)
    }
}

impl<'a> nom::Input for Input<'a> {
    type Item = u8;
    type Iter = Copied<Iter<'a, u8>>;
    type IterIndices = Enumerate<Self::Iter>;

    fn input_len(&self) -> usize {
        self.octets.len()
    }

    fn take(&self, index: usize) -> Self {
        self.take_split(index).1
    }

    fn take_from(&self, index: usize) -> Self {
        self.take_split(index).0
    }

    /// The rest and the front, as nom orders them; the front is cut where the octets end.
    fn take_split(&self, index: usize) -> (Self, Self) {
        let (front, rest) = self.octets.split_at_checked(index).unwrap_or((self.octets, &[]));
        (
            Self { octets: rest, at: self.at.saturating_add(front.len()), ..*self },
            Self { octets: front, ..*self },
        )
    }

    fn position<P>(&self, predicate: P) -> Option<usize>
    where
        P: Fn(Self::Item) -> bool,
    {
        self.octets.iter().position(|octet| predicate(*octet))
    }

    fn iter_elements(&self) -> Self::Iter {
        self.octets.iter().copied()
    }

    fn iter_indices(&self) -> Self::IterIndices {
        self.iter_elements().enumerate()
    }

    fn slice_index(&self, count: usize) -> Result<usize, Needed> {
        if self.octets.len() >= count {
            Ok(count)
        } else {
            Err(Needed::new(count.saturating_sub(self.octets.len())))
        }
    }
}
