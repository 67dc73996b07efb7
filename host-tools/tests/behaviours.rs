//! What stands behind every vendor's interface: schedules, groups, credits, ids, octets, states. Each
//! is told in its own time: nothing here waits.

mod air;
mod driven;
mod place;

use std::sync::Arc;
use std::time::{Duration, Instant};

use septet::answer::Store;
use septet::api::{
    Again, Alphabet, Answer, Api, Cancel, Credentials, DateTime, Dedupe, Duplicates, HistoryQuery,
    InboxQuery, Login, Merged, Messages, Op, Page, Payload, Reason, Recipients, ReportsQuery,
    State, Submit, Test, Values, When, Zone, gatewayapi, nextpod, skebby,
};
use septet::fields::{List, Rows};
use septet::json;
use septet::octets::Octets;
use septet::pdu::Pdu;
use septet::text::{Secret, Text};
use septet::tpdu::dcs::Class;
use septet::tpdu::time::ValidityPeriod;
use septet::tpdu::{DataCoding, Mo, UserData};
use septet_firmware::engine::Outcome;
use septet_host::config::{Config, key_hash};
use septet_host::store::SqlStore;

use air::{RECIPIENT, report};
use driven::Driven as _;

const HOUR: Duration = Duration::from_secs(60 * 60);

struct Told {
    store: SqlStore,
    start: Instant,
}

impl Told {
    fn config() -> String {
        let of_account = format!(
            r#"
            number = 2532
            key = "{key}"
            credits = 10
            zone = "Europe/Copenhagen"
            [[account.group]]
            id = 12
            name = "G1"
            members = ["4512340001", "{RECIPIENT}"]
            [[account.keyword]]
            number = "1204"
            api = "gatewayapi-v2"
            "#,
            key = key_hash("the key")
        );
        driven::config("", &of_account) + "short_codes = [\"1204\"]"
    }

    fn new() -> Self {
        let start = Instant::now();
        let mut store = driven::open(&Self::config(), place::passing(), start).unwrap();
        store.set_ready(0, true);
        Self { store, start }
    }

    fn after(&mut self, time: Duration) {
        self.store.set_now(self.start + time);
    }

    /// What is answered, in words, or why it is refused.
    fn ask(&mut self, op: &Op<'_>) -> Result<String, Reason> {
        self.store.perform(&0, &gatewayapi::V2, op, |answer| match answer {
            Answer::Refused(refusal) => Err(refusal.reason),
            answer => Ok(format!("{answer:?}")),
        })
    }

    fn send(&mut self, submit: Submit<'_>) -> Result<String, Reason> {
        self.ask(&Op::Send(submit))
    }

    /// The id that an accepted request has.
    fn id(&mut self, submit: Submit<'_>) -> String {
        self.id_by(&gatewayapi::V2, submit)
    }

    /// The id of a request to this interface.
    fn id_by(&mut self, api: &'static Api, submit: Submit<'_>) -> String {
        self.store.perform(&0, api, &Op::Send(submit), |answer| match answer {
            Answer::Sent(sent) => sent.id.unwrap().to_string(),
            answer => panic!("{answer}"),
        })
    }

    /// The next part, which the modem then has sent under this reference.
    fn sent(&mut self, reference: u8) -> Option<Pdu> {
        let pdu = self.store.next_part(0)?;
        self.store.finished(0, Outcome::Sent { reference });
        Some(pdu)
    }

    /// The state of each message of a request.
    fn states(&mut self, id: &str) -> Vec<State> {
        let query = ReportsQuery { id: Text::plain(id), recipient: None, columns: List::EMPTY };
        self.store.perform(&0, &gatewayapi::V2, &Op::Reports(query), |answer| match answer {
            Answer::Reports(reports) => reports.rows.iter().map(|row| row.state).collect(),
            answer => panic!("{answer}"),
        })
    }
}

