//! What is too much or broken, over HTTP: refused in the vendor's words, and nothing of it is sent.

use reqwest::header::{CONTENT_TYPE, WWW_AUTHENTICATE};
use septet_tests::{Gateway, Wish, field, http};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

/// A request: path and query, content type, body. The demo's account asks, by Basic, where no field
/// says so.
type Asked<'a> = (&'a str, &'a str, String);

/// Status, reason phrase and body of the answer.
async fn answered(gateway: &Gateway, (path, content_type, body): Asked<'_>) -> (u16, String) {
    let key = path.starts_with("/v2/sms");
    let request = http()
        .post(gateway.url(path))
        .basic_auth(if key { "" } else { "demo" }, Some("secret"))
        .header(CONTENT_TYPE, content_type)
        .body(body);
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    (status, response.text().await.unwrap())
}

fn numbers(count: usize) -> Vec<String> {
    (0..count).map(|n| (4_512_340_000_u64 + n as u64).to_string()).collect()
}

fn v2(to: &str, text: &str) -> String {
    format!("user=demo&password=secret&sessionid=s{}{}", field("to", to), field("text", text))
}

fn eapi(to: &str, text: &str) -> String {
    format!("username=demo&password=secret{}{}", field("msisdn", to), field("message", text))
}

fn json(name: &str, to: &[String], more: &str) -> String {
    format!("{{\"{name}\":[\"{}\"],{more}}}", to.join("\",\""))
}

const V2: &str = "/sendsms";
const NEXTPOD: &str = "/v2/sms";
const WEBSMS: &str = "/rest/smsmessaging/text";
const EAPI: &str = "/eapi/submission/send_sms/2/2.0";

#[tokio::test]
async fn one_recipient_too_many_is_refused_with_all_the_others() {
    let gateway = Gateway::start(Wish::default()).await;
    let too_many = numbers(1001);
    let joined = too_many.join(",");
    for (asked, status, words) in [
        ((V2, FORM, v2(&joined, "t")), 400, "Too many recipients: parameter to"),
        (
            (NEXTPOD, JSON, json("to", &too_many, "\"from\":\"Septet\",\"msg\":\"t\"")),
            413,
            "{\"status\":413,\"message\":\"To many recipients\"}",
        ),
        (
            (WEBSMS, JSON, json("recipientAddressList", &too_many, "\"messageContent\":\"t\"")),
            200,
            "\"statusCode\":4025",
        ),
        ((EAPI, FORM, eapi(&joined, "t")), 200, "201|"),
    ] {
        let (own, body) = answered(&gateway, asked).await;
        assert_eq!(own, status, "{body}");
        assert!(body.contains(words), "{body}");
    }
    for number in &too_many {
        assert!(gateway.network().handset(number).messages.is_empty(), "{number}");
    }
    let (status, body) = answered(&gateway, (V2, FORM, v2(&numbers(1000).join(","), "t"))).await;
    assert_eq!((status, body.as_str()), (200, "Processing:s"));
}

#[tokio::test]
async fn what_is_too_long_is_refused_in_the_vendors_words() {
    let gateway = Gateway::start(Wish::default()).await;
    let long = "x".repeat(10 * 1024 * 1024);
    for (asked, status, words) in [
        ((V2, FORM, format!("text={long}")), 400, "Request is too large"),
        (
            (NEXTPOD, JSON, format!("{{\"msg\":\"{long}\"}}")),
            413,
            "{\"status\":413,\"message\":\"Request is too large\"}",
        ),
        ((WEBSMS, JSON, format!("{{\"messageContent\":\"{long}\"}}")), 413, "too large"),
        ((EAPI, FORM, format!("message={long}")), 200, "24|"),
        (("/API/v1.0/REST/sms", JSON, format!("{{\"message\":\"{long}\"}}")), 400, "too large"),
    ] {
        let (own, body) = answered(&gateway, asked).await;
        assert_eq!(own, status, "{body}");
        assert!(body.contains(words), "{body}");
    }
}

#[tokio::test]
async fn json_that_is_cut_or_nested_is_refused() {
    let gateway = Gateway::start(Wish::default()).await;
    let good = "{\"recipientAddressList\":[\"4512345678\"],\"messageContent\":\"t\"}";
    for (cut, _) in good.char_indices().skip(1) {
        let body = good.split_at(cut).0.to_owned();
        let (status, body) = answered(&gateway, (WEBSMS, JSON, body)).await;
        assert_eq!(status, 400, "{body}");
    }
    let nested = format!("{{\"messageContent\":{}{}}}", "[".repeat(1000), "]".repeat(1000));
    for path in [WEBSMS, NEXTPOD] {
        let (status, body) = answered(&gateway, (path, JSON, nested.clone())).await;
        assert_eq!(status, 400, "{body}");
    }
    assert!(gateway.network().handset("4512345678").messages.is_empty());
    let (status, body) = answered(&gateway, (WEBSMS, JSON, good.to_owned())).await;
    assert!(status == 200 && body.contains("\"statusCode\":2000"), "{body}");
}

