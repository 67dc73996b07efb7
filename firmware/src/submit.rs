//! What a board makes of a message that it is to send.

use heapless::String;
use septet::api::{Content, Ids, Reason, Refusal, Submit};
use septet::parts::Parts;
use septet::text::Text;
use septet::wire::Writer;

/// Refuses what no board can do: to charge somebody, to wait for a time, to know a group.
///
/// # Errors
/// The refusal.
#[inline(never)]
pub fn can_be_sent<'a>(submit: &Submit<'a>) -> Result<(), Refusal<'a>> {
    if submit.charge.is_some_and(|charge| charge.chars().any(|c| matches!(c, '1'..='9'))) {
        return Err(Refusal::plain(Reason::Charging));
    }
    if submit.schedule.is_some() {
        let detail = Text::plain("a board has no clock");
        return Err(Refusal { detail, ..Refusal::plain(Reason::Schedule) });
    }
    match submit.messages.groups().and_then(|(groups, _)| groups.iter().next()) {
        Some(group) => Err(Refusal::new(Reason::UnknownGroup, group)),
        None => Ok(()),
    }
}

/// Writes the parts of a message to one recipient: at most `most`, which share this reference.
///
/// # Errors
/// The refusal of what cannot be made into as many.
#[inline(never)]
pub fn put_parts<'a>(
    submit: &Submit<'a>,
    content: &Content<'a>,
    reference: u8,
    most: u8,
    w: &mut Writer<'_>,
) -> Result<(), Refusal<'a>> {
    let mut layout = submit.layout(reference);
    layout.parts_max = Some(layout.parts_max.map_or(most, |own| own.min(most)));
    match content {
        Content::Text(filled) => match filled.missing() {
            Some(name) => Err(Refusal::new(Reason::NoValue, name)),
            None => Parts::put_text(filled.chars(), layout, w)
                .map_err(|error| submit.refusal(content, error)),
        },
        Content::Octets { segments, .. } if segments.iter().nth(usize::from(most)).is_some() => {
            Err(Refusal::plain(Reason::TooManyParts))
        }
        Content::Octets { segments, has_header } => {
            Parts::put_octets(*segments, *has_header, reference, w)
                .map_err(|error| submit.refusal(content, error))
        }
    }
}

/// An id in the form of an interface.
pub type Id = String<36>;

/// The id of a request or a message, in the form of an interface.
pub fn id(ids: Ids, number: u32, seed: u64) -> Id {
    let mut room = [0; 36];
    let mut w = Writer::new(&mut room);
    let hex = |w: &mut Writer<'_>, value: u64, digits: u32| {
        (0..digits).rev().for_each(|at| {
            let digit = (value >> (4 * at)) as u8 & 0xF;
            let letter = if matches!(ids, Ids::Hex20) { b'a' } else { b'A' };
            w.put(&[if digit < 10 { b'0' + digit } else { letter + digit - 10 }]);
        });
    };
    match ids {
        // Numbers fit.
        Ids::Number | Ids::OfSender => drop(w.decimal(number.into())),
        Ids::Hex20 => {
            hex(&mut w, seed, 12);
            hex(&mut w, number.into(), 8);
        }
        // Version 8 of RFC 9562, whose digits are the maker's.
        Ids::Uuid | Ids::UuidEach => {
            hex(&mut w, seed >> 32, 8);
            w.put(b"-");
            hex(&mut w, seed >> 16, 4);
            w.put(b"-8");
            hex(&mut w, seed >> 4, 3);
            w.put(b"-8");
            hex(&mut w, seed << 8, 3);
            w.put(b"-0000");
            hex(&mut w, number.into(), 8);
        }
    }
    let text = core::str::from_utf8(w.into_written()).unwrap_or_default();
    String::try_from(text).unwrap_or_default()
}
