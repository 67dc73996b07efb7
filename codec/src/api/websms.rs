//! The messaging API of websms.com, LINK Mobility today: `smsmessaging/text`, `/binary` and `/simple`,
//! and its notifications.
//!
//! Source: the guide "Messaging API" of websms.com, with its status codes, and the vendor's pages of
//! `POST smsmessaging/simple` and "Receive Message". What they leave open is decided here:
//!
//! * `/json/` in place of `/rest/`, which the vendor's own toolkits have, is the same path.
//! * `Accept` is not looked at, and a body of another content type than JSON is read as JSON.
//! * What is wrong counts in this order: who asks, JSON that cannot be read, what is missing (4019),
//!   then recipients, sender, `messageType`, `clientMessageId`, `messageContent`, `priority`,
//!   `notificationCallbackUrl`, `contentCategory`, `validityPeriode`, and the size.
//! * 4019 has the name of the parameter behind a colon; all other codes have the words of the table,
//!   but 4015, which has those of the guide's example.
//! * Wrong or missing credentials are HTTP 401 with 4001, an inactive account is 4001 with HTTP 200.
//!   JSON that cannot be read, and a boolean that is none, are HTTP 400 with a line of text; a body
//!   that is too long is HTTP 413.
//! * A recipient has 1 to 15 digits without leading zero. In a form several are separated by commas,
//!   semicolons or white space, and may repeat; our client writes commas. One that is there twice
//!   gets the message once, whatever our client asks.
//! * A `senderAddressType` other than `alphanumeric` has a `senderAddress` of digits, with or without
//!   a plus.
//! * A `messageType` of `voice` is refused: nobody speaks here.
//! * A `clientMessageId` comes back and is not looked at else: the same one again is another message.
//! * A `priority` of 0 is none; which others are allowed is a matter of the account.
//! * Integers may be strings, recipients numbers, booleans `1` and `0`; `null` is not given; an empty
//!   optional parameter is not given; `maxSmsPerMessage` of `/binary` is ignored.
//! * A segment has an octet at least. Of several segments without a header each has 134 octets at
//!   most: the header that joins them takes 6. With `userDataHeaderPresent` the header is not longer
//!   than its segment.
//! * Accepted is 2000 for one message and 2001 for several; `smsCount` counts the parts of one.
//! * `/simple` takes multipart, and JSON in UTF-8, as well as a form in ISO 8859-1.
//! * `/simple` is answered in JSON; our client also reads a text that begins with a status code, or
//!   has one behind `statusCode`.
//! * Success is 2000 or 2001 with HTTP 200. An unknown code from 5000 on may be tried again, one of
//!   4000..=4999 not. Anything else is no answer of this vendor.
//! * Delivery status: what the network does not know, or refuses for good, is `rejected`; what it gave
//!   up is `undelivered`; what is not final, or nobody knows, is `accepted`.
//! * `deliveredOn` and `deliveredAs` stand in a report of what was delivered only.
//! * What a recipient answers goes to the `notificationCallbackUrl` of the latest message to it.
//! * A received message's recipient is `national` with a leading zero, `shortcode` with at most 6
//!   digits, else `international`. Base64 of a received message is padded.
//! * A customer's answer of 4000..=4999 drops the notification; anything but HTTP 200 with a code
//!   below 4000 has it come again.

mod calls;
mod check;
mod codes;
mod message;
mod notification;
mod reply;
mod segments;

use crate::api::{Api, Ids, Interface, RetrySchedule, Zone};

pub use calls::{SendBinary, SendSimple, SendText};
pub use message::{BinaryMessage, TextMessage};
pub use notification::{
    DeliveryReport, Iso8601, NotificationReply, NotificationResponse, ReceiveMessage,
    ReceivedMessage, StatusNotification,
};
pub use reply::{MessageSendResponse, SendReply, SimpleReply, StatusMessage};
pub use segments::Segments;

/// The messaging API.
pub static API: Api = Api {
    interface: Interface {
        name: "websms",
        base: "/rest",
        // Nothing is documented.
        retry: RetrySchedule::USUAL,
        ids: Ids::Hex20,
        inbound_ids: Ids::Hex20,
        recipients_max: 1000,
        batch_max: 1000,
        times: Zone::Offset(0),
        replies_to_callback: true,
        upper_case_keywords: false,
        history: false,
        lockout: None,
    },
    calls: &[&SendText, &SendBinary, &SendSimple],
    report: Some(&DeliveryReport),
    inbound: Some(&ReceiveMessage),
};
