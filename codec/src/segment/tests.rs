use super::*;

extern crate std;
use std::string::String;
use std::vec::Vec;

use crate::gsm7::Tables;

fn units(text: &str, reference: Reference) -> Vec<usize> {
    let plan = Plan::cheapest(text.chars());
    segments(text.chars(), plan, reference).unwrap().map(|part| part.units()).collect()
}

#[test]
fn parts_are_160_153_70_and_67_units() {
    let short = Reference::Short(1);
    assert_eq!(units("", short), [0]);
    assert_eq!(units(&"a".repeat(160), short), [160]);
    assert_eq!(units(&"a".repeat(161), short), [153, 8]);
    assert_eq!(units(&"ж".repeat(70), short), [70]);
    assert_eq!(units(&"ж".repeat(71), short), [67, 4]);
    assert_eq!(units(&"a".repeat(161), Reference::Long(1)), [152, 9]);
    assert_eq!(units(&"ж".repeat(71), Reference::Long(1)), [66, 5]);
}

#[test]
fn escape_and_surrogate_pairs_never_split() {
    let text = String::from("a") + &"€".repeat(80);
    assert_eq!(units(&text, Reference::Short(1)), [153, 8]);
    let text = "€".repeat(81);
    assert_eq!(units(&text, Reference::Short(1)), [152, 10]);
    assert_eq!(units(&"😀".repeat(36), Reference::Short(1)), [66, 6]);
}

#[test]
fn a_part_tells_what_it_holds() {
    let text = "a".repeat(152) + "€uro" + &"b".repeat(10);
    let plan = Plan::cheapest(text.chars());
    let mut parts = segments(text.chars(), plan, Reference::Short(9)).unwrap();
    assert_eq!((parts.total(), parts.len(), parts.capacity()), (2, 2, 153));
    let first = parts.next().unwrap();
    assert_eq!((first.number, first.total, first.units(), first.left()), (1, 2, 152, 1));
    assert!(parts.next().unwrap().chars().eq("€urobbbbbbbbbb".chars()));
    assert!(plan.costly(text.chars()).eq([(152, '€')]));
    assert!(Plan::Ucs2.costly("a€ж".chars()).eq([(2, 'ж')]));
}

#[test]
#[cfg(all(feature = "hindi", feature = "turkish"))]
fn the_cheapest_plan_pays_for_the_elements_that_name_its_tables() {
    use crate::gsm7::Languages;
    use crate::tpdu::udh::Language;

    let cheapest = |text: &str, languages| match Plan::cheapest_of(
        text.chars(),
        languages,
        Reference::Short(1),
    ) {
        Plan::Gsm7(tables) => (tables.locking(), tables.single()),
        Plan::Ucs2 => (Some(Language(255)), None),
    };
    let turkish = Languages::NONE.with(Language::TURKISH);
    // Two septets more in each part are less than an element.
    assert_eq!(cheapest("10 €", turkish), (None, None));
    assert_eq!(cheapest("ğ", turkish), (Some(Language::TURKISH), None));
    assert_eq!(cheapest("ğì", turkish), (None, Some(Language::TURKISH)));
    let hindi = turkish.with(Language::HINDI);
    assert_eq!(cheapest("नमस्ते", hindi), (Some(Language::HINDI), None));
    assert_eq!(cheapest("ğ", Languages::NONE), (Some(Language(255)), None));
    assert_eq!(cheapest("ğ日", Languages::ALL), (Some(Language(255)), None));
}

#[test]
#[cfg(feature = "turkish")]
fn further_elements_leave_less_room_and_stand_in_every_part() {
    let ports = Header { octets: &[5, 4, 0x0B, 0x84, 0x23, 0xF0] };
    let layout = Layout { elements: ports, ..Reference::Short(9).into() };
    let turkish = Some(crate::tpdu::udh::Language::TURKISH);
    let turkish = Plan::Gsm7(Tables::national(turkish, None));
    let text = "ğ".repeat(150);
    let parts = segments(text.chars(), turkish, layout).unwrap();
    assert_eq!((parts.total(), parts.capacity()), (2, (140 - 15) * 8 / 7));
    for part in parts {
        let mut buffer = [0; 140];
        let header = part.user_data(&mut buffer).header().unwrap();
        let number = part.number;
        assert_eq!(header.octets, [0, 3, 9, 2, number, 0x25, 1, 1, 5, 4, 0x0B, 0x84, 0x23, 0xF0]);
    }
    let refused = |octets| {
        let layout = Layout { elements: Header { octets }, ..layout };
        segments("a".chars(), turkish, layout).err()
    };
    assert_eq!(refused(&[0x24, 1, 1]), Some(ErrorKind::Repeated.at("TP-UDH", 0)));
    assert_eq!(refused(&[0x24, 1]), Some(ErrorKind::Value.at("TP-UDH", 0)));
    assert_eq!(refused(&[0x70; 114]), None);
    let long = [&[0x70; 114][..], &[0x70, 0x70], &[0; 0x70]].concat();
    assert_eq!(refused(&long), Some(ErrorKind::TooLong.at("TP-UDH", 0)));
}

fn parts(text: &str, plan: Plan, breaks: Break) -> Vec<String> {
    let layout = Layout { breaks, ..Reference::Short(1).into() };
    segments(text.chars(), plan, layout).unwrap().map(|part| part.chars().collect()).collect()
}

