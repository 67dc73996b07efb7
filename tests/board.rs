//! The gateway of a board, whole: from an HTTP request on its host line to the handset, and back.

use std::time::Duration;

use reqwest::RequestBuilder;
use reqwest::header::CONTENT_TYPE;
use septet_tests::virtual_board::Board;
use septet_tests::{field, http, until};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

const HANDSET: &str = "4512345678";

/// A host at the cable of a board.
struct Host {
    board: Board,
    http: reqwest::Client,
}

impl Host {
    /// At a board that has an account.
    async fn at(board: Board) -> Self {
        let host = Self { board, http: http() };
        let settings = "account=demo&secret=secret&keyword=TEST&url=http://127.0.0.1:1/mo";
        let kept = host.said(host.form("/settings", settings.to_owned())).await;
        assert_eq!(kept, (200, "kept\n".to_owned()));
        host
    }

    fn get(&self, target: &str) -> RequestBuilder {
        self.http.get(self.board.url(target))
    }

    fn form(&self, path: &str, form: String) -> RequestBuilder {
        let post = self.http.post(self.board.url(path)).body(form);
        post.header(CONTENT_TYPE, "application/x-www-form-urlencoded")
    }

    fn json(&self, path: &str, json: &Value) -> RequestBuilder {
        let post = self.http.post(self.board.url(path)).body(json.to_string());
        post.header(CONTENT_TYPE, "application/json")
    }

    /// Status and body of the reply.
    async fn said(&self, request: RequestBuilder) -> (u16, String) {
        let reply = request.send().await.unwrap();
        (reply.status().as_u16(), reply.text().await.unwrap())
    }

    /// The oldest event, which is waited for.
    async fn event(&self) -> Value {
        let (status, body) = self.said(self.get("/events")).await;
        assert_eq!(status, 200, "{body}");
        serde_json::from_str(&body).unwrap()
    }

    async fn acknowledge(&self, event: &Value) {
        let url = self.board.url(&format!("/events/{}", event["id"]));
        let said = self.said(self.http.delete(url)).await;
        assert_eq!(said, (200, "acknowledged\n".to_owned()));
    }

    /// Waits until the handset has this many messages: the texts.
    async fn received(&self, count: usize) -> Vec<String> {
        until("messages at the handset", || {
            let messages = self.board.network.handset(HANDSET).messages;
            let texts = messages.into_iter().map(|message| message.text);
            Some(texts.collect()).filter(|texts: &Vec<_>| texts.len() >= count)
        })
        .await
    }

    /// A message that was accepted reaches the handset; its report and an answer are told.
    async fn there_and_back(&self, interface: &str, text: &str, reply: &str) {
        assert_eq!(self.received(1).await, [text], "{interface}");
        let report = self.event().await;
        assert_eq!(report["type"], "report", "{report}");
        assert_eq!(report["state"], "delivered", "{report}");
        assert_eq!((&report["to"], &report["account"]), (&json!(HANDSET), &json!("demo")));
        assert_eq!(report["interface"], interface);
        // Where the reply tells an id, it is that of the report.
        let ids = ["message", "client_id"].map(|name| report[name].as_str().unwrap().to_owned());
        let tells = |id: &String| !id.is_empty() && reply.contains(id.as_str());
        let says_none = matches!(interface, "gatewayapi-v1" | "skebby-rest");
        assert!(ids.iter().any(tells) || says_none, "{interface}: {reply} {report}");
        self.acknowledge(&report).await;
        let answer = format!("test answer by {interface}");
        self.board.network.send_from_handset(HANDSET, "1204", &answer).unwrap();
        let event = self.event().await;
        assert_eq!(event["type"], "received", "{event}");
        assert_eq!(event["text"], json!(answer));
        assert_eq!(event["from"], HANDSET);
        assert_eq!(event["url"], "http://127.0.0.1:1/mo");
        self.acknowledge(&event).await;
    }
}

#[tokio::test]
async fn gatewayapi_v1_sends_and_hears_back() {
    let host = Host::at(Board::start().await).await;
    let query = "username=demo&password=secret&countryCode=45&number=12345678&message=hello";
    let (status, reply) = host.said(host.get(&format!("/legacy/http/v1/sendsms?{query}"))).await;
    assert_eq!(status, 200, "{reply}");
    host.there_and_back("gatewayapi-v1", "hello", &reply).await;
}

/// A request of GatewayAPI v2.
fn v2(sessionid: &str, text: &str) -> String {
    let text = field("text", text);
    format!(
        "user=demo&password=secret&to={HANDSET}&smsc=dk.x&from=1204&charset=utf-8\
         &sessionid={sessionid}{text}"
    )
}

#[tokio::test]
async fn gatewayapi_v2_sends_a_long_text_and_hears_back() {
    let host = Host::at(Board::start().await).await;
    let text = "Kære Åse, blåbærgrød koster 5 € {se side 2}. ".repeat(8);
    let form = host.form("/legacy/http/v2/sendsms", v2("4512345678:1", &text));
    let (status, reply) = host.said(form).await;
    assert_eq!((status, reply.as_str()), (200, "Processing:4512345678:1"));
    host.there_and_back("gatewayapi-v2", &text, &reply).await;
}

