//! The laws of the vendors' interfaces. Each is a function that panics where the law is broken, so
//! that the tests and the fuzz targets call the same one.

use septet::answer::{Store, answer, body_max, credentials};
use septet::api::{
    Answer, Api, Asked, Authorization, Credentials, Emitted, Endpoint, How, Method, Op, Refusal,
    Reply, Request, Sent,
};
use septet::error::{Error, ErrorKind};
use septet::fields::Carrier;
use septet::text::{Charset, Text};
use septet::wire::Writer;

/// Every endpoint of these interfaces, callbacks included.
pub fn endpoints(apis: &[&'static Api]) -> impl Iterator<Item = &'static dyn Endpoint> {
    apis.iter().flat_map(|api| api.calls.iter().copied().chain(api.report).chain(api.inbound))
}

/// The request as the answering end gets it.
pub fn received<R>(emitted: &Emitted<'_>, read: impl FnOnce(&Request<'_>) -> R) -> R {
    let mut headers: Vec<(&str, &str)> = emitted.headers.to_vec();
    headers.extend(emitted.content_type.map(|content_type| ("content-type", content_type)));
    let authorization = headers.iter().find(|(name, _)| *name == "Authorization");
    let mut buffer = vec![0; authorization.map_or(0, |(_, value)| value.len())];
    let authorization = match authorization {
        Some((_, value)) => Authorization::read(value, &mut buffer),
        None => Authorization::Absent,
    };
    let query = emitted.query.as_bytes();
    let request = Request::new(emitted.method, emitted.path, query, emitted.body);
    read(&Request { headers: &headers, authorization, ..request })
}

/// Every way in which a call can be written.
fn ways(endpoint: &dyn Endpoint, charset: Option<Charset>) -> impl Iterator<Item = How> {
    let carriers = endpoint.carriers();
    endpoint.methods().iter().flat_map(move |method| {
        carriers.iter().map(move |carrier| How {
            method: Some(*method),
            carrier: Some(*carrier),
            charset,
        })
    })
}

/// What is compared: two that borrow from different octets are the same when they read alike.
fn shown(value: &impl core::fmt::Debug) -> String {
    format!("{value:?}")
}

/// Room for a request that was read from so many octets: in a query each may take three.
fn room(octets: usize) -> Vec<u8> {
    vec![0; 4096 + 32 * octets]
}

/// What one end asks, the other reads as the same, by every method and in every carrier of the call.
pub fn request_commutes(endpoint: &dyn Endpoint, charset: Option<Charset>, asked: &Asked<'_>) {
    for how in ways(endpoint, charset) {
        let mut buffer = room(4096);
        let emitted = endpoint.emit_request(asked, &how, &mut buffer).unwrap();
        let is_served = endpoint.paths().is_empty() || endpoint.captures(emitted.path).is_some();
        assert!(is_served, "{} is not served", emitted.path);
        received(&emitted, |request| {
            let request = Request { charset, ..*request };
            assert_eq!(endpoint.credentials(&request), Ok(asked.credentials), "{how:?}");
            let read = endpoint.parse_request(&request).map(|op| shown(&op));
            assert_eq!(read, Ok(shown(&asked.op)), "{how:?}");
        });
    }
}

/// What one end answers, the other reads as the same.
pub fn answer_commutes(endpoint: &dyn Endpoint, answer: &Answer<'_>) {
    let mut buffer = vec![0; 64 * 1024];
    let mut w = Writer::new(&mut buffer);
    let head = endpoint.emit_reply(answer, &mut w).unwrap();
    let reply = Reply { status: head.status, content_type: head.content_type, body: w.written() };
    assert_eq!(shown(&endpoint.parse_reply(&reply)), shown(answer));
}

/// The content types that bodies come with.
const CONTENT_TYPES: [&str; 4] = [
    "",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=b",
    "application/json; charset=utf-8",
];

/// A path of the template: `/sms/{order_id}` has `/sms/7`.
fn path_of(template: &str) -> String {
    let fill =
        |segment: &str| if segment.starts_with('{') { "7".to_owned() } else { segment.to_owned() };
    template.split('/').map(fill).collect::<Vec<String>>().join("/")
}

/// The query and the body that octets have: before and after the first line feed.
fn query_and_body(octets: &[u8]) -> (&[u8], &[u8]) {
    let end = octets.iter().position(|octet| *octet == b'\n').unwrap_or(octets.len());
    (&octets[..end], octets.get(end + 1..).unwrap_or_default())
}

/// Whatever octets stand in query and body: every endpoint reads or refuses them without a panic, and
/// what was read can be written, where the charset has its characters, and is then read as the same.
pub fn any_octets_are_read_or_refused(apis: &[&'static Api], octets: &[u8]) {
    let (query, body) = query_and_body(octets);
    for content_type in CONTENT_TYPES {
        let headers = [("Content-Type", content_type)];
        for endpoint in endpoints(apis) {
            let path = path_of(endpoint.paths().last().copied().unwrap_or("/"));
            for method in endpoint.methods() {
                let request =
                    Request { headers: &headers, ..Request::new(*method, &path, query, body) };
                let _ = endpoint.credentials(&request);
                if let Ok(op) = endpoint.parse_request(&request) {
                    what_was_read_is_written(endpoint, &op, octets.len());
                }
            }
        }
    }
}

/// What was read can be written, and is then read as the same.
fn what_was_read_is_written(endpoint: &dyn Endpoint, op: &Op<'_>, octets: usize) {
    let asked = Asked { credentials: None, op: *op };
    for how in ways(endpoint, None) {
        let mut buffer = room(octets);
        let emitted = match endpoint.emit_request(&asked, &how, &mut buffer) {
            Ok(emitted) => emitted,
            // What has no room in the carrier: a character, a boundary within a value, an object.
            Err(Error { kind: ErrorKind::Unencodable(_), .. }) => continue,
            Err(Error { kind: ErrorKind::Value, .. })
                if how.carrier == Some(Carrier::Multipart) =>
            {
                continue;
            }
            Err(error) => panic!("{} {how:?}: {error}: {op:?}", endpoint.name()),
        };
        received(&emitted, |request| {
            let read = endpoint.parse_request(request).map(|op| shown(&op));
            assert_eq!(read, Ok(shown(op)), "{} {how:?}", endpoint.name());
        });
    }
}

/// A store that lets everybody in and does all that is asked.
struct Obeying {
    performed: usize,
}

impl Store for Obeying {
    type Account = ();

    fn admit<'a>(&mut self, _: &'static Api, _: &Credentials<'a>) -> Result<(), Refusal<'a>> {
        Ok(())
    }

    fn perform<R>(
        &mut self,
        (): &(),
        _: &'static Api,
        op: &Op<'_>,
        reply: impl FnOnce(&Answer<'_>) -> R,
    ) -> R {
        self.performed += 1;
        match op {
            Op::Send(submit) => {
                let id = Some(Text::plain("7"));
                reply(&Answer::Sent(Sent { id, client_id: submit.client_id, ..Sent::new() }))
            }
            _ => reply(&Answer::Taken),
        }
    }
}

/// Whatever octets stand in query and body: every path answers them by every method, and has done
/// what was asked exactly where it could be read.
pub fn any_request_is_answered(apis: &[&'static Api], octets: &[u8]) {
    let (query, body) = query_and_body(octets);
    let mut buffer = vec![0; 16 * 1024 + 8 * octets.len()];
    let headers = [("Content-Type", CONTENT_TYPES[octets.len() % CONTENT_TYPES.len()])];
    for path in apis.iter().flat_map(|api| api.calls).flat_map(|call| call.paths()) {
        let path = &path_of(path);
        for method in Method::ALL {
            let request = Request { headers: &headers, ..Request::new(method, path, query, body) };
            let mut store = Obeying { performed: 0 };
            let mut w = Writer::new(&mut buffer);
            answer(apis, &mut store, &request, &mut w).unwrap();
            let call = apis
                .iter()
                .flat_map(|api| api.calls)
                .find(|call| call.methods().contains(&method) && call.captures(path).is_some());
            let is_read = call.is_some_and(|call| {
                credentials(apis, &request).is_some() && call.parse_request(&request).is_ok()
            });
            assert_eq!(store.performed, usize::from(is_read), "{method} {path}");
            assert_eq!(body_max(apis, method, path) > 0, call.is_some());
        }
    }
}

/// Whatever a server answers: every endpoint reads it without a panic, and what was read as more than
/// a refusal can be answered again, and is then read as the same.
pub fn any_reply_is_read(apis: &[&'static Api], octets: &[u8], status: u16) {
    let status = septet::api::Status(status);
    let mut buffers = [0; 2].map(|_| vec![0; 16 * 1024 + 16 * octets.len()]);
    let [first, second] = &mut buffers;
    for endpoint in endpoints(apis) {
        for content_type in ["", "text/plain", "application/json"] {
            let answer = endpoint.parse_reply(&Reply { status, content_type, body: octets });
            let mut w = Writer::new(first);
            let head = endpoint.emit_reply(&answer, &mut w);
            if let (Ok(head), false) = (head, matches!(answer, Answer::Refused(_))) {
                let content_type = head.content_type;
                let reply = Reply { status: head.status, content_type, body: w.written() };
                let again = endpoint.parse_reply(&reply);
                if endpoint.name() != "get_inbox_1.0" {
                    assert_eq!(shown(&again), shown(&answer), "{}", endpoint.name());
                    continue;
                }
                // Nothing in it says how a text is written: one in hexadecimal digits is read as digits,
                // and written as these.
                let mut w = Writer::new(second);
                assert_eq!(endpoint.emit_reply(&again, &mut w), Ok(head));
                assert_eq!(w.written(), reply.body);
            }
        }
    }
}
