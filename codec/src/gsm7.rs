//! The GSM 7-bit alphabet: characters ⇄ septets ⇄ packed octets.
//!
//! A character is one septet of the main table, or an escape and one septet of the extension table.
//! Septets travel packed, eight in seven octets, least significant bit first, after as many fill
//! bits as align them behind a user data header.
//!
//! ```
//! use septet::gsm7::{Tables, unpack};
//! use septet::wire::Writer;
//!
//! let mut packed = [0; 140];
//! let mut w = Writer::new(&mut packed);
//! let septets = Tables::DEFAULT.encode("5 €, Ærø".chars(), 0, &mut w)?;
//! // The euro sign is an escape and a septet.
//! assert_eq!((septets, w.len()), (9, 8));
//! let mut text = [0; 320];
//! let text = Tables::DEFAULT.chars(unpack(w.written(), 0, septets)).copy_to(&mut text)?;
//! assert_eq!(text, "5 €, Ærø");
//! # Ok::<(), septet::Error>(())
//! ```
//!
//! 3GPP TS 23.038, section 6.1.2 (packing), section 6.2.1 (tables).

mod languages;
mod narrow;
mod packing;
mod tables;
mod wide;

use core::fmt;
use core::iter::FusedIterator;

pub use self::languages::Languages;
pub(crate) use self::packing::Packer;
pub use self::packing::{Septets, emit_unpacked, pack, pack_ussd, unpack, unpack_ussd, unpacked};
pub(crate) use self::wide::count;
use crate::error::{Error, ErrorKind};
use crate::runs::Runs;
use crate::text;
use crate::tpdu::udh::Language;
use crate::wide::WIDE;
use crate::wire::Writer;

/// The septet that says: the next one is of the extension table.
pub const ESCAPE: u8 = 0x1B;

/// The pair of tables that a text is written with: the main one and the extension.
///
/// Each is the default one or a national language's, independently of the other. A language has its
/// tables here when the feature of its name is on; all are by default, and a program that must be
/// small names those that it wants.
#[derive(Clone, Copy)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "crate::serial::TablesFields", into = "crate::serial::TablesFields")
)]
pub struct Tables {
    languages: (Language, Language),
    main: &'static tables::Locking,
    extension: &'static tables::Single,
}

/// The default tables and those of the national languages.
pub(crate) const TABLES: usize = 14;

/// A character in septets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Code {
    /// One septet of the main table.
    Main(u8),
    /// An escape and this septet of the extension table.
    Extension(u8),
}

impl Tables {
    /// The GSM 7-bit default alphabet and its extension table.
    ///
    /// 3GPP TS 23.038, sections 6.2.1 and 6.2.1.1.
    pub const DEFAULT: Self = Self {
        languages: (Language(0), Language(0)),
        main: &tables::DEFAULT,
        extension: &tables::EXTENSION,
    };

    /// The main table of the language `locking` and the extension of the language `single`.
    ///
    /// `None`, and a language that has no such table here, give the default table.
    ///
    /// 3GPP TS 23.038, sections 6.2.1.2.2 (single shift) and 6.2.1.2.3 (locking shift).
    pub fn national(locking: Option<Language>, single: Option<Language>) -> Self {
        let number = |language: Option<Language>| {
            let index = tables::NATIONAL.iter().position(|n| Some(n.language) == language);
            index.map_or(0, |index| index + 1)
        };
        Self::numbered(number(locking), number(single))
    }

    /// The pair of these numbers, each less than [`TABLES`]: 0 for the default tables, from 1 on for
    /// those of the languages that are here.
    pub(crate) fn numbered(locking: usize, single: usize) -> Self {
        let national = |number: usize| tables::NATIONAL.get(number.checked_sub(1)?);
        let mut tables = Self::DEFAULT;
        if let Some(national) = national(locking)
            && let Some(main) = national.locking
        {
            tables.languages.0 = national.language;
            tables.main = main;
        }
        if let Some(national) = national(single) {
            tables.languages.1 = national.language;
            tables.extension = &national.single;
        }
        tables
    }

    /// The character that the extension table has at `septet`.
    pub(crate) fn extension_character(self, septet: u8) -> Option<char> {
        self.extension.character(septet)
    }

