//! Pages → broadcast message, in whatever order they arrive.
//!
//! ```
//! use septet::cbs::{Added, Assembler, Page};
//! # use septet::cbs::{Coding, MessageIdentifier, PageParameter, SerialNumber, fill};
//! # let (serial, identifier) = (SerialNumber(0x4000), MessageIdentifier::EU_INFO);
//! # let mut content = [[0; 82]; 2];
//! # fill("is near".chars(), Coding::GSM7, &mut content[1])?;
//! # let text = "a".repeat(90) + "it ";
//! # fill(text.chars(), Coding::GSM7, &mut content[0])?;
//! # let page = |number: u8| Page {
//! #     serial, identifier, coding: Coding::GSM7, parameter: PageParameter(number << 4 | 2),
//! #     content: &content[usize::from(number - 1)],
//! # };
//! let (first, second): (Page, Page) = (page(1), page(2));
//!
//! let mut pages = Assembler::<15>::new();
//! assert!(matches!(pages.add(&second), Added::Waiting { missing: 1 }));
//! let Added::Complete(message) = pages.add(&first) else { panic!() };
//! assert!(message.text().is_some_and(|text| text.collect::<String>().ends_with("it is near")));
//! # Ok::<(), septet::Error>(())
//! ```
//!
//! 3GPP TS 23.041, section 9.4.1.2.

use arrayvec::ArrayVec;

use super::{CONTENT_LEN, Coding, MessageIdentifier, Page, PageParameter, SerialNumber};
use crate::tpdu::dcs::Alphabet;
use crate::tpdu::user_data::Characters;
use crate::ucs2;

/// Pages of messages that are not complete, at most `N`; 15 hold the longest message.
///
/// There is no clock and no age: a cell repeats its messages, so that a page which had to make room
/// comes again. For the same reason a complete message comes again; the caller, who knows which it
/// has shown, tells it by its [`serial`](Message::serial) and [`identifier`](Message::identifier).
#[derive(Clone, Debug)]
pub struct Assembler<const N: usize> {
    /// In the order that they came in.
    pages: ArrayVec<Stored, N>,
    /// The message that was handed out, and goes at the next call.
    leaving: Option<Key>,
}

/// What the pages of one message have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Key {
    serial: SerialNumber,
    identifier: MessageIdentifier,
    coding: Coding,
    total: u8,
}

/// A page, owned.
#[derive(Clone, Debug)]
struct Stored {
    key: Key,
    number: u8,
    content: ArrayVec<u8, CONTENT_LEN>,
}

/// What became of a page that was added.
#[derive(Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Added<'r> {
    /// It is a message of its own.
    Single,
    /// It was kept; pages are missing.
    Waiting {
        /// How many.
        missing: u8,
    },
    /// It was the last one that was missing.
    Complete(Message<'r>),
    /// It is there already.
    Duplicate,
}

impl<const N: usize> Default for Assembler<N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const N: usize> Assembler<N> {
    /// Without any pages.
    pub const fn new() -> Self {
        const { assert!(N >= 2, "a message has two pages at least") };
        Self { pages: ArrayVec::new_const(), leaving: None }
    }

    /// Adds a page.
    ///
    /// Another version of a message makes its pages go. So does a page for which there is no room
    /// with the pages of the message that has waited longest; a message of more than `N` pages is
    /// never complete.
    pub fn add(&mut self, page: &Page<'_>) -> Added<'_> {
        if let Some(leaving) = self.leaving.take() {
            self.drop(leaving);
        }
        let page = Stored::new(page);
        let key = page.key;
        if key.total == 1 {
            return Added::Single;
        }
        self.pages.retain(|old| !old.key.is_other_version_of(key));
        if self.pages.iter().any(|old| (old.key, old.number) == (key, page.number)) {
            return Added::Duplicate;
        }
        if self.pages.is_full()
            && let Some(oldest) = self.pages.first().map(|oldest| oldest.key)
        {
            self.drop(oldest);
        }
        // There is room.
        let _ = self.pages.try_push(page);
        let count = self.pages.iter().filter(|page| page.key == key).count() as u8;
        if count < key.total {
            return Added::Waiting { missing: key.total - count };
        }
        self.leaving = Some(key);
        Added::Complete(Message { key, pages: &self.pages })
    }

    fn drop(&mut self, key: Key) {
        self.pages.retain(|page| page.key != key);
    }
}

impl Stored {
    fn new(page: &Page<'_>) -> Self {
        let Page { serial, identifier, coding, parameter, content } = *page;
        let key = Key { serial, identifier, coding, total: parameter.total() };
        let content = content.get(..CONTENT_LEN).unwrap_or(content);
        // No longer than that.
        let content = ArrayVec::try_from(content).unwrap_or_default();
        Self { key, number: parameter.number(), content }
    }

    fn page(&self) -> Page<'_> {
        let Key { serial, identifier, coding, total } = self.key;
        let parameter = PageParameter(self.number << 4 | total);
        Page { serial, identifier, coding, parameter, content: &self.content }
    }
}

impl Key {
    fn is_other_version_of(self, other: Self) -> bool {
        self.serial != other.serial
            && self.serial.without_update() == other.serial.without_update()
            && self.identifier == other.identifier
    }
}

