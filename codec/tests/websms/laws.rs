//! What one end says the other reads, and nothing makes either panic.

use proptest::prelude::*;
use septet::api::{
    Advice, Alphabet, Answer, Asked, Callback, Credentials, DateTime, Dedupe, Duplicates, Endpoint,
    How, Inbound, Merged, Messages, Method, Note, Op, Payload, Reason, Recipients, Refusal, Reply,
    Report, Request, Sent, State, Status, Submit, Test, When, Zone, websms,
};
use septet::fields::{Carrier, List, Rows};
use septet::octets::Octets;
use septet::text::{Charset, Secret, Text};
use septet::wire::Writer;

use super::{BASIC, BINARY, SIMPLE, TEXT, endpoint, get, post, received};

// Values that are compared live equally long, which is forever here.
fn leaked(text: &str) -> Text<'static> {
    Text::plain(text.to_owned().leak())
}

fn leaked_octets(octets: &[u8]) -> Octets<'static> {
    Octets::plain(octets.to_vec().leak())
}

fn buffer() -> &'static mut [u8] {
    vec![0; 4096].leak()
}

/// What a message has in it, owned.
#[derive(Clone, Debug)]
struct Made {
    numbers: Vec<String>,
    sender: Option<String>,
    client_id: Option<String>,
    url: Option<String>,
    validity: Option<u32>,
    flash: bool,
    parts_max: Option<u8>,
    test: bool,
    notes: Vec<(&'static str, String)>,
}

fn made() -> impl Strategy<Value = Made> {
    let note = |name: &'static str, values: &'static [&'static str]| {
        proptest::option::of(proptest::sample::select(values))
            .prop_map(move |value| value.map(|value| (name, value.to_owned())))
    };
    let notes = (
        note("senderAddressType", &["alphanumeric"]),
        note("messageType", &["default"]),
        note("priority", &["1", "5", "9"]),
        note("contentCategory", &["informational", "advertisement"]),
    );
    (
        proptest::collection::vec("[1-9][0-9]{0,14}", 1..5),
        proptest::option::of("[A-Za-z0-9 &\u{E9}]{1,11}"),
        proptest::option::of("[ -~\u{E0}-\u{FF}]{1,20}"),
        proptest::option::of("https?://[a-z./?=&%]{1,20}"),
        proptest::option::of(60..=259_200_u32),
        any::<bool>(),
        proptest::option::of(1..=255_u8),
        any::<bool>(),
        notes,
    )
        .prop_map(
            |(numbers, sender, client_id, url, validity, flash, parts_max, test, notes)| {
                let (kind, message, priority, category) = notes;
                let notes = [kind, message, priority, category].into_iter().flatten().collect();
                Made { numbers, sender, client_id, url, validity, flash, parts_max, test, notes }
            },
        )
}

impl Made {
    /// The request for it, without what only texts have where it is of octets.
    fn submit(&self, body: Payload<'static>) -> Submit<'static> {
        let of_text = matches!(body, Payload::Text(_));
        let numbers: Vec<_> = self.numbers.iter().map(|number| leaked(number)).collect();
        let notes = self.notes.iter().filter(|(name, _)| of_text || *name != "messageType");
        let notes: Vec<_> =
            notes.map(|(name, value)| Note { name, value: leaked(value) }).collect();
        let to = Recipients::numbers(List::Slice(numbers.leak()));
        let url = self.url.as_deref().map(leaked);
        Submit {
            sender: self.sender.as_deref().map(leaked),
            client_id: self.client_id.as_deref().map(leaked),
            callback: url.map(|url| Callback { url, carrier: None }),
            validity: self.validity,
            class: self.flash.then_some(0),
            parts_max: self.parts_max.filter(|_| of_text),
            duplicates: Duplicates::Strip,
            test: self.test.then_some(Test::Succeed),
            notes: Rows::slice(notes.leak()),
            ..Submit::new(Messages::Same { to, body })
        }
    }
}

/// What one end asks, the other reads as the same, by every method, carrier and scheme; and what was
/// read is written as it was.
fn commutes(endpoint: &dyn Endpoint, op: Op<'static>) {
    let password = Secret(Text::plain("p:w\u{FC}"));
    let callers = if endpoint.schemes().is_empty() {
        vec![None]
    } else {
        let user = Text::plain("user");
        let token = Secret(Text::plain("ACCESS"));
        vec![Some(Credentials::Password { user, password }), Some(Credentials::Token(token))]
    };
    for credentials in callers {
        let asked = Asked { credentials, op };
        for method in endpoint.methods() {
            for carrier in endpoint.carriers() {
                let how = How { method: Some(*method), carrier: Some(*carrier), charset: None };
                let emitted = endpoint.emit_request(&asked, &how, buffer()).unwrap();
                let request = received(Box::leak(Box::new(emitted.clone())));
                assert_eq!(endpoint.credentials(&request), Ok(credentials));
                let read = endpoint.parse_request(&request);
                assert_eq!(read, Ok(op));
                let asked = Asked { credentials, op: read.unwrap() };
                assert_eq!(endpoint.emit_request(&asked, &how, buffer()), Ok(emitted));
            }
        }
    }
}

/// What one end answers, the other reads as the same.
fn answers(endpoint: &dyn Endpoint, answer: &Answer<'static>) {
    answered_alike(endpoint, answer, Some(answer));
}

/// What was read of an answer is written as it was.
fn answered_alike(
    endpoint: &dyn Endpoint,
    answer: &Answer<'static>,
    read: Option<&Answer<'static>>,
) {
    let mut w = Writer::new(buffer());
    let head = endpoint.emit_reply(answer, &mut w).unwrap();
    let body = w.into_written();
    let reply = Reply { status: head.status, content_type: head.content_type, body };
    let told = endpoint.parse_reply(&reply);
    if let Some(read) = read {
        assert_eq!(told, *read);
    }
    let mut again = Writer::new(buffer());
    assert_eq!(endpoint.emit_reply(&told, &mut again), Ok(head));
    assert_eq!(again.written(), body);
}

fn calls() -> [&'static dyn Endpoint; 3] {
    [TEXT, BINARY, SIMPLE].map(|path| endpoint(Method::Post, path))
}

fn callbacks() -> [&'static dyn Endpoint; 2] {
    [websms::API.report.unwrap(), websms::API.inbound.unwrap()]
}

fn when() -> impl Strategy<Value = When<'static>> {
    (2000..=2100_u16, 1..=12_u8, 1..=28_u8, 0..24_u8, 0..60_u8, 0..60_u8, -1439..=1439_i16)
        .prop_map(|(year, month, day, hour, minute, second, offset)| {
            let at = DateTime { year, month, day, hour, minute, second };
            When::Civil { at, zone: Zone::Offset(offset) }
        })
}

proptest! {
    #[test]
    fn texts_commute(made in made(), text in "(?s).{1,40}") {
        let submit = made.submit(Payload::Text(leaked(&text)));
        commutes(endpoint(Method::Post, TEXT), Op::Send(submit));
    }

    #[test]
    fn texts_of_latin1_commute_in_forms(made in made(), text in "[ -~\r\n\u{A0}-\u{FF}]{1,40}") {
        let submit = made.submit(Payload::Text(leaked(&text)));
        commutes(endpoint(Method::Post, SIMPLE), Op::Send(submit));
    }

    #[test]
    fn octets_commute(made in made(), header in any::<bool>(),
        segments in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 1..134), 1..5)) {
        let mut segments = segments;
        if header {
            for segment in &mut segments {
                segment[0] %= segment.len() as u8;
            }
        }
        let segments: Vec<_> = segments.iter().map(|octets| leaked_octets(octets)).collect();
        let segments = Rows::slice(segments.leak());
        let submit = made.submit(Payload::Octets { segments, has_header: header });
        commutes(endpoint(Method::Post, BINARY), Op::Send(submit));
    }

    #[test]
    fn reports_commute(id in "[0-9a-f]{20}", transfer in "[0-9a-f]{20}", number in "[1-9][0-9]{5,14}",
        client in proptest::option::of("(?s).{1,10}"), sent in proptest::option::of(when()),
        done in proptest::option::of(when()), state in 0..6_usize) {
        let state = [State::Delivered, State::EnRoute, State::Deleted, State::Expired,
            State::Undeliverable, State::GaveUp][state];
        commutes(callbacks()[0], Op::Report(Report {
            notification: Some(leaked(&id)),
            id: Some(leaked(&transfer)),
            client_id: client.as_deref().map(leaked),
            recipient: Some(leaked(&number)),
            sent,
            done: done.filter(|_| state == State::Delivered),
            ..Report::new(state)
        }));
    }

    #[test]
    fn received_messages_commute(id in "[0-9a-f]{20}", sender in "[A-Za-z0-9]{1,15}",
        recipient in "[0-9]{3,15}", flash in any::<bool>(), text in "(?s).{0,40}", header in any::<bool>(),
        segments in proptest::option::of(proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..140), 0..4))) {
        let body = match segments {
            Some(segments) => {
                let segments: Vec<_> = segments.iter().map(|octets| leaked_octets(octets)).collect();
                Payload::Octets { segments: Rows::slice(segments.leak()), has_header: header }
            }
            None => Payload::Text(leaked(&text)),
        };
        let message = Inbound::new(leaked(&id), leaked(&sender), leaked(&recipient));
        commutes(callbacks()[1], Op::Inbound(Inbound { body: Some(body), flash, ..message }));
    }

    #[test]
    fn what_is_accepted_is_read_so(id in "[0-9a-f]{20}", client in proptest::option::of("(?s).{1,20}"),
        parts in 1..=255_u32, messages in 0..=1_u32) {
        for call in calls() {
            answers(call, &Answer::Sent(Sent {
                id: Some(leaked(&id)),
                client_id: client.as_deref().map(leaked),
                parts,
                messages,
                ..Sent::new()
            }));
        }
    }

    #[test]
    fn refusals_of_unknown_codes_are_read_so(code in 4044..6000_u16, words in "[a-zA-Z .]{1,40}") {
        let advice = if code < 5000 { Advice::DoNotRetry } else { Advice::RetryLater };
        prop_assume!(code != 5000 && code != 5003);
        let refusal = Refusal {
            detail: leaked(&words),
            ..Refusal::plain(Reason::Vendor(code, advice))
        };
        for call in calls() {
            answers(call, &Answer::Refused(refusal));
        }
        if code < 5000 {
            callbacks().iter().for_each(|callback| answers(*callback, &Answer::Refused(refusal)));
        }
    }

    /// No octets make either end panic; what is read can be written, and reads as the same.
    #[test]
    fn any_octets_are_read_or_refused(octets in proptest::collection::vec(any::<u8>(), 0..80),
        status in 100..600_u16, form in "[a-zA-Z=&%0-9+,]{0,60}") {
        for body in [&octets[..], form.as_bytes(), &[b"{\"messageContent\":", &octets[..], b"}"].concat()] {
            for call in calls().into_iter().chain(callbacks()) {
                let request = Request { query: body, ..post("/", body) };
                let _ = call.parse_request(&request);
                let _ = call.parse_request(&Request { method: Method::Get, ..request });
                let _ = call.credentials(&request);
                let reply = Reply { status: Status(status), content_type: "", body };
                let told = call.parse_reply(&reply);
                prop_assert!(!matches!(told, Answer::Sent(_)) || status == 200);
            }
        }
    }
}

