//! What is asked of `text`, `binary` and `simple`: a text or octets to one or more recipients.

use super::check::{
    CALLBACK, CATEGORY, CLIENT_MESSAGE_ID, MESSAGE_TYPE, PARTS_MAX, PRIORITY, SENDER, SENDER_TYPE,
    VALIDITY, check_recipients, check_segments, check_sender, is_one_digit, one_of,
};
use super::codes::{MESSAGE_CONTENT, RECIPIENTS};
use super::segments::Segments;
use crate::api::check::{http_url, not_empty};
use crate::api::{
    Alphabet, Ask, Callback, Duplicates, Messages, Noted, Op, Payload, Recipients, Submit, Test,
};
use crate::error::{Error, ErrorKind};
use crate::fields::{Digits, Late, List, Source, fields};
use crate::text::{Charset, Text};

/// Makes a request of the parameters that all messages have, and of its own.
macro_rules! message {
    (
        $(#[$meta:meta])*
        pub struct $name:ident<'a> {
            $( $(#[$own_meta:meta])* $wire:literal => $own:ident: $own_type:ty, )*
        }
    ) => {
        fields! {
            $(#[$meta])*
            pub struct $name<'a> {
                /// Recipients: 1 to 1000 MSISDNs, of digits alone.
                "recipientAddressList" => recipient_address_list: Late<List<'a>>,
                $( $(#[$own_meta])* $wire => $own: $own_type, )*
                /// Sender: an address of the account's.
                "senderAddress" => sender_address: Late<Option<Text<'a>>>,
                /// What the sender is: `national`, `international`, `alphanumeric` or `shortcode`.
                "senderAddressType" => sender_address_type: Late<Option<Text<'a>>>,
                /// Whether it is shown at once; not when absent.
                "sendAsFlashSms" => send_as_flash_sms: Option<bool>,
                /// Where delivery reports go.
                "notificationCallbackUrl" => notification_callback_url: Late<Option<Text<'a>>>,
                /// The customer's id of the message, which comes back in replies and reports.
                "clientMessageId" => client_message_id: Late<Option<Text<'a>>>,
                /// Priority: 1..=9.
                "priority" => priority: Late<Option<Digits<'a>>>,
                /// What it is about: `informational` or `advertisement`.
                "contentCategory" => content_category: Late<Option<Text<'a>>>,
                /// How long the network tries, in seconds: 60..=259200.
                "validityPeriode" => validity_periode: Late<Option<u32>>,
                /// Whether it is a test, which sends nothing; not when absent.
                "test" => test: Option<bool>,
            }
        }

        impl<'a> $name<'a> {
            #[inline(never)]
            const fn common(&self) -> Common<'a> {
                Common {
                    recipient_address_list: self.recipient_address_list,
                    sender_address: self.sender_address,
                    sender_address_type: self.sender_address_type,
                    send_as_flash_sms: self.send_as_flash_sms,
                    notification_callback_url: self.notification_callback_url,
                    client_message_id: self.client_message_id,
                    priority: self.priority,
                    content_category: self.content_category,
                    validity_periode: self.validity_periode,
                    test: self.test,
                }
            }

            const fn new(common: Common<'a>, $($own: $own_type),*) -> Self {
                Self {
                    recipient_address_list: common.recipient_address_list,
                    $($own,)*
                    sender_address: common.sender_address,
                    sender_address_type: common.sender_address_type,
                    send_as_flash_sms: common.send_as_flash_sms,
                    notification_callback_url: common.notification_callback_url,
                    client_message_id: common.client_message_id,
                    priority: common.priority,
                    content_category: common.content_category,
                    validity_periode: common.validity_periode,
                    test: common.test,
                }
            }
        }
    };
}

message! {
    /// Parameters of `text` and `simple`.
    pub struct TextMessage<'a> {
        /// The text.
        "messageContent" => message_content: Late<Text<'a>>,
        /// The most parts that the text may become: 1..=255; any number when 0 or absent.
        "maxSmsPerMessage" => max_sms_per_message: Late<Option<u8>>,
        /// What becomes of the text: `default`; `voice` is refused.
        "messageType" => message_type: Late<Option<Text<'a>>>,
    }
}

message! {
    /// Parameters of `binary`.
    pub struct BinaryMessage<'a> {
        /// The octets of each part.
        "messageContent" => message_content: Late<Segments<'a, false>>,
        /// Whether each part begins with a user data header of its own; not when absent.
        "userDataHeaderPresent" => user_data_header_present: Option<bool>,
    }
}

/// The parameters that all messages have.
#[derive(Clone, Copy)]
struct Common<'a> {
    recipient_address_list: Late<List<'a>>,
    sender_address: Late<Option<Text<'a>>>,
    sender_address_type: Late<Option<Text<'a>>>,
    send_as_flash_sms: Option<bool>,
    notification_callback_url: Late<Option<Text<'a>>>,
    client_message_id: Late<Option<Text<'a>>>,
    priority: Late<Option<Digits<'a>>>,
    content_category: Late<Option<Text<'a>>>,
    validity_periode: Late<Option<u32>>,
    test: Option<bool>,
}

