//! The laws of alphabets. Each is a function that panics where the law is broken, so that the tests
//! and the fuzz targets call the same one.

use septet::fold::{Change, Rung, changes, fold};
use septet::gsm7::{self, Languages, Tables};
use septet::segment::Plan;
use septet::tpdu::udh::Language;
use septet::wire::Writer;

/// Septets come back from however they are packed, and read as characters that write to septets
/// which read as the same, in the tables of any two languages.
pub fn septets_come_back(octets: &[u8], choice: u8) {
    let septets = || octets.iter().map(|octet| octet & 0x7F);
    let mut buffer = [0; 1024];
    let octets = octets.len();
    if octets > 1000 {
        return;
    }

    let mut w = Writer::new(&mut buffer);
    let fill_bits = choice % 7;
    assert_eq!(gsm7::pack(septets(), fill_bits, &mut w), Ok(octets));
    assert!(gsm7::unpack(w.written(), fill_bits, octets).eq(septets()));

    let mut w = Writer::new(&mut buffer);
    assert_eq!(gsm7::pack_ussd(septets(), &mut w), Ok(octets));
    let twice = (octets.is_multiple_of(8) && septets().next_back() == Some(b'\r')).then_some(b'\r');
    assert!(gsm7::unpack_ussd(w.written()).eq(septets().chain(twice)));

    let mut w = Writer::new(&mut buffer);
    assert_eq!(gsm7::emit_unpacked(septets(), &mut w), Ok(octets));
    assert!(gsm7::unpacked(w.written()).eq(septets()));

    let (locking, single) = (Language(choice % 16), Language(choice / 16));
    let tables = Tables::national(Some(locking), Some(single));
    let codes = tables.chars(septets()).filter_map(|c| Some((c, tables.code(c)?)));
    codes.for_each(|(c, code)| assert!(tables.chars(code.septets()).eq([c])));
}

/// What is folded up to `?` fits the alphabet, the changes are all that differs, and a text that fits
/// is left as it is.
pub fn folded_texts_fit(text: &str, languages: Languages) {
    let fits = text.chars().all(|c| languages.have(c));
    for rung in Rung::ALL {
        let folded: String = fold(text.chars(), rung, languages).collect();
        let mut rest = text.chars();
        let mut rebuilt = String::new();
        let mut at = 0;
        for change in changes(text.chars(), rung, languages) {
            let Change { from, to, .. } = change;
            assert!(!languages.have(from) && change.rung <= rung && change.rung > Rung::Exact);
            rebuilt.extend(rest.by_ref().take(change.at - at));
            assert_eq!(rest.next(), Some(from));
            rebuilt.push_str(to);
            at = change.at + 1;
        }
        rebuilt.extend(rest);
        assert_eq!(rebuilt, folded);
        assert!(!fits || folded == text);
        if rung == Rung::Question {
            assert!(folded.chars().all(|c| languages.have(c)));
            let gsm7 = Plan::Gsm7(Tables::DEFAULT);
            assert!(languages != Languages::NONE || Plan::cheapest(folded.chars()) == gsm7);
        }
    }
}
