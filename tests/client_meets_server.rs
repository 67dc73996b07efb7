//! Every endpoint: our client against our server, and our customer's end against our callbacks.

use septet::api::{
    APIS, Answer, Api, Asked, Credentials, Method, Op, Reason, Reply, Request, Status, Submit,
};
use septet::fields::List;
use septet::text::{Charset, Secret, Text};
use septet::wire::Writer;
use septet_tests::{Customer, Gateway, Wish, field, http};

fn submit<'a>(to: &'a [Text<'a>], text: &'a str, id: &'a str, url: &'a str) -> Submit<'a> {
    Submit {
        recipients: List::Slice(to),
        text: Text::plain(text),
        sender: None,
        client_id: Some(Text::plain(id)),
        callback: Some(Text::plain(url)),
        price: None,
        network: None,
        class: None,
    }
}

/// Asks the gateway by the first call of an interface, and tells whether the answer is `expected`.
async fn ask(
    gateway: &Gateway,
    api: &Api,
    method: Method,
    charset: Charset,
    asked: &Asked<'_>,
    expected: impl Fn(Answer<'_>) -> bool,
) -> bool {
    let call = api.calls[0];
    let mut buffer = [0; 4096];
    let mut w = Writer::new(&mut buffer);
    call.emit_request(asked, charset, &mut w).unwrap();
    let fields = String::from_utf8(w.written().to_vec()).unwrap();
    let url = gateway.url(call.paths()[0]);
    let request = match method {
        Method::Get => http().get(format!("{url}?{fields}")),
        Method::Post => http().post(url).body(fields),
    };
    let response = request.send().await.unwrap();
    let status = Status(response.status().as_u16());
    let content_type = response.headers()["content-type"].to_str().unwrap().to_owned();
    let body = response.bytes().await.unwrap();
    let reply = Reply { status, content_type: &content_type, body: &body };
    expected(call.parse_reply(&reply))
}

#[tokio::test]
async fn our_client_sends_through_our_server_by_every_method_and_charset() {
    let gateway = Gateway::start(Wish::default()).await;
    let customer = Customer::start(&[(200, "text/plain", "")]).await;
    let to = [Text::plain("4512345678")];
    let mut sent = Vec::new();
    for api in APIS {
        for method in api.calls[0].methods() {
            for (charset, text) in [(Charset::Utf8, "på € 😀"), (Charset::Latin1, "på {grød}")]
            {
                let id = format!("{}-{method}-{charset:?}", sent.len());
                let op = Op::Send(submit(&to, text, &id, &customer.url));
                let credentials = |password| {
                    let password = Secret(Text::plain(password));
                    Some(Credentials::Password { user: Text::plain("demo"), password })
                };
                let asked = Asked { credentials: credentials("secret"), op };
                let accepted = Answer::Sent { client_id: Some(Text::plain(&id)) };
                let ok = ask(&gateway, api, *method, charset, &asked, |own| own == accepted).await;
                assert!(ok, "{id}");
                sent.push(text);
                let wrong = Asked { credentials: credentials("wrong"), op };
                let refused = |answer: Answer<'_>| matches!(answer, Answer::Refused(refusal) if refusal.reason == Reason::WrongPassword);
                assert!(ask(&gateway, api, *method, charset, &wrong, refused).await, "{id}");
            }
        }
    }
    let arrived = gateway.messages("4512345678", sent.len()).await;
    let arrived: Vec<&str> = arrived.iter().map(|message| message.text.as_str()).collect();
    assert_eq!(arrived, sent);

    // The customer's end reads each report.
    let asked = customer.asked_times(sent.len()).await;
    for (_, uri) in &asked {
        let (path, query) = uri.split_once('?').unwrap();
        let request = Request {
            method: Method::Get,
            path,
            query: query.as_bytes(),
            body: &[],
            latin1: Charset::Latin1,
        };
        let report = APIS[0].report.parse_request(&request).unwrap();
        assert!(matches!(report.op, Op::Report(report) if report.client_id.is_some()), "{uri}");
    }
}

#[tokio::test]
async fn an_unknown_path_names_the_known_ones() {
    let gateway = Gateway::start(Wish::default()).await;
    let (status, body) = gateway.get("/legacy/http/v3/sendsms").await;
    assert_eq!(status, 404);
    for path in APIS.iter().flat_map(|api| api.calls).flat_map(|call| call.paths()) {
        assert!(body.contains(path), "{body}");
    }
    let (status, _) =
        gateway.post("/legacy/http/v2/sendsms", field("text", &"x".repeat(400_000))).await;
    assert_eq!(status, 413);
}