    pub(crate) fn main_has(self, character: char) -> bool {
        tables::main_septet(self.main, character).is_some()
    }

    pub(crate) fn extension_has(self, character: char) -> bool {
        self.extension.septet(character).is_some()
    }

    /// The language of the main table, which the locking shift element names; `None` for the default
    /// table.
    ///
    /// 3GPP TS 23.040, section 9.2.3.24.16.
    pub fn locking(self) -> Option<Language> {
        Some(self.languages.0).filter(|language| language.0 != 0)
    }

    /// The language of the extension table, which the single shift element names; `None` for the
    /// default table.
    ///
    /// 3GPP TS 23.040, section 9.2.3.24.15.
    pub fn single(self) -> Option<Language> {
        Some(self.languages.1).filter(|language| language.0 != 0)
    }

    /// The septets of `character`, or `None` when the tables lack it.
    pub fn code(self, character: char) -> Option<Code> {
        if WIDE && self.is_default() {
            return wide::code(character);
        }
        self.plain_code(character)
    }

    /// The same, by the table that [`encode`](Self::encode) has and flash is else too dear for.
    fn quick_code(self, character: char) -> Option<Code> {
        if !WIDE && self.is_default() { narrow::code(character) } else { self.code(character) }
    }

    /// Whether both tables are the default ones, as they always are where no language is.
    pub(crate) fn is_default(self) -> bool {
        tables::NATIONAL.is_empty() || self == Self::DEFAULT
    }

    fn plain_code(self, character: char) -> Option<Code> {
        tables::main_septet(self.main, character)
            .map(Code::Main)
            .or_else(|| self.extension.septet(character).map(Code::Extension))
    }

    /// Writes characters packed, behind `fill_bits` zero bits (0..=6), and returns how many septets they
    /// are. See [`pack`].
    ///
    /// # Errors
    /// [`ErrorKind::Unencodable`] with the place of the character that the tables lack;
    /// [`ErrorKind::Full`].
    pub fn encode(
        self,
        text: impl Runs,
        fill_bits: u8,
        w: &mut Writer<'_>,
    ) -> Result<usize, Error> {
        let mut packer = Packer::new(fill_bits, w);
        if let Some(c) = packer.push_text(self, text.clone()) {
            let at = text.take_while(|c| self.quick_code(*c).is_some()).count();
            return Err(ErrorKind::Unencodable(c).at("text", at));
        }
        let count = packer.finish();
        w.check().map(|()| count)
    }

    /// The characters that `septets` stand for.
    ///
    /// An escape before a septet that the extension table lacks is ignored; two escapes, or one at
    /// the end, read as a space. So does a septet that the main table lacks.
    ///
    /// 3GPP TS 23.038, sections 6.2.1 and 6.2.1.1.
    pub fn chars<S: Iterator<Item = u8>>(self, septets: S) -> Chars<S> {
        Chars { tables: self, septets }
    }

    /// The character that begins with `septet`; when that is an escape, it goes on with the `next`
    /// one, which may be of another part with other tables.
    pub(crate) fn character(self, septet: u8, next: impl FnOnce() -> Option<(Self, u8)>) -> char {
        if septet != ESCAPE {
            return self.main(septet);
        }
        // The main table has a space for the escape itself.
        next().map_or(' ', |(tables, septet)| {
            tables.extension.character(septet).unwrap_or_else(|| tables.main(septet))
        })
    }

    fn main(self, septet: u8) -> char {
        match self.main.get(usize::from(septet & 0x7F)).copied() {
            // Most are of ASCII, which whoever asks need not look at once more.
            Some(unit @ 0..0x80) => char::from(unit as u8),
            unit => unit.and_then(|unit| char::from_u32(unit.into())).unwrap_or(' '),
        }
    }
}

/// Two pairs are equal when their languages are.
impl PartialEq for Tables {
    fn eq(&self, other: &Self) -> bool {
        self.languages == other.languages
    }
}

impl Eq for Tables {}

impl fmt::Debug for Tables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tables")
            .field("locking", &self.languages.0)
            .field("single", &self.languages.1)
            .finish()
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Tables {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(
            f,
            "Tables {{ locking: {}, single: {} }}",
            self.languages.0,
            self.languages.1
        );
    }
}

