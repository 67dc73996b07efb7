//! GatewayAPI's legacy interfaces: HTTP v2 (`sendsms`) and v1 (`Gateway.aspx`), their delivery status
//! notification (DSN) and their received message (MO).
//!
//! Source: GatewayAPI's legacy documentation (2021-05). What it leaves open is decided here:
//!
//! * `smsc` and `price` are optional; a missing one means an unknown operator, not charged.
//! * `to` holds several numbers separated by commas, semicolons or white space, and may repeat.
//! * An empty optional parameter is one that is not given.
//! * Wrong credentials are a 400, as every other error: no 401 is documented.
//! * The words of the 400s that the documentation of the REST interface lists are used for this one.
//! * What is refused for now and may be accepted later is a 503.
//! * A sessionid stands for its message for a day: with the same content it is answered as the first
//!   time, with another it is refused.
//! * v1: its path is compared without regard to case; an accepted message is answered with a hidden
//!   form, anything else with `Error: ` and the words of v2; a body that is neither is unknown.

mod aspx;
mod dsn;
mod mo;
mod sendsms;

use crate::api::{Api, Ids, Interface, RetrySchedule, Zone};

pub use aspx::{GatewayAspx, HiddenForm, Send as SendAspx};
pub use dsn::{Dsn, Exactly200, Notification};
pub use mo::{AsynchNoTrace, Mo, MoSms};
pub use sendsms::{Send, SendReply, SendSms};

/// Legacy HTTP v2.
pub static V2: Api = Api {
    interface: Interface {
        name: "gatewayapi-v2",
        base: "/legacy/http/v2",
        // "Re-attempt later" is all that is documented.
        retry: RetrySchedule::USUAL,
        ids: Ids::Number,
        inbound_ids: Ids::OfSender,
        recipients_max: 1000,
        batch_max: 1000,
        times: Zone::Offset(0),
        replies_to_callback: false,
        upper_case_keywords: false,
        history: false,
        lockout: None,
    },
    calls: &[&SendSms],
    report: Some(&Dsn),
    inbound: Some(&Mo),
};

/// Legacy HTTP v1.
pub static V1: Api = Api {
    interface: Interface { name: "gatewayapi-v1", base: "/legacy/http/v1", ..V2.interface },
    calls: &[&GatewayAspx],
    ..V2
};

/// How long a sessionid stands for its message, in seconds: nothing is documented.
const SESSIONID_WINDOW_S: u32 = 24 * 60 * 60;
