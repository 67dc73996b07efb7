//! The SMS REST API of Skebby, Mobyt, Aruba SMS, smsend, Trendoo, smsenvoi and other brands.
//!
//! Source: the quick start of the brands with programs in seven languages, smsend's documentation
//! (2019-07), and the brands' clients. What they leave open is decided here:
//!
//! * The body of a POST is JSON whatever its content type says. A boolean may be a string, and fields
//!   that are not known are ignored.
//! * The message types of all brands are known, and change nothing but the text's length.
//! * A login is answered by two keys of visible ASCII without a line end. Wrong credentials are a 404,
//!   however they are sent, and missing ones a 401.
//! * `checksession` answers `false` for a session that is over or never was, and a 401 only where the
//!   request has no keys.
//! * A number is written with a `+`; it is read also with `00`, or with neither. A recipient that is
//!   there twice gets the message once; `allow_duplicate` changes nothing. An invalid recipient that
//!   is allowed is left out.
//! * A time is read in every form of the documentation and the quick start's programs, and written as
//!   `yyyyMMddHHmmss`. One with an offset keeps it, whatever zone is given beside it; the zone `UTC` is
//!   the offset 0. Times of a reply are in the zone that the request named, else in the account's.
//! * A text for `gsm` that has another character is refused, not changed. At low quality (`LL`, `SI`)
//!   it has at most 160 characters, and no sender.
//! * A sender has at most 11 characters, or is a number.
//! * `truncate` is true where only `max_fragments` is given, and `max_fragments` is 7 where only
//!   `truncate` is.
//! * `validity_period` and `validity_period_min` are the same; of both, the former counts.
//! * With `returnCredits`, `total_sent` is what was used, and `remaining_credits` is there.
//! * An `order_id` is refused for a year once it was used.
//! * The order's id is the customer's own where one was given; `internal_order_id` is the gateway's.
//!   All later calls and the callback take and give the order's id.
//! * All three sending calls are answered by 201; a 200 is read as well.
//! * Groups stand in `recipient` or in `recipientsGroupdIds`, not in both.
//! * `DELETE sms/bulk` is all that is scheduled, so that no order may have this name.
//! * `DELETE sms/{order_id}` is answered by `{"result":"OK"}`; any body that says nothing else, an
//!   empty one too, is read as that.
//! * What the network gave up, what expired and what was deleted is `ERROR`, what cannot be delivered
//!   `KO`, and what nobody knows `TIMEOUT`. A state that is not known is one that nobody knows in a
//!   reply, and refused in the callback.
//! * `status` tells one balance, the same for each quality, and neither money nor email.
//! * Received messages are a list of objects; `phoneNumber` is who sent them, as a client of the
//!   vendor's has it, and `sender` the number that they were sent to.
//!   `limit` is 1 to 100.
//! * The callback is a GET; a POST of a form is read as well. 200 takes it.
//! * A refusal is `result`, `message` and `code`: the same words twice, and the HTTP status. What is
//!   refused for now is a 429 or 5xx. The client reads `message`, else `error_message`, else `result`,
//!   else the body as it is; after a 5xx a request is to be made again with the same `order_id`.

mod account;
mod dlr;
mod history;
mod options;
mod orders;
mod query;
mod received;
mod reply;
mod send;
mod session;
mod values;

use crate::api::{Api, Ids, Interface, RetrySchedule, Scheme, Zone};

pub use account::{AccountStatus, Balance, Credit, CreditsAsk, Quantities};
pub use dlr::{Dlr, DlrAsk};
pub use history::{History, OrderOf, RcptHistory, SmsHistory};
pub use orders::{Cancelled, DeleteAsk, DeliveryOf, OrderDelete, OrderState, StateAsk, States};
pub use query::{OfKindAsk, Period, ReceivedAsk, RecipientAsk, SmsHistoryAsk};
pub use received::{MessageOf, MoSmsHistory, NewSrSmsMessage, NewestAsk, Received, SrSmsHistory};
pub use reply::{Done, Outcome, Place};
pub use send::{
    Accepted, Options, ParamSms, Places, Sms, SmsToGroups, ToEach, ToGroups, ToNumbers,
};
pub use session::{CheckSession, IsAlive, Keys, Login, Token};
pub use values::{Number, Numbers, Time, Untold};

/// The interface.
pub static API: Api = Api {
    interface: Interface {
        name: "skebby-rest",
        base: "/API/v1.0/REST",
        retry: RetrySchedule::USUAL,
        ids: Ids::Uuid,
        inbound_ids: Ids::Number,
        recipients_max: 10_000,
        batch_max: 10_000,
        times: Zone::Account,
        replies_to_callback: false,
        upper_case_keywords: false,
        history: true,
        lockout: None,
    },
    calls: &[
        &Login,
        &Token,
        &CheckSession,
        &Sms,
        &ParamSms,
        &SmsToGroups,
        &OrderState,
        &OrderDelete,
        &SmsHistory,
        &RcptHistory,
        &AccountStatus,
        &NewSrSmsMessage,
        &SrSmsHistory,
        &MoSmsHistory,
    ],
    report: Some(&Dlr),
    inbound: None,
};

/// Makes structs of named fields that have the same last fields, which are also a struct of their own.
macro_rules! sharing {
    (
        shared $shared:tt
        $( $(#[$meta:meta])* pub struct $name:ident<'a> $own:tt )*
        all of $(#[$all_meta:meta])* $all:ident
    ) => {
        $crate::api::skebby::sharing! { @all $(#[$all_meta])* $all $shared }
        $( $crate::api::skebby::sharing! { @one $(#[$meta])* $name $own $all $shared } )*
    };
    (
        @all $(#[$meta:meta])* $all:ident
        { $( $(#[$doc:meta])* $wire:literal => $field:ident: $type:ty, )* }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[cfg_attr(feature = "defmt", derive(defmt::Format))]
        pub struct $all<'a> { $( $(#[$doc])* pub $field: $type, )* }
    };
    (
        @one $(#[$meta:meta])* $name:ident
        { $( $(#[$own_doc:meta])* $own_wire:literal => $own:ident: $own_type:ty, )* }
        $all:ident
        { $( $(#[$doc:meta])* $wire:literal => $field:ident: $type:ty, )* }
    ) => {
        $crate::fields::fields! {
            $(#[$meta])*
            pub struct $name<'a> {
                $( $(#[$own_doc])* $own_wire => $own: $own_type, )*
                $( $(#[$doc])* $wire => $field: $type, )*
            }
        }

        impl<'a> $name<'a> {
            /// The fields that other calls have, too.
            pub const fn shared(&self) -> $all<'a> {
                $all { $( $field: self.$field, )* }
            }

            /// The request of its own fields and those that other calls have, too.
            pub const fn of($( $own: $own_type, )* shared: $all<'a>) -> Self {
                Self { $( $own, )* $( $field: shared.$field, )* }
            }
        }
    };
}

use sharing;

/// How a request says who asks, but for a login.
const KEYS: &[Scheme] = &[
    Scheme::SessionHeaders { user: "user_key", key: "Session_key" },
    Scheme::TokenHeaders { user: "user_key", token: "Access_token" },
];

const JSON: &str = "application/json";

/// How long an order_id stands for its order, in seconds: nothing is documented.
const ORDER_ID_WINDOW_S: u32 = 365 * 24 * 60 * 60;
