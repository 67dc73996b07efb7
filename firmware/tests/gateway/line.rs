//! What comes over the host line, however it is cut, and what is no request.

use crate::bench::{Bench, form, get, status};

const SEND: &str =
    "user=demo&password=secret&to=4512345678&sessionid=4512345678:1&smsc=dk.x&from=1204&text=hello";

/// Several requests, one behind the other.
fn stream() -> String {
    let chunked = format!(
        "POST /legacy/http/v2/sendsms HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Transfer-Encoding: chunked\r\n\r\n5;x=y\r\n{}\r\n{:X}\r\n{}\r\n0\r\nTrailer: x\r\n\r\n",
        &SEND[..5],
        SEND.len() - 5,
        &SEND[5..]
    );
    let send = form("/legacy/http/v2/sendsms", "", SEND);
    [&get("/nowhere"), &send, "\r\n", &chunked, &get("/legacy/http/v2/sendsms?to=1"), &get("/none")]
        .concat()
}

#[test]
fn a_stream_means_the_same_however_it_is_cut() {
    let stream = stream();
    let whole = Bench::new().hear(stream.as_bytes());
    assert_eq!(whole.matches("HTTP/1.1 ").count(), 5, "{whole}");
    for size in 1..200 {
        let mut bench = Bench::new();
        let said: String = stream.as_bytes().chunks(size).map(|piece| bench.hear(piece)).collect();
        assert_eq!(said, whole, "in pieces of {size}");
        assert_eq!(bench.gateway.outbox().messages().count(), 1);
    }
}

#[test]
fn what_is_too_long_is_refused_and_the_next_request_is_read() {
    let mut bench = Bench::new();
    let long = form("/legacy/http/v2/sendsms", "", &"x".repeat(10_000));
    assert_eq!(status(&bench.ask(&long)), 413);
    assert_eq!(status(&bench.ask(&get("/none"))), 404);
    // A client that asks first does not send it.
    let head = "POST /x HTTP/1.1\r\nContent-Length: 9999\r\nExpect: 100-continue\r\n\r\n";
    assert_eq!(status(&bench.ask(head)), 413);
    bench.pass(50);
    let head = form("/legacy/http/v2/sendsms", "Expect: 100-continue\r\n", SEND);
    let (head, body) = head.split_at(head.len() - SEND.len());
    assert_eq!(bench.ask(head), "HTTP/1.1 100 Continue\r\n\r\n");
    assert_eq!(status(&bench.ask(body)), 200);
    let many = format!("GET / HTTP/1.1\r\n{}\r\n", "A: b\r\n".repeat(30));
    assert_eq!(bench.hear(many.as_bytes()), "");
    bench.pass(50);
    assert_eq!(status(&bench.said()), 431);
    bench.pass(50);
    let head = format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(4_000));
    assert_eq!(bench.hear(head.as_bytes()), "");
    bench.pass(50);
    assert_eq!(status(&bench.said()), 431);
}

#[test]
fn noise_is_answered_once_and_read_over() {
    for noise in [
        "\0\0\r\n\r\n",
        "what is this\r\n\r\nand this\r\n\r\n",
        "GET\r\n\r\nPOST / HTTP/1.1\r\n\r\n",
    ] {
        let mut bench = Bench::new();
        assert_eq!(bench.hear(noise.as_bytes()), "");
        bench.pass(50);
        assert_eq!(status(&bench.said()), 400, "{noise:?}");
        bench.pass(50);
        assert_eq!(status(&bench.ask(&get("/none"))), 404);
    }
    // What hides a request behind another length is refused whole.
    for framing in [
        "Content-Length: 5\r\nContent-Length: 6",
        "Content-Length: 5\r\nTransfer-Encoding: chunked",
        "Content-Length: +5",
        "Content-Length: 5x",
    ] {
        let mut bench = Bench::new();
        let request = format!("POST / HTTP/1.1\r\n{framing}\r\n\r\nGET / HTTP/1.1\r\n\r\n");
        assert_eq!(bench.hear(request.as_bytes()), "", "{framing}");
        bench.pass(50);
        assert_eq!(status(&bench.said()), 400, "{framing}");
    }
}

#[test]
fn a_client_that_goes_leaves_no_half_request() {
    let mut bench = Bench::new();
    let send = form("/legacy/http/v2/sendsms", "", SEND);
    assert_eq!(bench.hear(&send.as_bytes()[..send.len() - 3]), "");
    bench.pass(2_000);
    assert_eq!(status(&bench.ask(&get("/none"))), 404);
    assert_eq!(bench.gateway.outbox().messages().count(), 0);
}

#[test]
fn nothing_is_due_for_a_modem_that_is_being_set_up() {
    let mut bench = Bench::new();
    bench.ready();
    assert_eq!(status(&bench.ask(&form("/legacy/http/v2/sendsms", "", SEND))), 200);
    assert!(!bench.engine.is_ready());
    assert_eq!(bench.gateway.deadline(&bench.engine), None);
}
