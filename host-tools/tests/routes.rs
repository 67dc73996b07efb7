//! Routes, turns, limits and lists: which message goes through which modem, and when. Each is told in its
//! own time: nothing here waits.

mod air;
mod driven;
mod place;

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use septet::answer::Store;
use septet::api::{
    Answer, Api, Callback, Cancel, CreditsQuery, InboxQuery, Messages, Note, Op, Payload, Reason,
    Recipients, ReportsQuery, State, Submit, When, gatewayapi, nextpod,
};
use septet::at::{Class, CmsError, Failure};
use septet::fields::{List, Rows};
use septet::pdu::Pdu;
use septet::segment::{Plan, segments};
use septet::text::Text;
use septet::tpdu::Mo;
use septet::tpdu::udh::Reference;
use septet_firmware::engine::{Busy, NotSent, Outcome};
use septet_host::callbacks::install_tls;
use septet_host::config::{Config, key_hash};
use septet_host::control::{Client, Control, Troubles};
use septet_host::database::Database;
use septet_host::own;
use septet_host::serve::Running;
use septet_host::store::SqlStore;
use tempfile::TempDir;

use air::RECIPIENT;
use driven::HASH;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);

/// A text of `parts` parts.
fn long(parts: usize) -> String {
    "a".repeat(153 * parts)
}

/// The configuration of two accounts and three modems, with `more` of it.
fn config(more: &str) -> String {
    let modem = |name: &str, number: u32| {
        format!("[[modem]]\nname = {name:?}\nport = \"virtual\"\nnumber = \"452000120{number}\"\n")
    };
    let account = |name: &str| {
        format!("[[account]]\nname = {name:?}\npassword = {HASH:?}\nnumber = 1{}\n", name.len())
    };
    [
        account("shop"),
        account("bank-account"),
        modem("a", 1),
        modem("b", 2),
        modem("c", 3),
        more.to_owned(),
    ]
    .concat()
}

/// A store with modems that are ready, and the time that it is told.
struct Told {
    store: SqlStore,
    start: Instant,
    now: Duration,
    folder: Option<TempDir>,
    reference: u8,
}

fn open(config: &str, database: Database, start: Instant) -> SqlStore {
    let mut store = driven::open(config, database, start).unwrap();
    let modems = Config::parse(config).unwrap().modems.len();
    (0..modems).for_each(|modem| store.set_ready(modem, true));
    store
}

impl Told {
    fn new(more: &str) -> Self {
        Self::with(&config(more))
    }

    fn with(config: &str) -> Self {
        let start = Instant::now();
        let store = open(config, place::passing(), start);
        Self { store, start, now: Duration::ZERO, folder: None, reference: 0 }
    }

    /// One whose database is there after a [`restart`](Self::restart).
    fn kept(config: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let start = Instant::now();
        let store = open(config, Database::open(&path(&folder)).unwrap(), start);
        Self { store, start, now: Duration::ZERO, folder: Some(folder), reference: 0 }
    }

    fn restart(self, config: &str) -> Self {
        let Self { store, folder, reference, .. } = self;
        drop(store);
        let folder = folder.unwrap();
        let start = Instant::now();
        let store = open(config, Database::open(&path(&folder)).unwrap(), start);
        Self { store, start, now: Duration::ZERO, folder: Some(folder), reference }
    }

    fn after(&mut self, time: Duration) {
        self.now += time;
        self.store.set_now(self.start + self.now);
    }

    fn ask(
        &mut self,
        account: usize,
        api: &'static Api,
        submit: Submit<'_>,
    ) -> Result<String, Reason> {
        self.store.perform(&account, api, &Op::Send(submit), |answer| match answer {
            Answer::Refused(refusal) => Err(refusal.reason),
            Answer::Sent(sent) => Ok(sent.id.unwrap().to_string()),
            other => panic!("{other}"),
        })
    }

    /// A text of an account.
    fn text(&mut self, account: usize, to: &str, text: &str) -> Result<String, Reason> {
        self.ask(account, &gatewayapi::V2, submit(to, text))
    }

    /// A text to a number that says which one it is.
    fn send(&mut self, account: usize, number: u32) {
        self.text(account, &format!("45123{number:05}"), "hi").unwrap();
    }

    /// What a modem is given, by its recipient; it has not said yet what became of it.
    fn given(&mut self, modem: usize) -> Option<String> {
        self.store.next_part(modem).map(|pdu| recipient(&pdu))
    }

    /// What a modem sends next, by its recipient.
    fn sent(&mut self, modem: usize) -> Option<String> {
        let to = self.given(modem)?;
        self.reference = self.reference.wrapping_add(1);
        self.store.finished(modem, Outcome::Sent { reference: self.reference });
        Some(to)
    }

    /// The numbers, as [`send`](Self::send) has them, of what a modem sends until it has nothing more.
    fn all(&mut self, modem: usize) -> Vec<u32> {
        std::iter::from_fn(|| self.sent(modem)).map(|to| to[5..].parse().unwrap()).collect()
    }

    fn states(&mut self, account: usize, id: &str) -> Vec<State> {
        let query = ReportsQuery { id: Text::plain(id), recipient: None, columns: List::EMPTY };
        self.store.perform(&account, &gatewayapi::V2, &Op::Reports(query), |answer| match answer {
            Answer::Reports(reports) => reports.rows.iter().map(|row| row.state).collect(),
            answer => panic!("{answer}"),
        })
    }
}

fn path(folder: &TempDir) -> PathBuf {
    folder.path().join("septet.db")
}

fn submit<'a>(to: &'a str, text: &'a str) -> Submit<'a> {
    let to = Recipients::numbers(List::Joined(Text::plain(to)));
    Submit::new(Messages::Same { to, body: Payload::Text(Text::plain(text)) })
}

fn recipient(pdu: &Pdu) -> String {
    match pdu.read::<Mo<'_>>().unwrap() {
        (_, Mo::Submit(submit)) => {
            submit.destination.chars().filter(char::is_ascii_digit).collect()
        }
        other => panic!("{other:?}"),
    }
}