fn text(text: &str) -> Submit<'_> {
    let to = Recipients::numbers(List::Joined(Text::plain(RECIPIENT)));
    Submit::new(Messages::Same { to, body: Payload::Text(Text::plain(text)) })
}

fn to<'a>(numbers: &'a str, groups: &'a str) -> Submit<'a> {
    let to = Recipients {
        groups: List::Joined(Text::plain(groups)),
        ..Recipients::numbers(List::Joined(Text::plain(numbers)))
    };
    Submit::new(Messages::Same { to, body: Payload::Text(Text::plain("t")) })
}

/// The SMS-SUBMIT of a PDU.
fn submitted<R>(pdu: &Pdu, read: impl FnOnce(&septet::tpdu::Submit<'_>) -> R) -> R {
    match pdu.read::<Mo<'_>>().unwrap() {
        (_, Mo::Submit(submit)) => read(&submit),
        other => panic!("{other:?}"),
    }
}

fn received(octets: &[u8], coding: DataCoding, len: u8) -> Pdu {
    air::received(coding, UserData { has_header: false, len, octets })
}

/// An hour after the time that the store was made, in UTC.
fn in_an_hour() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    now.as_secs() + 3600
}

#[test]
fn a_message_for_later_is_sent_then_and_can_be_taken_back_until_then() {
    let mut told = Told::new();
    let later = Submit { schedule: Some(When::Unix(in_an_hour())), ..text("later") };
    let id = told.id(later);
    let other = told.id(later);
    assert_eq!(told.states(&id), [State::Scheduled]);
    assert!(told.store.next_part(0).is_none());
    // What was used is given back, and nothing waits for what was taken back.
    assert_eq!(told.store.credits(), 800);
    told.after(HOUR / 2);
    let cancel = Op::Cancel(Cancel { id: Some(Text::plain(&other)) });
    assert!(told.ask(&cancel).is_ok());
    assert_eq!(told.states(&other), [State::Deleted]);
    assert_eq!(told.store.credits(), 900);
    assert_eq!(told.ask(&cancel), Err(Reason::UnknownId));
    told.after(HOUR + Duration::from_secs(2));
    assert_eq!(told.states(&id), [State::Waiting]);
    assert!(told.sent(1).is_some());
    assert!(told.store.next_part(0).is_none());
    assert_eq!(told.states(&id), [State::EnRoute]);
    let cancel = Op::Cancel(Cancel { id: Some(Text::plain(&id)) });
    assert_eq!(told.ask(&cancel), Err(Reason::UnknownId));
    told.store.received(0, &report(1, 0));
    assert_eq!(told.states(&id), [State::Delivered]);
}

#[test]
fn times_are_those_of_the_zone_that_they_name() {
    let at = |year, zone| {
        let at = DateTime { year, month: 6, day: 1, hour: 12, minute: 0, second: 0 };
        Submit { schedule: Some(When::Civil { at, zone }), ..text("later") }
    };
    let mut told = Told::new();
    // What is past is sent at once.
    told.send(at(2020, Zone::Account)).unwrap();
    assert!(told.sent(1).is_some());
    assert_eq!(told.send(at(2999, Zone::Account)), Err(Reason::Schedule));
    let nowhere = Zone::Named(Text::plain("Atlantis/Capital"));
    assert_eq!(told.send(at(2020, nowhere)), Err(Reason::Schedule));
    // In an hour, by the clocks of each zone: none is sent before, each is after.
    let zones = [
        Zone::Account,
        Zone::Named(Text::plain("Asia/Tokyo")),
        Zone::Offset(-210),
        Zone::Named(Text::plain("America/St_Johns")),
    ];
    for zone in zones {
        let mut told = Told::new();
        let own = match zone {
            Zone::Account => jiff::tz::TimeZone::get("Europe/Copenhagen").unwrap(),
            Zone::Named(name) => jiff::tz::TimeZone::get(&name.to_string()).unwrap(),
            Zone::Offset(minutes) => {
                let seconds = i32::from(minutes) * 60;
                jiff::tz::TimeZone::fixed(jiff::tz::Offset::from_seconds(seconds).unwrap())
            }
        };
        let now = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(1);
        let now = now.to_zoned(own);
        let at = DateTime {
            year: now.year() as u16,
            month: now.month() as u8,
            day: now.day() as u8,
            hour: now.hour() as u8,
            minute: now.minute() as u8,
            second: now.second() as u8,
        };
        let id = told.id(Submit { schedule: Some(When::Civil { at, zone }), ..text("later") });
        told.after(HOUR - Duration::from_secs(30));
        assert!(told.store.next_part(0).is_none(), "{zone:?}");
        assert_eq!(told.states(&id), [State::Scheduled]);
        told.after(HOUR + Duration::from_secs(30));
        assert!(told.sent(1).is_some(), "{zone:?}");
    }
}