#[test]
fn a_word_stays_whole_if_it_can() {
    let gsm7 = Plan::Gsm7(Tables::DEFAULT);
    let text = "a".repeat(150) + " word " + &"b".repeat(20);
    let wanted = ["a".repeat(150) + " ", String::from("word ") + &"b".repeat(20)];
    assert_eq!(parts(&text, gsm7, Break::Words), wanted);
    assert_eq!(parts(&"b".repeat(300), gsm7, Break::Words)[0].len(), 153);
    // A no-break space is there for this.
    let first = "ж".repeat(65) + " ";
    let text = first.clone() + "90\u{A0}км/ч";
    assert_eq!(parts(&text, Plan::Ucs2, Break::Words), [&first, "90\u{A0}км/ч"]);
}

#[test]
#[cfg(all(feature = "turkish", feature = "hindi"))]
fn each_part_has_the_tables_that_take_it_farthest() {
    use crate::gsm7::Languages;
    use crate::tpdu::udh::Language;

    let languages = Languages::NONE.with(Language::TURKISH).with(Language::HINDI);
    let each = |text: &str, breaks| {
        let layout = Layout { breaks, ..Reference::Short(1).into() };
        let parts = segments(text.chars(), Choice::PerPart(languages), layout).unwrap();
        let tables = |plan| match plan {
            Plan::Gsm7(tables) => (tables.locking(), tables.single()),
            Plan::Ucs2 => (None, None),
        };
        parts.map(|p| (tables(p.plan()), p.units(), p.left())).collect::<Vec<_>>()
    };
    let turkish = (Some(Language::TURKISH), None);
    let hindi = (Some(Language::HINDI), None);
    // A default part goes as far as it can, and the last part is no longer than it has to be.
    let text = "a".repeat(153) + &"ğ".repeat(149) + &"न".repeat(149) + "a";
    let wanted = [((None, None), 153, 0), (turkish, 149, 0), (hindi, 149, 0)];
    assert_eq!(each(&text, Break::Anywhere)[..3], wanted);
    assert_eq!(each(&text, Break::Anywhere)[3..], [((None, None), 1, 152)]);
    // A word stays whole where the tables of the part lack only its end.
    let text = String::from("aaa bbb") + &"ğ".repeat(146) + " न";
    let wanted = [((None, None), 4, 149), (turkish, 149, 0), (hindi, 2, 147)];
    assert_eq!(each(&text, Break::Words), wanted);
    let error = segments("ğж".chars(), Choice::PerPart(languages), Reference::Short(0)).err();
    assert_eq!(error, Some(ErrorKind::Unencodable('ж').at("text", 1)));
}

#[test]
fn data_is_in_parts_of_140_and_134_octets() {
    let data = [0xAA; 35_000];
    let lens = |len: usize, layout: Layout<'_>| {
        let parts = data_segments(&data[..len], layout)?;
        Ok::<_, Error>(parts.map(|part| part.data.len()).collect::<Vec<_>>())
    };
    let short = Layout::from(Reference::Short(7));
    assert_eq!(lens(0, short), Ok(Vec::from([0])));
    assert_eq!(lens(140, short), Ok(Vec::from([140])));
    assert_eq!(lens(141, short), Ok(Vec::from([134, 7])));
    assert_eq!(lens(141, Reference::Long(7).into()), Ok(Vec::from([133, 8])));
    let ports = Layout { elements: Header { octets: &[5, 4, 0x0B, 0x84, 0x23, 0xF0] }, ..short };
    assert_eq!(lens(133, ports), Ok(Vec::from([133])));
    assert_eq!(lens(134, ports), Ok(Vec::from([128, 6])));
    assert_eq!(lens(255 * 134, short).unwrap().len(), 255);
    let refused = lens(255 * 134 + 1, short);
    assert_eq!(refused, Err(ErrorKind::TooManyParts.at("data", 255 * 134)));
    for (octets, kind) in [
        (&[5, 4, 0x0B][..], ErrorKind::Value),
        (&[0, 3, 1, 2, 1], ErrorKind::Repeated),
        (&[&[0x70, 137][..], &[0; 137]].concat(), ErrorKind::TooLong),
    ] {
        let layout = Layout { elements: Header { octets }, ..short };
        assert_eq!(lens(1, layout), Err(kind.at("TP-UDH", 0)));
    }
    let part = data_segments(&data[..141], ports).unwrap().nth(1).unwrap();
    let mut buffer = [0; USER_DATA_MAX];
    let user_data = part.user_data(&mut buffer);
    assert_eq!(user_data.header().unwrap().concatenation(), part.concatenation());
    assert_eq!(user_data.body(), [0xAA; 13]);
}

#[cfg(feature = "graphemes")]
#[test]
fn a_cluster_stays_whole_if_it_can() {
    for cluster in ["👩‍👩‍👧‍👦", "🇩🇰", "e\u{301}\u{302}", "\r\n", "नि"] {
        let text = "ж".repeat(66) + cluster + "ж";
        let wanted = ["ж".repeat(66), String::from(cluster) + "ж"];
        let text = text + &"ж".repeat(5);
        assert_eq!(parts(&text, Plan::Ucs2, Break::Graphemes)[0], wanted[0], "{cluster}");
    }
}

#[test]
fn what_cannot_be_sent_is_told_with_its_place() {
    let gsm7 = Plan::Gsm7(Tables::DEFAULT);
    let text = "a".repeat(200) + "ж";
    let error = segments(text.chars(), gsm7, Reference::Short(0)).err();
    assert_eq!(error, Some(ErrorKind::Unencodable('ж').at("text", 200)));
    let text = "a".repeat(255 * 153);
    assert_eq!(segments(text.chars(), gsm7, Reference::Short(0)).unwrap().total(), 255);
    let text = text + "a";
    let error = segments(text.chars(), gsm7, Reference::Short(0)).err();
    assert_eq!(error, Some(ErrorKind::TooManyParts.at("text", 255 * 153)));
}