/// What the parameters say that are a request's own, or what is wrong with each.
struct Own<'a> {
    message_type: Result<(), Error>,
    body: Result<Payload<'a>, Error>,
    parts_max: Result<Option<u8>, Error>,
}

impl<'a> TextMessage<'a> {
    fn submit(&self) -> Result<Submit<'a>, Error> {
        let text = self.message_content.value(MESSAGE_CONTENT);
        let parts_max = self.max_sms_per_message.value(PARTS_MAX);
        self.common().submit(Own {
            message_type: one_of(MESSAGE_TYPE, &["default"], self.message_type),
            body: text.and_then(|text| not_empty(MESSAGE_CONTENT, text)).map(Payload::Text),
            parts_max: parts_max.map(|most| most.filter(|most| *most > 0)),
        })
    }
}

impl<'a> BinaryMessage<'a> {
    fn submit(&self) -> Result<Submit<'a>, Error> {
        let has_header = self.user_data_header_present == Some(true);
        let body = self.message_content.value(MESSAGE_CONTENT).and_then(|Segments(segments)| {
            check_segments(&segments, has_header)?;
            Ok(Payload::Octets { segments, has_header })
        });
        self.common().submit(Own { message_type: Ok(()), body, parts_max: Ok(None) })
    }
}

impl<'a> Common<'a> {
    /// The messages, or what is wrong with them first, in the vendor's order.
    fn submit(&self, own: Own<'a>) -> Result<Submit<'a>, Error> {
        let numbers = self.recipient_address_list.value(RECIPIENTS)?;
        check_recipients(&numbers)?;
        let sender = self.sender_address.value(SENDER)?;
        check_sender(sender, self.sender_address_type)?;
        own.message_type?;
        let client_id = self.client_message_id.value(CLIENT_MESSAGE_ID)?;
        let body = own.body?;
        if self.priority.value(PRIORITY)?.is_some_and(|priority| !is_one_digit(priority)) {
            return Err(ErrorKind::Value.at(PRIORITY, 0));
        }
        let callback = self.notification_callback_url.value(CALLBACK)?;
        http_url(CALLBACK, callback)?;
        one_of(CATEGORY, &["informational", "advertisement"], self.content_category)?;
        let validity = self.validity_periode.value(VALIDITY)?;
        if validity.is_some_and(|seconds| !(60..=259_200).contains(&seconds)) {
            return Err(ErrorKind::Value.at(VALIDITY, 0));
        }
        let to = Recipients::numbers(numbers);
        let mut submit = Submit::new(Messages::Same { to, body });
        submit.sender = sender;
        submit.client_id = client_id;
        submit.callback = callback.map(|url| Callback { url, carrier: None });
        submit.validity = validity;
        submit.class = (self.send_as_flash_sms == Some(true)).then_some(0);
        submit.parts_max = own.parts_max?;
        submit.duplicates = Duplicates::Strip;
        submit.test = (self.test == Some(true)).then_some(Test::Succeed);
        Ok(submit)
    }

    /// The parameters, and the content that goes with them.
    fn of(submit: &Submit<'a>, noted: &[&'static str]) -> Result<(Self, Payload<'a>), Error> {
        let Submit {
            messages,
            sender,
            client_id,
            dedupe,
            callback,
            schedule,
            validity,
            class,
            protocol,
            report,
            alphabet,
            parts_max: _,
            cut,
            duplicates: _,
            skip_invalid,
            test,
            network: _,
            charge,
            kind: _,
            wants_used,
            wants_left,
            notes,
        } = *submit;
        let Messages::Same { to, body } = messages else {
            return Err(ErrorKind::Value.at(MESSAGE_CONTENT, 0));
        };
        // Nothing here stands for these.
        let lacking = [
            (RECIPIENTS, !to.country.is_empty() || !to.groups.is_empty() || skip_invalid),
            ("dedupe", dedupe.is_some()),
            (CALLBACK, callback.is_some_and(|callback| callback.carrier.is_some())),
            ("schedule", schedule.is_some()),
            ("sendAsFlashSms", class.is_some_and(|class| class != 0)),
            ("protocol", protocol.is_some()),
            ("report", !report),
            ("alphabet", alphabet != Alphabet::Any),
            ("cut", cut),
            ("test", test == Some(Test::Fail)),
            ("charge", charge.is_some()),
            ("wants_used", wants_used),
            ("wants_left", wants_left),
        ];
        if let Some((name, _)) = lacking.iter().find(|(_, is_asked)| *is_asked) {
            return Err(ErrorKind::Value.at(name, 0));
        }
        if let Some(note) = notes.iter().find(|note| !noted.contains(&note.name)) {
            return Err(ErrorKind::Value.at(note.name, 0));
        }
        let common = Self {
            recipient_address_list: to.numbers.into(),
            sender_address: sender.into(),
            sender_address_type: submit.note(SENDER_TYPE).into(),
            send_as_flash_sms: class.map(|_| true),
            notification_callback_url: callback.map(|callback| callback.url).into(),
            client_message_id: client_id.into(),
            priority: submit.note(PRIORITY).map(Digits).into(),
            content_category: submit.note(CATEGORY).into(),
            validity_periode: validity.into(),
            test: test.map(|_| true),
        };
        Ok((common, body))
    }
}