#[tokio::test]
async fn nextpod_sends_and_hears_back() {
    let host = Host::at(Board::start().await).await;
    let body = json!({"to": HANDSET, "from": "1204", "msg": "hello"});
    let request = host.json("/v2/sms", &body).basic_auth("demo", Some("secret"));
    let (status, reply) = host.said(request).await;
    assert!(matches!(status, 200..=202), "{status} {reply}");
    host.there_and_back("nextpod", "hello", &reply).await;
}

#[tokio::test]
async fn websms_sends_and_hears_back() {
    let host = Host::at(Board::start().await).await;
    let body = json!({
        "recipientAddressList": [HANDSET], "messageContent": "hello", "maxSmsPerMessage": 1
    });
    let request = host.json("/rest/smsmessaging/text", &body).basic_auth("demo", Some("secret"));
    let (status, reply) = host.said(request).await;
    assert_eq!(status, 200, "{reply}");
    host.there_and_back("websms", "hello", &reply).await;
}

#[tokio::test]
async fn the_user_key_interface_sends_in_a_session_and_hears_back() {
    let host = Host::at(Board::start().await).await;
    let login = host.get("/API/v1.0/REST/login").basic_auth("demo", Some("secret"));
    let (status, reply) = host.said(login).await;
    assert_eq!(status, 200, "{reply}");
    let (user, session) = reply.split_once(';').unwrap();
    let to = format!("+{HANDSET}");
    let body = json!({"message_type": "GP", "message": "hello", "recipient": [to]});
    let request = host.json("/API/v1.0/REST/sms", &body);
    let request = request.header("user_key", user).header("Session_key", session);
    let (status, reply) = host.said(request).await;
    assert!(matches!(status, 200 | 201), "{status} {reply}");
    host.there_and_back("skebby-rest", "hello", &reply).await;
}

#[tokio::test]
async fn bulksms_sends_and_hears_back() {
    let host = Host::at(Board::start().await).await;
    let form = format!("username=demo&password=secret&message=hello&msisdn={HANDSET}");
    let request = host.form("/eapi/submission/send_sms/2/2.0", form);
    let (status, reply) = host.said(request).await;
    assert!(status == 200 && reply.starts_with("0|"), "{status} {reply}");
    host.there_and_back("bulksms-eapi", "hello", &reply).await;
}

#[tokio::test]
async fn requests_on_one_connection_are_answered_one_after_the_other() {
    let host = Host::at(Board::start().await).await;
    for number in 1..=2 {
        let form = host.form("/legacy/http/v2/sendsms", v2(&format!("s:{number}"), "hello"));
        assert_eq!(host.said(form).await, (200, format!("Processing:s:{number}")));
    }
    assert_eq!(host.received(2).await, ["hello"; 2]);
    assert_eq!(host.board.connections(), 1);
}

#[tokio::test]
async fn what_is_accepted_without_a_modem_is_sent_once_it_comes() {
    let host = Host::at(Board::without_modem().await).await;
    let status = async || {
        let (_, status) = host.said(host.get("/status")).await;
        serde_json::from_str::<Value>(&status).unwrap()
    };
    let form = host.form("/legacy/http/v2/sendsms", v2("s:1", "hello"));
    assert_eq!(host.said(form).await.0, 200);
    let before = status().await;
    assert_eq!((&before["ready"], &before["on_the_way"]), (&json!(false), &json!(1)), "{before}");
    assert!(host.board.network.handset(HANDSET).messages.is_empty());
    host.board.power_modem();
    host.there_and_back("gatewayapi-v2", "hello", "Processing:s:1").await;
    let after = status().await;
    assert_eq!((&after["ready"], &after["on_the_way"]), (&json!(true), &json!(0)), "{after}");
}

#[tokio::test]
async fn a_host_that_goes_leaves_the_line_to_the_next() {
    let first = Host::at(Board::start().await).await;
    let gone = first.get("/events").timeout(Duration::from_millis(200)).send().await;
    assert!(gone.unwrap_err().is_timeout());
    // Who comes next hears the reply to what it asked.
    let next = Host { http: http(), ..first };
    let (status, page) = next.said(next.get("/")).await;
    assert!(status == 200 && page.contains("<h1>Septet</h1>"), "{status} {page}");
    assert_eq!(next.board.connections(), 2);
}

#[tokio::test]
async fn a_request_behind_one_that_waits_is_answered_at_once() {
    let host = Host::at(Board::start().await).await;
    let Host { board, http } = host;
    drop(http);
    let mut line = TcpStream::connect(&board.address).await.unwrap();
    line.write_all(b"GET /events HTTP/1.1\r\n\r\n\r\nGET /settings HTTP/1.1\r\n\r\n")
        .await
        .unwrap();
    let mut said = vec![0; 1024];
    let read = timeout(Duration::from_secs(10), line.read(&mut said)).await;
    let said = String::from_utf8_lossy(&said[..read.unwrap().unwrap()]).into_owned();
    assert!(said.starts_with("HTTP/1.1 200 OK\r\n") && said.contains("\"accounts\""), "{said}");
}