#[test]
fn what_is_old_is_forgotten_and_what_waits_is_not() {
    let mut told = Told::new();
    let waits =
        told.id(Submit { schedule: Some(When::Unix(in_an_hour() + 90 * 86_400)), ..text("later") });
    let keyed = Submit {
        dedupe: Some(Dedupe {
            key: Text::plain("k"),
            again: Again::FirstAnswer,
            window_s: 100 * 86_400,
        }),
        ..text("now")
    };
    let sent = told.id(keyed);
    told.sent(1).unwrap();
    told.store.received(0, &report(1, 0));
    assert_eq!(told.states(&sent), [State::Delivered]);
    told.after(31 * 24 * HOUR);
    let query = ReportsQuery { id: Text::plain(&sent), recipient: None, columns: List::EMPTY };
    assert_eq!(told.ask(&Op::Reports(query)), Err(Reason::UnknownId));
    assert_eq!(told.states(&waits), [State::Scheduled]);
    // The key outlived its request: it was accepted, and is not sent again.
    assert_eq!(told.send(keyed), Err(Reason::DuplicateClientId));
    assert!(told.store.next_part(0).is_none());
}

#[test]
fn groups_are_their_members_and_nobody_gets_a_message_twice() {
    let mut told = Told::new();
    let told_id = told.id(to("", "G1"));
    assert_eq!(told.states(&told_id).len(), 2);
    let by_number = told.id(to("", "12"));
    assert_eq!(told.states(&by_number).len(), 2);
    assert_eq!(told.send(to("", "G2")), Err(Reason::UnknownGroup));
    assert_eq!(told.send(to(RECIPIENT, "G1")), Err(Reason::DuplicateRecipient));
    let strip = Submit { duplicates: Duplicates::Strip, ..to(RECIPIENT, "G1") };
    let id = told.id(strip);
    assert_eq!(told.states(&id).len(), 2);
    assert_eq!(told.send(to("4512345678,12", "")), Err(Reason::Recipient));
    let skip = Submit { skip_invalid: true, ..to("4512345678,12", "") };
    let id = told.id(skip);
    assert_eq!(told.states(&id).len(), 1);
    let nobody = Submit { skip_invalid: true, ..to("12", "") };
    assert_eq!(told.send(nobody), Err(Reason::Recipient));
}

#[test]
fn a_thousand_recipients_are_enough() {
    let numbers: Vec<String> = (0..1001).map(|n| (4_512_340_000_u64 + n).to_string()).collect();
    let mut told = Told::new();
    let all = numbers.join(",");
    assert_eq!(told.send(to(&all, "")), Err(Reason::TooManyRecipients));
    // One credit each: there are ten.
    assert_eq!(told.send(to(&numbers[..11].join(","), "")), Err(Reason::Credit));
    assert!(told.send(to(&numbers[..10].join(","), "")).is_ok());
}