const fn refused(class: Class, code: u16) -> Outcome {
    Outcome::Refused { class, code: Failure::Cms(CmsError(code)) }
}

const NO_SIM: Outcome = refused(Class::Sim, 310);
const BARRED: Outcome = refused(Class::Permanent, 8);
const BAD_NUMBER: Outcome = refused(Class::Permanent, 1);

const TWO_ROUTES: &str = r#"
    [[route]]
    name = "denmark"
    prefixes = ["45"]
    modems = ["a", "b"]
    spare_modems = ["c"]
    [[route]]
    name = "of the bank"
    accounts = ["bank-account"]
    modems = ["c"]
"#;

#[test]
fn the_first_route_that_takes_a_message_has_it() {
    let mut told = Told::new(TWO_ROUTES);
    told.text(0, "4511111111", "hi").unwrap();
    told.text(1, "4522222222", "hi").unwrap();
    told.text(1, "4633333333", "hi").unwrap();
    assert_eq!(told.sent(2), Some("4633333333".to_owned()));
    assert_eq!(told.sent(2), None);
    assert_eq!(told.sent(0), Some("4511111111".to_owned()));
    assert_eq!(told.sent(0), Some("4522222222".to_owned()));
    // Nobody is to send it, so it is not accepted.
    assert_eq!(told.text(0, "4633333333", "hi"), Err(Reason::Recipient));
    let some = Submit { skip_invalid: true, ..submit("4633333333,4511111111", "hi") };
    let id = told.ask(0, &gatewayapi::V2, some).unwrap();
    assert_eq!(told.states(0, &id), [State::Waiting]);
}

#[test]
fn the_first_idle_modem_of_a_route_gets_a_message_and_a_spare_one_only_where_none_is_left() {
    let mut told = Told::new(TWO_ROUTES);
    (0..4).for_each(|number| told.send(0, number));
    // The second one leaves it to the first one while that is idle.
    assert_eq!(told.given(1), None);
    let parts = |told: &mut Told| -> Vec<(usize, String)> {
        let parts = told.store.next_parts();
        parts.iter().map(|(modem, pdu)| (*modem, recipient(pdu))).collect()
    };
    let (first, second) = ("4512300000".to_owned(), "4512300001".to_owned());
    assert_eq!(parts(&mut told), [(0, first), (1, second)]);
    assert_eq!(parts(&mut told), []);
    told.store.set_ready(0, false);
    assert_eq!(parts(&mut told), []);
    told.store.set_network(1, false);
    assert_eq!(parts(&mut told), [(2, "4512300002".to_owned())]);
}

#[test]
fn modems_without_routes_and_balanced_ones_take_turns() {
    let balanced = "[[route]]\nname = \"all\"\nmodems = [\"a\", \"b\", \"c\"]\nbalanced = true\n";
    for more in ["", balanced] {
        let mut told = Told::new(more);
        let mut modems = Vec::new();
        for number in 0..6 {
            told.send(0, number);
            for (modem, _) in told.store.next_parts() {
                told.store.finished(modem, Outcome::Sent { reference: modem as u8 });
                modems.push(modem);
            }
        }
        assert_eq!(modems[..3], modems[3..], "{more:?}");
        modems[..3].sort_unstable();
        assert_eq!(modems[..3], [0, 1, 2], "{more:?}");
    }
}

#[test]
fn a_request_asks_for_a_route_in_its_vendors_field() {
    let mut told = Told::new(
        r#"
        [[route]]
        name = "fast"
        asked = ["2"]
        modems = ["b"]
        [[route]]
        name = "rest"
        modems = ["a"]
        "#,
    );
    let notes = [Note { name: "routing_group", value: Text::plain("2") }];
    let fast = Submit { notes: Rows::slice(&notes), ..submit(RECIPIENT, "hi") };
    told.ask(0, &gatewayapi::V2, fast).unwrap();
    assert_eq!(told.sent(0), None);
    assert!(told.sent(1).is_some());
    told.send(0, 1);
    assert_eq!(told.sent(1), None);
    assert_eq!(told.all(0), [1]);
}

#[test]
fn one_accounts_bulk_does_not_keep_anothers_message_waiting() {
    let mut told = Told::new("");
    (0..1000).for_each(|number| told.send(0, number));
    assert_eq!(told.sent(0), Some("4512300000".to_owned()));
    told.send(1, 7777);
    let next: Vec<_> = (0..2).filter_map(|_| told.sent(0)).collect();
    assert!(next.contains(&"4512307777".to_owned()), "{next:?}");
    // Each in its turn, by the part, in the order of acceptance.
    (0..50).for_each(|number| told.send(1, 5000 + number));
    let next: Vec<u32> =
        (0..100).filter_map(|_| told.sent(0)).map(|to| to[5..].parse().unwrap()).collect();
    let (of_one, of_other): (Vec<u32>, Vec<u32>) = next.iter().partition(|number| **number < 5000);
    assert_eq!((of_one.len(), of_other.len()), (50, 50));
    assert!(of_one.is_sorted() && of_other.is_sorted());
}

#[test]
fn a_long_message_does_not_keep_short_ones_waiting_and_goes_on_between_them() {
    let mut told = Told::new("");
    told.text(0, "4512399999", &long(255)).unwrap();
    (0..10).for_each(|number| told.send(0, number));
    let first: Vec<u32> =
        (0..22).filter_map(|_| told.sent(0)).map(|to| to[5..].parse().unwrap()).collect();
    let short: Vec<u32> = first.iter().copied().filter(|number| *number != 99999).collect();
    assert_eq!(short, (0..10).collect::<Vec<u32>>());
    // Never two short ones in a row: its parts come close together.
    assert!(first.windows(2).all(|two| two.contains(&99999)), "{first:?}");
    assert_eq!(told.all(0).len(), 255 + 10 - 22);
}

