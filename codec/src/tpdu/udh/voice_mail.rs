//! Enhanced voice mail information: what is in a voice mailbox, and what was deleted from it.
//!
//! ```text
//! octets
//! 1       bit 0: 0 messages, 1 deleted messages · bits 3..2 profile · bit 4 store this message ·
//!         bit 5 almost full · bit 6 full · bit 7 extension
//! 2..12   address of the mailbox
//! 1       how many voice messages wait
//! 1       bits 3..0, of deleted messages 4..0: how many of the last group follow
//! 1 + n   extension, where bit 7 of the first octet says so: its length, its octets
//!
//! 2       number of the voice message
//! 1       its length in seconds                                                 not if deleted
//! 1       bits 4..0 days that it is kept · bit 6 urgent · bit 7 extension       if deleted: bit 7
//! 2..12   who left it                                                           not if deleted
//! 1 + n   extension, where bit 7 says so: its length, its octets
//! ```
//!
//! 3GPP TS 23.040, section 9.2.3.24.13.

use core::fmt;

use crate::error::{Error, ErrorKind};
use crate::tpdu::address::Address;
use crate::wire::Writer;

/// What is in a voice mailbox.
///
/// 3GPP TS 23.040, section 9.2.3.24.13.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct VoiceMail<'a> {
    /// The voice messages that follow were deleted; `false`: they are new.
    pub deleted: bool,
    /// For which profile of the subscriber, 1..=4.
    pub profile: u8,
    /// This short message is to be stored.
    pub store: bool,
    /// The mailbox is almost full.
    pub almost_full: bool,
    /// The mailbox is full.
    pub full: bool,
    /// The address of the mailbox.
    pub mailbox: Address,
    /// How many voice messages wait; 255 stands for 255 and more.
    pub waiting: u8,
    /// What a later version of the standard may say about the mailbox.
    #[cfg_attr(feature = "serde", serde(serialize_with = "crate::serial::some_octets"))]
    pub extension: Option<&'a [u8]>,
    /// How many voice messages follow, 0..=15, of deleted ones 0..=31.
    pub count: u8,
    /// The voice messages as on the wire; [`messages`](Self::messages) reads them.
    #[cfg_attr(feature = "serde", serde(serialize_with = "crate::serial::octets"))]
    pub octets: &'a [u8],
}

/// A voice message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct VoiceMessage<'a> {
    /// Its number in the mailbox.
    pub number: u16,
    /// What is known of it; `None` where it was deleted.
    pub details: Option<Details>,
    /// What a later version of the standard may say about it.
    #[cfg_attr(feature = "serde", serde(serialize_with = "crate::serial::some_octets"))]
    pub extension: Option<&'a [u8]>,
}

/// What is known of a voice message that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Details {
    /// Its length in seconds; 255 stands for 255 and more.
    pub seconds: u8,
    /// The days that it is kept, 0..=31; 31 stands for 31 and more.
    pub days: u8,
    /// It is urgent.
    pub urgent: bool,
    /// Who left it.
    pub caller: Address,
}

impl<'a> VoiceMail<'a> {
    /// The voice messages.
    pub fn messages(&self) -> impl Iterator<Item = VoiceMessage<'a>> + use<'a> {
        let Self { deleted, count, mut octets, .. } = *self;
        (0..count).map_while(move |_| {
            let (message, rest) = VoiceMessage::parse(octets, deleted)?;
            octets = rest;
            Some(message)
        })
    }

    /// Reads the data of the element; `None` where it is not that.
    pub(super) fn parse(data: &'a [u8]) -> Option<Self> {
        let (flags, rest) = data.split_first()?;
        let (mailbox, rest) = Address::parse_element(rest)?;
        let [waiting, count, rest @ ..] = rest else { return None };
        let (extension, octets) = parse_extension(rest, *flags)?;
        let deleted = flags & 0x01 != 0;
        let voice_mail = Self {
            deleted,
            profile: (flags >> 2 & 0b11) + 1,
            store: flags & 0x10 != 0,
            almost_full: flags & 0x20 != 0,
            full: flags & 0x40 != 0,
            mailbox,
            waiting: *waiting,
            extension,
            count: count & count_mask(deleted),
            octets,
        };
        let mut rest = octets;
        for _ in 0..voice_mail.count {
            (_, rest) = VoiceMessage::parse(rest, deleted)?;
        }
        rest.is_empty().then_some(voice_mail)
    }

    /// Writes the data of the element.
    pub(super) fn emit(&self, w: &mut Writer<'_>) -> Result<(), Error> {
        if !(1..=4).contains(&self.profile) || self.count > count_mask(self.deleted) {
            return Err(ErrorKind::Value.at("TP-UDH", w.len()));
        }
        let flags = self.deleted as u8
            | (self.profile - 1) << 2
            | (self.store as u8) << 4
            | (self.almost_full as u8) << 5
            | (self.full as u8) << 6
            | (self.extension.is_some() as u8) << 7;
        w.octet(flags)?;
        self.mailbox.emit_element(w)?;
        w.octets(&[self.waiting, self.count])?;
        emit_extension(self.extension, w)?;
        w.octets(self.octets)
    }
}

impl<'a> VoiceMessage<'a> {
    fn parse(octets: &'a [u8], deleted: bool) -> Option<(Self, &'a [u8])> {
        let ([high, low], rest) = octets.split_first_chunk()?;
        let number = u16::from_be_bytes([*high, *low]);
        let (details, flags, rest) = if deleted {
            let (flags, rest) = rest.split_first()?;
            (None, *flags, rest)
        } else {
            let ([seconds, flags], rest) = rest.split_first_chunk()?;
            let (caller, rest) = Address::parse_element(rest)?;
            let (days, urgent) = (flags & 0x1F, flags & 0x40 != 0);
            (Some(Details { seconds: *seconds, days, urgent, caller }), *flags, rest)
        };
        let (extension, rest) = parse_extension(rest, flags)?;
        Some((Self { number, details, extension }, rest))
    }

