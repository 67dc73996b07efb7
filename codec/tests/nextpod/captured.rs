//! Captured requests and callbacks.

use super::*;

#[test]
fn captured_requests_are_read() {
    let file: Value =
        serde_json::from_str(include_str!("../../vectors/http_requests.json")).unwrap();
    let of_this = |entry: &&Value| entry["expected"]["api"] == "nextpod";
    let entries: Vec<&Value> =
        file["requests"].as_array().unwrap().iter().filter(of_this).collect();
    assert_eq!(entries.len(), 9);
    for entry in entries {
        let id = entry["id"].as_str().unwrap();
        let base64 = Text::plain(entry["body_base64"].as_str().unwrap_or_default());
        let mut body: Vec<u8> = Octets::coded(base64, Coding::Base64).unwrap().iter().collect();
        body.extend(entry["body"].as_str().unwrap_or_default().bytes());
        let headers: Vec<(&str, &str)> = entry["headers"]
            .as_array()
            .unwrap()
            .iter()
            .map(|header| (header[0].as_str().unwrap(), header[1].as_str().unwrap()))
            .collect();
        let path = entry["path_and_query"].as_str().unwrap();
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let request = Request::new(Method::Post, path, query.as_bytes(), &body);
        let request = Request { headers: &headers, ..request };
        let mut buffer = [0; 256];
        let authorization = request
            .header("Authorization")
            .map_or(Authorization::Absent, |value| Authorization::read(value, &mut buffer));
        let request = Request { authorization, ..request };

        assert_eq!(entry["method"], "POST");
        let expected = &entry["expected"];
        let field = |name: &str| expected["fields"][name].as_str().map(Text::plain);
        let is_send = path.ends_with("/sms");
        let endpoint = match entry["case"].as_str().unwrap() {
            _ if is_send => sms(),
            case if case.starts_with("mo") => mo(),
            _ => dlr(),
        };
        assert_eq!(endpoint.captures(path).is_some(), is_send, "{id}");
        let op = endpoint.parse_request(&request).unwrap_or_else(|e| panic!("{id}: {e}"));
        let credentials = endpoint.credentials(&request);
        match op {
            Op::Send(submit) => {
                let expected = match (expected["auth"]["password"].as_str(), field("api_key")) {
                    (Some(password), _) => Ok(Some(key(None, password))),
                    (None, Some(key)) => Ok(Some(Credentials::Key {
                        account: field("account_id"),
                        key: Secret(key),
                    })),
                    (None, None) => Err(ErrorKind::Missing.at("Authorization", 0)),
                };
                assert_eq!(credentials, expected, "{id}");
                let to = field("to").unwrap().to_string();
                let to: Vec<Text<'_>> = to.split(',').map(Text::plain).collect();
                let to = Recipients::numbers(List::Slice(&to));
                let body = Payload::Text(field("msg").unwrap());
                let whole = Submit {
                    sender: field("from"),
                    duplicates: Duplicates::Strip,
                    ..Submit::new(Messages::Same { to, body })
                };
                assert_eq!(submit, whole, "{id}");
            }
            Op::Report(report) => {
                assert_eq!(credentials, Ok(None));
                let updated = if id.ends_with("json") { 8 } else { 11 };
                let whole = Report {
                    id: field("id"),
                    client_id: field("reference"),
                    recipient: field("to"),
                    mcc: Some(242),
                    mnc: Some(1),
                    created: at((2019, 8, 28), (14, 59, 58)),
                    sent: at((2019, 8, 28), (15, 0, 0)),
                    done: at((2019, 8, 28), (15, 0, updated)),
                    parts: Some(1),
                    ..Report::new(State::Delivered)
                };
                assert_eq!(report, whole, "{id}");
            }
            Op::Inbound(inbound) => {
                assert_eq!(credentials, Ok(None));
                let [own, from, to] = ["id", "from", "to"].map(|name| field(name).unwrap());
                let whole = Inbound {
                    keyword: field("keyword"),
                    sub_keyword: field("sub_keyword"),
                    body: field("msg").map(Payload::Text),
                    received: at((2019, 8, 28), (15, 0, 0)),
                    mcc: Some(242),
                    mnc: Some(1),
                    ..Inbound::new(own, from, to)
                };
                assert_eq!(inbound, whole, "{id}");
            }
            other => panic!("{id}: {other:?}"),
        }
    }
}
