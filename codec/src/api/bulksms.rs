//! BulkSMS EAPI: `send_sms` 2/2.0, `send_batch`, `quote_sms`, `get_credits`, `get_report`, `get_inbox`,
//! its pushed status report and its pushed message.
//!
//! Source: the vendor's pages of each call, `send_sms` of 2021. What they leave open is decided here.
//!
//! Requests:
//!
//! * A body is a form whatever its content type says; in a POST names of the query count, too.
//! * Unknown parameters are ignored, and an empty one is one that is not given.
//! * Recipients are numbers of 5 to 15 digits; a `+` or `00` before them is dropped.
//! * A sender of digits has at most 15 of them.
//! * `msg_class` that is not given is 2, as the vendor has it: a handset stores the message on its SIM.
//! * `want_report` and all other flags are set by any number but 0.
//! * `routing_group` and the older `cost_route` must be 1, 2 or 3; they and `repliable` change nothing.
//! * `source_id` has characters of ISO 8859-1, but no bar and no control character.
//! * Of several times `send_time_unixtime` counts, then `send_time`, then `send_time_seconds`, which is
//!   the same as the first.
//! * `test_always_fail` wins over `test_always_succeed`. The code of such a failure is 22.
//! * `replace_msg_id` is TP-PID 0x41..=0x47; `protocol_id` wins over it.
//! * A `stop_dup_id` stands for its submission for 4 hours.
//! * `concat_text_sms_max_parts` counts only with `allow_concat_text_sms`; without it a text has one
//!   part. Texts in `16bit` always have one part, at most 70 code units, and may begin with U+FEFF.
//! * `8bit` begins with a user data header that ends within it.
//! * Text that the GSM alphabet lacks is refused, not replaced. Where an account's requests are in UTF-8,
//!   the text is as it stands, without escapes of 0xBB.
//!
//! Batches:
//!
//! * A request has at most 50000 messages, and 32 MiB; one that has more is refused by 201.
//! * A value is cut where a message is too long: to 70 code units in `16bit`, to the parts that are
//!   allowed in `7bit`. A line without number, without message or with a message that its alphabet
//!   lacks is skipped; a batch of which no line is left is refused, and so is one that has an octet
//!   which is not in its charset.
//! * A line ends at a line break without a backslash, in quotation marks, too. Other columns than
//!   `msisdn` and `message` are ignored.
//!
//! Replies:
//!
//! * What may be accepted later is refused by 40, also when something is wrong in the gateway: 22
//!   would have the customer give up. Credentials that are missing are refused by 23.
//! * Descriptions are the code's words, then what the refusal is about; they have no bar.
//! * A submission that nobody knows has a report without lines.
//! * Where ISO 8859-1 has the character it stands for itself in what a customer gets, `[` as well; what
//!   it lacks is written as in a request, and a text that the GSM alphabet lacks in `16bit`. `get_report`
//!   and the older `get_inbox` do not say which: there a text of ISO 8859-1 stands as it is where it
//!   cannot be taken for another.
//! * A text with a page break is in `16bit` in `get_inbox`; where a line does not say how it is written, in
//!   `get_report` and the older `get_inbox`, it is a line break.
//! * Times in lines are `yyyy-MM-dd HH:mm:ss`; in the status report the year has two digits, and comes
//!   first. All are in the account's zone.
//! * A delivery that the gateway has not sent is 0, one that is on its way 10, or 63 if the network says
//!   that it tries again. What a report says in a value that the standard reserves is given up: 50.
//! * A status code that no page lists is fatal. A delivery status code that no page lists is unknown.

mod batch;
mod credits;
mod inbox;
mod lines;
mod message;
mod options;
mod push_report;
mod reply;
mod report;
mod send;
mod sent;

use crate::api::{Api, Ids, Interface, RetrySchedule, Zone};

pub use batch::{Batch, BatchData, SendBatch};
pub use credits::{CreditsReply, GetCredits, WhoAsks};
pub use inbox::{GetInbox, GetInbox10, PushInbox, Pushed, Received, Records, Retrieve};
pub use message::{Dca, Message};
pub use options::{Options, SendTime};
pub use push_report::{CompletedTime, PushReport, Something, StatusReport};
pub use report::{GetReport, Query, Results};
pub use send::{Numbers, Quote, QuoteSms, Send, SendSms};
pub use sent::{BatchReply, QuoteReply, SendReply};

/// BulkSMS EAPI.
pub static API: Api = Api {
    interface: Interface {
        name: "bulksms-eapi",
        base: "/eapi",
        // After an hour, three more and twelve more it is given up; the tries themselves may take an hour.
        retry: RetrySchedule { first: &[3600, 10_800, 43_200], then: 86_400, until: 61_200 },
        ids: Ids::Number,
        inbound_ids: Ids::Number,
        // None is documented: as many as others allow.
        recipients_max: 1000,
        batch_max: 50_000,
        times: Zone::Account,
        replies_to_callback: false,
        upper_case_keywords: false,
        history: false,
        lockout: None,
    },
    calls: &[&SendSms, &SendBatch, &QuoteSms, &GetCredits, &GetReport, &GetInbox, &GetInbox10],
    report: Some(&PushReport),
    inbound: Some(&PushInbox),
};