#[test]
fn few_long_messages_are_under_way_at_once_and_a_short_one_still_goes_between() {
    let mut told = Told::new("");
    for number in 0..20 {
        told.text(0, &format!("45123{number:05}"), &long(10)).unwrap();
    }
    told.send(0, 777);
    let order = told.all(0);
    assert_eq!(order.len(), 201);
    let place = order.iter().position(|number| *number == 777).unwrap();
    assert!(place <= 12, "{place}");
    // From its first to its last part no message takes longer than those that are under way with it.
    for number in 0..20 {
        let first = order.iter().position(|own| *own == number).unwrap();
        let last = order.iter().rposition(|own| *own == number).unwrap();
        assert!(last - first <= 10 * 5 + 1, "{number}: {first} to {last}");
    }
}

#[test]
fn what_is_urgent_goes_first() {
    let urgent = format!("{}priority = 2\n", config("").split("[[modem]]").next().unwrap());
    let modems = config("").split_once("[[modem]]").unwrap().1.to_owned();
    let route = r#"
        [[route]]
        name = "alarms"
        prefixes = ["4599"]
        modems = ["a"]
        priority = 5
        [[route]]
        name = "rest"
        modems = ["a"]
    "#;
    // The second account's messages have priority 2.
    let mut told = Told::with(&format!("{urgent}priority_max = 7\n[[modem]]{modems}{route}"));
    told.send(0, 0);
    told.send(1, 2);
    told.text(0, "4599900005", "hi").unwrap();
    let asking = |priority: &'static str| [Note { name: "priority", value: Text::plain(priority) }];
    let (seven, eight) = (asking("7"), asking("8"));
    let ask = |told: &mut Told, account, notes: &[Note<'static>]| {
        let urgent = Submit { notes: Rows::slice(notes), ..submit("4512300007", "hi") };
        told.ask(account, &gatewayapi::V2, urgent)
    };
    ask(&mut told, 1, &seven).unwrap();
    assert_eq!(ask(&mut told, 1, &eight), Err(Reason::Invalid));
    assert_eq!(told.all(0), [7, 5, 2, 0]);
    // Who may not ask for one asks in vain.
    told.send(0, 0);
    ask(&mut told, 0, &seven).unwrap();
    assert_eq!(told.all(0), [0, 7]);
}

#[test]
fn what_waits_goes_by_the_routes_that_there_are_after_a_restart() {
    let mut told = Told::kept(&config(TWO_ROUTES));
    told.send(0, 1);
    let mut told = told.restart(&config("[[route]]\nname = \"c\"\nmodems = [\"c\"]\n"));
    assert_eq!(told.sent(0), None);
    assert_eq!(told.sent(2), Some("4512300001".to_owned()));
    told.send(0, 2);
    let mut told = told.restart(&config(""));
    assert_eq!(told.sent(0), Some("4512300002".to_owned()));
}

#[test]
fn a_modem_that_refuses_again_and_again_for_its_own_reasons_is_drained() {
    for outcome in [NO_SIM, refused(Class::Temporary, 331), BARRED] {
        let mut told = Told::new("");
        told.store.set_ready(1, false);
        told.store.set_ready(2, false);
        let ids: Vec<String> = (0..4)
            .map(|number| told.text(0, &format!("45123{number:05}"), "hi").unwrap())
            .collect();
        for _ in 0..3 {
            assert!(told.given(0).is_some());
            told.store.finished(0, outcome);
        }
        assert_eq!(told.given(0), None, "{outcome:?}");
        // Nothing is lost, and another one takes it all, in time.
        told.store.set_ready(1, true);
        told.after(MINUTE);
        assert_eq!(told.all(1), [0, 1, 2, 3], "{outcome:?}");
        for id in ids {
            assert_eq!(told.states(0, &id), [State::EnRoute]);
        }
        // Later it is tried again.
        told.send(0, 9);
        told.store.set_ready(1, false);
        assert_eq!(told.given(0), None);
        told.after(10 * MINUTE);
        assert_eq!(told.given(0), Some("4512300009".to_owned()));
    }
}

#[test]
fn a_bad_number_blocks_nobody_and_drains_no_modem() {
    let mut told = Told::new("");
    told.store.set_ready(1, false);
    told.store.set_ready(2, false);
    let id = told.text(0, "4512300000", "hi").unwrap();
    assert!(told.given(0).is_some());
    told.store.finished(0, BAD_NUMBER);
    assert_eq!(told.states(0, &id), [State::Undeliverable]);
    // One number that the SIM is barred from ends by itself, and others go on meanwhile.
    let id = told.text(0, "4512300001", "hi").unwrap();
    for _ in 0..3 {
        assert_eq!(told.given(0), Some("4512300001".to_owned()));
        told.store.finished(0, BARRED);
        told.after(MINUTE);
    }
    assert_eq!(told.states(0, &id), [State::Undeliverable]);
    told.send(0, 2);
    assert_eq!(told.all(0), [2]);
}

#[test]
fn what_a_modem_has_begun_waits_for_it_and_then_ends() {
    let mut told = Told::new("[draining]\nbegun = \"2h\"\n");
    let id = told.text(0, RECIPIENT, &long(3)).unwrap();
    assert!(told.sent(0).is_some());
    told.store.set_ready(0, false);
    assert_eq!(told.given(1), None);
    assert_eq!(told.store.next_due(), Some(told.start + 2 * HOUR));
    told.after(2 * HOUR - SECOND);
    assert_eq!(told.states(0, &id), [State::EnRoute]);
    told.after(SECOND);
    told.store.set_ready(0, true);
    assert_eq!(told.given(0), None);
    // Its first part may still be reported; then the whole is what the worst of them is.
    told.store.received(0, &air::report(1, 0));
    assert_eq!(told.states(0, &id), [State::Expired]);
}

#[test]
fn a_modem_that_comes_back_in_time_goes_on() {
    let mut told = Told::new("[draining]\nbegun = \"2h\"\n");
    told.text(0, RECIPIENT, &long(3)).unwrap();
    assert!(told.sent(0).is_some());
    for _ in 0..3 {
        told.store.set_ready(0, false);
        told.after(HOUR);
        told.store.set_ready(0, true);
    }
    assert!(told.sent(0).is_some() && told.sent(0).is_some());
    assert_eq!(told.sent(0), None);
}

