//! The laws of the vendors' interfaces. Each is a function that panics where the law is broken, so
//! that the tests and the fuzz targets call the same one.

use septet::api::{APIS, Answer, Asked, Endpoint, Method, Reply, Request};
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

/// Whatever octets stand in query and body: every endpoint reads or refuses them without a panic, and
/// what was read can be written and is then read as the same.
pub fn any_octets_are_read_or_refused(octets: &[u8]) {
    let half = octets.len() / 2;
    let (query, body) = (&octets[..half], &octets[half..]);
    for latin1 in [Charset::Latin1, Charset::Windows1252] {
        let request = Request { method: Method::Post, path: "/", query, body, latin1 };
        for endpoint in endpoints() {
            if let Ok(asked) = endpoint.parse_request(&request) {
                request_commutes(endpoint, Charset::Utf8, &asked);
            }
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
