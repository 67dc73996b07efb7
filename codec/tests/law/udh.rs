//! The laws of user data headers. Each is a function that panics where the law is broken, so that
//! the tests and the fuzz targets call the same one.

use septet::tpdu::udh::{Element, Header};
use septet::wire::Writer;

/// What an element says can be written, and what was written says the same; an element that is not
/// understood comes back octet for octet. No octets panic.
pub fn header_reads_and_writes(octets: &[u8]) {
    let header = Header { octets };
    let mut buffer = vec![0; octets.len()];
    let mut w = Writer::new(&mut buffer);
    for element in header.elements() {
        let _ = element.to_string();
        let information = element.information();
        let mut buffer = [0; 300];
        let mut typed = Writer::new(&mut buffer);
        information.emit(&mut typed).unwrap();
        let again: Vec<Element<'_>> = Header { octets: typed.written() }.elements().collect();
        assert!(matches!(&again[..], [again] if again.information() == information));
        element.emit(&mut w).unwrap();
    }
    assert!(w.is_empty() || w.written() == octets);
    let _ = (header.concatenation(), header.ports(), header.national_languages());
}
