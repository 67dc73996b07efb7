//! The vendors' interfaces as boards serve them: the calls that a board can answer.
//!
//! Those of [`ALL`] make no callbacks: the host of a board fetches its events. Those of [`CALLING`] do, for
//! a board on a network.

use septet::api::{bulksms, gatewayapi, nextpod, skebby, websms};

use super::BoardApi;

/// GatewayAPI's legacy HTTP v1: its one call.
pub static GATEWAYAPI_V1: BoardApi = BoardApi {
    interface: gatewayapi::V1.interface,
    calls: &[&gatewayapi::GatewayAspx],
    report: None,
    inbound: None,
};

/// GatewayAPI's legacy HTTP v2: its one call.
pub static GATEWAYAPI_V2: BoardApi = BoardApi {
    interface: gatewayapi::V2.interface,
    calls: &[&gatewayapi::SendSms],
    report: None,
    inbound: None,
};

/// Nextpod: its one call.
pub static NEXTPOD: BoardApi = BoardApi {
    interface: nextpod::API.interface,
    calls: &[&nextpod::Sms],
    report: None,
    inbound: None,
};

/// websms: texts and octets.
pub static WEBSMS: BoardApi = BoardApi {
    interface: websms::API.interface,
    calls: &[&websms::SendText, &websms::SendBinary],
    report: None,
    inbound: None,
};

/// The user_key REST API: a session, texts, and what became of them.
pub static SKEBBY: BoardApi = BoardApi {
    interface: skebby::API.interface,
    calls: &[
        &skebby::Login,
        &skebby::CheckSession,
        &skebby::Sms,
        &skebby::OrderState,
        &skebby::AccountStatus,
    ],
    report: None,
    inbound: None,
};

/// BulkSMS EAPI: texts, what became of them, and credits.
pub static BULKSMS: BoardApi = BoardApi {
    interface: bulksms::API.interface,
    calls: &[&bulksms::SendSms, &bulksms::GetReport, &bulksms::GetCredits],
    report: None,
    inbound: None,
};

/// All of them, without callbacks.
pub static ALL: &[&BoardApi] =
    &[&GATEWAYAPI_V1, &GATEWAYAPI_V2, &NEXTPOD, &WEBSMS, &SKEBBY, &BULKSMS];

/// All of them, with the vendors' callbacks.
pub static CALLING: &[&BoardApi] = &[
    &GATEWAYAPI_V1,
    &BoardApi { report: Some(&gatewayapi::Dsn), inbound: Some(&gatewayapi::Mo), ..GATEWAYAPI_V2 },
    &BoardApi { report: Some(&nextpod::Dlr), inbound: Some(&nextpod::Mo), ..NEXTPOD },
    &BoardApi {
        report: Some(&websms::DeliveryReport),
        inbound: Some(&websms::ReceiveMessage),
        ..WEBSMS
    },
    &BoardApi { report: Some(&skebby::Dlr), ..SKEBBY },
    &BoardApi { report: Some(&bulksms::PushReport), inbound: Some(&bulksms::PushInbox), ..BULKSMS },
];