/// One modem with these limits.
fn limited(limits: &str) -> String {
    let whole = config("");
    let (before, _) = whole.split_once("[[modem]]\nname = \"b\"").unwrap();
    format!("{before}[modem.limits]\n{limits}\n")
}

#[test]
fn a_sim_sends_no_more_than_its_limit_within_any_minute() {
    let mut told = Told::with(&limited("per_minute = 3"));
    (0..20).for_each(|number| told.send(0, number));
    let mut times = Vec::new();
    for _ in 0..200 {
        while told.sent(0).is_some() {
            times.push(told.now);
        }
        told.after(SECOND);
    }
    for window in times.windows(4) {
        assert!(window[3] - window[0] >= MINUTE, "{window:?}");
    }
    // What it may send it does send.
    assert_eq!(times.len(), 3 * 4);
}

#[test]
fn the_gateway_wakes_up_when_a_sim_may_send_again() {
    let mut told = Told::with(&limited("gap = \"10s\""));
    (0..3).for_each(|number| told.send(0, number));
    for number in 0..3 {
        assert_eq!(told.sent(0), Some(format!("451230000{number}")));
        assert_eq!(told.sent(0), None);
        if number < 2 {
            assert_eq!(told.store.next_due(), Some(told.start + told.now + 10 * SECOND));
        }
        told.after(10 * SECOND);
    }
}

#[test]
fn a_random_spread_is_added_to_the_gap() {
    let mut told = Told::with(&limited("gap = \"10s\"\nspread = \"5s\""));
    for number in 0..20 {
        told.send(0, number);
        told.send(0, 100);
        assert!(told.sent(0).is_some());
        let due = told.store.next_due().unwrap() - told.start - told.now;
        assert!((10 * SECOND..=15 * SECOND).contains(&due), "{due:?}");
        told.after(due);
    }
}

#[test]
fn a_days_limit_counts_parts_and_another_sim_takes_the_rest() {
    let whole = config("").replace("name = \"b\"", "limits = { per_day = 5 }\nname = \"b\"");
    let mut told = Told::with(&whole);
    told.store.set_ready(0, false);
    told.store.set_ready(2, false);
    told.text(0, "4512300001", &long(3)).unwrap();
    told.text(0, "4512300002", &long(3)).unwrap();
    told.text(0, "4512300003", &long(2)).unwrap();
    // The second one would not end today, so it does not begin.
    assert_eq!(told.all(1), [1, 1, 3, 1, 3]);
    told.send(0, 4);
    assert_eq!(told.all(1), [0_u32; 0]);
    told.store.set_ready(2, true);
    assert_eq!(told.all(2), [2, 2, 4, 2]);
    told.send(0, 5);
    told.store.set_ready(2, false);
    told.after(24 * HOUR);
    assert_eq!(told.all(1), [5]);
}

#[test]
fn a_part_that_was_not_sent_does_not_count_for_the_day() {
    let mut told = Told::with(&limited("per_day = 1"));
    told.send(0, 1);
    assert!(told.given(0).is_some());
    told.store.finished(0, Outcome::NotSent(NotSent::NoPrompt));
    told.after(MINUTE);
    assert_eq!(told.all(0), [1]);
    told.send(0, 2);
    assert_eq!(told.all(0), [0_u32; 0]);
}

#[test]
fn what_a_sim_has_sent_counts_after_a_restart() {
    for limits in ["per_day = 2", "per_minute = 2", "gap = \"1h\""] {
        let config = limited(limits);
        let mut told = Told::kept(&config);
        (0..4).for_each(|number| told.send(0, number));
        let before = told.all(0).len();
        let mut told = told.restart(&config);
        assert_eq!(told.all(0).len(), 0, "{limits}: {before}");
    }
}

/// What is wrong with a configuration, behind the line that it is in.
fn wrong_in_a_line(config: &str) -> String {
    let wrong = Config::parse(config).unwrap_err();
    let (line, sentence) = wrong.split_once(": ").unwrap();
    assert!(line.strip_prefix("line ").unwrap().parse::<usize>().is_ok(), "{wrong}");
    sentence.to_owned()
}

#[test]
fn what_is_wrong_with_a_route_or_a_limit_is_said() {
    let wrong = |more: &str| wrong_in_a_line(&config(more));
    let route = |more: &str| wrong(&format!("[[route]]\nname = \"r\"\n{more}"));
    assert_eq!(route("modems = []"), "route \"r\" has no modem");
    assert_eq!(route("modems = [\"x\"]"), "route \"r\" has modem \"x\", which is not there");
    assert_eq!(route("modems = [\"a\", \"a\"]"), "in route \"r\" modem \"a\" is there twice");
    assert_eq!(
        route("modems = [\"a\"]\nprefixes = [\"+45\"]"),
        "route \"r\" has prefix \"+45\": write digits only, country code first"
    );
    assert_eq!(
        route("modems = [\"a\"]\naccounts = [\"x\"]"),
        "route \"r\" is for account \"x\", which is not there"
    );
    assert_eq!(
        route("modems = [\"a\"]\npriority = 10"),
        "route \"r\" has priority 10: write 0 to 9, the highest"
    );
    assert!(route("modems = [\"a\"]\nmodem = 1").contains("unknown field `modem`"));
    assert_eq!(wrong("[draining]\npause = \"0s\""), "draining.pause is no time");
    assert_eq!(
        wrong_in_a_line(&limited("per_day = 0")),
        "modem \"a\" has per_day = 0, so that it sends nothing: leave the modem out"
    );
    let wrong = Config::parse(&limited("day_begins = \"25:00\"")).unwrap_err();
    assert!(wrong.contains("\"25:00\" is no time of day: write 06:30"), "{wrong}");
}

/// The configuration with this in the first account.
fn of_shop(more: &str) -> String {
    config("").replacen("number = 14\n", &format!("number = 14\n{more}\n"), 1)
}

