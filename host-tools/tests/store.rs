//! The store's promises, each told in its own time: nothing here waits.

mod air;
mod driven;
mod place;

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use septet::answer::Store;
use septet::api::{Answer, Callback, Messages, Op, Payload, Reason, Recipients, Submit, websms};
use septet::at::{Class, CmsError, Failure};
use septet::fields::List;
use septet::pdu::Pdu;
use septet::segment::{Plan, segments};
use septet::text::Text;
use septet::tpdu::udh::Reference;
use septet_firmware::engine::{NotSent, Outcome, Why};
use septet_host::store::{CallbackOutcome, SqlStore};

use air::{RECIPIENT, report};
use driven::Driven as _;

const HOUR: Duration = Duration::from_secs(60 * 60);

/// A store with two modems, and the time that it is told.
struct Told {
    store: SqlStore,
    start: Instant,
}

impl Told {
    fn new() -> Self {
        Self::with_keyword("TEST", "utf-8")
    }

    fn with_keyword(keyword: &str, charset: &str) -> Self {
        let keywords = format!(
            r#"
            [[account.keyword]]
            number = "1204"
            keyword = "{keyword}"
            url = "http://127.0.0.1:9/mo"
            api = "gatewayapi-v2"
            charset = "{charset}"
            [[account.keyword]]
            number = "4520001204"
            keyword = "WEB"
            url = "http://127.0.0.1:9/of-the-keyword"
            api = "websms"
            [[account.keyword]]
            number = "4520001204"
            keyword = "Next"
            url = "http://127.0.0.1:9/next"
            api = "nextpod"
            body = "json"
            [[account.keyword]]
            number = "4520001204"
            keyword = "Gate"
            url = "http://127.0.0.1:9/gate"
            api = "gatewayapi-v2"
            "#
        );
        let more = r#"
            short_codes = ["1204"]
            [[modem]]
            name = "two"
            port = "virtual"
            number = "4520001205"
        "#;
        let config = driven::config("waiting_max = 2000", &keywords) + more;
        let start = Instant::now();
        let mut store = driven::open(&config, place::passing(), start).unwrap();
        store.set_ready(0, true);
        Self { store, start }
    }

    fn after(&mut self, time: Duration) {
        self.store.set_now(self.start + time);
    }

    fn submit_to(&mut self, recipients: &[String], id: &str, text: &str) -> Result<(), Reason> {
        let recipients: Vec<Text> = recipients.iter().map(|to| Text::plain(to)).collect();
        self.store.send(driven::addressed(List::Slice(&recipients), id, text))
    }

    fn report(&mut self, reference: u8, status: u8) {
        self.store.received(0, &report(reference, status));
    }
}

const fn sent(reference: u8) -> Outcome {
    Outcome::Sent { reference }
}

const fn refused(class: Class, code: u16) -> Outcome {
    Outcome::Refused { class, code: Failure::Cms(CmsError(code)) }
}

const CONGESTION: Outcome = refused(Class::Temporary, 42);

fn deliver(text: &str) -> Pdu {
    let plan = Plan::cheapest(text.chars());
    let part = segments(text.chars(), plan, Reference::Short(1)).unwrap().next().unwrap();
    let mut buffer = [0; 140];
    air::received(part.coding(), part.user_data(&mut buffer))
}

#[test]
fn a_repeated_report_is_not_credited_to_a_later_message() {
    let mut told = Told::new();
    told.store.text("one", "hi").unwrap();
    told.store.give(0, sent(7));
    told.report(7, 0);
    told.report(7, 0);
    assert_eq!(told.store.due(), ["/dsn?sessionid=one&statuscode=1"]);
    // 256 messages later the reference comes again.
    told.store.text("two", "hi").unwrap();
    told.store.give(0, sent(7));
    assert_eq!(told.store.due(), [""; 0]);
    told.report(7, 0x46);
    assert_eq!(told.store.due(), ["/dsn?sessionid=two&statuscode=6"]);
}

#[test]
fn reports_that_come_before_the_reference_count_in_their_order() {
    let mut told = Told::new();
    told.store.text("one", "hi").unwrap();
    told.store.next_part(0).unwrap();
    told.report(7, 0x30);
    told.report(7, 0x00);
    told.store.finished(0, sent(7));
    assert_eq!(told.store.due(), ["/dsn?sessionid=one&statuscode=1"]);
}

#[test]
fn a_report_of_another_number_is_of_no_message() {
    let mut told = Told::new();
    told.submit_to(&["4587654321".to_owned()], "one", "hi").unwrap();
    told.store.give(0, sent(7));
    told.report(7, 0);
    assert_eq!(told.store.due(), [""; 0]);
}

#[test]
fn after_72_hours_what_was_sent_is_unknown_and_what_was_not_is_expired() {
    let mut told = Told::new();
    told.store.text("sent", "hi").unwrap();
    told.store.give(0, sent(7));
    told.store.text("waits", "hi").unwrap();
    // The gateway is woken for it, whatever else happens.
    assert_eq!(told.store.next_due(), Some(told.start + 72 * HOUR));
    told.after(72 * HOUR - Duration::from_secs(1));
    assert_eq!(told.store.due(), [""; 0]);
    told.after(72 * HOUR);
    let due = told.store.due();
    assert_eq!(due, ["/dsn?sessionid=sent&statuscode=5", "/dsn?sessionid=waits&statuscode=6"]);
    assert!(told.store.next_part(0).is_none());
}

