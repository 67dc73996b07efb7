//! The laws of what goes through the air. Each is a function that panics where the law is broken, so
//! that the tests and the fuzz targets call the same one.

use septet::pdu::{self, Pdu};
use septet::tpdu::{Address, DataCoding, Mo, Mt, Stored, UserData};
use septet::wire::{Input, Wire};

/// What parses can be emitted, and what was emitted parses to the same value. No octets panic, and a
/// strict reader takes nothing that a tolerant one does not.
///
/// A macro, because a function cannot name one type with two lifetimes.
macro_rules! reparses {
    ($octets:expr, $type:ident) => {{
        let octets: &[u8] = $octets;
        let strict = $type::from_bytes(octets);
        match $type::from_bytes_tolerant(octets) {
            Ok((value, quirks)) => {
                assert_eq!(strict.is_ok(), quirks.is_empty());
                let mut buffer = [0; 512];
                let emitted = value.to_slice(&mut buffer).unwrap();
                let (again, _) = $type::from_bytes_tolerant(emitted).unwrap();
                assert_eq!(again, value);
                let _ = value.to_string();
            }
            Err(error) => {
                assert_eq!(strict, Err(error));
                assert!(error.at <= octets.len());
                let _ = error.to_string();
            }
        }
    }};
}

/// The re-parse law for each direction and for a store, and for a PDU with its service centre.
pub fn octets_read_and_write(octets: &[u8]) {
    reparses!(octets, Mt);
    reparses!(octets, Mo);
    reparses!(octets, Stored);
    if let Ok(pdu) = Pdu::from_octets(octets) {
        assert_eq!(Pdu::from_hex(pdu.hex().collect::<Vec<u8>>()).as_ref(), Ok(&pdu));
        if let Ok(((service_centre, mt), _)) = pdu.read_tolerant::<Mt>() {
            let again = Pdu::new(service_centre, &mt).unwrap();
            assert_eq!(again.read_tolerant::<Mt>().unwrap().0, (service_centre, mt));
        }
    }
    let _ = pdu::read_hex(octets);
}

/// User data reads in any coding.
pub fn user_data_reads(octets: &[u8], coding: u8, has_header: bool) {
    let coding = DataCoding(coding);
    let _ = coding.to_string();
    if let Ok((data, _)) =
        Input::tolerant(octets).finish(|reader| UserData::parse(reader, coding, has_header))
    {
        assert!(data.fill_bits() < 7);
        data.text(coding).into_iter().flatten().for_each(drop);
    }
}

/// An address that can be written reads as it was given.
pub fn addresses_come_back(text: &str) {
    for address in [Address::number(text), Address::name(text)].into_iter().flatten() {
        assert_eq!(address.to_string(), text);
    }
}
