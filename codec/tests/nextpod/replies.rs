//! Every reply, by the documented examples.

use super::*;

#[test]
fn the_documented_requests_are_answered_as_documented() {
    let fields = format!("account_id=2532&api_key={KEY}&from=Nextpod&msg=Hello!");
    let one = format!("{fields}&to=4791726200");
    let two = format!("{fields}&to=4791726200,4758484412");
    for (query, expected) in [(&one, ONE), (&two, TWO)] {
        let post = Post { basic: "", ..Post::query(query) };
        let (head, body, performed) = post.with(|request| served(None, request));
        assert_eq!((head, performed), (Head::new(Status::OK, JSON), 1));
        assert_eq!(body, compact(expected));
    }
}

#[test]
fn both_shapes_are_read_with_numbers_or_strings() {
    let receipts = [receipt(IDS[0], "4791726200"), receipt(IDS[1], "4758484412")];
    let numbers = |text: &str| text.replace("\"6\"", "6").replace("\"1\"", "1");
    for (body, receipts) in [
        (ONE.to_owned(), &receipts[..1]),
        (numbers(ONE), &receipts[..1]),
        (TWO.to_owned(), &receipts[..]),
        (numbers(TWO).replace(": 2,", ": \"2\","), &receipts[..]),
        (format!("{{\"sms\":[{ONE}]}}"), &receipts[..1]),
        (format!("{{\"recipients\":1,\"sms\":{{\"0\":{ONE}}}}}"), &receipts[..1]),
        ("{\"recipients\":0,\"sms\":[]}".to_owned(), &receipts[..0]),
    ] {
        let receipts = Rows::slice(receipts);
        let messages = u32::try_from(receipts.iter().count()).unwrap();
        let sent = Sent { messages, parts: messages.min(1), receipts, ..Sent::new() };
        assert_eq!(sms().parse_reply(&reply(200, &body)), Answer::Sent(sent), "{body}");
    }
    // What nobody needs may be missing.
    let bare = format!(r#"{{"id":"{}","to":4791726200,"reference":null}}"#, IDS[0]);
    let Answer::Sent(sent) = sms().parse_reply(&reply(200, &bare)) else { panic!() };
    let bare = Receipt { sender: Text::EMPTY, characters: 0, ..receipts[0] };
    assert_eq!(sent.receipts, Rows::one(bare));
    // The customer's id comes back.
    let body = ONE.replace("\"reference\": \"\"", "\"reference\": \"mine\"");
    let Answer::Sent(sent) = sms().parse_reply(&reply(200, &body)) else { panic!() };
    assert_eq!(sent.client_id, Some(Text::plain("mine")));
}

#[test]
fn any_2xx_takes_a_callback() {
    for endpoint in [dlr(), mo()] {
        for status in 100..600 {
            let taken = endpoint.parse_reply(&reply(status, "whatever")) == Answer::Taken;
            assert_eq!(taken, (200..300).contains(&status), "{status}");
        }
        for (answer, status) in [
            (Answer::Taken, Status::OK),
            (Answer::Refused(Refusal::plain(Reason::Busy)), Status::SERVICE_UNAVAILABLE),
        ] {
            let mut w = Writer::new(&mut []);
            let head = endpoint.emit_reply(&answer, &mut w).unwrap();
            assert_eq!(head, Head::new(status, "text/plain"));
            assert_eq!(endpoint.parse_reply(&reply(status.0, "")), answer);
        }
    }
}
