//! Callbacks that a board makes itself.

use core::net::Ipv4Addr;
use core::ops::{Deref, DerefMut};

use septet::api::{Answering, Method, Op, Payload, Request, State, bulksms, gatewayapi, nextpod};
use septet::api::{skebby, websms};
use septet_firmware::engine::{Outcome, Why};
use septet_firmware::gateway::apis;
use septet_firmware::gateway::callback::Callbacks;
use septet_firmware::gateway::events::RECEIVED_MAX;

use crate::bench::{Bench as Gateway, Kept, form, get, settings, status};
use crate::sends;

/// A gateway and its callbacks.
struct Bench {
    own: Gateway,
    callbacks: Callbacks,
}

impl Deref for Bench {
    type Target = Gateway;

    fn deref(&self) -> &Gateway {
        &self.own
    }
}

impl DerefMut for Bench {
    fn deref_mut(&mut self) -> &mut Gateway {
        &mut self.own
    }
}

/// A board that makes callbacks, with these settings.
fn board(own: &str) -> Bench {
    let mut keep = Kept::new();
    settings().save(&mut keep).unwrap();
    let own_gateway = Gateway::serving(keep, apis::CALLING);
    let mut bench = Bench { own: own_gateway, callbacks: Callbacks::default() };
    assert_eq!(status(&bench.ask(&form("/settings", "", own))), 200);
    bench.ready();
    bench
}

/// The next callback: `host:port` and the request.
fn call(bench: &mut Bench) -> Option<(String, String)> {
    let mut room = [0; 6 * 1024];
    let Bench { own, callbacks } = bench;
    let callback = own.gateway.callback(callbacks, &mut room, own.now)?;
    let request = String::from_utf8(room[..callback.len].to_vec()).unwrap();
    Some((format!("{}:{}", callback.host, callback.port), request))
}

fn answer(bench: &mut Bench, reply: &str) {
    let Bench { own, callbacks } = bench;
    own.gateway.called(callbacks, reply.as_bytes(), own.now);
}

