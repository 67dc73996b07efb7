//! The vendors' interfaces as boards serve them: the calls that a board can answer.
//!
//! Those of [`ALL`] make no callbacks: the host of a board fetches its events. Those of [`CALLING`] do, for
//! a board on a network.

use septet::answer::{self, Served, Store, answer_with};
use septet::api::{
    Answering, Api, Asking, Authorization, Head, Method, Request, Scheme, Status, bulksms,
    gatewayapi, nextpod, skebby, websms,
};
use septet::text::Text;
use septet::wire::Writer;
use septet::{Error, ErrorKind};

use crate::http::Incoming;
use crate::http::reply::plain;

/// An interface as a board serves it: the calls that it has room for, and the callbacks that it makes.
pub type BoardApi = Api<dyn Answering, dyn Asking>;

/// The most octets that a `Basic` authorization decodes to.
pub(crate) const BASIC_MAX: usize = 128;

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

/// Whether what is asked takes HTTP Basic credentials.
pub(crate) fn takes_basic(apis: &'static [&'static BoardApi], incoming: &Incoming<'_>) -> bool {
    let method = Method::ALL.into_iter().find(|own| own.name() == incoming.method);
    match method.map(|method| answer::served(apis, method, incoming.path)) {
        Some(Served::Call(_, call)) => {
            call.schemes().iter().any(|own| matches!(own, Scheme::Basic | Scheme::BasicKey))
        }
        _ => false,
    }
}

/// Answers a request to a vendor's interface.
#[inline(never)]
pub(crate) fn asked<S: Store<BoardApi>>(
    apis: &'static [&'static BoardApi],
    incoming: &Incoming<'_>,
    store: &mut S,
    w: &mut Writer<'_>,
) -> Result<Head, Error> {
    let method = Method::ALL.into_iter().find(|own| own.name() == incoming.method);
    let Some(method) = method else {
        return plain(Status::METHOD_NOT_ALLOWED, "no interface has this method", w);
    };
    if let Served::Nothing = answer::served(apis, method, incoming.path) {
        return plain(Status::NOT_FOUND, "no interface has this path", w);
    }
    let request = Request::new(method, incoming.path, incoming.query.as_bytes(), incoming.body);
    let mut request = Request { headers: &incoming.headers, ..request };
    let mut decoded = [0; BASIC_MAX];
    if let Some(value) = request.header("authorization").filter(|value| !value.is_empty()) {
        request.authorization = Authorization::read(value, &mut decoded);
    }
    answer_with(apis, store, &request, |said| {
        let head = said.emit(w);
        match head {
            // It is done, and there is no room to say it all: that is told as it is.
            Err(Error { kind: ErrorKind::Full, .. }) => {
                Ok(Head::new(Status::INTERNAL_SERVER_ERROR, "text/plain"))
            }
            head => head,
        }
    })
}

/// Whether a secret is the one that is known, in a time that does not tell how much of it is.
pub(crate) fn is_same(given: Text<'_>, own: &str) -> bool {
    let mut differ = u32::from(own.is_empty());
    let mut given = given.chars();
    for own in own.chars() {
        differ |= given.next().map_or(1, |given| u32::from(given) ^ u32::from(own));
    }
    differ == 0 && given.next().is_none()
}