impl<'a> Ask<'a> for TextMessage<'a> {
    fn read(&self, source: &Source<'a>) -> Result<Op<'a>, Error> {
        let mut submit = self.submit()?;
        submit.notes = Self::notes(source);
        Ok(Op::Send(submit))
    }

    fn write(op: &Op<'a>, _: Charset) -> Result<Self, Error> {
        let Op::Send(submit) = *op else { return Err(ErrorKind::Value.at("text", 0)) };
        let (common, body) = Common::of(&submit, Self::NOTED)?;
        let Payload::Text(text) = body else {
            return Err(ErrorKind::Value.at(MESSAGE_CONTENT, 0));
        };
        if submit.parts_max == Some(0) {
            return Err(ErrorKind::Value.at(PARTS_MAX, 0));
        }
        let message_type = submit.note(MESSAGE_TYPE).into();
        let message = Self::new(common, text.into(), submit.parts_max.into(), message_type);
        message.submit().map(|_| message)
    }
}

impl<'a> Noted<'a> for TextMessage<'a> {
    const NOTED: &'static [&'static str] = &[SENDER_TYPE, MESSAGE_TYPE, PRIORITY, CATEGORY];
}

impl<'a> Ask<'a> for BinaryMessage<'a> {
    fn read(&self, source: &Source<'a>) -> Result<Op<'a>, Error> {
        let mut submit = self.submit()?;
        submit.notes = Self::notes(source);
        Ok(Op::Send(submit))
    }

    fn write(op: &Op<'a>, _: Charset) -> Result<Self, Error> {
        let Op::Send(submit) = *op else { return Err(ErrorKind::Value.at("binary", 0)) };
        let (common, body) = Common::of(&submit, Self::NOTED)?;
        let Payload::Octets { segments, has_header } = body else {
            return Err(ErrorKind::Value.at(MESSAGE_CONTENT, 0));
        };
        if submit.parts_max.is_some() {
            return Err(ErrorKind::Value.at(PARTS_MAX, 0));
        }
        let message = Self::new(common, Segments(segments).into(), Some(has_header));
        message.submit().map(|_| message)
    }
}

impl<'a> Noted<'a> for BinaryMessage<'a> {
    const NOTED: &'static [&'static str] = &[SENDER_TYPE, PRIORITY, CATEGORY];
}
