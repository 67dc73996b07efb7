//! The laws of alphabets. Each is a function that panics where the law is broken, so that the tests
//! and the fuzz targets call the same one.

use septet::cbs::Coding;
use septet::fold::{Change, Rung, changes, fold};
use septet::gsm7::{self, Languages, Tables};
use septet::segment::Plan;
use septet::text::{Charset, Text};
use septet::tpdu::udh::Language;
use septet::ucs2;
use septet::ussd::UssdString;
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

/// Packed octets of any making have as many septets as they hold, which come back; unpacked ones and
/// UCS-2 likewise.
pub fn octets_come_back(octets: &[u8], choice: u8) {
    let octets = octets.get(..octets.len().min(1000)).unwrap();
    let mut buffer = [0; 2100];
    let fill_bits = choice % 7;
    let whole = (octets.len() * 8).saturating_sub(fill_bits.into()) / 7;
    for count in [whole, usize::MAX, usize::from(choice)] {
        let septets = gsm7::unpack(octets, fill_bits, count);
        assert_eq!(septets.len(), count.min(whole));
        let mut w = Writer::new(&mut buffer);
        assert_eq!(gsm7::pack(septets.clone(), fill_bits, &mut w), Ok(count.min(whole)));
        assert!(gsm7::unpack(w.written(), fill_bits, count.min(whole)).eq(septets));
    }

    let septets = gsm7::unpack_ussd(octets);
    let mut w = Writer::new(&mut buffer);
    let count = gsm7::pack_ussd(septets.clone(), &mut w).unwrap();
    assert_eq!(count, septets.len());
    assert!(gsm7::unpack_ussd(w.written()).take(count).eq(septets));

    let text: String = ucs2::chars(ucs2::units(octets)).collect();
    let mut w = Writer::new(&mut buffer);
    assert_eq!(ucs2::emit(text.chars(), &mut w), Ok(octets.len() / 2 * 2));
    assert!(ucs2::chars(ucs2::units(w.written())).eq(text.chars()));
    assert!(text.contains(char::REPLACEMENT_CHARACTER) || octets.starts_with(w.written()));
}

/// A text of any octets reads as its charset has it, is written as it was read, and is cut, trimmed
/// and compared by its characters alone.
pub fn texts_read_and_write(octets: &[u8]) {
    let mut buffer = vec![0; octets.len() * 3];
    for charset in [Charset::Utf8, Charset::Latin1, Charset::Windows1252] {
        for read in [Text::octets, Text::form] {
            let text = match read(octets, charset) {
                Ok(text) => text,
                Err(error) => {
                    assert!(error.at < octets.len());
                    continue;
                }
            };
            let plain: String = text.chars().collect();
            assert_eq!(text, Text::plain(&plain));
            assert_eq!(text.copy_to(&mut buffer), Ok(plain.as_str()));
            assert!(text.as_str().is_none_or(|own| own == plain));
            assert_eq!(text.is_empty(), plain.is_empty());
            assert!(text.trim_start() == *plain.trim_start());
            let mut w = Writer::new(&mut buffer);
            text.emit(&mut w, charset).unwrap();
            assert_eq!(Text::octets(w.written(), charset), Ok(text));
            let comma = |c| c == ',';
            let cut = text.split_once(comma).map(|(a, _, b)| (a.to_string(), b.to_string()));
            let cut_plain = plain.split_once(comma).map(|(a, b)| (a.to_owned(), b.to_owned()));
            assert_eq!(cut, cut_plain);
            let (first, last) = (plain.chars().next(), plain.chars().next_back());
            for affix in [first, last].into_iter().flatten().map(String::from) {
                let stripped = text.strip_prefix(&affix).map(|text| text.to_string());
                assert_eq!(stripped.as_deref(), plain.strip_prefix(&affix));
                let stripped = text.strip_suffix(&affix).map(|text| text.to_string());
                assert_eq!(stripped.as_deref(), plain.strip_suffix(&affix));
            }
        }
    }
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

/// All that is about octets, of whatever octets.
pub fn holds(octets: &[u8]) {
    let [choice, octets @ ..] = octets else { return };
    septets_come_back(octets, *choice);
    octets_come_back(octets, *choice);
    texts_read_and_write(octets);
    ussd_comes_back(octets, *choice);
}

/// USSD octets of any making read in any coding, and a text that fits comes back, but for a carriage
/// return that the standard doubles.
pub fn ussd_comes_back(octets: &[u8], coding: u8) {
    let ussd = UssdString { coding: Coding(coding), octets };
    assert_eq!(ussd.to_string().starts_with('"'), ussd.text().is_some());
    assert!(ussd.language().is_none_or(|language| language.iter().all(char::is_ascii_alphabetic)));
    let text = String::from_utf8_lossy(octets);
    let mut buffer = [0; septet::ussd::OCTETS_MAX];
    let Ok(ussd) = UssdString::new(text.chars(), &mut buffer) else {
        // 81 code units are 41 characters at least.
        return assert!(text.is_empty() || text.chars().count() > 40);
    };
    let read: String = ussd.text().unwrap().collect();
    assert!(read == text || (text.ends_with('\r') && read == text.clone() + "\r"));
}
