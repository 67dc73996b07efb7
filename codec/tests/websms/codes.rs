//! Every refusal and status code, both ways.

use std::collections::BTreeSet;

use septet::api::{
    Advice, Answer, Authorization, Method, Reason, Refusal, Reply, Request, Sent, Status,
};
use septet::text::{Secret, Text};
use septet::wire::Writer;

use super::{
    BINARY, SIMPLE, TEXT, TRANSFER_ID, answered, answered_by, endpoint, get, post, refused, told,
};

/// Every status code that refuses: its words, whether our server says it, and what a client may do.
const CODES: &[(u16, &str, bool, Advice)] = {
    use Advice::{DoNotRetry, RetryLater, Split};
    &[
        (4001, "Invalid Credentials. Inactive account or customer.", true, DoNotRetry),
        (
            4002,
            "One or more recipients are not in the correct format or are containing invalid MSISDNs.",
            true,
            DoNotRetry,
        ),
        (4003, "Invalid Sender. Sender address or type is invalid.", true, DoNotRetry),
        (4004, "Invalid messageType.", true, DoNotRetry),
        (4008, "Invalid clientMessageId.", true, DoNotRetry),
        (4009, "Message text (messageContent) is invalid.", true, DoNotRetry),
        (4013, "Message limit is reached.", true, RetryLater),
        (4014, "Sender IP address is not authorized.", true, DoNotRetry),
        (4015, "message priority is invalid", true, DoNotRetry),
        (4016, "Invalid notificationCallbackUrl.", true, DoNotRetry),
        (4019, "A required parameter was not given", true, DoNotRetry),
        (4021, "Account is invalid.", false, DoNotRetry),
        (4022, "Access to the API was denied.", true, DoNotRetry),
        (4023, "Request limit exceeded for this IP address.", true, RetryLater),
        (
            4025,
            "Transfer rate for immediate transmissions exceeded. Too many recipients in this request (1000).",
            true,
            Split,
        ),
        (
            4026,
            "The message content results in too many (automatically generated) sms segments.",
            true,
            DoNotRetry,
        ),
        (4027, "A messageContent segment is invalid", true, DoNotRetry),
        (4029, "Recipients not allowed", false, DoNotRetry),
        (4031, "All recipients blacklisted.", true, DoNotRetry),
        (4034, "Invalid attachment.", false, DoNotRetry),
        (4035, "Not allowed to send sms messages.", false, DoNotRetry),
        (4040, "Invalid contentCategory.", true, DoNotRetry),
        (4041, "Invalid validityPeriode.", true, DoNotRetry),
        (4042, "All recipients blocked by quality rating.", false, DoNotRetry),
        (4043, "All recipients blocked by spam check.", false, DoNotRetry),
        (5000, "Internal error.", true, RetryLater),
        (5003, "Service unavailable.", true, RetryLater),
    ]
};

fn words(code: u16) -> &'static str {
    CODES.iter().find(|(own, ..)| *own == code).unwrap().1
}

const GOOD: &str = r#"{"recipientAddressList":["4367612345678"],"messageContent":"a"}"#;

#[test]
fn what_is_accepted_is_answered_as_in_the_guide() {
    let one = r#"{"statusCode":2000,"statusMessage":"Request accepted, Message(s) sent.","clientMessageId":null,"transferId":"006214b5440071843da1","smsCount":1}"#;
    let (status, body, content_type) = answered_by(None, &post(TEXT, GOOD.as_bytes()));
    assert_eq!((status, &*body), (200, one));
    assert_eq!(content_type, "application/json;charset=UTF-8");
    let sent = Sent { id: Some(Text::plain(TRANSFER_ID)), ..Sent::new() };
    assert_eq!(told(TEXT, 200, one), Answer::Sent(sent));

    // Several, in test mode, too.
    let two = r#"{"recipientAddressList":["436","437"],"messageContent":"a","test":true,"clientMessageId":"m\"1"}"#;
    let body = r#"{"statusCode":2001,"statusMessage":"Request accepted, Message(s) queued.","clientMessageId":"m\"1","transferId":"006214b5440071843da1","smsCount":1}"#;
    assert_eq!(answered(&post(TEXT, two.as_bytes())), (200, body.to_owned()));
    let sent = Sent { client_id: Some(Text::plain("m\"1")), messages: 0, ..sent };
    assert_eq!(told(TEXT, 200, body), Answer::Sent(sent));
    let form = "recipientAddressList=436&messageContent=a";
    assert_eq!(answered(&get(form.as_bytes())), (200, one.to_owned()));
}

