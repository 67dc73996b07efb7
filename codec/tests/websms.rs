//! websms.com's messaging API: captured requests, every parameter, every status code, and the laws.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs,
    reason = "a test that fails panics"
)]

#[path = "websms/captured.rs"]
mod captured;
#[path = "websms/codes.rs"]
mod codes;
#[path = "websms/laws.rs"]
mod laws;
#[path = "websms/notifications.rs"]
mod notifications;
#[path = "websms/parameters.rs"]
mod parameters;

use septet::answer::{Served, Store, answer, served};
use septet::api::{
    Advice, Answer, Api, Authorization, Credentials, Emitted, Endpoint, Messages, Method, Op,
    Reason, Refusal, Reply, Request, Sent, Status, Submit, websms,
};
use septet::fields::List;
use septet::text::{Secret, Text};
use septet::wire::Writer;

const APIS: &[&Api] = &[&websms::API];

const TEXT: &str = "/rest/smsmessaging/text";
const BINARY: &str = "/rest/smsmessaging/binary";
const SIMPLE: &str = "/rest/smsmessaging/simple";

/// `user:password`.
const BASIC: Authorization<'static> =
    Authorization::Basic(Text::plain("user"), Secret(Text::plain("password")));

const JSON: &[(&str, &str)] = &[("Content-Type", "application/json")];

fn post<'a>(path: &'a str, body: &'a [u8]) -> Request<'a> {
    Request { authorization: BASIC, headers: JSON, ..Request::new(Method::Post, path, &[], body) }
}

fn get(query: &[u8]) -> Request<'_> {
    Request { authorization: BASIC, ..Request::new(Method::Get, SIMPLE, query, &[]) }
}

fn endpoint(method: Method, path: &str) -> &'static dyn Endpoint {
    match served(APIS, method, path) {
        Served::Call(_, endpoint) => endpoint,
        _ => panic!("{path} is not served"),
    }
}

/// The request as the answering end gets it.
fn received(emitted: &'static Emitted<'static>) -> Request<'static> {
    let mut headers = emitted.headers.to_vec();
    headers.extend(emitted.content_type.map(|own| ("Content-Type", own)));
    let authorization = emitted.headers.iter().find(|(name, _)| *name == "Authorization");
    let authorization = match authorization {
        Some((_, value)) => Authorization::read(value, vec![0; 64].leak()),
        None => Authorization::Absent,
    };
    let (path, query) = (emitted.path, emitted.query.as_bytes());
    let request = Request::new(emitted.method, path, query, emitted.body);
    Request { authorization, headers: headers.leak(), ..request }
}

/// What an account has a store answer.
struct Obeying {
    refusal: Option<Reason>,
    performed: usize,
}

const TRANSFER_ID: &str = "006214b5440071843da1";

impl Store for Obeying {
    type Account = ();

    fn admit<'a>(
        &mut self,
        _: &'static Api,
        credentials: &Credentials<'a>,
    ) -> Result<(), Refusal<'a>> {
        match *credentials {
            Credentials::Token(Secret(token)) if token == *"token" => Ok(()),
            Credentials::Password { user, .. } if user == *"nobody" => {
                Err(Refusal::new(Reason::UnknownUser, user))
            }
            Credentials::Password { user, .. } if user == *"inactive" => {
                Err(Refusal::plain(Reason::Vendor(4001, Advice::DoNotRetry)))
            }
            Credentials::Password { user, .. } if user == *"elsewhere" => {
                Err(Refusal::new(Reason::Forbidden, Text::plain("192.0.2.1")))
            }
            Credentials::Password { user, password: Secret(password) }
                if user == *"user" && password == *"password" =>
            {
                Ok(())
            }
            _ => Err(Refusal::plain(Reason::WrongPassword)),
        }
    }

    fn perform<R>(
        &mut self,
        _: &(),
        _: &'static Api,
        op: &Op<'_>,
        reply: impl FnOnce(&Answer<'_>) -> R,
    ) -> R {
        let Op::Send(submit) = op else { panic!("a callback has no path") };
        if let Some(reason) = self.refusal {
            return reply(&Answer::Refused(Refusal::plain(reason)));
        }
        self.performed += 1;
        reply(&Answer::Sent(Sent {
            id: Some(Text::plain(TRANSFER_ID)),
            client_id: submit.client_id,
            messages: submit.messages.iter().count() as u32,
            ..Sent::new()
        }))
    }
}

/// Status, body and content type of the answer, and whether the messages were sent.
fn answered_by(refusal: Option<Reason>, request: &Request<'_>) -> (u16, String, &'static str) {
    let mut buffer = [0; 1024];
    let mut w = Writer::new(&mut buffer);
    let mut store = Obeying { refusal, performed: 0 };
    let head = answer(APIS, &mut store, request, &mut w).unwrap();
    let body = String::from_utf8(w.written().to_vec()).unwrap();
    assert_eq!(store.performed == 1, body.contains(TRANSFER_ID), "{body}");
    (head.status.0, body, head.content_type)
}

fn answered(request: &Request<'_>) -> (u16, String) {
    let (status, body, _) = answered_by(None, request);
    (status, body)
}

/// The body of a refusal.
fn refused(code: u16, message: &str) -> String {
    format!(
        "{{\"statusCode\":{code},\"statusMessage\":\"{message}\",\"clientMessageId\":null,\
         \"transferId\":null,\"smsCount\":0}}"
    )
}

fn told<'a>(path: &str, status: u16, body: &'a str) -> Answer<'a> {
    let content_type = "application/json;charset=UTF-8";
    let reply = Reply { status: Status(status), content_type, body: body.as_bytes() };
    endpoint(Method::Post, path).parse_reply(&reply)
}

fn submit<'a>(request: &Request<'a>) -> Result<Submit<'a>, septet::Error> {
    match endpoint(request.method, request.path).parse_request(request)? {
        Op::Send(submit) => Ok(submit),
        op => panic!("{op}"),
    }
}

fn numbers<'a>(submit: &Submit<'a>) -> List<'a> {
    match submit.messages {
        Messages::Same { to, .. } => to.numbers,
        _ => panic!("one message for all"),
    }
}
