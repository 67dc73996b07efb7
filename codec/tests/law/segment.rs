//! The laws of splitting a text. Each is a function that panics where the law is broken, so that the
//! tests and the fuzz targets call the same one.

use septet::ErrorKind;
use septet::gsm7::{Languages, Tables};
use septet::segment::{Break, Layout, Plan, segments};
use septet::tpdu::UserData;
use septet::tpdu::udh::{Header, Language, Reference};
use septet::wire::{Input, Writer};

/// The parts of a text join to the text, each has at most 140 octets and reads back on its own, with
/// the header that it was given: no escape and no surrogate pair is split, and no word that has room
/// in a part.
pub fn parts_join_to_the_text(text: &str, plan: Plan, layout: Layout<'_>) {
    let parts = match segments(text.chars(), plan, layout) {
        Ok(parts) => parts,
        Err(error) => {
            let refused = [ErrorKind::TooManyParts, ErrorKind::TooLong, ErrorKind::Value];
            return assert!(refused.contains(&error.kind) || error.kind == ErrorKind::Repeated);
        }
    };
    let total = parts.total();
    assert_eq!(parts.len(), usize::from(total));
    let mut joined = String::new();
    for (number, part) in (1..=total).zip(parts.clone()) {
        assert_eq!((part.number, part.total), (number, total));
        assert_eq!(part.units() + part.left(), parts.capacity());
        let mut buffer = [0; 140];
        let data = part.user_data(&mut buffer).unwrap();
        let mut wire = [0; 141];
        let mut w = Writer::new(&mut wire);
        data.emit(&mut w).unwrap();
        let (read, quirks) = Input::strict(w.written())
            .finish(|reader| UserData::parse(reader, part.coding(), data.has_header))
            .unwrap();
        assert!(quirks.is_empty());
        assert_eq!(read, data);
        let header = read.header().unwrap_or(Header { octets: &[] });
        assert_eq!(header.concatenation(), part.concatenation());
        assert_eq!(header.ports(), layout.elements.ports());
        assert!(header.octets.ends_with(layout.elements.octets));
        if let Plan::Gsm7(tables) = plan {
            assert_eq!(read.tables(), tables);
        }
        let text: String = read.text(part.coding()).unwrap().collect();
        assert!(part.chars().eq(text.chars()));
        let word_splits = layout.breaks == Break::Words
            && number > 1
            && !joined.ends_with(ends_a_word)
            && !text.starts_with(ends_a_word);
        if word_splits {
            let before = joined.rsplit(ends_a_word).next().unwrap_or_default();
            let after = text.split(ends_a_word).next().unwrap_or_default();
            let word = before.chars().chain(after.chars());
            let units: usize = word.map(|c| plan.units(c).unwrap()).sum();
            assert!(units > parts.capacity(), "{before:?} {after:?}");
        }
        joined.push_str(&text);
    }
    assert_eq!(joined, text);
}

/// No choice of alphabet and tables has fewer parts than the cheapest plan, and in GSM 7-bit none of
/// as many parts has fewer septets.
pub fn no_plan_is_cheaper(text: &str, languages: Languages, layout: Layout<'_>) {
    let cost = |plan: Plan| {
        let parts = segments(text.chars(), plan, layout).ok()?;
        let total = parts.total();
        let mut buffer = [0; 140];
        let septets = |plan| matches!(plan, Plan::Gsm7(_)).then_some(());
        let octets = parts.map(|part| u32::from(part.user_data(&mut buffer).unwrap().len)).sum();
        Some((total, septets(plan).map_or(u32::MAX, |()| octets)))
    };
    let allowed = || {
        let allowed = Language::LISTED.iter().filter(|language| languages.contains(**language));
        std::iter::once(None).chain(allowed.copied().map(Some))
    };
    let pairs = allowed().flat_map(|locking| allowed().map(move |single| (locking, single)));
    let gsm7 = pairs.map(|(locking, single)| Plan::Gsm7(Tables::national(locking, single)));
    let least = gsm7.chain([Plan::Ucs2]).filter_map(cost).min();
    let cheapest = Plan::cheapest_of(text.chars(), languages, layout);
    assert_eq!(cost(cheapest), least, "{cheapest:?}");
    let default = Plan::cheapest(text.chars());
    if languages == Languages::NONE && layout.elements.octets.is_empty() {
        assert_eq!(default, cheapest);
    }
    if let Some((total, _)) = least {
        assert!(cost(default).is_none_or(|(parts, _)| parts >= total));
    }
}

/// White space, but for what is there to keep words together.
fn ends_a_word(c: char) -> bool {
    c.is_whitespace() && !['\u{A0}', '\u{2007}', '\u{202F}'].contains(&c)
}

/// A choice of languages and a layout made of octets, and the octets that are left for the text.
pub fn made_up(octets: &[u8]) -> Option<(Languages, Layout<'_>, &[u8])> {
    let [high, low, flags, len, rest @ ..] = octets else {
        return None;
    };
    let (elements, rest) = rest.split_at_checked(usize::from(*len))?;
    let chosen = u16::from_be_bytes([*high, *low]);
    let languages = (1..14).filter(|id| chosen >> id & 1 == 1).map(Language).collect();
    let reference = match flags & 1 {
        0 => Reference::Short(*low),
        _ => Reference::Long(chosen),
    };
    let breaks = if flags & 2 == 0 { Break::Anywhere } else { Break::Words };
    Some((languages, Layout { reference, elements: Header { octets: elements }, breaks }, rest))
}

/// Both laws, of whatever octets.
pub fn holds(octets: &[u8]) {
    let Some((languages, layout, text)) = made_up(octets) else {
        return;
    };
    let text = String::from_utf8_lossy(text);
    let plans = [
        Plan::Gsm7(Tables::DEFAULT),
        Plan::Ucs2,
        Plan::cheapest(text.chars()),
        Plan::cheapest_of(text.chars(), languages, layout),
    ];
    for plan in plans {
        if text.chars().all(|c| plan.units(c).is_some()) {
            parts_join_to_the_text(&text, plan, layout);
        }
    }
    no_plan_is_cheaper(&text, languages, layout);
}