const TAKEN: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n\
                     {\"statusCode\": 2000, \"statusMessage\": \"OK\"}";
/// GatewayAPI's messages are taken by these words alone.
const TAKEN_MO: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\ncmd=asynch-no-trace";
const LATER: &str = "HTTP/1.1 503 Service Unavailable\r\n\r\n";

/// What a request asks, read by the end that answers.
fn read<R>(
    endpoint: &dyn Answering,
    request: &str,
    then: impl FnOnce(&str, Result<Op<'_>, septet::Error>) -> R,
) -> R {
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let (line, headers) = head.split_once("\r\n").unwrap();
    let mut line = line.split(' ');
    let (method, target) = (line.next().unwrap(), line.next().unwrap());
    assert_eq!(line.next(), Some("HTTP/1.0"));
    let method = Method::ALL.into_iter().find(|own| own.name() == method).unwrap();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let headers: Vec<(&str, &str)> =
        headers.split("\r\n").map(|own| own.split_once(": ").unwrap()).collect();
    let has = |name: &str| headers.iter().find(|own| own.0 == name).map(|own| own.1);
    if let Some(len) = has("Content-Length") {
        assert_eq!(len, body.len().to_string());
    }
    let asked = Request::new(method, path, query.as_bytes(), body.as_bytes());
    let asked = Request { headers: &headers, ..asked };
    then(path, endpoint.parse_request(&asked))
}

#[test]
fn every_interface_calls_with_the_end_of_a_message() {
    let reports: [(&str, &dyn Answering); 5] = [
        ("gatewayapi-v2", &gatewayapi::Dsn),
        ("nextpod", &nextpod::Dlr),
        ("websms", &websms::DeliveryReport),
        ("skebby", &skebby::Dlr),
        ("bulksms-eapi", &bulksms::PushReport),
    ];
    for (name, endpoint) in reports {
        let mut bench = board("reports=http://example.com:8080/told?own=1");
        let (_, request, _) = sends().into_iter().find(|(own, ..)| *own == name).unwrap();
        bench.ask(&request);
        assert_eq!(call(&mut bench), None, "{name}");
        bench.next().unwrap();
        bench.finished(Outcome::Unknown(Why::NoAnswer));
        let (host, request) = call(&mut bench).unwrap_or_else(|| panic!("{name}"));
        assert_eq!(host, "example.com:8080", "{name}");
        assert!(request.contains("\r\nHost: example.com:8080\r\n"), "{name}: {request}");
        read(endpoint, &request, |path, op| {
            assert_eq!(path, "/told", "{name}");
            let Ok(Op::Report(report)) = op else { panic!("{name}: {op:?} of {request}") };
            // Not every vendor has a word for what nobody knows.
            assert!(report.state != State::Delivered, "{report:?}");
        });
        // It waits for what is under way.
        answer(&mut bench, TAKEN);
        assert_eq!(call(&mut bench), None, "{name}");
        assert_eq!(bench.hear(get("/events").as_bytes()), "", "{name}");
    }
}

#[test]
fn every_interface_calls_with_what_was_received() {
    let inbounds: [(&str, &dyn Answering); 4] = [
        ("gatewayapi-v2", &gatewayapi::Mo),
        ("nextpod", &nextpod::Mo),
        ("websms", &websms::ReceiveMessage),
        ("bulksms-eapi", &bulksms::PushInbox),
    ];
    for (name, endpoint) in inbounds {
        let own = format!("keyword=TEST&url=http://10.0.0.1&number=4520001204&interface={name}");
        let mut bench = board(&own);
        bench.receive("4587654321", "for nobody");
        let text = format!("test {}", "p\u{e5} & ".repeat(50));
        bench.receive("4587654321", text.trim_end());
        let (host, request) = call(&mut bench).unwrap();
        assert_eq!(host, "10.0.0.1:80");
        read(endpoint, &request, |path, op| {
            assert_eq!(path, "/", "{name}");
            let Ok(Op::Inbound(inbound)) = op else { panic!("{name}: {op:?} of {request}") };
            assert!(inbound.sender.chars().eq("4587654321".chars()), "{inbound:?}");
            // One has the whole, another the keyword and what follows it.
            let (_, rest) = text.trim_end().split_once(' ').unwrap();
            let own = match inbound.body {
                Some(Payload::Text(own)) => own.chars().collect(),
                _ => format!("test {}", inbound.rest.unwrap().chars().collect::<String>()),
            };
            assert_eq!(own, format!("test {rest}"), "{name}: {request}");
        });
        answer(&mut bench, if name == "gatewayapi-v2" { TAKEN_MO } else { TAKEN });
        assert_eq!(call(&mut bench), None);
        // What nobody is called for is left to who fetches it.
        assert!(bench.ask(&get("/events")).contains("for nobody"));
    }
}

#[test]
fn what_is_not_taken_is_tried_again_and_holds_up_nothing() {
    let mut bench = board(
        "keyword=A&url=http://a/&keyword=B&url=http://b/&number=4520001204&interface=gatewayapi-v2",
    );
    bench.receive("4587654321", "a 1");
    bench.receive("4587654321", "b 2");
    let mut waited = 0;
    // 1 + 2 + ... s, five minutes at most; without an answer as with one that says later.
    for (reply, wait) in [(LATER, 1), ("", 2), ("no HTTP", 4), (LATER, 8)] {
        let (host, _) = call(&mut bench).unwrap();
        assert_eq!(host, "a:80");
        answer(&mut bench, reply);
        if waited == 0 {
            let (host, _) = call(&mut bench).unwrap();
            assert_eq!(host, "b:80");
            answer(&mut bench, TAKEN_MO);
        }
        bench.pass(wait * 1000 - 1);
        assert_eq!(call(&mut bench), None, "{wait}");
        bench.pass(1);
        waited += wait;
    }
    for _ in 0..20 {
        assert_eq!(call(&mut bench).unwrap().0, "a:80");
        answer(&mut bench, LATER);
        bench.pass(300_000);
    }
    assert!(call(&mut bench).is_some());
    answer(&mut bench, TAKEN_MO);
    bench.pass(300_000);
    assert_eq!(call(&mut bench), None);
}

#[test]
fn what_is_not_wanted_makes_room() {
    let own = "keyword=A&url=http://a/&number=4520001204&interface=gatewayapi-v2";
    let mut bench = board(own);
    for number in 0..RECEIVED_MAX {
        bench.receive("4587654321", &format!("nobody {number}"));
    }
    // The one that came first makes room when it is looked at again.
    assert_eq!(call(&mut bench), None);
    assert_eq!(call(&mut bench), None);
    bench.receive("4587654321", "a");
    assert!(bench.ask(&get("/events")).contains("nobody 1\""));
    assert!(call(&mut bench).unwrap().1.contains("4587654321"));
    answer(&mut bench, TAKEN_MO);
    assert_eq!(call(&mut bench), None);
}

#[test]
fn addresses_that_are_not_public_are_called_where_that_is_allowed() {
    let is_called =
        |bench: &Bench, [a, b, c, d]: [u8; 4]| bench.gateway.lets_call(Ipv4Addr::new(a, b, c, d));
    let bench = board("");
    assert!(is_called(&bench, [9, 255, 255, 255]) && is_called(&bench, [11, 0, 0, 0]));
    assert!(is_called(&bench, [172, 32, 0, 1]) && is_called(&bench, [100, 128, 0, 1]));
    for own in [[10, 0, 0, 1], [127, 0, 0, 1], [192, 168, 1, 1], [172, 31, 0, 1], [255; 4], [0; 4]]
    {
        assert!(!is_called(&bench, own), "{own:?}");
    }
    let bench = board("allow=192.168.1.0/24");
    assert!(is_called(&bench, [192, 168, 1, 255]) && !is_called(&bench, [192, 168, 2, 0]));
    assert!(is_called(&board("allow=0.0.0.0/0"), [10, 0, 0, 1]));
}

#[test]
fn what_a_board_cannot_call_is_left_to_its_host() {
    for url in [
        "https://a/",
        "ftp://a/",
        "http://",
        "http://u:p@a/",
        "http://a:0/",
        "http://[::1]/",
        "a",
        "http://a/\u{e5}",
    ] {
        let mut bench = board(&format!("reports={url}"));
        bench.ask(&sends().remove(1).1);
        bench.next().unwrap();
        bench.finished(Outcome::Unknown(Why::NoAnswer));
        assert_eq!(call(&mut bench), None, "{url}");
        assert!(bench.ask(&get("/events")).contains("\"report\""), "{url}");
    }
}
