//! What one end writes the other reads.

use super::*;

/// What one end asks the other reads as the same, by every carrier, and writes as the same.
fn request_commutes(endpoint: &dyn Endpoint, asked: &Asked<'_>) {
    for carrier in endpoint.carriers() {
        let how = How { carrier: Some(*carrier), ..How::default() };
        let first = emitted(|buffer| endpoint.emit_request(asked, &how, buffer)).unwrap();
        let request = requested(&first);
        assert_eq!(endpoint.credentials(&request), Ok(asked.credentials));
        let op = endpoint.parse_request(&request).unwrap();
        assert_eq!(op, asked.op, "{carrier:?}");
        let again = Asked { op, ..*asked };
        assert_eq!(
            emitted(|buffer| endpoint.emit_request(&again, &how, buffer)),
            Ok(first.clone())
        );
        // The fields alone are written as the same, too.
        let (source, credentials) =
            (endpoint.source(&request).unwrap(), asked.credentials.as_ref());
        let fields = emitted(|buffer| endpoint.emit_fields(credentials, source, &how, buffer));
        assert_eq!(fields, Ok(first.clone()));
        // A form may stand in the query.
        if *carrier == Carrier::Form && endpoint.name() == "sms" {
            let request = Request::new(Method::Post, "/v3/sms", first.body, &[]);
            assert_eq!(endpoint.parse_request(&request), Ok(asked.op));
        }
    }
}

/// What one end answers the other reads as the same, and answers as the same.
fn answer_commutes(endpoint: &dyn Endpoint, answer: &Answer<'_>) {
    let emit = |answer: &Answer<'_>| {
        let mut buffer = vec![0; 64 * 1024];
        let mut w = Writer::new(&mut buffer);
        let head = endpoint.emit_reply(answer, &mut w).unwrap();
        (head, &*leaked(w.written()))
    };
    let (head, body) = emit(answer);
    let reply = Reply { status: head.status, content_type: head.content_type, body };
    let back = endpoint.parse_reply(&reply);
    assert_eq!(back, *answer);
    assert_eq!(emit(&back), (head, body));
}

fn date_time() -> impl Strategy<Value = DateTime> {
    (1..=9999_u16, 1..=12_u8, 1..=28_u8, 0..24_u8, 0..60_u8, 0..60_u8).prop_map(
        |(year, month, day, hour, minute, second)| DateTime {
            year,
            month,
            day,
            hour,
            minute,
            second,
        },
    )
}

fn when() -> impl Strategy<Value = Option<When<'static>>> {
    proptest::option::of(date_time().prop_map(When::utc))
}

