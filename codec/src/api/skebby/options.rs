//! What all three calls that send can say besides to whom.

use super::values::{own_order_id, sender, stamp, when, zone};
use super::{ORDER_ID_WINDOW_S, Options};
use crate::api::check::{http_url, not_empty};
use crate::api::{
    Again, Alphabet, Callback, Content, Dedupe, Duplicates, Filled, Messages, Submit,
};
use crate::error::{Error, ErrorKind};
use crate::gsm7::Tables;
use crate::text::Text;

/// Names of kinds of message, and whether they are of low quality.
const MESSAGE_TYPES: &[(&str, bool)] = &[
    ("N", false),
    ("L", false),
    ("LL", true),
    ("GP", false),
    ("TI", false),
    ("SI", true),
    ("PRM", false),
    ("AD", false),
    ("EE", false),
];

/// The kind of message that our client asks for, where nothing else is wished.
const MESSAGE_TYPE: &str = "N";

/// The most parts where only `truncate` is given.
const MAX_FRAGMENTS: u8 = 7;

impl<'a> Options<'a> {
    /// The order to send `messages`, which are not empty.
    pub(super) fn read(&self, messages: Messages<'a>) -> Result<Submit<'a>, Error> {
        let kind = MESSAGE_TYPES.iter().find(|(name, _)| self.message_type == **name);
        let (_, is_low) = *kind.ok_or(ErrorKind::Value.at("message_type", 0))?;
        if is_low && self.sender.is_some() {
            return Err(ErrorKind::Value.at("sender", 0));
        }
        sender("sender", self.sender)?;
        let alphabet = match self.encoding {
            None => Alphabet::Gsm7,
            Some(name) if is("gsm", name) => Alphabet::Gsm7,
            Some(name) if is("ucs2", name) => Alphabet::Ucs2,
            Some(_) => return Err(ErrorKind::Value.at("encoding", 0)),
        };
        let most = match alphabet {
            _ if is_low => 160,
            Alphabet::Ucs2 => 450,
            Alphabet::Gsm7 | Alphabet::Any => 1000,
        };
        texts(self.message, &messages, most)?;
        zone("scheduled_delivery_timezone", self.scheduled_delivery_timezone)?;
        if let Some(id) = self.order_id {
            own_order_id(id)?;
        }
        http_url("delivery_notification_url", self.delivery_notification_url)?;
        let parts_max = self.max_fragments.or(self.truncate.map(|_| MAX_FRAGMENTS));
        if parts_max == Some(0) {
            return Err(ErrorKind::Value.at("max_fragments", 0));
        }
        let validity = match (self.validity_period, self.validity_period_min) {
            (Some(minutes), _) => Some(seconds("validity_period", minutes)?),
            (None, Some(minutes)) => Some(seconds("validity_period_min", minutes)?),
            (None, None) => None,
        };
        let wants_used = self.return_credits == Some(true);
        let again = |key| Dedupe { key, again: Again::Refused, window_s: ORDER_ID_WINDOW_S };
        let url = self.delivery_notification_url;
        let time = self.scheduled_delivery_time;
        let mut submit = Submit::new(messages);
        submit.sender = self.sender;
        submit.client_id = self.order_id;
        submit.dedupe = self.order_id.map(again);
        submit.callback = url.map(|url| Callback { url, carrier: None });
        submit.schedule = time.map(|time| when(time, self.scheduled_delivery_timezone));
        submit.validity = validity;
        submit.alphabet = alphabet;
        submit.parts_max = parts_max;
        submit.cut = parts_max.is_some() && self.truncate != Some(false);
        submit.duplicates = Duplicates::Strip;
        submit.skip_invalid = self.allow_invalid_recipients == Some(true);
        submit.kind = Some(self.message_type);
        submit.wants_used = wants_used;
        submit.wants_left = wants_used || self.return_remaining == Some(true);
        Ok(submit)
    }

    /// What an order says besides its recipients. That no report is wanted, and what becomes of
    /// recipients that are there twice, cannot be said.
    pub(super) fn write(message: Text<'a>, submit: &Submit<'a>) -> Result<Self, Error> {
        for (name, is_given) in [
            ("class", submit.class.is_some()),
            ("protocol", submit.protocol.is_some()),
            ("test", submit.test.is_some()),
            ("charge", submit.charge.is_some()),
        ] {
            if is_given {
                return Err(ErrorKind::Value.at(name, 0));
            }
        }
        let id = submit.client_id.or(submit.dedupe.map(|dedupe| dedupe.key));
        if let Some(id) = id {
            own_order_id(id)?;
        }
        let stamped = submit.schedule.map(|when| stamp("scheduled_delivery_time", when));
        let (time, zone) = stamped.transpose()?.unzip();
        let validity_period = match submit.validity.map(|seconds| (seconds / 60, seconds % 60)) {
            Some((0, _) | (_, 1..)) => return Err(ErrorKind::Value.at("validity_period", 0)),
            minutes => minutes.map(|(minutes, _)| minutes),
        };
        let is_gsm = |c: char| Tables::DEFAULT.code(c).is_some();
        let is_ucs2 = match submit.alphabet {
            Alphabet::Ucs2 => true,
            Alphabet::Gsm7 => false,
            Alphabet::Any => {
                submit.messages.iter().any(|(_, content)| match content {
                    Content::Text(filled) => !filled.chars().all(is_gsm),
                    Content::Octets { .. } => false,
                }) || !message.chars().all(is_gsm)
            }
        };
        let is_true = |name| submit.note(name).map(|value| is("true", value));
        Ok(Self {
            message_type: submit.kind.unwrap_or(Text::plain(MESSAGE_TYPE)),
            message,
            sender: submit.sender,
            scheduled_delivery_time: time,
            scheduled_delivery_timezone: zone.flatten(),
            order_id: id,
            return_credits: submit.wants_used.then_some(true),
            return_remaining: (submit.wants_left && !submit.wants_used).then_some(true),
            allow_invalid_recipients: submit.skip_invalid.then_some(true),
            encoding: is_ucs2.then_some(Text::plain("ucs2")),
            max_fragments: submit.parts_max,
            truncate: submit.parts_max.map(|_| submit.cut),
            validity_period,
            validity_period_min: None,
            delivery_notification_url: submit.callback.map(|callback| callback.url),
            allow_duplicate: is_true("allow_duplicate"),
            campaign_name: submit.note("campaign_name"),
            id_landing: submit.note("id_landing"),
            short_link_url: submit.note("short_link_url"),
            richsms_url: submit.note("richsms_url"),
            richsms_mode: submit.note("richsms_mode"),
        })
    }
}

/// Whether `text` is this word of lower case, in upper or lower case.
fn is(word: &str, text: Text<'_>) -> bool {
    text.chars().map(|c| c.to_ascii_lowercase()).eq(word.chars())
}

fn seconds(name: &'static str, minutes: u32) -> Result<u32, Error> {
    let seconds = minutes.checked_mul(60).filter(|seconds| *seconds > 0);
    seconds.ok_or(ErrorKind::Value.at(name, 0))
}

/// The most characters of a text with places, and the most places.
const TEMPLATE_MAX: usize = 4000;
const PLACES_MAX: usize = 100;

/// Refuses an empty text, one of more characters, and one that has a place without a value.
fn texts(message: Text<'_>, messages: &Messages<'_>, most: usize) -> Result<(), Error> {
    not_empty("message", message)?;
    let is_merged = matches!(messages, Messages::Merged { .. });
    // Each place is looked up for each recipient: so many are enough for what a text may become.
    if is_merged && message.is_longer_than(TEMPLATE_MAX) {
        return Err(ErrorKind::TooLong.at("message", 0));
    }
    if is_merged && message.chars().filter(|c| *c == '$').count() > PLACES_MAX {
        return Err(ErrorKind::TooLong.at("message", 0));
    }
    let check = |filled: Filled<'_>| {
        if filled.missing().is_some() {
            return Err(ErrorKind::NoValue.at("message", 0));
        }
        let is_long = filled.chars().nth(most).is_some();
        if is_long { Err(ErrorKind::TooLong.at("message", 0)) } else { Ok(()) }
    };
    match messages {
        // The same for all.
        Messages::Same { .. } => check(Filled { text: message, values: None }),
        Messages::Merged { .. } | Messages::Each(_) | Messages::EachOctets(_) => {
            messages.iter().try_for_each(|(_, content)| match content {
                Content::Text(filled) => check(filled),
                Content::Octets { .. } => Ok(()),
            })
        }
    }
}
