//! Callbacks to servers that do not behave: each try ends, and goes nowhere else.

use std::time::Duration;

use septet::api::{Method, gatewayapi};
use septet_host::callbacks::Client;
use septet_host::config::Callbacks;
use septet_host::store::{CallbackOutcome, OwnedCallback};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

/// How long something that will happen may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Calls a server on loopback, that `answer` is, and returns what became of it.
async fn called<F: Future<Output = ()>>(
    answer: impl FnOnce(TcpStream) -> F,
    time: Duration,
) -> CallbackOutcome {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/dsn?a=b", listener.local_addr().unwrap());
    let allow = vec!["127.0.0.0/8".parse().unwrap()];
    let settings = Callbacks { allow, timeout: time, ..Callbacks::default() };
    let client = Client::new(&settings).unwrap();
    let callback = OwnedCallback {
        endpoint: gatewayapi::V2.report.unwrap(),
        method: Method::Get,
        url: url.parse().unwrap(),
        content_type: None,
        body: Vec::new(),
    };
    let server = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        answer(stream).await;
    };
    let both = async { tokio::join!(client.call(callback), server) };
    timeout(PATIENCE, both).await.expect("an end").0
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = elsewhere.local_addr().unwrap();
    for status in ["301 Moved", "302 Found", "303 See Other", "307 Again", "308 Moved"] {
        let outcome = called(
            async |mut stream| {
                let answer = format!(
                    "HTTP/1.1 {status}\r\nLocation: http://{address}/\r\nContent-Length: 0\r\n\r\n"
                );
                stream.write_all(answer.as_bytes()).await.unwrap();
            },
            PATIENCE,
        )
        .await;
        assert_ne!(outcome, CallbackOutcome::Taken, "{status}");
    }
    assert!(timeout(Duration::ZERO, elsewhere.accept()).await.is_err());
}

#[tokio::test]
async fn an_answer_without_an_end_is_left() {
    // The status is what counts here, where it came.
    for (head, is_taken) in [
        ("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n", true),
        ("HTTP/1.1 200 OK\r\nA: ", false),
    ] {
        let outcome = called(
            async |mut stream| {
                stream.write_all(head.as_bytes()).await.unwrap();
                // It says so by closing.
                while stream.write_all(&[b'x'; 4096]).await.is_ok() {}
            },
            PATIENCE,
        )
        .await;
        assert_eq!(outcome == CallbackOutcome::Taken, is_taken, "{head}");
    }
}

#[tokio::test]
async fn who_does_not_answer_is_left() {
    for (said, is_taken) in [
        ("", false),
        ("HTTP/1.1 200 OK\r\n", false),
        ("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx", true),
    ] {
        let outcome = called(
            async |mut stream| {
                stream.write_all(said.as_bytes()).await.unwrap();
                // It says so by closing.
                let _ = stream.read_u8().await;
            },
            Duration::from_millis(100),
        )
        .await;
        assert_eq!(outcome == CallbackOutcome::Taken, is_taken, "{said}");
    }
}
