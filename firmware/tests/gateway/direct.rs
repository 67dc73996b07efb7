//! The gateway that keeps nothing: the reply says what became of the message.

use septet::at::{Class, CmsError, Failure};
use septet::tpdu::Mo;
use septet_firmware::apis;
use septet_firmware::direct::{Account, Direct};
use septet_firmware::engine::{self, Event, EventKind, Instant, NotSent, Outcome, Why};

use crate::bench::{form, get, status};
use crate::sends;

struct Bench {
    gateway: Direct<2048, 1024>,
    now: Instant,
}

const SENT: Outcome = Outcome::Sent { reference: 7 };

fn refused(class: Class) -> Outcome {
    Outcome::Refused { class, code: Failure::Cms(CmsError(38)) }
}

impl Bench {
    fn new() -> Self {
        let account = Account { name: "demo", secret: "secret" };
        let gateway = Direct::new(apis::ALL, account, 0x1234_5678_9ABC_DEF0, 7);
        Self { gateway, now: Instant(1_000) }
    }

    fn ready() -> Self {
        let mut bench = Self::new();
        bench.event(EventKind::Ready);
        bench
    }

    /// What is said once these octets came.
    fn hear(&mut self, request: &str) -> String {
        let mut octets = request.as_bytes();
        let mut said = String::new();
        loop {
            let taken = self.gateway.hear(octets, self.now);
            octets = &octets[taken..];
            let own = self.said();
            said += &own;
            if octets.is_empty() || taken == 0 && own.is_empty() {
                return said;
            }
        }
    }

    fn said(&mut self) -> String {
        let mut said = Vec::new();
        loop {
            let octets = self.gateway.reply(self.now);
            if octets.is_empty() {
                return String::from_utf8(said).unwrap();
            }
            let some = octets.len().div_ceil(2);
            said.extend(&octets[..some]);
            self.gateway.written(some);
        }
    }

    fn event(&mut self, kind: EventKind) {
        assert!(self.gateway.event(Event { generation: 0, kind }).is_none());
    }

    fn next(&mut self) -> Option<(String, bool)> {
        let (pdu, more) = self.gateway.next_part()?;
        let Ok((_, Mo::Submit(submit))) = pdu.read::<Mo<'_>>() else { panic!("{pdu:?}") };
        let text: String = submit.user_data.text(submit.coding).unwrap().collect();
        let to: String = submit.destination.chars().collect();
        Some((format!("{to}: {text}"), more))
    }

    /// The reply to a request whose one part ends so.
    fn ends(&mut self, request: &str, outcome: Outcome) -> String {
        assert_eq!(self.hear(request), "", "it is told only when it has ended");
        assert!(self.next().is_some());
        assert_eq!(self.next(), None, "once");
        self.event(EventKind::Finished(outcome));
        assert_eq!(self.next(), None);
        self.said()
    }
}

#[test]
fn a_request_of_each_interface_is_accepted_when_its_message_was_sent() {
    for (name, request, has) in sends() {
        let mut bench = Bench::ready();
        assert_eq!(bench.hear(&request), "", "{name}");
        assert_eq!(bench.next(), Some(("4512345678: hello".into(), false)), "{name}");
        assert_eq!(bench.said(), "", "{name}");
        bench.event(EventKind::Finished(SENT));
        let reply = bench.said();
        assert!(matches!(status(&reply), 200 | 201) && reply.contains(has), "{name}: {reply}");
        // And the next one.
        assert!(!bench.ends(&request, SENT).is_empty(), "{name}");
    }
}

#[test]
fn what_was_not_sent_and_what_is_not_known_is_told_in_other_words() {
    let ends = [
        refused(Class::Permanent),
        refused(Class::Temporary),
        Outcome::NotSent(NotSent::NoPrompt),
        Outcome::Unknown(Why::NoAnswer),
    ];
    for (name, request, _) in sends() {
        let accepted = Bench::ready().ends(&request, SENT);
        for outcome in ends {
            let mut bench = Bench::ready();
            let reply = bench.ends(&request, outcome);
            assert!(!reply.is_empty() && reply != accepted, "{name}, {outcome:?}: {reply}");
            assert!(!bench.ends(&request, SENT).is_empty(), "{name}: the next one");
        }
    }
}

