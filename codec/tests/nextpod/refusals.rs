//! Every refusal, with its whole body.

use super::*;

/// Asserts that a request is refused with this status and sentence: in the phrase and in the body.
fn is_refused(post: Post<'_>, status: u16, sentence: &str) {
    let (head, body, performed) = post.with(|request| served(None, request));
    assert_eq!(body, format!(r#"{{"status":{status},"message":"{sentence}"}}"#));
    assert_eq!((head.status.0, &*head.phrase, head.content_type), (status, sentence, JSON));
    assert_eq!(performed, 0);
}

#[test]
fn a_parameter_that_is_wrong_is_named() {
    let long = |len: usize| json!("x".repeat(len));
    let digits = |len: usize| json!("4".repeat(len));
    let wrong: &[(&str, Value)] = &[
        ("from", json!(null)),
        ("from", json!("")),
        ("from", long(2)),
        ("from", long(12)),
        ("from", digits(2)),
        ("from", digits(15)),
        ("from", json!("two\nlines")),
        ("from", json!(["Nextpod"])),
        ("to", json!(null)),
        ("to", json!("")),
        ("to", json!(", ,")),
        ("to", json!([])),
        ("to", json!("+4791726200")),
        ("to", json!("004791726200")),
        ("to", json!("04791726200")),
        ("to", json!("4791726200,x")),
        ("to", json!("47917 26200")),
        ("to", json!("4791726200;4758484412")),
        ("to", json!("4791")),
        ("to", digits(16)),
        ("to", json!(["4791726200", null])),
        ("to", json!({ "number": "4791726200" })),
        ("to", json!(4.5)),
        ("msg", json!(null)),
        ("msg", json!("")),
        ("msg", long(1501)),
        ("msg", json!({})),
        ("send_time", json!("tomorrow")),
        ("send_time", json!("2019-09-25T08:58:00")),
        ("send_time", json!("2019-09-25 08:58:00Z")),
        ("send_time", json!("2019-02-29T08:58:00Z")),
        ("dlr_url", json!("ftp://example.com/")),
        ("dlr_url", json!("https://example.com/a b")),
        ("dlr_method", json!("XML")),
        ("reference", long(101)),
        ("reference", json!([])),
        ("gateway", json!("main")),
        ("gateway", json!(-1)),
    ];
    for (name, value) in wrong {
        let capital = name[..1].to_uppercase() + &name[1..];
        let sentence = format!("{capital} parameter is missing or has an invalid value");
        is_refused(Post::json(&with(&[(name, value.clone())])), 400, &sentence);
    }
    let refused = |post, sentence| is_refused(post, 400, sentence);
    let from = "From parameter is missing or has an invalid value";
    refused(Post::json("{}"), from);
    refused(Post::form("to=4791726200&msg=Hello!"), from);
    refused(Post::query("to=4791726200&msg=Hello!"), from);
    refused(Post::query(""), from);
    refused(
        Post::form("from=Nextpod&to=4791726200&msg=Hello%"),
        "Msg parameter is missing or has an invalid value",
    );
    refused(
        Post::form("from=Nextpod&to=4791726200&msg=%E6"),
        "Msg parameter is missing or has an invalid value",
    );
    refused(
        Post::form("from=Nextpod&to=4791726200&msg=a&msg=b"),
        "Msg parameter is missing or has an invalid value",
    );
    refused(
        Post::json(r#"{"from":"Nextpod","to":"4791726200","msg":"\ud83d"}"#),
        "Msg parameter is missing or has an invalid value",
    );
}

#[test]
fn a_body_that_cannot_be_read_is_a_400() {
    let good = with(&[]);
    is_refused(Post::json(&good[..20]), 400, "JSON is cut short");
    is_refused(Post::json("[]"), 400, "JSON has a value that is not allowed");
    is_refused(
        Post::json(&format!("{good}x")),
        400,
        "JSON is followed by octets that do not belong to it",
    );
    is_refused(Post::json("{'from':1}"), 400, "JSON is malformed");
    is_refused(Post::json(&"[".repeat(40)), 400, "JSON is nested too deeply");
    let sentence = "Content-Type parameter is missing or has an invalid value";
    for content_type in ["", "text/plain", "application/xml"] {
        is_refused(Post { content_type, ..Post::json(&good) }, 400, sentence);
    }
    let multipart = |content_type, body| Post { content_type, ..Post::json(body) };
    is_refused(
        multipart("multipart/form-data", "--b--"),
        400,
        "Boundary parameter is missing or has an invalid value",
    );
    is_refused(
        multipart("multipart/form-data; boundary=b", "--b\r\n"),
        400,
        "multipart body is cut short",
    );
    is_refused(
        multipart("multipart/form-data; boundary=b", "--b\r\n\r\nx\r\n--b--"),
        400,
        "multipart body is malformed",
    );
}

#[test]
fn who_cannot_be_known_is_unauthorized() {
    let good = with(&[]);
    for basic in ["", "Basic", "Basic !", "Basic Og==", "Bearer 6cfbf9", "Digest x", "Basic Ong="] {
        is_refused(Post { basic, ..Post::json(&good) }, 401, "Unauthorized");
    }
    let fields = "from=Nextpod&to=4791726200&msg=Hello!";
    for more in ["&account_id=2532", &format!("&api_key={KEY}"), "&account_id=2532&api_key=x"] {
        let body = format!("{fields}{more}");
        is_refused(Post { basic: "", ..Post::form(&body) }, 401, "Unauthorized");
    }
    // The header counts before the fields.
    let body = format!("{fields}&account_id=2532&api_key={KEY}");
    is_refused(Post { basic: "Basic Ong=", ..Post::form(&body) }, 401, "Unauthorized");
    for post in [Post::form(&body), Post::query(&body)] {
        let (head, ..) = Post { basic: "", ..post }.with(|request| served(None, request));
        assert_eq!(head.status, Status::OK);
    }
    // `2532:` and the key, by a scheme in small letters.
    let basic = "basic MjUzMjo2Y2ZiZjktOTNjMGFjNjBhYzZjNWZjMzkwMGU1NmQ5NjZkY2Q4ZDJiMQ==";
    Post { basic, ..Post::json(&good) }.with(|request| {
        assert_eq!(sms().credentials(request), Ok(Some(key(Some("2532"), KEY))));
        assert_eq!(served(None, request).0.status, Status::OK);
    });
}

#[test]
fn every_reason_has_a_status_and_every_status_a_reason() {
    let mut reasons = Vec::new();
    for (status, made, read, advice) in STATUSES {
        for (reason, sentence) in *made {
            reasons.push(*reason);
            let (subject, detail) = (Text::plain("msg"), Text::plain("why"));
            let refusal = Refusal { reason: *reason, subject, detail };
            let good = with(&[]);
            let (head, body, performed) =
                Post::json(&good).with(|request| served(Some(refusal), request));
            assert_eq!((head.status.0, &*head.phrase), (*status, *sentence), "{reason:?}");
            assert_eq!(body, format!(r#"{{"status":{status},"message":"{sentence}"}}"#));
            assert_eq!(performed, 1);
            // The decision is the status's, whatever the words.
            assert_eq!(read_refusal(*status, &body).reason.advice(), *advice, "{reason:?}");
        }
        for body in ["", "{}", "not JSON", "[1]", r#"{"message":7}"#, r#"{"status":200}"#] {
            let refusal = read_refusal(*status, body);
            assert_eq!((refusal.reason, refusal.reason.advice()), (*read, *advice), "{status}");
        }
        // A code of the vendor's own is that status.
        let own = Refusal::plain(Reason::Vendor(*status, *advice));
        let (head, ..) = Post::json(&with(&[])).with(|request| served(Some(own), request));
        assert_eq!(head.status.0, *status);
    }
    for reason in Reason::ALL {
        assert_eq!(reasons.iter().filter(|own| *own == reason).count(), 1, "{reason:?}");
    }
    let own = Refusal::plain(Reason::Vendor(7, Advice::DoNotRetry));
    let (head, ..) = Post::json(&with(&[])).with(|request| served(Some(own), request));
    assert_eq!(head.status.0, 500);
    assert_eq!(
        read_refusal(400, r#"{"status":400,"message":"Bad Request"}"#),
        Refusal::plain(Reason::Invalid)
    );
    let (head, body, _) =
        Post::json(&with(&[])).with(|request| served(Some(Refusal::plain(Reason::Other)), request));
    assert_eq!(
        (&*head.phrase, &*body),
        ("Bad Request", r#"{"status":400,"message":"Bad Request"}"#)
    );
}

#[test]
fn a_status_that_is_not_listed_is_no_answer() {
    for status in [100, 201, 204, 301, 302, 404, 405, 408, 418, 501, 502, 503, 504] {
        let body = "<html>\n";
        let refusal = read_refusal(status, body);
        assert_eq!(refusal, Refusal::new(Reason::Unknown, Text::plain("<html>")), "{status}");
        assert_eq!(refusal.reason.advice(), Advice::Unknown);
    }
    for body in ["", "OK", "[]", "{}", r#"{"id":"x"}"#, r#"{"sms":[{"id":"x"}]}"#, r#"{"sms":7}"#] {
        assert_eq!(read_refusal(200, body).reason, Reason::Unknown, "{body}");
    }
}

#[test]
fn a_sentence_that_is_too_long_is_cut() {
    let long: &'static str = Box::leak("æ".repeat(300).into_boxed_str());
    let refusal = Refusal::new(Reason::Other, Text::plain(long));
    let (head, body, _) = Post::json(&with(&[])).with(|request| served(Some(refusal), request));
    assert_eq!(head.phrase.len(), PHRASE_MAX);
    assert!(head.phrase.chars().all(|c| c == '?'));
    assert_eq!(body, format!(r#"{{"status":400,"message":"{}"}}"#, "æ".repeat(128)));
}

#[test]
fn a_server_refuses_without_a_look_in_the_vendors_words() {
    let good = with(&[]);
    for (reason, status, words) in [
        (Reason::TooManyFailures, 429, "To many requests"),
        (Reason::TooLarge, 413, "Request is too large"),
        (Reason::Busy, 500, "Internal server error"),
    ] {
        let mut buffer = [0; 128];
        let mut w = Writer::new(&mut buffer);
        let head =
            Post::json(&good).with(|request| refuse(&[&API], request, reason, &mut w)).unwrap();
        assert_eq!((head.status.0, &*head.phrase), (status, words));
        let body = format!(r#"{{"status":{status},"message":"{words}"}}"#);
        assert_eq!(w.written(), body.as_bytes());
    }
}

#[test]
fn both_paths_are_served_by_post_alone() {
    let good = with(&[]);
    Post::json(&good).with(|request| {
        for path in ["/v2/sms", "/v3/sms", "//v3/sms/"] {
            assert_eq!(served(None, &Request { path, ..*request }).0.status, Status::OK, "{path}");
        }
        for path in ["/v1/sms", "/V2/sms", "/v2", "/v2/sms/1"] {
            let (head, ..) = served(None, &Request { path, ..*request });
            assert_eq!(head.status, Status::NOT_FOUND, "{path}");
        }
        for method in [Method::Get, Method::Delete] {
            let (head, ..) = served(None, &Request { method, ..*request });
            assert_eq!(head.status, Status::METHOD_NOT_ALLOWED);
        }
    });
}
