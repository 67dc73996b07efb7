//! What `send_sms`, `quote_sms` and `send_batch` have in common.

use core::ops::RangeInclusive;

use super::message::Dca;
use crate::api::check::sender;
use crate::api::{
    Again, Alphabet, Dedupe, Duplicates, Messages, Noted, Stamp, Submit, Test, TimeFormat, When,
    Zone,
};
use crate::error::{Error, ErrorKind};
use crate::fields::{Bit, Digits, Source, decimal, fields};
use crate::text::{Charset, Text};

fields! {
    /// Parameters that `send_sms`, `quote_sms` and `send_batch` have in common.
    pub struct Options<'a> {
        /// Sender id: at most 11 characters, or 15 digits. Excludes `repliable=1`.
        "sender" => sender: Option<Text<'a>>,
        /// Message class, 0..=3; 0 is shown at once.
        "msg_class" => msg_class: Option<u8>,
        /// How the message is written; `7bit` when absent.
        "dca" => dca: Option<Dca>,
        /// Whether a delivery report is wanted; 1 when absent.
        "want_report" => want_report: Option<Bit>,
        /// Group of routes, 1..=3.
        "routing_group" => routing_group: Option<Text<'a>>,
        /// The old name of `routing_group`.
        "cost_route" => cost_route: Option<Text<'a>>,
        /// The customer's id, at most 20 characters, which comes back in callbacks.
        "source_id" => source_id: Option<Text<'a>>,
        /// Whether the sender is a number that takes replies.
        "repliable" => repliable: Option<Bit>,
        /// Whether a repeated recipient counts once; 0 when absent: it is an error.
        "strip_dup_recipients" => strip_dup_recipients: Option<Bit>,
        /// The customer's id of the submission, 1..=2147483647: what has it is not submitted twice.
        "stop_dup_id" => stop_dup_id: Option<Digits<'a>>,
        /// When to send: `yyyy-mm-dd hh:mm:ss` in the account's zone.
        "send_time" => send_time: Option<Stamp<SendTime>>,
        /// When to send: seconds since 1970, UTC.
        "send_time_unixtime" => send_time_unixtime: Option<u64>,
        /// The old form of `send_time_unixtime`.
        "send_time_seconds" => send_time_seconds: Option<u64>,
        /// What a scheduled submission is called.
        "scheduling_description" => scheduling_description: Option<Text<'a>>,
        /// Whether nothing is sent and the reply is a success.
        "test_always_succeed" => test_always_succeed: Option<Bit>,
        /// Whether nothing is sent and the reply is a failure.
        "test_always_fail" => test_always_fail: Option<Bit>,
        /// Whether a text of more than 160 characters is split.
        "allow_concat_text_sms" => allow_concat_text_sms: Option<Bit>,
        /// The most parts that it becomes, 1..=127; 2 when absent.
        "concat_text_sms_max_parts" => concat_text_sms_max_parts: Option<u8>,
        /// What earlier message is overwritten, 1..=7.
        "replace_msg_id" => replace_msg_id: Option<u8>,
        /// TP-PID, in decimal digits.
        "protocol_id" => protocol_id: Option<u8>,
    }
}

/// `yyyy-mm-dd hh:mm:ss` in the account's zone.
#[derive(Clone, Copy, Debug)]
pub struct SendTime;

impl TimeFormat for SendTime {
    const PATTERNS: &'static [&'static str] = &["yyyy-MM-dd HH:mm:ss"];
    const ZONE: Zone<'static> = Zone::Account;
}

/// Rules of the parameters.
pub(super) const RULES: &[(&str, &str)] = &[
    ("message", "must have at most 70 characters in 16bit, or 140 octets in 8bit"),
    ("msisdn", "must be numbers of 5 to 15 digits, country code first, without leading zero"),
    ("dest_group_id", "must be numbers of groups"),
    ("sender", "must have at most 11 characters, or 15 digits"),
    ("repliable", "must be 0 where there is a sender"),
    ("msg_class", "must be 0 to 3"),
    ("dca", "must be 7bit, 8bit or 16bit"),
    ("routing_group", "must be 1, 2 or 3"),
    ("cost_route", "must be 1, 2 or 3"),
    ("source_id", "must have at most 20 characters of ISO 8859-1, and no bar"),
    ("stop_dup_id", "must be 1 to 2147483647"),
    ("send_time", "must be as 2026-12-31 23:59:59"),
    ("concat_text_sms_max_parts", "must be 1 to 127"),
    ("replace_msg_id", "must be 1 to 7"),
    ("protocol_id", "must be 0 to 255"),
];