#[test]
fn credits_are_used_by_what_is_accepted_only() {
    let mut told = Told::new();
    let long = "x".repeat(161);
    let wants = Submit { wants_used: true, wants_left: true, ..text(&long) };
    let words = told.send(wants).unwrap();
    assert!(words.contains("used: Some(2), left: Some(8)"), "{words}");
    assert_eq!(told.ask(&Op::Quote(wants)).unwrap(), "Quoted(200)");
    for test in [Test::Succeed, Test::Fail] {
        let answer = told.send(Submit { test: Some(test), ..text(&long) });
        assert_eq!(answer.is_ok(), test == Test::Succeed);
    }
    assert_eq!(told.store.credits(), 800);
    let too_long = "x".repeat(153 * 9);
    assert_eq!(told.send(text(&too_long)), Err(Reason::Credit));
    assert_eq!(told.store.credits(), 800);
    assert!(told.sent(1).is_some() && told.sent(2).is_some());
    // The test and what was refused sent nothing.
    assert!(told.store.next_part(0).is_none());
}

#[test]
fn the_same_key_again_means_what_the_interface_says() {
    let keyed = |key, again, words| Submit {
        dedupe: Some(Dedupe { key: Text::plain(key), again, window_s: 3600 }),
        ..text(words)
    };
    let mut told = Told::new();
    let first = told.id(keyed("a", Again::FirstAnswer, "one"));
    assert_eq!(told.id(keyed("a", Again::FirstAnswer, "two")), first);
    assert!(told.send(keyed("b", Again::Refused, "one")).is_ok());
    let refused = Err(Reason::DuplicateClientId);
    assert_eq!(told.send(keyed("b", Again::Refused, "one")), refused);
    let first = told.id(keyed("c", Again::SameContent, "one"));
    assert_eq!(told.id(keyed("c", Again::SameContent, "one")), first);
    assert_eq!(told.send(keyed("c", Again::SameContent, "two")), refused);
    // What was refused leaves no trace.
    let bad = Submit { parts_max: Some(0), ..keyed("d", Again::Refused, "one") };
    assert_eq!(told.send(bad), Err(Reason::TooManyParts));
    assert!(told.send(keyed("d", Again::Refused, "one")).is_ok());
    told.after(HOUR + Duration::from_secs(1));
    assert!(told.send(keyed("b", Again::Refused, "one")).is_ok());
}

#[test]
fn class_protocol_validity_and_report_stand_in_the_pdu() {
    let mut told = Told::new();
    let plain = told.id(Submit { report: false, ..text("plain") });
    let submit =
        Submit { class: Some(0), protocol: Some(0x41), validity: Some(3600), ..text("replaced") };
    told.send(submit).unwrap();
    submitted(&told.sent(1).unwrap(), |own| {
        assert!(!own.status_report_request);
        assert_eq!((own.coding, own.protocol.0), (DataCoding::GSM7, 0));
        assert_eq!(own.validity_period, ValidityPeriod::NotGiven);
    });
    // Nobody asked what becomes of it: it stays on its way.
    assert_eq!(told.states(&plain), [State::EnRoute]);
    submitted(&told.sent(2).unwrap(), |own| {
        assert!(own.status_report_request);
        assert_eq!((own.coding.class(), own.protocol.0), (Some(Class::Flash), 0x41));
        let ValidityPeriod::Relative(period) = own.validity_period else { panic!("{own:?}") };
        assert_eq!(period.minutes(), 60);
    });
}

