//! The laws of addresses. Each is a function that panics where the law is broken, so that the tests
//! and the fuzz targets call the same one.

use septet::tpdu::{Address, Deliver};
use septet::wire::{Input, Wire, Writer};

/// An address of any octets, as it stands in a message: length, type of address, value. It can be
/// written and is then read as the same, is no longer than it says, and where no rule is broken its
/// octets come back.
pub fn octets_read_and_write(octets: &[u8]) {
    let [len, type_of_address, value @ ..] = octets else { return };
    let mut value = value.to_vec();
    value.resize(usize::from(len.div_ceil(2)), 0);
    let head = [&[0x04, *len, *type_of_address][..], &value].concat();
    let message = [&head[..], &[0x00, 0x04, 0x62, 0x21, 0x02, 0x51, 0x32, 0x05, 0x80, 0]].concat();
    let (deliver, quirks) = Deliver::from_bytes_tolerant(&message).unwrap();
    assert_eq!(Deliver::from_bytes(&message).is_ok(), quirks.is_empty());
    let mut buffer = [0; 32];
    let emitted = deliver.to_slice(&mut buffer).unwrap();
    assert_eq!(Deliver::from_bytes_tolerant(emitted).unwrap().0, deliver);
    assert!(!quirks.is_empty() || emitted == message);
    is_no_longer_than_it_says(&deliver.originator);
    comes_back_as_service_centre(&deliver.originator);
}

/// The address of a service centre, of any octets, can be written and is then read as the same; where
/// no rule is broken its octets come back.
pub fn service_centres_read_and_write(octets: &[u8]) {
    let parse = Address::parse_service_centre;
    let strict = Input::strict(octets).finish(parse);
    let (address, quirks) = match Input::tolerant(octets).finish(parse) {
        Ok(read) => read,
        Err(error) => return assert_eq!(strict, Err(error)),
    };
    assert_eq!(strict.is_ok(), quirks.is_empty());
    let mut buffer = [0; 12];
    let mut w = Writer::new(&mut buffer);
    Address::emit_service_centre(address.as_ref(), &mut w).unwrap();
    assert_eq!(Input::tolerant(w.written()).finish(parse).unwrap().0, address);
    assert!(!quirks.is_empty() || w.written() == octets);
    address.iter().for_each(is_no_longer_than_it_says);
}

/// An address that can be written reads as it was given.
pub fn texts_come_back(text: &str) {
    for address in [Address::number(text), Address::name(text)].into_iter().flatten() {
        assert_eq!(address.to_string(), text);
        is_no_longer_than_it_says(&address);
        comes_back_as_service_centre(&address);
    }
}

/// An address has no more characters than its length says, is made of its parts, and has a form for
/// people on one line.
fn is_no_longer_than_it_says(address: &Address) {
    let (type_of_address, len, octets) =
        (address.type_of_address(), address.len(), address.octets());
    assert!(len <= 20 && octets.len() == len.div_ceil(2));
    let count = address.chars().count();
    assert!(count <= len && (!address.is_name() || count <= len * 4 / 7));
    assert_eq!(Address::new(type_of_address, len as u8, octets).as_ref(), Ok(address));
    assert_eq!(address.printable().count(), count);
    assert!(!address.described().to_string().contains(char::is_control));
}

/// A number reads as the same where it is written as a service centre's.
fn comes_back_as_service_centre(address: &Address) {
    let mut buffer = [0; 12];
    let mut w = Writer::new(&mut buffer);
    Address::emit_service_centre(Some(address), &mut w).unwrap();
    let (read, _) = Input::tolerant(w.written()).finish(Address::parse_service_centre).unwrap();
    let read = read.unwrap();
    assert_eq!(read.type_of_address(), address.type_of_address());
    // The length of a service centre's counts octets: of a name it does not tell every end.
    assert!(address.is_name() || read.to_string() == address.to_string());
}
