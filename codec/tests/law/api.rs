//! The laws of the vendors' interfaces. Each is a function that panics where the law is broken, so
//! that the tests and the fuzz targets call the same one.

use septet::answer::{Store, answer, credentials};
use septet::api::{
    APIS, Answer, Api, Asked, Credentials, Endpoint, Method, Op, Refusal, Reply, Request,
};
use septet::text::Charset;
use septet::wire::Writer;

/// Every endpoint of every interface, callbacks included.
fn endpoints() -> impl Iterator<Item = &'static dyn Endpoint> {
    APIS.iter().flat_map(|api| api.calls.iter().copied().chain([api.report, api.inbound]))
}

/// What one end asks, the other reads as the same, by every method of the call.
pub fn request_commutes(endpoint: &dyn Endpoint, charset: Charset, asked: &Asked<'_>) {
    let mut buffer = vec![0; 16 * 1024];
    let mut w = Writer::new(&mut buffer);
    endpoint.emit_request(asked, charset, &mut w).unwrap();
    for method in endpoint.methods() {
        let (query, body) = match method {
            Method::Get => (w.written(), &[][..]),
            Method::Post => (&[][..], w.written()),
        };
        let request = Request { method: *method, path: "/", query, body, latin1: Charset::Latin1 };
        assert_eq!(endpoint.parse_request(&request).as_ref(), Ok(asked));
    }
}

/// What one end answers, the other reads as the same.
pub fn answer_commutes(endpoint: &dyn Endpoint, answer: &Answer<'_>) {
    let mut buffer = [0; 1024];
    let mut w = Writer::new(&mut buffer);
    let head = endpoint.emit_reply(answer, &mut w).unwrap();
    let reply = Reply { status: head.status, content_type: head.content_type, body: w.written() };
    assert_eq!(endpoint.parse_reply(&reply), *answer);
}

/// The query and the body that octets have: before and after the first line feed, which neither has.
fn query_and_body(octets: &[u8]) -> (&[u8], &[u8]) {
    let end = octets.iter().position(|octet| *octet == b'\n').unwrap_or(octets.len());
    (&octets[..end], octets.get(end + 1..).unwrap_or_default())
}

/// Whatever octets stand in query and body: every endpoint reads or refuses them without a panic, and
/// what was read can be written and is then read as the same.
pub fn any_octets_are_read_or_refused(octets: &[u8]) {
    let (query, body) = query_and_body(octets);
    for latin1 in [Charset::Latin1, Charset::Windows1252] {
        let request = Request { method: Method::Post, path: "/", query, body, latin1 };
        for endpoint in endpoints() {
            if let Ok(asked) = endpoint.parse_request(&request) {
                request_commutes(endpoint, Charset::Utf8, &asked);
            }
        }
    }
}

/// A store that lets everybody in and does all that is asked.
struct Obeying {
    performed: usize,
}

impl Store for Obeying {
    type Account = ();

    fn admit<'a>(&mut self, _: &Credentials<'a>) -> Result<(), Refusal<'a>> {
        Ok(())
    }

    fn perform<'a>(&'a mut self, _: &(), _: &'static Api, op: &Op<'a>) -> Answer<'a> {
        self.performed += 1;
        let Op::Send(submit) = op else { panic!("a callback has no path") };
        Answer::Sent { client_id: submit.client_id }
    }
}

/// Whatever octets stand in query and body: every path answers them by every method, and has done
/// what was asked exactly where the client reads that it was.
pub fn any_request_is_answered(octets: &[u8]) {
    let (query, body) = query_and_body(octets);
    let mut buffer = vec![0; 1024 + 8 * octets.len()];
    let calls = || APIS.iter().flat_map(|api| api.calls);
    for (call, path) in calls().flat_map(|call| call.paths().iter().map(move |path| (call, *path)))
    {
        for method in [Method::Get, Method::Post] {
            let request = Request { method, path, query, body, latin1: Charset::Latin1 };
            let mut store = Obeying { performed: 0 };
            let mut w = Writer::new(&mut buffer);
            let head = answer(APIS, &mut store, &request, &mut w).unwrap();
            let asked = call.parse_request(&request);
            let has_asked = call.methods().contains(&method)
                && asked.as_ref().is_ok_and(|asked| asked.credentials.is_some());
            assert_eq!(store.performed, usize::from(has_asked));
            assert_eq!(
                has_asked,
                credentials(APIS, &request).is_some() && call.methods().contains(&method)
            );
            let reply =
                Reply { status: head.status, content_type: head.content_type, body: w.written() };
            let told = call.parse_reply(&reply);
            assert_eq!(has_asked, matches!(told, Answer::Sent { .. }), "{told:?}");
        }
    }
}

/// Whatever a server answers: every endpoint reads it without a panic.
pub fn any_reply_is_read(octets: &[u8], status: u16) {
    let status = septet::api::Status(status);
    for endpoint in endpoints() {
        for content_type in ["", "text/plain"] {
            endpoint.parse_reply(&Reply { status, content_type, body: octets });
        }
    }
}
