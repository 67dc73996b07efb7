//! Every endpoint: our client against our server, and our customer's end against our callbacks.

use septet::api::Messages;
use septet::api::{
    APIS, Again, Answer, Api, Asked, Callback, Credentials, Dedupe, Endpoint, How, Method, Op,
    Payload, Reason, Recipients, Request, Scheme, Submit, gatewayapi,
};
use septet::fields::List;
use septet::text::{Charset, Secret, Text};
use septet_tests::{Came, Customer, Gateway, Wish, field};

/// Credentials of the demo's account that a call takes.
fn credentials(call: &dyn Endpoint, password: &'static str) -> Option<Credentials<'static>> {
    let secret = Secret(Text::plain(password));
    call.schemes().iter().find_map(|scheme| match scheme {
        Scheme::Basic | Scheme::Fields { .. } => {
            Some(Credentials::Password { user: Text::plain("demo"), password: secret })
        }
        Scheme::BasicKey | Scheme::KeyFields { .. } => {
            Some(Credentials::Key { account: Some(Text::plain("2532")), key: secret })
        }
        Scheme::Bearer | Scheme::TokenField(_) => Some(Credentials::Token(secret)),
        Scheme::SessionHeaders { .. } | Scheme::TokenHeaders { .. } => None,
    })
}

/// Asks the gateway by a call.
async fn ask(gateway: &Gateway, call: &dyn Endpoint, asked: &Asked<'_>, how: &How) -> Came {
    let mut buffer = vec![0; 64 * 1024];
    let emitted = call.emit_request(asked, how, &mut buffer).unwrap();
    gateway.exchange(&emitted).await
}

/// The call of an interface that sends a text.
fn sending(api: &Api) -> &'static dyn Endpoint {
    api.calls
        .iter()
        .copied()
        .find(|call| matches!(call.name(), "sendsms" | "send" | "text" | "sms" | "send_sms"))
        .unwrap()
}

#[tokio::test]
async fn our_client_sends_through_our_server_by_every_method_carrier_and_charset() {
    let gateway = Gateway::start(Wish::default()).await;
    let to = [Text::plain("4512345678")];
    let mut sent = Vec::new();
    for api in APIS {
        let call = sending(api);
        let Some(right) = credentials(call, "secret") else {
            // Its sessions begin with a login: `septet send --via` has a test of its own for that.
            assert_eq!(api.name, "skebby-rest");
            continue;
        };
        for method in call.methods() {
            for carrier in call.carriers() {
                let by_field: &[_] =
                    &[(Some(Charset::Utf8), "på € {grød}"), (Some(Charset::Latin1), "på {grød}")];
                let only: &[_] = &[(None, "på {grød}")];
                let names_charset = api.name.starts_with("gatewayapi");
                for (charset, text) in if names_charset { by_field } else { only } {
                    let id = format!("{}-{}", api.name, sent.len());
                    let sender = Text::plain("Septet");
                    let key = Text::plain(&id);
                    let dedupe = Dedupe { key, again: Again::SameContent, window_s: 86_400 };
                    let recipients = Recipients::numbers(List::Slice(&to));
                    let body = Payload::Text(Text::plain(text));
                    let op = Op::Send(Submit {
                        sender: Some(sender),
                        client_id: Some(key),
                        dedupe: Some(dedupe).filter(|_| api.name == "gatewayapi-v2"),
                        ..Submit::new(Messages::Same { to: recipients, body })
                    });
                    let how =
                        How { method: Some(*method), carrier: Some(*carrier), charset: *charset };
                    let asked = Asked { credentials: Some(right), op };
                    let came = ask(&gateway, call, &asked, &how).await;
                    let answer = call.parse_reply(&came.reply());
                    assert!(
                        matches!(answer, Answer::Sent(_)),
                        "{} {how:?}: {answer} {came:?}",
                        api.name
                    );
                    sent.push(*text);
                    let wrong = Asked { credentials: credentials(call, "wrong"), op };
                    let came = ask(&gateway, call, &wrong, &how).await;
                    let answer = call.parse_reply(&came.reply());
                    let Answer::Refused(refusal) = answer else { panic!("{}: {answer}", api.name) };
                    assert!(
                        matches!(
                            refusal.reason,
                            Reason::WrongPassword | Reason::UnknownUser | Reason::Forbidden
                        ),
                        "{}: {refusal}",
                        api.name
                    );
                }
            }
        }
    }
    // By method, carrier and charset.
    assert_eq!(sent.len(), 4 + 8 + 3 + 1 + 2, "{sent:?}");
    let arrived = gateway.messages("4512345678", sent.len()).await;
    let arrived: Vec<&str> = arrived.iter().map(|message| message.text.as_str()).collect();
    assert_eq!(arrived, sent);
}

#[tokio::test]
async fn the_customers_end_reads_the_report() {
    let gateway = Gateway::start(Wish::default()).await;
    let customer = Customer::start(&[(200, "text/plain", "")]).await;
    let to = [Text::plain("4512345678")];
    let (call, report) = (gatewayapi::V2.calls[0], gatewayapi::V2.report.unwrap());
    let url = Text::plain(&customer.url);
    let op = Op::Send(Submit {
        client_id: Some(Text::plain("s:1")),
        callback: Some(Callback { url, carrier: None }),
        ..Submit::new(Messages::Same {
            to: Recipients::numbers(List::Slice(&to)),
            body: Payload::Text(Text::plain("hello")),
        })
    });
    let asked = Asked { credentials: credentials(call, "secret"), op };
    ask(&gateway, call, &asked, &How::default()).await;
    let (_, uri) = &customer.asked_times(1).await[0];
    let (path, query) = uri.split_once('?').unwrap();
    let request = Request::new(Method::Get, path, query.as_bytes(), &[]);
    let op = report.parse_request(&request).unwrap();
    assert!(
        matches!(op, Op::Report(report) if report.client_id == Some(Text::plain("s:1"))),
        "{uri}"
    );
}

#[tokio::test]
async fn an_unknown_path_names_the_known_ones() {
    let gateway = Gateway::start(Wish::default()).await;
    let (status, body) = gateway.get("/legacy/http/v3/sendsms").await;
    assert_eq!(status, 404);
    for path in APIS.iter().flat_map(|api| api.calls).flat_map(|call| call.paths()) {
        assert!(body.contains(path), "{body}");
    }
    let (status, body) =
        gateway.post("/legacy/http/v2/sendsms", field("text", &"x".repeat(400_000))).await;
    assert_eq!((status, body.as_str()), (400, "Request is too large"));
}