#[test]
fn every_refusal_is_written_again_as_it_was() {
    let name = Text::plain("messageContent");
    for call in calls() {
        for reason in Reason::ALL {
            for subject in [Text::EMPTY, name, Text::plain("test"), Text::plain("priority")] {
                let refusal = Refusal::new(*reason, subject);
                answered_alike(call, &Answer::Refused(refusal), None);
                let detail = Text::plain("must be so");
                answered_alike(call, &Answer::Refused(Refusal { detail, ..refusal }), None);
            }
        }
        // What the codes tell apart comes back whole.
        for (reason, subject) in [
            (Reason::WrongPassword, ""),
            (Reason::Recipient, "recipientAddressList"),
            (Reason::Sender, "senderAddress"),
            (Reason::Invalid, "messageType"),
            (Reason::Invalid, "clientMessageId"),
            (Reason::Invalid, "messageContent"),
            (Reason::Invalid, "priority"),
            (Reason::CallbackUrl, "notificationCallbackUrl"),
            (Reason::Invalid, "contentCategory"),
            (Reason::Invalid, "validityPeriode"),
            (Reason::TooManyParts, "maxSmsPerMessage"),
            (Reason::Segment, "messageContent"),
            (Reason::Missing, "messageContent"),
            (Reason::Forbidden, ""),
            (Reason::TooManyFailures, ""),
            (Reason::TooManyRecipients, ""),
            (Reason::Internal, ""),
            (Reason::Busy, ""),
            (Reason::TooLarge, ""),
            (Reason::Unreadable, ""),
            (Reason::Blacklisted, ""),
            (Reason::Vendor(4013, Advice::RetryLater), ""),
        ] {
            answers(call, &Answer::Refused(Refusal::new(reason, Text::plain(subject))));
        }
    }
    for callback in callbacks() {
        answers(callback, &Answer::Taken);
        answers(callback, &Answer::Refused(Refusal::plain(Reason::Busy)));
        for reason in Reason::ALL {
            let mut buffer = [0; 256];
            let answer = Answer::Refused(Refusal::plain(*reason));
            assert!(callback.emit_reply(&answer, &mut Writer::new(&mut buffer)).is_ok());
        }
    }
}