    /// Writes the voice message, for the octets of a [`VoiceMail`].
    ///
    /// # Errors
    /// [`ErrorKind::Full`]; [`ErrorKind::Value`] past 31 days; [`ErrorKind::TooLong`] past 255 octets
    /// of extension.
    pub fn emit(&self, w: &mut Writer<'_>) -> Result<(), Error> {
        w.octets(&self.number.to_be_bytes())?;
        let extended = (self.extension.is_some() as u8) << 7;
        match self.details {
            None => w.octet(extended)?,
            Some(Details { seconds, days, urgent, caller }) => {
                if days > 0x1F {
                    return Err(ErrorKind::Value.at("TP-UDH", w.len()));
                }
                w.octets(&[seconds, days | (urgent as u8) << 6 | extended])?;
                caller.emit_element(w)?;
            }
        }
        emit_extension(self.extension, w)
    }
}

/// The bits of the octet that counts voice messages.
const fn count_mask(deleted: bool) -> u8 {
    if deleted { 0x1F } else { 0x0F }
}

/// Reads an extension, where bit 7 of `flags` says that there is one.
fn parse_extension(octets: &[u8], flags: u8) -> Option<(Option<&[u8]>, &[u8])> {
    if flags & 0x80 == 0 {
        return Some((None, octets));
    }
    let (len, rest) = octets.split_first()?;
    let (extension, rest) = rest.split_at_checked(usize::from(*len))?;
    Some((Some(extension), rest))
}

fn emit_extension(extension: Option<&[u8]>, w: &mut Writer<'_>) -> Result<(), Error> {
    let Some(extension) = extension else { return Ok(()) };
    let len =
        u8::try_from(extension.len()).map_err(|_| ErrorKind::TooLong.at("TP-UDH", w.len()))?;
    w.octet(len)?;
    w.octets(extension)
}

/// `2 messages wait at +4512345678: number 7, 30 s, urgent, from +4587654321`.
impl fmt::Display for VoiceMail<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} messages wait at {}", self.waiting, self.mailbox)?;
        if self.full {
            f.write_str(", which is full")?;
        } else if self.almost_full {
            f.write_str(", which is almost full")?;
        }
        for message in self.messages() {
            write!(f, "; {message}")?;
        }
        Ok(())
    }
}

/// `number 3, 20 s, urgent, from +4512345678`.
impl fmt::Display for VoiceMessage<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "number {}", self.number)?;
        match &self.details {
            None => f.write_str(" deleted"),
            Some(details) => write!(f, ", {details}"),
        }
    }
}

/// `20 s, urgent, from +4512345678`.
impl fmt::Display for Details {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seconds, urgent, caller, .. } = self;
        write!(f, "{seconds} s{}, from {caller}", if *urgent { ", urgent" } else { "" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tpdu::udh::Information;

    extern crate std;
    use std::string::ToString;

    fn mailbox(octets: &[u8], count: u8, deleted: bool) -> VoiceMail<'_> {
        VoiceMail {
            deleted,
            profile: 2,
            store: true,
            almost_full: false,
            full: true,
            mailbox: Address::number("+4512345678").unwrap(),
            waiting: 2,
            extension: Some(&[0xAA]),
            count,
            octets,
        }
    }

    #[test]
    fn voice_messages_come_back() {
        let caller = Address::number("4587654321").unwrap();
        let details = Some(Details { seconds: 30, days: 14, urgent: true, caller });
        let messages = [
            VoiceMessage { number: 7, details, extension: None },
            VoiceMessage { number: 0x0102, details, extension: Some(&[1, 2]) },
        ];
        let mut octets = [0; 100];
        let mut w = Writer::new(&mut octets);
        messages.iter().for_each(|message| message.emit(&mut w).unwrap());
        let voice_mail = mailbox(w.written(), 2, false);
        let mut data = [0; 100];
        let mut w = Writer::new(&mut data);
        voice_mail.emit(&mut w).unwrap();
        assert_eq!(w.written().first(), Some(&0b1101_0100));
        assert_eq!(VoiceMail::parse(w.written()), Some(voice_mail));
        assert!(voice_mail.messages().eq(messages));
        assert_eq!(
            voice_mail.to_string(),
            "2 messages wait at +4512345678, which is full; number 7, 30 s, urgent, from \
             4587654321; number 258, 30 s, urgent, from 4587654321"
        );
        for len in 0..w.written().len() {
            assert_eq!(VoiceMail::parse(&w.written()[..len]), None);
        }
    }

    #[test]
    fn deleted_voice_messages_have_a_number_only() {
        let voice_mail = mailbox(&[0, 7, 0x00, 1, 2, 0x80, 1, 0xFF], 2, true);
        let mut data = [0; 100];
        let mut w = Writer::new(&mut data);
        voice_mail.emit(&mut w).unwrap();
        assert_eq!(VoiceMail::parse(w.written()), Some(voice_mail));
        let numbers = voice_mail.messages().map(|message| message.number);
        assert!(numbers.eq([7, 0x0102]));
        let too_many = VoiceMail { count: 16, deleted: false, ..voice_mail };
        let error = Information::VoiceMail(too_many).emit(&mut w).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Value);
    }
}