impl<'a> Noted<'a> for Options<'a> {
    const NOTED: &'static [&'static str] =
        &["routing_group", "cost_route", "repliable", "scheduling_description"];
}

/// How long a `stop_dup_id` stands for its submission, in seconds: "the past few hours".
const STOP_DUP_WINDOW_S: u32 = 4 * 60 * 60;

/// The most parts of a text.
const PARTS_MAX: u8 = 127;

/// How many parts a text may have where nothing says so.
const PARTS_DEFAULT: u8 = 2;

/// The class of a message that has none given: "normal SMS, stored to SIM card".
const CLASS_DEFAULT: u8 = 2;

/// TP-PID that replaces nothing; 1..=7 are added to it.
///
/// 3GPP TS 23.040, section 9.2.3.9.
const REPLACE_TYPE_0: u8 = 0x40;

impl<'a> Options<'a> {
    /// The alphabet of the message.
    pub(super) fn alphabet(&self) -> Dca {
        self.dca.unwrap_or_default()
    }

    /// The submission of these messages.
    pub(super) fn submit(
        &self,
        messages: Messages<'a>,
        source: &Source<'a>,
    ) -> Result<Submit<'a>, Error> {
        self.check()?;
        let is = |bit: Option<Bit>| bit == Some(Bit(true));
        let unix = self.send_time_unixtime.or(match self.send_time {
            Some(_) => None,
            None => self.send_time_seconds,
        });
        let replaced = self.replace_msg_id.map(|id| REPLACE_TYPE_0 | id);
        let (alphabet, several) = match self.alphabet() {
            Dca::SevenBit => (Alphabet::Gsm7, is(self.allow_concat_text_sms)),
            Dca::EightBit => (Alphabet::Any, false),
            Dca::SixteenBit => (Alphabet::Ucs2, false),
        };
        let most = self.concat_text_sms_max_parts.unwrap_or(PARTS_DEFAULT);
        let mut submit = Submit::new(messages);
        submit.sender = self.sender;
        submit.client_id = self.source_id;
        submit.dedupe = self.stop_dup_id.map(|id| Dedupe {
            key: number(id.0),
            again: Again::FirstAnswer,
            window_s: STOP_DUP_WINDOW_S,
        });
        submit.schedule = unix.map(When::Unix).or(self.send_time.map(|stamp| stamp.when()));
        submit.class = Some(self.msg_class.unwrap_or(CLASS_DEFAULT));
        submit.protocol = self.protocol_id.or(replaced);
        submit.report = self.want_report != Some(Bit(false));
        submit.alphabet = alphabet;
        submit.parts_max = Some(if several { most } else { 1 });
        submit.duplicates = match is(self.strip_dup_recipients) {
            true => Duplicates::Strip,
            false => Duplicates::Refuse,
        };
        submit.test = match (is(self.test_always_fail), is(self.test_always_succeed)) {
            (true, _) => Some(Test::Fail),
            (false, true) => Some(Test::Succeed),
            (false, false) => None,
        };
        submit.notes = Self::notes(source);
        Ok(submit)
    }

    /// The parameters of a submission, but for its messages, and whether it leaves out or cuts what
    /// cannot be sent.
    pub(super) fn of(submit: &Submit<'a>, dca: Dca) -> Result<Self, Error> {
        let Submit {
            messages: _,
            sender,
            client_id,
            dedupe,
            callback,
            schedule,
            validity,
            class,
            protocol,
            report,
            alphabet: _,
            parts_max,
            cut: _,
            duplicates,
            skip_invalid: _,
            test,
            network: _,
            charge,
            kind: _,
            wants_used,
            wants_left,
            notes: _,
        } = *submit;
        for (name, is_asked) in [
            ("callback", callback.is_some()),
            ("validity", validity.is_some()),
            ("charge", charge.is_some()),
            ("wants_used", wants_used),
            ("wants_left", wants_left),
            ("stop_dup_id", dedupe.is_some_and(|dedupe| dedupe.again != Again::FirstAnswer)),
        ] {
            cannot(name, is_asked)?;
        }
        let (send_time, send_time_unixtime) = match schedule {
            None => (None, None),
            Some(When::Unix(seconds)) => (None, Some(seconds)),
            Some(civil) => {
                let stamp = Stamp::new(&civil);
                (Some(stamp.map_err(|error| Error { field: "send_time", ..error })?), None)
            }
        };
        let (replace_msg_id, protocol_id) = match protocol {
            Some(protocol @ 0x41..=0x47) => (Some(protocol & !REPLACE_TYPE_0), None),
            protocol => (None, protocol),
        };
        let parts = match (dca, parts_max) {
            (Dca::SevenBit, None) => Some(PARTS_MAX),
            (Dca::SevenBit, Some(parts)) if parts > 1 => Some(parts.min(PARTS_MAX)),
            _ => None,
        };
        let yes = |is: bool| is.then_some(Bit(true));
        let options = Self {
            sender,
            msg_class: class,
            dca: (dca != Dca::SevenBit).then_some(dca),
            want_report: (!report).then_some(Bit(false)),
            routing_group: submit.note("routing_group"),
            cost_route: submit.note("cost_route"),
            source_id: client_id,
            repliable: submit.note("repliable").map(|value| Bit(decimal(value) != Ok(0))),
            strip_dup_recipients: yes(duplicates == Duplicates::Strip),
            stop_dup_id: dedupe.map(|dedupe| Digits(dedupe.key)),
            send_time,
            send_time_unixtime,
            send_time_seconds: None,
            scheduling_description: submit.note("scheduling_description"),
            test_always_succeed: yes(test == Some(Test::Succeed)),
            test_always_fail: yes(test == Some(Test::Fail)),
            allow_concat_text_sms: yes(parts.is_some()),
            concat_text_sms_max_parts: parts,
            replace_msg_id,
            protocol_id,
        };
        options.check()?;
        Ok(options)
    }

    /// Refuses what the rules do not allow, in either direction.
    fn check(&self) -> Result<(), Error> {
        sender("sender", self.sender)?;
        cannot("repliable", self.sender.is_some() && self.repliable == Some(Bit(true)))?;
        within("msg_class", self.msg_class, 0..=3)?;
        for (name, group) in
            [("routing_group", self.routing_group), ("cost_route", self.cost_route)]
        {
            let is_group = |group: Text<'_>| ["1", "2", "3"].iter().any(|own| group == **own);
            cannot(name, group.is_some_and(|group| !is_group(group)))?;
        }
        // A bar would end its field of a report, and a callback is in ISO 8859-1.
        let is_part = |c: char| c != '|' && !c.is_control() && Charset::Latin1.carries(c);
        let is_id = |id: Text<'_>| id.chars().all(is_part);
        let source_id = self.source_id;
        cannot("source_id", source_id.is_some_and(|id| id.is_longer_than(20) || !is_id(id)))?;
        let is_stop_dup_id =
            |id: Digits<'_>| decimal(id.0).is_ok_and(|id| (1..=0x7FFF_FFFF).contains(&id));
        cannot("stop_dup_id", self.stop_dup_id.is_some_and(|id| !is_stop_dup_id(id)))?;
        within("concat_text_sms_max_parts", self.concat_text_sms_max_parts, 1..=PARTS_MAX)?;
        within("replace_msg_id", self.replace_msg_id, 1..=7)
    }
}

/// Refuses a field.
pub(super) fn cannot(name: &'static str, is_refused: bool) -> Result<(), Error> {
    if is_refused { Err(ErrorKind::Value.at(name, 0)) } else { Ok(()) }
}

fn within(name: &'static str, value: Option<u8>, range: RangeInclusive<u8>) -> Result<(), Error> {
    cannot(name, value.is_some_and(|value| !range.contains(&value)))
}

/// The digits without leading zeros: two that say the same number are the same.
pub(super) fn number(digits: Text<'_>) -> Text<'_> {
    let mut digits = digits;
    while let Some(rest) = digits.strip_prefix("0").filter(|rest| !rest.is_empty()) {
        digits = rest;
    }
    digits
}
