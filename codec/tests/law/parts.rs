//! The laws of parts that are kept. Each is a function that panics where the law is broken.

use septet::parts::{Envelope, Layout, Parts};
use septet::pdu::Pdu;
use septet::segment::{Plan, segments};
use septet::tpdu::{Mo, UserData};
use septet::wire::Writer;

/// The parts of a text that are kept are those that it has, and each is the SMS-SUBMIT of its part.
pub fn kept_parts_are_those_of_the_text(text: &str, layout: Layout) {
    let mut buffer = vec![0; 40_000];
    let mut w = Writer::new(&mut buffer);
    let put = Parts::put_text(text.chars(), layout, &mut w);
    let plan = Plan::cheapest(text.chars());
    let parts = match segments(text.chars(), plan, layout.reference) {
        Ok(parts) => parts,
        Err(error) => return assert_eq!(put, Err(error)),
    };
    let max = layout.parts_max.unwrap_or(u8::MAX);
    if parts.total() > max && !layout.cut {
        return assert!(put.is_err());
    }
    put.unwrap();
    let kept = Parts::read(w.written()).unwrap();
    assert_eq!(kept.len(), usize::from(parts.total().min(max)));
    if parts.total() <= max {
        for (part, own) in parts.zip(kept.iter()) {
            let mut buffer = [0; 140];
            assert_eq!(part.user_data(&mut buffer), own);
        }
    }
    let envelope = Envelope { to: "4512345678", report: true, ..Envelope::default() };
    for number in 0..kept.len() {
        let pdu = kept.pdu(number, &envelope).unwrap().unwrap();
        let read = pdu.read::<Mo<'_>>();
        assert!(matches!(&read, Ok((None, Mo::Submit(_)))), "{read:?}");
        if let Ok((None, Mo::Submit(submit))) = read {
            assert!(submit.destination.chars().eq("4512345678".chars()));
            assert_eq!(Some(submit.user_data), kept.iter().nth(number));
        }
    }
    assert_eq!(kept.pdu(kept.len(), &envelope), Ok(None::<Pdu>));
    // What is cut anywhere is no longer what was kept.
    let whole = w.written();
    let last = kept.iter().last().map_or(0, |UserData { octets, .. }| octets.len());
    for cut in whole.len() - last - 3 + 1..whole.len() {
        assert_eq!(Parts::read(&whole[..cut]), None);
    }
}

/// Octets are parts, or they are not; nothing panics, and what is read is as long as it says.
pub fn octets_are_parts_or_not(octets: &[u8]) {
    let Some(parts) = Parts::read(octets) else { return };
    let len: usize = parts.iter().map(|part| 3 + part.octets.len()).sum();
    assert_eq!(1 + len, octets.len());
    for number in 0..parts.len() {
        let _ = parts.pdu(number, &Envelope { to: "4512345678", ..Envelope::default() });
    }
}