#[test]
fn what_cannot_be_carried_is_refused_by_its_name() {
    let numbers = [Text::plain("436")];
    let to = Recipients::numbers(List::Slice(&numbers));
    let body = Payload::Text(Text::plain("a"));
    let good = Submit::new(Messages::Same { to, body });
    let same = |to, body| Messages::Same { to, body };
    let rows: Rows<'_, Merged<'_>> = Rows::EMPTY;
    let note = Note { name: "price", value: Text::plain("1") };
    let dedupe = Dedupe { key: Text::plain("k"), again: septet::api::Again::Refused, window_s: 1 };
    let long = [Text::plain("436"); 1001];
    let octets = Payload::Octets { segments: Rows::EMPTY, has_header: false };
    let url = |url, carrier| Some(Callback { url: Text::plain(url), carrier });
    for (path, submit, name) in [
        (TEXT, Submit { messages: Messages::Each(Rows::EMPTY), ..good }, "messageContent"),
        (
            TEXT,
            Submit { messages: Messages::Merged { template: Text::EMPTY, rows }, ..good },
            "messageContent",
        ),
        (TEXT, Submit { messages: same(to, octets), ..good }, "messageContent"),
        (BINARY, good, "messageContent"),
        (BINARY, Submit { messages: same(to, octets), ..good }, "messageContent"),
        (TEXT, Submit { messages: same(to, Payload::Text(Text::EMPTY)), ..good }, "messageContent"),
        (
            SIMPLE,
            Submit { messages: same(to, Payload::Text(Text::plain("€"))), ..good },
            "messageContent",
        ),
        (
            TEXT,
            Submit {
                messages: same(Recipients { country: Text::plain("43"), ..to }, body),
                ..good
            },
            "recipientAddressList",
        ),
        (
            TEXT,
            Submit { messages: same(Recipients { groups: to.numbers, ..to }, body), ..good },
            "recipientAddressList",
        ),
        (
            TEXT,
            Submit { messages: same(Recipients::numbers(List::Slice(&long)), body), ..good },
            "recipientAddressList",
        ),
        (
            TEXT,
            Submit { messages: same(Recipients::numbers(List::EMPTY), body), ..good },
            "recipientAddressList",
        ),
        (TEXT, Submit { skip_invalid: true, ..good }, "recipientAddressList"),
        (TEXT, Submit { dedupe: Some(dedupe), ..good }, "dedupe"),
        (
            TEXT,
            Submit { callback: url("http://a", Some(Carrier::Form)), ..good },
            "notificationCallbackUrl",
        ),
        (TEXT, Submit { callback: url("ftp://a", None), ..good }, "notificationCallbackUrl"),
        (TEXT, Submit { schedule: Some(When::Unix(0)), ..good }, "schedule"),
        (TEXT, Submit { validity: Some(59), ..good }, "validityPeriode"),
        (TEXT, Submit { class: Some(1), ..good }, "sendAsFlashSms"),
        (TEXT, Submit { protocol: Some(0x41), ..good }, "protocol"),
        (TEXT, Submit { report: false, ..good }, "report"),
        (TEXT, Submit { alphabet: Alphabet::Ucs2, ..good }, "alphabet"),
        (TEXT, Submit { parts_max: Some(0), ..good }, "maxSmsPerMessage"),
        (TEXT, Submit { cut: true, ..good }, "cut"),
        (TEXT, Submit { test: Some(Test::Fail), ..good }, "test"),
        (TEXT, Submit { wants_used: true, ..good }, "wants_used"),
        (TEXT, Submit { wants_left: true, ..good }, "wants_left"),
        (TEXT, Submit { notes: Rows::one(note), ..good }, "price"),
    ] {
        let asked = Asked { credentials: None, op: Op::Send(submit) };
        let mut buffer = vec![0; 32 * 1024];
        let emitted =
            endpoint(Method::Post, path).emit_request(&asked, &How::default(), &mut buffer);
        assert_eq!(emitted.unwrap_err().field, name);
    }
    let mut buffer = [0; 64];
    for call in calls().into_iter().chain(callbacks()) {
        let asked = Asked { credentials: None, op: Op::CheckSession };
        assert!(call.emit_request(&asked, &How::default(), &mut buffer).is_err());
    }
}

