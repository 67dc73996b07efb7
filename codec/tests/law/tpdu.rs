//! The laws of what goes through the air. Each is a function that panics where the law is broken, so
//! that the tests and the fuzz targets call the same one.

use septet::Error;
use septet::pdu::{self, Pdu};
use septet::tpdu::{DataCoding, Mo, Mt, Stored, UserData};
use septet::wire::{Input, Quirks, Wire, Writer};

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
                // What is written is no longer than what was read.
                let mut buffer = vec![0; octets.len()];
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

/// The re-parse law for a message to the handset.
pub fn mt_reads_and_writes(octets: &[u8]) {
    reparses!(octets, Mt);
    if let Ok((Mt::Deliver(deliver), _)) = Mt::from_bytes_tolerant(octets) {
        deliver.waiting().for_each(|indication| drop(indication.to_string()));
    }
}

/// The re-parse law for a message to the service centre.
pub fn mo_reads_and_writes(octets: &[u8]) {
    reparses!(octets, Mo);
}

/// The re-parse law for a message out of a store.
pub fn stored_reads_and_writes(octets: &[u8]) {
    reparses!(octets, Stored);
}

/// The re-parse law for a PDU with its service centre, and its way through hexadecimal digits.
pub fn pdu_reads_and_writes(octets: &[u8]) {
    let Ok(pdu) = Pdu::from_octets(octets) else { return };
    assert_eq!(Pdu::from_hex(pdu.hex().collect::<Vec<u8>>()).as_ref(), Ok(&pdu));
    assert_eq!(pdu.tpdu_len(), pdu.tpdu().len());
    assert_eq!(
        pdu.octets().strip_suffix(pdu.tpdu()).map(<[u8]>::len),
        Some(1 + usize::from(octets[0]))
    );
    macro_rules! comes_back {
        ($type:ident) => {
            if let Ok(((service_centre, tpdu), _)) = pdu.read_tolerant::<$type>() {
                assert_eq!(pdu.service_centre(), service_centre);
                let again = Pdu::new(service_centre, &tpdu).unwrap();
                assert_eq!(again.read_tolerant::<$type>().unwrap().0, (service_centre, tpdu));
            }
        };
    }
    comes_back!(Mt);
    comes_back!(Mo);
    comes_back!(Stored);
}

/// What reads as hexadecimal digits is written as the same, in upper case; what does not is told with
/// its octet.
pub fn hex_reads_and_writes(digits: &[u8]) {
    match pdu::read_hex(digits) {
        Ok(octets) => {
            assert!(pdu::hex(&octets).eq(digits.iter().map(u8::to_ascii_uppercase)));
        }
        Err(error) => assert!(error.at <= digits.len().div_ceil(2)),
    }
}

/// All of them, of whatever octets.
pub fn octets_read_and_write(octets: &[u8]) {
    mt_reads_and_writes(octets);
    mo_reads_and_writes(octets);
    stored_reads_and_writes(octets);
    pdu_reads_and_writes(octets);
    hex_reads_and_writes(octets);
}

/// User data reads in any coding, can be written, and is then read as the same.
pub fn user_data_reads(octets: &[u8], coding: u8, has_header: bool) {
    let coding = DataCoding(coding);
    let _ = coding.to_string();
    fn read(
        input: Input<'_>,
        coding: DataCoding,
        has_header: bool,
    ) -> Result<(UserData<'_>, Quirks), Error> {
        input.finish(|reader| UserData::parse(reader, coding, has_header))
    }
    let strict = read(Input::strict(octets), coding, has_header);
    let (data, quirks) = match read(Input::tolerant(octets), coding, has_header) {
        Ok(read) => read,
        Err(error) => return assert_eq!(strict, Err(error)),
    };
    assert_eq!(strict.is_ok(), quirks.is_empty());
    assert!(data.fill_bits() < 7);
    data.text(coding).into_iter().flatten().for_each(drop);
    let mut buffer = [0; 256];
    let mut w = Writer::new(&mut buffer);
    data.emit(&mut w).unwrap();
    assert_eq!(read(Input::tolerant(w.written()), coding, has_header).unwrap().0, data);
}