#[test]
fn an_account_that_sends_too_fast_is_to_try_later() {
    let mut told =
        Told::with(&of_shop("limits = { requests_per_second = 2, parts_per_minute = 6 }"));
    let hi =
        |told: &mut Told, account, parts| told.text(account, RECIPIENT, &long(parts)).map(drop);
    assert_eq!(hi(&mut told, 0, 1), Ok(()));
    assert_eq!(hi(&mut told, 0, 1), Ok(()));
    assert_eq!(hi(&mut told, 0, 1), Err(Reason::Busy));
    // Another account has its own.
    assert_eq!(hi(&mut told, 1, 1), Ok(()));
    told.after(SECOND);
    assert_eq!(hi(&mut told, 0, 5), Err(Reason::Busy));
    assert_eq!(hi(&mut told, 0, 4), Ok(()));
    told.after(10 * SECOND);
    assert_eq!(hi(&mut told, 0, 2), Err(Reason::Busy));
    assert_eq!(hi(&mut told, 0, 1), Ok(()));
    // More than goes in a minute goes where nothing went for long, and then nothing for longer.
    told.after(MINUTE);
    assert_eq!(hi(&mut told, 0, 12), Ok(()));
    told.after(MINUTE);
    assert_eq!(hi(&mut told, 0, 1), Err(Reason::Busy));
    told.after(MINUTE);
    assert_eq!(hi(&mut told, 0, 1), Ok(()));
}

#[test]
fn an_account_sends_no_more_than_its_quota_and_what_is_taken_back_does_not_count() {
    let config = of_shop("limits = { parts_per_day = 3, parts_per_month = 100 }\ncredits = 50");
    let mut told = Told::kept(&config);
    let later = Timestamp::now().as_second() + 3600;
    let when = When::Unix(u64::try_from(later).unwrap());
    let two = long(2);
    let scheduled = Submit { schedule: Some(when), ..submit(RECIPIENT, &two) };
    let id = told.ask(0, &gatewayapi::V2, scheduled).unwrap();
    assert_eq!(told.text(0, RECIPIENT, &two), Err(Reason::Busy));
    let mut told = told.restart(&config);
    assert_eq!(told.text(0, RECIPIENT, &two), Err(Reason::Busy));
    assert!(told.text(0, RECIPIENT, "hi").is_ok());
    let cancel = Op::Cancel(Cancel { id: Some(Text::plain(&id)) });
    let is_cancelled = told
        .store
        .perform(&0, &gatewayapi::V2, &cancel, |answer| matches!(answer, Answer::Cancelled));
    assert!(is_cancelled);
    assert!(told.text(0, RECIPIENT, &two).is_ok());
    assert_eq!(told.text(0, RECIPIENT, "hi"), Err(Reason::Busy));
    told.after(24 * HOUR);
    assert!(told.text(0, RECIPIENT, "hi").is_ok());
}

#[test]
fn an_account_names_the_senders_that_it_may() {
    let mut told = Told::with(&of_shop("senders = [\"Shop\", \"4520001201\"]"));
    let from = |sender| Submit { sender: Some(Text::plain(sender)), ..submit(RECIPIENT, "hi") };
    for (sender, is_taken) in
        [("Shop", true), ("+4520001201", true), ("4520001202", false), ("shop", false)]
    {
        let asked = told.ask(0, &gatewayapi::V2, from(sender));
        assert_eq!(asked.err(), (!is_taken).then_some(Reason::Sender), "{sender}");
        assert!(told.ask(1, &gatewayapi::V2, from(sender)).is_ok(), "{sender}");
    }
    assert!(told.text(0, RECIPIENT, "hi").is_ok());
}

#[test]
fn nothing_goes_to_who_is_blacklisted_and_the_rest_of_the_request_goes() {
    let config =
        of_shop("lists = { blacklist = [\"4512300001\"], whitelist = [\"45*\"] }\ncredits = 10")
            + "[lists]\nblacklist = [\"4590*\"]\n";
    let mut told = Told::with(&config);
    for (account, number, is_taken) in [
        (0, "4512300001", false),
        (0, "45123000011", true),
        (0, "4590123456", false),
        (0, "4612300001", false),
        (1, "4512300001", true),
        (1, "4590123456", false),
        (1, "4612300001", true),
    ] {
        let asked = told.text(account, number, "hi");
        assert_eq!(asked.err(), (!is_taken).then_some(Reason::Blacklisted), "{account} {number}");
    }
    while told.sent(0).is_some() {}
    let url = Text::plain("https://example.com/dsn");
    let callback = Some(Callback { url, carrier: None });
    let some = Submit {
        callback,
        wants_used: true,
        client_id: Some(Text::plain("some")),
        ..submit("4512300001,4512300002", "hi")
    };
    let used = told.store.perform(&0, &gatewayapi::V2, &Op::Send(some), |answer| match answer {
        Answer::Sent(sent) => sent.used,
        other => panic!("{other}"),
    });
    assert_eq!(used, Some(1));
    assert_eq!(told.all(0), [2]);
    // The customer is told what became of the other one.
    let due = told.store.due_callbacks();
    assert_eq!(due.len(), 1);
    assert!(due[0].request.url.as_str().contains("statuscode=3"), "{}", due[0].request.url);
}

#[test]
fn numbers_are_dialled_as_the_configuration_says() {
    let mut told = Told::new("[numbers]\ncountry = \"45\"\nlengths = [8]\n");
    for written in ["0045 12 30 00 07", "+4512300007", "012300007", "12300007", "4512300007"] {
        let numbers = [Text::plain(written)];
        let (to, body) =
            (Recipients::numbers(List::Slice(&numbers)), Payload::Text(Text::plain("hi")));
        told.ask(0, &gatewayapi::V2, Submit::new(Messages::Same { to, body })).unwrap();
        assert_eq!(told.all(0), [7], "{written}");
    }
    assert_eq!(told.text(0, "123", "hi"), Err(Reason::Recipient));
    // They are one number.
    assert_eq!(told.text(0, "12300007,4512300007", "hi"), Err(Reason::DuplicateRecipient));
}

