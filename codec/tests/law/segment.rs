//! The laws of splitting a text. Each is a function that panics where the law is broken, so that the
//! tests and the fuzz targets call the same one.

use septet::ErrorKind;
use septet::gsm7::{Languages, Tables};
use septet::segment::{Break, Choice, Layout, Plan, Plans, segments, single};
use septet::tpdu::UserData;
use septet::tpdu::udh::{Element, Header, Language, Reference};
use septet::wire::{Input, Writer};

/// What a layout is refused for whatever the text; else `kind`, of which a text may be too long for
/// parts that have little room, or for 255 of them.
fn refusal(layout: Layout<'_>, kind: ErrorKind) -> ErrorKind {
    let elements: Vec<_> = layout.elements.elements().collect();
    let octets: usize = elements.iter().map(|element| 2 + element.data.len()).sum();
    let is_ours = |element: &Element<'_>| {
        element.concatenation().is_some() || element.national_language().is_some()
    };
    if octets != layout.elements.octets.len() {
        return ErrorKind::Value;
    }
    match kind {
        _ if elements.iter().any(is_ours) => ErrorKind::Repeated,
        _ if octets > 139 => ErrorKind::TooLong,
        // Room for no character of two units, behind the element of a part and two of languages.
        ErrorKind::TooLong => {
            assert!(octets + 1 + 6 + 6 + 4 > 140, "{octets}");
            kind
        }
        ErrorKind::Value | ErrorKind::Repeated => ErrorKind::Full,
        kind => kind,
    }
}

/// The parts of a text join to the text, each has at most 140 octets and reads back on its own, with
/// the header that it was given: no escape and no surrogate pair is split, and no word that has room
/// in a part.
pub fn parts_join_to_the_text(text: &str, plans: impl Plans, layout: Layout<'_>) {
    let parts = match segments(text.chars(), plans, layout) {
        Ok(parts) => parts,
        Err(error) => return assert_eq!(error.kind, refusal(layout, error.kind)),
    };
    assert_eq!(refusal(layout, ErrorKind::Full), ErrorKind::Full);
    let total = parts.total();
    assert_eq!(parts.len(), usize::from(total));
    let mut joined = String::new();
    // The plan of the part before, and its room.
    let mut last = (Plan::Ucs2, 0);
    for (number, part) in (1..=total).zip(parts.clone()) {
        assert_eq!((part.number, part.total), (number, total));
        let mut buffer = [0; 140];
        let data = part.user_data(&mut buffer);
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
        let header_len = if data.has_header { header.octets.len() + 1 } else { 0 };
        let capacity = match part.plan() {
            Plan::Gsm7(tables) => {
                assert_eq!(read.tables(), tables);
                (140 - header_len) * 8 / 7
            }
            Plan::Ucs2 => (140 - header_len) / 2,
        };
        assert_eq!(part.units() + part.left(), capacity);
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
            let (plan, capacity) = last;
            assert!(!has_room(word, plan, capacity), "{before:?} {after:?}");
        }
        last = (part.plan(), capacity);
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
        let octets = parts.map(|part| u32::from(part.user_data(&mut buffer).len)).sum();
        Some((total, septets(plan).map_or(u32::MAX, |()| octets)))
    };
    let least = pairs(languages).chain([Plan::Ucs2]).filter_map(cost).min();
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

/// A text that is a single part is the same one where it is split.
pub fn one_part_is_the_only_one(text: &str) {
    let plan = Plan::cheapest(text.chars());
    let parts = segments(text.chars(), plan, Reference::Short(1));
    let only = parts.ok().filter(|parts| parts.total() == 1).and_then(|mut parts| parts.next());
    let (mut buffer, mut single_buffer) = ([0; 140], [0; 140]);
    let only = only.map(|part| (part.plan(), part.user_data(&mut buffer)));
    assert_eq!(single(text.chars(), &mut single_buffer), only, "{text:?}");
}

