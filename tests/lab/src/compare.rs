//! Where a program reads something else than the standard has.

use crate::answer::Answer;
use crate::message::{Body, Field, Kind, Message, Validity};
use crate::peers::Peer;

/// One field of one message, as the standard and as a program has it.
pub struct Case<'a> {
    pub message: &'a Message,
    pub field: Field,
    pub told: &'a Answer,
    pub answer: &'a Answer,
}

/// The fields that this message has and this program tells.
pub fn fields(peer: &Peer, message: &Message, told: &Answer) -> Vec<Field> {
    if !peer.kinds.contains(&message.kind) {
        return Vec::new();
    }
    let has = |field: &Field| {
        let data =
            message.has_data && (message.kind != Kind::StatusReport || peer.reads_report_data);
        match field {
            Field::Message => false,
            Field::Type => true,
            Field::Number => !message.address.is_name(),
            Field::Name => message.address.is_name(),
            Field::Time => told.time.is_some(),
            Field::Discharge => told.discharge.is_some(),
            Field::Relative => {
                message.kind == Kind::Submit && matches!(message.validity, Validity::Relative(_))
            }
            Field::Absolute => {
                told.validity.is_some() && matches!(message.validity, Validity::Absolute(_))
            }
            Field::Reference => told.reference.is_some(),
            Field::Status => told.status.is_some(),
            Field::Part => data,
            Field::Septets => data && matches!(message.body, Body::Septets(_)),
            Field::Ucs2 => data && matches!(message.body, Body::Units(_)),
            Field::Data => data && matches!(message.body, Body::Octets(_)),
        }
    };
    peer.fields.iter().copied().filter(has).collect()
}

/// What an answer has in this field, for comparison and for people.
pub fn shown(field: Field, answer: &Answer) -> String {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    match field {
        Field::Message => match (&answer.error, &answer.crash) {
            (Some(error), _) => format!("refused: {error}"),
            (None, Some(crash)) => format!("broke: {crash}"),
            (None, None) => "the message is read".to_owned(),
        },
        Field::Type => text(&answer.kind),
        // A number without digits has nothing that a mark could stand before.
        Field::Number if answer.address.as_deref() == Some("+") => String::new(),
        Field::Number | Field::Name => text(&answer.address),
        Field::Time => text(&answer.time),
        Field::Discharge => text(&answer.discharge),
        Field::Relative | Field::Absolute => text(&answer.validity),
        Field::Reference => answer.reference.map(|number| number.to_string()).unwrap_or_default(),
        Field::Status => answer.status.map(|number| number.to_string()).unwrap_or_default(),
        Field::Part => match answer.part {
            Some([reference, total, number]) => {
                format!("part {number} of {total}, reference {reference}")
            }
            None => "no part".to_owned(),
        },
        Field::Septets | Field::Ucs2 => text(&answer.text),
        Field::Data => text(&answer.data).to_uppercase(),
    }
}