#[test]
fn what_is_wrong_with_an_account_or_a_list_is_said() {
    let wrong = |more: &str| wrong_in_a_line(&of_shop(more));
    assert_eq!(
        wrong("limits = { parts_per_day = 0 }"),
        "account \"shop\" has parts_per_day = 0, so that it sends nothing: leave the account out"
    );
    assert!(wrong("lists = { blacklist = [\"+45\"] }").contains(
        "\"+45\" is no number: write digits, country code first, or their beginning and *"
    ));
    assert!(wrong("limits = { a_day = 1 }").contains("unknown field `a_day`"));
    assert_eq!(
        wrong_in_a_line(&config("[numbers]\ncountry = \"+45\"")),
        "numbers.country is \"+45\": write it as 45"
    );
}

fn received(text: &str) -> Pdu {
    let plan = Plan::cheapest(text.chars());
    let part = segments(text.chars(), plan, Reference::Short(1)).unwrap().next().unwrap();
    let mut buffer = [0; 140];
    air::received(part.coding(), part.user_data(&mut buffer))
}

const OPT_OUT: &str = r#"
    credits = 10
    [account.opt_out]
    stop = ["STOP", "slut"]
    stop_answer = "You get no more."
    start_answer = "Welcome back."
"#;

#[test]
fn who_says_stop_is_answered_once_and_gets_nothing_until_it_says_start() {
    let mut told = Told::with(&of_shop(OPT_OUT));
    let waits = told.text(0, RECIPIENT, &long(3)).unwrap();
    let refused = |told: &mut Told| told.text(0, RECIPIENT, "hi").err();
    told.store.received(0, &received("Stop!"));
    // What has not begun does not go, and is given back; another account may go on.
    assert_eq!(told.states(0, &waits), [State::Blacklisted]);
    assert_eq!(refused(&mut told), Some(Reason::Blacklisted));
    assert!(told.text(1, RECIPIENT, "hi").is_ok());
    let texts = |told: &mut Told| -> Vec<String> {
        let next = std::iter::from_fn(|| {
            let pdu = told.store.next_part(0)?;
            told.store.finished(0, Outcome::Sent { reference: 1 });
            Some(pdu)
        });
        let text = |pdu: Pdu| match pdu.read::<Mo<'_>>().unwrap() {
            (_, Mo::Submit(submit)) => submit.text().unwrap().collect(),
            other => panic!("{other:?}"),
        };
        let mut texts: Vec<String> = next.map(text).collect();
        texts.sort();
        texts
    };
    assert_eq!(texts(&mut told), ["You get no more.", "hi"]);
    told.store.received(0, &received("slut nu"));
    assert_eq!(texts(&mut told), [""; 0]);
    told.store.received(0, &received("I do not stop"));
    assert_eq!(refused(&mut told), Some(Reason::Blacklisted));
    told.store.received(0, &received("start"));
    assert_eq!(refused(&mut told), None);
    assert_eq!(texts(&mut told), ["Welcome back.", "hi"]);
    told.store.received(0, &received("start again"));
    assert_eq!(texts(&mut told), [""; 0]);
    let credits = Op::Credits(CreditsQuery::default());
    let left = told.store.perform(&0, &gatewayapi::V2, &credits, |answer| match answer {
        Answer::Credits(credits) => credits.hundredths,
        other => panic!("{other}"),
    });
    assert_eq!(left, 900);
}

#[test]
fn the_list_of_an_account_is_seen_and_changed_and_there_after_a_restart() {
    let mut told = Told::kept(&config(""));
    assert_eq!(told.store.set_opted_out("shop", RECIPIENT, true), Some(true));
    assert_eq!(told.store.set_opted_out("shop", RECIPIENT, true), Some(false));
    assert_eq!(told.store.set_opted_out("nobody", RECIPIENT, true), None);
    let mut told = told.restart(&config(""));
    let list = told.store.opted_out("shop").unwrap();
    assert_eq!(list.iter().map(|own| own.number.as_str()).collect::<Vec<_>>(), [RECIPIENT]);
    assert_eq!(told.text(0, RECIPIENT, "hi").err(), Some(Reason::Blacklisted));
    assert_eq!(told.store.set_opted_out("shop", RECIPIENT, false), Some(true));
    assert!(told.text(0, RECIPIENT, "hi").is_ok());
}

/// How many messages each account has received since this was asked last.
fn inboxes(told: &mut Told) -> [usize; 2] {
    [0, 1].map(|account| {
        let query = Op::Inbox(InboxQuery::New { recipient: None, limit: 100 });
        told.store.perform(&account, &gatewayapi::V2, &query, |answer| match answer {
            Answer::Inbox(inbox) => inbox.rows.iter().count(),
            other => panic!("{other}"),
        })
    })
}

#[test]
fn a_received_message_goes_to_every_account_that_has_its_keyword_or_pattern() {
    let keyword = |what: &str| {
        format!("[[account.keyword]]\nnumber = \"4520001201\"\napi = \"gatewayapi-v2\"\n{what}\n")
    };
    let shop = [keyword("keyword = \"NEWS\""), keyword("pattern = '^order \\d+$'")].concat();
    let bank = [keyword("keyword = \"News\""), keyword("")].concat();
    let whole = of_shop(&shop).replacen("number = 112\n", &format!("number = 112\n{bank}"), 1);
    let mut told = Told::with(&whole);
    for (text, by_shop, by_bank) in [
        ("news today", true, true),
        ("Order 17", true, false),
        ("order soon", false, true),
        ("anything", false, true),
    ] {
        told.store.received(0, &received(text));
        assert_eq!(inboxes(&mut told), [by_shop, by_bank].map(usize::from), "{text}");
    }
}