const URL: &str = "https?://[a-z]{1,9}[.]example/[!-~]{0,30}";

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_send_commutes(
        account in proptest::option::of("[0-9]{1,9}"),
        secret in "[!-~æ€]{1,40}",
        sender in "[A-Za-z\"&+][ -~æÆ]{2,10}|[0-9]{3,14}",
        to in proptest::collection::vec("[1-9][0-9]{4,14}", 1..50),
        msg in "(?s).{1,200}",
        schedule in when(),
        url in proptest::option::of((URL, any::<bool>())),
        client_id in proptest::option::of(".{1,100}"),
        gateway in proptest::option::of("0|[1-9][0-9]{0,30}|0[0-9]{1,9}"),
    ) {
        let to: Vec<Text<'_>> = to.iter().map(|number| Text::plain(number)).collect();
        let gateway = gateway.as_deref().map(|value| [Note { name: "gateway", value: Text::plain(value) }]);
        let submit = Submit {
            sender: Some(Text::plain(&sender)),
            client_id: client_id.as_deref().map(Text::plain),
            callback: url.as_ref().map(|(url, is_json)| Callback {
                url: Text::plain(url),
                carrier: Some(if *is_json { Carrier::Json } else { Carrier::Form }),
            }),
            schedule,
            notes: gateway.as_ref().map_or(Rows::EMPTY, |notes| Rows::slice(notes)),
            ..submit(&to, &msg)
        };
        let credentials = Some(key(account.as_deref(), &secret));
        request_commutes(sms(), &Asked { credentials, op: Op::Send(submit) });
    }

    #[test]
    fn the_fields_of_a_key_are_read_in_every_carrier(
        account in "[0-9]{1,9}",
        secret in "[!-~æ€]{1,40}",
        msg in "\\PC{1,50}",
    ) {
        let expected = Ok(Some(key(Some(&account), &secret)));
        let body = with(&[("account_id", json!(account)), ("api_key", json!(secret)), ("msg", json!(msg))]);
        Post { basic: "", ..Post::json(&body) }.with(|request| {
            assert_eq!(sms().credentials(request), expected);
            let source = sms().source(request).unwrap();
            for carrier in sms().carriers() {
                // With these fields in the place of the header, as other clients have them.
                let how = How { carrier: Some(*carrier), ..How::default() };
                let (mut form, mut whole) = ([0; 2048], [0; 2048]);
                let emitted = sms().emit_fields(None, source, &how, &mut form).unwrap();
                let both = Fielded { account: &account, secret: &secret }.before(&emitted, &mut whole);
                let headers = [("Content-Type", emitted.content_type.unwrap())];
                let request = Request { headers: &headers, ..Request::new(Method::Post, "/v3/sms", &[], both) };
                assert_eq!(sms().credentials(&request), expected);
                let Ok(Op::Send(submit)) = sms().parse_request(&request) else { panic!() };
                assert_eq!(text(&submit), msg);
            }
        });
    }

    #[test]
    fn a_report_commutes(
        id in "\\PC{1,40}",
        client_id in proptest::option::of("\\PC{1,100}"),
        recipient in "[1-9][0-9]{4,14}",
        state in proptest::sample::select(vec![
            State::Delivered, State::EnRoute, State::Undeliverable, State::Blacklisted,
            State::UnknownRecipient, State::Expired, State::Deleted, State::GaveUp,
        ]),
        words in proptest::option::of("[a-z ]{1,20}"),
        status: Option<u8>,
        network: (Option<u16>, Option<u16>),
        (created, sent, done) in (when(), when(), when()),
        parts: Option<u32>,
    ) {
        let report = Report {
            notification: None,
            id: Some(Text::plain(&id)),
            client_id: client_id.as_deref().map(Text::plain),
            recipient: Some(Text::plain(&recipient)),
            state,
            words: words.as_deref().map(Text::plain).filter(|_| state != State::Delivered),
            status,
            mcc: network.0,
            mnc: network.1,
            created,
            sent,
            done,
            parts,
        };
        request_commutes(dlr(), &Asked { credentials: None, op: Op::Report(report) });
    }

    #[test]
    fn a_received_message_commutes(
        id in "\\PC{1,40}",
        sender in "\\PC{1,20}",
        recipient in "[0-9]{3,15}",
        msg in "(?s).{0,400}",
        keywords in proptest::collection::vec("[A-Za-z0-9ÆØÅæøå?&]{1,20}", 2),
        has_keywords: (bool, bool),
        network: (Option<u16>, Option<u16>),
        received in when(),
    ) {
        let inbound = Inbound {
            keyword: has_keywords.0.then(|| Text::plain(&keywords[0])),
            sub_keyword: has_keywords.1.then(|| Text::plain(&keywords[1])),
            body: Some(Payload::Text(Text::plain(&msg))),
            received,
            mcc: network.0,
            mnc: network.1,
            ..Inbound::new(Text::plain(&id), Text::plain(&sender), Text::plain(&recipient))
        };
        request_commutes(mo(), &Asked { credentials: None, op: Op::Inbound(inbound) });
    }

    #[test]
    fn answers_commute(
        rows in proptest::collection::vec(("[0-9A-F-]{36}", "\\PC{3,14}", "[1-9][0-9]{4,14}", 1..2000_u32, 1..=255_u32), 0..5),
        client_id in "\\PC{0,100}",
        subject in "[a-z_]{1,20}",
        detail in "[a-z ]{1,80}",
    ) {
        let receipts: Vec<Receipt<'_>> = rows
            .iter()
            .map(|(id, sender, recipient, characters, parts)| Receipt {
                id: Text::plain(id),
                sender: Text::plain(sender),
                recipient: Text::plain(recipient),
                characters: *characters,
                parts: *parts,
                client_id: Text::plain(&client_id),
            })
            .collect();
        let sent = Sent {
            client_id: Some(Text::plain(&client_id)).filter(|id| !receipts.is_empty() && !id.is_empty()),
            parts: receipts.iter().map(|receipt| receipt.parts).max().unwrap_or(0),
            messages: u32::try_from(receipts.len()).unwrap(),
            receipts: Rows::slice(&receipts),
            ..Sent::new()
        };
        answer_commutes(sms(), &Answer::Sent(sent));
        for name in sms().fields() {
            answer_commutes(sms(), &Answer::Refused(Refusal::new(Reason::Invalid, Text::plain(name))));
        }
        let capital = subject[..1].to_uppercase() + &subject[1..];
        if !sms().fields().contains(&&*subject) {
            answer_commutes(sms(), &Answer::Refused(Refusal::new(Reason::Invalid, Text::plain(&capital))));
        }
        let refusal = Refusal { detail: Text::plain(&detail), ..Refusal::plain(Reason::Invalid) };
        answer_commutes(sms(), &Answer::Refused(refusal));
        for (_, made, read, _) in STATUSES {
            answer_commutes(sms(), &Answer::Refused(Refusal::plain(*read)));
            // What any reason is read as is read as itself from then on.
            for (reason, _) in *made {
                let refusal = Refusal { reason: *reason, subject: Text::plain(&subject), detail: Text::plain(&detail) };
                let mut buffer = [0; 512];
                let mut w = Writer::new(&mut buffer);
                let head = sms().emit_reply(&Answer::Refused(refusal), &mut w).unwrap();
                let reply = Reply { status: head.status, content_type: head.content_type, body: w.written() };
                answer_commutes(sms(), &sms().parse_reply(&reply));
            }
        }
        answer_commutes(sms(), &Answer::Refused(Refusal::plain(Reason::TooLarge)));
    }

    #[test]
    fn any_octets_are_read_or_refused(
        octets in proptest::collection::vec(any::<u8>(), 0..100),
        good: bool,
        status in 100..600_u16,
    ) {
        for endpoint in [sms(), dlr(), mo()] {
            endpoint.parse_reply(&Reply { status: Status(status), content_type: "", body: &octets });
            let mut body = octets.clone();
            if good {
                body.extend(b"&from=Nextpod&to=4791726200&msg=Hello!&id=1&status_code=200&status_text=x");
            }
            for content_type in [JSON, FORM, "multipart/form-data; boundary=b", ""] {
                let post = Post { content_type, body: &body, ..Post::json("") };
                post.with(|request| match endpoint.parse_request(request) {
                    Ok(op) => {
                        let _ = served(None, request);
                        request_is_written(endpoint, op);
                    }
                    Err(_) if endpoint.name() == "sms" => {
                        assert_eq!(served(None, request).0.status, Status::BAD_REQUEST);
                    }
                    Err(_) => {}
                });
            }
        }
    }
}

