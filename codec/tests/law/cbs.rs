//! The laws of cell broadcast. Each is a function that panics where the law is broken, so that the
//! tests and the fuzz targets call the same one.

use septet::cbs::{Added, Assembler, CONTENT_LEN, Coding, PAGE_LEN, Page, fill};
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
            message.text().into_iter().flatten().for_each(drop);
        }
        if let Added::Complete(message) = few.add(&page) {
            assert_eq!(message.pages().count(), 2);
        }
    }
}

/// A page that is filled has the text that it took, without the carriage returns at its end.
pub fn what_fills_a_page_is_its_text(text: &str, coding: u8) {
    let mut content = [0; CONTENT_LEN];
    let Ok(count) = fill(text.chars(), Coding(coding), &mut content) else { return };
    let octets = [&[0, 0, 0, 0, coding, 0x11], &content[..]].concat();
    let (page, _) = Page::from_bytes_tolerant(&octets).unwrap();
    let taken: String = text.chars().take(count).collect();
    let read: String = page.text().unwrap().collect();
    assert_eq!(read, taken.trim_end_matches('\r'));
}
