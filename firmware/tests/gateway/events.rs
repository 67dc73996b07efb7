//! What the host is told, and what it has taken.

use septet::octets::{Coding, Octets};
use septet::segment::data_segments;
use septet::text::Text;
use septet::tpdu::codes::Status;
use septet::tpdu::dcs::DataCoding;
use septet::tpdu::udh::Reference;
use septet::tpdu::user_data::UserData;
use septet_firmware::engine::{Outcome, Why};
use septet_firmware::gateway::outbox::MESSAGES_MAX;

use crate::bench::{Bench, form, get, status};

const SEND: &str =
    "user=demo&password=secret&to=4512345678&sessionid=4512345678:1&smsc=dk.x&from=1204&text=hello";

fn json(reply: &str) -> serde_json::Value {
    let (_, body) = reply.split_once("\r\n\r\n").unwrap();
    serde_json::from_str(body).unwrap()
}

fn delete(bench: &mut Bench, event: &serde_json::Value) -> u16 {
    status(&bench.ask(&format!("DELETE /events/{} HTTP/1.1\r\n\r\n", event["id"])))
}

/// A bench with a message whose report has come.
fn reported(bench: &mut Bench) {
    bench.ready();
    bench.ask(&form("/legacy/http/v2/sendsms", "", SEND));
    bench.next().unwrap();
    bench.finished(Outcome::Sent { reference: 3 });
    bench.report(3, "4512345678", Status::RECEIVED);
}

#[test]
fn an_acknowledgement_is_of_the_event_that_was_told_and_of_no_other() {
    let mut bench = Bench::new();
    // The second one that was received, and the first message, have the same number.
    bench.receive("4587654321", "one");
    bench.receive("4587654321", "two");
    let one = json(&bench.ask(&get("/events")));
    assert_eq!(delete(&mut bench, &one), 200);
    let two = json(&bench.ask(&get("/events")));
    assert_eq!(two["text"], "two");
    reported(&mut bench);
    assert_eq!(delete(&mut bench, &two), 200);
    let report = json(&bench.ask(&get("/events")));
    assert_eq!(report["type"], "report");
    assert_eq!(delete(&mut bench, &report), 200);
    assert_eq!(delete(&mut bench, &report), 404);
    assert_eq!(bench.hear(get("/events").as_bytes()), "");
}

#[test]
fn who_asks_anew_has_given_up_waiting_for_an_event() {
    let mut bench = Bench::new();
    assert_eq!(bench.hear(get("/events").as_bytes()), "");
    // Empty lines are no request.
    assert_eq!(bench.hear(b"\r\n"), "");
    assert!(bench.gateway.deadline(&bench.engine).is_some());
    let reply = bench.ask(&get("/settings"));
    assert_eq!(json(&reply)["accounts"][0], "demo");
    // The first one has no reply any more, and the next one waits as long as any.
    bench.pass(29_000);
    assert_eq!(bench.said(), "");
    assert_eq!(bench.hear(get("/events").as_bytes()), "");
    bench.pass(29_000);
    assert_eq!(bench.said(), "");
    bench.pass(1_000);
    let none = bench.said();
    assert_eq!((status(&none), none.contains("Content-Length")), (204, false), "{none}");
}

#[test]
fn the_longest_text_fits_whatever_is_in_it() {
    for (unit, septets) in [("\n", 1), ("\r", 1), ("\u{C}", 2), ("\"", 1), ("Ω", 1), ("\u{1}", 2)]
    {
        let mut bench = Bench::new();
        // Eight parts of 153 septets, or of 67 code units.
        let count = if unit == "\u{1}" { 8 * 67 } else { 8 * (153 / septets) };
        let text = unit.repeat(count);
        bench.receive("4587654321", &text);
        let event = bench.ask(&get("/events"));
        assert_eq!(status(&event), 200, "{unit:?}");
        assert_eq!(json(&event)["text"].as_str(), Some(text.as_str()), "{unit:?}");
    }
}

#[test]
fn programs_read_how_the_board_is() {
    let mut bench = Bench::new();
    let status = json(&bench.ask(&get("/status")));
    assert_eq!(
        status,
        serde_json::json!({
            "ready": false, "modem": "is being set up", "registered": null, "signal_dbm": null,
            "restarts": 0, "on_the_way": 0, "received": 0, "running_s": 0,
            "started_after": "", "messages": []
        })
    );
    bench.gateway.started_after("a panic: \"1 < 2\"");
    assert_eq!(json(&bench.ask(&get("/status")))["started_after"], "a panic: \"1 < 2\"");
    assert!(bench.ask(&get("/")).contains("<th>Started after<td>a panic: \"1 &lt; 2\""));
    reported(&mut bench);
    bench.receive("4587654321", "one");
    bench.pass(5_000);
    let status = json(&bench.ask(&get("/status")));
    assert_eq!((&status["ready"], &status["modem"]), (&true.into(), &"ready".into()));
    assert_eq!((&status["received"], &status["running_s"]), (&1.into(), &5.into()));
    assert_eq!(
        status["messages"],
        serde_json::json!([{"parts": 1, "to": "4512345678", "state": "delivered"}])
    );
}