/// No text has fewer parts, in whatever pairs for its parts, cut wherever they may be; none has more
/// than in one pair for all. Nor does a part have more septets than in another pair, and no word that
/// begins a part is split that has room in a pair.
pub fn no_parts_are_fewer(text: &str, languages: Languages, layout: Layout<'_>) {
    let total = |parts: Result<u8, ErrorKind>| match parts {
        Ok(total) => Some(usize::from(total)),
        Err(ErrorKind::Value | ErrorKind::Repeated) => None,
        Err(_) => Some(usize::MAX),
    };
    let of = |plan| segments(text.chars(), plan, layout).map(|parts| parts.total());
    let per_part = segments(text.chars(), Choice::PerPart(languages), layout);
    let Some(fewest) = total(per_part.clone().map(|parts| parts.total()).map_err(|e| e.kind))
    else {
        return;
    };
    let one = pairs(languages).filter_map(|plan| of(plan).ok()).min();
    assert!(one.is_none_or(|one| fewest <= one.into()), "{one:?} {fewest}");
    if layout.breaks == Break::Anywhere && text.chars().count() <= 80 {
        assert_eq!(fewest, fewest_parts(text, languages, layout), "{per_part:?}");
    }

    let plan = Plan::cheapest_of(text.chars(), languages, layout);
    let whole = of(plan).map_or(usize::MAX, usize::from);
    let wanted = if fewest < whole { Choice::PerPart(languages) } else { Choice::Whole(plan) };
    assert_eq!(Choice::cheapest_of(text.chars(), languages, layout), wanted);

    let mut rest = text;
    for part in per_part.into_iter().flatten() {
        let several = part.total > 1;
        let len: usize = part.chars().map(char::len_utf8).sum();
        let word = rest.split(ends_a_word).next().unwrap_or_default();
        let is_split = layout.breaks == Break::Words && len < word.len();
        let septets = usize::from(part.user_data(&mut [0; 140]).len);
        assert!(pairs(languages).any(|plan| plan == part.plan()));
        for plan in pairs(languages) {
            let Some((header, capacity)) = room(plan, layout, several) else {
                continue;
            };
            assert!(!is_split || !has_room(word.chars(), plan, capacity), "{plan:?} {word:?}");
            if layout.breaks == Break::Anywhere && has_room(part.chars(), plan, capacity) {
                let units: usize = part.chars().filter_map(|c| plan.units(c)).sum();
                assert!(header + units >= septets, "{plan:?} {part:?}");
            }
        }
        rest = rest.get(len..).unwrap();
        // Nor is a word cut before what the tables of the part lack, if it can begin the next part.
        let cut = [part.chars().last(), rest.chars().next()];
        if let [Some(_), Some(next)] = cut.map(|c| c.filter(|c| !ends_a_word(*c)))
            && layout.breaks == Break::Words
            && part.chars().any(ends_a_word)
        {
            assert!(part.plan().units(next).is_some(), "{part:?}");
        }
    }
}

/// The fewest parts of a text in GSM 7-bit, found by trying every pair for every part and every place
/// where it may end. The most that there can be, where it cannot be written.
fn fewest_parts(text: &str, languages: Languages, layout: Layout<'_>) -> usize {
    let text: Vec<char> = text.chars().collect();
    let plans = |several| {
        let known =
            pairs(languages).filter_map(move |plan| Some((plan, room(plan, layout, several)?)));
        let units = |plan: Plan| text.iter().map(|c| plan.units(*c)).collect::<Vec<_>>();
        known.map(|(plan, (_, capacity))| (units(plan), capacity)).collect::<Vec<_>>()
    };
    let fits = |units: &[Option<usize>], capacity| {
        let units = units.iter().copied().sum::<Option<usize>>();
        units.is_some_and(|units| units <= capacity)
    };
    if plans(false).iter().any(|(units, capacity)| fits(units, *capacity)) {
        return 1;
    }
    // No text at all is one part too, for which the header left no room.
    if text.is_empty() {
        return usize::MAX;
    }
    let plans = plans(true);
    // From each place to the end, the last one first.
    let mut fewest = vec![0_usize];
    for start in (0..text.len()).rev() {
        let ends = (start + 1..=text.len()).zip(fewest.iter().rev());
        let reached = ends.filter(|(end, _)| {
            plans.iter().any(|(units, capacity)| fits(&units[start..*end], *capacity))
        });
        fewest.push(reached.map(|(_, parts)| parts.saturating_add(1)).min().unwrap_or(usize::MAX));
    }
    let fewest = fewest.pop().unwrap_or_default();
    if fewest > 255 { usize::MAX } else { fewest }
}

/// Every pair of the default tables and those of these languages.
fn pairs(languages: Languages) -> impl Iterator<Item = Plan> {
    let allowed = move || {
        let allowed =
            Language::LISTED.iter().filter(move |language| languages.contains(**language));
        std::iter::once(None).chain(allowed.copied().map(Some))
    };
    let pairs = allowed().flat_map(move |locking| allowed().map(move |single| (locking, single)));
    pairs.map(|(locking, single)| Plan::Gsm7(Tables::national(locking, single)))
}

/// The septets of a header and of the room behind it; `None` where the header has no room itself.
fn room(plan: Plan, layout: Layout<'_>, several: bool) -> Option<(usize, usize)> {
    let Plan::Gsm7(tables) = plan else { return None };
    let shifts = tables.locking().iter().chain(&tables.single()).count();
    let reference = match layout.reference {
        _ if !several => 0,
        Reference::Short(_) => 5,
        Reference::Long(_) => 6,
    };
    let elements = reference + 3 * shifts + layout.elements.octets.len();
    let header = if elements == 0 { 0 } else { elements + 1 };
    Some(((header * 8).div_ceil(7), 140_usize.checked_sub(header)? * 8 / 7))
}

fn has_room(mut text: impl Iterator<Item = char>, plan: Plan, capacity: usize) -> bool {
    let units = text.try_fold(0, |units, c| plan.units(c).map(|more| units + more));
    units.is_some_and(|units| units <= capacity)
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

/// Every law, of whatever octets.
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
    one_part_is_the_only_one(&text);
    parts_join_to_the_text(&text, Choice::cheapest_of(text.chars(), languages, layout), layout);
    no_plan_is_cheaper(&text, languages, layout);
    no_parts_are_fewer(&text, languages, layout);
}