/// What was read can be written, and what is then read is written as the same.
fn request_is_written(endpoint: &dyn Endpoint, op: Op<'_>) {
    let emit = |op: Op<'_>| {
        let asked = Asked { credentials: None, op };
        emitted(|buffer| endpoint.emit_request(&asked, &How::default(), buffer)).unwrap()
    };
    let first = emit(op);
    assert_eq!(emit(endpoint.parse_request(&requested(&first)).unwrap()), first);
}

/// The fields of a key, as a client writes them that has no header.
struct Fielded<'a> {
    account: &'a str,
    secret: &'a str,
}

impl Fielded<'_> {
    /// The body that was written, the fields of the key before the others.
    fn before<'b>(&self, emitted: &Emitted<'_>, buffer: &'b mut [u8]) -> &'b [u8] {
        let Self { account, secret } = self;
        let mut w = Writer::new(buffer);
        let content_type = emitted.content_type.unwrap();
        if let Some((_, boundary)) = content_type.split_once("boundary=") {
            for (name, value) in [("account_id", account), ("api_key", secret)] {
                let part = format!(
                    "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
                );
                w.text(&part).unwrap();
            }
            w.octets(emitted.body).unwrap();
        } else if content_type == JSON {
            let fields = json!({ "account_id": account, "api_key": secret }).to_string();
            w.text(&fields[..fields.len() - 1]).unwrap();
            w.octet(b',').unwrap();
            w.octets(&emitted.body[1..]).unwrap();
        } else {
            let escape =
                |text: &str| text.bytes().map(|octet| format!("%{octet:02x}")).collect::<String>();
            w.text(&format!("account_id={account}&api_key={}&", escape(secret))).unwrap();
            w.octets(emitted.body).unwrap();
        }
        w.into_written()
    }
}