#[test]
fn alphabets_are_kept_to_and_parts_counted_and_cut() {
    let mut told = Told::new();
    let in_gsm7 = Submit { alphabet: Alphabet::Gsm7, ..text("щ") };
    assert_eq!(told.send(in_gsm7), Err(Reason::Unencodable));
    told.send(Submit { alphabet: Alphabet::Ucs2, ..text("a") }).unwrap();
    submitted(&told.sent(1).unwrap(), |own| assert_eq!(own.coding, DataCoding::UCS2));
    let long = "x".repeat(400);
    let two = Submit { parts_max: Some(2), ..text(&long) };
    assert_eq!(told.send(two), Err(Reason::TooManyParts));
    told.send(Submit { cut: true, ..two }).unwrap();
    let parts: Vec<Pdu> = (2..4).map_while(|reference| told.sent(reference)).collect();
    assert!(parts.len() == 2 && told.store.next_part(0).is_none());
    let characters = |pdu: &Pdu| submitted(pdu, |own| own.text().unwrap().count());
    assert_eq!(parts.iter().map(characters).sum::<usize>(), 306);
}

#[test]
fn octets_are_sent_as_they_are_with_their_own_header_or_ours() {
    let segments = |octets: &'static [&'static [u8]], has_header| {
        let octets: Vec<Octets<'static>> =
            octets.iter().map(|octets| Octets::plain(octets)).collect();
        (octets, has_header)
    };
    let mut told = Told::new();
    let mut send = |(octets, has_header): (Vec<Octets<'static>>, bool)| {
        let body = Payload::Octets { segments: Rows::slice(&octets), has_header };
        let to = Recipients::numbers(List::Joined(Text::plain(RECIPIENT)));
        told.send(Submit::new(Messages::Same { to, body }))?;
        let parts: Vec<Pdu> = (0..octets.len() as u8).map(|n| told.sent(n).unwrap()).collect();
        let user_data = |pdu| {
            submitted(pdu, |own| {
                assert_eq!(own.coding, DataCoding::EIGHT_BIT);
                (own.user_data.has_header, own.user_data.octets.to_vec())
            })
        };
        Ok(parts.iter().map(user_data).collect::<Vec<_>>())
    };
    let own = send(segments(&[b"\x06\x05\x04\x0B\x84\x23\xF0data"], true)).unwrap();
    assert_eq!(own, [(true, b"\x06\x05\x04\x0B\x84\x23\xF0data".to_vec())]);
    assert_eq!(send(segments(&[b"data"], false)).unwrap(), [(false, b"data".to_vec())]);
    let two = send(segments(&[b"one", b"two"], false)).unwrap();
    let [(true, first), (true, second)] = two.as_slice() else { panic!("{two:?}") };
    assert_eq!((&first[..3], &first[4..]), (b"\x05\x00\x03".as_slice(), b"\x02\x01one".as_slice()));
    assert_eq!((first[3], &second[4..]), (second[3], b"\x02\x02two".as_slice()));
    assert_eq!(send(segments(&[&[7; 141]], false)), Err(Reason::Segment));
    assert_eq!(send(segments(&[&[7; 140], &[7; 10]], false)), Err(Reason::Segment));
    assert_eq!(send(segments(&[b"\x06\x05"], true)), Err(Reason::Segment));
}

