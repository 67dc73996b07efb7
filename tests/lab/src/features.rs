//! What a class asks of a message and of an answer.

use crate::compare::Case;
use crate::message::Field::{Discharge, Septets, Time};
use crate::message::{Body, Kind, Message, PART_8, PART_16, Validity, civil};

pub fn coding(case: &Case) -> u8 {
    if case.message.has_data { case.message.coding } else { 0 }
}

pub fn is_submit(case: &Case) -> bool {
    case.message.kind == Kind::Submit
}

/// The times that the message has.
pub fn times(message: &Message) -> Vec<[u8; 7]> {
    match (message.kind, &message.validity) {
        (Kind::Deliver, _) => vec![message.time],
        (Kind::StatusReport, _) => vec![message.time, message.discharge],
        (Kind::Submit, Validity::Absolute(time)) => vec![*time],
        (Kind::Submit, _) => Vec::new(),
    }
}

/// Whether it is no time, or has a half octet that is no digit.
pub fn is_odd(time: &[u8; 7]) -> bool {
    let is_no_digit = |octet: u8| octet >> 4 > 9 || octet & 0xF > 9;
    civil(time).is_none() || time[..6].iter().any(|octet| is_no_digit(*octet)) || time[6] >> 4 > 9
}

pub fn year(time: &[u8; 7]) -> u8 {
    civil(time).map_or(0, |(local, _)| local[0])
}

/// The zone of the time that is wrong.
pub fn quarters(case: &Case) -> i32 {
    let zone = |time| civil(time).map_or(0, |(_, quarters)| quarters);
    match case.field {
        Time => zone(&case.message.time),
        Discharge => zone(&case.message.discharge),
        _ => 0,
    }
}

pub fn relative(case: &Case) -> Option<u8> {
    match case.message.validity {
        Validity::Relative(octet) => Some(octet),
        _ => None,
    }
}

pub fn parts(message: &Message) -> usize {
    message.header.iter().filter(|(id, _)| matches!(*id, PART_8 | PART_16)).count()
}

pub fn septets(message: &Message) -> &[u8] {
    match &message.body {
        Body::Septets(septets) => septets,
        _ => &[],
    }
}

pub fn texts<'a>(case: &'a Case) -> (&'a str, &'a str) {
    (case.told.text.as_deref().unwrap_or_default(), case.answer.text.as_deref().unwrap_or_default())
}

/// The characters that are read as others, where the texts are as long as each other.
pub fn same_but_characters(case: &Case) -> Option<Vec<char>> {
    let (told, answer) = texts(case);
    if case.field != Septets || told.chars().count() != answer.chars().count() {
        return None;
    }
    let other = told.chars().zip(answer.chars()).filter(|(told, answer)| told != answer);
    let other: Vec<char> = other.map(|(told, _)| told).collect();
    // Where most of it is another, it is not the table.
    (other.len() * 2 <= told.chars().count().max(2)).then_some(other)
}