#[tokio::test]
async fn a_key_with_too_many_failures_is_shut_out_and_no_other_is() {
    let gateway = Gateway::start(Wish::default()).await;
    let good = "{\"from\":\"Septet\",\"to\":\"4512345678\",\"msg\":\"t\"}";
    for _ in 0..20 {
        let (status, _) = answered(&gateway, (NEXTPOD, JSON, "{}".to_owned())).await;
        assert_eq!(status, 400);
    }
    let (status, body) = answered(&gateway, (NEXTPOD, JSON, good.to_owned())).await;
    assert_eq!((status, body.as_str()), (429, "{\"status\":429,\"message\":\"To many requests\"}"));
    // Another interface counts nothing, and another key of its own.
    let (status, _) = answered(&gateway, (V2, FORM, v2("4512345678", "t"))).await;
    assert_eq!(status, 200);
    let request = http().post(gateway.url(NEXTPOD)).basic_auth("", Some("another")).body("{}");
    assert_eq!(request.send().await.unwrap().status().as_u16(), 401);
}

#[tokio::test]
async fn an_address_that_guesses_keys_is_shut_out_but_for_a_key_that_is_right() {
    let gateway = Gateway::start(Wish::default()).await;
    let sent = |key: String| {
        let good = "{\"from\":\"Septet\",\"to\":\"4512345678\",\"msg\":\"t\"}";
        let request = http().post(gateway.url(NEXTPOD)).basic_auth("", Some(key));
        async move { request.header(CONTENT_TYPE, JSON).body(good).send().await.unwrap().status() }
    };
    for n in 0..20 {
        assert_eq!(sent(format!("guess {n}")).await, 401);
    }
    assert_eq!(sent("another guess".to_owned()).await, 429);
    let without = http().post(gateway.url(NEXTPOD)).header(CONTENT_TYPE, JSON).body("{}");
    assert_eq!(without.send().await.unwrap().status(), 429);
    assert_eq!(sent("secret".to_owned()).await, 200);
}

/// What comes back for octets that are sent as they stand, after which nothing more is said.
async fn said(gateway: &Gateway, request: &[u8]) -> String {
    let address = gateway.url("").trim_start_matches("http://").trim_end_matches('/').to_owned();
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn who_has_said_all_and_closed_that_half_is_answered() {
    let gateway = Gateway::start(Wish::default()).await;
    let body = v2("4512345678", "t");
    let answer = said(
        &gateway,
        &format!(
            "POST {V2} HTTP/1.0\r\nContent-Type: {FORM}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .into_bytes(),
    )
    .await;
    assert!(answer.starts_with("HTTP/1.0 200 OK\r\n"), "{answer}");
    assert!(answer.ends_with("\r\n\r\nProcessing:s"), "{answer}");
    assert_eq!(gateway.messages("4512345678", 1).await.len(), 1);
}

#[tokio::test]
async fn a_text_that_is_pasted_into_the_url_arrives() {
    let gateway = Gateway::start(Wish::default()).await;
    for (raw, number) in
        [(&b"bl\xE5b\xE6r"[..], "4512345678"), (b"bl\xC3\xA5b\xC3\xA6r", "4512345679")]
    {
        let charset = if raw.len() == 6 { "iso-8859-1" } else { "utf-8" };
        let start = format!(
            "GET {V2}?user=demo&password=secret&sessionid={number}&charset={charset}&to={number}&text=#<"
        );
        let request = [start.as_bytes(), raw, b"> HTTP/1.0\r\n\r\n"].concat();
        let answer = said(&gateway, &request).await;
        assert!(answer.ends_with(&format!("\r\n\r\nProcessing:{number}")), "{answer}");
        assert_eq!(gateway.messages(number, 1).await[0].text, "#<blåbær>");
    }
}

#[tokio::test]
async fn who_is_not_known_is_asked_for_a_password_where_basic_is_taken() {
    let gateway = Gateway::start(Wish::default()).await;
    for (path, is_asked) in [
        (NEXTPOD, true),
        (WEBSMS, true),
        ("/API/v1.0/REST/login", true),
        ("/API/v1.0/REST/status", false),
    ] {
        let response = http().get(gateway.url(path)).send().await.unwrap();
        let response = if response.status() == 405 {
            let request = http().post(gateway.url(path)).header(CONTENT_TYPE, JSON).body("{}");
            request.send().await.unwrap()
        } else {
            response
        };
        assert_eq!(response.status(), 401, "{path}");
        let asked = response.headers().get(WWW_AUTHENTICATE);
        let asked = asked.is_some_and(|value| value.as_bytes().starts_with(b"Basic "));
        assert_eq!(asked, is_asked, "{path}");
    }
}