#[test]
fn places_are_filled_for_each_recipient() {
    let values = |json: &'static str| Values(json::Value::read(json.as_bytes()).unwrap());
    let rows = [
        Merged {
            recipient: Text::plain("+4512345678"),
            values: values(r#"{"name": "Åse", "n": 7}"#),
        },
        Merged {
            recipient: Text::plain("004512345679"),
            values: values(r#"{"name": "$", "n": "8"}"#),
        },
    ];
    let merged = |template: &'static str| {
        Submit::new(Messages::Merged { template: Text::plain(template), rows: Rows::slice(&rows) })
    };
    let mut told = Told::new();
    told.send(merged("Hej ${name}, ${n} $ ${ {n}")).unwrap();
    for expected in ["Hej Åse, 7 $ ${ {n}", "Hej $, 8 $ ${ {n}"] {
        submitted(&told.sent(1).unwrap(), |own| {
            assert!(own.text().unwrap().eq(expected.chars()));
        });
    }
    assert_eq!(told.send(merged("Hej ${nobody}")), Err(Reason::NoValue));
}

#[test]
fn what_was_sent_and_received_is_told_in_pages() {
    let mut told = Told::new();
    let api = &skebby::API;
    let ids: Vec<String> =
        (0..3).map(|n| told.id_by(api, to(&format!("451234567{n}"), ""))).collect();
    let from = When::Unix(0);
    let page = |number| Page { number, size: 2 };
    let history = |told: &mut Told, recipient, number| {
        let query = HistoryQuery { recipient, from, to: None, page: page(number) };
        told.store.perform(&0, api, &Op::History(query), |answer| match answer {
            Answer::History(history) => {
                let ids: Vec<String> = history.rows.iter().map(|row| row.id.to_string()).collect();
                (ids, history.total)
            }
            answer => panic!("{answer}"),
        })
    };
    assert_eq!(history(&mut told, None, 1), ([ids[2].clone(), ids[1].clone()].into(), 3));
    assert_eq!(history(&mut told, None, 2), ([ids[0].clone()].into(), 3));
    let one = Some(Text::plain("4512345671"));
    assert_eq!(history(&mut told, one, 1), ([ids[1].clone()].into(), 1));

    let gsm7 = |text: &str| {
        let codes: Vec<u8> = text.bytes().collect();
        let mut octets = [0; 140];
        let mut w = septet::wire::Writer::new(&mut octets);
        let len = septet::gsm7::pack(codes.iter().copied(), 0, &mut w).unwrap();
        received(w.written(), DataCoding::GSM7, len as u8)
    };
    told.store.received(0, &gsm7("HELLO"));
    told.store.received(0, &received(b"\x01\x02", DataCoding::EIGHT_BIT, 2));
    let inbox = |told: &mut Told, query| {
        told.store.perform(&0, &gatewayapi::V2, &Op::Inbox(query), |answer| match answer {
            Answer::Inbox(inbox) => inbox
                .rows
                .iter()
                .map(|row| row.body.unwrap().content().to_string())
                .collect::<Vec<_>>(),
            answer => panic!("{answer}"),
        })
    };
    let new = InboxQuery::New { recipient: None, limit: 1 };
    assert_eq!(inbox(&mut told, new), ["\"HELLO\""]);
    assert_eq!(inbox(&mut told, new), ["octets 0102"]);
    assert!(inbox(&mut told, new).is_empty());
    let after = InboxQuery::After { id: 0, recipient: None, limit: 10 };
    assert_eq!(inbox(&mut told, after).len(), 2);
    let between =
        |recipient| InboxQuery::Between { recipient, from, to: None, kind: None, page: page(1) };
    assert_eq!(inbox(&mut told, between(Some(Text::plain("+1204")))).len(), 2);
    assert!(inbox(&mut told, between(Some(Text::plain("1205")))).is_empty());
}

#[test]
fn sessions_end_when_nobody_uses_them_and_tokens_do_not() {
    let mut told = Told::new();
    let log_in = |told: &mut Told, login| {
        told.store.perform(&0, &gatewayapi::V2, &Op::Login(login), |answer| match answer {
            Answer::LoggedIn { user, key } => (user.to_string(), key.0.to_string()),
            answer => panic!("{answer}"),
        })
    };
    let (user, session) = log_in(&mut told, Login::Session);
    let (_, token) = log_in(&mut told, Login::Token);
    let admit = |told: &mut Told, credentials: &Credentials<'_>| {
        told.store.admit(&gatewayapi::V2, credentials).map_err(|refusal| refusal.reason)
    };
    let (user, key) = (Text::plain(&user), Secret(Text::plain(&session)));
    let session = Credentials::Session { user, key };
    let token = Credentials::AccessToken { user, token: Secret(Text::plain(&token)) };
    let minutes = |minutes: u64| Duration::from_secs(60 * minutes);
    for passed in [4, 8] {
        told.after(minutes(passed));
        assert_eq!(admit(&mut told, &session), Ok(0));
        told.store.credits();
    }
    told.after(minutes(11));
    assert_eq!(admit(&mut told, &session), Ok(0));
    assert_eq!(told.ask(&Op::CheckSession).unwrap(), "Session(true)");
    // A token is no session, and to ask whether it lives does not renew a session.
    let as_token = Credentials::AccessToken { user, token: key };
    assert_eq!(admit(&mut told, &as_token), Err(Reason::NoSession));
    let other = Credentials::Session { user: Text::plain("somebody"), key };
    assert_eq!(admit(&mut told, &other), Err(Reason::UnknownUser));
    told.after(minutes(13));
    assert_eq!(admit(&mut told, &session), Err(Reason::NoSession));
    assert_eq!(admit(&mut told, &token), Ok(0));
    let key = |account, key| Credentials::Key { account, key: Secret(Text::plain(key)) };
    assert_eq!(admit(&mut told, &key(None, "the key")), Ok(0));
    assert_eq!(admit(&mut told, &key(Some(Text::plain("2532")), "the key")), Ok(0));
    assert_eq!(
        admit(&mut told, &key(Some(Text::plain("1")), "the key")),
        Err(Reason::WrongPassword)
    );
    assert_eq!(admit(&mut told, &key(None, "a key")), Err(Reason::WrongPassword));
    let bearer = Credentials::Token(Secret(Text::plain("the key")));
    assert_eq!(admit(&mut told, &bearer), Ok(0));

    // Another password ends what the one before has begun.
    let configure = |told: &mut Told, text: String| {
        told.store.reconfigure(Arc::new(Config::parse(&text).unwrap())).unwrap();
    };
    configure(&mut told, Told::config().replace("$c2FsdHNhbHQ$", "$c2FsdDJzYWx0$"));
    assert_eq!(admit(&mut told, &token), Err(Reason::NoSession));
    configure(&mut told, Told::config());
    assert_eq!(admit(&mut told, &token), Ok(0));
}