#[test]
fn a_header_has_a_request_be_known_again_where_its_interface_has_no_key() {
    let mut told = Told::new("");
    let ask = |told: &mut Told, key: Option<&str>, text: &str| {
        told.store.set_request_key(key);
        told.ask(0, &nextpod::API, submit(RECIPIENT, text))
    };
    let first = ask(&mut told, Some("a"), "hi").unwrap();
    assert_eq!(ask(&mut told, Some("a"), "hi"), Ok(first.clone()));
    assert_eq!(ask(&mut told, Some("a"), "ho"), Err(Reason::DuplicateClientId));
    assert_ne!(ask(&mut told, Some("b"), "hi").unwrap(), first);
    assert_ne!(ask(&mut told, None, "hi").unwrap(), first);
    for wrong in ["", "a b", &"x".repeat(256)] {
        assert_eq!(ask(&mut told, Some(wrong), "hi"), Err(Reason::Invalid), "{wrong:?}");
    }
    // It is the key of one request.
    told.store.set_request_key(Some("a"));
    let mut sent = 0;
    while told.sent(0).is_some() {
        sent += 1;
    }
    assert_eq!(sent, 3);
    told.after(24 * HOUR + SECOND);
    assert_ne!(ask(&mut told, Some("a"), "hi").unwrap(), first);
}

#[test]
fn reports_are_matched_by_reference_number_and_part() {
    let mut told = Told::new("");
    let id = told.text(0, RECIPIENT, &long(2)).unwrap();
    let other = told.text(0, "4512300001", "hi").unwrap();
    // Both SIMs give the same reference, to two people.
    assert_eq!(told.given(1).as_deref(), Some(RECIPIENT));
    told.store.finished(1, Outcome::Sent { reference: 7 });
    assert!(told.given(0).is_some());
    told.store.finished(0, Outcome::Sent { reference: 7 });
    assert_eq!(told.given(1).as_deref(), Some(RECIPIENT));
    told.store.finished(1, Outcome::Sent { reference: 8 });
    // The report of the first SIM is of another number: of nobody's message.
    told.store.received(0, &air::report(7, 0));
    told.store.received(1, &air::report(8, 0));
    assert_eq!(told.states(0, &id), [State::EnRoute]);
    told.store.received(1, &air::report(7, 0));
    assert_eq!(told.states(0, &id), [State::Delivered]);
    assert_eq!(told.states(0, &other), [State::EnRoute]);
}

/// A gateway that runs, with a folder of its own.
async fn running(config: &str) -> (Running, TempDir) {
    let folder = TempDir::new().unwrap();
    let mut config = Config::parse(config).unwrap();
    config.data = folder.path().to_owned();
    config.listen = ([127, 0, 0, 1], 0).into();
    (Running::start(config).await.unwrap(), folder)
}

/// The configuration with a key that the first account has.
fn with_key(more: &str) -> String {
    of_shop(&format!("key = \"{}\"", key_hash("secret"))) + more
}