#[test]
fn a_message_whose_time_is_over_while_a_modem_has_it_ends_when_the_modem_tells() {
    for (outcome, code) in [(sent(7), 5), (Outcome::NotSent(NotSent::NoPrompt), 6)] {
        let mut told = Told::new();
        told.store.text("one", "hi").unwrap();
        told.store.next_part(0).unwrap();
        told.after(73 * HOUR);
        assert_eq!(told.store.due(), [""; 0]);
        told.store.finished(0, outcome);
        assert_eq!(told.store.due(), [format!("/dsn?sessionid=one&statuscode={code}")]);
    }
}

#[test]
fn a_part_that_is_refused_for_a_passing_reason_is_tried_after_2_5_15_and_60_seconds() {
    let mut told = Told::new();
    told.store.text("one", "hi").unwrap();
    let mut now = Duration::ZERO;
    for seconds in [2, 5, 15, 60, 300, 900, 900, 900] {
        assert!(told.store.give(0, CONGESTION));
        now += Duration::from_secs(seconds);
        assert_eq!(told.store.next_due(), Some(told.start + now));
        told.after(now - Duration::from_millis(1));
        assert!(!told.store.give(0, CONGESTION), "{seconds}");
        told.after(now);
    }
    assert!(told.store.give(0, sent(1)));
}

#[test]
fn refusals_count_from_the_last_part_that_was_sent() {
    let mut told = Told::new();
    told.store.text("long", &"a".repeat(20 * 153)).unwrap();
    let mut now = Duration::ZERO;
    for part in 0..20 {
        assert!(told.store.give(0, CONGESTION), "{part}");
        now += Duration::from_secs(2);
        told.after(now);
        assert!(told.store.give(0, sent(part)), "{part}");
    }
    assert!(!told.store.give(0, sent(99)));
}

#[test]
fn a_refusal_for_good_ends_the_text() {
    let mut told = Told::new();
    told.store.text("one", &"a".repeat(300)).unwrap();
    assert!(told.store.give(0, sent(1)));
    told.store.text("two", "b").unwrap();
    told.store.text("three", &"c".repeat(300)).unwrap();
    assert!(told.store.give(0, refused(Class::Permanent, 1)));
    // Its first part may still be reported.
    assert_eq!(told.store.due(), [""; 0]);
    told.report(1, 0);
    assert_eq!(told.store.due(), ["/dsn?sessionid=one&statuscode=7"]);
    // Others go on.
    assert!(told.store.give(0, sent(2)));
    assert!(told.store.give(0, refused(Class::Permanent, 1)));
    assert_eq!(told.store.due(), ["/dsn?sessionid=three&statuscode=7"]);
    assert!(!told.store.give(0, sent(3)));
}

#[test]
fn an_unknown_outcome_is_not_sent_again_and_the_rest_of_the_text_goes() {
    let mut told = Told::new();
    told.store.text("one", &"a".repeat(300)).unwrap();
    assert!(told.store.give(0, Outcome::Unknown(Why::Rebooted)));
    assert!(told.store.give(0, sent(1)));
    assert!(!told.store.give(0, sent(2)));
    told.report(1, 0);
    assert_eq!(told.store.due(), ["/dsn?sessionid=one&statuscode=5"]);
}

#[test]
fn what_has_not_begun_goes_through_another_modem() {
    let mut told = Told::new();
    told.store.text("one", "hi").unwrap();
    told.store.next_part(0).unwrap();
    told.store.not_taken(0);
    told.store.set_ready(1, true);
    assert!(told.store.give(1, sent(1)));
    assert!(!told.store.give(0, sent(1)));
}

#[test]
fn what_has_begun_or_has_a_sim_waits_for_its_modem() {
    let mut told = Told::new();
    told.store.text("begun", &"a".repeat(300)).unwrap();
    assert!(told.store.give(0, sent(1)));
    let to = List::Joined(Text::plain(RECIPIENT));
    let sender = Some(Text::plain("4520001204"));
    told.store.send(Submit { sender, ..driven::addressed(to, "chosen", "hi") }).unwrap();
    told.store.set_ready(0, false);
    told.store.set_ready(1, true);
    assert!(!told.store.give(1, sent(1)));
    told.store.set_ready(0, true);
    assert!(told.store.give(0, sent(2)));
    assert!(told.store.give(0, sent(3)));
    assert!(!told.store.give(0, sent(4)));
}

#[test]
fn a_modem_without_a_network_gets_nothing() {
    let mut told = Told::new();
    told.store.set_network(0, false);
    told.store.text("one", "hi").unwrap();
    assert!(!told.store.give(0, sent(1)));
    told.store.set_network(0, true);
    assert!(told.store.give(0, sent(1)));
}

