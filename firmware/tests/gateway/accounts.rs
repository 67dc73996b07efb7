//! What an account has is its own.

use septet_firmware::engine::{Outcome, Why};

use crate::bench::{Bench, form, get, json, status};

/// A board with the accounts `one` and `two`.
fn board() -> Bench {
    let mut bench = Bench::new();
    let body = "account=one&secret=first&account=two&secret=second&remove=demo";
    assert_eq!(status(&bench.ask(&form("/settings", "", body))), 200);
    bench
}

fn login(bench: &mut Bench, user: &str, password: &str) -> String {
    let path = format!("/API/v1.0/REST/login?username={user}&password={password}");
    let reply = bench.ask(&get(&path));
    let (_, body) = reply.split_once("\r\n\r\n").unwrap();
    let (own, key) = body.trim().split_once(';').unwrap_or_else(|| panic!("{reply}"));
    assert_eq!(own, user);
    key.to_owned()
}

fn is_admitted(bench: &mut Bench, user: &str, key: &str) -> bool {
    let headers = format!("user_key: {user}\r\nSession_key: {key}\r\n");
    let sms = r#"{"message_type": "GP", "message": "hello", "recipient": ["+4512345678"]}"#;
    match status(&bench.ask(&json("/API/v1.0/REST/sms", &headers, sms))) {
        201 => true,
        401 => false,
        other => panic!("{other}"),
    }
}

#[test]
fn the_session_of_an_account_is_no_other_accounts() {
    let mut bench = board();
    let (one, two) = (login(&mut bench, "one", "first"), login(&mut bench, "two", "second"));
    assert!(is_admitted(&mut bench, "one", &one) && is_admitted(&mut bench, "two", &two));
    assert!(!is_admitted(&mut bench, "one", &two) && !is_admitted(&mut bench, "two", &one));
    assert!(!is_admitted(&mut bench, "one", ""));
    // Another secret ends it.
    bench.ask(&form("/settings", "", "account=one&secret=third"));
    assert!(!is_admitted(&mut bench, "one", &one) && is_admitted(&mut bench, "two", &two));
    // Nor does an account inherit the session of one of the same name and secret.
    bench.ask(&form("/settings", "", "remove=two&account=two&secret=second"));
    assert!(!is_admitted(&mut bench, "two", &two));
}

#[test]
fn a_message_stays_that_of_the_account_that_sent_it() {
    let mut bench = board();
    bench.ready();
    for (user, password, to) in [("one", "first", "4511111111"), ("two", "second", "4522222222")] {
        let body = format!("username={user}&password={password}&message=hello&msisdn={to}");
        let reply = bench.ask(&form("/eapi/submission/send_sms/2/2.0", "", &body));
        assert!(reply.contains("\r\n\r\n0|"), "{reply}");
    }
    // Another one takes the place of the first.
    let body = "remove=one&account=third&secret=third";
    assert_eq!(status(&bench.ask(&form("/settings", "", body))), 200);
    for _ in 0..2 {
        bench.next().unwrap();
        bench.finished(Outcome::Unknown(Why::NoAnswer));
    }
    let mut owners = Vec::new();
    for _ in 0..2 {
        let event = bench.ask(&get("/events"));
        let (_, json) = event.split_once("\r\n\r\n").unwrap();
        let event: serde_json::Value = serde_json::from_str(json).unwrap();
        let own = [&event["to"], &event["account"]].map(|own| own.as_str().unwrap().to_owned());
        owners.push(own.join(" "));
        bench.ask(&format!("DELETE /events/{} HTTP/1.1\r\n\r\n", event["id"]));
    }
    owners.sort();
    assert_eq!(owners, ["4511111111 ", "4522222222 two"]);
}
