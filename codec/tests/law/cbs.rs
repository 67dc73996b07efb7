//! The laws of cell broadcast. Each is a function that panics where the law is broken, so that the
//! tests and the fuzz targets call the same one.

use septet::ErrorKind;
use septet::cbs::{Added, Assembler, CONTENT_LEN, Coding, PAGE_LEN, Page, fill};
use septet::gsm7::Tables;
use septet::tpdu::dcs::Alphabet;
use septet::wire::Wire;

/// What parses can be emitted, and what was emitted parses to the same value. No octets panic, and a
/// strict reader takes nothing that a tolerant one does not.
pub fn page_reads_and_writes(octets: &[u8]) {
    let strict = Page::from_bytes(octets);
    let (page, quirks) = match Page::from_bytes_tolerant(octets) {
        Ok(read) => read,
        Err(error) => {
            assert_eq!(strict, Err(error));
            assert!(error.at <= octets.len());
            return;
        }
    };
    assert_eq!(strict.is_ok(), quirks.is_empty());
    let mut buffer = [0; PAGE_LEN];
    let emitted = page.to_slice(&mut buffer).unwrap();
    assert_eq!(emitted, octets.get(..emitted.len()).unwrap());
    assert_eq!(Page::from_bytes_tolerant(emitted).unwrap().0, page);
    let _ = page.to_string();
}

/// A message is the text of its pages, in whatever order they come and whatever comes between.
pub fn pages_join(octets: &[u8]) {
    let mut pages = Assembler::<15>::new();
    let mut few = Assembler::<2>::new();
    for page in octets.chunks(PAGE_LEN) {
        let Ok((page, _)) = Page::from_bytes_tolerant(page) else { return };
        if let Added::Complete(message) = pages.add(&page) {
            let mut number = 0;
            for page in message.pages() {
                number += 1;
                assert_eq!(page.parameter.number(), number);
                assert_eq!(page.serial, message.serial());
            }
            assert_eq!(number, page.parameter.total());
            let texts: Option<Vec<String>> =
                message.pages().map(|page| page.text().map(String::from_iter)).collect();
            let text = message.text().map(String::from_iter);
            assert_eq!(text.is_some(), texts.is_some());
            // An escape or half a pair at the end of a page, which alone reads as a space or U+FFFD,
            // belongs to the next one; the tables are those of the first.
            let is_whole = |text: &String| !text.ends_with([' ', char::REPLACEMENT_CHARACTER]);
            let plain = page.header().is_none();
            if let Some(texts) = texts.filter(|texts| plain && texts.iter().all(is_whole)) {
                assert_eq!(text, Some(texts.concat()));
            }
        }
        if let Added::Complete(message) = few.add(&page) {
            assert_eq!(message.pages().count(), 2);
        }
    }
}

/// A page that is filled has the text that it took, without the carriage returns at its end.
pub fn what_fills_a_page_is_its_text(text: &str, coding: u8) {
    let mut content = [0; CONTENT_LEN];
    let coded = Coding(coding);
    let count = match fill(text.chars(), coded, &mut content) {
        Ok(count) => count,
        Err(error) => {
            let lacks = |c| Tables::DEFAULT.code(c).is_none();
            let may = match error.kind {
                ErrorKind::Unencodable(c) => coded.alphabet() == Alphabet::Gsm7 && lacks(c),
                _ => {
                    coded.alphabet() == Alphabet::EightBit
                        || coded.compressed()
                        || coded.has_header()
                        || coded.has_language()
                }
            };
            return assert!(may, "{error}");
        }
    };
    let octets = [&[0, 0, 0, 0, coding, 0x11], &content[..]].concat();
    let (page, _) = Page::from_bytes_tolerant(&octets).unwrap();
    let taken: String = text.chars().take(count).collect();
    let read: String = page.text().unwrap().collect();
    assert_eq!(read, taken.trim_end_matches('\r'));
}