#[test]
fn the_parts_of_a_long_text_follow_one_another_and_the_last_one_ends_it() {
    let text = "x".repeat(400);
    let request = form(
        "/eapi/submission/send_sms/2/2.0",
        "",
        &format!(
            "username=demo&password=secret&allow_concat_text_sms=1&concat_text_sms_max_parts=5\
             &message={text}&msisdn=4512345678"
        ),
    );
    let mut bench = Bench::ready();
    assert_eq!(bench.hear(&request), "");
    for more in [true, true, false] {
        assert_eq!(bench.said(), "");
        assert_eq!(bench.next().unwrap().1, more);
        // The modem was busy with something else.
        bench.gateway.put_back();
        assert_eq!(bench.next().unwrap().1, more);
        bench.event(EventKind::Finished(SENT));
    }
    assert!(bench.said().contains("0|"));

    // Of a part that is not the first one nobody may say that it can be tried again.
    for outcome in [refused(Class::Temporary), Outcome::NotSent(NotSent::Lost)] {
        let mut bench = Bench::ready();
        assert_eq!(bench.hear(&request), "");
        assert!(bench.next().is_some());
        bench.event(EventKind::Finished(SENT));
        assert!(bench.next().is_some());
        bench.event(EventKind::Finished(outcome));
        let reply = bench.said();
        assert!(!reply.contains("\r\n\r\n0|") && !reply.is_empty(), "{reply}");
        assert_eq!(bench.next(), None);
    }
}

#[test]
fn nothing_is_taken_where_the_modem_is_not_ready() {
    let (_, request, _) = sends().remove(5);
    let mut bench = Bench::new();
    let later = bench.hear(&request);
    assert!(!later.is_empty());
    assert_eq!(bench.next(), None);
    assert_eq!(bench.hear(&get("/")).lines().last(), Some("the modem is not ready"));
    bench.event(EventKind::Ready);
    assert_eq!(bench.hear(&get("/")).lines().last(), Some("ready"));
    assert!(bench.hear(&get("/").replace("GET", "HEAD")).ends_with("\r\n\r\n"));

    // The modem goes before it has the message: it is as if it had not been ready.
    assert_eq!(bench.hear(&request), "");
    bench.event(EventKind::Lost(engine::Trouble::NoAnswer));
    assert_eq!(bench.said(), later);

    // It goes with it: what became of it is told when that is known.
    bench.event(EventKind::Ready);
    assert_eq!(bench.hear(&request), "");
    assert!(bench.next().is_some());
    bench.event(EventKind::Rebooted);
    assert_eq!(bench.said(), "");
    bench.event(EventKind::Finished(Outcome::Unknown(Why::Rebooted)));
    let unknown = bench.said();
    assert!(!unknown.is_empty() && unknown != later, "{unknown}");
}

#[test]
fn what_it_cannot_do_is_refused_and_nothing_is_sent() {
    let mut bench = Bench::ready();
    let send = |more: &str| {
        form(
            "/eapi/submission/send_sms/2/2.0",
            "",
            &format!("username=demo&password=secret&message=hello{more}"),
        )
    };
    let five = "x".repeat(153 * 4 + 1);
    let long =
        format!("{five}&allow_concat_text_sms=1&concat_text_sms_max_parts=9&msisdn=4512345678");
    let report = form(
        "/eapi/status_reports/get_report/2/2.0",
        "",
        "username=demo&password=secret&batch_id=1",
    );
    let requests = [
        send("&msisdn=4512345678,4512345679"),
        send("&dest_group_id=1"),
        send("&msisdn=4512345678&send_time=2030-01-01%2000:00:00"),
        send(&long),
        report,
        send("&msisdn=4512345678").replace("secret", "Secret"),
        send("&msisdn=4512345678").replace("demo", "nobody"),
        get("/nowhere"),
        get("/eapi/submission/send_sms/2/2.0"),
    ];
    for request in requests {
        let reply = bench.hear(&request);
        assert!(!reply.is_empty() && !reply.contains("\r\n\r\n0|"), "{request}: {reply}");
        assert_eq!(bench.next(), None, "{request}");
    }
    // As many parts as there is room for.
    let four = format!(
        "{}&allow_concat_text_sms=1&concat_text_sms_max_parts=9&msisdn=4512345678",
        &five[..153 * 4 - 5]
    );
    assert_eq!(bench.hear(&send(&four)), "");
    assert!(bench.next().is_some());
}