impl Code {
    /// How many septets it takes: 1 or 2.
    pub const fn len(self) -> usize {
        match self {
            Self::Main(_) => 1,
            Self::Extension(_) => 2,
        }
    }

    /// Never: a character takes a septet at least.
    pub const fn is_empty(self) -> bool {
        false
    }

    /// The septets.
    pub fn septets(self) -> impl Iterator<Item = u8> + Clone {
        let (escape, septet) = match self {
            Self::Main(septet) => (None, septet),
            Self::Extension(septet) => (Some(ESCAPE), septet),
        };
        escape.into_iter().chain([septet])
    }
}

/// The characters of septets, made by [`Tables::chars`].
#[derive(Clone, Debug)]
pub struct Chars<S> {
    tables: Tables,
    septets: S,
}

impl<S: Iterator<Item = u8>> Iterator for Chars<S> {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        let septet = self.septets.next()?;
        Some(self.tables.character(septet, || Some((self.tables, self.septets.next()?))))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let (low, high) = self.septets.size_hint();
        (low.div_ceil(2), high)
    }
}

impl<S: FusedIterator<Item = u8>> FusedIterator for Chars<S> {}

impl Chars<Septets<'_>> {
    /// Writes the characters that are left, as UTF-8.
    ///
    /// # Errors
    /// [`ErrorKind::Full`].
    pub fn emit(mut self, w: &mut Writer<'_>) -> Result<(), Error> {
        if !WIDE {
            return self.emit_narrow(w);
        }
        loop {
            self.emit_ahead(w);
            let Some(c) = self.next() else { return Ok(()) };
            w.text(c.encode_utf8(&mut [0; 4]))?;
        }
    }

    /// Copies the characters that are left to the front of `buffer`, as UTF-8. What is behind them may
    /// be overwritten.
    ///
    /// # Errors
    /// [`ErrorKind::Full`].
    pub fn copy_to(self, buffer: &mut [u8]) -> Result<&str, Error> {
        text::written(buffer, |w| self.emit(w))
    }
}

/// The septets that a header of so many octets takes, the fill bits behind it included.
///
/// 3GPP TS 23.040, section 9.2.3.16 (TP-UDL counts them).
pub const fn header_septets(octets: usize) -> usize {
    octets.saturating_mul(8).div_ceil(7)
}

/// `Turkish locking shift`, `default tables`.
impl fmt::Display for Tables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tables = [(self.locking(), "locking"), (self.single(), "single")];
        let mut before = "";
        for (language, shift) in tables {
            if let Some(words) = language.and_then(Language::words) {
                write!(f, "{before}{words} {shift} shift")?;
                before = ", ";
            }
        }
        if before.is_empty() { f.write_str("default tables") } else { Ok(()) }
    }
}

/// `0x41`; `escape, 0x65`.
impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Main(septet) => write!(f, "0x{septet:02X}"),
            Self::Extension(septet) => write!(f, "escape, 0x{septet:02X}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_character_of_the_tables_comes_back() {
        for septet in (0..0x80).filter(|septet| *septet != ESCAPE) {
            let c = Tables::DEFAULT.main(septet);
            assert_eq!(Tables::DEFAULT.code(c), Some(Code::Main(septet)), "{c}");
        }
        for c in "\u{C}^{}\\[~]|€".chars() {
            let Some(Code::Extension(septet)) = Tables::DEFAULT.code(c) else { panic!("{c}") };
            assert_eq!(Tables::DEFAULT.extension.character(septet), Some(c));
        }
    }

    #[test]
    fn an_escape_that_means_nothing_loses_no_character() {
        let septets = [0x1B, 0x41, 0x1B, 0x00, 0x1B, 0x1B, 0x41, 0x1B];
        assert!(Tables::DEFAULT.chars(septets.into_iter()).eq("A@ A ".chars()));
    }

    #[test]
    fn packed_octets_that_are_cut_give_what_is_there() {
        assert!(unpack(&[0xE8, 0x32], 0, 5).eq([0x68, 0x65]));
        assert_eq!(unpack(&[], 3, 5).len(), 0);
    }
}