/// A message whose pages are all there.
#[derive(Clone, Copy, Debug)]
pub struct Message<'r> {
    key: Key,
    pages: &'r [Stored],
}

#[cfg(feature = "defmt")]
impl defmt::Format for Message<'_> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "pages of {}, {}", self.serial(), self.identifier());
    }
}

impl<'r> Message<'r> {
    /// Which message of its source, and which version.
    pub const fn serial(&self) -> SerialNumber {
        self.key.serial
    }

    /// What it is about.
    pub const fn identifier(&self) -> MessageIdentifier {
        self.key.identifier
    }

    /// The pages, the first one first.
    pub fn pages(&self) -> impl Iterator<Item = Page<'r>> + Clone + use<'r> {
        let Self { key, pages } = *self;
        let page = move |number| pages.iter().find(|page| (page.key, page.number) == (key, number));
        (1..=key.total).filter_map(page).map(Stored::page)
    }

    /// The language of the text, two letters of ISO 639, when the coding or the text says it.
    pub fn language(&self) -> Option<[char; 2]> {
        self.pages().next()?.language()
    }

    /// The text of all pages; `None` when the content is 8-bit data or compressed.
    pub fn text(
        &self,
    ) -> Option<Characters<impl Iterator<Item = u8> + use<'r>, impl Iterator<Item = u16> + use<'r>>>
    {
        let coding = self.key.coding;
        if coding.compressed() {
            return None;
        }
        match coding.alphabet() {
            Alphabet::Gsm7 => {
                let tables = self.pages().next()?.tables();
                let septets = self.pages().flat_map(|page| page.septets());
                Some(Characters::Gsm7(tables.chars(septets)))
            }
            // A surrogate pair may be in two pages.
            Alphabet::Ucs2 => {
                let units = self.pages().flat_map(|page| page.units());
                Some(Characters::Ucs2(ucs2::chars(units)))
            }
            Alphabet::EightBit => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cbs::fill;

    extern crate std;
    use std::string::String;

    const fn page(serial: u16, parameter: u8, content: &[u8]) -> Page<'_> {
        Page {
            serial: SerialNumber(serial),
            identifier: MessageIdentifier::EU_INFO,
            coding: Coding::UCS2,
            parameter: PageParameter(parameter),
            content,
        }
    }

    #[test]
    fn pages_in_any_order_are_one_text() {
        let mut pages = Assembler::<4>::new();
        // Each has one half of the character; the padding of the last is no text.
        let first = page(0x10, 0x13, &[0x00, 0x61, 0xD8, 0x3D]);
        let second = page(0x10, 0x23, &[0xDE, 0x00]);
        let third = page(0x10, 0x33, &[0x00, 0x62, 0x00, 0x0D, 0x00, 0x0D]);
        for _ in 0..2 {
            assert!(matches!(pages.add(&third), Added::Waiting { missing: 2 }));
            assert!(matches!(pages.add(&third), Added::Duplicate));
            assert!(matches!(pages.add(&page(0x20, 0x12, &[])), Added::Waiting { .. }));
            assert!(matches!(pages.add(&first), Added::Waiting { missing: 1 }));
            let Added::Complete(message) = pages.add(&second) else { panic!() };
            assert_eq!(message.text().unwrap().collect::<String>(), "a😀b");
            assert_eq!(message.serial(), SerialNumber(0x10));
            // What waits of another message stays.
            let added = pages.add(&page(0x20, 0x22, &[]));
            assert!(matches!(added, Added::Complete(_)));
        }
    }

    #[test]
    fn another_version_makes_the_pages_of_the_old_one_go() {
        let mut pages = Assembler::<2>::new();
        assert!(matches!(pages.add(&page(0x10, 0x12, &[])), Added::Waiting { .. }));
        assert!(matches!(pages.add(&page(0x11, 0x22, &[])), Added::Waiting { missing: 1 }));
        assert!(matches!(pages.add(&page(0x11, 0x12, &[])), Added::Complete(_)));
        assert!(matches!(pages.add(&page(0x11, 0x11, &[])), Added::Single));
    }

    #[test]
    fn the_message_that_has_waited_longest_makes_room() {
        let mut pages = Assembler::<3>::new();
        for serial in [0x10, 0x20, 0x30, 0x40] {
            let added = pages.add(&page(serial, 0x12, &[]));
            assert!(matches!(added, Added::Waiting { missing: 1 }));
        }
        // That of 0x10 is gone, and that of 0x20 goes.
        assert!(matches!(pages.add(&page(0x40, 0x22, &[])), Added::Complete(_)));
        assert!(matches!(pages.add(&page(0x30, 0x22, &[])), Added::Complete(_)));
        assert!(matches!(pages.add(&page(0x20, 0x22, &[])), Added::Waiting { .. }));
        assert!(matches!(pages.add(&page(0x10, 0x22, &[])), Added::Waiting { .. }));
    }

    #[test]
    fn a_message_with_more_pages_than_there_is_room_for_is_never_complete() {
        let mut pages = Assembler::<2>::new();
        let mut content = [0; 82];
        fill("text".chars(), Coding::UCS2, &mut content).unwrap();
        for round in 0..9 {
            let parameter = (round % 3 + 1) << 4 | 3;
            assert!(!matches!(pages.add(&page(0x10, parameter, &content)), Added::Complete(_)));
        }
    }
}