#[test]
fn an_end_that_was_not_told_makes_room_after_those_that_need_not_be() {
    let mut bench = Bench::new();
    reported(&mut bench);
    let send = "username=demo&password=secret&message=hello&msisdn=4512345678&want_report=0";
    let send = form("/eapi/submission/send_sms/2/2.0", "", send);
    for _ in 1..MESSAGES_MAX {
        assert!(bench.ask(&send).contains("0|"));
    }
    bench.next().unwrap();
    bench.finished(Outcome::Sent { reference: 4 });
    let is_known = |bench: &Bench| bench.gateway.outbox().messages().any(|sms| sms.report);
    assert!(bench.ask(&send).contains("0|") && is_known(&bench));
    assert_eq!(json(&bench.ask(&get("/events")))["client_id"], "4512345678:1");
    // Where nothing else is final, it goes all the same.
    assert!(bench.ask(&send).contains("0|") && !is_known(&bench));
}

#[test]
fn what_is_no_text_is_told_as_its_octets() {
    let mut bench = Bench::new();
    let told = |bench: &mut Bench| {
        let event = json(&bench.ask(&get("/events")));
        assert_eq!(delete(bench, &event), 200);
        assert_eq!((&event["text"], &event["url"]), (&"".into(), &"".into()));
        let octets = event["octets"].as_array().unwrap().clone();
        (event["has_header"].as_bool().unwrap(), octets)
    };
    let mut buffer = [0; 140];
    let plain = UserData { has_header: false, len: 3, octets: &[0, 0xFF, 0x7F] };
    bench.deliver("4587654321", DataCoding::EIGHT_BIT, plain);
    assert_eq!(told(&mut bench), (false, vec!["AP9/".into()]));
    // Eight parts, which have no room for more, fit into a reply.
    let data: Vec<u8> = (0..8 * 134).map(|at| at as u8).collect();
    let mut whole = Vec::new();
    for part in data_segments(&data, Reference::Short(3)).unwrap() {
        let user_data = part.user_data(&mut buffer);
        whole.push(user_data.octets.to_vec());
        bench.deliver("4587654321", DataCoding::EIGHT_BIT, user_data);
    }
    let (has_header, octets) = told(&mut bench);
    assert!(has_header);
    let octets: Vec<Vec<u8>> = octets
        .iter()
        .map(|part| Octets::coded(Text::plain(part.as_str().unwrap()), Coding::Base64))
        .map(|part| part.unwrap().iter().collect())
        .collect();
    assert_eq!(octets, whole);
}

#[test]
fn a_report_names_what_its_callback_is_to_be_written_in() {
    let basic = "Authorization: Basic ZGVtbzpzZWNyZXQ=\r\n";
    for (method, carrier) in [("JSON", "json"), ("FORM", "form")] {
        let mut bench = Bench::new();
        bench.ready();
        let body = serde_json::json!({
            "to": "4512345678", "from": "1204", "msg": "hello",
            "dlr_url": "http://example.com/dlr", "dlr_method": method
        });
        bench.ask(&crate::bench::json("/v2/sms", basic, &body.to_string()));
        bench.next().unwrap();
        bench.finished(Outcome::Unknown(Why::NoAnswer));
        let event = json(&bench.ask(&get("/events")));
        assert_eq!(
            (&event["callback"], &event["carrier"]),
            (&"http://example.com/dlr".into(), &carrier.into())
        );
    }
}

#[test]
fn no_event_has_the_id_of_an_earlier_one_after_a_restart() {
    let mut bench = Bench::new();
    let mut last = 0;
    for round in 0..6 {
        // Parts of one, two of them at once, and a restart with nothing left or with one left.
        bench.receive("4587654321", &format!("{round} {}", "long ".repeat(40)));
        bench.receive("4587654321", &format!("{round}"));
        for _ in 0..(if round % 2 == 0 { 2 } else { 1 }) {
            let event = json(&bench.ask(&get("/events")));
            let id = event["id"].as_u64().unwrap();
            assert!(id > last, "{id} after {last}");
            last = id;
            assert_eq!(delete(&mut bench, &event), 200);
        }
        bench = Bench::with(bench.gateway.into_keep());
    }
}