/// A token is read from the query of any call, although our client puts it into a header.
#[test]
fn a_token_stands_in_the_query() {
    for call in calls() {
        let request = Request::new(Method::Post, "/", b"access_token=t%2B", &[]);
        let token = Credentials::Token(Secret(Text::plain("t+")));
        assert_eq!(call.credentials(&request), Ok(Some(token)));
        let with_both = Request { authorization: BASIC, ..request };
        assert!(matches!(call.credentials(&with_both), Ok(Some(Credentials::Password { .. }))));
    }
}

#[test]
fn a_request_that_is_cut_is_no_other_one() {
    let text =
        r#"{"recipientAddressList":["436","437"],"messageContent":"Gr\u00fc\u00dfe","test":true}"#;
    let binary = r#"{"recipientAddressList":["436"],"messageContent":["YWJj"],"userDataHeaderPresent":false}"#;
    let report = r#"{"messageType":"deliveryReport","notificationId":"1","transferId":"2","senderAddress":"3","deliveryReportMessageStatus":"expired"}"#;
    let inbound = r#"{"messageType":"text","notificationId":"1","senderAddress":"2","recipientAddress":"3","textMessageContent":"a"}"#;
    let [of_text, of_binary, _] = calls();
    let [of_report, of_inbound] = callbacks();
    for (call, body) in
        [(of_text, text), (of_binary, binary), (of_report, report), (of_inbound, inbound)]
    {
        assert!(call.parse_request(&post("/", body.as_bytes())).is_ok());
        for end in 0..body.len() {
            assert!(call.parse_request(&post("/", &body.as_bytes()[..end])).is_err(), "{end}");
        }
    }
    // A form cannot tell that it is cut, so that less of its last value is all that can be read.
    let form = b"recipientAddressList=436,437&messageContent=Gr%FC%DFe";
    for end in 0..=form.len() {
        let request = get(&form[..end]);
        let Ok(Op::Send(submit)) = endpoint(Method::Get, SIMPLE).parse_request(&request) else {
            continue;
        };
        let Messages::Same { to, body: Payload::Text(text) } = submit.messages else { panic!() };
        assert!(to.numbers.iter().map(|number| number.to_string()).eq(["436", "437"]));
        assert!("Grüße".starts_with(&text.to_string()), "{end}");
    }
}

#[test]
fn a_reply_that_is_cut_is_none_or_says_the_same() {
    let body = br#"{"statusCode":2000,"statusMessage":"a","clientMessageId":null,"transferId":"b","smsCount":1}"#;
    for call in calls() {
        for end in 0..body.len() {
            let reply = Reply { status: Status::OK, content_type: "", body: &body[..end] };
            match call.parse_reply(&reply) {
                Answer::Refused(refusal) => assert_eq!(refusal.reason, Reason::Unknown, "{end}"),
                // The code is whole.
                Answer::Sent(sent) => assert!(end >= 18 && sent == Sent::new(), "{end}"),
                answer => panic!("{answer}"),
            }
        }
    }
}

#[test]
fn only_its_own_charset_is_latin1() {
    assert_eq!(calls().map(|call| call.charset()), [Charset::Utf8, Charset::Utf8, Charset::Latin1]);
    let form = "recipientAddressList=436&messageContent=Gr%C3%BC%80";
    assert!(endpoint(Method::Get, SIMPLE).parse_request(&get(form.as_bytes())).is_err());
    let request = Request { latin1: Charset::Windows1252, ..get(form.as_bytes()) };
    assert!(endpoint(Method::Get, SIMPLE).parse_request(&request).is_ok());
}