#[test]
fn an_id_stands_for_its_message_for_a_day() {
    let mut told = Told::new();
    told.store.text("one", "hi").unwrap();
    told.after(24 * HOUR - Duration::from_secs(1));
    assert_eq!(told.store.text("one", "hi"), Ok(()));
    assert_eq!(told.store.text("one", "ho"), Err(Reason::DuplicateClientId));
    told.after(24 * HOUR);
    assert_eq!(told.store.text("one", "ho"), Ok(()));
    assert!(told.store.give(0, sent(1)));
    assert!(told.store.give(0, sent(2)));
    assert!(!told.store.give(0, sent(3)));
}

#[test]
fn past_what_may_wait_and_1000_recipients_a_request_is_refused() {
    let mut told = Told::new();
    let numbers =
        |from: u32, count: u32| (from..from + count).map(|n| n.to_string()).collect::<Vec<_>>();
    for i in 0..2 {
        let recipients = numbers(45_000_000 + i * 1000, 1000);
        assert_eq!(told.submit_to(&recipients, &format!("{i}"), "hi"), Ok(()));
    }
    assert_eq!(told.store.text("more", "hi"), Err(Reason::Busy));
    assert!(told.store.give(0, sent(1)));
    assert_eq!(told.store.text("more", "hi"), Ok(()));
    let too_many = told.submit_to(&numbers(46_000_000, 1001), "many", "hi");
    assert_eq!(too_many, Err(Reason::TooManyRecipients));
}

#[test]
fn a_callback_that_is_not_taken_is_tried_by_the_schedule_and_then_given_up() {
    let mut told = Told::new();
    told.store.received(0, &deliver("test a"));
    let (mut now, mut tries) = (Duration::ZERO, 0);
    loop {
        let due = told.store.due_callbacks();
        assert_eq!(due.len(), 1, "{now:?}");
        tries += 1;
        told.store.called(due[0].id, CallbackOutcome::NoAnswer("no answer".to_owned()));
        let Some(next) = told.store.next_due() else { break };
        now = next - told.start;
        told.after(now);
    }
    assert_eq!(tries, 1 + 4 + 22);
    assert!(now <= 24 * HOUR);
}

#[test]
fn a_message_that_a_modem_hands_over_again_is_told_once() {
    let mut told = Told::new();
    for text in ["test a", "test a", "test b", "test a"] {
        told.store.received(0, &deliver(text));
    }
    assert_eq!(told.store.due_callbacks().len(), 2);
}

#[test]
fn answers_go_where_the_reports_go_by_an_interface_that_says_so() {
    let mut told = Told::new();
    told.store.received(0, &deliver("web before"));
    assert_eq!(told.store.due(), ["/of-the-keyword?"]);
    let to = Recipients::numbers(List::Joined(Text::plain(RECIPIENT)));
    let body = Payload::Text(Text::plain("hi"));
    let url = Text::plain("http://127.0.0.1:9/of-the-message");
    let callback = Some(Callback { url, carrier: None });
    let submit = Submit { callback, ..Submit::new(Messages::Same { to, body }) };
    let is_sent = told
        .store
        .perform(&0, &websms::API, &Op::Send(submit), |answer| matches!(answer, Answer::Sent(_)));
    assert!(is_sent);
    told.store.give(0, sent(7));
    told.store.received(0, &deliver("web behind"));
    assert_eq!(told.store.due(), ["/of-the-message?"]);
    // By another interface it is the keyword's all the same.
    told.store.received(0, &deliver("test behind"));
    assert!(told.store.due()[0].starts_with("/mo?"));
}

#[test]
fn a_keyword_is_told_in_the_case_that_the_interface_has_for_it() {
    let mut told = Told::new();
    told.store.received(0, &deliver("next a"));
    told.store.received(0, &deliver("gate a"));
    let due = told.store.due_callbacks();
    let body = String::from_utf8(due[0].request.body.clone()).unwrap();
    assert!(body.contains(r#""keyword":"NEXT""#), "{body}");
    assert!(due[1].request.url.as_str().contains("&keyword=Gate&"), "{}", due[1].request.url);
}

#[test]
fn what_a_charset_lacks_is_a_question_mark_in_every_field() {
    let mut told = Told::with_keyword("ЖУК", "iso-8859-1");
    told.store.received(0, &deliver("жук blå ж"));
    let due = told.store.due();
    assert!(due[0].ends_with("&appnr=1204&keyword=%3F%3F%3F&text=bl%E5+%3F"), "{due:?}");
}

#[test]
fn ids_of_received_messages_begin_at_the_clock_and_are_integers_of_32_bits() {
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let before = now();
    let mut told = Told::new();
    told.store.received(0, &deliver("test a"));
    let due = told.store.due();
    let id = due[0].split("&sessionid=").nth(1).unwrap_or_else(|| panic!("{due:?}"));
    let id = id.split('&').next().unwrap().rsplit("%3A").next().unwrap();
    assert!((before..=now()).contains(&id.parse().unwrap()), "{id}");
    assert!(id.parse::<i32>().is_ok());
}