#[test]
fn who_asks_is_known_or_refused() {
    let user = |user| Authorization::Basic(Text::plain(user), Secret(Text::plain("password")));
    let bearer = Authorization::Bearer(Secret(Text::plain("token")));
    let unknown = (401, refused(4001, words(4001)));
    for (authorization, query, body, expected) in [
        (Authorization::Absent, "", GOOD, Err(&unknown)),
        (Authorization::Absent, "", "{", Err(&unknown)),
        (Authorization::Malformed, "", GOOD, Err(&unknown)),
        (user("nobody"), "", GOOD, Err(&unknown)),
        (user("other"), "", "{", Err(&unknown)),
        (Authorization::Bearer(Secret(Text::plain("other"))), "", GOOD, Err(&unknown)),
        (Authorization::Absent, "access_token=other", GOOD, Err(&unknown)),
        (user("inactive"), "", "{", Err(&(200, refused(4001, words(4001))))),
        (user("elsewhere"), "", "{", Err(&(200, refused(4014, words(4014))))),
        (bearer, "", GOOD, Ok(())),
        (Authorization::Absent, "access_token=token", GOOD, Ok(())),
    ] {
        let request = post(TEXT, body.as_bytes());
        let request = Request { authorization, query: query.as_bytes(), ..request };
        let (status, body) = answered(&request);
        match expected {
            Ok(()) => assert!(body.starts_with(r#"{"statusCode":2000,"#), "{body}"),
            Err(expected) => assert_eq!((status, body), *expected),
        }
    }
    assert_eq!(told(TEXT, 401, &unknown.1), Answer::Refused(Refusal::plain(Reason::WrongPassword)));
    assert_eq!(
        told(TEXT, 401, "Unauthorized"),
        Answer::Refused(Refusal {
            detail: Text::plain("Unauthorized"),
            ..Refusal::plain(Reason::WrongPassword)
        })
    );
    let inactive = Reason::Vendor(4001, Advice::DoNotRetry);
    assert_eq!(told(TEXT, 200, &unknown.1), Answer::Refused(Refusal::plain(inactive)));
}

#[test]
fn what_cannot_be_read_is_answered_by_a_line_of_text() {
    for (path, body, line) in [
        (TEXT, "{", "JSON is cut short"),
        (TEXT, "[]", "JSON has a value that is not allowed"),
        (BINARY, "a=b", "JSON is malformed"),
        (TEXT, r#"{"test":"maybe"}"#, "test must be true or false"),
        (BINARY, r#"{"userDataHeaderPresent":[]}"#, "userDataHeaderPresent must be true or false"),
        (SIMPLE, "sendAsFlashSms=maybe", "sendAsFlashSms must be true or false"),
        (SIMPLE, r#"{"sendAsFlashSms":"maybe"}"#, "sendAsFlashSms must be true or false"),
    ] {
        let headers: &[(&str, &str)] = match body.as_bytes() {
            [b's', ..] => &[("Content-Type", "application/x-www-form-urlencoded")],
            _ => &[("Content-Type", "application/json")],
        };
        let request = Request { headers, ..post(path, body.as_bytes()) };
        let (status, body, content_type) = answered_by(None, &request);
        assert_eq!((status, &*body), (400, line));
        assert_eq!(content_type, "text/plain;charset=UTF-8");
        let detail = Text::plain(line);
        let refusal = Refusal { detail, ..Refusal::plain(Reason::Unreadable) };
        assert_eq!(told(path, 400, line), Answer::Refused(refusal));
    }
    let too_large = (413, "the request is too large".to_owned(), "text/plain;charset=UTF-8");
    let request = post(TEXT, GOOD.as_bytes());
    assert_eq!(answered_by(Some(Reason::TooLarge), &request), too_large);
    let refusal = Refusal::plain(Reason::TooLarge);
    assert_eq!(told(TEXT, 413, &too_large.1), Answer::Refused(refusal));
}

#[test]
fn every_refused_value_has_its_code() {
    let long = format!("[{}]", vec!["\"4367612345678\""; 1001].join(","));
    let most = format!("[{}]", vec!["\"4367612345678\""; 1000].join(","));
    let octets =
        |len: usize| format!("[\"{}\"]", "AAAA".repeat(len / 3) + ["", "AA", "AAA"][len % 3]);
    let two = |len: usize| octets(len).replace(']', ",\"AA\"]");
    let many = format!("[{}]", vec!["\"AA\""; 256].join(","));
    let (o140, o141, o134, o135) = (octets(140), octets(141), two(134), two(135));
    for (path, name, value, code) in [
        (TEXT, "recipientAddressList", "[]", 4002),
        (TEXT, "recipientAddressList", r#""""#, 4002),
        (TEXT, "recipientAddressList", "true", 4002),
        (TEXT, "recipientAddressList", "[null]", 4002),
        (TEXT, "recipientAddressList", r#"["+4367612345678"]"#, 4002),
        (TEXT, "recipientAddressList", r#"["0676123456"]"#, 4002),
        (TEXT, "recipientAddressList", r#"["1234567890123456"]"#, 4002),
        (TEXT, "recipientAddressList", r#"["436","4x"]"#, 4002),
        (TEXT, "recipientAddressList", r#"["123456789012345","1"]"#, 2001),
        (TEXT, "recipientAddressList", &most, 2001),
        (TEXT, "recipientAddressList", &long, 4025),
        (TEXT, "senderAddress", "{}", 4003),
        (TEXT, "senderAddressType", r#""Alphanumeric""#, 4003),
        (TEXT, "senderAddressType", "[]", 4003),
        (TEXT, "messageType", r#""voice""#, 4004),
        (TEXT, "messageType", r#""text""#, 4004),
        (TEXT, "clientMessageId", "[]", 4008),
        (TEXT, "messageContent", r#""""#, 4009),
        (TEXT, "messageContent", "[]", 4009),
        (TEXT, "messageContent", r#""\ud800""#, 4009),
        (BINARY, "messageContent", r#""YQ==""#, 4027),
        (BINARY, "messageContent", "[]", 4027),
        (BINARY, "messageContent", r#"[""]"#, 4027),
        (BINARY, "messageContent", "[1]", 4027),
        (BINARY, "messageContent", r#"["Y!=="]"#, 4027),
        (BINARY, "messageContent", &o140, 2000),
        (BINARY, "messageContent", &o141, 4027),
        (BINARY, "messageContent", &o134, 2000),
        (BINARY, "messageContent", &o135, 4027),
        (BINARY, "messageContent", &many, 4026),
        (TEXT, "priority", "10", 4015),
        (TEXT, "priority", r#""high""#, 4015),
        (TEXT, "priority", "1.5", 4015),
        (TEXT, "priority", "-1", 4015),
        (TEXT, "priority", "0", 2000),
        (TEXT, "notificationCallbackUrl", r#""ftp://a""#, 4016),
        (TEXT, "notificationCallbackUrl", r#""http://""#, 4016),
        (TEXT, "contentCategory", r#""Informational""#, 4040),
        (TEXT, "contentCategory", r#""advertisement""#, 2000),
        (TEXT, "validityPeriode", "59", 4041),
        (TEXT, "validityPeriode", "259201", 4041),
        (TEXT, "validityPeriode", "60", 2000),
        (TEXT, "maxSmsPerMessage", "256", 4026),
        (TEXT, "maxSmsPerMessage", "-1", 4026),
    ] {
        let content = if path == BINARY { r#"["YQ"]"# } else { r#""a""# };
        let rest = [("recipientAddressList", r#"["436"]"#), ("messageContent", content)];
        let rest = rest.into_iter().filter(|(own, _)| *own != name);
        let fields = rest.chain([(name, value)]).map(|(name, value)| format!("\"{name}\":{value}"));
        let body = format!("{{{}}}", fields.collect::<Vec<_>>().join(","));
        let (status, body) = answered(&post(path, body.as_bytes()));
        assert_eq!(status, 200);
        if code < 4000 {
            assert!(
                body.starts_with(&format!("{{\"statusCode\":{code},")),
                "{name}: {value}: {body}"
            );
        } else {
            assert_eq!(body, refused(code, words(code)), "{name}: {value}");
        }
    }
    // A header that is longer than its part.
    let header = |content: &str| {
        format!(
            r#"{{"recipientAddressList":["436"],"messageContent":["{content}"],"userDataHeaderPresent":true}}"#
        )
    };
    let (_, body) = answered(&post(BINARY, header("AmEA").as_bytes()));
    assert!(body.contains("2000"), "{body}");
    let (_, body) = answered(&post(BINARY, header("A2EA").as_bytes()));
    assert_eq!(body, refused(4027, words(4027)));
    // A sender that is not of its type.
    for (sender, kind, code) in
        [("MyBrand", "international", 4003), ("+43664", "international", 2000)]
    {
        let body = format!(
            r#"{{"recipientAddressList":["436"],"messageContent":"a","senderAddress":"{sender}","senderAddressType":"{kind}"}}"#
        );
        assert!(answered(&post(TEXT, body.as_bytes())).1.contains(&code.to_string()));
    }
}

#[test]
fn the_first_of_several_mistakes_counts() {
    // Each is mended in turn.
    let steps: &[(&str, &str, &str, &str)] = &[
        ("recipientAddressList", "", r#"["x"]"#, "4019"),
        ("messageContent", "", "{}", "4019"),
        ("recipientAddressList", r#"["x"]"#, r#"["436"]"#, "4002"),
        ("senderAddressType", r#""x""#, r#""national""#, "4003"),
        ("messageType", r#""voice""#, r#""default""#, "4004"),
        ("clientMessageId", "{}", r#""m""#, "4008"),
        ("messageContent", "{}", r#""a""#, "4009"),
        ("priority", r#""x""#, "1", "4015"),
        ("notificationCallbackUrl", r#""x""#, r#""http://a""#, "4016"),
        ("contentCategory", r#""x""#, r#""informational""#, "4040"),
        ("validityPeriode", r#""x""#, "60", "4041"),
        ("maxSmsPerMessage", r#""x""#, "1", "4026"),
    ];
    let mut fields: Vec<(&str, &str)> = Vec::new();
    for (name, wrong, ..) in steps {
        // What is missing at first comes last, so that the order of the fields does not matter.
        if !fields.iter().any(|(own, _)| own == name) && !wrong.is_empty() {
            fields.insert(0, (name, wrong));
        }
    }
    fields.retain(|(name, _)| !["recipientAddressList", "messageContent"].contains(name));
    for (name, _, right, code) in steps {
        let body: Vec<_> =
            fields.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
        let body = format!("{{{}}}", body.join(","));
        let (_, reply) = answered(&post(TEXT, body.as_bytes()));
        assert!(reply.starts_with(&format!("{{\"statusCode\":{code},")), "{body}: {reply}");
        if *code == "4019" {
            let message = format!("A required parameter was not given: {name}");
            assert_eq!(reply, refused(4019, &message));
            let refusal = Refusal::new(Reason::Missing, Text::plain(name));
            assert_eq!(told(TEXT, 200, &reply), Answer::Refused(refusal));
        }
        fields.retain(|(own, _)| own != name);
        fields.push((name, right));
    }
}

#[test]
fn every_reason_of_a_store_has_a_code() {
    let code = |reason| match reason {
        Reason::NoCredentials | Reason::UnknownUser | Reason::WrongPassword | Reason::NoSession => {
            4001
        }
        Reason::Recipient | Reason::DuplicateRecipient | Reason::UnknownGroup => 4002,
        Reason::Sender => 4003,
        Reason::DuplicateClientId => 4008,
        Reason::Unencodable | Reason::NoValue => 4009,
        Reason::Credit => 4013,
        Reason::Forbidden => 4014,
        Reason::CallbackUrl => 4016,
        Reason::Missing => 4019,
        Reason::Charging | Reason::Schedule | Reason::UnknownId | Reason::Test | Reason::Other => {
            4022
        }
        Reason::TooManyFailures => 4023,
        Reason::TooManyRecipients => 4025,
        Reason::TooManyParts => 4026,
        Reason::Blacklisted => 4031,
        Reason::Segment => 4027,
        Reason::Internal | Reason::Unknown => 5000,
        Reason::Busy => 5003,
        Reason::Vendor(code, _) => code,
        // A line of text.
        _ => 0,
    };
    let own = CODES.iter().map(|(code, _, _, advice)| Reason::Vendor(*code, *advice));
    for reason in Reason::ALL.iter().copied().chain(own) {
        let (status, body, _) = answered_by(Some(reason), &post(TEXT, GOOD.as_bytes()));
        match code(reason) {
            0 => {
                assert!([Reason::Invalid, Reason::Unreadable, Reason::TooLarge].contains(&reason));
                assert_eq!(body, reason.words());
                assert!([400, 413].contains(&status));
            }
            code => {
                let is_unknown = code == 4001 && !matches!(reason, Reason::Vendor(..));
                assert_eq!(status, if is_unknown { 401 } else { 200 });
                assert_eq!(body, refused(code, words(code)), "{reason}");
            }
        }
    }
    let (_, body, _) =
        answered_by(Some(Reason::Vendor(4999, Advice::DoNotRetry)), &post(TEXT, GOOD.as_bytes()));
    assert_eq!(body, refused(4999, "refused"));
}

#[test]
fn the_codes_that_our_server_says_are_the_marked_ones() {
    let call = endpoint(Method::Post, TEXT);
    let values = call.fields().iter().map(|name| Refusal::new(Reason::Invalid, Text::plain(name)));
    let reasons = Reason::ALL.iter().map(|reason| Refusal::plain(*reason));
    let said = |refusal: Refusal<'_>| {
        let mut buffer = [0; 512];
        let mut w = Writer::new(&mut buffer);
        call.emit_reply(&Answer::Refused(refusal), &mut w).unwrap();
        let reply: serde_json::Value = serde_json::from_slice(w.written()).ok()?;
        reply["statusCode"].as_u64()
    };
    let said: BTreeSet<_> = values.chain(reasons).filter_map(said).collect();
    let marked = CODES.iter().filter(|(_, _, is_made, _)| *is_made);
    assert!(said.into_iter().eq(marked.map(|(code, ..)| u64::from(*code))));
}

#[test]
fn a_client_knows_every_code_and_what_to_do() {
    for (code, words, is_made, advice) in CODES {
        for path in [TEXT, BINARY, SIMPLE] {
            let body = refused(*code, words);
            let Answer::Refused(refusal) = told(path, 200, &body) else { panic!("{code}") };
            assert_eq!(refusal.reason.advice(), *advice, "{code}");
            assert!(refusal.detail.is_empty(), "{code}");
            let is_vendors = matches!(refusal.reason, Reason::Vendor(own, _) if own == *code);
            // 4013 and 4022 stand for several reasons, 4001 with HTTP 200 for none.
            assert_eq!(is_vendors, !is_made || [4001, 4013, 4022].contains(code), "{code}");
            // The words of the guide's table, or others, do not matter.
            let body = refused(*code, "Other words.");
            let Answer::Refused(other) = told(path, 200, &body) else { panic!("{code}") };
            assert_eq!((other.reason, other.subject), (refusal.reason, refusal.subject));
            assert_eq!(other.detail, *"Other words.");
        }
    }
    let reason = |body: &str| match told(TEXT, 200, body) {
        Answer::Refused(refusal) => refusal.reason,
        answer => panic!("{answer}"),
    };
    assert_eq!(reason(&refused(4999, "x")), Reason::Vendor(4999, Advice::DoNotRetry));
    assert_eq!(reason(&refused(5999, "x")), Reason::Vendor(5999, Advice::RetryLater));
    assert_eq!(reason(&refused(2002, "x")), Reason::Unknown);
    assert_eq!(reason(r#"{"statusMessage":"OK"}"#), Reason::Unknown);
    assert_eq!(reason("2000 OK"), Reason::Unknown);
    // The code counts, whatever its type and HTTP's status.
    assert_eq!(told(TEXT, 500, r#"{"statusCode":"5003"}"#).advice(), Advice::RetryLater);
    for (status, body) in
        [(500, ""), (503, "<html>"), (404, "2000"), (302, ""), (502, r#"{"statusCode":2000}"#)]
    {
        assert_eq!(told(SIMPLE, status, body).advice(), Advice::Unknown, "{status}");
    }
}

#[test]
fn a_client_of_simple_reads_a_text_too() {
    let answer = |body: &'static str| {
        let reply = Reply { status: Status::OK, content_type: "text/plain", body: body.as_bytes() };
        endpoint(Method::Get, SIMPLE).parse_reply(&reply)
    };
    for (body, messages) in [
        ("2000", 1),
        (" 2001 Request accepted, Message(s) queued.\r\n", 0),
        ("statusCode=2000&statusMessage=OK", 1),
        ("statusCode: 2001, transferId: x", 0),
    ] {
        assert_eq!(answer(body), Answer::Sent(Sent { messages, ..Sent::new() }), "{body}");
    }
    assert_eq!(answer("4013 Message limit is reached.").advice(), Advice::RetryLater);
    assert_eq!(answer("StatusCode 4002").advice(), Advice::DoNotRetry);
    for body in
        ["", "OK", "20001", "2000a", "<p>2000</p>", "(c) 2001", "statusCode", "statusCode=", "200"]
    {
        assert_eq!(answer(body).advice(), Advice::Unknown, "{body}");
    }
}