/// Sends a text by Nextpod's interface, with more headers; what is answered.
async fn post(url: &str, to: &str, key: Option<&str>) -> serde_json::Value {
    install_tls();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let body = format!(r#"{{"from":"Shop","to":"{to}","msg":"hi"}}"#);
    let request = client.post(format!("{url}/v3/sms")).basic_auth("14", Some("secret"));
    let request = request.header("content-type", "application/json").body(body);
    let request = match key {
        Some(key) => request.header("idempotency-key", key),
        None => request,
    };
    let answer = request.send().await.unwrap().text().await.unwrap();
    serde_json::from_str(&answer).unwrap_or_else(|e| panic!("{e}: {answer}"))
}

#[tokio::test]
async fn a_gateway_shares_its_messages_among_its_modems_and_all_arrive() {
    let (running, _folder) = running(&with_key("")).await;
    let network = running.network.clone().unwrap();
    let mut senders = Vec::new();
    // Each modem is set up in its own time: from when all three are, they take turns.
    let has_all = |senders: &[String]| {
        let last = senders.iter().rev().take(6);
        last.collect::<BTreeSet<_>>().len() == 3
    };
    while !has_all(&senders) && senders.len() < 1000 {
        let handset = format!("45123{:05}", senders.len());
        post(&running.url, &handset, None).await;
        let message = loop {
            match network.handset(&handset).messages.first() {
                Some(message) => break message.clone(),
                None => tokio::task::yield_now().await,
            }
        };
        assert_eq!(message.text, "hi");
        senders.push(message.from);
    }
    assert!(has_all(&senders), "{senders:?}");
    running.stop().await;
}

#[tokio::test]
async fn a_repeated_header_is_answered_as_before_and_an_opt_out_list_is_changed_by_the_operator() {
    let (running, folder) = running(&with_key("")).await;
    let first = post(&running.url, RECIPIENT, Some("order-1")).await;
    assert_eq!(post(&running.url, RECIPIENT, Some("order-1")).await, first);
    assert_ne!(post(&running.url, RECIPIENT, Some("order-2")).await, first);

    let client = Client::new(Control::find(folder.path(), None).unwrap()).unwrap();
    assert!(client.set_opted_out("shop", RECIPIENT, true).await.unwrap().changed);
    let list = client.opted_out("shop").await.unwrap();
    assert_eq!(list.iter().map(|own| own.number.as_str()).collect::<Vec<_>>(), [RECIPIENT]);
    let refused = post(&running.url, RECIPIENT, None).await;
    assert_eq!(refused["message"], "To parameter is missing or has an invalid value");
    let nobody = client.opted_out("nobody").await.unwrap_err();
    assert_eq!(nobody.sentence, "there is no account \"nobody\"");
    assert!(client.set_opted_out("shop", RECIPIENT, false).await.unwrap().changed);
    assert!(client.opted_out("shop").await.unwrap().is_empty());
    running.stop().await;
}

#[tokio::test]
async fn the_network_of_a_modem_is_asked_by_the_operator_while_messages_go() {
    let (running, folder) = running(&with_key("")).await;
    let client = Client::new(Control::find(folder.path(), None).unwrap()).unwrap();
    let ask = async |modem, string| {
        loop {
            // It is refused until the modem is set up.
            match client.ussd(modem, string).await {
                Err(failed) if failed.sentence == Busy::NotReady.to_string() => {}
                Err(failed) => break Err(failed.sentence),
                Ok(answer) => break Ok((answer.text, answer.asks)),
            }
        }
    };
    assert_eq!(ask("b", "*101#").await, Ok(("1 Balance\n2 Own number".to_owned(), true)));
    assert_eq!(ask("b", "2").await, Ok(("+4520001202".to_owned(), false)));
    assert_eq!(ask("a", "*103#").await, Ok(("Ваш баланс: 12,34 €".to_owned(), false)));
    assert_eq!(ask("a", "*999#").await, Err("the network does not know it".to_owned()));
    let nobody = client.ussd("x", "*100#").await.unwrap_err();
    assert_eq!(nobody.sentence, "no modem \"x\"; known: a, b, c");
    running.stop().await;
}

#[test]
fn another_configuration_counts_at_once_and_one_that_cannot_changes_nothing() {
    let parsed = |text: &str| Arc::new(Config::parse(text).unwrap());
    let mut told = Told::with(&of_shop("credits = 10"));
    told.send(0, 1);
    // Another account stands before, and what waits goes by a route.
    let first = format!("[[account]]\nname = \"first\"\npassword = {HASH:?}\n");
    let route = "[[route]]\nname = \"c\"\nmodems = [\"c\"]\n[lists]\nblacklist = [\"46*\"]\n";
    let other = parsed(&format!("{first}{}{route}", of_shop("credits = 10")));
    told.store.reconfigure(other).unwrap();
    assert_eq!(told.sent(0), None);
    assert_eq!(told.all(2), [1]);
    assert_eq!(told.text(0, "4612300001", "hi"), Err(Reason::Blacklisted));
    let credits = |told: &mut Told, account| {
        let query = Op::Credits(CreditsQuery::default());
        told.store.perform(&account, &gatewayapi::V2, &query, |answer| match answer {
            Answer::Credits(credits) => credits.hundredths,
            other => panic!("{other}"),
        })
    };
    assert_eq!(credits(&mut told, 1), 900);

    let fewer = config("").split("[[modem]]\nname = \"c\"").next().unwrap().to_owned();
    let failed = told.store.reconfigure(parsed(&fewer)).unwrap_err();
    assert_eq!(
        failed.sentence,
        "modem is another one, which is only read at the start: start the gateway again"
    );
    told.send(1, 2);
    assert_eq!(told.sent(0), None);
    assert_eq!(told.all(2), [2]);

    // The operator's texts are of the account of that name, wherever it stands.
    let text = |account: &str| own::Text {
        account: account.to_owned(),
        to: RECIPIENT.to_owned(),
        text: "hi".to_owned(),
        id: Some("one".to_owned()),
        dry_run: false,
    };
    let before = credits(&mut told, 1);
    own::accept(&mut told.store, &text("shop")).unwrap();
    assert_eq!(credits(&mut told, 1), before - 100);
    let renamed = config("").replacen("\"shop\"", "\"store\"", 1);
    told.store.reconfigure(parsed(&renamed)).unwrap();
    let refused = own::accept(&mut told.store, &text("shop")).unwrap_err();
    assert_eq!(refused.why, "there is no account \"shop\"");
}

/// A process that ends with the test.
struct Served(Child);

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_gateway_reads_its_configuration_again_when_it_is_asked_to() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("septet.toml");
    fs::write(&file, with_key("")).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_septet"))
        .current_dir(folder.path())
        .args(["serve", "--listen", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map(Served)
        .unwrap();
    let mut said = BufReader::new(child.0.stdout.take().unwrap()).lines().map(Result::unwrap);
    let url = said.next().unwrap().rsplit(' ').next().unwrap().to_owned();
    let mut log = BufReader::new(child.0.stderr.take().unwrap()).lines().map(Result::unwrap);
    let mut reread = |text: &str, said: &str| {
        fs::write(&file, text).unwrap();
        let hangup = format!("kill -HUP {}", child.0.id());
        assert!(Command::new("sh").args(["-c", &hangup]).status().unwrap().success());
        log.find(|line| line.contains("the configuration")).filter(|line| line.contains(said))
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let is_taken = || runtime.block_on(post(&url, RECIPIENT, None))["message"].is_null();
    assert!(is_taken());
    let listed = with_key(&format!("[lists]\nblacklist = [{RECIPIENT:?}]\n"));
    assert!(reread(&listed, "was read again, and counts").is_some());
    assert!(!is_taken());
    let line = listed.lines().count() + 1;
    let wrong = reread(&format!("{listed}blocklist = []\n"), "counts still").unwrap();
    assert!(wrong.contains(&format!("line {line}: unknown field `blocklist`")), "{wrong}");
    assert!(!is_taken());
    // Another key is another one from now on, and so is a name.
    let other = with_key("").replace(&key_hash("secret"), &key_hash("other"));
    let other = other.replacen("\"shop\"", "\"store\"", 1);
    assert!(reread(&other, "was read again, and counts").is_some());
    assert!(!is_taken());
    let mut accounts = Command::new(env!("CARGO_BIN_EXE_septet"));
    let accounts = accounts.current_dir(folder.path()).arg("accounts").output().unwrap();
    let accounts = String::from_utf8(accounts.stdout).unwrap();
    assert!(accounts.contains("store") && !accounts.contains("shop"), "{accounts}");
}

#[tokio::test]
async fn messages_come_although_the_sim_was_full() {
    let keyword = "[[account.keyword]]\nnumber = \"4520001201\"\napi = \"bulksms-eapi\"\n";
    let hash = septet_host::accounts::hash("secret").unwrap();
    let (running, folder) = running(&of_shop(keyword).replacen(HASH, &hash, 1)).await;
    let client = Client::new(Control::find(folder.path(), None).unwrap()).unwrap();
    let full = Troubles { script: "now: sim full".to_owned() };
    client.trouble(1, &full).await.unwrap();
    let network = running.network.clone().unwrap();
    for number in 0..5 {
        network.send_from_handset(RECIPIENT, "4520001201", &format!("hello {number}")).unwrap();
    }
    install_tls();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let inbox = format!(
        "{}/eapi/reception/get_inbox/1/1.1?username=shop&password=secret&last_retrieved_id=0",
        running.url
    );
    let has_all = |inbox: &str| (0..5).all(|number| inbox.contains(&format!("hello {number}")));
    while !has_all(&http.get(&inbox).send().await.unwrap().text().await.unwrap()) {
        tokio::task::yield_now().await;
    }
    running.stop().await;
}
