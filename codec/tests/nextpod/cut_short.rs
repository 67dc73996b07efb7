//! What is cut short, and what has no room.

use super::*;

#[test]
fn no_beginning_of_a_body_is_taken_for_another_message() {
    let url = Text::plain("https://example.com/");
    let submit = Submit {
        client_id: Some(Text::plain("mine")),
        callback: Some(Callback { url, carrier: Some(Carrier::Form) }),
        ..submit(&TO, "Hello \"æ\" 😀")
    };
    let report = Report { id: Some(TO[0]), recipient: Some(TO[0]), ..Report::new(State::Expired) };
    let inbound = Inbound::new(TO[0], TO[0], TO[1]).with_body(Some(Payload::Text(TO[1])));
    for (endpoint, op) in
        [(sms(), Op::Send(submit)), (dlr(), Op::Report(report)), (mo(), Op::Inbound(inbound))]
    {
        for carrier in endpoint.carriers() {
            let how = How { carrier: Some(*carrier), ..How::default() };
            let asked = Asked { credentials: None, op };
            let whole = emitted(|buffer| endpoint.emit_request(&asked, &how, buffer)).unwrap();
            for cut in 0..whole.body.trim_ascii_end().len() {
                let body = &whole.body[..cut];
                let request = requested(&Emitted { body, ..whole.clone() });
                let read = endpoint.parse_request(&request);
                // A form has no end: what is cut from it may be a shorter one.
                assert!(read.is_err() || *carrier == Carrier::Form, "{}", body.escape_ascii());
            }
        }
    }
}

#[test]
fn no_beginning_of_a_reply_is_taken_for_an_answer() {
    for whole in [compact(ONE), compact(TWO)] {
        for cut in 0..whole.len() {
            let refusal = read_refusal(200, &whole[..cut]);
            assert_eq!(refusal.reason, Reason::Unknown, "{}", &whole[..cut]);
        }
    }
    let whole = r#"{"status":413,"message":"To many recipients"}"#;
    for cut in 0..whole.len() {
        assert_eq!(read_refusal(413, &whole[..cut]).reason, Reason::TooManyRecipients);
    }
}

#[test]
fn a_reply_that_does_not_fit_is_an_error() {
    let receipts = [receipt(IDS[0], "4791726200"), receipt(IDS[1], "4758484412")];
    let sent = Answer::Sent(Sent { receipts: Rows::slice(&receipts), ..Sent::new() });
    for answer in [sent, Answer::Refused(Refusal::plain(Reason::Credit))] {
        let mut buffer = [0; 1024];
        let mut w = Writer::new(&mut buffer);
        sms().emit_reply(&answer, &mut w).unwrap();
        for room in 0..w.len() {
            let mut buffer = vec![0; room];
            let error = sms().emit_reply(&answer, &mut Writer::new(&mut buffer)).unwrap_err();
            assert_eq!(error.kind, ErrorKind::Full);
        }
    }
    // Nothing but messages and refusals is an answer.
    for answer in [Answer::Taken, Answer::Cancelled, Answer::Quoted(1)] {
        let mut buffer = [0; 128];
        let head = sms().emit_reply(&answer, &mut Writer::new(&mut buffer)).unwrap();
        assert_eq!(head.status, Status::INTERNAL_SERVER_ERROR);
    }
}

/// Fields alone are written without a look at what they mean.
#[test]
fn fields_are_written_as_they_are() {
    let body = r#"{"from":"x","to":["1","+2"],"msg":"","dlr_method":"XML","gateway":7}"#;
    Post::json(body).with(|request| {
        let source: Source<'_> = sms().source(request).unwrap();
        let mut buffer = [0; 256];
        let emitted = sms().emit_fields(None, source, &How::default(), &mut buffer).unwrap();
        let body = r#"{"from":"x","to":"1,+2","msg":"","dlr_method":"XML","gateway":7}"#;
        assert_eq!(emitted.body, body.as_bytes());
    });
    assert_eq!(sms().charset(), Charset::Utf8);
}