#[test]
fn a_network_that_tries_again_says_so_and_is_not_the_last_word() {
    let mut told = Told::new();
    let id = told.id(text("hi"));
    told.sent(7).unwrap();
    let statuses = |told: &mut Told| {
        let query = ReportsQuery { id: Text::plain(&id), recipient: None, columns: List::EMPTY };
        told.store.perform(&0, &gatewayapi::V2, &Op::Reports(query), |answer| match answer {
            Answer::Reports(reports) => {
                reports.rows.iter().map(|row| (row.state, row.status)).collect::<Vec<_>>()
            }
            answer => panic!("{answer}"),
        })
    };
    assert_eq!(statuses(&mut told), [(State::EnRoute, None)]);
    told.store.received(0, &report(7, 0x20));
    assert_eq!(statuses(&mut told), [(State::EnRoute, Some(0x20))]);
    told.store.received(0, &report(7, 0));
    assert_eq!(statuses(&mut told), [(State::Delivered, Some(0))]);
}

#[test]
fn the_reports_of_an_order_have_its_id_and_those_of_nextpod_one_each() {
    for (api, is_each) in [(&skebby::API, false), (&nextpod::API, true)] {
        let mut told = Told::new();
        let to = "4512345678,4512345679";
        let (id, ids) = told.store.perform(&0, api, &Op::Send(self::to(to, "")), |answer| {
            let Answer::Sent(sent) = answer else { panic!("{answer}") };
            let ids: Vec<String> = sent.receipts.iter().map(|row| row.id.to_string()).collect();
            (sent.id.unwrap().to_string(), ids)
        });
        assert_eq!(ids.len(), 2);
        assert_eq!(ids.iter().any(|own| *own != id), is_each, "{id} {ids:?}");
        assert_eq!(ids[0] != ids[1], is_each, "{id} {ids:?}");
    }
}
